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


class Provider(IntEnum):
    """The maker of a position. `manual`: typed by hand. A browser does not tell what it asked."""

    unknown = 0
    gps = 1
    network = 2
    fused = 3
    browser = 4
    manual = 5


class Mocked(IntEnum):
    """Whether another app gave the position. A browser cannot tell: unknown never counts against the rep."""

    unknown = 0
    no = 1
    yes = 2


class Precision(IntEnum):
    """How exactly an organisation wants to know where a visit was. `square`: the middle of a square of about 200 m."""

    unknown = 0
    exact = 1
    square = 2


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
    """Facts for the manager about a visit's evidence, beside the verdict; stored as one integer, bits are only ever added.

    `fix_old`: beside fix_age, the fix is older than the check-in. `speed`: nobody comes so fast from the visit before. `repeated`: a
    satellite position equal to an earlier one to the last digit. `datum_mix`: at the customer's only by another datum than was told.
    `clock`: the device's clock was moved since it last heard the server. `dwell`: left after less than two minutes.
    """

    none = 0
    mock = 1
    fix_age = 2
    future = 4
    past = 8
    fix_old = 16
    speed = 32
    repeated = 64
    datum_mix = 128
    clock = 256
    dwell = 512
