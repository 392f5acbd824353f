"""The holder's decision about an inbox item, and how an item goes up to a manager who decides in the holder's place (P-507, P-531 to
P-533)."""

import hashlib

import msgspec

from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, KeepTheirs, Member, SendUp
from sync.access import may_see
from sync.heard import Heard
from sync.inbox import ITEM, close, facing, facts_of, open_item
from sync.merge import read
from sync.rules import Actor, Holding, Moment, Rules, Turn
from sync.state import Held, State


def decide_item(turn: Turn, item_id: bytes, command: KeepTheirs | Dismiss | SendUp) -> InboxItem:
    """The holder's decision about an own item: the item closes, or goes up.

    Raises Problem(OUT_OF_SCOPE | STATE_WRONG | RULE_BROKEN).
    """
    item = open_item(turn.state, turn.actor, item_id)
    if isinstance(command, SendUp):
        return send(turn.state, turn.rules, item, turn.moment)
    return close(turn.state, item, ItemState.kept_theirs if isinstance(command, KeepTheirs) else ItemState.dismissed, turn.moment)


def send(state: State, rules: Rules, item: InboxItem, moment: Moment) -> InboxItem:
    """The holder's item, which is `sent` until the manager decides the copy that the manager now has.

    Raises Problem(RULE_BROKEN): there is no manager above the holder.
    """
    manager = manager_for(state, item)
    if manager is None:
        raise Problem(Code.rule_broken, "there is no manager above you who could decide this")
    gone_up = msgspec.structs.replace(item, rev=state.next_rev(item.rev), state=ItemState.sent)
    state.put(ITEM, Held(gone_up, {}))
    known = item.customer_id is not None and rules.holding(manager, state, item.customer_id) == Holding.holder
    handed = msgspec.structs.replace(
        item,
        id=hashlib.sha256(b"sent:" + item.id).digest()[:16],
        rev=state.next_rev(),
        holder_id=manager.user_id,
        line_no=0,  # no device line extends a card that is not its own
        created_ms=moment.now_ms,
        customer_id=item.customer_id if known else None,
        members=tuple(_shown(one, manager, state, rules) for one in item.members),
        earlier=tuple(_shown(one, manager, state, rules) for one in item.earlier),
        origin_id=item.id,
    )
    state.people[manager.user_id] = manager
    state.put(ITEM, Held(handed, {}))
    state.notices.append(Heard("handed", manager.user_id, handed.id, facts_of(state, handed, is_holder=known)))
    return gone_up


def manager_for(state: State, item: InboxItem) -> Actor | None:
    """The nearest manager above who has not had this item yet; None when there is none (P-531)."""
    had = set()
    at: InboxItem | None = item
    while at is not None and at.holder_id not in had:
        had.add(at.holder_id)
        at = state.find(InboxItem, at.origin_id) if at.origin_id is not None else None
    return next((one for one in state.above.get(item.holder_id, ()) if one.user_id not in had), None)


def _shown(one: Member, manager: Actor, state: State, rules: Rules) -> Member:
    """The author's values stay; the values that stand against them are read anew, and only if the manager may see the record."""
    held = state.held.get((one.entity, one.id))
    blank = msgspec.structs.replace(one, their_rev=0, their_user_id=None, before={}, theirs={})
    if held is None or not may_see(held.record, state, manager, rules):
        return blank
    printed = facing(one.kind, held, {**one.mine, **one.theirs})
    return msgspec.structs.replace(blank, their_rev=held.record.rev, theirs=read(held.record, printed))
