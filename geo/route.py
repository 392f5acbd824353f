"""The order in which a rep goes from stop to stop: short, the same every time, and alike on phone and server (D-454 to D-456).

All is counted in millimetres as the crow flies. Beside its length an order costs what presses and what is late: a stop costs its weight
for each place that it comes later, and a stop outside its window costs LATE for each millimetre by which its rep comes too late or too
early.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from geo.distance import flat_distance_mm
from geo.route_search import Search
from geo.windows import MINUTE_MM, NEVER_MM, Window
from shared_schema.places import Position

STOPS_MAX: Final = 60
WEIGHT_MAX: Final = 100
WEIGHT_MM: Final = 10_000
"""What it is worth, for each point of a stop's weight, to come to it one place earlier."""
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
    weights = [*(stop.weight * WEIGHT_MM for stop in stops), 0, 0]
    search = Search(_distances(stops, start, end), weights, dict(_windows(stops)), places)
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


def _windows(stops: Sequence[Stop]) -> Iterable[tuple[int, Window]]:
    """The stops that are not always open."""
    for number, stop in enumerate(stops):
        opens, closes = stop.from_minute, stop.until_minute
        if opens is not None or closes is not None:
            yield number, Window(-NEVER_MM if opens is None else opens * MINUTE_MM, NEVER_MM if closes is None else closes * MINUTE_MM)
