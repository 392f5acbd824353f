"""Customers that somebody asked for in vain: the refused claim's card, and what its author entered about the customer (P-513)."""

from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import InboxItem
from sync.access import customer_named
from sync.agreed.claims import SHOWN, is_asking
from sync.decode import WHOLE_KINDS, Intent
from sync.rules import Actor
from sync.state import WHOLE, State


def asks(intent: Intent | Problem) -> bool:
    """The same of an entry by its bytes."""
    return isinstance(intent, Intent) and intent.command is not None and intent.entity.number in SHOWN


def asked_for(item: InboxItem) -> bytes | None:
    """The one customer that entries of a card ask for; None: they ask for none, for several, or the server failed on them."""
    asked = {one.id for one in (*item.earlier, *item.members) if is_asking(one)}
    return asked.pop() if len(asked) == 1 and item.code != Code.server_error.word else None


def refused_claim(state: State, actor: Actor, intent: Intent) -> InboxItem | None:
    """The newest open card, of this device line, on which the claim of the customer waits at which this entry makes a record."""
    if intent.mutation.kind not in WHOLE_KINDS:
        return None
    customer_id = customer_named(intent.entity.number, intent.values.get(WHOLE, {}))
    cards = (item for item in state.open_items.values() if item.holder_id == actor.user_id and item.line_no == actor.line_no)
    found = [item for item in cards if item.origin_id is None and customer_id is not None and asked_for(item) == customer_id]
    return max(found, key=lambda item: (item.created_ms, item.members[0].n, item.id), default=None)
