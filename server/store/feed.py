"""The one choke point: every write that a device may see enters the feed of its scopes here, last before the commit (P-1xx)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Final

import msgspec
import sqlalchemy as sa

from server.database.touched import note
from server.models import scope
from server.store import hot
from server.store.hot import Hot
from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.registry import Entity
from shared_schema.wire import ENCODER, Reason, Row
from sync.cursor import ScopeHead, Wanted
from sync.rules import Actor
from sync.scope import EVERYBODY, Audience
from sync.state import Key

Place = tuple[int, int, bytes]
"""(scope number, entity number, record id)."""
Reader = tuple[bytes | None, Lane]
SCOPES_MAX: Final = 256
"""Scopes one device may hold."""
ROWS_MAX: Final = 2_000
"""Rows read of one scope for one page."""


class FeedRow(msgspec.Struct, frozen=True):
    """One record for one scope; `reason` 0 while it is there."""

    scope_no: int
    entity: int
    id: bytes
    reason: int
    body: bytes


_ORG = sa.bindparam("key_org", type_=sa.BigInteger)
UPSERT = (
    "INSERT INTO feed (org_id, scope_no, entity, id, seq, gone, body, written_ms) VALUES ({}) "
    "ON CONFLICT (org_id, scope_no, entity, id) DO UPDATE SET seq = excluded.seq, gone = excluded.gone, "
    "body = excluded.body, written_ms = excluded.written_ms"
)
UPSERT_BY_DIALECT = {
    "sqlite": UPSERT.format(", ".join("?" * 8)),
    "postgresql": UPSERT.format(", ".join(f"${at}" for at in range(1, 9))),
}


def live(entity: Entity, record: Record) -> bytes:
    """Final wire bytes of a record, encoded once."""
    return ENCODER.encode((entity.number, record))


def scope_numbers(conn: sa.Connection, org_id: int, readers: Iterable[Reader]) -> dict[Reader, int]:
    """Scope number of each (user, lane); the reference scope under (None, reference)."""
    wanted = set(readers)
    users = sorted({user_id for user_id, _ in wanted if user_id is not None})
    rows = _numbers(hot.size_of(users), bool(wanted & EVERYBODY)).run(conn, key_org=org_id, **hot.listed("user", users))
    found = {(row.user_id, Lane(row.lane)): int(row.number) for row in rows}
    return {reader: found[reader] for reader in wanted if reader in found}


def scopes_of(conn: sa.Connection, acting: Actor) -> dict[int, ScopeHead]:
    """The scopes which the actor may hold now, by number: his own lanes, his reports' `now` lanes, the reference scope."""
    reports = hot.listed("user", acting.report_ids)
    rows = _held(len(reports)).run(conn, key_org=acting.org_id, key_user=acting.user_id, **reports)
    return {row.number: ScopeHead(row.number, row.lane, row.head, row.floor) for row in rows}


def is_held_by(acting: Actor, reader: Reader) -> bool:
    """Whether the scope of this reader is among `scopes_of` the actor."""
    user_id, lane = reader
    return user_id in (None, acting.user_id) or (lane == Lane.now and user_id in acting.report_ids)


@cache
def _numbers(users: int, everybody: bool) -> Hot:
    """Scopes of so many users, and the reference scope or not."""
    whose = hot.among(scope.c.user_id, "user", users)
    whose = sa.or_(whose, scope.c.kind == "ref") if everybody else whose
    return Hot(sa.select(scope.c.number, scope.c.user_id, scope.c.lane).where(scope.c.org_id == _ORG, whose))


@cache
def _held(reports: int) -> Hot:
    """Scopes of a user with so many reports."""
    own = scope.c.user_id == sa.bindparam("key_user", type_=sa.LargeBinary)
    theirs = sa.and_(hot.among(scope.c.user_id, "user", reports), scope.c.lane == int(Lane.now))
    chosen = sa.select(scope.c.number, scope.c.lane, scope.c.head, scope.c.floor)
    mine = (scope.c.org_id == _ORG, sa.or_(own, scope.c.kind == "ref", theirs))
    others = sa.case((sa.or_(own, scope.c.kind == "ref"), 0), else_=1)  # what is his own is never beyond the limit
    return Hot(chosen.where(*mine).order_by(others, scope.c.number).limit(SCOPES_MAX))


def rows_for(entity: Entity, record: Record, audience: Audience, numbers: Mapping[Reader, int]) -> list[FeedRow]:
    """A live record for everybody who may hold it."""
    body = live(entity, record)
    return [FeedRow(numbers[reader], entity.number, record.id, 0, body) for reader in audience if reader in numbers]


def gone_rows(key: Key, audience: Audience, reason: Reason, numbers: Mapping[Reader, int]) -> list[FeedRow]:
    """The news that a record has left, for everybody who held it."""
    entity, record_id = key
    body = ENCODER.encode(Row(entity, msgspec.Raw(ENCODER.encode(record_id)), int(reason)))
    return [FeedRow(numbers[reader], entity, record_id, int(reason), body) for reader in audience if reader in numbers]


def publish(conn: sa.Connection, org_id: int, rows: Iterable[FeedRow], now_ms: int) -> dict[Place, int]:
    """Move the heads in scope order, then write the rows: seq order is commit order. The seq given to each row."""
    ordered = sorted(rows, key=lambda row: row.scope_no)
    if not ordered:
        return {}
    next_seq = {
        number: count(_advance(conn, org_id, number, size) - size + 1)
        for number, size in sorted(Counter(r.scope_no for r in ordered).items())
    }
    note(conn, org_id, next_seq)
    seqs = {(row.scope_no, row.entity, row.id): next(next_seq[row.scope_no]) for row in ordered}
    values = [
        (org_id, row.scope_no, row.entity, row.id, seqs[row.scope_no, row.entity, row.id], row.reason, row.body, now_ms) for row in ordered
    ]
    conn.exec_driver_sql(UPSERT_BY_DIALECT[conn.dialect.name], values)
    return seqs


def _advance(conn: sa.Connection, org_id: int, number: int, size: int) -> int:
    return int(ADVANCE.run(conn, key_org=org_id, key_number=number, size=size).scalar_one())


ADVANCE = Hot(
    sa.update(scope)
    .where(scope.c.org_id == _ORG, scope.c.number == sa.bindparam("key_number", type_=sa.BigInteger))
    .values(head=scope.c.head + sa.bindparam("size", type_=sa.BigInteger))
    .returning(scope.c.head)
)


READ = "SELECT seq, body FROM feed WHERE org_id = {0} AND scope_no = {1} AND seq > {2} AND (gone = 0 OR seq > {3}) ORDER BY seq LIMIT {4}"
READ_BY_DIALECT = {
    "sqlite": READ.format(*"?????"),
    "postgresql": READ.format(*(f"${at}" for at in range(1, 6))),
}


def read(conn: sa.Connection, org_id: int, wanted: Wanted) -> Sequence[tuple[int, bytes]]:
    """(seq, wire bytes) after a position: one index range. A device that begins hears of no removal before its base."""
    values = (org_id, wanted.scope.number, wanted.position, wanted.base, ROWS_MAX)
    return conn.exec_driver_sql(READ_BY_DIALECT[conn.dialect.name], values).all()
