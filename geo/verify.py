"""Was the rep there? A visit's evidence judged against the customer's position and the rep's earlier visits; it scores and never blocks."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from geo.datum import from_wgs84, known_position, to_wgs84
from geo.distance import distance_mm
from shared_schema.places import LATITUDE_MAX_E6, Datum, Mocked, Position, Provider, Verdict, VisitFlag
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CustomerKind
from shared_schema.records.reference import Organisation

WEAK_ACCURACY_MM: Final = 200_000
FIX_AGE_MAX_MS: Final = 120_000
# Corrected times carry the delay of one request and the small steps by which phones set their own clocks.
FUTURE_TOLERANCE_MS: Final = 120_000
CLOCK_TOLERANCE_MS: Final = 600_000
EARLIEST_MS: Final = 1_420_070_400_000
"""2015-01-01. No visit of this program is older: a clock that said so was never set."""
SPEED_MAX_M_S: Final = 100
"""From door to door. The fastest trains run no faster, and who flies loses more time at the airports."""
CLOCK_STEP_MS: Final = 120_000
"""Between two visits a clock may have been set by so much; the time since the device started knows no such steps."""
DWELL_MIN_MS: Final = 120_000
SHIFTED_MM: Final = 100_000
"""A position that another datum would bring so near, or within half the fence, was measured in that one. Wider, half the town would fit."""
EARLIER_MAX: Final = 100
"""Two weeks of a busy rep."""
DOUBTS: Final = (
    VisitFlag.mock | VisitFlag.fix_age | VisitFlag.future | VisitFlag.past | VisitFlag.speed | VisitFlag.repeated | VisitFlag.clock
)
"""Evidence that contradicts itself is proof of nothing."""
MISSING: Final = ("no_fix", "unplaced", "no_accuracy", "weak_accuracy")
"""Reasons that are no flags: why nobody can tell."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the judge knows beside the visit.

    `now_ms`: the server's clock when the visit came in · `skew_ms`: how far the device's was ahead · `place`: the customer's, WGS-84 ·
    `fence_m`: for this kind of customer · `earlier`: visits of the same rep, in any order; of these the latest EARLIER_MAX count.
    """

    now_ms: int
    skew_ms: int = 0
    place: Position | None = None
    fence_m: int = 300
    earlier: Sequence[Visit] = ()


class Judgement(msgspec.Struct, frozen=True):
    """`distance_mm`: to the customer, and `moved_mm`: from check-in to check-out, geodesic, each where both positions are known."""

    verdict: Verdict
    distance_mm: int | None
    flags: VisitFlag
    moved_mm: int | None


def fence_m(kind: CustomerKind, organisation: Organisation | None) -> int:
    """How far from a customer of this kind a check-in still counts, in metres."""
    of = organisation if organisation is not None else Organisation(bytes(16), 0, "")
    match kind:
        case CustomerKind.shop:
            return of.fence_shop_m
        case CustomerKind.office:
            return of.fence_office_m
        case CustomerKind.plant:
            return of.fence_plant_m
    return of.fence_other_m


def judge(visit: Visit, around: Around) -> Judgement:
    """Judge one visit. Never raises. What is missing counts against nobody: evidence that is no position is no fix."""
    fix = known_position(visit.datum, visit.latitude_e6, visit.longitude_e6)
    place = around.place and known_position(Datum.wgs84, *around.place)
    flags = _times(visit, around) | _other_visits(visit, around, fix)
    if visit.mock or visit.mocked is Mocked.yes:
        flags |= VisitFlag.mock
    dwell_ms = _dwell_ms(visit)
    if dwell_ms is not None and dwell_ms < DWELL_MIN_MS:
        flags |= VisitFlag.dwell
    left = known_position(visit.left_datum, visit.left_latitude_e6, visit.left_longitude_e6)
    moved_mm = distance_mm(*fix, *left) if fix is not None and left is not None else None
    if fix is None or place is None:
        return Judgement(Verdict.unverified, None, flags, moved_mm)
    distance, fence, accuracy = distance_mm(*fix, *place), around.fence_m * 1000, _accuracy_mm(visit)
    verdict = Verdict.unverified if flags & DOUBTS else _verdict(distance, accuracy, fence)
    if verdict is Verdict.out_of_range and accuracy is not None and _fits_shifted(fix, place, max(SHIFTED_MM, fence // 2) - accuracy):
        verdict, flags = Verdict.probable, flags | VisitFlag.datum_mix
    if verdict is Verdict.verified and visit.provider is Provider.manual:
        verdict = Verdict.probable
    return Judgement(verdict, distance, flags, moved_mm)


def reasons(visit: Visit) -> tuple[str, ...]:
    """Why the server judged a visit as it did, as codes: what is missing first, then the flags. What was deleted since is not missing."""
    why = "" if visit.verdict is not Verdict.unverified or visit.forgotten_days is not None else _missing(visit)
    return (*((why,) if why else ()), *(str(one.name) for one in VisitFlag if one and visit.flags & one))


def _missing(visit: Visit) -> str:
    no_fix, unplaced, no_accuracy, weak_accuracy = MISSING
    if visit.latitude_e6 is None or visit.longitude_e6 is None:
        return no_fix
    if visit.distance_mm is None:
        return unplaced
    if visit.accuracy_mm is None or visit.accuracy_mm <= 0:
        return no_accuracy
    return weak_accuracy if visit.accuracy_mm > WEAK_ACCURACY_MM else ""


def _accuracy_mm(visit: Visit) -> int | None:
    """Platforms say 0 or a negative accuracy when they have none; a weak one tells as little."""
    accuracy = visit.accuracy_mm
    return accuracy if accuracy is not None and 0 < accuracy <= WEAK_ACCURACY_MM else None


def _verdict(distance: int, accuracy: int | None, fence: int) -> Verdict:
    """All in millimetres."""
    if accuracy is None:
        return Verdict.unverified
    if distance + accuracy <= fence:
        return Verdict.verified
    return Verdict.probable if distance - accuracy <= fence else Verdict.out_of_range


def _fits_shifted(fix: Position, place: Position, most_mm: int) -> bool:
    """Whether the fix is so near once it, or the place, is read in another datum. The shift hardly changes between the two."""
    shifted = (turn(datum, *fix) for datum in (Datum.gcj02, Datum.bd09) for turn in (to_wgs84, from_wgs84))
    on_globe = (one for one in shifted if abs(one.latitude_e6) <= LATITUDE_MAX_E6)
    return any(one != fix and distance_mm(*one, *place) <= most_mm for one in on_globe)


# time


def _times(visit: Visit, around: Around) -> VisitFlag:
    flags, corrected_ms = VisitFlag.none, visit.device_ms - around.skew_ms
    moments_ms = [corrected_ms]
    if visit.fix_ms is not None:
        moments_ms.append(_fixed_ms(visit, visit.fix_ms, around.skew_ms))
        age_ms = _fix_age_ms(visit, visit.fix_ms, around.skew_ms)
        if abs(age_ms) > FIX_AGE_MAX_MS:
            flags |= VisitFlag.fix_age | (VisitFlag.fix_old if age_ms > 0 else VisitFlag.none)
    if max(moments_ms) - around.now_ms > FUTURE_TOLERANCE_MS:
        flags |= VisitFlag.future
    if min(moments_ms) < EARLIEST_MS:
        flags |= VisitFlag.past
    true_ms = _true_ms(visit)
    if true_ms is not None and abs(corrected_ms - true_ms) > CLOCK_TOLERANCE_MS:
        flags |= VisitFlag.clock
    return flags


def _fixed_ms(visit: Visit, fix_ms: int, skew_ms: int) -> int:
    """When the fix was made: one that agrees with the phone's own clock is as wrong as that, and corrected like it."""
    return fix_ms - skew_ms if abs(fix_ms - visit.device_ms) <= FIX_AGE_MAX_MS else fix_ms


def _fix_age_ms(visit: Visit, fix_ms: int, skew_ms: int) -> int:
    """Satellites date a fix by true time, networks by the phone's clock: a wrong clock alone must accuse nobody."""
    return min(visit.device_ms - fix_ms, visit.device_ms - skew_ms - fix_ms, key=abs)


def _true_ms(visit: Visit) -> int | None:
    """The check-in by the server's clock: its last answer, and the time that the device has run since."""
    if visit.heard_ms is None or visit.heard_uptime_ms is None or visit.uptime_ms is None:
        return None
    return visit.heard_ms + visit.uptime_ms - visit.heard_uptime_ms


def _dwell_ms(visit: Visit) -> int | None:
    if visit.left_ms is None:
        return None
    if visit.uptime_ms is not None and visit.left_uptime_ms is not None:
        return visit.left_uptime_ms - visit.uptime_ms
    return visit.left_ms - visit.device_ms


# other visits


def _other_visits(visit: Visit, around: Around, fix: Position | None) -> VisitFlag:
    """By the visits of the same rep that happened before."""
    accuracy = _accuracy_mm(visit)
    if fix is None or accuracy is None:
        return VisitFlag.none
    began_ms = visit.device_ms - around.skew_ms
    earlier = [one for one in _latest(around.earlier) if _when_ms(one) <= began_ms and one.id not in (visit.id, visit.amends_id)]
    flags = VisitFlag.repeated if any(_is_repeat(visit, one) for one in earlier) else VisitFlag.none
    before = next((one for one in earlier if one.amends_id is None and not one.flags & DOUBTS and _accuracy_mm(one)), None)
    was = known_position(before.datum, before.latitude_e6, before.longitude_e6) if before is not None else None
    if before is None or was is None:
        return flags
    way_mm = distance_mm(*was, *fix) - accuracy - (before.accuracy_mm or 0)
    return flags | (VisitFlag.speed if way_mm > SPEED_MAX_M_S * _between_ms(before, visit, began_ms) else VisitFlag.none)


def _latest(visits: Iterable[Visit]) -> list[Visit]:
    return sorted(visits, key=lambda one: (_when_ms(one), one.id), reverse=True)[:EARLIER_MAX]


def _when_ms(visit: Visit) -> int:
    """As the server found; of one that is not sent yet by the device's clock."""
    return visit.occurred_ms or visit.device_ms


def _between_ms(before: Visit, visit: Visit, began_ms: int) -> int:
    """At most how long it took. In one start of the device its uptime says so, whatever was done to the clock."""
    is_same_start = visit.boot != "" and visit.boot == before.boot
    if is_same_start and visit.uptime_ms is not None and before.uptime_ms is not None:
        return abs(visit.uptime_ms - before.uptime_ms)
    return began_ms - _when_ms(before) + CLOCK_STEP_MS


def _is_repeat(visit: Visit, before: Visit) -> bool:
    """Two fixes of satellites never agree in all digits; networks name one place again and again, and one fix may serve two visits."""
    same = (before.latitude_e6, before.longitude_e6, before.accuracy_mm) == (visit.latitude_e6, visit.longitude_e6, visit.accuracy_mm)
    fixed = visit.fix_ms is not None and before.fix_ms is not None and visit.fix_ms != before.fix_ms
    return {visit.provider, before.provider} == {Provider.gps} and same and fixed
