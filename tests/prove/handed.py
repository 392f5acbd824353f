"""Cards that were sent up (37): each stands with a manager above its author, says nothing that he may not see, and closes with its origin.
Raises Break."""

from collections import Counter
from typing import Final

from shared_schema.records.inbox import InboxItem, ItemState
from tests.prove.rights import customer_of, follows
from tests.prove.store import Store
from tests.prove.watch import INBOX, Turn, need

SENT: Final = "37 sent up and back"


def push_holds(turn: Turn, counts: Counter[str]) -> None:
    """Judge the cards that came up in this request."""
    for key in turn.after.records.keys() - turn.before.records.keys():
        item = turn.after.records[key].record
        if isinstance(item, InboxItem) and item.origin_id is not None:
            counts[SENT] += 1
            came_up(turn, item)


def came_up(turn: Turn, item: InboxItem) -> None:
    """A card goes to a manager whom its author reports to, whole; of records that he may not see it prints nothing.

    The author may have given the customer away later in the same request, or have held it only for that moment.
    """
    store, holder = turn.after, turn.after.users[item.holder_id]
    origin = store.records[INBOX, item.origin_id or b""].record
    assert isinstance(origin, InboxItem)
    need(origin.holder_id in holder.report_ids, SENT, "a card went to somebody who is not above its author")
    entered = [[(one.n, one.kind, one.entity, one.id, one.mine) for one in (*card.earlier, *card.members)] for card in (origin, item)]
    need(entered[0] == entered[1], SENT, "a card lost something on its way up")
    need(item.customer_id in (None, origin.customer_id), SENT, "a card came up with another customer")
    for one in (*item.earlier, *item.members):
        customer_id = customer_of(turn, (one.entity, one.id))
        people = {holder.id, *holder.report_ids}
        between = any(one.customer_id == customer_id and one.owner_id in people for one in store.events[len(turn.before.events) :])
        seen = customer_id is None or between or follows(store, holder, customer_id) or follows(turn.before, holder, customer_id)
        need(seen or not one.theirs, SENT, f"the card of n {one.n} prints a record which the manager may not see")


def judge(store: Store, counts: Counter[str]) -> None:
    """A card that was sent up is open above, or closed like the one above."""
    above = {item.origin_id: item for item in _items(store) if item.origin_id is not None}
    for item in _items(store):
        if item.state == ItemState.sent or item.id in above:
            upper = above.get(item.id)
            need(upper is not None, SENT, "a card was sent up and nobody has it")
            assert upper is not None
            wanted = ItemState.sent if upper.state in (ItemState.open, ItemState.sent) else upper.state
            need(item.state == wanted, SENT, f"a card is {item.state.name}, and above it {upper.state.name}")
            counts["37 decided above"] += upper.state not in (ItemState.open, ItemState.sent)


def _items(store: Store) -> list[InboxItem]:
    return [held.record for held in store.records.values() if isinstance(held.record, InboxItem)]
