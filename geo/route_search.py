"""The search for a short order of stops: it begins with the nearest each time, and then turns and moves parts of it (D-454, D-455)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate, combinations, pairwise
from typing import Final, NamedTuple

from geo.windows import STAY_MM, Blocks, Window, Windows

SEGMENT_MAX: Final = 3
"""Stops that are moved together."""
TRIED_MAX: Final = 4
"""Changes of a part whose windows are looked at, those first that are shortest."""


class _Part(NamedTuple):
    """Neighbouring places, both included."""

    first: int
    last: int


class Search:
    """An order that becomes cheaper. `places`: what is kept at its place.

    `path`: the start, the stops and the end as numbers of points; the stops stand at the places 1 to n. `steps`: its ways. `heavy` and
    `moments`: sums of weight, and of weight times place, of all places before one: a change of places costs no loop. `late`: what the
    windows cost.
    """

    def __init__(self, far: list[list[int]], weights: list[int], windows: Mapping[int, Window], places: Mapping[int, int]) -> None:
        self.far = far
        self.weights = weights
        self.weighted = any(weights)
        self.windows = Windows(windows, far) if windows else None
        self.places = places
        self.count = len(far) - 2
        self.path: list[int] = []
        self.steps: list[int] = []
        self.heavy = self.moments = [0] * (len(far) + 1)
        self.late = self.version = 0
        self.strict = False
        self.looked: dict[tuple[int, ...], int] = {}
        self.runs = list(_runs(place + 1 for place in range(self.count) if place not in places))

    def improved(self, nth: int) -> tuple[int, tuple[int, ...]]:
        """What an order costs that begins with the nth nearest stop and cannot be bettered, and the order."""
        self._begin(nth)
        self.strict = self.windows is None
        while (found := self.turned() or self.moved() or self.swapped()) or not self.strict:
            self.strict = self.windows is None or not found
        return sum(self.steps) + self.moments[-1] + self.late, tuple(self.path[1:-1])

    def _begin(self, nth: int) -> None:
        """From place to place the nearest stop that is left; one that presses, or closes soon, counts as nearer; of two the one named
        first."""
        count, kept, come = self.count, set(self.places.values()), 0
        self.path = [count]
        left = [number for number in range(count) if number not in kept]
        for place in range(count):
            ways, chosen = self.far[self.path[-1]], self.places.get(place)
            if chosen is None:
                nearest = sorted(left, key=partial(self._seems, ways, come))
                chosen, nth = nearest[min(nth, len(left) - 1)], 0
                left.remove(chosen)
            come += ways[chosen] + STAY_MM
            self.path.append(chosen)
        self.path.append(count + 1)
        self.looked.clear()
        self._tally()

    def _seems(self, ways: Sequence[int], come: int, number: int) -> int:
        """How far a stop seems to a rep who comes to a stop around the corner at `come`."""
        pressing = 0 if self.windows is None else self.windows.presses(number, come + ways[number])
        return ways[number] - self.weights[number] - pressing

    def _tally(self) -> None:
        path, far = self.path, self.far
        self.version += 1
        self.steps = [far[one][other] for one, other in pairwise(path)]
        if self.weighted:
            self.heavy = [0, *accumulate(self.weights[number] for number in path)]
            self.moments = [0, *accumulate(self.weights[number] * place for place, number in enumerate(path))]
        if self.windows is not None:
            self.late = self.windows.stand(path, self.steps)

    def _take(self, change: int, blocks: Blocks) -> bool:
        """Whether the path is cheaper, also by its windows; then it stands. `change`: of length and weights."""
        if self.windows is not None and not self.windows.is_cheaper(blocks, change):
            return False
        path = self.path
        changed = path[: min(block[0] for block in blocks)]
        for low, high, turned in blocks:
            changed += path[low : high + 1][::-1] if turned else path[low : high + 1]
        changed += path[len(changed) :]
        self.path = changed
        self._tally()
        return True

    def _is_known(self, *stops: int) -> bool:
        """Whether these neighbours were looked at in vain; now they were. `strict`: since the path stands as it does."""
        looked = self.looked.get(stops)
        self.looked[stops] = self.version
        return looked == self.version if self.strict else looked is not None

    def turned(self) -> bool:
        """2-opt: a part of a run in the other direction. Whether anything was cheaper."""
        return sum(self._turned_from(first, high) for low, high in self.runs for first in range(low, high)) > 0

    def _turned_from(self, first: int, high: int) -> bool:
        """The part from this place up to the one where it costs least."""
        path, steps = self.path, self.steps
        if self._is_known(path[first - 1], path[first]):
            return False
        before, head, known = self.far[path[first - 1]], self.far[path[first]], steps[first - 1]
        changes = [
            before[tail] + head[after] - step - known
            for tail, after, step in zip(path[first + 1 : high + 1], path[first + 2 : high + 2], steps[first + 1 : high + 1], strict=True)
        ]
        if self.weighted:
            heavy, moments = self.heavy, self.moments
            weight, moment = heavy[first], moments[first]
            changes = [
                change + last * (gone - weight) - 2 * (sum_ - moment)
                for change, last, gone, sum_ in zip(
                    changes, range(2 * first + 1, first + high + 1), heavy[first + 2 : high + 2], moments[first + 2 : high + 2], strict=True
                )
            ]
        bound = self._bound(first)
        if min(changes) >= bound:
            return False
        found = sorted((change, last) for last, change in enumerate(changes, first + 1) if change < bound)
        return any(self._take(change, ((first, last, True),)) for change, last in found[:TRIED_MAX])

    def _bound(self, first: int) -> int:
        """What a change behind this place may cost at most: all that the windows cost there."""
        return 0 if self.windows is None else self.windows.behind(first)

    def moved(self) -> bool:
        """Or-opt: up to SEGMENT_MAX neighbours elsewhere in their run, in either direction. Whether anything was cheaper."""
        return any(self._moved(more) for more in range(SEGMENT_MAX))

    def _moved(self, more: int) -> bool:
        found = False
        for low, high in self.runs:
            for first in range(low, high - more + 1):
                found = self._moved_from(_Part(first, first + more), _Part(low, high)) or found
        return found

    def _moved_from(self, part: _Part, run: _Part) -> bool:
        """To the gap where these stops cost least."""
        path, far, (first, last) = self.path, self.far, part
        if self._is_known(path[first - 1], path[first], path[last], path[last + 1]):
            return False
        head, tail = far[path[first]], far[path[last]]
        saved = self.steps[first - 1] + self.steps[last] - far[path[first - 1]][path[last + 1]]
        inside = 0
        if self.weighted and last > first:
            heavy, moments = self.heavy, self.moments
            inside = (first + last) * (heavy[last + 1] - heavy[first]) - 2 * (moments[last + 1] - moments[first])
        found: list[tuple[int, int, bool]] = []
        for low, high in ((run.first - 1, first - 1), (last + 1, run.last + 1)):
            if low >= high:
                continue
            bound = saved + self._bound(min(low + 1, first))
            ones, others, common = path[low:high], path[low + 1 : high + 1], self._elsewhere(part, low, high)
            straight = [head[one] + tail[other] + more for one, other, more in zip(ones, others, common, strict=True)]
            if min(straight) < bound:
                found += [(cost - saved, low + at, False) for at, cost in enumerate(straight) if cost < bound]
            if last > first:
                turned = [tail[one] + head[other] + more for one, other, more in zip(ones, others, common, strict=True)]
                if min(turned) + inside < bound:
                    found += [(cost + inside - saved, low + at, True) for at, cost in enumerate(turned) if cost + inside < bound]
        return any(self._take(change, _with_moved(part, gap, turned=turn)) for change, gap, turn in sorted(found)[:TRIED_MAX])

    def _elsewhere(self, part: _Part, low: int, high: int) -> list[int]:
        """What each gap from the place `low` to before `high` saves by its way, and what the weights make of the new places."""
        if not self.weighted:
            return [-step for step in self.steps[low:high]]
        heavy, (first, last) = self.heavy, part
        size, weight = last - first + 1, heavy[last + 1] - heavy[first]
        edge, origin = (heavy[first], first - 1) if low < first else (heavy[last + 1], last)
        known = edge * size + (low - origin) * weight
        return [
            known - before * size + at * weight - step
            for at, before, step in zip(range(high - low), heavy[low + 1 : high + 1], self.steps[low:high], strict=True)
        ]

    def swapped(self) -> bool:
        """Two stops of different runs change places: what is kept at its place stands between them. Whether anything was cheaper."""
        found = False
        for (low, high), (later_low, later_high) in combinations(self.runs, 2):
            for first in range(low, high + 1):
                for second in range(later_low, later_high + 1):
                    found = self._swapped(first, second) or found
        return found

    def _swapped(self, first: int, second: int) -> bool:
        path, far = self.path, self.far
        one, other = path[first], path[second]
        change = (second - first) * (self.weights[one] - self.weights[other])
        for place, was, now in ((first, one, other), (second, other, one)):
            change += sum(far[now][path[at]] - far[was][path[at]] for at in (place - 1, place + 1))
        return change < self._bound(first) and self._take(
            change, ((second, second, False), (first + 1, second - 1, False), (first, first, False))
        )


def _with_moved(part: _Part, gap: int, *, turned: bool) -> Blocks:
    """The stops from the first to the last place of the part, behind the place `gap`."""
    first, last = part
    moved = (first, last, turned)
    return ((last + 1, gap, False), moved) if gap > last else (moved, (gap + 1, first - 1, False))


def _runs(free: Iterable[int]) -> Iterable[_Part]:
    """First and last of each row of neighbouring places."""
    first = last = None
    for place in free:
        if first is None or last is None:
            first = place
        elif place > last + 1:
            yield _Part(first, last)
            first = place
        last = place
    if first is not None and last is not None:
        yield _Part(first, last)
