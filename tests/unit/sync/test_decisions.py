"""What an author decides about his cards: which entries *use mine* makes of them (P-413, P-503, P-507, P-534)."""

from typing import Any

import pytest
from msgspec.structs import replace

from shared_schema.records.activity import Visit
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, Member
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.decisions import ITEM, decide_each, decision, inbox, use_mine
from sync.shelf import MemoryShelf
from sync.state import WHOLE
from tests.unit.device_world import CUSTOMER, ME, key

SHOP = Customer(key(1), 5, "Shop")
CARD = InboxItem(key(9), 1, ME, 4, "conflict", ItemState.open, 50, SHOP.id)
PATCH = {"phone": "1", "extra.a": 2}


@pytest.fixture
def shelf() -> MemoryShelf:
    """A phone that holds one customer."""
    made = MemoryShelf()
    made.put_row((CUSTOMER.number, SHOP.id), ENCODER.encode(SHOP))
    return made


def parked(kind: Kind, mine: dict[str, Any], record_id: bytes = SHOP.id) -> Member:
    return Member(1, int(kind), CUSTOMER.number, record_id, WHOLE, 3, 7, None, {}, mine, {})


def again(shelf: MemoryShelf, kind: Kind, mine: dict[str, Any], record_id: bytes = SHOP.id) -> tuple[Kind, Any, Any]:
    """Kind, values and bases of the entry that puts it in place."""
    ((edit,),) = use_mine(shelf, replace(CARD, members=(parked(kind, mine, record_id),)))
    assert (edit.entity, edit.id) == (CUSTOMER, record_id)
    return edit.kind, edit.values, edit.bases


def test_use_mine_is_based_on_what_the_card_printed(shelf: MemoryShelf) -> None:
    """P-503: each group that it touches; what no patch may name is left out."""
    assert again(shelf, Kind.patch, {**PATCH, "odd": 3}) == (Kind.patch, PATCH, {"phone": 7, "extra.a": 7})
    assert again(shelf, Kind.undo, {"phone": "1"}) == (Kind.patch, {"phone": "1"}, {"phone": 7})
    assert again(shelf, Kind.delete, {}) == (Kind.delete, {}, {WHOLE: 7})


def test_a_card_that_prints_nothing_is_based_on_what_its_own_holder_saw(shelf: MemoryShelf) -> None:
    """P-503: the author saw the base of the entry; the manager to whom the card came up may have seen nothing at all."""
    unprinted = replace(parked(Kind.patch, {"phone": "1"}), their_rev=0)
    card = replace(CARD, code="moved", members=(unprinted, replace(unprinted, kind=int(Kind.delete))))
    assert [edit.bases for edit in use_mine(shelf, card)[0]] == [{"phone": 3}, {WHOLE: 3}]
    assert [edit.bases for edit in use_mine(shelf, replace(card, origin_id=key(8)))[0]] == [{"phone": 0}, {WHOLE: 0}]
    printed = replace(card, origin_id=key(8), members=(replace(unprinted, their_rev=7),))
    assert [edit.bases for edit in use_mine(shelf, printed)[0]] == [{"phone": 7}]


def test_what_was_to_be_made_is_made_or_becomes_a_patch(shelf: MemoryShelf) -> None:
    """P-503: when it exists by now; sets add their elements (P-413)."""
    made = {"name": "Mine", "tags": ["red"]}
    patched = (Kind.patch, {"name": "Mine", "tags": {"add": ["red"]}}, {"name": 7})
    assert again(shelf, Kind.create, made, key(2)) == (Kind.create, made, None)
    assert again(shelf, Kind.create, made) == patched
    assert again(shelf, Kind.restore, made, key(2)) == (Kind.restore, made, {WHOLE: 7})
    assert again(shelf, Kind.restore, made) == patched
    operation = {"add": [], "remove": [["red", 1, 1]]}
    assert again(shelf, Kind.patch, {"tags": operation}) == (Kind.patch, {"tags": operation}, {})
    assert again(shelf, Kind.patch, {"phone": "1"}, key(2))[0] == Kind.patch


def test_a_fact_that_is_there_by_now_is_told_again(shelf: MemoryShelf) -> None:
    """P-503, P-320: no patch changes a fact; the same one is a duplicate, another is refused."""
    entity = BY_RECORD[Visit]
    shelf.put_row((entity.number, key(3)), ENCODER.encode(Visit(key(3), 1, SHOP.id, 5)))
    mine = {"customer_id": SHOP.id, "device_ms": 5}
    member = replace(parked(Kind.create, mine, key(3)), entity=entity.number)
    ((edit,),) = use_mine(shelf, replace(CARD, members=(member,)))
    assert (edit.kind, edit.entity, edit.values) == (Kind.create, entity, mine)


def test_a_command_is_given_anew_or_not(shelf: MemoryShelf) -> None:
    card = replace(CARD, members=(parked(Kind.command, {}), parked(Kind.patch, {"phone": "1"})))
    assert [[one.kind for one in group] for group in use_mine(shelf, card)] == [[Kind.patch]]


def test_a_card_that_outgrew_a_request_is_entered_in_several_groups(shelf: MemoryShelf) -> None:
    """P-503, P-602: in order, each as large as a request carries; a group beyond it would hold up the whole queue for ever."""
    notes = [f"{at}" * 20_000 for at in range(10, 30)]
    card = replace(CARD, members=tuple(parked(Kind.patch, {"note": note}) for note in notes))
    groups = use_mine(shelf, card)
    assert [one.values["note"] for group in groups for one in group] == notes
    assert [len(group) for group in groups] == [4, 4, 4, 4, 4]


def test_each_of_many_decisions_stands_alone() -> None:
    """P-507, P-534: about open cards."""
    command = ENCODER.encode(Dismiss())
    cards = [CARD, replace(CARD, id=key(8), state=ItemState.met), replace(CARD, id=key(7))]
    assert decide_each(cards, command) == [[decision(cards[0], command)], [decision(cards[2], command)]]
    one = decision(CARD, command)
    assert (one.kind, one.entity, one.id, one.command) == (Kind.command, BY_RECORD[InboxItem], CARD.id, command)


def test_the_inbox_is_read_oldest_first(shelf: MemoryShelf) -> None:
    cards = [replace(CARD, id=key(number), created_ms=created_ms) for number, created_ms in ((3, 10), (2, 50), (5, 50), (1, 90))]
    for card in reversed(cards):
        shelf.put_row((ITEM.number, card.id), ENCODER.encode(card))
    assert inbox(shelf) == cards
