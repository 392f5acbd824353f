"""Visits, contact logs and follow-ups: authors, times, verdicts, last contact."""

from typing import Any

import pytest
from msgspec.structs import replace

from geo.distance import distance_mm
from shared_schema.places import Datum, Mocked, Verdict, VisitFlag
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, CustomerKind, FollowUp, Standing
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Result
from sync.rules import Moment
from sync.state import State
from tests.unit.domain.day import ACTOR, CUSTOMER, FOREIGN, MOMENT, NOON_MS, OTHER, REP, SHOP_E6, Phone, key, shop, stored, world

HOUR_MS = 3_600_000
YEAR_MS = 365 * 24 * HOUR_MS
AT_SHOP: dict[str, Any] = {"latitude_e6": SHOP_E6[0], "longitude_e6": SHOP_E6[1], "datum": Datum.wgs84, "accuracy_mm": 20_000}


def visit(state: State, moment: Moment = MOMENT, **fields: Any) -> Visit:
    phone = Phone(state, ACTOR, moment)
    sent = {"customer_id": CUSTOMER, "device_ms": NOON_MS - HOUR_MS, **AT_SHOP, **fields}
    assert phone.create(Visit, key(300), **sent).result is Result.applied
    found = phone.state.find(Visit, key(300))
    assert found is not None
    return found


def last_contact_ms(phone: Phone, customer_id: bytes = CUSTOMER) -> int | None:
    standing = phone.state.standing(customer_id)
    assert standing is not None
    return standing.last_contact_ms


def test_author_and_receipt() -> None:
    """D-201."""
    told = visit(world())
    assert (told.author_id, told.received_ms, told.late) == (REP, NOON_MS, False)


@pytest.mark.parametrize(
    ("device_ms", "skew_ms", "occurred_ms"),
    [
        (NOON_MS - HOUR_MS, 0, NOON_MS - HOUR_MS),
        (NOON_MS + YEAR_MS - HOUR_MS, YEAR_MS, NOON_MS - HOUR_MS),
        (NOON_MS + YEAR_MS, 0, NOON_MS),
        (0, HOUR_MS, 0),
    ],
)
@pytest.mark.parametrize("record", [Visit, ContactLog])
def test_occurred_is_the_corrected_time_and_never_the_future(record: type[Record], device_ms: int, skew_ms: int, occurred_ms: int) -> None:
    """D-202. P-440."""
    phone = Phone(world(), ACTOR, Moment(NOON_MS, skew_ms))
    phone.create(record, key(300), customer_id=CUSTOMER, device_ms=device_ms)
    told = phone.state.find(record, key(300))
    assert isinstance(told, (Visit, ContactLog))
    assert (told.device_ms, told.occurred_ms) == (device_ms, occurred_ms)


@pytest.mark.parametrize("kind", CustomerKind)
def test_fence_of_each_kind(kind: CustomerKind) -> None:
    """D-203: at the fence less the accuracy verified, a micro-degree further probable, beyond fence and accuracy out of range."""
    fence_m = {CustomerKind.shop: 100, CustomerKind.office: 200, CustomerKind.unknown: 300, CustomerKind.plant: 500}[kind]
    north_e6 = fence_m * 9
    distance = distance_mm(*SHOP_E6, SHOP_E6[0] + north_e6, SHOP_E6[1])
    spare = fence_m * 1_000 - distance
    found = []
    for accuracy, away in ((spare, 0), (spare + 1, 0), (20_000, 3_000)):
        told = visit(stored(world(), shop(kind)), latitude_e6=SHOP_E6[0] + north_e6 + away, accuracy_mm=accuracy)
        found.append(told.verdict)
    assert found == [Verdict.verified, Verdict.probable, Verdict.out_of_range]


def test_distance_is_measured_from_the_wgs84_position() -> None:
    """D-203: the customer's position as sent is in another datum."""
    told = visit(stored(world(), shop(latitude_e6=31_228_457, longitude_e6=121_478_245, datum=Datum.gcj02)))
    assert (told.verdict, told.distance_mm) == (Verdict.verified, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude_e6": None, "longitude_e6": None, "datum": Datum.unknown},
        {"longitude_e6": None},
        {"datum": Datum.unknown},
        {"accuracy_mm": None},
        {"latitude_e6": 0, "longitude_e6": 0},
    ],
)
def test_weak_evidence_scores_and_never_blocks(fields: dict[str, Any]) -> None:
    """D-203, D-204."""
    assert visit(world(), **fields).verdict is Verdict.unverified


def test_visit_of_a_customer_without_a_position() -> None:
    """D-203."""
    bare = Customer(CUSTOMER, 3, "Corner shop")
    told = visit(stored(world(), bare))
    assert (told.verdict, told.distance_mm) == (Verdict.unverified, None)


@pytest.mark.parametrize(
    ("fields", "skew_ms", "flags"),
    [
        ({"mock": True}, 0, VisitFlag.mock),
        ({"mocked": Mocked.yes}, 0, VisitFlag.mock),
        ({"fix_ms": NOON_MS - HOUR_MS - 120_001}, 0, VisitFlag.fix_age | VisitFlag.fix_old),
        ({"device_ms": NOON_MS + 120_001}, 0, VisitFlag.future),
        ({"device_ms": NOON_MS + YEAR_MS}, YEAR_MS, VisitFlag.none),
        ({"device_ms": NOON_MS}, -120_001, VisitFlag.future),
        ({"device_ms": 0, "fix_ms": 0}, 0, VisitFlag.past),
        ({"device_ms": 0, "fix_ms": 0}, -NOON_MS, VisitFlag.none),
    ],
)
def test_flags(fields: dict[str, Any], skew_ms: int, flags: VisitFlag) -> None:
    """D-205: the future is judged before the time is cut at receipt; a clock that is wrong, and known to be, accuses nobody."""
    told = visit(world(), Moment(NOON_MS, skew_ms), **fields)
    assert (told.flags, told.verdict) == (flags, Verdict.unverified if flags else Verdict.verified)


def test_the_fence_is_the_organisations() -> None:
    """D-203: and the visit tells by which it was judged."""
    state = world()
    assert state.organisation is not None
    state.organisation = replace(state.organisation, fence_shop_m=60)
    near: dict[str, Any] = {"latitude_e6": SHOP_E6[0] + 540, "accuracy_mm": 10_000}
    told = [visit(world(), **near), visit(state, **near)]
    assert [(one.verdict, one.fence_m) for one in told] == [(Verdict.verified, 100), (Verdict.probable, 60)]


def test_a_visit_is_judged_by_those_of_the_same_rep_alone() -> None:
    """D-212: nobody comes 200 km in half an hour; what a colleague did elsewhere counts for nothing."""
    far: dict[str, Any] = {"latitude_e6": SHOP_E6[0] + 2_000_000, "longitude_e6": SHOP_E6[1], "datum": Datum.wgs84, "accuracy_mm": 9_000}
    before = Visit(key(310), 1, FOREIGN, NOON_MS - 90 * 60_000, occurred_ms=NOON_MS - 90 * 60_000, received_ms=NOON_MS, **far)
    flags = [visit(stored(world(), replace(before, author_id=author))).flags for author in (REP, OTHER)]
    assert flags == [VisitFlag.speed, VisitFlag.none]


def test_a_check_out_keeps_the_verdict_of_then_and_is_judged_itself() -> None:
    """D-213, D-214: also when the customer has another position by now, or the correction tells another place."""
    phone = Phone(world())
    sent = {"customer_id": CUSTOMER, "device_ms": NOON_MS - HOUR_MS, **AT_SHOP}
    phone.create(Visit, key(300), **sent)
    phone.state.held.pop((BY_RECORD[Customer].number, CUSTOMER))
    stored(phone.state, replace(shop(), wgs_latitude_e6=SHOP_E6[0] + 90_000))
    left = {"left_latitude_e6": SHOP_E6[0] + 900, "left_longitude_e6": SHOP_E6[1], "left_datum": Datum.wgs84}
    found = []
    for number, minutes in ((301, 1), (302, 40)):
        elsewhere = {**sent, "latitude_e6": 0, "left_ms": NOON_MS - HOUR_MS + minutes * 60_000, "amends_id": key(300), **left}
        assert phone.create(Visit, key(number), **elsewhere).result is Result.applied
        told = phone.state.find(Visit, key(number))
        assert told is not None
        found.append((told.verdict, told.distance_mm, told.fence_m, told.flags, told.moved_mm))
    moved = distance_mm(*SHOP_E6, SHOP_E6[0] + 900, SHOP_E6[1])
    assert found == [(Verdict.verified, 0, 100, VisitFlag.dwell, moved), (Verdict.verified, 0, 100, VisitFlag.none, moved)]


def test_a_correction_cannot_prove_what_the_visit_did_not() -> None:
    """D-213."""
    phone = Phone(world())
    sent = {"customer_id": CUSTOMER, "device_ms": NOON_MS - HOUR_MS}
    phone.create(Visit, key(300), **sent)
    phone.create(Visit, key(301), **sent, **AT_SHOP, amends_id=key(300))
    told, standing = phone.state.find(Visit, key(301)), phone.state.standing(CUSTOMER)
    assert told is not None
    assert standing is not None
    assert (told.verdict, standing.last_visit_ms) == (Verdict.unverified, None)


@pytest.mark.parametrize("verdict", [{}, {"mock": True}])
def test_only_a_visit_that_its_evidence_proves_moves_the_last_visit(verdict: dict[str, Any]) -> None:
    """D-142, D-212."""
    phone = Phone(world())
    phone.create(Visit, key(300), customer_id=CUSTOMER, device_ms=NOON_MS - HOUR_MS, **AT_SHOP, **verdict)
    standing = phone.state.standing(CUSTOMER)
    assert standing is not None
    assert (standing.last_contact_ms, standing.last_visit_ms) == (NOON_MS - HOUR_MS, None if verdict else NOON_MS - HOUR_MS)


@pytest.mark.parametrize("record", [Visit, ContactLog])
def test_last_contact_advances_and_never_goes_back(record: type[Record]) -> None:
    """D-206."""
    phone = Phone(world())
    seen = []
    for place, ago in enumerate((2, 1, 3)):
        phone.create(record, key(300 + place), customer_id=CUSTOMER, device_ms=NOON_MS - ago * HOUR_MS)
        standing = phone.state.standing(CUSTOMER)
        assert standing is not None
        seen.append((standing.rev, last_contact_ms(phone)))
    assert seen == [(2, NOON_MS - 2 * HOUR_MS), (3, NOON_MS - HOUR_MS), (3, NOON_MS - HOUR_MS)]


@pytest.mark.parametrize("record", [Visit, ContactLog])
def test_late_facts_are_marked_and_do_not_touch_the_standing(record: type[Record]) -> None:
    """D-206, D-207."""
    phone = Phone(world())
    phone.state.former = frozenset({FOREIGN})
    phone.create(record, key(300), customer_id=FOREIGN, device_ms=NOON_MS)
    told = phone.state.find(record, key(300))
    assert isinstance(told, (Visit, ContactLog))
    assert (told.late, told.author_id) == (True, REP)
    assert phone.state.standing(FOREIGN) == Standing(FOREIGN, 1, owner_id=OTHER, epoch=1)


def test_author_of_a_follow_up_is_who_created_it() -> None:
    """D-208."""
    phone = Phone(stored(world(), FollowUp(key(301), 1, CUSTOMER, 20_000, author_id=OTHER)))
    phone.create(FollowUp, key(300), customer_id=CUSTOMER, due_day=20_000)
    phone.patch(FollowUp, key(301), {"state": 1}, done=True)
    authors = {place: phone.state.find(FollowUp, key(place)) for place in (300, 301)}
    assert [one.author_id for one in authors.values() if one is not None] == [REP, OTHER]
    done = authors[301]
    assert done is not None
    assert done.done
