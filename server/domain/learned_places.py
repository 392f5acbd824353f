"""Where good visits of several days say that a customer is, and the datum in which its place fits them."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from geo.datum import known_position
from geo.distance import distance_mm
from geo.verify import DOUBTS
from shared_schema.places import LONGITUDE_MAX_E6, Datum, Mocked, Position, Provider
from shared_schema.records.activity import Visit

GOOD_ACCURACY_MM: Final = 50_000
NEAR_MM: Final = 75_000
"""So near to the visit in their middle lie the visits at one place: two fixes of that accuracy, and a courtyard."""
DAYS_MIN: Final = 3
ASTRAY_MM: Final = 200_000
"""A place that another datum is to move is so far away; a nearer one may be the gate of the same house."""


class Sighting(Struct, frozen=True):
    """A good visit. `day`: by the calendar of the organisation, as a count of days; `at`: WGS-84."""

    day: int
    at: Position


class Gathering(Struct, frozen=True):
    """Where good visits lie together. `at`: their mean, WGS-84; `spread_mm`: how far the farthest of them is from it."""

    at: Position
    visits: int
    days: int
    spread_mm: int


def good_at(visit: Visit) -> Position | None:
    """The position of a visit from which a place may be learned, WGS-84; None if it is weak, typed, mocked or doubtful."""
    accuracy = visit.accuracy_mm
    if accuracy is None or not 0 < accuracy <= GOOD_ACCURACY_MM:
        return None
    if visit.flags & DOUBTS or visit.mock or visit.mocked is Mocked.yes or visit.provider is Provider.manual:
        return None
    return known_position(visit.datum, visit.latitude_e6, visit.longitude_e6)


def gathered(sightings: Sequence[Sighting]) -> Gathering | None:
    """The one place at which the visits of DAYS_MIN days and of more than half of all days lie; None where there is none."""
    near = [[one for one in sightings if distance_mm(*middle.at, *one.at) <= NEAR_MM] for middle in sightings]
    best = max(near, key=lambda one: (_days(one), len(one)), default=[])
    if _days(best) < DAYS_MIN or 2 * _days(best) <= _days(sightings):
        return None
    at = _mean([one.at for one in best])
    return Gathering(at, len(best), _days(best), max(distance_mm(*at, *one.at) for one in best))


def fitting_datum(told: Datum, place: Position, at: Position) -> Datum | None:
    """The datum in which the pair `place`, told in another one, lies at `at` (WGS-84); None if it lies there or nowhere near."""
    now = known_position(told, *place)
    if now is None or distance_mm(*now, *at) <= ASTRAY_MM:
        return None
    read = ((datum, known_position(datum, *place)) for datum in (Datum.wgs84, Datum.gcj02, Datum.bd09) if datum is not told)
    ways = [(distance_mm(*one, *at), datum) for datum, one in read if one is not None]
    way_mm, datum = min(ways, default=(NEAR_MM + 1, told))
    return datum if way_mm <= NEAR_MM else None


def _days(sightings: Sequence[Sighting]) -> int:
    return len({one.day for one in sightings})


def _mean(places: Sequence[Position]) -> Position:
    """Of places close together: by what they differ from the first, also where the longitude begins anew."""
    first, turn = places[0], 2 * LONGITUDE_MAX_E6
    north = sum(one.latitude_e6 - first.latitude_e6 for one in places) // len(places)
    east = sum((one.longitude_e6 - first.longitude_e6 + LONGITUDE_MAX_E6) % turn - LONGITUDE_MAX_E6 for one in places) // len(places)
    longitude_e6 = (first.longitude_e6 + east + LONGITUDE_MAX_E6) % turn - LONGITUDE_MAX_E6
    return Position(first.latitude_e6 + north, longitude_e6)
