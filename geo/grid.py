"""Places as integers: cells that a plain index finds again, covers of a disc, tiles, and the masked position of a pooled customer.

A grid has rows of one height in degrees, numbered from the south pole, and in each row as many columns as keep a cell about square;
a cell is `row << 18 | column`, so the cells of a row are neighbours in an index and a disc is one BETWEEN for each row it touches.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from math import asin, atan, ceil, cos, degrees, radians, sin, sqrt, tan
from typing import Final, NamedTuple

from shared_schema.places import LATITUDE_MAX_E6, LONGITUDE_MAX_E6, Position

RADIUS_MAX_M: Final = 50_000
"""Largest disc: about 182 rows of cells."""
_COLUMN_BITS: Final = 18
_TURN_E6: Final = 2 * LONGITUDE_MAX_E6
_POLAR_RADIUS_M: Final = 6_356_752.314
_MERIDIAN_RADIUS_MIN_M: Final = 6_335_439.327
"""Radius of curvature of a WGS-84 meridian where it is smallest, at the equator: a metre is nowhere more latitude than there."""
_AXES: Final = 1 - 1 / 298.257223563
_EDGE_E6: Final = 1
"""Put around every cover: more than the rounding of all that is computed."""


class CellRange(NamedTuple):
    """Cells of one row from `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Grid:
    """Rows of `row_e6` micro-degrees, which divides half a turn."""

    row_e6: int

    def row(self, latitude_e6: int) -> int:
        """The pole itself belongs to the last row."""
        return min(latitude_e6 + LATITUDE_MAX_E6, 2 * LATITUDE_MAX_E6 - 1) // self.row_e6

    def columns(self, row: int) -> int:
        """How many cells go round the globe in a row."""
        middle_e6 = row * self.row_e6 + self.row_e6 / 2 - LATITUDE_MAX_E6
        return max(1, round(_TURN_E6 / self.row_e6 * cos(radians(middle_e6 / 1e6))))

    def at(self, latitude_e6: int, longitude_e6: int) -> int:
        _refuse_latitude(latitude_e6)
        row = self.row(latitude_e6)
        return row << _COLUMN_BITS | _turned(longitude_e6) * self.columns(row) // _TURN_E6

    def centre(self, cell: int) -> Position:
        row, column = cell >> _COLUMN_BITS, cell & (1 << _COLUMN_BITS) - 1
        if not 0 <= row < 2 * LATITUDE_MAX_E6 // self.row_e6 or column >= self.columns(row):
            raise ValueError(f"no cell: {cell}")
        longitude_e6 = (2 * column + 1) * _TURN_E6 // (2 * self.columns(row)) - LONGITUDE_MAX_E6
        return Position(row * self.row_e6 + self.row_e6 // 2 - LATITUDE_MAX_E6, longitude_e6)


_CELLS: Final = _Grid(5_000)
_MASKS: Final = _Grid(1_800)
_TILES: Final = _Grid(180_000)


def cell(latitude_e6: int, longitude_e6: int) -> int:
    """The cell of about 550 m that holds a WGS-84 point. Longitudes wrap; a latitude beyond the poles raises ValueError."""
    return _CELLS.at(latitude_e6, longitude_e6)


def cell_centre(number: int) -> Position:
    """The middle of a cell. Raises ValueError when there is no such cell."""
    return _CELLS.centre(number)


def tile(latitude_e6: int, longitude_e6: int) -> int:
    """The tile of about 20 km that holds a point: the unit to which a device subscribes. Wraps and raises as `cell`."""
    return _TILES.at(latitude_e6, longitude_e6)


def masked(latitude_e6: int, longitude_e6: int) -> Position:
    """The place where a pooled customer is told to be: the middle of a square of about 200 m, the same for all customers in it.

    Wraps and raises as `cell`.
    """
    return _MASKS.centre(_MASKS.at(latitude_e6, longitude_e6))


def cover(latitude_e6: int, longitude_e6: int, radius_m: int) -> list[CellRange]:
    """Cells that hold every point within `radius_m` of a point: rising, none twice; one range a row, two across the antimeridian.

    Points outside are among them: the caller measures. Raises ValueError beyond RADIUS_MAX_M, below 0, or beyond the poles.
    """
    _refuse_latitude(latitude_e6)
    if not 0 <= radius_m <= RADIUS_MAX_M:
        raise ValueError(f"no radius: {radius_m} m")
    reach_e6 = ceil(degrees(radius_m / _MERIDIAN_RADIUS_MIN_M) * 1e6) + _EDGE_E6
    south, north = max(latitude_e6 - reach_e6, -LATITUDE_MAX_E6), min(latitude_e6 + reach_e6, LATITUDE_MAX_E6)
    disc = _Disc(_parametric(latitude_e6), radius_m / _POLAR_RADIUS_M)
    rows = range(_CELLS.row(south), _CELLS.row(north) + 1)
    edges = [_parametric(row * _CELLS.row_e6 - LATITUDE_MAX_E6) for row in (*rows, rows.stop)]
    widths = map(_half_width_e6, repeat(disc), edges, edges[1:])
    return [one for row, width in zip(rows, widths, strict=True) for one in _within(row, _turned(longitude_e6), width)]


class _Disc(NamedTuple):
    """A disc on the unit sphere of parametric latitudes, in radians.

    There ds² = (a²sin²β + b²cos²β)dβ² + a²cos²β dλ² ≥ b²(dβ² + cos²β dλ²): a point within r metres is within r / b radians.
    """

    latitude: float
    radius: float


def _half_width_e6(disc: _Disc, south: float, north: float) -> int | None:
    """How far east and west of its middle the disc may reach between two latitudes; None when it may go all round.

    From hav r = hav Δβ + cos β₀ cos β hav Δλ, with the nearest Δβ and the edge nearest to a pole.
    """
    apart = max(south - disc.latitude, disc.latitude - north, 0.0)
    left = sin(disc.radius / 2) ** 2 - sin(apart / 2) ** 2
    narrowest = cos(disc.latitude) * cos(max(-south, north))
    if left >= narrowest or narrowest <= 0:
        return None
    return ceil(degrees(2 * asin(sqrt(max(left, 0.0) / narrowest))) * 1e6) + _EDGE_E6


def _within(row: int, middle_e6: int, half_width_e6: int | None) -> Iterator[CellRange]:
    columns, base = _CELLS.columns(row), row << _COLUMN_BITS
    whole = CellRange(base, base + columns - 1)
    if half_width_e6 is None or 2 * half_width_e6 >= _TURN_E6:
        yield whole
        return
    west_e6, east_e6 = middle_e6 - half_width_e6, middle_e6 + half_width_e6
    first = base + west_e6 % _TURN_E6 * columns // _TURN_E6
    last = base + east_e6 % _TURN_E6 * columns // _TURN_E6
    if west_e6 >= 0 and east_e6 < _TURN_E6:
        yield CellRange(first, last)
    elif first <= last:  # all round: both ends lie in one column, or touch
        yield whole
    else:
        yield from (CellRange(whole.first, last), CellRange(first, whole.last))


def _parametric(latitude_e6: int) -> float:
    """β of a geographic latitude φ, in radians: tan β = b/a tan φ."""
    latitude = radians(latitude_e6 / 1e6)
    return latitude if abs(latitude_e6) == LATITUDE_MAX_E6 else atan(_AXES * tan(latitude))


def _turned(longitude_e6: int) -> int:
    """Micro-degrees east of the antimeridian, below one turn."""
    return (longitude_e6 + LONGITUDE_MAX_E6) % _TURN_E6


def _refuse_latitude(latitude_e6: int) -> None:
    if abs(latitude_e6) > LATITUDE_MAX_E6:
        raise ValueError(f"no latitude: {latitude_e6} micro-degrees")
