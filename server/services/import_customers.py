"""Take customers over from elsewhere: each with its contacts, its owner and its standing, in one transaction."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from server.domain import customers, positions
from server.domain.desk import write
from server.domain.tokens import Claims
from server.services import actors, returns
from server.services.notices import tell
from server.store import comings, load
from server.store.hot import ByKey
from server.store.identity import PERSON
from server.store.write import publish, save_records
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Contact, Customer, Standing
from shared_schema.registry import BY_RECORD
from sync.state import State

CUSTOMERS_MAX = 1_000
ACTIVE = ByKey(PERSON, ("id",), ("id",), when="active")


class Import(msgspec.Struct, frozen=True):
    """One customer with new ids; the `rev` given does not count."""

    customer: Customer
    owner_id: bytes
    contacts: tuple[Contact, ...] = ()


def import_customers(conn: sa.Connection, claims: Claims, asked: Sequence[Import], now_ms: int) -> int:
    """Insert customers with standings (epoch 1), ownership events and contacts, and feed them to their owners → how many.

    All or nothing. A customer whose id exists was imported before and is left as it stands, so asking again does no harm.
    Raises Problem(forbidden | rule_broken).
    """
    acting = actors.admin(conn, claims, now_ms)
    comings.lock(conn, acting.org_id)
    _judge(conn, acting.org_id, asked)
    known = State(load.rev_floor(conn, acting.org_id))
    load.by_ids(conn, known, acting.org_id, BY_RECORD[Standing], {one.customer.id for one in asked})
    state = State(known.rev_floor)
    new = [one for one in asked if known.standing(one.customer.id) is None]
    for one in new:
        _take(state, one, now_ms)
    state = returns.judged(conn, acting, state, now_ms)
    tell(conn, acting, state, now_ms)
    save_records(conn, acting, state, now_ms)
    publish(conn, acting.org_id, state, now_ms)
    return len(new)


def _judge(conn: sa.Connection, org_id: int, asked: Sequence[Import]) -> None:
    if len(asked) > CUSTOMERS_MAX:
        raise Problem(Code.rule_broken, f"at most {CUSTOMERS_MAX} customers at once")
    owners = {one.owner_id for one in asked}
    if owners - {bytes(row.id) for row in ACTIVE.run(conn, org_id, owners)}:
        raise Problem(Code.rule_broken, "an owner is no active user of this organisation", field="owner_id")
    for one in asked:
        customers.guard(State(), one.customer)
        if any(contact.customer_id != one.customer.id for contact in one.contacts):
            raise Problem(Code.rule_broken, "a contact belongs to the customer it comes with", field="customer_id")


def _take(state: State, one: Import, now_ms: int) -> None:
    """First versions, written by nobody's device."""
    customer = positions.placed(one.customer)
    standing = Standing(one.customer.id, 0, owner_id=one.owner_id, epoch=1, owned_since_ms=now_ms)
    write(state, (customer, standing, *one.contacts))
