"""A visit that says where it was no more exactly than an organisation wants to know."""

from typing import Final

from msgspec.structs import replace

from geo.grid import masked
from shared_schema.places import LATITUDE_MAX_E6, Position, Provider
from shared_schema.records.activity import Visit

SQUARE_REACH_MM: Final = 150_000
"""From the middle of a square no point of it is farther."""
ACCURACY_MAX_MM: Final = 10**11


def coarse(visit: Visit) -> Visit:
    """The visit as it was measured, but for its places: each is the middle of a square of about 200 m, in the datum that was told.

    The accuracy grows by the reach of the square, once: what is a middle already stays. What is no position stays too. Satellites are not
    named as its maker, for their positions are never alike (`repeated`), and the middles of one square always are.
    """
    latitude, longitude, accuracy = _squared(visit.latitude_e6, visit.longitude_e6, visit.accuracy_mm)
    left_latitude, left_longitude, left_accuracy = _squared(visit.left_latitude_e6, visit.left_longitude_e6, visit.left_accuracy_mm)
    return replace(
        visit,
        latitude_e6=latitude,
        longitude_e6=longitude,
        accuracy_mm=accuracy,
        left_latitude_e6=left_latitude,
        left_longitude_e6=left_longitude,
        left_accuracy_mm=left_accuracy,
        provider=Provider.unknown if visit.provider is Provider.gps else visit.provider,
    )


def _squared(latitude_e6: int | None, longitude_e6: int | None, accuracy_mm: int | None) -> tuple[int | None, int | None, int | None]:
    if latitude_e6 is None or longitude_e6 is None or abs(latitude_e6) > LATITUDE_MAX_E6 or latitude_e6 == longitude_e6 == 0:
        return latitude_e6, longitude_e6, accuracy_mm
    middle = masked(latitude_e6, longitude_e6)
    if middle == Position(latitude_e6, longitude_e6) or accuracy_mm is None or accuracy_mm <= 0:
        return *middle, accuracy_mm
    return *middle, min(accuracy_mm + SQUARE_REACH_MM, ACCURACY_MAX_MM)
