"""Was the rep there? A visit's stored evidence judged against the customer's position; it scores and never blocks."""

from typing import Final

import msgspec

from geo.datum import known_position
from geo.distance import distance_mm
from shared_schema.places import Datum, Position, Verdict, VisitFlag

WEAK_ACCURACY_MM: Final = 200_000
FIX_AGE_MAX_MS: Final = 120_000
# Corrected times carry the delay of one request and the small steps by which phones set their own clocks.
FUTURE_TOLERANCE_MS: Final = 120_000
EARLIEST_MS: Final = 1_420_070_400_000
"""2015-01-01. No visit of this program is older: a clock that said so was never set."""
IMPOSSIBLE: Final = VisitFlag.past | VisitFlag.future
"""An event at an impossible time is proof of nothing."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The measurements of a phone at check-in, as the phone sent them; times in milliseconds since 1970.

    `device_ms` is the phone's own clock, `corrected_ms` the same moment by the skew measured at push and *not* cut at `received_ms`, the
    server's clock when the visit came in. Without a fix, position, accuracy and `fix_ms` are None.
    """

    device_ms: int
    corrected_ms: int
    received_ms: int
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    datum: Datum = Datum.unknown
    accuracy_mm: int | None = None
    fix_ms: int | None = None
    mock: bool = False


class Judgement(msgspec.Struct, frozen=True):
    """The verdict, the geodesic distance to the customer in millimetres where both positions are known, and the flags."""

    verdict: Verdict
    distance_mm: int | None
    flags: VisitFlag


def judge(evidence: Evidence, customer_position: Position | None, fence_m: int) -> Judgement:
    """Judge one visit; `customer_position` is WGS-84, `fence_m` the radius in metres for this kind of customer. Never raises.

    Evidence that is no position by `known_position` counts as no fix. Of the flags only an impossible time moves the verdict.
    """
    flags = _flags(evidence)
    fix = known_position(evidence.datum, evidence.latitude_e6, evidence.longitude_e6)
    place = customer_position and known_position(Datum.wgs84, *customer_position)
    if fix is None or place is None:
        return Judgement(Verdict.unverified, None, flags)
    distance = distance_mm(*fix, *place)
    verdict = Verdict.unverified if flags & IMPOSSIBLE else _verdict(distance, evidence.accuracy_mm, fence_m * 1000)
    return Judgement(verdict, distance, flags)


def _verdict(distance: int, accuracy: int | None, fence: int) -> Verdict:
    """All in millimetres. Platforms say 0 or a negative accuracy when they have none."""
    if accuracy is None or not 0 < accuracy <= WEAK_ACCURACY_MM:
        return Verdict.unverified
    if distance + accuracy <= fence:
        return Verdict.verified
    return Verdict.probable if distance - accuracy <= fence else Verdict.out_of_range


def _flags(evidence: Evidence) -> VisitFlag:
    flags = VisitFlag.none
    if evidence.mock:
        flags |= VisitFlag.mock
    if evidence.fix_ms is not None and _fix_age_ms(evidence, evidence.fix_ms) > FIX_AGE_MAX_MS:
        flags |= VisitFlag.fix_age
    moments_ms = [evidence.corrected_ms, *([] if evidence.fix_ms is None else [_fixed_ms(evidence, evidence.fix_ms)])]
    if max(moments_ms) - evidence.received_ms > FUTURE_TOLERANCE_MS:
        flags |= VisitFlag.future
    if min(moments_ms) < EARLIEST_MS:
        flags |= VisitFlag.past
    return flags


def _fixed_ms(evidence: Evidence, fix_ms: int) -> int:
    """When the fix was made: one that agrees with the phone's own clock is as wrong as that, and corrected like it."""
    by_own_clock = abs(fix_ms - evidence.device_ms) <= FIX_AGE_MAX_MS
    return fix_ms + evidence.corrected_ms - evidence.device_ms if by_own_clock else fix_ms


def _fix_age_ms(evidence: Evidence, fix_ms: int) -> int:
    """Satellites date a fix by true time, networks by the phone's clock: a wrong clock alone must accuse nobody."""
    return min(abs(fix_ms - evidence.device_ms), abs(fix_ms - evidence.corrected_ms))
