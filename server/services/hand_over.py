"""A leaver's customers go to other users or into a pool: one transaction per customer, asked again until nothing is left (D-109)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.database import Database
from server.domain.ownership import may_hold
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services.act import act
from server.services.actors import disposer
from server.services.escalation import hand_items
from server.store import comings, families, load, reference
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import EndCollaboration, GiveToPool, HandedOver, HandOverRequest, Moved, Transfer
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_RECORD
from sync.state import State

CUSTOMERS_MAX: Final = 200
"""Customers that one request hands over; it says whether there are more."""
STANDING: Final = RECORD_TABLES["standing"]
COLLABORATOR: Final = RECORD_TABLES["collaborator"]


class Left(msgspec.Struct, frozen=True):
    """The customers and collaborations that a leaver still holds, in id order: at most CUSTOMERS_MAX + 1 of each.

    `owned_by`: the users among whom the customers are divided, and how many each owns; of a hand-over into a pool none.
    """

    owned: list[bytes]
    shared: list[bytes]
    owned_by: dict[bytes, int]


def left(conn: sa.Connection, claims: Claims, leaver_id: bytes, asked: HandOverRequest, now_ms: int) -> Left:
    """The customers and collaborations to hand over.

    Raises Problem(forbidden | not_found | out_of_scope | rule_broken).
    """
    acting = disposer(conn, claims, now_ms)
    if acting.role is not Role.admin and leaver_id not in acting.report_ids:
        raise Problem(Code.out_of_scope, "not a user of yours")
    if reference.find(conn, acting.org_id, Person, leaver_id) is None:
        raise Problem(Code.not_found, "there is no such user")
    takers = _takers(asked)
    if leaver_id in takers:
        raise Problem(Code.rule_broken, "a hand-over goes to another user", field="to_user_id" if asked.to_user_id else "to_user_ids")
    state = State()
    load.by_ids(conn, state, acting.org_id, BY_RECORD[Person], takers)
    for user_id in sorted(takers):
        may_hold(acting, state, user_id, "to_user_id" if asked.to_user_id else "to_user_ids")
    owned = sa.select(STANDING.c.id).where(STANDING.c.org_id == acting.org_id, STANDING.c.owner_id == leaver_id)
    shared = sa.select(COLLABORATOR.c.customer_id).where(COLLABORATOR.c.org_id == acting.org_id, COLLABORATOR.c.user_id == leaver_id)
    loads = {user_id: _owned(conn, acting.org_id, user_id) for user_id in takers}
    return Left(_first(conn, owned, STANDING.c.id), _first(conn, shared, COLLABORATOR.c.customer_id), loads)


def _takers(asked: HandOverRequest) -> set[bytes]:
    """The users who may get a customer. Raises Problem(rule_broken) unless one user, a list or a pool is named."""
    named = [one for one in (asked.to_user_id, asked.to_user_ids, asked.pool_by_fit or asked.pool_id) if one]
    if len(named) != 1:
        raise Problem(Code.rule_broken, "a hand-over names one user, a list of users, or a pool", field="to_user_id")
    return {*asked.to_user_ids, *((asked.to_user_id,) if asked.to_user_id is not None else ())}


def _owned(conn: sa.Connection, org_id: int, user_id: bytes) -> int:
    counted = sa.select(sa.func.count()).select_from(STANDING).where(STANDING.c.org_id == org_id, STANDING.c.owner_id == user_id)
    return conn.execute(counted).scalar_one()


async def all_of(database: Database, claims: Claims, leaver_id: bytes, asked: HandOverRequest, now_ms: int) -> HandedOver:
    """Hand the leaver's customers over, end the leaver's collaborations. Finished moves stay if a later customer fails.

    Raises Problem(forbidden | not_found | out_of_scope | rule_broken).
    """
    found = await database.read(left, claims, leaver_id, asked, now_ms)
    given: list[Moved | None] = []
    for customer_id in found.owned[:CUSTOMERS_MAX]:
        move = _move(customer_id, asked, found.owned_by)
        given.append(await database.write(give, claims, move, leaver_id, now_ms))
        if isinstance(move, Transfer) and given[-1] is not None:
            found.owned_by[move.to_user_id] += 1
    parted = [await database.write(part, claims, customer_id, leaver_id, now_ms) for customer_id in found.shared[:CUSTOMERS_MAX]]
    moved = Counter(kind for one in given if one is not None for kind, count in one.moved.items() for _ in range(count))
    customers, collaborations = sum(one is not None for one in given), sum(one is not None for one in parted)
    more = max(len(found.owned), len(found.shared)) > CUSTOMERS_MAX
    if not more:
        await database.write(hand_items, claims.org_id, leaver_id, now_ms)
    return HandedOver(customers=customers, collaborations=collaborations, moved=dict(moved), more=more)


def _move(customer_id: bytes, asked: HandOverRequest, owned_by: Mapping[bytes, int]) -> Transfer | GiveToPool:
    """The move of the next customer: into the pool, or to the user who owns the fewest."""
    if asked.pool_by_fit or asked.pool_id is not None:
        return GiveToPool(customer_id, asked.pool_id, None, asked.reason, asked.pool_by_fit)
    return Transfer(customer_id, min(owned_by, key=lambda user_id: (owned_by[user_id], user_id)), None, asked.reason)


def _first(conn: sa.Connection, found: sa.Select[*tuple[Any, ...]], order: sa.ColumnElement[bytes]) -> list[bytes]:
    return [bytes(row[0]) for row in conn.execute(found.order_by(order).limit(CUSTOMERS_MAX + 1))]


def give(conn: sa.Connection, claims: Claims, move: Transfer | GiveToPool, leaver_id: bytes, now_ms: int) -> Moved | None:
    """Hand one customer over; None when the leaver no longer owns it. A unit of its own: the next one cannot undo it.

    Raises Problem(forbidden | out_of_scope).
    """
    comings.lock(conn, claims.org_id)
    if isinstance(move, GiveToPool):
        named = {move.pool_id} if move.pool_id is not None else set()
        families.lock_pools(conn, claims.org_id, families.places(conn, claims.org_id) if move.pool_by_fit else named)
    owner = sa.select(STANDING.c.owner_id).where(STANDING.c.org_id == claims.org_id, STANDING.c.id == move.customer_id)
    if conn.execute(owner.with_for_update()).scalar_one_or_none() != leaver_id:
        return None
    return act(conn, claims, move, now_ms)  # type: ignore[no-any-return]


def part(conn: sa.Connection, claims: Claims, customer_id: bytes, leaver_id: bytes, now_ms: int) -> Moved | None:
    """End one collaboration of the leaver; None when it has ended.

    Raises Problem(forbidden | out_of_scope).
    """
    mine = (COLLABORATOR.c.org_id == claims.org_id, COLLABORATOR.c.customer_id == customer_id, COLLABORATOR.c.user_id == leaver_id)
    if conn.execute(sa.select(COLLABORATOR.c.id).where(*mine)).first() is None:
        return None
    return act(conn, claims, EndCollaboration(customer_id, leaver_id), now_ms)  # type: ignore[no-any-return]
