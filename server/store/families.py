"""The family is the lock: which customers a batch touches, and their rows locked in id order (docs/protocol.md, locks)."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store import hot
from server.store.hot import Hot
from shared_schema.registry import BY_NUMBER, Entity
from sync.decode import FIELD_MAP
from sync.fold import Sent

STANDING = RECORD_TABLES["standing"]


def named(batch: Iterable[Sent]) -> dict[Entity, set[bytes]]:
    """Record ids which the batch names, by entity."""
    found: dict[Entity, set[bytes]] = {}
    for sent in batch:
        entity = BY_NUMBER.get(sent.mutation.entity) if sent.mutation else None
        if entity is not None and sent.mutation is not None:
            found.setdefault(entity, set()).add(sent.mutation.id)
    return found


def parents(batch: Iterable[Sent]) -> dict[str, set[bytes]]:
    """Parents which creates name: slot (`customer_id`, `quote_id`) → ids."""
    found: dict[str, set[bytes]] = {"customer_id": set(), "quote_id": set()}
    for sent in batch:
        fields = _fields(sent)
        for slot, ids in found.items():
            value = fields.get(slot)
            if isinstance(value, bytes) and len(value) == 16:
                ids.add(value)
    return found


def _fields(sent: Sent) -> dict[str, Any]:
    """A body read loosely: a wrong one is refused later, alone."""
    if sent.mutation is None:
        return {}
    try:
        return FIELD_MAP.decode(sent.mutation.body)
    except (ValueError, RecursionError):
        return {}


def families(conn: sa.Connection, org_id: int, ids: dict[Entity, set[bytes]], customers: Collection[bytes]) -> set[bytes]:
    """Customers whose families these records belong to: one query per entity that is a child."""
    found = set(customers)
    for entity, record_ids in ids.items():
        if entity.name in ("customer", "standing"):
            found |= record_ids
        elif "customer_id" in entity.slots:
            found |= customers_of(conn, org_id, entity, record_ids)
    return found


def customers_of(conn: sa.Connection, org_id: int, entity: Entity, record_ids: Collection[bytes]) -> set[bytes]:
    """The customers of known records."""
    table = RECORD_TABLES[entity.name]
    where = (table.c.org_id == org_id, table.c.id.in_(sorted(record_ids)), table.c.customer_id.is_not(None))
    return set(conn.execute(sa.select(table.c.customer_id).where(*where)).scalars())


def lock(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes]) -> None:
    """Lock families in id order. Values are read by a later statement: this one may have waited."""
    if not customer_ids or conn.dialect.name == "sqlite":
        return  # SQLite has one writer: BEGIN IMMEDIATE holds everything
    listed = hot.listed("customer", customer_ids)
    _lock(len(listed)).run(conn, key_org=org_id, **listed)


@cache
def _lock(customers: int) -> Hot:
    where = (STANDING.c.org_id == sa.bindparam("key_org", type_=sa.BigInteger), hot.among(STANDING.c.id, "customer", customers))
    return Hot(sa.select(STANDING.c.id).where(*where).order_by(STANDING.c.id).with_for_update())
