"""SQL of what tells where somebody was: which records do, and since when; kept bytes, and uploads that were put aside (D-474)."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import sqlalchemy as sa

from server.models import RECORD_TABLES, payload, quarantine, retained
from server.store.hot import ByKey
from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution
from shared_schema.records.inbox import InboxItem
from shared_schema.records.reference import VISIT_DAYS
from shared_schema.registry import BY_RECORD
from sync.contribution import entries
from sync.forgetting import NOTHING, TELLING, forgotten_bytes, telling, tells
from sync.state import Key, State

BATCH_MAX: Final = 100
DAY_MS: Final = 24 * 3_600_000
SINCE: Final = ByKey(retained, ("id",), ("at_ms",), same=("entity",))
PUT: Final = (
    f"INSERT INTO {retained.name} (org_id, entity, id, at_ms) VALUES ({{}}) "  # noqa: S608 - our own names
    "ON CONFLICT (org_id, entity, id) DO UPDATE SET at_ms = excluded.at_ms"
)
PUT_BY_DIALECT: Final = {"sqlite": PUT.format("?, ?, ?, ?"), "postgresql": PUT.format("$1, $2, $3, $4")}


class Kept(NamedTuple):
    """A record that tells where somebody was, and since when; in this order they are forgotten."""

    at_ms: int
    entity: int
    id: bytes

    @property
    def key(self) -> Key:
        """The record."""
        return self.entity, self.id


BEGIN: Final = Kept(-1, 0, b"")


def keep(conn: sa.Connection, org_id: int, state: State) -> None:
    """Note which of the written records tell where somebody was, and since when. The caller has written them, under their locks."""
    rows: list[tuple[int, int, bytes, int]] = []
    silent: list[Key] = []
    for key in state.touched:
        if key[0] not in TELLING:
            continue
        record = state.held[key].record
        before = state.originals[key].record if key in state.originals and key not in state.created else None
        told = before is not None and tells(before)
        if not tells(record):
            silent += [key] if told else []
        elif not told or _said(before) != _said(record):
            rows.append((org_id, *key, _since_ms(conn, org_id, state, record)))
    if rows:
        conn.exec_driver_sql(PUT_BY_DIALECT[conn.dialect.name], sorted(rows))
    drop(conn, org_id, silent)


def drop(conn: sa.Connection, org_id: int, keys: Collection[Key]) -> None:
    """These records tell nothing any more."""
    if keys:
        mine = (retained.c.org_id == org_id, retained.c.entity == sa.bindparam("the_entity"), retained.c.id == sa.bindparam("the_id"))
        conn.execute(sa.delete(retained).where(*mine), [{"the_entity": entity, "the_id": one} for entity, one in sorted(keys)])


def due(conn: sa.Connection, org_id: int, before_ms: int, after: Kept = BEGIN) -> list[Kept]:
    """The records that have told it since before a moment, the oldest first, BATCH_MAX of them behind `after`: one range of an index."""
    columns = (retained.c.at_ms, retained.c.entity, retained.c.id)
    later = sa.tuple_(*columns) > sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(after, columns, strict=True)))
    chosen = sa.select(*columns).where(retained.c.org_id == org_id, retained.c.at_ms < before_ms, later).order_by(*columns)
    return [Kept(row[0], row[1], bytes(row[2])) for row in conn.execute(chosen.limit(BATCH_MAX))]


def visit_days(conn: sa.Connection) -> dict[int, int]:
    """Organisation → for how many days it keeps where visits were."""
    table = RECORD_TABLES["organisation"]
    return {row.org_id: row.visit_days or VISIT_DAYS for row in conn.execute(sa.select(table.c.org_id, table.c.visit_days))}


def forget_bytes(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Take out of a batch of kept entries what tells where their authors were; how many entries."""
    chosen = sa.select(payload.c.line_no, payload.c.n, payload.c.body).where(payload.c.org_id == org_id, payload.c.tells_ms < before_ms)
    rows = conn.execute(chosen.order_by(payload.c.tells_ms, payload.c.line_no, payload.c.n).limit(BATCH_MAX).with_for_update()).all()
    if rows:
        mine = (payload.c.org_id == org_id, payload.c.line_no == sa.bindparam("the_line"), payload.c.n == sa.bindparam("the_n"))
        put = sa.update(payload).where(*mine).values(body=sa.bindparam("new_body"), tells_ms=None)
        conn.execute(put, [{"the_line": row.line_no, "the_n": row.n, "new_body": forgotten_bytes(bytes(row.body))} for row in rows])
    return len(rows)


def forget_uploads(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Nothing is left of uploads that were put aside before a moment: nobody has read them; how many."""
    old = (quarantine.c.org_id == org_id, quarantine.c.received_ms < before_ms, quarantine.c.body != NOTHING)
    return conn.execute(sa.update(quarantine).where(*old).values(body=NOTHING)).rowcount


def _said(record: Record | None) -> object:
    """The moment that a record itself names; a card and a contribution count from the first entry that told it."""
    known = telling(BY_RECORD[type(record)]) if record is not None else None
    return getattr(record, known.since) if known is not None and known.since is not None else None


def _since_ms(conn: sa.Connection, org_id: int, state: State, record: Record) -> int:
    """From when the days count: of a correction from the record that it corrects, of a card from the arrival of its oldest entry."""
    entity = BY_RECORD[type(record)]
    known = telling(entity)
    if known is not None and known.since is not None:
        firsts = (state.find(type(record), getattr(record, slot) or b"") for slot, name in entity.parents.items() if name == entity.name)
        return min(int(getattr(one, known.since)) for one in (record, *firsts) if one is not None)
    return min(_moments(conn, org_id, state, record))


def _moments(conn: sa.Connection, org_id: int, state: State, record: Record) -> Iterable[int]:
    if isinstance(record, (InboxItem, Contribution)):
        yield record.created_ms
    if isinstance(record, InboxItem):
        yield from (state.arrived[record.line_no, one.n][0] for one in entries(record) if (record.line_no, one.n) in state.arrived)
        if record.origin_id is not None:
            yield from (row.at_ms for row in SINCE.run(conn, org_id, [record.origin_id], BY_RECORD[InboxItem].number))
