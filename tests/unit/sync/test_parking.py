"""Cards in detail: which one an entry opens, extends or joins, what it prints, and when it closes by itself (P-501 to P-506)."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from server.domain.rules import RULES
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Result
from sync.decode import understand
from sync.inbox import EARLIER_MAX, ITEM, MEMBERS_MAX, close_met, item_id, member, waiting_for
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State
from tests.unit.device_world import key
from tests.unit.sync.core import Core, said

CUSTOMER = BY_RECORD[Customer]
WORDS = [f"word{at:03}" for at in range(600)]
TAGS = [[word, 1, 1] for word in WORDS]
TAG = {"add": ["red"], "remove": []}


def taken(core: Core, **values: str) -> int:
    """Bo changes the customer; the rev that Ann saw before."""
    seen: int = core.customer.rev
    core.patch("bo", seen, **values)
    return seen


# what a card prints


@pytest.mark.parametrize(
    ("kind", "values", "bases", "base"),
    [
        (Kind.patch, {"phone": "1", "note": "x"}, {"phone": 3, "note": 5}, 3),
        (Kind.patch, {"phone": "1", "note": "x"}, {"phone": 3}, 0),
        (Kind.patch, {"phone": "1"}, {"phone": 5, "note": 2}, 5),
        (Kind.patch, {"phone": "1", "tags": TAG}, {"phone": 3}, 3),
        (Kind.patch, {"tags": TAG}, {}, 0),
        (Kind.create, {"name": "Shop"}, {}, 0),
        (Kind.restore, {"name": "Shop"}, {WHOLE: 4}, 4),
        (Kind.delete, None, {WHOLE: 6}, 6),
        (Kind.patch, {"odd": 1}, {"phone": 5, "note": 2}, 2),
    ],
)
def test_the_base_of_an_entry_is_the_oldest_of_what_it_wants_to_change(
    kind: Kind, values: dict[str, Any] | None, bases: dict[str, int], base: int
) -> None:
    """P-504: an operation on a set has none (P-413); of what cannot be understood, the oldest that it names."""
    mutation = Mutation(1, GroupPlace(1, 0, 1), int(kind), CUSTOMER.number, key(1), bases, Raw(ENCODER.encode(values)), 0)
    intent = understand(mutation) if values is None or "odd" not in values else None
    waiting = member(mutation, intent, None)
    assert (waiting.base_rev, waiting.their_rev, waiting.theirs) == (base, 0, {})
    assert waiting.mine == {**waiting.mine, **(values or {})}


def test_a_conflict_without_a_base_saw_nothing(core: Core) -> None:
    """P-401, P-504."""
    core.send("ann", core.entry("ann", Kind.patch, "customer", core.customer_id, {"name": "Mine"}))
    core.patch("bo", core.customer.rev, phone="2")
    entry = core.entry("ann", Kind.patch, "customer", core.customer_id, {"phone": "3"})
    assert said(core.send("ann", entry)[0]) == (Result.parked, "conflict")
    assert core.items("ann")[0].members[0].base_rev == 0


def test_a_field_that_the_record_does_not_have_stands_on_the_card_alone(core: Core) -> None:
    """P-334, P-504."""
    entry = core.entry("ann", Kind.patch, "customer", core.customer_id, {"colour": "red", "phone": "2"}, {"phone": 1})
    assert said(core.send("ann", entry)[0]) == (Result.rejected, "field_unknown")
    (card,) = core.items("ann")
    assert (card.field, card.members[0].mine, card.members[0].theirs) == ("colour", {"colour": "red", "phone": "2"}, {"phone": "1"})


def test_a_card_about_a_group_is_about_the_customer_of_its_first_entry(core: Core, contact_id: bytes) -> None:
    """P-501."""
    other = core.new_id()
    core.create("ann", "customer", other, name="Other")
    seen = taken(core, phone="theirs")
    bad = core.entry("ann", Kind.patch, "contact", contact_id, {"name": "Kim", "title": "chief"}, {"person": 9})
    group = core.together(
        bad, core.entry("ann", Kind.patch, "customer", other, {"note": "x"}, {"note": 9}), core.patching("ann", seen, phone="2")
    )
    outcomes = core.send("ann", *group)
    (card,) = core.items("ann")
    assert (card.customer_id, card.id) == (core.customer_id, item_id(core.actor("ann"), outcomes[0].n, WHOLE))


# opening and extending


def test_a_card_has_at_most_20_earlier_values(core: Core) -> None:
    """P-502: after that a new one is opened."""
    seen = taken(core, phone="theirs")
    for at in range(EARLIER_MAX + 2):
        core.patch("ann", seen, phone=f"mine {at}")
    fresh, full = core.items("ann")
    assert [one.mine["phone"] for one in full.earlier] == [f"mine {at}" for at in range(EARLIER_MAX)]
    assert (full.members[0].mine["phone"], fresh.members[0].mine["phone"]) == (f"mine {EARLIER_MAX}", f"mine {EARLIER_MAX + 1}")
    assert fresh.earlier == ()


def test_each_phone_has_a_card_of_its_own(core: Core) -> None:
    """P-502: also of the same user."""
    core.lines["second"], core.next_n["second"] = core.history.open_line(core.user_ids["ann"]), 1
    seen = taken(core, phone="theirs")
    core.patch("ann", seen, phone="2")
    core.patch("second", seen, phone="3")
    assert [(one.members[0].mine["phone"], one.line_no) for one in core.items("ann")] == [
        ("2", core.lines["ann"]), ("3", core.lines["second"]),
    ]  # fmt: skip


def test_what_was_refused_for_good_is_told_each_time(core: Core) -> None:
    """P-502, P-508: only what can still be decided gathers on one card."""
    for _ in range(2):
        entry = core.entry("ann", Kind.patch, "customer", core.customer_id, {"extra": {"unknown": 1}}, {"extra.unknown": 0})
        assert core.send("ann", entry)[0].result == Result.rejected
    assert len(core.items("ann")) == 2


def test_edits_of_what_moved_away_gather_by_record_and_kind(core: Core, contact_id: bytes) -> None:
    """P-502: two creates are two cards, a delete is another question than an edit, another record too."""
    seen, rev = core.customer.rev, core.record("contact", contact_id).rev
    core.transfer(core.customer_id, "eve")
    core.patch("ann", seen, phone="2")
    core.patch("ann", seen, note="x")
    core.send("ann", core.entry("ann", Kind.patch, "contact", contact_id, {"title": "chief"}, {"person": rev}))
    for _ in range(2):
        core.send("ann", core.entry("ann", Kind.delete, "contact", contact_id, None, {WHOLE: rev}))
        core.create("ann", "contact", core.new_id(), customer_id=core.customer_id, name="Kim")
    cards = core.items("ann")
    assert sorted((one.members[0].kind, len(one.earlier)) for one in cards) == [
        (Kind.create, 0), (Kind.create, 0), (Kind.patch, 0), (Kind.patch, 1), (Kind.delete, 1),
    ]  # fmt: skip
    assert next(one for one in cards if one.members[0].id == core.customer_id).members[0].mine == {"phone": "2", "note": "x"}


def test_what_gathers_on_a_card_is_based_on_the_oldest_of_it(core: Core) -> None:
    """P-502, P-503: *use mine* enters all of it, and no value may replace what its author never saw; a set has no base."""
    seen = taken(core, note="of bo, not seen by ann")
    core.transfer(core.customer_id, "eve")
    core.patch("ann", core.customer.rev, address="here")
    core.send("ann", core.entry("ann", Kind.patch, "customer", core.customer_id, {"tags": TAG}))
    core.patch("ann", seen, note="mine")
    core.patch("ann", core.customer.rev, phone="2")
    (card,) = core.items("ann")
    assert [one.base_rev for one in (*card.earlier, *card.members)] == [core.customer.rev, core.customer.rev, seen, seen]


@pytest.mark.parametrize(
    ("first", "second", "one_card"),
    [
        ({"tags": {"add": WORDS[:40]}}, {"tags": {"add": WORDS[40:64]}}, True),
        ({"tags": {"add": WORDS[:40]}}, {"tags": {"add": WORDS[40:65]}}, False),
        ({"tags": {"remove": TAGS[:300]}}, {"tags": {"remove": TAGS[300:512]}}, True),
        ({"tags": {"remove": TAGS[:300]}}, {"tags": {"remove": TAGS[300:513]}}, False),
        ({"extra": dict.fromkeys(WORDS[:40])}, {"extra": dict.fromkeys(WORDS[40:64])}, True),
        ({"extra": dict.fromkeys(WORDS[:40])}, {"extra": dict.fromkeys(WORDS[40:65])}, False),
    ],
)
def test_a_card_gathers_what_one_mutation_can_enter(core: Core, first: dict[str, Any], second: dict[str, Any], one_card: bool) -> None:
    """P-502: what is more has a card of its own, and of two it is the newer that gathers on."""
    core.transfer(core.customer_id, "eve")
    for body in (first, second, {"note": "later"}):
        core.send("ann", core.entry("ann", Kind.patch, "customer", core.customer_id, body))
    cards = core.items("ann")
    assert [len(card.earlier) for card in cards] == ([2] if one_card else [0, 1])
    assert cards[-1].members[0].mine["note"] == "later"


def test_a_conflict_does_not_extend_the_card_of_a_parked_group(core: Core, contact_id: bytes) -> None:
    """P-502: a card of several entries asks for all of them."""
    seen = taken(core, note="theirs")
    first = core.patching("ann", seen, note="mine")
    second = core.entry("ann", Kind.patch, "contact", contact_id, {"name": "Kim", "title": "chief"}, {"person": 9})
    core.send("ann", *core.together(first, second))
    core.patch("ann", seen, note="later")
    assert [[one.mine for one in card.members] for card in core.items("ann")] == [
        [{"note": "mine"}, {"name": "Kim", "title": "chief"}],
        [{"note": "later"}],
    ]


# joining


def test_a_line_joins_the_quote_that_waits_and_a_correction_its_fact(core: Core) -> None:
    """P-505."""
    quote, fact, missing = core.new_id(), core.new_id(), core.new_id()
    waits = core.create("ann", "quote", quote, customer_id=core.customer_id, currency="long")
    priced = {"product_id": core.new_id(), "unit": "pc", "quantity_thousandths": 1_000, "price_minor": 100}
    line = core.create("ann", "quote_line", core.new_id(), customer_id=core.customer_id, quote_id=quote, **priced)
    assert waits.result == Result.rejected
    assert (said(line), line.item_id) == ((Result.parked, "record_waits"), waits.item_id)
    waits = core.create("ann", "visit", fact, customer_id=core.customer_id, device_ms=1, extra={"unknown": 1})
    assert waits.result == Result.rejected
    corrected = core.create("ann", "visit", core.new_id(), customer_id=core.customer_id, device_ms=2, amends_id=fact)
    assert corrected.item_id == waits.item_id
    other = core.create("ann", "contact_log", core.new_id(), customer_id=core.customer_id, device_ms=2, amends_id=fact)
    assert other.item_id != waits.item_id
    assert core.create("ann", "visit", core.new_id(), customer_id=core.customer_id, device_ms=2, amends_id=missing).item_id != waits.item_id


def test_of_two_tries_that_wait_the_later_is_joined(core: Core) -> None:
    """P-505."""
    shop = core.new_id()
    _, newest = (core.create("ann", "customer", shop, name="Shop", extra={"unknown": grade}) for grade in (1, 2))
    joined = core.create("ann", "contact", core.new_id(), customer_id=shop, name="Lee")
    assert len(core.items("ann")) == 2
    assert joined.item_id == newest.item_id


def test_nobody_joins_the_card_of_another_or_waits_for_what_exists(core: Core) -> None:
    """P-505."""
    shop = core.new_id()
    waits = core.create("ann", "customer", shop, name="Shop", extra={"unknown": 1})
    theirs = core.create("bo", "contact", core.new_id(), customer_id=shop, name="Lee")
    assert theirs.item_id != waits.item_id
    core.create("ann", "customer", shop, name="Shop")
    assert said(core.create("ann", "contact", core.new_id(), customer_id=shop, name="Lee")) == (Result.applied, None)


# closing by itself


def test_another_reader_is_not_told_that_values_met(core: Core) -> None:
    """P-506: who lost the customer learns nothing from his card."""
    seen = taken(core, phone="theirs")
    core.patch("ann", seen, phone="mine")
    core.transfer(core.customer_id, "eve")
    core.patch("bo", core.customer.rev, phone="mine")
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.open]


def test_a_card_about_a_deletion_closes_when_it_is_gone(core: Core, contact_id: bytes) -> None:
    """P-506: whoever deleted it; a change of it decides nothing."""
    seen = core.record("contact", contact_id).rev
    core.send("bo", core.entry("bo", Kind.patch, "contact", contact_id, {"name": "Kim", "title": "chief"}, {"person": seen}))
    core.send("ann", core.entry("ann", Kind.delete, "contact", contact_id, None, {WHOLE: seen}))
    rev = core.record("contact", contact_id).rev
    core.send("ann", core.entry("ann", Kind.patch, "contact", contact_id, {"phone": "2"}, {"phone": rev, WHOLE: rev}))
    assert len(core.items("ann")) == 1
    core.delete("bo", "contact", contact_id)
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.met]


SHOP, ANN, BOSS, EVE = key(1), b"a" * 16, b"m" * 16, b"e" * 16


def waiting(*members: Member, holder_id: bytes = ANN, customer_id: bytes | None = SHOP) -> State:
    """Ann's customer, and one open card."""
    state = State()
    customer = Customer(SHOP, 5, "Shop", phone="stands")
    for record in (customer, Standing(SHOP, 1, ANN)):
        state.load(BY_RECORD[type(record)], Held(record, {WHOLE: Stamp(1, 0, 0)}))
    item = InboxItem(key(9), 1, holder_id, 1, "conflict", ItemState.open, 0, customer_id, members)
    state.load(ITEM, Held(item, {}))
    return state


def wanted(mine: dict[str, Any], kind: Kind = Kind.patch, record_id: bytes = SHOP) -> Member:
    return Member(1, int(kind), CUSTOMER.number, record_id, WHOLE, 1, 4, None, {}, mine, {})


def how(state: State, decided_by: bytes = EVE) -> ItemState:
    """What becomes of the card after somebody changed the customer."""
    close_met(state, (CUSTOMER.number, SHOP), Actor(1, decided_by, 7, Role.rep), {}, Moment(3))
    item = state.find(InboxItem, key(9))
    assert item is not None
    return item.state


MET = wanted({"phone": "stands"})


def test_all_that_waits_has_to_stand() -> None:
    """P-506: the last value of each slot, of every entry; a command never does, nor what has no value."""
    assert how(waiting(MET)) == ItemState.met
    assert how(waiting(wanted({"phone": "old"}), MET)) == ItemState.met
    assert how(waiting(MET, wanted({"phone": "other"}))) == ItemState.open
    assert how(waiting(MET, wanted({"note": "x"}))) == ItemState.open
    assert how(waiting(MET, wanted({"phone": "stands"}, record_id=key(2)))) == ItemState.open
    assert how(waiting(MET, wanted({}, Kind.command))) == ItemState.open
    assert how(waiting(wanted({}))) == ItemState.open
    assert how(waiting(wanted({"phone": "stands", "odd": 1}))) == ItemState.open
    assert how(waiting(wanted({"phone": "stands"}, record_id=key(2)))) == ItemState.open, "another record"


def test_a_deletion_stands_when_there_is_a_tombstone() -> None:
    gone = wanted({}, Kind.delete, key(2))
    state = waiting(MET, gone)
    assert how(state) == ItemState.open
    state.tombstones[CUSTOMER.number, key(2)] = 3
    assert how(state) == ItemState.open, "a deletion at a customer that its holder does not follow up"
    state.tombstone_customers[CUSTOMER.number, key(2)] = SHOP
    assert how(state) == ItemState.met


def test_who_is_told_that_values_met() -> None:
    """P-506: who follows the customer up, or leads who does; by his own change anybody."""
    boss = Actor(1, BOSS, 0, Role.manager, frozenset({ANN}))
    assert how(waiting(MET, holder_id=BOSS)) == ItemState.open
    for reports, state in ((frozenset({ANN}), ItemState.met), (frozenset({EVE}), ItemState.open)):
        held = waiting(MET, holder_id=BOSS)
        held.people[BOSS] = Actor(1, BOSS, 0, boss.role, reports)
        assert how(held) == state
    assert how(waiting(MET, customer_id=None)) == ItemState.open
    assert how(waiting(MET, customer_id=None), decided_by=ANN) == ItemState.used_mine


@pytest.mark.parametrize(
    ("one", "bases", "state"),
    [
        (wanted({"phone": "x"}), {WHOLE: 4}, ItemState.used_mine),
        (wanted({"phone": "x"}), {WHOLE: 3}, ItemState.open),
        (wanted({"phone": "x"}), {"phone": 4}, ItemState.open),
        (wanted({}, Kind.delete), {WHOLE: 4}, ItemState.open),
    ],
)
def test_to_decide_anew_is_to_have_seen_the_card(one: Member, bases: dict[str, int], state: ItemState) -> None:
    """P-506: the base of the card's group reaches its rev; a deletion is decided by deleting alone."""
    for by, then in ((ANN, state), (EVE, ItemState.open)):
        held = waiting(one)
        close_met(held, (CUSTOMER.number, SHOP), Actor(1, by, 7, Role.rep), bases, Moment(3))
        item = held.find(InboxItem, key(9))
        assert item is not None
        assert item.state == then
    several = waiting(one, wanted({"note": "y"}))
    close_met(several, (CUSTOMER.number, SHOP), Actor(1, ANN, 7, Role.rep), bases, Moment(3))
    assert several.open_items


@pytest.mark.parametrize(("entries", "joins"), [(MEMBERS_MAX - 1, True), (MEMBERS_MAX, False)])
def test_a_card_takes_500_entries(entries: int, joins: bool) -> None:
    """P-505: what comes after has a card of its own."""
    parked = wanted({"name": "Shop"}, Kind.create, key(2))
    state = waiting(parked, *[wanted({}, Kind.patch, key(2))] * (entries - 1))
    patch = Mutation(9, GroupPlace(9, 0, 1), int(Kind.patch), CUSTOMER.number, key(2), {}, Raw(ENCODER.encode({"phone": "1"})), 0)
    found = waiting_for(Turn(state, Actor(1, ANN, 1, Role.rep), RULES, Moment(3)), understand(patch))
    assert (found is not None) == joins


def test_of_several_tries_that_wait_the_newest_is_joined() -> None:
    """P-505: the one that began last, whatever joined an older one since."""
    parked = wanted({"name": "Shop"}, Kind.create, key(2))
    state = waiting(msgspec.structs.replace(parked, n=1), msgspec.structs.replace(wanted({}, Kind.patch, key(2)), n=8))
    (older,) = state.open_items.values()
    newer = msgspec.structs.replace(older, id=key(8), members=(msgspec.structs.replace(parked, n=5),))
    state.load(ITEM, Held(newer, {}))
    patch = Mutation(9, GroupPlace(9, 0, 1), int(Kind.patch), CUSTOMER.number, key(2), {}, Raw(ENCODER.encode({"phone": "1"})), 0)
    assert waiting_for(Turn(state, Actor(1, ANN, 1, Role.rep), RULES, Moment(3)), understand(patch)) == newer


def test_a_refused_command_stands_with_the_words_that_its_author_gave(core: Core) -> None:
    """P-501, P-504: what he said why is on the card; beside it nothing, for no field of the record is what he wrote to."""
    given = {"command": "release", "pool_id": core.pool(), "epoch": 99, "reason": "too far"}
    assert core.send("ann", core.entry("ann", Kind.command, "standing", core.customer_id, given))[0].code == "stale_epoch"
    ((one,),) = (item.members for item in core.items("ann"))
    assert (one.mine, one.theirs) == ({"command": "release", "reason": "too far"}, {})
