"""Vectors of `geo/grid.py` and `geo/nearby.py`: cells, tiles, masks and covers, also over every row of each grid."""

import hashlib
import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from geo import grid, nearby
from shared_schema.places import Position
from shared_schema.records.customer import Customer
from tests.vectors.cases import Case, Cases, answered, played, told
from tests.vectors.geo_measure import PLACES
from tests.vectors.values import an_id

Point = tuple[int, int]
EAST_E6 = 179_999_999


class Sweep(NamedTuple):
    """A number of every row of one grid, at its last column: it tells the number of columns."""

    rule: str
    row_e6: int
    told: Callable[[int], int]


SWEEPS = (
    Sweep("cell", 5_000, lambda latitude: grid.cell(latitude, EAST_E6)),
    Sweep("tile", 180_000, lambda latitude: grid.tile(latitude, EAST_E6)),
    Sweep("masked", 1_800, lambda latitude: grid.masked(latitude, EAST_E6).longitude_e6),
)


def cases() -> Cases:
    """All rules of the two rooms, and the arithmetic below them; `rows` hashes one number of every row, so that each has its columns."""
    dice = random.Random(126)
    points = [*PLACES, *by_chance(dice, 60), (90_000_001, 0), (-90_000_001, 7), (0, 540_000_000), (0, -900_000_001)]
    asked = [{"latitude_e6": latitude, "longitude_e6": longitude} for latitude, longitude in points]
    on_globe = [one for one in points if abs(one[0]) <= 90_000_000]
    return {
        "geo.grid:cell": played(grid.cell, asked),
        "geo.grid:tile": played(grid.tile, asked),
        "geo.grid:masked": played(grid.masked, asked),
        "geo.grid:cell_centre": played(grid.cell_centre, ({"number": number} for number in numbers(on_globe))),
        "geo.grid:cover": [cover_case(dice, latitude, longitude) for latitude, longitude in points],
        "geo.nearby:tiles_around": [around_case(Position(*one)) for one in on_globe],
        "geo.nearby:tiles_to_keep": [keep_case(dice, on_globe) for _ in range(40)],
        "geo.nearby:nearest": [near_case(dice, Position(*one)) for one in on_globe],
        "round": [Case({"value": one}, round(one)) for one in halves()],
        "remainder": [Case({"dividend": one, "divisor": 7}, one % 7) for one in range(-15, 16)],
        "rows": [Case({"rule": one.rule, "row_e6": one.row_e6}, swept(one)) for one in SWEEPS],
    }


def by_chance(dice: random.Random, count: int) -> Iterator[Point]:
    """Anywhere on the globe."""
    yield from ((dice.randrange(-90_000_000, 90_000_001), dice.randrange(-180_000_000, 180_000_001)) for _ in range(count))


def halves() -> Iterator[float]:
    """Numbers at one half and next to it."""
    for whole in (-3, -2, -1, 0, 1, 2, 3, 72_000, 2**52):
        yield from (whole, whole + 0.5, math.nextafter(whole + 0.5, math.inf), math.nextafter(whole + 0.5, -math.inf))


def numbers(points: list[Point]) -> Iterator[int]:
    """Cells that are, and numbers that are none."""
    yield from (grid.cell(*one) for one in points)
    yield from (-1, 1 << 18, (1 << 18) - 1, 36_000 << 18, (36_000 << 18) - 1, 2**53 - 1)


def cover_case(dice: random.Random, latitude: int, longitude: int) -> Case:
    """Few metres, many, and a radius that is none."""
    given = {"latitude_e6": latitude, "longitude_e6": longitude, "radius_m": dice.choice((0, 1, 50, 800, 5_000, 50_000, 50_001, -1))}
    return Case(given, answered(grid.cover, given))


def around_case(at: Position) -> Case:
    """The tiles about one place."""
    return Case({"at": at._asdict()}, nearby.tiles_around(at))


def keep_case(dice: random.Random, points: list[Point]) -> Case:
    """Customers in crowded and in lonely tiles, some nowhere; tiles asked for once and twice."""
    here = [dice.choice(points) for _ in range(dice.randrange(6))] + list(by_chance(dice, dice.randrange(30)))
    there: list[tuple[int | None, int | None]] = [dice.choice([*here, (None, None)]) for _ in range(dice.randrange(80))]
    asked = [grid.tile(*dice.choice(points)) for _ in range(dice.randrange(30))]
    customers = [customer(dice, *one) for one in there]
    given: dict[str, Any] = {
        "asked": asked,
        "customers": [{"wgs_latitude_e6": latitude, "wgs_longitude_e6": longitude} for latitude, longitude in there],
    }
    return Case(given, list(nearby.tiles_to_keep(customers, asked)))


def near_case(dice: random.Random, at: Position) -> Case:
    """Places near, far, at the same distance twice, and a page that goes on after one of them."""
    near = [(at.latitude_e6 + dice.randrange(-9_000, 9_001), at.longitude_e6 + dice.randrange(-9_000, 9_001)) for _ in range(12)]
    points = [one for one in (*near, near[0], at, *by_chance(dice, 3)) if abs(one[0]) <= 90_000_000]
    places = [nearby.Placed(an_id(dice), *one) for one in points]
    radius_m = dice.choice((0, 1, 300, 2_000, 50_000))
    found = nearby.nearest(places, at, 50_000)
    after = dice.choice([None, found[len(found) // 2], nearby.Near(0, bytes(16))])
    given: dict[str, Any] = {"places": places, "at": at, "radius_m": radius_m, "after": after}
    return Case({name: told(value) for name, value in given.items()}, told(nearby.nearest(**given)))


def customer(dice: random.Random, latitude: int | None, longitude: int | None) -> Customer:
    """A customer at a place."""
    return Customer(an_id(dice), 1, "Tea house", wgs_latitude_e6=latitude, wgs_longitude_e6=longitude)


def swept(one: Sweep) -> str:
    """SHA-256 of the numbers of all rows, a line each."""
    rows = range(-90_000_000, 90_000_000, one.row_e6)
    return hashlib.sha256("\n".join(str(one.told(latitude)) for latitude in rows).encode()).hexdigest()
