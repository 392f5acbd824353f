"""Between WGS-84 and the two shifted datums of Chinese maps, GCJ-02 and BD-09.

Both are published only as forward formulas (the constants below are the well-known ones); the way back is a fixed point.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Final

from shared_schema.places import LATITUDE_MAX_E6, LONGITUDE_MAX_E6, Datum, Position

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

_KRASOVSKY_SEMI_MAJOR_M: Final = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_CHINA_SOUTH, _CHINA_NORTH, _CHINA_WEST, _CHINA_EAST = 0.8293, 55.8271, 72.004, 137.8347
_BD09_WAVE: Final = radians(3000)
_ITERATIONS: Final = 3


def to_wgs84(datum: Datum, latitude_e6: int, longitude_e6: int) -> Position:
    """The WGS-84 position of a point given in `datum`, within 1 cm before it is rounded to a micro-degree (11 cm).

    GCJ-02 outside the rectangle around China is WGS-84 already. Raises ValueError for an unknown datum.
    """
    point = (latitude_e6 / 1e6, longitude_e6 / 1e6)
    match datum:
        case Datum.wgs84:
            return Position(latitude_e6, longitude_e6)
        case Datum.gcj02:
            return _rounded(_gcj02_to_wgs84(point))
        case Datum.bd09:
            return _rounded(_gcj02_to_wgs84(_inverse(_gcj02_to_bd09, point)))
    raise ValueError(f"no way to WGS-84 from datum {datum!r}")


def known_position(datum: Datum, latitude_e6: int | None, longitude_e6: int | None) -> Position | None:
    """The WGS-84 position of the given one. None for no position: missing, off the globe, of unknown datum, or (0, 0).

    Broken devices send (0, 0). Never raises.
    """
    if latitude_e6 is None or longitude_e6 is None or datum is Datum.unknown or (latitude_e6, longitude_e6) == (0, 0):
        return None
    if not _on_globe(latitude_e6, longitude_e6):
        return None
    position = to_wgs84(datum, latitude_e6, longitude_e6)
    # Baidu's constant shift alone can carry a point at the very edge over it.
    return position if _on_globe(*position) else None


def from_wgs84(datum: Datum, latitude_e6: int, longitude_e6: int) -> Position:
    """The micro-degrees that a device measuring in `datum` reports at this WGS-84 point. Raises ValueError for an unknown datum."""
    point = (latitude_e6 / 1e6, longitude_e6 / 1e6)
    match datum:
        case Datum.wgs84:
            return Position(latitude_e6, longitude_e6)
        case Datum.gcj02:
            return _rounded(_wgs84_to_gcj02(point))
        case Datum.bd09:
            return _rounded(_gcj02_to_bd09(_wgs84_to_gcj02(point)))
    raise ValueError(f"no way from WGS-84 to datum {datum!r}")


def _on_globe(latitude_e6: int, longitude_e6: int) -> bool:
    return abs(latitude_e6) <= LATITUDE_MAX_E6 and abs(longitude_e6) <= LONGITUDE_MAX_E6


def _rounded(point: Point) -> Position:
    return Position(round(point[0] * 1e6), round(point[1] * 1e6))


def _inverse(forward: Callable[[Point], Point], point: Point) -> Point:
    """The point which `forward` sends to `point`; the shifts change so slowly that each round gains about two digits."""
    guess = point
    for _ in range(_ITERATIONS):
        image = forward(guess)
        guess = (guess[0] + point[0] - image[0], guess[1] + point[1] - image[1])
    return guess


def _in_china(point: Point) -> bool:
    """The rectangle of the published formula; it also holds parts of the neighbours, whose maps do not use GCJ-02."""
    return _CHINA_SOUTH <= point[0] <= _CHINA_NORTH and _CHINA_WEST <= point[1] <= _CHINA_EAST


def _wgs84_to_gcj02(point: Point) -> Point:
    return _shifted(point) if _in_china(point) else point


def _gcj02_to_wgs84(point: Point) -> Point:
    # Only the given point decides about the border: a guess that strays over it would otherwise jump by the whole shift.
    return _inverse(_shifted, point) if _in_china(point) else point


def _shifted(point: Point) -> Point:
    """The GCJ-02 shift, applied wherever the point is: waves in metres, turned into degrees on Krasovsky's ellipsoid."""
    latitude, longitude = point
    north_m, east_m = _waves_m(longitude - 105.0, latitude - 35.0)
    bulge = 1 - _KRASOVSKY_ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    east_radius_m = _KRASOVSKY_SEMI_MAJOR_M / sqrt(bulge)
    north_radius_m = east_radius_m * (1 - _KRASOVSKY_ECCENTRICITY_SQUARED) / bulge
    return (
        latitude + north_m / radians(north_radius_m),
        longitude + east_m / radians(east_radius_m * cos(radians(latitude))),
    )


def _waves_m(x: float, y: float) -> tuple[float, float]:
    """Shift to the north and to the east in metres, `x` and `y` in degrees from 105° E 35° N."""
    root = sqrt(abs(x))
    shared = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (shared + 20 * sin(pi * y) + 40 * sin(pi * y / 3) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (shared + 20 * sin(pi * x) + 40 * sin(pi * x / 3) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    return north, east


def _gcj02_to_bd09(point: Point) -> Point:
    """Baidu's second shift: a ripple in the polar coordinates of (longitude, latitude) taken as a plane, then a constant."""
    latitude, longitude = point
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * _BD09_WAVE)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * _BD09_WAVE)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065
