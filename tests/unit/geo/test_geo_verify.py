"""The verdict on a visit, at its borders, and each flag."""

import msgspec
import pytest

from geo.datum import from_wgs84
from geo.distance import distance_mm
from geo.verify import EARLIEST_MS, Evidence, judge
from shared_schema.places import Datum, Position, Verdict, VisitFlag

SHOP = Position(31_230_400, 121_473_700)
NOON_MS = 1_760_000_000_000
YEAR_MS = 365 * 86_400_000
AT_SHOP = Evidence(
    device_ms=NOON_MS,
    corrected_ms=NOON_MS,
    received_ms=NOON_MS + 3_600_000,
    latitude_e6=SHOP.latitude_e6,
    longitude_e6=SHOP.longitude_e6,
    datum=Datum.wgs84,
    accuracy_mm=20_000,
    fix_ms=NOON_MS - 5_000,
)


def changed(**fields: object) -> Evidence:
    return msgspec.structs.replace(AT_SHOP, **fields)


def verdict(evidence: Evidence, fence_m: int = 100) -> Verdict:
    return judge(evidence, SHOP, fence_m).verdict


def test_at_the_shop() -> None:
    judgement = judge(AT_SHOP, SHOP, 100)
    assert (judgement.verdict, judgement.distance_mm, judgement.flags) == (Verdict.verified, 0, VisitFlag.none)


def test_each_border_to_the_millimetre() -> None:
    away = changed(latitude_e6=SHOP.latitude_e6 + 900)
    distance = distance_mm(SHOP.latitude_e6 + 900, SHOP.longitude_e6, *SHOP)
    assert 99_000 < distance < 100_000
    assert judge(away, SHOP, 100).distance_mm == distance
    spare = 100_000 - distance
    assert verdict(msgspec.structs.replace(away, accuracy_mm=spare)) is Verdict.verified
    assert verdict(msgspec.structs.replace(away, accuracy_mm=spare + 1)) is Verdict.probable
    outside = distance - 50_000
    assert verdict(msgspec.structs.replace(away, accuracy_mm=outside), fence_m=50) is Verdict.probable
    assert verdict(msgspec.structs.replace(away, accuracy_mm=outside - 1), fence_m=50) is Verdict.out_of_range


@pytest.mark.parametrize("accuracy_mm", [None, -1, 0, 200_001])
def test_weak_accuracy_is_unverified_and_the_distance_is_still_told(accuracy_mm: int | None) -> None:
    judgement = judge(changed(accuracy_mm=accuracy_mm), SHOP, 500)
    assert (judgement.verdict, judgement.distance_mm) == (Verdict.unverified, 0)


def test_accuracy_of_200_metres_still_counts() -> None:
    assert verdict(changed(accuracy_mm=200_000), fence_m=200) is Verdict.verified


@pytest.mark.parametrize(
    "evidence",
    [
        changed(latitude_e6=None, longitude_e6=None),
        changed(longitude_e6=None),
        changed(latitude_e6=0, longitude_e6=0),
        changed(latitude_e6=120_000_000),
        changed(datum=Datum.unknown),
    ],
)
def test_no_fix_is_unverified(evidence: Evidence) -> None:
    judgement = judge(evidence, SHOP, 100)
    assert (judgement.verdict, judgement.distance_mm) == (Verdict.unverified, None)


@pytest.mark.parametrize("place", [None, Position(0, 0)])
def test_customer_without_a_position_is_unverified(place: Position | None) -> None:
    judgement = judge(AT_SHOP, place, 100)
    assert (judgement.verdict, judgement.distance_mm) == (Verdict.unverified, None)


@pytest.mark.parametrize("datum", [Datum.gcj02, Datum.bd09])
def test_a_chinese_phone_is_at_the_shop_only_through_its_datum(datum: Datum) -> None:
    said = from_wgs84(datum, *SHOP)
    evidence = changed(latitude_e6=said.latitude_e6, longitude_e6=said.longitude_e6)
    assert verdict(msgspec.structs.replace(evidence, datum=datum)) is Verdict.verified
    assert verdict(evidence) is Verdict.out_of_range


@pytest.mark.parametrize(
    ("evidence", "flags"),
    [
        (changed(mock=True), VisitFlag.mock),
        (changed(fix_ms=NOON_MS - 120_000), VisitFlag.none),
        (changed(fix_ms=NOON_MS - 120_001), VisitFlag.fix_age),
        (changed(fix_ms=NOON_MS + 120_001), VisitFlag.fix_age),
        (changed(received_ms=NOON_MS - 120_000), VisitFlag.none),
    ],
)
def test_flags_and_that_they_leave_the_verdict_alone(evidence: Evidence, flags: VisitFlag) -> None:
    judgement = judge(evidence, SHOP, 100)
    assert (judgement.flags, judgement.verdict) == (flags, Verdict.verified)


@pytest.mark.parametrize(
    ("evidence", "flags"),
    [
        (changed(received_ms=NOON_MS - 120_001), VisitFlag.future),
        (changed(fix_ms=NOON_MS + 3_720_001), VisitFlag.fix_age | VisitFlag.future),
        (changed(mock=True, fix_ms=1, received_ms=0), VisitFlag.mock | VisitFlag.fix_age | VisitFlag.future | VisitFlag.past),
        (changed(device_ms=0, corrected_ms=0, fix_ms=0), VisitFlag.past),
        (changed(device_ms=0, corrected_ms=0, fix_ms=None), VisitFlag.past),
        (changed(device_ms=EARLIEST_MS - 1, corrected_ms=EARLIEST_MS - 1, fix_ms=EARLIEST_MS), VisitFlag.past),
        (changed(fix_ms=0), VisitFlag.fix_age | VisitFlag.past),
    ],
)
def test_nothing_that_happened_at_an_impossible_time_is_proven(evidence: Evidence, flags: VisitFlag) -> None:
    """D-205."""
    judgement = judge(evidence, SHOP, 500)
    assert (judgement.flags, judgement.verdict, judgement.distance_mm) == (flags, Verdict.unverified, 0)


def test_the_first_moment_of_2015_is_possible() -> None:
    """D-205."""
    assert judge(changed(device_ms=EARLIEST_MS, corrected_ms=EARLIEST_MS, fix_ms=EARLIEST_MS), SHOP, 100).flags is VisitFlag.none


@pytest.mark.parametrize("fix_ms", [0, NOON_MS])
def test_a_clock_that_stands_at_1970_and_is_known_to_accuses_nobody(fix_ms: int) -> None:
    """D-205: corrected by its skew the check-in was today."""
    judgement = judge(changed(device_ms=0, fix_ms=fix_ms), SHOP, 100)
    assert (judgement.flags, judgement.verdict) == (VisitFlag.none, Verdict.verified)


@pytest.mark.parametrize("fix_ms", [NOON_MS, NOON_MS + YEAR_MS])
def test_a_clock_a_year_ahead_accuses_nobody(fix_ms: int) -> None:
    """Whether the fix is dated by satellites or by the phone's own wrong clock."""
    assert judge(changed(device_ms=NOON_MS + YEAR_MS, fix_ms=fix_ms), SHOP, 100).flags is VisitFlag.none
