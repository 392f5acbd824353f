"""Reference records: what the desk writes and every device of the organisation holds; each write enters the `ref` scope's feed."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, org
from server.store import families, feed
from server.store.convert import among, from_row, statements, to_row
from server.store.identity import reference_scope
from shared_schema.records.base import Record
from shared_schema.records.reference import FieldDefinition
from shared_schema.registry import BY_RECORD, Entity

R = TypeVar("R", bound=Record)


def put(conn: sa.Connection, org_id: int, record: R, now_ms: int) -> R:
    """Insert or change one record and publish it; see `put_all`."""
    return put_all(conn, org_id, (record,), now_ms)[0]


def put_all(conn: sa.Connection, org_id: int, records: Sequence[R], now_ms: int) -> list[R]:
    """Insert or change records of distinct ids → the records as stored, in the order given.

    The `rev` given does not count: a new or changed record gets the next one, an equal one keeps its own and feeds nothing.
    """
    floor = int(conn.execute(sa.select(org.c.rev_floor).where(org.c.org_id == org_id)).scalar_one())
    by_entity: dict[Entity, list[R]] = {}
    for record in records:
        by_entity.setdefault(BY_RECORD[type(record)], []).append(record)
    stored: dict[tuple[Entity, bytes], R] = {}
    rows: list[feed.FeedRow] = []
    scope_no = reference_scope(conn, org_id)
    for entity in sorted(by_entity, key=lambda entity: entity.number):
        for record, is_new in _save(conn, org_id, entity, by_entity[entity], floor):
            stored[entity, record.id] = record
            if is_new:
                rows.append(feed.FeedRow(scope_no, entity.number, record.id, 0, feed.live(entity, record)))
    feed.publish(conn, org_id, rows, now_ms)
    return [stored[BY_RECORD[type(record)], record.id] for record in records]


def _save(conn: sa.Connection, org_id: int, entity: Entity, records: Sequence[R], floor: int) -> list[tuple[R, bool]]:
    """Write what is new or differs → (record as stored, whether it was written), in id order."""
    hot = statements(entity, conn.dialect.name)
    known = _locked(conn, org_id, entity, [record.id for record in records])
    revised = [(_revised(record, known.get(record.id), floor), known.get(record.id)) for record in sorted(records, key=lambda one: one.id)]
    inserts = [to_row(entity, org_id, record) for record, before in revised if before is None]
    updates = [hot.update_row(to_row(entity, org_id, record)) for record, before in revised if before is not None and record != before]
    if inserts:
        conn.exec_driver_sql(hot.insert, inserts)
    if updates:
        conn.exec_driver_sql(hot.update, updates)
    return [(record, record != before) for record, before in revised]


def _revised(record: R, before: Record | None, floor: int) -> R:
    """The record with the revision it is stored under: its old one when nothing else differs."""
    if before is not None and msgspec.structs.replace(record, rev=before.rev) == before:
        return msgspec.structs.replace(record, rev=before.rev)
    return msgspec.structs.replace(record, rev=max(before.rev if before is not None else 0, floor) + 1)


def _locked(conn: sa.Connection, org_id: int, entity: Entity, ids: Sequence[bytes]) -> dict[bytes, Record]:
    """Known records among `ids`, locked first in id order and read by a later statement."""
    families.lock_rows(conn, org_id, entity, ids)
    return {record.id: record for record in (from_row(entity, row) for row in among(entity, "id").run(conn, org_id, ids))}


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
