"""The order in which a rep goes from stop to stop: short, the same every time, and alike on phone and server (D-454 to D-456).

All is counted in millimetres as the crow flies. Beside its length an order costs what presses and what is late: a stop costs its weight
for each place that it comes later, and a stop outside its window costs LATE for each millimetre by which its rep comes too late or too
early.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, combinations, pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from geo.distance import flat_distance_mm
from shared_schema.places import Position

STOPS_MAX: Final = 60
WEIGHT_MAX: Final = 100
WEIGHT_MM: Final = 10_000
"""What it is worth, for each point of a stop's weight, to come to it one place earlier."""
MINUTE_MM: Final = 240_000
"""How far a rep comes in a minute as the crow flies: about 19 km/h by road. It orders stops with windows, and is told to nobody."""
STAY_MM: Final = 20 * MINUTE_MM
"""Twenty minutes at each stop."""
LATE: Final = 3
SEGMENT_MAX: Final = 3
"""Stops that are moved together."""
TRIED_MAX: Final = 4
"""Changes of a part whose windows are looked at, those first that are shortest."""
FEW: Final = 12
BEGINNINGS: Final = 60


class Stop(NamedTuple):
    """A WGS-84 point to visit. `weight`: how much it presses, 0 to WEIGHT_MAX. `place`: where it stays in the order, from 0; None:
    anywhere.

    `from_minute`, `until_minute`: its window, in minutes after the start; None: open.
    """

    latitude_e6: int
    longitude_e6: int
    weight: int = 0
    place: int | None = None
    from_minute: int | None = None
    until_minute: int | None = None


class Route(NamedTuple):
    """`order`: numbers of the stops. `legs_mm`: the way to each of them, and to the end if there is one; 0 to the first without a start."""

    order: tuple[int, ...]
    legs_mm: tuple[int, ...]


class _Part(NamedTuple):
    """Neighbouring places, both included."""

    first: int
    last: int


def route(stops: Sequence[Stop], start: Position | None = None, end: Position | None = None) -> Route:
    """Nearest neighbour, then 2-opt and or-opt until neither finds anything.

    Raises ValueError beyond STOPS_MAX and WEIGHT_MAX, for a latitude that is none, and where two stops want one place or one that is none.
    """
    count = len(stops)
    places = {stop.place: number for number, stop in enumerate(stops) if stop.place is not None}
    if count > STOPS_MAX or any(not 0 <= stop.weight <= WEIGHT_MAX for stop in stops):
        raise ValueError(f"no route: {count} stops, or a weight that is none")
    if any(not 0 <= place < count for place in places) or len(places) < sum(stop.place is not None for stop in stops):
        raise ValueError("no route: two stops want one place, or a stop one that is none")
    search = _Search(stops, _distances(stops, start, end), places)
    order = min((search.improved(nth) for nth in range(_beginnings(count))), key=itemgetter(0))[1] if stops else ()
    return Route(order, legs_mm([stops[number] for number in order], start, end))


def legs_mm(stops: Sequence[Stop], start: Position | None = None, end: Position | None = None) -> tuple[int, ...]:
    """The ways of an order that stands: to each stop from the one before, the first from the start, and to the end if there is one."""
    points = [Position(stop.latitude_e6, stop.longitude_e6) for stop in stops]
    if not points:
        return ()
    way = [start or points[0], *points, *((end,) if end is not None else ())]
    return tuple(flat_distance_mm(*one, *other) for one, other in pairwise(way))


def by_road_mm(length_mm: int) -> int:
    """An estimate of the way by road, and no more than that: 1.3 times the crow's (D-456)."""
    return length_mm * 13 // 10


def _distances(stops: Sequence[Stop], start: Position | None, end: Position | None) -> list[list[int]]:
    """Between all stops, then the start and the end; what is not there is next to everything."""
    points = [*(Position(stop.latitude_e6, stop.longitude_e6) for stop in stops), start, end]
    found = [[0] * len(points) for _ in points]
    for one, other in combinations(range(len(points)), 2):
        here, there = points[one], points[other]
        if here is not None and there is not None:
            found[one][other] = found[other][one] = flat_distance_mm(*here, *there)
    return found


def _beginnings(count: int) -> int:
    """How many first stops are tried: all of a few, one of many, so that the time stays the same."""
    return count if count <= FEW else max(1, BEGINNINGS // count)


class _Search:
    """An order that becomes cheaper. `places`: what is kept at its place.

    `path`: the start, the stops and the end as numbers of points; the stops stand at the places 1 to n. `steps`: its ways. `heavy` and
    `moments`: sums of weight, and of weight times place, of all places before one: a change of places costs no loop. `late`: what the
    windows cost.
    """

    def __init__(self, stops: Sequence[Stop], far: list[list[int]], places: Mapping[int, int]) -> None:
        self.stops = stops
        self.far = far
        self.places = places
        self.weights = [*(stop.weight * WEIGHT_MM for stop in stops), 0, 0]
        self.weighted = any(self.weights)
        self.windows = [number for number, stop in enumerate(stops) if stop.from_minute is not None or stop.until_minute is not None]
        self.path: list[int] = []
        self.runs = list(_runs(place + 1 for place in range(len(stops)) if place not in places))

    def improved(self, nth: int) -> tuple[int, tuple[int, ...]]:
        """What an order costs that begins with the nth nearest stop and cannot be bettered, and the order."""
        self._begin(nth)
        while self.turned() or self.moved() or self.swapped():
            pass
        return sum(self.steps) + self.moments[-1] + self.late, tuple(self.path[1:-1])

    def _begin(self, nth: int) -> None:
        """From place to place the nearest stop that is left, where one that presses counts as nearer; of two the one named first."""
        count, kept = len(self.stops), set(self.places.values())
        self.path = [count]
        left = [number for number in range(count) if number not in kept]
        for place in range(count):
            chosen = self.places.get(place)
            if chosen is None:
                ways = self.far[self.path[-1]]
                nearest = sorted(left, key=lambda number: ways[number] - self.weights[number])
                chosen, nth = nearest[min(nth, len(left) - 1)], 0
                left.remove(chosen)
            self.path.append(chosen)
        self.path.append(count + 1)
        self._tally()

    def _tally(self) -> None:
        path, far = self.path, self.far
        self.steps = [far[one][other] for one, other in pairwise(path)]
        self.heavy = [0, *accumulate(self.weights[number] for number in path)]
        self.moments = [0, *accumulate(self.weights[number] * place for place, number in enumerate(path))]
        self.late = self._late(path) if self.windows else 0

    def _late(self, path: Sequence[int]) -> int:
        """What the windows cost; a rep who is too early does not wait."""
        far, cost = self.far, 0
        gone = [*accumulate(far[one][other] + STAY_MM for one, other in pairwise(path))]
        for number in self.windows:
            stop, come = self.stops[number], gone[path.index(number) - 1] - STAY_MM
            if stop.from_minute is not None:
                cost += max(0, stop.from_minute * MINUTE_MM - come)
            if stop.until_minute is not None:
                cost += max(0, come - stop.until_minute * MINUTE_MM)
        return cost * LATE

    def _take(self, change: int, path: list[int]) -> bool:
        """Whether the path is cheaper, also by its windows; then it stands. `change`: of length and weights."""
        if self.windows and change + self._late(path) >= self.late:
            return False
        self.path = path
        self._tally()
        return True

    def turned(self) -> bool:
        """2-opt: a part of a run in the other direction. Whether anything was cheaper."""
        return sum(self._turned_from(first, high) for low, high in self.runs for first in range(low, high)) > 0

    def _turned_from(self, first: int, high: int) -> bool:
        """The part from this place up to the one where it costs least."""
        path, heavy, moments = self.path, self.heavy, self.moments
        before, head = self.far[path[first - 1]], self.far[path[first]]
        lasts, known = range(first + 1, high + 1), self.steps[first - 1]
        changes = [
            before[tail] + head[after] - step - known
            for tail, after, step in zip(
                path[first + 1 : high + 1], path[first + 2 : high + 2], self.steps[first + 1 : high + 1], strict=True
            )
        ]
        if self.weighted:
            changes = [
                change + (first + last) * (heavy[last + 1] - heavy[first]) - 2 * (moments[last + 1] - moments[first])
                for change, last in zip(changes, lasts, strict=True)
            ]
        found = sorted((change, last) for change, last in zip(changes, lasts, strict=True) if change < self.late)
        return any(
            self._take(change, [*path[:first], *path[first : last + 1][::-1], *path[last + 1 :]]) for change, last in found[:TRIED_MAX]
        )

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
        head, tail = far[path[first]], far[path[last]]
        bound = self.late + self.steps[first - 1] + self.steps[last] - far[path[first - 1]][path[last + 1]]
        inside = (first + last) * (self.heavy[last + 1] - self.heavy[first]) - 2 * (self.moments[last + 1] - self.moments[first])
        found: list[tuple[int, int, bool]] = []
        for low, high in ((run.first - 1, first - 1), (last + 1, run.last + 1)):
            ones, others, common = path[low:high], path[low + 1 : high + 1], self._elsewhere(part, low, high)
            straight = [head[one] + tail[other] + more for one, other, more in zip(ones, others, common, strict=True)]
            if straight and min(straight) < bound:
                found += [(cost - bound, low + at, False) for at, cost in enumerate(straight) if cost < bound]
            if last > first:
                turned = [tail[one] + head[other] + more for one, other, more in zip(ones, others, common, strict=True)]
                if turned and min(turned) + inside < bound:
                    found += [(cost + inside - bound, low + at, True) for at, cost in enumerate(turned) if cost + inside < bound]
        tried = sorted(found)[:TRIED_MAX]
        return any(self._take(self.late + over, _with_moved(path, part, gap, turned=turn)) for over, gap, turn in tried)

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
        if change >= self.late:
            return False
        path = path.copy()
        path[first], path[second] = other, one
        return self._take(change, path)


def _with_moved(path: list[int], part: _Part, gap: int, *, turned: bool) -> list[int]:
    """The stops from the first to the last place of the part, behind the place `gap`."""
    first, last = part
    moved = path[first : last + 1][::-1] if turned else path[first : last + 1]
    if gap > last:
        return [*path[:first], *path[last + 1 : gap + 1], *moved, *path[gap + 1 :]]
    return [*path[: gap + 1], *moved, *path[gap + 1 : first], *path[last + 1 :]]


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
