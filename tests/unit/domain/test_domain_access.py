"""Who holds a customer, what entering one makes, what may be deleted."""

import msgspec
import pytest

from geo.datum import to_wgs84
from server.domain.access import holding
from server.domain.rules import RULES
from shared_schema.places import Datum
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, FollowUp, Preference, Standing
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Result
from sync.rules import Actor, Holding
from tests.unit.domain.day import ACTOR, BOSS, CUSTOMER, FOREIGN, NOON_MS, OTHER, REP, Phone, key, refusal, shop, stored, world

MANAGER = Actor(1, BOSS, 8, Role.manager, frozenset({REP}))


def test_owner_collaborator_and_manager_hold() -> None:
    """D-101."""
    state = world()
    state.collaborators[FOREIGN] = frozenset({REP})
    assert holding(ACTOR, state, CUSTOMER) is Holding.holder
    assert holding(ACTOR, state, FOREIGN) is Holding.holder
    assert holding(MANAGER, state, CUSTOMER) is Holding.holder
    assert holding(MANAGER, state, FOREIGN) is Holding.holder
    state.collaborators[FOREIGN] = frozenset({OTHER})
    assert holding(MANAGER, state, FOREIGN) is Holding.none


def test_reports_count_for_managers_alone() -> None:
    """D-101."""
    rep_with_reports = msgspec.structs.replace(MANAGER, role=Role.rep)
    assert holding(rep_with_reports, world(), CUSTOMER) is Holding.none


def test_former_holder_tells_facts_and_nothing_else() -> None:
    """D-102, D-207."""
    state = world()
    state.former = frozenset({FOREIGN})
    assert holding(ACTOR, state, FOREIGN) is Holding.former
    phone = Phone(state)
    assert phone.create(Visit, key(300), customer_id=FOREIGN, device_ms=NOON_MS).result is Result.applied
    visit = phone.state.find(Visit, key(300))
    assert visit is not None
    assert (visit.late, visit.author_id) == (True, REP)
    assert refusal(phone.create(Contact, key(301), customer_id=FOREIGN, name="Li")) == ("moved", None)
    assert refusal(phone.patch(Customer, FOREIGN, {"name": 3}, name="Mine")) == ("moved", None)


@pytest.mark.parametrize("role", [Role.unknown, Role.assistant, Role.finance, Role.admin])
def test_desk_roles_hold_nothing_by_phone(role: Role) -> None:
    """D-103."""
    state = world()
    state.former = frozenset({CUSTOMER})
    state.collaborators[CUSTOMER] = frozenset({REP})
    assert holding(msgspec.structs.replace(ACTOR, role=role), state, CUSTOMER) is Holding.none


def test_unknown_and_foreign_answer_alike() -> None:
    """D-103."""
    phone = Phone(world())
    foreign = phone.patch(Customer, FOREIGN, {"name": 3}, name="Mine")
    unknown = phone.patch(Customer, key(999), {"name": 3}, name="Mine")
    assert str(foreign.problem) == str(unknown.problem)
    assert holding(ACTOR, phone.state, key(999)) is Holding.none


@pytest.mark.parametrize("actor", [ACTOR, MANAGER])
def test_who_enters_a_customer_owns_it_and_may_go_on(actor: Actor) -> None:
    """D-104."""
    phone = Phone(world(), actor)
    assert phone.create(Customer, key(300), name="New shop").result is Result.applied
    standing = phone.state.standing(key(300))
    assert standing == Standing(key(300), 1, owner_id=actor.user_id, epoch=1, owned_since_ms=NOON_MS)
    assert phone.create(Contact, key(301), customer_id=key(300), name="Li").result is Result.applied
    assert phone.patch(Customer, key(300), {"note": 1}, note="corner").result is Result.applied
    assert phone.state.standing(key(300)) == standing


def test_the_desk_enters_no_customer_by_phone() -> None:
    """D-104."""
    phone = Phone(world(), msgspec.structs.replace(ACTOR, role=Role.admin))
    assert refusal(phone.create(Customer, key(300), name="New shop")) == ("forbidden", None)
    assert phone.state.standing(key(300)) is None


def test_children_name_a_customer_that_exists() -> None:
    """D-105: also for whoever asks the guard alone."""
    orphan = ContactLog(key(300), 1, key(999), NOON_MS)
    with pytest.raises(Problem) as refused:
        RULES.guard(world(), BY_RECORD[ContactLog], orphan)
    assert (refused.value.code, refused.value.field) == (Code.out_of_scope, "customer_id")
    phone = Phone(world())
    phone.state.former = frozenset({key(999)})
    assert refusal(phone.create(ContactLog, key(300), customer_id=key(999), device_ms=NOON_MS))[0] == "out_of_scope"


def test_what_may_be_deleted() -> None:
    """D-106."""
    state = stored(
        world(),
        Contact(key(300), 1, CUSTOMER, "Li"),
        FollowUp(key(301), 1, CUSTOMER, 20_000),
        Preference(key(302), 1, CUSTOMER, "tea"),
    )
    phone = Phone(state)
    kinds: tuple[type[Record], ...] = (Contact, FollowUp, Preference)
    assert [phone.delete(record, key(300 + place)).result for place, record in enumerate(kinds)] == [Result.applied] * 3
    assert refusal(phone.delete(Customer, CUSTOMER)) == ("rule_broken", None)
    assert phone.state.find(Customer, CUSTOMER) is not None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"latitude_e6": 1, "datum": Datum.wgs84}, "longitude_e6"),
        ({"longitude_e6": 1, "datum": Datum.wgs84}, "latitude_e6"),
        ({"latitude_e6": 1, "longitude_e6": 1}, "datum"),
    ],
)
def test_half_a_position_or_none_named_datum_is_refused(fields: dict[str, int], field: str) -> None:
    """D-110."""
    assert refusal(Phone(world()).create(Customer, key(300), name="New", **fields)) == ("rule_broken", field)


def test_wgs84_follows_every_write_of_the_position() -> None:
    """D-111: as sent in gcj02, some 500 m from where it is."""
    phone = Phone(stored(world(), shop()))
    phone.patch(Customer, CUSTOMER, {"position": 3}, latitude_e6=31_228_457, longitude_e6=121_478_245, datum=Datum.gcj02)
    moved = phone.state.find(Customer, CUSTOMER)
    assert moved is not None
    assert (moved.latitude_e6, moved.datum) == (31_228_457, Datum.gcj02)
    assert (moved.wgs_latitude_e6, moved.wgs_longitude_e6) == to_wgs84(Datum.gcj02, 31_228_457, 121_478_245)
    assert moved.wgs_latitude_e6 != 31_228_457
    phone.patch(Customer, CUSTOMER, {"position": moved.rev}, latitude_e6=31_228_457, longitude_e6=121_478_245, datum=Datum.wgs84)
    renamed = phone.state.find(Customer, CUSTOMER)
    assert renamed is not None
    assert (renamed.wgs_latitude_e6, renamed.wgs_longitude_e6) == (31_228_457, 121_478_245), "the datum alone was corrected"
    phone.patch(Customer, CUSTOMER, {"position": renamed.rev}, latitude_e6=None, longitude_e6=None, datum=Datum.unknown)
    cleared = phone.state.find(Customer, CUSTOMER)
    assert cleared is not None
    assert (cleared.wgs_latitude_e6, cleared.wgs_longitude_e6) == (None, None)


@pytest.mark.parametrize("said", [(0, 0), (120_000_000, 10)])
def test_nonsense_is_kept_as_sent_without_a_position(said: tuple[int, int]) -> None:
    """D-111."""
    phone = Phone(world())
    phone.create(Customer, key(300), name="New", latitude_e6=said[0], longitude_e6=said[1], datum=Datum.wgs84)
    customer = phone.state.find(Customer, key(300))
    assert customer is not None
    assert (customer.latitude_e6, customer.wgs_latitude_e6) == (said[0], None)


def test_owner_is_not_a_pooled_customers_missing_owner() -> None:
    """D-101: a customer without owner is held by nobody, also not by a manager."""
    state = stored(world(), Standing(CUSTOMER, 2, owner_id=None, epoch=2))
    assert [holding(actor, state, CUSTOMER) for actor in (ACTOR, MANAGER, Actor(1, OTHER, 9, Role.rep))] == [Holding.none] * 3
