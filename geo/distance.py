"""How far two WGS-84 points are from each other: exactly, and fast enough to rank by."""

from math import cos, hypot, radians, sin, sqrt
from typing import Final

from geographiclib.geodesic import Geodesic

from shared_schema.places import LATITUDE_MAX_E6, LONGITUDE_MAX_E6

_SEMI_MAJOR_M: Final = 6_378_137.0
_FLATTENING: Final = 1 / 298.257223563
_ECCENTRICITY_SQUARED: Final = _FLATTENING * (2 - _FLATTENING)
_FLAT_LATITUDE_MAX_E6: Final = 70_000_000
_TURN_E6: Final = 2 * LONGITUDE_MAX_E6


def distance_mm(from_latitude_e6: int, from_longitude_e6: int, to_latitude_e6: int, to_longitude_e6: int) -> int:
    """Geodesic distance on the WGS-84 ellipsoid in millimetres; about 0.1 ms, for the one distance stored on a visit.

    Longitudes wrap; a latitude beyond the poles raises ValueError.
    """
    if max(abs(from_latitude_e6), abs(to_latitude_e6)) > LATITUDE_MAX_E6:
        raise ValueError(f"no latitude: {from_latitude_e6} or {to_latitude_e6} micro-degrees")
    ends_degrees = (each / 1e6 for each in (from_latitude_e6, from_longitude_e6, to_latitude_e6, to_longitude_e6))
    metres: float = Geodesic.WGS84.Inverse(*ends_degrees, Geodesic.DISTANCE)["s12"]
    return round(metres * 1000)


def flat_distance_mm(from_latitude_e6: int, from_longitude_e6: int, to_latitude_e6: int, to_longitude_e6: int) -> int:
    """Distance in millimetres by the two radii of curvature at the middle latitude; about 1 µs, for ranking.

    Off by at most 0.5 m at 50 km up to 60° of latitude and 1.1 m up to 70°; above 70° it is the geodesic. Far beyond 50 km it only
    says "far". Longitudes wrap; a latitude beyond the poles raises ValueError.
    """
    if max(abs(from_latitude_e6), abs(to_latitude_e6)) > _FLAT_LATITUDE_MAX_E6:
        return distance_mm(from_latitude_e6, from_longitude_e6, to_latitude_e6, to_longitude_e6)
    middle = radians((from_latitude_e6 + to_latitude_e6) / 2e6)
    # Wrapped as integers, so that the shorter way round the antimeridian is found without rounding.
    turn_e6 = (to_longitude_e6 - from_longitude_e6 + LONGITUDE_MAX_E6) % _TURN_E6 - LONGITUDE_MAX_E6
    bulge = 1 - _ECCENTRICITY_SQUARED * sin(middle) ** 2
    east_radius_m = _SEMI_MAJOR_M / sqrt(bulge)
    north_radius_m = east_radius_m * (1 - _ECCENTRICITY_SQUARED) / bulge
    north_m = north_radius_m * radians((to_latitude_e6 - from_latitude_e6) / 1e6)
    east_m = east_radius_m * cos(middle) * radians(turn_e6 / 1e6)
    return round(hypot(north_m, east_m) * 1000)
