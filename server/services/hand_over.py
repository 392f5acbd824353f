"""A leaver's customers go to somebody else: one transaction per customer, asked again until nothing is left (D-109)."""

from collections import Counter
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
from server.store import comings, load, reference
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import EndCollaboration, HandedOver, HandOverRequest, Moved, Transfer
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_RECORD
from sync.state import State

CUSTOMERS_MAX: Final = 200
"""Customers that one request hands over; it says whether there are more."""
STANDING: Final = RECORD_TABLES["standing"]
COLLABORATOR: Final = RECORD_TABLES["collaborator"]


class Left(msgspec.Struct, frozen=True):
    """The customers and collaborations that a leaver still holds, in id order: at most CUSTOMERS_MAX + 1 of each."""

    owned: list[bytes]
    shared: list[bytes]


def left(conn: sa.Connection, claims: Claims, leaver_id: bytes, to_user_id: bytes, now_ms: int) -> Left:
    """The customers and collaborations to hand over.

    Raises Problem(forbidden | not_found | out_of_scope | rule_broken).
    """
    acting = disposer(conn, claims, now_ms)
    if acting.role is not Role.admin and leaver_id not in acting.report_ids:
        raise Problem(Code.out_of_scope, "not a user of yours")
    if reference.find(conn, acting.org_id, Person, leaver_id) is None:
        raise Problem(Code.not_found, "there is no such user")
    if leaver_id == to_user_id:
        raise Problem(Code.rule_broken, "a hand-over goes to another user", field="to_user_id")
    state = State()
    load.by_ids(conn, state, acting.org_id, BY_RECORD[Person], {to_user_id})
    may_hold(acting, state, to_user_id, "to_user_id")
    owned = sa.select(STANDING.c.id).where(STANDING.c.org_id == acting.org_id, STANDING.c.owner_id == leaver_id)
    shared = sa.select(COLLABORATOR.c.customer_id).where(COLLABORATOR.c.org_id == acting.org_id, COLLABORATOR.c.user_id == leaver_id)
    return Left(_first(conn, owned, STANDING.c.id), _first(conn, shared, COLLABORATOR.c.customer_id))


async def all_of(database: Database, claims: Claims, leaver_id: bytes, asked: HandOverRequest, now_ms: int) -> HandedOver:
    """Give the leaver's customers to another user, end the leaver's collaborations. Finished moves stay if a later customer fails.

    Raises Problem(forbidden | not_found | out_of_scope | rule_broken).
    """
    found = await database.read(left, claims, leaver_id, asked.to_user_id, now_ms)
    given: list[Moved | None] = []
    for customer_id in found.owned[:CUSTOMERS_MAX]:
        move = Transfer(customer_id, asked.to_user_id, None, asked.reason)
        given.append(await database.write(give, claims, move, leaver_id, now_ms))
    parted = [await database.write(part, claims, customer_id, leaver_id, now_ms) for customer_id in found.shared[:CUSTOMERS_MAX]]
    moved = Counter(kind for one in given if one is not None for kind, count in one.moved.items() for _ in range(count))
    customers, collaborations = sum(one is not None for one in given), sum(one is not None for one in parted)
    more = max(len(found.owned), len(found.shared)) > CUSTOMERS_MAX
    if not more:
        await database.write(hand_items, claims.org_id, leaver_id, now_ms)
    return HandedOver(customers=customers, collaborations=collaborations, moved=dict(moved), more=more)


def _first(conn: sa.Connection, found: sa.Select[*tuple[Any, ...]], order: sa.ColumnElement[bytes]) -> list[bytes]:
    return [bytes(row[0]) for row in conn.execute(found.order_by(order).limit(CUSTOMERS_MAX + 1))]


def give(conn: sa.Connection, claims: Claims, move: Transfer, leaver_id: bytes, now_ms: int) -> Moved | None:
    """Hand one customer over; None when the leaver no longer owns it. A unit of its own: the next one cannot undo it.

    Raises Problem(forbidden | out_of_scope).
    """
    comings.lock(conn, claims.org_id)
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
