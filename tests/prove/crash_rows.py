"""Every record of one kind, as the tables of an organisation have it."""

from typing import TypeVar

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store.convert import columns, from_row
from shared_schema.records.base import Record
from shared_schema.registry import BY_RECORD

R = TypeVar("R", bound=Record)


def every(conn: sa.Connection, org_id: int, type_: type[R]) -> list[R]:
    """The records of this type."""
    entity = BY_RECORD[type_]
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id)
    found = (from_row(entity, tuple(row)) for row in conn.execute(chosen))
    return [one for one in found if isinstance(one, type_)]
