"""Pools of an organisation: made and changed by the desk; which of them a user is a member of."""

from collections.abc import Iterable

import sqlalchemy as sa

from server import chance
from server.domain import pools
from server.domain.tokens import Claims
from server.services import actors, keep
from server.store import load, reference
from server.store.write import save as save_state
from shared_schema.policy import Lane
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.pool import HIDEABLE, Pool, PoolCard, PoolRequest
from shared_schema.records.reference import Department
from sync.rules import Actor
from sync.scope import Reader
from sync.state import State


def save(conn: sa.Connection, claims: Claims, asked: PoolRequest, now_ms: int) -> Pool:
    """Make or change a pool. What it hides goes from every card in the same transaction (D-123).

    Raises Problem(forbidden | rule_broken).
    """
    acting = actors.admin(conn, claims, now_ms)
    wrong = sorted(set(asked.hidden) - set(HIDEABLE))
    if wrong:
        raise Problem(Code.rule_broken, f"a card has no field {wrong[0]}; it hides {', '.join(HIDEABLE)}", field="hidden")
    if asked.department_id is not None and reference.find(conn, acting.org_id, Department, asked.department_id) is None:
        raise Problem(Code.rule_broken, "there is no such department", field="department_id")
    pool_id = asked.id if asked.id is not None else chance.new_id()
    hidden = tuple(field for field in HIDEABLE if field in asked.hidden)
    pool, state = Pool(pool_id, 0, asked.name, asked.department_id, hidden, asked.active), State(load.rev_floor(conn, acting.org_id))
    keep.lock(conn, acting.org_id, state, (pool,))
    stored = state.keep(pool)
    load.pooled(conn, state, acting.org_id, pool_id)
    _mask_anew(state, pool)
    save_state(conn, state, acting, now_ms)
    return stored


def _mask_anew(state: State, pool: Pool) -> None:
    """Every card as the pool shows it now. A customer that went to another pool before its family was locked has that one's card."""
    for held in list(state.held.values()):
        known = held.record
        if isinstance(known, PoolCard) and known.pooled and known.pool_id == pool.id:
            customer, standing = state.find(Customer, known.id), state.standing(known.id)
            if customer is not None and standing is not None:
                fresh = pools.card(customer, standing, pool, known.pooled_ms)
                if pools.differs(known, fresh):
                    state.write(fresh)


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
    parents = pools.parents_of(state)
    return sorted(pool.id for pool in found if (pool.active or pool.id in left) and pools.is_member(pool, acting, parents))
