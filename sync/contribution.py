"""Late edits as children of the customer; the users who hold it now see them (P-510)."""

import hashlib
from collections.abc import Sequence

import msgspec

from shared_schema.problem import Code
from shared_schema.records.contribution import Contribution, ContributionState
from shared_schema.records.inbox import InboxItem, Member
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import Kind
from sync.access import customer_named, family_of
from sync.agreed.claims import SHOWN, is_offered
from sync.asked import asked_for
from sync.decode import WHOLE_KINDS
from sync.rules import Holding, Turn
from sync.state import Key, State

CONTRIBUTION = BY_RECORD[Contribution]


def contribution_id(item_id: bytes, customer_id: bytes) -> bytes:
    """Id of the contribution that mirrors an inbox item beside one customer; it does not reveal the item's id."""
    return hashlib.sha256(b"contribution:" + item_id + customer_id).digest()[:16]


def mirror(turn: Turn, item: InboxItem, entered: Sequence[Member], *, late: bool = False) -> None:
    """Put an entry that just joined a card as a contribution beside each customer that moved away from its author (P-510).

    A command is no edit: its author gives it anew, or does not. `late`: part of a group was refused for that, whatever its card says.
    """
    _offer(turn, item, entered)
    if not (late or _of_moved(item)):
        return
    state = turn.state
    edits = [(_customer_of(state, item, one), one) for one in entered if one.kind != Kind.command]
    for customer_id in sorted({found for found, _ in edits if found is not None}):
        known = state.find(Contribution, contribution_id(item.id, customer_id))
        still_waits = (
            known is not None and known.state == ContributionState.open
        )  # an entry that joins the card after the customer came back
        if still_waits or turn.rules.holding(turn.actor, state, customer_id) == Holding.former:
            _put_beside(turn, item, customer_id, [one for found, one in edits if found == customer_id])


def _offer(turn: Turn, item: InboxItem, entered: Sequence[Member]) -> None:
    """Offer what a user was told or did at a customer to the user who won it, if the claim on this card was lost to somebody (P-513)."""
    customer_id, state = asked_for(item), turn.state
    standing = state.standing(customer_id) if customer_id is not None else None
    if customer_id is None or standing is None or standing.owner_id is None or item.origin_id is not None:
        return
    facts = [one for one in entered if is_offered(entries(item), one) and _customer_of(state, item, one) == customer_id]
    if facts and turn.rules.holding(turn.actor, state, customer_id) == Holding.none:
        _put_beside(turn, item, customer_id, facts)


def _put_beside(turn: Turn, item: InboxItem, customer_id: bytes, edits: Sequence[Member]) -> None:
    known = turn.state.find(Contribution, contribution_id(item.id, customer_id))
    members = (*(known.members if known is not None else ()), *map(_bare, edits))
    turn.state.write(
        Contribution(
            contribution_id(item.id, customer_id), 0, customer_id, item.holder_id, ContributionState.open, item.created_ms, members
        )
    )


def entries(item: InboxItem) -> tuple[Member, ...]:
    """All that waits in a card, oldest first."""
    return (*item.earlier, *item.members)


def concerned(state: State, item: InboxItem) -> bytes | None:
    """The one customer of all entries that wait in a card, if the card speaks of it wherever it names one; else None."""
    found = {_customer_of(state, item, one) for one in entries(item)} | ({item.customer_id} if item.customer_id is not None else set())
    return found.pop() if len(found) == 1 else None


def _of_moved(item: InboxItem) -> bool:
    """A card that was sent up bears another user's entries: its holder decides, nothing happens by itself."""
    return item.code == Code.moved.word and item.customer_id is not None and item.origin_id is None


def _bare(one: Member) -> Member:
    return msgspec.structs.replace(one, their_rev=0, their_user_id=None, before={}, theirs={})


def _customer_of(state: State, item: InboxItem, one: Member) -> bytes | None:
    """The customer which an entry concerns, by its record, its tombstone or its creation, also a parked one; None when nobody knows."""
    entity, key = BY_NUMBER.get(one.entity), (one.entity, one.id)
    if entity is None:
        return None
    held = state.held.get(key)
    if entity.number in SHOWN:
        return one.id
    if held is not None:
        return family_of(entity, held.record)
    making = (each for each in _beside(state, item, key) if each.kind in WHOLE_KINDS and (each.entity, each.id) == key)
    made = (customer_named(each.entity, each.mine) for each in making)
    return state.tombstone_customers.get(key) or next(made, None)


def _beside(state: State, item: InboxItem, key: Key) -> list[Member]:
    """The entries that wait in a card, and those in cards of the same author in which the creation of a record waits."""
    creating = [state.open_items[one] for one in sorted(state.parked_creates.get((item.holder_id, key), ()))]
    return [one for card in (item, *creating) for one in entries(card)]
