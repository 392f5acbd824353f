"""One table per synced entity, derived from its record struct in slot order; row, struct, patch and wire share one order."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, get_origin

import sqlalchemy as sa

from server.models.base import maybe, metadata, org_key
from shared_schema.entity import Entity, bare
from shared_schema.policy import Policy
from shared_schema.registry import ENTITIES

FIELD_REVS: Final = "field_revs"
"""Packed causal state of a register record: last column, empty for facts and server-owned records."""

FURTHER: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "inbox_item": (("line_no", "state"),),
    "visit": (("author_id", "occurred_ms", "id"), ("customer_id", "occurred_ms", "id")),
}
"""Columns that are searched together, after `org_id`."""
INDEXES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    entity.name: (*((slot,) for slot in entity.searched), *FURTHER.get(entity.name, ())) for entity in ENTITIES
}
"""Entity → columns searched together, after `org_id`."""


def column_type(hint: Any) -> tuple[sa.types.TypeEngine[Any], bool, bool]:
    """Type of the column of a record field → (SQL type, may be null, is packed as msgpack).

    Raises TypeError for a field no column can hold.
    """
    held, nullable = bare(hint)
    origin = get_origin(held) or held
    if origin in (dict, tuple):
        return sa.LargeBinary(), nullable, True
    if origin is bool:
        return sa.Boolean(), nullable, False
    if origin is int or (isinstance(origin, type) and issubclass(origin, int) and issubclass(origin, Enum)):
        return sa.BigInteger(), nullable, False
    if origin is str:
        return sa.Text(), nullable, False
    if origin is bytes:
        return sa.LargeBinary(), nullable, False
    raise TypeError(f"no column holds {hint}")


def _column(entity: Entity, slot: str) -> sa.Column[Any]:
    sql_type, nullable, _ = column_type(entity.hints[slot])
    return sa.Column(slot, sql_type, primary_key=slot == "id", nullable=nullable)


def _table(entity: Entity) -> sa.Table:
    columns = [org_key(), *(_column(entity, slot) for slot in entity.slots)]
    if entity.policy is Policy.register:
        columns.append(maybe(FIELD_REVS, sa.LargeBinary))
    indexes = [sa.Index(None, "org_id", *searched) for searched in INDEXES.get(entity.name, ())]
    table = sa.Table(entity.name, metadata, *columns, *indexes)
    for slot in entity.due:
        at_ms = table.c[slot]
        sa.Index(None, at_ms, table.c.org_id, table.c.id, postgresql_where=at_ms.is_not(None), sqlite_where=at_ms.is_not(None))
    return table


RECORD_TABLES: Final[Mapping[str, sa.Table]] = MappingProxyType({entity.name: _table(entity) for entity in ENTITIES})
"""Entity name → table: `org_id`, every slot of the record in order, then `field_revs` for registers."""
