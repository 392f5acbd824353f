"""The frame of every desk move of a customer: lock and read the whole family, then write and feed what changed (D-107)."""

from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa

from server.services import returns
from server.services.notices import tell
from server.store import comings, families, load
from server.store.write import save
from shared_schema.registry import BY_NUMBER
from sync.rules import Actor
from sync.state import State


def opened(conn: sa.Connection, org_id: int, customer_id: bytes, pool_ids: Collection[bytes] = ()) -> State:
    """Lock what comes, the pools that the customer enters and the family, then read every record of it: children are searched only
    after the lock."""
    comings.lock(conn, org_id)
    families.lock_pools(conn, org_id, pool_ids)
    families.lock(conn, org_id, {customer_id})
    state = State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, {customer_id})
    load.family(conn, state, org_id, {customer_id})
    return state


def finished(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> dict[str, int]:
    """Judge anew what waited for this, write and feed; how many records of each kind somebody gained, lost or sees changed."""
    state = returns.judged(conn, acting, state, now_ms)
    tell(conn, acting, state, now_ms)
    told = save(conn, state, acting, now_ms).seqs
    return dict(
        Counter(BY_NUMBER[number].name for number, record_id in sorted({place[1:] for place in told}) if (number, record_id) in state.held)
    )
