"""What is around a place: customers by distance (D-460), and the tiles that a phone keeps for it (P-126)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import cos, radians
from typing import Final, NamedTuple

from geo.distance import flat_distance_mm
from geo.grid import tile
from shared_schema.places import LATITUDE_MAX_E6, Position
from shared_schema.records.customer import Customer
from shared_schema.wire import TILES_MAX

NEAR_E6: Final = 80_000
"""About 9 km, in micro-degrees of latitude."""
NOWHERE_TILE: Final = 0
"""Customers without a position (D-122)."""


def tiles_around(at: Position) -> list[int]:
    """Tiles within about NEAR_E6 of a place, its own last: next to an edge of a tile the neighbours count too."""
    east_e6 = round(NEAR_E6 / max(cos(radians(at.latitude_e6 / 1e6)), 0.01))
    steps = [(north, east) for north in (-NEAR_E6, NEAR_E6, 0) for east in (-east_e6, east_e6, 0)]
    near = (tile(max(-LATITUDE_MAX_E6, min(LATITUDE_MAX_E6, at.latitude_e6 + north)), at.longitude_e6 + east) for north, east in steps)
    return list(dict.fromkeys(reversed(list(near))))[::-1]


def tiles_to_keep(customers: Iterable[Customer], asked: Sequence[int]) -> tuple[int, ...]:
    """At most TILES_MAX tiles, the most wanted first (P-135).

    That is: the tiles asked for last, customers without a position, then those with most of the user's own customers.
    """
    places = ((one.wgs_latitude_e6, one.wgs_longitude_e6) for one in customers)
    own = Counter(tile(latitude, longitude) for latitude, longitude in places if latitude is not None and longitude is not None)
    ordered = [*reversed(asked), NOWHERE_TILE, *(number for number, _ in sorted(own.items(), key=lambda one: (-one[1], one[0])))]
    return tuple(dict.fromkeys(ordered))[:TILES_MAX]


class Placed(NamedTuple):
    """A customer at a WGS-84 place: of a pooled one the middle of its masked square, for a nearer place would come out by distances."""

    id: bytes
    latitude_e6: int
    longitude_e6: int


class Near(NamedTuple):
    """How far a customer is, and which: they stand in this order."""

    distance_mm: int
    id: bytes


def nearest(places: Iterable[Placed], at: Position, radius_m: int, after: Near | None = None) -> list[Near]:
    """The customers within a radius of a place, nearest first; with `after` those alone that come after it."""
    measured = (Near(flat_distance_mm(*at, one.latitude_e6, one.longitude_e6), one.id) for one in places)
    return sorted(one for one in measured if one.distance_mm <= radius_m * 1_000 and (after is None or one > after))
