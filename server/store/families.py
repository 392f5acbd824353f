"""The family is the lock: which customers a batch touches, and their rows locked in id order (docs/architecture.md, locks)."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from server.models import RECORD_TABLES, tombstone
from server.store.convert import known
from server.store.hot import ByKey
from shared_schema.entity import Entity
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_NUMBER, BY_RECORD, CARD, ENTITIES, PLACE, TILES
from shared_schema.wire import Kind, Mutation
from sync import awaited
from sync.access import customer_named
from sync.decode import FIELD_MAP
from sync.fold import Sent

FAMILIES = ByKey(RECORD_TABLES["standing"], ("id",), ("id",), lock="FOR UPDATE")
POOLS = ByKey(RECORD_TABLES[PLACE.name], ("id",), ("id",), lock="FOR SHARE")
INSIDE = ByKey(RECORD_TABLES[CARD.name], (TILES.pool,), ("id",), when=TILES.shown)
DELETED = ByKey(tombstone, ("entity", "id"), ("customer_id",), when="customer_id IS NOT NULL")
ID_BYTES: Final = 16
HEAD: Final = BY_RECORD[Customer]
HEADS: Final = frozenset(entity for entity in ENTITIES if entity.about == "id")
"""Entities whose id is the customer's."""
OWN_LOCKS: Final = tuple(entity for entity in ENTITIES if entity.is_own_lock)
"""Entities whose rows are locked one by one, after the families, in this order."""


def named(batch: Iterable[Sent]) -> dict[Entity, set[bytes]]:
    """The records that the entries of a batch are about, by entity."""
    found: dict[Entity, set[bytes]] = {}
    for sent in batch:
        entity = BY_NUMBER.get(sent.mutation.entity) if sent.mutation else None
        if entity is not None and sent.mutation is not None:
            found.setdefault(entity, set()).add(sent.mutation.id)
    return found


def parents(batch: Iterable[Sent]) -> dict[Entity, set[bytes]]:
    """The records which the entries name as needed by theirs, by entity, and the customers that these are about. Read loosely, also from
    entries that cannot be understood: their cards say at which customer they wait."""
    found: dict[Entity, set[bytes]] = {}
    for mutation in (one.mutation for one in batch if one.mutation is not None):
        given = fields(mutation)
        about = customer_named(mutation.entity, given)
        for number, record_id in (*awaited.parents(mutation.entity, given), *([(HEAD.number, about)] if about is not None else [])):
            if len(record_id) == ID_BYTES:
                found.setdefault(BY_NUMBER[number], set()).add(record_id)
    return found


def fields(mutation: Mutation) -> dict[str, Any]:
    """A body read loosely: a wrong one is refused later, alone."""
    try:
        return FIELD_MAP.decode(mutation.body)
    except (ValueError, RecursionError):
        return {}


def families(conn: sa.Connection, org_id: int, ids: dict[Entity, set[bytes]], customers: Collection[bytes]) -> set[bytes]:
    """Customers whose families these records belong to: one query per entity that is a child."""
    found = set(customers)
    for entity, record_ids in ids.items():
        if entity in HEADS:
            found |= record_ids
        elif entity.about is not None:
            found |= customers_of(conn, org_id, entity, record_ids)
    return found


def customers_of(conn: sa.Connection, org_id: int, entity: Entity, record_ids: Collection[bytes]) -> set[bytes]:
    """The customers of known records."""
    return {bytes(row[0]) for row in _customers(entity).run(conn, org_id, record_ids)}


def of_deleted(conn: sa.Connection, org_id: int, batch: Iterable[Sent]) -> set[bytes]:
    """The customers of deleted records that an atomic group still changes: if it waits, it stands beside them too (P-510)."""
    grouped = (one.mutation for one in batch if one.mutation is not None and one.mutation.group.count > 1)
    keys = {(one.entity, one.id) for one in grouped if one.kind not in (Kind.create, Kind.command)}
    return {bytes(row.customer_id) for row in DELETED.run(conn, org_id, known(keys))}


def lock(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes]) -> set[bytes]:
    """Lock families in id order; those that are locked. Values are read by a later statement: this one may have waited.

    A customer that was not there to be locked may come before that statement: code that must hold the family reads only locked ones.
    """
    if conn.dialect.name != "postgresql":  # SQLite has one writer: BEGIN IMMEDIATE holds everything
        return set(customer_ids)
    return {bytes(row.id) for row in FAMILIES.run(conn, org_id, customer_ids)}


def lock_pools(conn: sa.Connection, org_id: int, pool_ids: Collection[bytes]) -> None:
    """Lock, shared and before any family, the pools that customers enter: the hidden fields of a pool change when no customer is on the way
    in.

    A writer that changes a pool locks the pool, then the families in it: this order or deadlocks.
    """
    if conn.dialect.name == "postgresql":
        POOLS.run(conn, org_id, pool_ids)


def places(conn: sa.Connection, org_id: int) -> set[bytes]:
    """The ids of all pools of an organisation."""
    table = RECORD_TABLES[PLACE.name]
    return {bytes(row.id) for row in conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id))}


def lock_places(conn: sa.Connection, org_id: int, place_ids: Collection[bytes]) -> set[bytes]:
    """Lock pools that change, before any family → the customers who stand in them: nobody is on the way in now."""
    lock_rows(conn, org_id, PLACE, place_ids)
    return {bytes(row.id) for row in INSIDE.run(conn, org_id, place_ids)}


def lock_rows(conn: sa.Connection, org_id: int, entity: Entity, record_ids: Collection[bytes]) -> None:
    """Lock records that are their own (`Entity.is_own_lock`), after the families, in id order; they are read by a later statement."""
    if conn.dialect.name == "postgresql":
        _rows(entity).run(conn, org_id, record_ids)


@cache
def _rows(entity: Entity) -> ByKey:
    return ByKey(RECORD_TABLES[entity.name], ("id",), ("id",), lock="FOR UPDATE")


@cache
def _customers(entity: Entity) -> ByKey:
    """The column which names the customer that a record is about."""
    return ByKey(RECORD_TABLES[entity.name], ("id",), (str(entity.about),), when=f"{entity.about} IS NOT NULL")
