"""Reading reference records: the records that the desk keeps and every device of the organisation holds."""

from typing import Any, TypeVar

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store.convert import from_row
from shared_schema.entity import Entity
from shared_schema.records.base import Record
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


def only(conn: sa.Connection, org_id: int, type_: type[R]) -> R:
    """The record of a kind of which an organisation has one."""
    (found,) = page(conn, org_id, type_, None, 1)
    return found


def _read(conn: sa.Connection, found: sa.Select[*tuple[Any, ...]], entity: Entity) -> list[Record]:
    return [from_row(entity, row[1:]) for row in conn.execute(found)]
