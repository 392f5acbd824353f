"""The one choke point: every write that a device may see enters the feed of its scopes here, last before the commit (P-1xx)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final

import msgspec
import sqlalchemy as sa

from server.database.touched import note
from server.models import scope
from server.store.hot import ByKey, Hot
from shared_schema.entity import Entity
from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import ENCODER, Row
from sync.cursor import ScopeHead, Wanted
from sync.rules import Actor
from sync.scope import REFERENCE, News, Reader
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


SCOPES: Final = ByKey(scope, ("subject_id", "lane", "tile"), ("number", "lane", "subject_id", "tile", "head", "floor"))
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
    return {reader: head.number for reader, head in heads(conn, org_id, readers).items()}


def heads(conn: sa.Connection, org_id: int, readers: Iterable[Reader]) -> dict[Reader, ScopeHead]:
    """Where the scopes of these readers stand; a tile that never held a card has none, nor has somebody of the desk."""
    named = {(reader.subject_id, int(reader.lane), reader.tile): reader for reader in readers}
    return {
        named[bytes(subject_id), lane, tile]: ScopeHead(number, lane, head, floor)
        for number, lane, subject_id, tile, head, floor in SCOPES.run(conn, org_id, named)
    }


def scopes_of(conn: sa.Connection, acting: Actor) -> dict[int, ScopeHead]:
    """The scopes which the actor may hold now, SCOPES_MAX at most: the actor's own lanes, reference, the actor's teams, the reports' `now`
    lanes.

    The actor's own scopes are never beyond the limit, then come the teams.
    """
    own = [REFERENCE, *(Reader(lane, acting.user_id) for lane in (Lane.now, Lane.work, Lane.history, Lane.notice))]
    teams = [Reader(Lane.team, one) for one in acting.team_ids]
    reports = [Reader(Lane.now, one) for one in acting.report_ids]
    found = heads(conn, acting.org_id, [*own, *teams, *reports])
    ranked = [sorted((found[one] for one in rank if one in found), key=lambda head: head.number) for rank in (own, teams, reports)]
    return {head.number: head for head in [head for rank in ranked for head in rank][:SCOPES_MAX]}


def tiles_within(conn: sa.Connection, org_id: int, tiles: Mapping[int, Sequence[Reader]], room: int) -> tuple[list[ScopeHead], int]:
    """Scopes of these tiles as long as there is room for whole ones, in the order given; how many tiles are left out."""
    found = heads(conn, org_id, [reader for readers in tiles.values() for reader in readers])
    taken: list[ScopeHead] = []
    for at, readers in enumerate(tiles.values()):
        fresh = [found[reader] for reader in readers if reader in found]
        if len(taken) + len(fresh) > room:
            return taken, len(tiles) - at
        taken += fresh
    return taken, 0


def is_held_by(acting: Actor, reader: Reader) -> bool:
    """Whether the scope of this reader is one that the actor may hold."""
    others = acting.report_ids if reader.lane == Lane.now else acting.team_ids if reader.lane == Lane.team else frozenset[bytes]()
    return reader.subject_id in (b"", acting.user_id) or reader.subject_id in others


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
