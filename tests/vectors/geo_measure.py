"""Vectors of `geo/distance.py` and `geo/datum.py`: near and far, across the antimeridian, at the poles, at the borders of China."""

import random
from collections.abc import Iterator

from geo import datum, distance
from shared_schema.places import Datum
from tests.vectors.cases import Case, Cases, played

Ends = tuple[int, int, int, int]
NAMES = ("from_latitude_e6", "from_longitude_e6", "to_latitude_e6", "to_longitude_e6")
PLACES = (
    *((0, 0), (1, -1), (90_000_000, 0), (-90_000_000, 5), (39_904_200, 116_407_400), (31_230_400, 121_473_700), (22_543_100, 114_057_900)),
    *((52_520_000, 13_405_000), (829_300, 72_004_000), (829_299, 72_004_000), (55_827_100, 137_834_700), (55_827_101, 137_834_700)),
    *((30_000_000, 72_003_999), (30_000_000, 137_834_701), (35_000_000, 105_000_000), (89_999_999, 179_999_999), (-1, -179_999_999)),
    *((90_000_000, 180_000_000), (-90_000_000, -180_000_000), (0, 180_000_000), (45_000_000, -180_000_000)),
)
"""Cities, both poles, the antimeridian, and the edges of the rectangle around China."""


def cases() -> Cases:
    """All rules of the two rooms. The client measures by another series: the same to the millimetre where a rep stands before a customer,
    within one anywhere (`far`), and within 0.1 % where two points are nearly opposite."""
    dice = random.Random(5)
    near, far = [*edges(), *around(dice)], list(across(dice))
    points = [(kind, *place) for kind in Datum for place in [*PLACES, *scattered(dice)]]
    known = [(kind, latitude, longitude) for kind, latitude, longitude in points]
    lost = [
        (Datum.wgs84, None, 5),
        (Datum.wgs84, 5, None),
        (Datum.gcj02, None, None),
        (Datum.wgs84, 90_000_001, 0),
        (Datum.bd09, 0, 180_000_001),
    ]
    return {
        "geo.distance:flat_distance_mm": played(distance.flat_distance_mm, map(named, [*near, *far])),
        "geo.distance:distance_mm": played(distance.distance_mm, map(named, near)),
        "geo.datum:to_wgs84": played(datum.to_wgs84, map(placed, points)),
        "geo.datum:from_wgs84": played(datum.from_wgs84, map(placed, points)),
        "geo.datum:known_position": played(datum.known_position, map(placed, [*known, *lost])),
        "far": [within(one, 0) for one in far],
        "opposite": [within(one, 1_000) for one in opposite(dice)],
    }


def named(ends: Ends) -> dict[str, int]:
    """Two points as arguments."""
    return dict(zip(NAMES, ends, strict=True))


def within(ends: Ends, most_off_ppm: int) -> Case:
    """Two points, their distance, and how far off another series may be: so many millionths, and one millimetre."""
    exact = distance.distance_mm(*ends)
    return Case({**named(ends), "distance_mm": exact, "most_off_mm": 1 + exact * most_off_ppm // 1_000_000}, gives=True)


def placed(one: tuple[Datum, int | None, int | None]) -> dict[str, int | Datum | None]:
    """A point in a datum as arguments."""
    return dict(zip(("datum", "latitude_e6", "longitude_e6"), one, strict=True))


def edges() -> Iterator[Ends]:
    """The same place, the last digit, the antimeridian, turns of more than one, 70°, the poles, and latitudes that are none."""
    yield from (((*place, *place)) for place in PLACES)
    yield from ((0, 179_999_999, 0, -179_999_999), (10, 0, 10, 360_000_000), (70_000_000, 0, 70_000_000, 1), (70_000_001, 0, 70_000_000, 1))
    yield from ((90_000_000, 0, 90_000_000, 90_000_000), (90_000_001, 0, 0, 0), (0, 0, -90_000_001, 0), (0, 0, 0, 1), (0, 0, 1, 0))


def around(dice: random.Random) -> Iterator[Ends]:
    """Up to 50 km, as a rep stands before a customer and as a phone ranks the nearest."""
    for _ in range(120):
        latitude, longitude, reach = (
            dice.randrange(-80_000_000, 80_000_000),
            dice.randrange(-180_000_000, 180_000_000),
            10 ** dice.randrange(1, 6),
        )
        yield latitude, longitude, latitude + dice.randrange(-reach, reach), longitude + dice.randrange(-reach, reach)


def across(dice: random.Random) -> Iterator[Ends]:
    """Anywhere, but not nearly opposite."""
    for _ in range(60):
        start, end = next(scattered(dice)), next(scattered(dice))
        if distance.distance_mm(*start, *end) < 19_800_000_000:
            yield *start, *end


def opposite(dice: random.Random) -> Iterator[Ends]:
    """Nearly opposite points."""
    for _ in range(20):
        latitude, longitude = next(scattered(dice))
        near = -latitude + dice.randrange(-100_000, 100_000)
        yield latitude, longitude, max(-90_000_000, min(90_000_000, near)), longitude + 180_000_000 + dice.randrange(-100_000, 100_000)


def scattered(dice: random.Random) -> Iterator[tuple[int, int]]:
    """Half of them in and about China."""
    for _ in range(30):
        if dice.random() < 0.5:
            yield dice.randrange(500_000, 56_000_000), dice.randrange(71_000_000, 139_000_000)
        else:
            yield dice.randrange(-90_000_000, 90_000_001), dice.randrange(-180_000_000, 180_000_001)
