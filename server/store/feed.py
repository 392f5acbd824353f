"""The one choke point: every write that a device may see enters the feed of its scopes here, last before the commit (P-1xx)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from shared_schema.registry import BY_NUMBER, Entity
from shared_schema.wire import ENCODER, Row
from sync.cursor import ScopeHead, Wanted
from sync.rules import Actor
from sync.scope import News, Reader
from sync.state import Key

Place = tuple[int, int, bytes]
"""(scope number, entity number, record id)."""
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
    """Scope number of each of these readers that has a scope."""
    wanted = set(readers)
    subjects = sorted({reader.subject_id for reader in wanted if reader.lane != Lane.tile})
    rows = _numbers(hot.size_of(subjects)).run(conn, key_org=org_id, **hot.listed("subject", subjects))
    found = {Reader(Lane(row.lane), row.subject_id, row.tile): int(row.number) for row in rows}
    found.update(_tiles(conn, org_id, [reader for reader in wanted if reader.lane == Lane.tile]))
    return {reader: found[reader] for reader in wanted if reader in found}


def _tiles(conn: sa.Connection, org_id: int, readers: Sequence[Reader]) -> dict[Reader, int]:
    return {reader: head.number for reader, head in tile_heads(conn, org_id, readers).items()}


def tile_heads(conn: sa.Connection, org_id: int, readers: Collection[Reader]) -> dict[Reader, ScopeHead]:
    """Where these tiles stand; one that never held a card has no scope."""
    if not readers:
        return {}
    whose = scope.c.subject_id.in_(sorted({reader.subject_id for reader in readers}))
    where = (scope.c.org_id == org_id, scope.c.lane == int(Lane.tile), whose, scope.c.tile.in_(sorted({one.tile for one in readers})))
    rows = conn.execute(sa.select(scope.c.number, scope.c.subject_id, scope.c.tile, scope.c.head, scope.c.floor).where(*where))
    heads = {Reader(Lane.tile, bytes(row.subject_id), row.tile): ScopeHead(row.number, int(Lane.tile), row.head, row.floor) for row in rows}
    return {reader: heads[reader] for reader in readers if reader in heads}


def scopes_of(conn: sa.Connection, acting: Actor) -> dict[int, ScopeHead]:
    """The scopes which the actor may hold now, SCOPES_MAX at most: his own lanes, reference, his teams, his reports' `now` lanes."""
    teams, reports = hot.listed("team", acting.team_ids), hot.listed("user", acting.report_ids)
    rows = _held(len(teams), len(reports)).run(conn, key_org=acting.org_id, key_user=acting.user_id, **teams, **reports)
    return {row.number: ScopeHead(row.number, row.lane, row.head, row.floor) for row in rows}


def tiles_within(conn: sa.Connection, org_id: int, tiles: Mapping[int, Sequence[Reader]], room: int) -> tuple[list[ScopeHead], int]:
    """Scopes of these tiles as long as there is room for whole ones, in the order given; how many tiles are left out."""
    heads = tile_heads(conn, org_id, [reader for readers in tiles.values() for reader in readers])
    taken: list[ScopeHead] = []
    for at, readers in enumerate(tiles.values()):
        fresh = [heads[reader] for reader in readers if reader in heads]
        if len(taken) + len(fresh) > room:
            return taken, len(tiles) - at
        taken += fresh
    return taken, 0


def is_held_by(acting: Actor, reader: Reader) -> bool:
    """Whether the scope of this reader is one that the actor may hold."""
    others = acting.report_ids if reader.lane == Lane.now else acting.team_ids if reader.lane == Lane.team else frozenset[bytes]()
    return reader.subject_id in (b"", acting.user_id) or reader.subject_id in others


@cache
def _numbers(subjects: int) -> Hot:
    """Scopes of so many subjects."""
    chosen = sa.select(scope.c.number, scope.c.lane, scope.c.subject_id, scope.c.tile)
    return Hot(chosen.where(scope.c.org_id == _ORG, hot.among(scope.c.subject_id, "subject", subjects)))


@cache
def _held(teams: int, reports: int) -> Hot:
    """Scopes of a user with so many teams and reports; what is his own is never beyond the limit, then come the teams."""
    own = scope.c.subject_id.in_([sa.bindparam("key_user", type_=sa.LargeBinary), sa.bindparam("nobody", b"", sa.LargeBinary)])
    team = sa.and_(hot.among(scope.c.subject_id, "team", teams), scope.c.lane == int(Lane.team))
    theirs = sa.and_(hot.among(scope.c.subject_id, "user", reports), scope.c.lane == int(Lane.now))
    chosen = sa.select(scope.c.number, scope.c.lane, scope.c.head, scope.c.floor)
    rank = sa.case((own, 0), (team, 1), else_=2)
    return Hot(chosen.where(scope.c.org_id == _ORG, sa.or_(own, team, theirs)).order_by(rank, scope.c.number).limit(SCOPES_MAX))


def rows_of(told: Iterable[News], numbers: Mapping[Reader, int]) -> list[FeedRow]:
    """News as feed rows; a reader without a scope (somebody of the desk) hears nothing. A record is encoded once for all its scopes."""
    bodies: dict[Key, bytes] = {}
    rows = []
    for one in told:
        if one.reader in numbers:
            reason = int(one.reason or 0)
            if one.held is None:
                body = gone(one.key, reason)
            elif one.key in bodies:
                body = bodies[one.key]
            else:
                body = bodies[one.key] = live(BY_NUMBER[one.key[0]], one.held.record)
            rows.append(FeedRow(numbers[one.reader], *one.key, reason, body))
    return rows


def gone(key: Key, reason: int) -> bytes:
    """Final wire bytes of a removal."""
    entity, record_id = key
    return ENCODER.encode(Row(entity, msgspec.Raw(ENCODER.encode(record_id)), reason))


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
