"""The verdict on a visit, at its borders, and each flag."""

from typing import Any

import pytest
from msgspec.structs import replace

from geo.datum import from_wgs84
from geo.distance import distance_mm
from geo.verify import EARLIEST_MS, Around, Judgement, fence_m, judge, reasons
from shared_schema.places import Datum, Mocked, Position, Provider, Verdict, VisitFlag
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CustomerKind
from shared_schema.records.reference import Organisation

SHOP = Position(31_230_400, 121_473_700)
NOON_MS = 1_760_000_000_000
MINUTE_MS = 60_000
YEAR_MS = 365 * 86_400_000
AT_SHOP = Visit(
    b"v" * 16,
    0,
    b"c" * 16,
    NOON_MS,
    latitude_e6=SHOP.latitude_e6,
    longitude_e6=SHOP.longitude_e6,
    datum=Datum.wgs84,
    accuracy_mm=20_000,
    fix_ms=NOON_MS - 5_000,
)
BEFORE = replace(AT_SHOP, id=b"w" * 16, device_ms=NOON_MS - 30 * MINUTE_MS, fix_ms=NOON_MS - 30 * MINUTE_MS)
"""Half an hour before, at the same place."""


def changed(**fields: Any) -> Visit:
    return replace(AT_SHOP, **fields)


def told(visit: Visit, fence: int = 100, earlier: tuple[Visit, ...] = (), **around: Any) -> Judgement:
    return judge(visit, Around(**{"now_ms": NOON_MS + 60 * MINUTE_MS, "place": SHOP, "fence_m": fence, "earlier": earlier, **around}))


def verdict(visit: Visit, fence: int = 100) -> Verdict:
    return told(visit, fence).verdict


def north(degrees_e6: int) -> Visit:
    return changed(latitude_e6=SHOP.latitude_e6 + degrees_e6)


def test_at_the_shop() -> None:
    assert told(AT_SHOP) == Judgement(Verdict.verified, 0, VisitFlag.none, None)


def test_each_border_to_the_millimetre() -> None:
    away = north(900)
    distance = distance_mm(SHOP.latitude_e6 + 900, SHOP.longitude_e6, *SHOP)
    assert 99_000 < distance < 100_000
    assert told(away).distance_mm == distance
    spare = 100_000 - distance
    assert verdict(replace(away, accuracy_mm=spare)) is Verdict.verified
    assert verdict(replace(away, accuracy_mm=spare + 1)) is Verdict.probable
    outside = distance - 50_000
    assert verdict(replace(away, accuracy_mm=outside), 50) is Verdict.probable
    assert verdict(replace(away, accuracy_mm=outside - 1), 50) is Verdict.out_of_range


@pytest.mark.parametrize(
    ("accuracy_mm", "why"), [(None, "no_accuracy"), (-1, "no_accuracy"), (0, "no_accuracy"), (200_001, "weak_accuracy")]
)
def test_weak_accuracy_is_unverified_and_the_distance_is_still_told(accuracy_mm: int | None, why: str) -> None:
    visit = changed(accuracy_mm=accuracy_mm)
    judgement = told(visit, 500)
    assert (judgement.verdict, judgement.distance_mm) == (Verdict.unverified, 0)
    assert reasons(replace(visit, verdict=judgement.verdict, distance_mm=0)) == (why,)


def test_accuracy_of_200_metres_still_counts() -> None:
    assert verdict(changed(accuracy_mm=200_000), 200) is Verdict.verified


@pytest.mark.parametrize(
    "visit",
    [
        changed(latitude_e6=None, longitude_e6=None),
        changed(longitude_e6=None),
        changed(latitude_e6=0, longitude_e6=0),
        changed(latitude_e6=120_000_000),
        changed(datum=Datum.unknown),
    ],
)
def test_no_fix_is_unverified(visit: Visit) -> None:
    assert told(visit) == Judgement(Verdict.unverified, None, VisitFlag.none, None)


@pytest.mark.parametrize("place", [None, Position(0, 0)])
def test_customer_without_a_position_is_unverified(place: Position | None) -> None:
    judgement = told(AT_SHOP, place=place)
    assert (judgement.verdict, judgement.distance_mm) == (Verdict.unverified, None)
    assert reasons(changed(verdict=Verdict.unverified)) == ("unplaced",)
    assert reasons(changed(verdict=Verdict.unverified, latitude_e6=None)) == ("no_fix",)


@pytest.mark.parametrize("datum", [Datum.gcj02, Datum.bd09])
def test_a_datum_that_was_told_wrong_is_found_and_never_out_of_range(datum: Datum) -> None:
    """D-212: whether the phone says that satellites measured what a Chinese map shows, or the other way round."""
    said = from_wgs84(datum, *SHOP)
    visit = changed(latitude_e6=said.latitude_e6, longitude_e6=said.longitude_e6, datum=datum)
    assert told(visit) == Judgement(Verdict.verified, told(visit).distance_mm, VisitFlag.none, None)
    for mixed in (replace(visit, datum=Datum.wgs84), changed(datum=datum)):
        judgement = told(mixed)
        assert (judgement.verdict, judgement.flags) == (Verdict.probable, VisitFlag.datum_mix)
        assert (judgement.distance_mm or 0) > 200_000


def test_where_no_datum_shifts_nobody_is_excused() -> None:
    berlin = Position(52_520_000, 13_405_000)
    away = changed(latitude_e6=berlin.latitude_e6 + 4_000, longitude_e6=berlin.longitude_e6)
    assert told(away, place=berlin).verdict is Verdict.out_of_range
    assert told(north(4_000)) == Judgement(Verdict.out_of_range, told(north(4_000)).distance_mm, VisitFlag.none, None)


@pytest.mark.parametrize(
    ("visit", "flags"),
    [
        (changed(mock=True), VisitFlag.mock),
        (changed(mocked=Mocked.yes), VisitFlag.mock),
        (changed(mocked=Mocked.no), VisitFlag.none),
        (changed(fix_ms=NOON_MS - 120_000), VisitFlag.none),
        (changed(fix_ms=NOON_MS - 120_001), VisitFlag.fix_age | VisitFlag.fix_old),
        (changed(fix_ms=NOON_MS + 120_001), VisitFlag.fix_age),
    ],
)
def test_evidence_that_contradicts_itself_proves_nothing(visit: Visit, flags: VisitFlag) -> None:
    """D-212."""
    judgement = told(visit)
    assert (judgement.flags, judgement.verdict) == (flags, Verdict.unverified if flags else Verdict.verified)


@pytest.mark.parametrize(
    ("visit", "now_ms", "flags"),
    [
        (AT_SHOP, NOON_MS - 120_000, VisitFlag.none),
        (AT_SHOP, NOON_MS - 120_001, VisitFlag.future),
        (changed(fix_ms=NOON_MS + 3_720_001), NOON_MS + 3_600_000, VisitFlag.fix_age | VisitFlag.future),
        (changed(device_ms=0, fix_ms=0), NOON_MS, VisitFlag.past),
        (changed(device_ms=0, fix_ms=None), NOON_MS, VisitFlag.past),
        (changed(device_ms=EARLIEST_MS - 1, fix_ms=EARLIEST_MS), NOON_MS, VisitFlag.past),
        (changed(fix_ms=0), NOON_MS, VisitFlag.fix_age | VisitFlag.fix_old | VisitFlag.past),
    ],
)
def test_nothing_that_happened_at_an_impossible_time_is_proven(visit: Visit, now_ms: int, flags: VisitFlag) -> None:
    """D-205."""
    judgement = told(visit, 500, now_ms=now_ms)
    assert (judgement.flags, judgement.distance_mm) == (flags, 0)
    assert judgement.verdict is (Verdict.unverified if flags else Verdict.verified)


def test_the_first_moment_of_2015_is_possible() -> None:
    """D-205."""
    assert told(changed(device_ms=EARLIEST_MS, fix_ms=EARLIEST_MS)).flags is VisitFlag.none


@pytest.mark.parametrize("fix_ms", [0, NOON_MS])
def test_a_clock_that_stands_at_1970_and_is_known_to_accuses_nobody(fix_ms: int) -> None:
    """D-205: corrected by its skew the check-in was today."""
    judgement = told(changed(device_ms=0, fix_ms=fix_ms), skew_ms=-NOON_MS)
    assert (judgement.flags, judgement.verdict) == (VisitFlag.none, Verdict.verified)


@pytest.mark.parametrize("fix_ms", [NOON_MS, NOON_MS + YEAR_MS])
def test_a_clock_a_year_ahead_accuses_nobody(fix_ms: int) -> None:
    """Whether the fix is dated by satellites or by the phone's own wrong clock."""
    assert told(changed(device_ms=NOON_MS + YEAR_MS, fix_ms=fix_ms), skew_ms=YEAR_MS).flags is VisitFlag.none


def test_a_clock_that_was_moved_since_the_server_was_heard() -> None:
    """D-212: the time that the device has run since tells; without one of the three nobody can tell."""
    heard = {"heard_ms": NOON_MS - 60 * MINUTE_MS, "heard_uptime_ms": 5_000, "uptime_ms": 5_000 + 60 * MINUTE_MS}
    assert told(changed(**heard)).flags is VisitFlag.none
    for moved in (10 * MINUTE_MS, -10 * MINUTE_MS):
        assert told(changed(**{**heard, "uptime_ms": heard["uptime_ms"] + moved})).flags is VisitFlag.none
    late = changed(**{**heard, "uptime_ms": heard["uptime_ms"] + 10 * MINUTE_MS + 1})
    assert (told(late).flags, told(late).verdict) == (VisitFlag.clock, Verdict.unverified)
    assert all(told(replace(late, **{slot: None})).flags is VisitFlag.none for slot in heard)


def test_nobody_comes_faster_than_a_train() -> None:
    """D-212: the accuracies of both are subtracted, and so are two minutes, for a clock may be set between."""
    way = 100_000 * 32 * 60
    far = replace(BEFORE, latitude_e6=SHOP.latitude_e6 + 1_800_000)
    distance = distance_mm(SHOP.latitude_e6 + 1_800_000, SHOP.longitude_e6, *SHOP)
    spare = distance - way
    assert 40_000 < spare < 8_000_000
    assert told(AT_SHOP, earlier=(far,)).flags is VisitFlag.speed
    near = replace(far, device_ms=NOON_MS - (distance - 40_000) // 100 + 2 * MINUTE_MS - 1)
    assert told(AT_SHOP, earlier=(near,)).flags is VisitFlag.none
    assert told(AT_SHOP, earlier=(replace(near, device_ms=near.device_ms + 2),)).flags is VisitFlag.speed
    assert told(AT_SHOP, earlier=(replace(near, device_ms=near.device_ms + 2, accuracy_mm=20_200),)).flags is VisitFlag.none


def test_in_one_start_of_the_device_its_uptime_says_how_long_it_took() -> None:
    """D-212: a clock that was set between proves nothing, and excuses nothing."""
    far = replace(BEFORE, latitude_e6=SHOP.latitude_e6 + 90_000, boot="a", uptime_ms=0)
    hour = changed(boot="a", uptime_ms=60 * MINUTE_MS)
    minute = replace(hour, uptime_ms=MINUTE_MS)
    assert [told(one, earlier=(far,)).flags for one in (hour, minute)] == [VisitFlag.none, VisitFlag.speed]
    assert told(replace(minute, boot="b"), earlier=(far,)).flags is VisitFlag.none


@pytest.mark.parametrize(
    "before",
    [
        {"flags": int(VisitFlag.mock)},
        {"accuracy_mm": 200_001},
        {"accuracy_mm": None},
        {"amends_id": b"x" * 16},
        {"device_ms": NOON_MS + 1},
        {"datum": Datum.unknown},
    ],
)
def test_what_proves_nothing_itself_accuses_nobody(before: dict[str, Any]) -> None:
    """D-212: a mocked visit, a weak fix, a correction, a visit that came after."""
    far = replace(BEFORE, latitude_e6=SHOP.latitude_e6 + 4_000_000)
    assert told(AT_SHOP, earlier=(far,)).flags is VisitFlag.speed
    assert told(AT_SHOP, earlier=(replace(far, **before),)).flags is VisitFlag.none


def test_satellites_never_name_a_place_twice() -> None:
    """D-212: networks do, and one fix may serve two visits."""
    gps = changed(provider=Provider.gps)
    before = replace(BEFORE, provider=Provider.gps)
    assert told(gps, earlier=(before,)) == Judgement(Verdict.unverified, 0, VisitFlag.repeated, None)
    honest = ({"provider": Provider.network}, {"fix_ms": gps.fix_ms}, {"longitude_e6": SHOP.longitude_e6 + 1}, {"accuracy_mm": 19_000})
    assert [told(gps, earlier=(replace(before, **one),)).flags for one in honest] == [VisitFlag.none] * 4
    assert told(AT_SHOP, earlier=(BEFORE,)).flags is VisitFlag.none


def test_a_position_that_was_typed_is_probable_at_most() -> None:
    """D-212."""
    assert verdict(changed(provider=Provider.manual)) is Verdict.probable


@pytest.mark.parametrize(("minutes", "uptime", "short"), [(1, None, True), (2, None, False), (1, 2, False), (2, 1, True), (-5, None, True)])
def test_who_leaves_at_once_was_hardly_there(minutes: int, uptime: int | None, short: bool) -> None:
    """D-213: by the device's uptime where it tells one; it is no reason against the verdict."""
    ran = {"uptime_ms": 7, "left_uptime_ms": 7 + uptime * MINUTE_MS} if uptime is not None else {}
    judgement = told(changed(left_ms=NOON_MS + minutes * MINUTE_MS, **ran))
    assert (judgement.flags, judgement.verdict) == (VisitFlag.dwell if short else VisitFlag.none, Verdict.verified)


def test_how_far_from_check_in_to_check_out() -> None:
    left = {"left_latitude_e6": SHOP.latitude_e6 + 900, "left_longitude_e6": SHOP.longitude_e6, "left_datum": Datum.wgs84}
    assert told(changed(**left)).moved_mm == distance_mm(SHOP.latitude_e6 + 900, SHOP.longitude_e6, *SHOP)
    assert told(changed(**{**left, "left_datum": Datum.unknown})).moved_mm is None


def test_a_browser_that_tells_little_is_not_accused() -> None:
    """D-214: neither uptime nor mock flag, and a late arrival."""
    browser = changed(provider=Provider.browser)
    assert told(browser, now_ms=NOON_MS + 8 * 60 * MINUTE_MS) == Judgement(Verdict.verified, 0, VisitFlag.none, None)


def test_the_fence_of_each_kind_is_the_organisations() -> None:
    """D-203."""
    own = Organisation(b"o" * 16, 1, "Acme", fence_shop_m=50, fence_office_m=60, fence_plant_m=70, fence_other_m=80)
    kinds = (CustomerKind.shop, CustomerKind.office, CustomerKind.plant, CustomerKind.unknown)
    assert [fence_m(kind, own) for kind in kinds] == [50, 60, 70, 80]
    assert [fence_m(kind, None) for kind in kinds] == [100, 200, 500, 300]


def test_the_reasons_are_in_order() -> None:
    """What is missing, then the flags by their bits."""
    flags = int(VisitFlag.dwell | VisitFlag.mock | VisitFlag.fix_age)
    assert reasons(changed(verdict=Verdict.unverified, distance_mm=5, flags=flags)) == ("mock", "fix_age", "dwell")
    assert reasons(changed(verdict=Verdict.probable, accuracy_mm=None)) == ()
