"""The family is the lock: which customers a batch touches, and their rows locked in id order (docs/architecture.md, locks)."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from server.models import RECORD_TABLES, tombstone
from server.store.hot import ByKey
from shared_schema.registry import BY_NAME, BY_NUMBER, Entity
from shared_schema.wire import Kind, Mutation
from sync.decode import FIELD_MAP
from sync.fold import Sent

FAMILIES = ByKey(RECORD_TABLES["standing"], ("id",), ("id",), lock="FOR UPDATE")
POOLS = ByKey(RECORD_TABLES["pool"], ("id",), ("id",), lock="FOR SHARE")
DELETED = ByKey(tombstone, ("entity", "id"), ("customer_id",), when="customer_id IS NOT NULL")
SAMPLE_ENTRY = BY_NAME["sample_entry"].number
HEADS = ("customer", "standing", "pool_card")
"""Entities whose id is the customer's."""


def named(batch: Iterable[Sent]) -> dict[Entity, set[bytes]]:
    """Record ids which the batch names, by entity."""
    found: dict[Entity, set[bytes]] = {}
    for sent in batch:
        entity = BY_NUMBER.get(sent.mutation.entity) if sent.mutation else None
        if entity is not None and sent.mutation is not None:
            found.setdefault(entity, set()).add(sent.mutation.id)
            if sent.mutation.kind == Kind.command:
                found.setdefault(BY_NAME["quote"], set()).update(new_quotes(sent))
    return {entity: record_ids for entity, record_ids in found.items() if record_ids}


def new_quotes(sent: Sent) -> set[bytes]:
    """The id which a command gives to a new quote."""
    value = fields(sent.mutation).get("new_id") if sent.mutation is not None else None
    return {value} if isinstance(value, bytes) and len(value) == 16 else set()


def commanded(batch: Iterable[Sent], *tags: bytes) -> dict[Entity, set[bytes]]:
    """Record ids on which the batch gives a command of one of these names, by entity; read loosely, as everything before the fold."""
    given = [one.mutation for one in batch if one.mutation is not None and one.mutation.kind == Kind.command]
    found: dict[Entity, set[bytes]] = {}
    for mutation in given:
        if mutation.entity in BY_NUMBER and any(tag in bytes(mutation.body) for tag in tags):
            found.setdefault(BY_NUMBER[mutation.entity], set()).add(mutation.id)
    return found


def parents(batch: Iterable[Sent]) -> dict[str, set[bytes]]:
    """Parents which creates name: slot (`customer_id`, `quote_id`, `amends_id`) → ids."""
    found: dict[str, set[bytes]] = {"customer_id": set(), "quote_id": set(), "amends_id": set()}
    for sent in batch:
        given = fields(sent.mutation) if sent.mutation is not None else {}
        for slot, ids in found.items():
            value = given.get(slot)
            if isinstance(value, bytes) and len(value) == 16:
                ids.add(value)
    return found


def ledger_places(batch: Iterable[Sent]) -> set[tuple[bytes, bytes]]:
    """(customer, product) of the sample entries in the batch."""
    bodies = (fields(sent.mutation) for sent in batch if sent.mutation is not None and sent.mutation.entity == SAMPLE_ENTRY)
    places = ((given.get("customer_id"), given.get("product_id")) for given in bodies)
    return {(customer, product) for customer, product in places if isinstance(customer, bytes) and isinstance(product, bytes)}


def pools_entered(batch: Iterable[Sent]) -> set[bytes]:
    """Pools that commands of the batch name."""
    given = (fields(one.mutation) for one in batch if one.mutation is not None and one.mutation.kind == Kind.command)
    return {one["pool_id"] for one in given if isinstance(one.get("pool_id"), bytes)}


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
        if entity.name in HEADS:
            found |= record_ids
        elif "customer_id" in entity.slots:
            found |= customers_of(conn, org_id, entity, record_ids)
    return found


def customers_of(conn: sa.Connection, org_id: int, entity: Entity, record_ids: Collection[bytes]) -> set[bytes]:
    """The customers of known records."""
    return {bytes(row.customer_id) for row in _customers(entity).run(conn, org_id, record_ids)}


def of_deleted(conn: sa.Connection, org_id: int, batch: Iterable[Sent]) -> set[bytes]:
    """The customers of deleted records that an atomic group still changes: if it waits, it stands beside them too (P-510)."""
    grouped = (one.mutation for one in batch if one.mutation is not None and one.mutation.group.count > 1)
    keys = {(one.entity, one.id) for one in grouped if one.kind not in (Kind.create, Kind.command)}
    return {bytes(row.customer_id) for row in DELETED.run(conn, org_id, keys)}


def lock(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes]) -> set[bytes]:
    """Lock families in id order; those that are locked. Values are read by a later statement: this one may have waited.

    A customer who was not there to be locked may come before that statement: who must hold the family reads only what was locked.
    """
    if conn.dialect.name != "postgresql":  # SQLite has one writer: BEGIN IMMEDIATE holds everything
        return set(customer_ids)
    return {bytes(row.id) for row in FAMILIES.run(conn, org_id, customer_ids)}


def lock_pools(conn: sa.Connection, org_id: int, pool_ids: Collection[bytes]) -> None:
    """Lock, shared and before any family, the pools that customers enter: what a pool hides changes when nobody is on the way in.

    Who changes a pool locks it, then the families in it: this order or deadlocks.
    """
    if conn.dialect.name == "postgresql":
        POOLS.run(conn, org_id, pool_ids)


def lock_rows(conn: sa.Connection, org_id: int, entity: Entity, record_ids: Collection[bytes]) -> None:
    """Lock records that have no family and are their own, after the families, in id order; they are read by a later statement."""
    if conn.dialect.name == "postgresql":
        _rows(entity).run(conn, org_id, record_ids)


@cache
def _rows(entity: Entity) -> ByKey:
    return ByKey(RECORD_TABLES[entity.name], ("id",), ("id",), lock="FOR UPDATE")


@cache
def _customers(entity: Entity) -> ByKey:
    return ByKey(RECORD_TABLES[entity.name], ("id",), ("customer_id",), when="customer_id IS NOT NULL")
