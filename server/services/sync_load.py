"""Load the state which a batch folds into: families locked in order, then one query per entity."""

from collections.abc import Sequence

import sqlalchemy as sa

from server.domain.quotes import counter_key
from server.store import families, load
from shared_schema.records.quote import QuoteLine
from shared_schema.registry import BY_NAME, EXTRA, Entity
from shared_schema.wire import Kind
from sync.fold import Sent
from sync.rules import Actor
from sync.state import State

INBOX = BY_NAME["inbox_item"]
LINE = BY_NAME["quote_line"]
QUOTE = BY_NAME["quote"]


def load_state(conn: sa.Connection, actor: Actor, batch: Sequence[Sent], rev_floor: int, now_ms: int) -> State:
    """Lock what the batch touches, then read it."""
    state = State(rev_floor)
    ids = families.named(batch)
    parents = families.parents(batch)
    customers = families.families(conn, actor.org_id, ids, parents["customer_id"])
    families.lock(conn, actor.org_id, customers)
    load.standings(conn, state, actor.org_id, customers)
    load.by_ids(conn, state, actor.org_id, BY_NAME["customer"], customers)
    load.former(conn, state, actor.org_id, actor.user_id, _not_held(state, actor, customers))
    for entity in sorted(ids, key=lambda entity: entity.number):
        if entity.name not in ("customer", "standing"):
            load.by_ids(conn, state, actor.org_id, entity, ids[entity])
    _quotes(conn, state, actor, ids, parents["quote_id"])
    if _needs_reference(batch):
        load.reference(conn, state, actor.org_id)
    if any(sent.mutation is not None and sent.mutation.entity == QUOTE.number and sent.mutation.kind == Kind.command for sent in batch):
        load.lock_counter(conn, state, actor.org_id, counter_key(now_ms, state.organisation.time_zone))
    load.open_items(conn, state, actor.org_id, actor.user_id, customers)
    load.tombstones(conn, state, actor, {(entity.number, one) for entity, found in ids.items() for one in found})
    return state


def _not_held(state: State, actor: Actor, customers: set[bytes]) -> set[bytes]:
    """Customers for which only the past can speak for the actor."""
    standings = {customer_id: state.standing(customer_id) for customer_id in customers}
    return {customer_id for customer_id, standing in standings.items() if standing is not None and standing.owner_id != actor.user_id}


def _quotes(conn: sa.Connection, state: State, actor: Actor, ids: dict[Entity, set[bytes]], named: set[bytes]) -> None:
    """Quotes of the lines in the batch, and every line of the quotes in it: totals are sums."""
    of_lines = {line.quote_id for line in (state.find(QuoteLine, one) for one in ids.get(LINE, ())) if line is not None}
    quotes = ids.get(QUOTE, set()) | named | of_lines
    load.by_ids(conn, state, actor.org_id, QUOTE, quotes - ids.get(QUOTE, set()))
    load.quote_lines(conn, state, actor.org_id, quotes)


def _needs_reference(batch: Sequence[Sent]) -> bool:
    """Quotes ask for the organisation's way of pricing; custom fields for their definitions."""
    numbers = {LINE.number, QUOTE.number}
    return any(
        sent.mutation is not None and (sent.mutation.entity in numbers or EXTRA.encode() in bytes(sent.mutation.body)) for sent in batch
    )
