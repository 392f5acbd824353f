"""Loading what a batch touches: one query per entity, after the locks."""

from collections.abc import Collection
from functools import cache

import sqlalchemy as sa

from server.database import DialectName
from server.models import RECORD_TABLES, counter, org, ownership_event, tombstone
from server.store import hot
from server.store.convert import columns, from_row, is_register, statements
from server.store.hot import Hot
from server.store.identity import next_number
from server.store.visible import visible_to
from shared_schema.records.customer import Collaborator
from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import FieldDefinition, Organisation
from shared_schema.registry import BY_NAME, Entity
from sync.rules import Actor
from sync.state import STAMPS_DECODER, WHOLE, Held, Key, Stamp, State

INBOX = RECORD_TABLES["inbox_item"]
ITEM = BY_NAME["inbox_item"]
RECORDS_MAX = 1_000
"""Open inbox items, and custom field definitions, that one batch looks at."""


def dialect_of(conn: sa.Connection) -> DialectName:
    """The engine of a connection."""
    return "sqlite" if conn.dialect.name == "sqlite" else "postgresql"


def rev_floor(conn: sa.Connection, org_id: int) -> int:
    """Revs at or below the floor were issued before a restore."""
    return int(conn.execute(sa.select(org.c.rev_floor).where(org.c.org_id == org_id)).scalar_one())


def records(conn: sa.Connection, state: State, org_id: int, entity: Entity, where: sa.ColumnElement[bool]) -> None:
    """Load records of one entity by any condition, RECORDS_MAX at most."""
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:]))
    for row in conn.execute(chosen.where(table.c.org_id == org_id, where).order_by(table.c.id.desc()).limit(RECORDS_MAX)):
        state.load(entity, held(entity, tuple(row)))


def among(conn: sa.Connection, state: State, org_id: int, search: tuple[Entity, str], ids: Collection[bytes]) -> None:
    """Load records whose (entity, column) is among these ids, by the hot statement."""
    if ids:
        entity, column = search
        statement, values = statements(entity, dialect_of(conn)).select(column, org_id, sorted(ids))
        for row in conn.exec_driver_sql(statement, values):
            state.load(entity, held(entity, tuple(row)))


def held(entity: Entity, row: tuple[object, ...]) -> Held:
    """A record with its stamps, from a row that starts at `id`."""
    record = from_row(entity, row)
    packed = row[len(entity.slots)] if is_register(entity) else None
    stamps = STAMPS_DECODER.decode(packed) if isinstance(packed, bytes) else {WHOLE: Stamp(record.rev, 0, 0)}
    return Held(record, stamps)


def by_ids(conn: sa.Connection, state: State, org_id: int, entity: Entity, ids: Collection[bytes]) -> None:
    """Load records by id."""
    among(conn, state, org_id, (entity, "id"), ids)


def standings(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> None:
    """Load who holds these customers: owners and collaborators."""
    by_ids(conn, state, org_id, BY_NAME["standing"], customer_ids)
    among(conn, state, org_id, (BY_NAME["collaborator"], "customer_id"), customer_ids)
    index_collaborators(state)


def index_collaborators(state: State) -> None:
    """Collaborators by customer, from the records held."""
    found: dict[bytes, set[bytes]] = {}
    for one in state.held.values():
        if isinstance(one.record, Collaborator):
            found.setdefault(one.record.customer_id, set()).add(one.record.user_id)
    state.collaborators = {customer_id: frozenset(users) for customer_id, users in found.items()}


def quote_lines(conn: sa.Connection, state: State, org_id: int, quote_ids: Collection[bytes]) -> None:
    """Load every line of these quotes."""
    among(conn, state, org_id, (BY_NAME["quote_line"], "quote_id"), quote_ids)


def open_items(conn: sa.Connection, state: State, org_id: int, holder_id: bytes, customer_ids: Collection[bytes]) -> None:
    """Load the open inbox items of the actor, and of anybody on these customers."""
    listed = hot.listed("customer", customer_ids)
    for row in _open_items(len(listed)).run(conn, key_org=org_id, key_holder=holder_id, **listed):
        state.load(ITEM, held(ITEM, tuple(row)))


@cache
def _open_items(customers: int) -> Hot:
    """Open items of a holder and on so many customers, the newest RECORDS_MAX at most."""
    whose = INBOX.c.holder_id == sa.bindparam("key_holder", type_=sa.LargeBinary)
    whose = sa.or_(whose, hot.among(INBOX.c.customer_id, "customer", customers))
    mine = (INBOX.c.org_id == sa.bindparam("key_org", type_=sa.BigInteger), INBOX.c.state == int(ItemState.open))
    chosen = sa.select(*(INBOX.c[name] for name in columns(ITEM)[1:])).where(*mine, whose)
    return Hot(chosen.order_by(INBOX.c.id.desc()).limit(RECORDS_MAX))


def tombstones(conn: sa.Connection, state: State, acting: Actor, keys: Collection[Key]) -> None:
    """Load the tombstones of what was named and not found, and mark those of customers the actor does not hold."""
    missing = {key for key in keys if key not in state.held}
    if not missing:
        return
    ids = sorted({record_id for _, record_id in missing})
    visible = visible_to(acting, tombstone.c.customer_id).label("visible")
    chosen = sa.select(tombstone.c.entity, tombstone.c.id, tombstone.c.rev, visible)
    for row in conn.execute(chosen.where(tombstone.c.org_id == acting.org_id, tombstone.c.id.in_(ids))):
        if (row.entity, row.id) in missing:
            state.tombstones[row.entity, row.id] = row.rev
            if not row.visible:
                state.foreign_tombstones.add((row.entity, row.id))


def former(conn: sa.Connection, state: State, org_id: int, user_id: bytes, customer_ids: Collection[bytes]) -> None:
    """Which of these customers the user once held, by ownership events."""
    if customer_ids:
        where = (
            ownership_event.c.org_id == org_id,
            ownership_event.c.customer_id.in_(sorted(customer_ids)),
            ownership_event.c.owner_id == user_id,
        )
        state.former = frozenset(conn.execute(sa.select(ownership_event.c.customer_id).where(*where)).scalars())


def reference(conn: sa.Connection, state: State, org_id: int) -> None:
    """Load the organisation's profile and its custom field definitions."""
    for name in ("organisation", "field_definition"):
        records(conn, state, org_id, BY_NAME[name], sa.true())
    for one in state.held.values():
        if isinstance(one.record, FieldDefinition):
            state.definitions[one.record.entity, one.record.key] = one.record
        elif isinstance(one.record, Organisation):
            state.organisation = one.record


def lock_counter(conn: sa.Connection, state: State, org_id: int, key: str) -> None:
    """Lock a counter, made when missing, and load its value."""
    state.counters[key] = next_number(conn, org_id, key, 0) - 1  # it names the next number to hand out


def save_counter(conn: sa.Connection, org_id: int, key: str, value: int) -> None:
    """Write back a counter that the fold moved."""
    conn.execute(sa.update(counter).where(counter.c.org_id == org_id, counter.c.key == key).values(value=value))
