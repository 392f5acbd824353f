"""Reading reference records: the records that the desk keeps and every device of the organisation holds."""

from typing import Any, TypeVar

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store.convert import from_row
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.reference import FieldDefinition
from shared_schema.registry import BY_RECORD

R = TypeVar("R", bound=Record)


def find(conn: sa.Connection, org_id: int, type_: type[R], record_id: bytes) -> R | None:
    """Find one record of this organisation."""
    table = RECORD_TABLES[BY_RECORD[type_].name]
    found = _read(conn, sa.select(table).where(table.c.org_id == org_id, table.c.id == record_id), BY_RECORD[type_])
    return next((record for record in found if isinstance(record, type_)), None)


def page(conn: sa.Connection, org_id: int, type_: type[R], after: bytes | None, limit: int) -> list[R]:
    """Records in id order after `after`."""
    table = RECORD_TABLES[BY_RECORD[type_].name]
    found = sa.select(table).where(table.c.org_id == org_id).order_by(table.c.id).limit(limit)
    records = _read(conn, found if after is None else found.where(table.c.id > after), BY_RECORD[type_])
    return [record for record in records if isinstance(record, type_)]


def definition(conn: sa.Connection, org_id: int, entity_number: int, key: str) -> FieldDefinition | None:
    """Find the definition of one custom field."""
    table = RECORD_TABLES["field_definition"]
    one = sa.select(table).where(table.c.org_id == org_id, table.c.entity == entity_number, table.c.key == key)
    return next((record for record in _read(conn, one, BY_RECORD[FieldDefinition]) if isinstance(record, FieldDefinition)), None)


def _read(conn: sa.Connection, found: sa.Select[*tuple[Any, ...]], entity: Entity) -> list[Record]:
    return [from_row(entity, row[1:]) for row in conn.execute(found)]
