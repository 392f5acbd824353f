"""Writing a folded state: at most one INSERT and one UPDATE per entity, then history, tombstones and, last, the feed."""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa

from server.models import change, item_record, ownership_event, tombstone
from server.store import books, comings, dues, erasures, evaluations, feed, retained, spots
from server.store.convert import statements, to_row
from server.store.identity import insert_scopes
from server.store.load import dialect_of, save_counter
from shared_schema.entity import Entity
from shared_schema.policy import Lane
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER
from sync.awaited import awaited, place_of
from sync.contribution import entries
from sync.news import news
from sync.rules import Actor
from sync.scope import Reader
from sync.state import Change, Held, Key, OwnershipEvent, State

ITEM = BY_RECORD[InboxItem]
Row = tuple[object, ...]
MADE_ON_DEMAND = frozenset({Lane.tile, Lane.notice})
PLACE = ("record_id", "holder_id", "created_ms", "item_id")
OF_RECORD_MAX = 50
"""Open items of one holder about one record that its changes look at, the newest: a flood of refusals slows down nobody."""
SAME = "org_id = :org_id AND record_id = :record_id AND holder_id = :holder_id"
TRIM = sa.text(
    f"DELETE FROM {item_record.name} WHERE {SAME} AND (created_ms, item_id) < (SELECT created_ms, item_id"  # noqa: S608 - our own names
    f" FROM {item_record.name} WHERE {SAME} ORDER BY created_ms DESC, item_id DESC LIMIT 1 OFFSET {OF_RECORD_MAX - 1})"
)


class Published(msgspec.Struct, frozen=True):
    """The seq of every feed row, and the number of every scope that was written."""

    seqs: dict[feed.Place, int]
    numbers: dict[Reader, int]


def save(conn: sa.Connection, state: State, actor: Actor, now_ms: int) -> Published:
    """Write everything and publish at once: for writers that have nothing to add in between."""
    save_records(conn, actor, state, now_ms)
    return publish(conn, actor.org_id, state, now_ms)


def save_records(conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
    """Write records, counters, deletions and history; the caller publishes, last."""
    comings.watch(conn, state)
    if state.erasing:
        erasures.erase(conn, actor.org_id, state, now_ms)
    for key, value in sorted(state.counters.items()):
        save_counter(conn, actor.org_id, key, value)
    _save_records(conn, actor.org_id, state)
    evaluations.mark(conn, actor.org_id, books.save(conn, actor.org_id, state), now_ms)
    _save_places(conn, actor.org_id, state)
    _unbury(conn, actor.org_id, state.unburied)
    _bury(conn, state, actor, now_ms)
    _save_changes(conn, actor, state.changes, now_ms)
    _save_events(conn, actor, state, now_ms)
    dues.note(conn, actor.org_id, state, now_ms)
    evaluations.note(conn, actor.org_id, state, now_ms)
    spots.keep(conn, actor.org_id, state)
    retained.keep(conn, actor.org_id, state)


def _save_events(conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
    """The holders of customers from now on; the first event of a new customer is its birth."""
    rows = [{"org_id": actor.org_id, "at_ms": now_ms, **msgspec.structs.asdict(event)} for event in (*_births(actor, state), *state.events)]
    if rows:
        conn.execute(sa.insert(ownership_event), rows)


def _births(actor: Actor, state: State) -> Iterable[OwnershipEvent]:
    for key in sorted(state.created):
        first = state.originals.get(key, state.held[key]).record if key[0] == BY_RECORD[Standing].number else None
        if isinstance(first, Standing):
            yield OwnershipEvent(first.id, first.epoch, "created", first.owner_id, actor.user_id, pool_id=first.pool_id)


def publish(conn: sa.Connection, org_id: int, state: State, now_ms: int) -> Published:
    """Feed all news to the scopes concerned, last before the commit."""
    told = news(state)
    numbers = feed.scope_numbers(conn, org_id, {one.reader for one in told})
    opened = {Reader(lane, record_id) for number, record_id in state.created for lane in BY_NUMBER[number].opens}
    new = sorted(opened | {one.reader for one in told if one.reader.lane in MADE_ON_DEMAND} - numbers.keys())
    if new:  # also the first customer in a tile, a user's first notice; a writer that makes the same one at once is run again
        insert_scopes(conn, org_id, new)
        numbers |= feed.scope_numbers(conn, org_id, new)
    rows = feed.rows_of(told, numbers)
    return Published(feed.publish(conn, org_id, rows, now_ms), numbers)


def _save_records(conn: sa.Connection, org_id: int, state: State) -> None:
    by_entity: dict[Entity, list[Key]] = {}
    for key in state.touched:
        by_entity.setdefault(BY_NUMBER[key[0]], []).append(key)
    for entity in sorted(by_entity, key=lambda entity: entity.number):
        keys = sorted(by_entity[entity])
        new = [_row(entity, org_id, state.held[key]) for key in keys if key in state.created]
        known = [_row(entity, org_id, state.held[key]) for key in keys if key not in state.created]
        put_rows(conn, org_id, entity, new=new, known=known)


def put_rows(
    conn: sa.Connection, org_id: int, entity: Entity, *, new: Sequence[Row] = (), known: Sequence[Row] = (), gone: Sequence[bytes] = ()
) -> None:
    """Insert and change rows of records of one kind, and delete those of these ids."""
    hot = statements(entity, dialect_of(conn))
    changed, deleted = [hot.update_row(row) for row in known], [(org_id, record_id) for record_id in gone]
    for text, rows in ((hot.insert, list(new)), (hot.update, changed), (hot.delete, deleted)):
        if rows:
            conn.exec_driver_sql(text, rows)


def _row(entity: Entity, org_id: int, held: Held) -> tuple[object, ...]:
    return to_row(entity, org_id, held.record, ENCODER.encode(held.stamps))


def _save_places(conn: sa.Connection, org_id: int, state: State) -> None:
    """Keep which records each open inbox item is about, and for which it waits; a closed one for none.

    Of a holder's items about one record the newest are kept: such a record may change often. Of the items that wait for a record all are
    kept: it comes once.
    """
    keys = [key for key in state.touched if key[0] == ITEM.number]
    known = [key for key in keys if key in state.originals and key not in state.created]
    before = {place for key in known for place in _places(state.originals[key])}
    after = {place for key in keys for place in _places(state.held[key])}
    if after - before:
        conn.execute(sa.insert(item_record), [{"org_id": org_id, **dict(zip(PLACE, one, strict=True))} for one in sorted(after - before)])
        touched = (state.held[key].record for key in keys)
        about = {one.id for item in touched if isinstance(item, InboxItem) for one in entries(item)}
        grown = sorted({one[:2] for one in after - before if one[0] in about})
        conn.execute(TRIM, [{"org_id": org_id, "record_id": record_id, "holder_id": holder_id} for record_id, holder_id in grown])
    for place in sorted(before - after):
        same = (item_record.c[name] == value for name, value in zip(PLACE, place, strict=True))
        conn.execute(sa.delete(item_record).where(item_record.c.org_id == org_id, *same))


def _places(held: Held) -> set[tuple[bytes, bytes, int, bytes]]:
    """(record, holder, created, item) of an open item, for each record that its entries are about or that it waits for."""
    item = held.record
    if not isinstance(item, InboxItem) or item.state != ItemState.open:
        return set()
    ids = {one.id for one in entries(item) if one.entity} | set(map(place_of, awaited(item)))
    return {(record_id, item.holder_id, item.created_ms, item.id) for record_id in ids}


def _bury(conn: sa.Connection, state: State, actor: Actor, now_ms: int) -> None:
    if not state.buried:
        return
    for number in sorted({number for number, _ in state.buried}):
        ids = sorted(record_id for entity, record_id in state.buried if entity == number)
        put_rows(conn, actor.org_id, BY_NUMBER[number], gone=ids)
    rows = [
        {"org_id": actor.org_id, "entity": key[0], "id": key[1], "rev": one.rev, "customer_id": one.customer_id,
         "deleted_ms": now_ms, "user_id": actor.user_id}
        for key, one in sorted(state.buried.items())
    ]  # fmt: skip
    conn.execute(sa.insert(tombstone), rows)


def _unbury(conn: sa.Connection, org_id: int, keys: Iterable[Key]) -> None:
    """Drop the tombstones of restored records."""
    for entity, record_id in sorted(keys):
        where = (tombstone.c.org_id == org_id, tombstone.c.entity == entity, tombstone.c.id == record_id)
        conn.execute(sa.delete(tombstone).where(*where))


CHANGE_COLUMNS = "org_id, entity, id, rev, group_name, line_no, n, user_id, at_ms, decision, before, after, customer_id"
INSERT_CHANGE = {
    "sqlite": f"INSERT INTO {change.name} ({CHANGE_COLUMNS}) VALUES ({', '.join('?' * 13)})",  # noqa: S608 - our own names
    "postgresql": f"INSERT INTO {change.name} ({CHANGE_COLUMNS}) VALUES ({', '.join(f'${at}' for at in range(1, 14))})",  # noqa: S608
}


def _save_changes(conn: sa.Connection, actor: Actor, changes: Iterable[Change], now_ms: int) -> None:
    rows = [
        (actor.org_id, *one.key, one.rev, one.group, one.line_no, one.n, one.user_id, now_ms, one.decision,
         ENCODER.encode(one.before), ENCODER.encode(one.after), one.customer_id)
        for one in changes
    ]  # fmt: skip
    if rows:
        conn.exec_driver_sql(INSERT_CHANGE[conn.dialect.name], rows)
