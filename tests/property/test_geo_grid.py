"""No disc misses a point, and no cover is much larger than its disc, over the whole globe."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import asin, atan2, cos, degrees, pi, radians, sin
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.grid
from geo.distance import distance_mm
from geo.grid import CellRange, cell, cell_centre, cover, masked, tile

DISCS = 15_000
DISCS_FOR_A_PLANT = 4_000
CELL_M = 560
LONGITUDES = st.integers(-180_000_000, 180_000_000)
LATITUDES = st.integers(-90_000_000, 90_000_000)
Disc = tuple[int, int, int]
Middle = Callable[[Random], int]

# Where covers go wrong is drawn as often as everywhere else.
LATITUDE_KINDS: tuple[Middle, ...] = (
    lambda dice: dice.randint(-90_000_000, 90_000_000),
    lambda dice: dice.choice((1, -1)) * (90_000_000 - int(10 ** dice.uniform(0, 6))),
    lambda dice: dice.choice((0, 90_000_000, -90_000_000, dice.randint(-18_000, 18_000) * 5_000)),
)
LONGITUDE_KINDS: tuple[Middle, ...] = (
    lambda dice: dice.randint(-180_000_000, 180_000_000),
    lambda dice: dice.choice((1, -1)) * (180_000_000 - int(10 ** dice.uniform(0, 6))),
)


def discs(dice: Random, count: int) -> Iterator[Disc]:
    for _ in range(count):
        yield dice.choice(LATITUDE_KINDS)(dice), dice.choice(LONGITUDE_KINDS)(dice), int(10 ** dice.uniform(1, 4.699))


def towards(disc: Disc, bearing: float, share: float) -> tuple[int, int]:
    """A point near the rim, on a sphere: only its true distance says whether it is inside."""
    latitude, longitude = radians(disc[0] / 1e6), radians(disc[1] / 1e6)
    angle = share * disc[2] / 6_371_009
    other = asin(max(-1.0, min(1.0, sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing))))
    east = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(other))
    return max(-90_000_000, min(90_000_000, round(degrees(other) * 1e6))), round(degrees(longitude + east) * 1e6)


def missed(dice: Random, count: int) -> list[tuple[Disc, tuple[int, int]]]:
    """Points inside a disc by the geodesic whose cell the cover does not hold."""
    lost = []
    for disc in discs(dice, count):
        found = cover(*disc)
        starts = [first for first, _ in found]
        # East and west are where rows are widest; the rest anywhere.
        for bearing in (pi / 2, -pi / 2, 0.0, pi, dice.uniform(0, 2 * pi), dice.uniform(0, 2 * pi)):
            point = towards(disc, bearing, dice.choice((dice.uniform(0.985, 1.01), dice.random())))
            number = cell(*point)
            at = bisect_right(starts, number) - 1
            # The geodesic is slow: only what the cover leaves out needs it.
            if (at < 0 or number > found[at].last) and distance_mm(disc[0], disc[1], *point) <= disc[2] * 1000:
                lost.append((disc, point))
    return lost


def test_no_disc_misses_a_point() -> None:
    assert missed(Random(3), DISCS) == []


@pytest.mark.parametrize(("name", "value"), [("_POLAR_RADIUS_M", 6_450_000.0), ("_MERIDIAN_RADIUS_MIN_M", 6_700_000.0)])
def test_a_cover_drawn_too_small_is_seen(monkeypatch: pytest.MonkeyPatch, name: str, value: float) -> None:
    monkeypatch.setattr(geo.grid, name, value)
    assert missed(Random(4), DISCS_FOR_A_PLANT)


def test_a_cover_that_takes_the_antimeridian_for_a_wall_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = geo.grid._within
    monkeypatch.setattr(geo.grid, "_within", lambda *asked: list(whole(*asked))[:1])
    assert missed(Random(5), DISCS_FOR_A_PLANT)


def cells(ranges: list[CellRange]) -> int:
    return sum(last - first + 1 for first, last in ranges)


@settings(max_examples=300, deadline=None)
@given(LATITUDES, LONGITUDES, st.integers(0, 50_000))
def test_a_cover_is_not_much_larger_than_its_disc(latitude: int, longitude: int, radius_m: int) -> None:
    found = cover(latitude, longitude, radius_m)
    # All cells within two of the disc. On the innermost rows of a pole a cell is not square, but there are only a few.
    assert cells(found) <= pi * (radius_m + 2 * CELL_M) ** 2 / (550 * 540) + 40
    assert all(one.last < other.first for one, other in pairwise(found))


@settings(max_examples=300, deadline=None)
@given(LATITUDES, LONGITUDES)
def test_centres_and_masks_stay_in_their_cell(latitude: int, longitude: int) -> None:
    number = cell(latitude, longitude)
    assert cell(*cell_centre(number)) == number
    assert distance_mm(latitude, longitude, *cell_centre(number)) < 420_000
    told = masked(latitude, longitude)
    assert masked(*told) == told
    assert distance_mm(latitude, longitude, *told) < 145_000
    assert tile(latitude, longitude) < 1_000 << 18


def test_no_row_is_about_to_change_its_number_of_columns() -> None:
    """`round` of a cosine must not depend on a mathematics library's last bit: no row lies within 1e-8 of one half."""
    for grid in (geo.grid._CELLS, geo.grid._MASKS, geo.grid._TILES):
        for row in range(180_000_000 // grid.row_e6):
            middle_e6 = row * grid.row_e6 + grid.row_e6 / 2 - 90_000_000
            exact = 360_000_000 / grid.row_e6 * cos(radians(middle_e6 / 1e6))
            assert abs(exact % 1 - 0.5) > 1e-8, row
