"""Writing a folded state: at most one INSERT and one UPDATE per entity, then history, tombstones and, last, the feed."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, change, notice, ownership_event, tombstone
from server.store import feed
from server.store.convert import statements, to_row
from server.store.load import dialect_of, save_counter
from shared_schema.records.customer import Standing
from shared_schema.registry import BY_NUMBER, BY_RECORD, Entity
from shared_schema.wire import ENCODER, Reason
from sync.rules import Actor
from sync.scope import Audience, audience, family_audience
from sync.state import Change, Held, Key, State


class Published(msgspec.Struct, frozen=True):
    """The seq of every feed row, and the number of every scope that was written."""

    seqs: dict[feed.Place, int]
    numbers: dict[feed.Reader, int]


def save(conn: sa.Connection, state: State, actor: Actor, now_ms: int) -> Published:
    """Write everything and publish at once: for writers that have nothing to add in between."""
    save_records(conn, actor, state, now_ms)
    return publish(conn, actor.org_id, state, now_ms)


def save_records(conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
    """Write records, counters, deletions and history; the caller publishes, last."""
    for key, value in sorted(state.counters.items()):
        save_counter(conn, actor.org_id, key, value)
    _save_records(conn, actor.org_id, state)
    _bury(conn, state, actor, now_ms)
    _save_changes(conn, actor, state.changes, now_ms)
    _save_births(conn, actor, state, now_ms)


def _save_births(conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
    """The first ownership event of each new customer; replaying the events gives the standing."""
    born = [state.held[key].record for key in sorted(state.created) if key[0] == BY_RECORD[Standing].number]
    rows = [
        {"org_id": actor.org_id, "customer_id": one.id, "epoch": one.epoch, "kind": "created", "owner_id": one.owner_id,
         "by_user_id": actor.user_id, "at_ms": now_ms, "reason": ""}
        for one in born if isinstance(one, Standing)
    ]  # fmt: skip
    if rows:
        conn.execute(sa.insert(ownership_event), rows)


def publish(conn: sa.Connection, org_id: int, state: State, now_ms: int) -> Published:
    """Feed what the fold touched to everybody who holds it."""
    readers = {key: _audience(state, key) for key in (*state.touched, *state.buried)}
    numbers = feed.scope_numbers(conn, org_id, {reader for audience_of in readers.values() for reader in audience_of})
    rows = [row for key in state.touched for row in feed.rows_for(BY_NUMBER[key[0]], state.held[key].record, readers[key], numbers)]
    for key in state.buried:
        rows += feed.gone_rows(key, readers[key], Reason.deleted, numbers)
    return Published(feed.publish(conn, org_id, rows, now_ms), numbers)


def _audience(state: State, key: Key) -> Audience:
    entity = BY_NUMBER[key[0]]
    if key in state.buried:
        customer_id = state.buried[key].customer_id
        return family_audience(state, customer_id, entity.lane) if customer_id is not None else frozenset()
    return audience(state, entity, state.held[key].record)


def _save_records(conn: sa.Connection, org_id: int, state: State) -> None:
    by_entity: dict[Entity, list[Key]] = {}
    for key in state.touched:
        by_entity.setdefault(BY_NUMBER[key[0]], []).append(key)
    for entity in sorted(by_entity, key=lambda entity: entity.number):
        keys = sorted(by_entity[entity])
        hot = statements(entity, dialect_of(conn))
        new = [_row(entity, org_id, state.held[key]) for key in keys if key in state.created]
        known = [hot.update_row(_row(entity, org_id, state.held[key])) for key in keys if key not in state.created]
        if new:
            conn.exec_driver_sql(hot.insert, new)
        if known:
            conn.exec_driver_sql(hot.update, known)


def _row(entity: Entity, org_id: int, held: Held) -> tuple[object, ...]:
    return to_row(entity, org_id, held.record, ENCODER.encode(held.stamps))


def _bury(conn: sa.Connection, state: State, actor: Actor, now_ms: int) -> None:
    if not state.buried:
        return
    for number in sorted({number for number, _ in state.buried}):
        table = RECORD_TABLES[BY_NUMBER[number].name]
        ids = sorted(record_id for entity, record_id in state.buried if entity == number)
        conn.execute(sa.delete(table).where(table.c.org_id == actor.org_id, table.c.id.in_(ids)))
    rows = [
        {"org_id": actor.org_id, "entity": key[0], "id": key[1], "rev": one.rev, "customer_id": one.customer_id,
         "deleted_ms": now_ms, "user_id": actor.user_id}
        for key, one in sorted(state.buried.items())
    ]  # fmt: skip
    conn.execute(sa.insert(tombstone), rows)


CHANGE_COLUMNS = "org_id, entity, id, rev, group_name, line_no, n, user_id, at_ms, decision, before, after, customer_id"
INSERT_CHANGE = {
    "sqlite": f"INSERT INTO {change.name} ({CHANGE_COLUMNS}) VALUES ({', '.join('?' * 13)})",  # noqa: S608 - our own names
    "postgresql": f"INSERT INTO {change.name} ({CHANGE_COLUMNS}) VALUES ({', '.join(f'${at}' for at in range(1, 14))})",  # noqa: S608
}


def _save_changes(conn: sa.Connection, actor: Actor, changes: Iterable[Change], now_ms: int) -> None:
    rows = [
        (actor.org_id, *one.key, one.rev, one.group, one.line_no, one.n, actor.user_id, now_ms, one.decision,
         ENCODER.encode(one.before), ENCODER.encode(one.after), one.customer_id)
        for one in changes
    ]  # fmt: skip
    if rows:
        conn.exec_driver_sql(INSERT_CHANGE[conn.dialect.name], rows)


def hear(conn: sa.Connection, org_id: int, rows: list[dict[str, object]]) -> None:
    """Put notices into the outbox, once per (user, dedupe key)."""
    known = set()
    for row in rows:
        where = (notice.c.org_id == org_id, notice.c.user_id == row["user_id"], notice.c.dedupe_key == row["dedupe_key"])
        if conn.execute(sa.select(notice.c.id).where(*where)).first() is None and (row["user_id"], row["dedupe_key"]) not in known:
            known.add((row["user_id"], row["dedupe_key"]))
            conn.execute(sa.insert(notice).values(row))
