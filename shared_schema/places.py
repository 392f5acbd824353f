"""The words for places: a position, the datum in which it was measured, and the verdict on a check-in."""

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

LATITUDE_MAX_E6: Final = 90_000_000
LONGITUDE_MAX_E6: Final = 180_000_000


class Datum(IntEnum):
    """The coordinate system a client measured in. Chinese map SDKs answer in gcj02 or bd09, 265-621 m and more away from wgs84."""

    unknown = 0
    wgs84 = 1
    gcj02 = 2
    bd09 = 3


class Position(NamedTuple):
    """A point in integer micro-degrees; WGS-84 unless a datum is named beside it."""

    latitude_e6: int
    longitude_e6: int


class Verdict(IntEnum):
    """How well the evidence of a visit places the rep at the customer. It scores; it never blocks a visit."""

    unknown = 0
    verified = 1
    probable = 2
    out_of_range = 3
    unverified = 4


class VisitFlag(IntFlag):
    """Facts for the manager about a visit's evidence, beside the verdict; stored as one integer, bits are only ever added."""

    none = 0
    mock = 1
    fix_age = 2
    future = 4
    past = 8
