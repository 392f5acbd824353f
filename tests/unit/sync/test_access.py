"""How an actor stands to a record: one answer for each of the five kinds of hold (P-120 to P-129, P-424)."""

from typing import Final

import pytest

from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, Standing
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.pool import PoolCard
from shared_schema.records.reference import Product, Role
from shared_schema.records.team import Receipt, TeamNote
from shared_schema.registry import BY_NAME, BY_RECORD
from sync.access import customer_named, customer_of, may_see, stands
from sync.rules import Actor, Holding, Rules
from sync.state import State
from tests.unit.device_world import key

ANN, BO = b"a" * 16, b"b" * 16
OWN, LEFT, FOREIGN, EAST = key(1), key(2), key(3), key(4)
STANDS: Final = {OWN: Holding.holder, LEFT: Holding.former}
RULES: Final = Rules(
    holding=lambda _actor, _state, customer_id: STANDS.get(customer_id, Holding.none),
    complete=lambda _actor, _state, entry, _moment: (entry.record,),
    guard=lambda *_: None,
    guard_delete=lambda *_: (),
    answers={},
)
ACTOR: Final = Actor(1, ANN, 3, Role.rep, team_ids=frozenset({EAST}))


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (Customer(OWN, 1, "Shop"), Holding.holder),
        (Standing(OWN, 1), Holding.holder),
        (Standing(FOREIGN, 1, ANN), Holding.none),
        (Contact(key(9), 1, OWN, "Lee"), Holding.holder),
        (Contact(key(9), 1, LEFT, "Lee"), Holding.former),
        (Contact(OWN, 1, FOREIGN, "Lee"), Holding.none),
        (InboxItem(key(9), 1, ANN, 1, "moved", ItemState.open, 0, FOREIGN), Holding.holder),
        (InboxItem(key(9), 1, BO, 1, "moved", ItemState.open, 0, OWN), Holding.none),
        (Receipt(key(9), 1, key(8), ANN, BO), Holding.holder),
        (Receipt(key(9), 1, key(8), BO, ANN), Holding.holder),
        (Receipt(key(9), 1, key(8), BO, None), Holding.none),
        (TeamNote(key(9), 1, EAST, 0, "hear"), Holding.holder),
        (TeamNote(key(9), 1, key(7), 0, "hear"), Holding.none),
        (PoolCard(OWN, 1, key(8), 77), Holding.none),
        (Product(key(9), 1, "P-1", "Pump"), Holding.holder),
    ],
)
def test_how_an_actor_stands_to_each_kind_of_record(record: Record, wanted: Holding) -> None:
    entity = BY_RECORD[type(record)]
    assert stands(RULES, ACTOR, State(), entity, lambda slot: getattr(record, slot)) == wanted
    assert may_see(record, State(), ACTOR, RULES) == (wanted == Holding.holder)


def test_what_an_entry_names_is_asked_by_the_slot_of_its_hold_alone() -> None:
    """What names no customer, or names one by what is no id, is nobody's."""
    contact = BY_NAME["contact"]
    assert stands(RULES, ACTOR, State(), contact, {"customer_id": OWN}.get) == Holding.holder
    assert stands(RULES, ACTOR, State(), contact, {"id": OWN}.get) == Holding.none
    assert stands(RULES, ACTOR, State(), contact, {"customer_id": "shop"}.get) == Holding.none
    assert stands(RULES, ACTOR, State(), BY_NAME["team_note"], {"department_id": None}.get) == Holding.none


def test_whom_an_entry_or_a_record_is_about() -> None:
    named = {"customer_id": OWN, "id": LEFT}
    assert customer_named(BY_NAME["contact"].number, named) == OWN
    assert customer_named(BY_NAME["inbox_item"].number, named) == OWN
    assert customer_named(99, named) == OWN  # of a newer app: as most records name theirs
    assert [customer_named(BY_NAME[name].number, named) for name in ("customer", "pool_card", "team_note", "product")] == [None] * 4
    assert customer_named(BY_NAME["contact"].number, {"customer_id": 7}) is None
    records = (
        PoolCard(OWN, 1, key(8), 77),
        InboxItem(key(9), 1, ANN, 1, "moved", ItemState.open, 0, OWN),
        TeamNote(key(9), 1, EAST, 0, "x"),
    )
    assert [customer_of(BY_RECORD[type(one)], one) for one in records] == [OWN, OWN, None]
