"""SQL of what tells where somebody was: which records do, and since when; kept bytes, and uploads that were put aside (D-474)."""

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa

from server.domain.retention import noted
from server.models import RECORD_TABLES, payload, quarantine, retained
from server.store.hot import ByKey
from shared_schema.records.inbox import InboxItem
from shared_schema.records.reference import VISIT_DAYS
from shared_schema.registry import BY_RECORD
from sync.forgetting import NOTHING, TELLING, forgotten_bytes
from sync.state import Key, State

BATCH_MAX: Final = 100
DAY_MS: Final = 24 * 3_600_000
CARD: Final = BY_RECORD[InboxItem].number
SINCE: Final = ByKey(retained, ("id",), ("at_ms",), same=("entity",))
GONE: Final = ByKey(retained, ("entity", "id"), ("entity", "id", "at_ms"))
GONE_MS: Final = 2**62
"""In the place of a moment that never comes: an entry that waited has lost where its author was, and no phone brings it back (D-477)."""
PUT: Final = f"INSERT INTO {retained.name} (org_id, entity, id, at_ms) VALUES ({{}}) ON CONFLICT (org_id, entity, id) "  # noqa: S608 - our own names
VALUES: Final = {"sqlite": "?, ?, ?, ?", "postgresql": "$1, $2, $3, $4"}
AGAIN: Final = "DO UPDATE SET at_ms = excluded.at_ms"
ONCE: Final = "DO NOTHING"


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

    def stored(card_id: bytes) -> int | None:
        return next((int(row.at_ms) for row in SINCE.run(conn, org_id, [card_id], CARD)), None)

    found = noted(state, stored)
    if found.since_ms:
        put(conn, [(org_id, *key, at_ms) for key, at_ms in sorted(found.since_ms.items())])
    drop(conn, org_id, found.silent)
    if found.lost:  # a record that stands tells or does not by itself
        put(conn, [(org_id, *key, GONE_MS) for key in sorted(found.lost)], ONCE)


def put(conn: sa.Connection, rows: list[tuple[int, int, bytes, int]], known: str = AGAIN) -> None:
    """Rows as they stand in the table. `known`: what becomes of one that is there."""
    conn.exec_driver_sql(PUT.format(VALUES[conn.dialect.name]) + known, rows)


def gone(conn: sa.Connection, org_id: int, keys: Collection[Key]) -> set[Key]:
    """Those of these records of which an entry that waited has lost where its author was."""
    asked = [key for key in keys if key[0] in TELLING]
    rows = GONE.run(conn, org_id, asked) if asked else ()
    return {(row.entity, bytes(row.id)) for row in rows if row.at_ms == GONE_MS}


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


def forget_bytes(conn: sa.Connection, org_id: int, which: sa.ColumnElement[bool]) -> int:
    """Take out of a batch of these kept entries what tells where their authors were; how many entries."""
    chosen = sa.select(payload.c.line_no, payload.c.n, payload.c.body).where(
        payload.c.org_id == org_id, payload.c.tells_ms.is_not(None), which
    )
    rows = conn.execute(chosen.order_by(payload.c.tells_ms, payload.c.line_no, payload.c.n).limit(BATCH_MAX).with_for_update()).all()
    if rows:
        mine = (payload.c.org_id == org_id, payload.c.line_no == sa.bindparam("the_line"), payload.c.n == sa.bindparam("the_n"))
        put = sa.update(payload).where(*mine).values(body=sa.bindparam("new_body"), tells_ms=None)
        conn.execute(put, [{"the_line": row.line_no, "the_n": row.n, "new_body": forgotten_bytes(bytes(row.body))} for row in rows])
    return len(rows)


def forget_bytes_of_before(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """The same of entries that came before a moment."""
    return forget_bytes(conn, org_id, payload.c.tells_ms < before_ms)


def forget_uploads(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Nothing is left of uploads that were put aside before a moment: nobody has read them; how many."""
    old = (quarantine.c.org_id == org_id, quarantine.c.received_ms < before_ms, quarantine.c.body != NOTHING)
    return conn.execute(sa.update(quarantine).where(*old).values(body=NOTHING)).rowcount
