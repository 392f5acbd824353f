"""What the windows of an order cost, and what they would cost if parts of it changed places (D-455).

A rep who is too early does not wait, so a part that moves comes later or earlier as a whole, and one that is turned comes as in a mirror.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

MINUTE_MM: Final = 240_000
"""How far a rep comes in a minute as the crow flies: about 19 km/h by road. It orders stops with windows, and is told to nobody."""
STAY_MM: Final = 20 * MINUTE_MM
"""Twenty minutes at each stop."""
LATE: Final = 3
SLACK_MM: Final = 480 * MINUTE_MM
"""Eight hours."""
NEVER_MM: Final = 1 << 62
Blocks = Sequence[tuple[int, int, bool]]
"""Parts of an order in their new sequence: first and last place, both included, and whether in the other direction. Together they are the
places from one to another; a part whose last place lies before its first is empty."""


class Window(NamedTuple):
    """When a stop is wanted, in the way that a rep makes by then."""

    opens_mm: int
    closes_mm: int


class Windows:
    """The windows of a search.

    `comes`: the way to each place of the order, with the stays. `nth`: how many stops with a window stand before each place. `marks`: for
    each of them the way to it, and its window. `costs`: sums of what they cost.
    """

    def __init__(self, windows: Mapping[int, Window], far: Sequence[Sequence[int]]) -> None:
        self._windows = windows
        self._far = far
        self._path: Sequence[int] = ()
        self._comes: list[int] = []
        self._nth: list[int] = []
        self._marks: list[tuple[int, int, int]] = []
        self._costs: list[int] = []

    def stand(self, path: Sequence[int], steps: Sequence[int]) -> int:
        """An order stands: from the start by the stops to the end, and the ways between them. What its windows cost."""
        windows = self._windows
        self._path = path
        self._comes = [way + STAY_MM * (place - 1) for place, way in enumerate(accumulate(steps, initial=0))]
        self._nth = [*accumulate((number in windows for number in path), initial=0)]
        self._marks = [(come, *windows[number]) for number, come in zip(path, self._comes, strict=True) if number in windows]
        self._costs = [*accumulate((max(opens - come, come - closes, 0) * LATE for come, opens, closes in self._marks), initial=0)]
        return self._costs[-1]

    def behind(self, place: int) -> int:
        """What the windows from this place on cost."""
        return self._costs[-1] - self._costs[self._nth[place]]

    def is_cheaper(self, blocks: Blocks, change: int) -> bool:
        """Whether the order would cost less with these blocks in the places that they hold. `change`: what length and weights cost more."""
        path, far, comes, nth = self._path, self._far, self._comes, self._nth
        first, after = min(low for low, high, _ in blocks if low <= high), max(high for _, high, _ in blocks) + 1
        come, before = comes[first - 1], path[first - 1]
        left = (self.behind(first) - change - 1) // LATE  # what they may be late together
        for low, high, turned in (*blocks, (after, len(path) - 1, False)):
            if low > high:
                continue
            come += STAY_MM + far[before][path[high if turned else low]]
            marks = self._marks[nth[low] : nth[high + 1]]
            if turned:
                mirror = come + comes[high]
                left -= sum([max(opens - mirror + was, mirror - was - closes, 0) for was, opens, closes in marks])
            else:
                shift = come - comes[low]
                left -= sum([max(opens - shift - was, shift + was - closes, 0) for was, opens, closes in marks])
            if left < 0:
                return False
            come += comes[high] - comes[low]
            before = path[low if turned else high]
        return True

    def presses(self, number: int, come_mm: int) -> int:
        """By how much a stop counts as nearer for a rep who would come to it then: by what is gone of the last SLACK_MM before it closes.

        Before it opens it counts as farther.
        """
        window = self._windows.get(number)
        if window is None:
            return 0
        return max(0, come_mm + SLACK_MM - window.closes_mm) - LATE * max(0, window.opens_mm - come_mm)
