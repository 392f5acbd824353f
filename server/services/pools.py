"""Pools of an organisation: made and changed by the desk; which of them a user is a member of."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.domain import pools
from server.domain.departments import parents_of
from server.store import load
from shared_schema.policy import Lane
from shared_schema.records.pool import Pool
from sync.rules import Actor
from sync.scope import Reader
from sync.state import State


def readers(conn: sa.Connection, acting: Actor, tiles: Iterable[int]) -> dict[int, list[Reader]]:
    """The tiles that this actor may hold, of every pool of which he is a member, in the order in which he named them (P-126)."""
    named = dict.fromkeys(tiles)
    member_of = of_member(conn, acting) if named else []
    return {tile: [Reader(Lane.tile, pool_id, tile) for pool_id in member_of] for tile in named}


def of_member(conn: sa.Connection, acting: Actor) -> list[bytes]:
    """Pools of which the actor is a member, in id order: those in use, and others as long as a customer is left in them (D-127)."""
    state = State()
    load.pools(conn, state, acting.org_id)
    found = [one.record for one in state.held.values() if isinstance(one.record, Pool)]
    left = load.not_empty(conn, acting.org_id, [pool.id for pool in found if not pool.active])
    parents = parents_of(state)
    return sorted(pool.id for pool in found if (pool.active or pool.id in left) and pools.is_member(pool, acting, parents))
