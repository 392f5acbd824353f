"""Who hears of what: the news of a batch, scope by scope (P-121 to P-129)."""

import msgspec
import pytest

from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Contact, Customer, Standing
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.quote import Quote
from shared_schema.records.team import Receipt, TeamNote
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Reason
from sync.access import audience, family_of
from sync.news import news
from sync.scope import REFERENCE, Reader
from sync.state import WHOLE, Held, Key, Stamp, State
from tests.unit.device_world import key

ANN, BO, EVE = b"a" * 16, b"b" * 16, b"e" * 16
SHOP = key(1)
CUSTOMER = Customer(SHOP, 1, "Shop")
CONTACT = Contact(key(2), 1, SHOP, "Lee")
COLLABORATOR = Collaborator(key(3), 1, SHOP, BO)
ITEM = InboxItem(key(4), 1, EVE, 1, "moved", ItemState.open, 0, SHOP)
CARD = PoolCard(SHOP, 1, key(8), 77)


def held(record: Record) -> Held:
    return Held(record, {WHOLE: Stamp(record.rev, 0, 0)})


def state(*records: Record, owner_id: bytes | None = ANN) -> State:
    """A customer of Ann's, and what else is loaded."""
    made = State()
    for record in (CUSTOMER, Standing(SHOP, 1, owner_id), *records):
        made.load(BY_RECORD[type(record)], held(record))
    return made


def named(record: Record) -> Key:
    return BY_RECORD[type(record)].number, record.id


def told(made: State, record: Record) -> list[tuple[Lane, bytes, Reason | None]]:
    """What the news say of one record: which lane of whom, and why it left; None: it is there."""
    return [(one.reader.lane, one.reader.subject_id, one.reason) for one in news(made) if one.key == named(record)]


def give(made: State, owner_id: bytes | None) -> None:
    """The customer changes hands."""
    standing = made.standing(SHOP)
    assert standing is not None
    made.write(msgspec.structs.replace(standing, owner_id=owner_id))


@pytest.mark.parametrize(
    ("record", "readers"),
    [
        (CUSTOMER, {Reader(Lane.now, ANN), Reader(Lane.now, BO)}),
        (CONTACT, {Reader(Lane.now, ANN), Reader(Lane.now, BO)}),
        (Quote(key(5), 1, SHOP, "EUR"), {Reader(Lane.work, ANN), Reader(Lane.work, BO)}),
        (Contact(key(2), 1, key(9), "Kim"), set()),
        (ITEM, {Reader(Lane.now, EVE)}),
        (TeamNote(key(6), 1, key(7), 0, "hear"), {Reader(Lane.team, key(7))}),
        (Receipt(key(6), 1, key(7), BO, EVE), {Reader(Lane.now, BO), Reader(Lane.now, EVE)}),
        (Receipt(key(6), 1, key(7), BO), {Reader(Lane.now, BO)}),
        (CARD, {Reader(Lane.tile, key(8), 77)}),
        (msgspec.structs.replace(CARD, pooled=False), set()),
        (Pool(key(8), 1, "Pool"), {REFERENCE}),
    ],
)
def test_the_scopes_of_each_kind_of_record(record: Record, readers: set[Reader]) -> None:
    """P-120, P-121, P-124 to P-126, P-129."""
    assert audience(state(COLLABORATOR), BY_RECORD[type(record)], record) == readers


def test_whose_family_a_record_is_of() -> None:
    """P-121: a card is its holder's, whatever customer it is about."""
    families = [family_of(BY_RECORD[type(one)], one) for one in (CUSTOMER, CONTACT, Standing(SHOP, 1), ITEM, Pool(key(8), 1, "Pool"))]
    assert families == [SHOP, SHOP, SHOP, b"", b""]


def test_what_changes_is_told_to_who_holds_it_and_to_nobody_else() -> None:
    made = state(CONTACT, COLLABORATOR, ITEM)
    made.write(CONTACT)
    assert told(made, CONTACT) == [(Lane.now, ANN, None), (Lane.now, BO, None)]
    assert {one.key for one in news(made)} == {named(CONTACT)}


def test_a_feed_is_numbered_in_one_order_however_the_records_were_loaded() -> None:
    """Else two databases, or two plans of one, would number the rows of one request differently (stack, seed 6601000140)."""
    second = Contact(key(12), 1, SHOP, "Ada")
    orders = []
    for records in ((CONTACT, second), (second, CONTACT)):
        changed, deleted = state(*records), state(*records)
        for record in records:
            changed.write(record)
            deleted.bury(BY_RECORD[Contact], record.id, 2, SHOP)
        orders.append([one.key for made in (changed, deleted) for one in news(made)])
    assert orders[0] == orders[1]


def test_a_transfer_moves_what_nobody_touched() -> None:
    """P-123: to the new owner the rows, from the old one `moved`; who keeps it hears of what changed alone; cards stay."""
    made = state(CONTACT, COLLABORATOR, ITEM, Contact(key(12), 1, key(13), "Far"))
    give(made, EVE)
    for record in (CUSTOMER, CONTACT, COLLABORATOR):
        assert told(made, record) == [(Lane.now, EVE, None), (Lane.now, ANN, Reason.moved)]
    standing = Standing(SHOP, 2)
    assert told(made, standing) == [(Lane.now, BO, None), (Lane.now, EVE, None), (Lane.now, ANN, Reason.moved)]
    assert [one.key for one in news(made)][3:] == sorted([named(CUSTOMER)] * 2 + [named(CONTACT)] * 2 + [named(COLLABORATOR)] * 2)


def test_taken_away_and_given_back_in_one_batch_is_nothing() -> None:
    """P-123."""
    made = state(CONTACT)
    give(made, EVE)
    give(made, ANN)
    assert {one.key for one in news(made)} == {named(Standing(SHOP, 1))}
    assert told(made, Standing(SHOP, 1)) == [(Lane.now, ANN, None)]


def test_what_is_new_is_taken_from_nobody() -> None:
    """P-123: made in the batch in which its customer moved, before or after."""
    made = state()
    made.put(BY_RECORD[Contact], held(CONTACT))
    give(made, EVE)
    assert told(made, CONTACT) == [(Lane.now, EVE, None)]


def test_what_was_deleted_is_told_to_who_held_it_before() -> None:
    """P-127: also when the customer moved in the same batch; what was made and deleted in it, to nobody who never had it."""
    made = state(CONTACT)
    give(made, EVE)
    made.bury(BY_RECORD[Contact], CONTACT.id, 2, SHOP)
    assert told(made, CONTACT) == [(Lane.now, ANN, Reason.deleted)]


def test_the_end_of_a_collaboration_takes_all_of_the_customer() -> None:
    """P-123: the collaboration itself was deleted, the rest moved away."""
    made = state(COLLABORATOR, CONTACT)
    made.bury(BY_RECORD[Collaborator], COLLABORATOR.id, 2, SHOP)
    assert told(made, CONTACT) == [(Lane.now, BO, Reason.moved)]
    assert told(made, COLLABORATOR) == [(Lane.now, ANN, Reason.deleted), (Lane.now, BO, Reason.deleted)]


def test_whatever_leaves_a_tile_has_left() -> None:
    """P-127: claimed, moved to another tile, or deleted."""
    claimed, moved, deleted = state(CARD), state(CARD), state(CARD)
    claimed.write(msgspec.structs.replace(CARD, pooled=False))
    moved.write(msgspec.structs.replace(CARD, tile=78))
    deleted.bury(BY_RECORD[PoolCard], CARD.id, 2, None)
    assert [(one.reader.tile, one.reason) for one in news(claimed)] == [(77, Reason.left)]
    assert [(one.reader.tile, one.reason) for one in news(moved)] == [(78, None), (77, Reason.left)]
    assert [(one.reader.tile, one.reason) for one in news(deleted)] == [(77, Reason.left)]
