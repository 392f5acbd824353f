"""What one batch holds in memory: revs, ways in, tombstones, trials (P-123, P-322, P-424, P-427)."""

import msgspec

from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Contact, Customer, Standing
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.records.quote import QuoteLine
from shared_schema.records.reference import Department
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.state import WHOLE, Buried, Held, Stamp, State
from tests.unit.device_world import key

ANN, BO, SHOP, QUOTE = b"a" * 16, b"b" * 16, key(1), key(8)
CONTACT = BY_RECORD[Contact]
LEE = Contact(key(2), 4, SHOP, "Lee")
PLACE = (CONTACT.number, LEE.id)


def held(record: Record) -> Held:
    return Held(record, {WHOLE: Stamp(record.rev, 3, 7)})


def state(*records: Record) -> State:
    made = State()
    for record in records:
        made.load(BY_RECORD[type(record)], held(record))
    return made


def line(number: int) -> QuoteLine:
    return QuoteLine(key(number), 1, SHOP, QUOTE, key(9), "pc", 1, 1)


def card(number: int, state: ItemState = ItemState.open) -> InboxItem:
    """A create of the contact that waits for Ann."""
    one = Member(1, int(Kind.create), *PLACE, WHOLE, 0, 0, None, {}, {}, {})
    return InboxItem(
        key(number), 1, ANN, 1, "conflict", state, 0, SHOP, (one, msgspec.structs.replace(one, id=key(3), kind=int(Kind.patch)))
    )


def test_every_new_rev_lies_above_the_floor() -> None:
    """P-102, P-902: so that a restored server issues none twice."""
    assert [State(100).next_rev(rev) for rev in (0, 100, 101)] == [101, 101, 102]
    assert (State().next_rev(), State().next_rev(4), State(7).next_rev()) == (1, 5, 8)


def test_what_the_server_writes_keeps_the_stamps_and_a_new_record_names_its_author() -> None:
    """P-410."""
    made = state(LEE)
    assert made.write(msgspec.structs.replace(LEE, name="Kim"), (5, 6)) == 5
    assert made.held[PLACE].stamps == {WHOLE: Stamp(4, 3, 7)}
    assert made.write(msgspec.structs.replace(LEE, id=key(3)), (5, 6)) == 1
    assert made.held[CONTACT.number, key(3)].stamps == {WHOLE: Stamp(1, 5, 6)}
    made.write(msgspec.structs.replace(LEE, id=key(4)))
    assert made.held[CONTACT.number, key(4)].stamps == {WHOLE: Stamp(1, 0, 0)}


def test_what_is_kept_for_everybody_is_written_when_it_differs() -> None:
    """P-102: the rev that was given does not count; an equal record keeps its own and is told to nobody."""
    made = state(Department(key(5), 7, "East"))
    assert made.keep(Department(key(5), 3, "East")) == Department(key(5), 7, "East")
    assert (made.touched, made.created) == ({}, set())
    west = made.keep(Department(key(5), 0, "West"))
    assert (west, made.find(Department, key(5))) == (Department(key(5), 8, "West"), west)
    assert made.keep(Department(key(6), 9, "South")).rev == 1
    assert made.created == {(BY_RECORD[Department].number, key(6))}


def test_what_stood_before_the_batch_is_kept_once() -> None:
    made = state(LEE)
    made.write(msgspec.structs.replace(LEE, name="Kim"))
    made.write(msgspec.structs.replace(LEE, name="Jo"))
    made.bury(CONTACT, LEE.id, 6, SHOP)
    assert made.originals == {PLACE: held(LEE)}
    assert made.created == set()
    assert (made.buried, made.tombstones) == ({PLACE: Buried(6, SHOP)}, {PLACE: 6})
    assert made.touched == {}
    assert made.tombstone_customers == {PLACE: SHOP}


def test_what_is_made_in_the_batch_is_new_unless_it_was_deleted_in_it() -> None:
    """P-426: a record that was deleted and restored is stored as it was before: its row."""
    made = state(LEE)
    made.put(CONTACT, held(msgspec.structs.replace(LEE, id=key(3))))
    assert made.created == {(CONTACT.number, key(3))}
    made.bury(CONTACT, LEE.id, 5, SHOP)
    made.put(CONTACT, held(LEE))
    made.unbury(PLACE)
    assert made.created == {(CONTACT.number, key(3))}
    assert (made.tombstones, made.buried, made.unburied) == ({}, {}, set())


def test_a_stored_tombstone_goes_with_the_restore() -> None:
    """P-427."""
    made = state()
    made.tombstones[PLACE] = 5
    made.put(CONTACT, held(LEE))
    made.unbury(PLACE)
    assert (made.tombstones, made.unburied, made.created) == ({}, {PLACE}, {PLACE})


def test_a_group_keeps_the_stamp_of_the_creation_until_it_is_written() -> None:
    one = Held(LEE, {WHOLE: Stamp(1, 3, 7), "person": Stamp(4, 5, 2)})
    assert (one.stamp("person"), one.stamp("phone")) == (Stamp(4, 5, 2), Stamp(1, 3, 7))


# ways in


def test_the_lines_of_a_quote_are_found_by_id() -> None:
    made = state(line(5), line(3))
    made.put(BY_RECORD[QuoteLine], held(line(4)))
    assert [one.id for one in made.children_of(QuoteLine, "quote_id", QUOTE)] == [key(3), key(4), key(5)]
    made.bury(BY_RECORD[QuoteLine], key(4), 2, SHOP)
    assert [one.id for one in made.children_of(QuoteLine, "quote_id", QUOTE)] == [key(3), key(5)]
    del made.held[BY_RECORD[QuoteLine].number, key(3)]
    assert [one.id for one in made.children_of(QuoteLine, "quote_id", QUOTE)] == [key(5)]
    assert made.children_of(QuoteLine, "quote_id", key(7)) == []


def test_who_holds_a_customer_now_and_who_held_it_before() -> None:
    """D-101, P-123: nobody holds one that is pooled, or not loaded; who stood there is told from the first change on."""
    made = state(Standing(SHOP, 1, ANN), Collaborator(key(5), 1, SHOP, BO))
    assert made.holders(SHOP) == frozenset({ANN, BO})
    assert not made.holders(key(7))
    made.write(LEE)
    assert not made.holders_before
    assert not made.holders_meanwhile
    made.write(Standing(SHOP, 1, key(6)))
    made.bury(BY_RECORD[Collaborator], key(5), 2, SHOP)
    made.write(Standing(SHOP, 1))
    assert not made.holders(SHOP)
    assert made.holders_before == {SHOP: frozenset({ANN, BO})}
    assert made.holders_meanwhile == {SHOP: frozenset({ANN, BO, key(6)})}


def test_what_was_deleted_is_foreign_to_all_but_who_holds_its_customer_by_now() -> None:
    """P-303, P-424: of customers that changed hands in the batch, as one that begins after it would find."""
    made = state(Standing(SHOP, 1, ANN))
    mine, theirs, nobodys = ((CONTACT.number, key(n)) for n in (2, 3, 4))
    made.tombstone_customers = {mine: SHOP, theirs: key(7), nobodys: None}
    made.tombstones = dict.fromkeys((mine, theirs, nobodys), 2)
    made.foreign_tombstones = {theirs, nobodys}
    made.disclose(frozenset({BO}))
    assert made.foreign_tombstones == {theirs, nobodys}, "nobody moved"
    made.holders_before = {SHOP: frozenset({BO})}
    made.disclose(frozenset({BO}))
    assert made.foreign_tombstones == {mine, theirs, nobodys}
    made.disclose(frozenset({key(8), ANN}))
    assert made.foreign_tombstones == {theirs, nobodys}


def test_open_cards_and_the_creates_that_wait_in_them() -> None:
    """P-505."""
    made = state(card(10), card(11), card(12, ItemState.met))
    assert made.open_items.keys() == {key(10), key(11)}
    assert made.parked_creates == {(ANN, PLACE): {key(10), key(11)}}
    made.index(card(10, ItemState.dismissed))
    made.index(card(13, ItemState.sent))
    assert made.open_items.keys() == {key(11)}
    assert made.parked_creates == {(ANN, PLACE): {key(11)}}


# trials


def test_a_trial_changes_nothing_of_what_it_was_made_of() -> None:
    """P-322: whatever an atomic group does before one of its members fails."""
    made = state(LEE, Customer(SHOP, 1, "Shop"), line(3), card(10), Standing(SHOP, 1, ANN), Collaborator(key(5), 1, SHOP, BO))
    made.tombstones[CONTACT.number, key(7)] = 3
    before = msgspec.msgpack.encode([sorted(made.touched), len(made.held)])
    trial = made.copy()
    trial.write(msgspec.structs.replace(LEE, name="Kim"))
    trial.write(Standing(SHOP, 1, BO))
    trial.put(BY_RECORD[QuoteLine], held(line(4)))
    trial.bury(BY_RECORD[Collaborator], key(5), 2, SHOP)
    trial.index(card(11))
    trial.unbury((CONTACT.number, key(7)))
    trial.counters["x"] = 1
    assert msgspec.msgpack.encode([sorted(made.touched), len(made.held)]) == before
    assert made.find(Contact, LEE.id) == LEE
    assert made.holders(SHOP) == frozenset({ANN, BO})
    for grown in (made.holders_before, made.holders_meanwhile, made.originals, made.created, made.counters, made.buried, made.unburied):
        assert not grown
    assert [one.id for one in made.children_of(QuoteLine, "quote_id", QUOTE)] == [key(3)]
    assert (made.parked_creates, made.tombstones) == ({(ANN, PLACE): {key(10)}}, {(CONTACT.number, key(7)): 3})
    assert made.open_items.keys() == {key(10)}
