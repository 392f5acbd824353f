"""An organisation read back from a real database into the simulator's store, and what differs between the two.

Not compared: notices (their ids and words are the outbox's), wall-clock columns, hashes of tokens, accounts.
Of maps the keys are compared, not their order. Outcomes the device has confirmed may stay a while: they go push by push.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from server.models import (
    RECORD_TABLES,
    answered,
    change,
    counter,
    device,
    due,
    feed,
    org,
    ownership_event,
    payload,
    retained,
    scope,
    tombstone,
)
from server.store import load, owed
from server.store.convert import columns, is_register
from server.store.device_lines import ANSWERED_DECODER
from server.store.history import VALUES_DECODER
from shared_schema.policy import Lane
from shared_schema.registry import BY_NUMBER, ENTITIES
from shared_schema.wire import ENCODER
from sync.cursor import ScopeHead
from sync.scope import Reader
from sync.state import Buried, Change, OwnershipEvent
from tests.prove.reminded import RULES
from tests.prove.store import LineRow, Store, Told

NOT_NUMBERS = ("line", "scope")
"""Counters of numbers which the history hands out itself."""


def read_store(conn: sa.Connection, org_id: int, memory: Store) -> Store:
    """What the database holds; what only the oracle knows (who took what, who is who, what was purged) comes from `memory`."""
    found = memory.copy()
    one = conn.execute(sa.select(org).where(org.c.org_id == org_id)).one()
    found.epoch, found.rev_floor = one.epoch, one.rev_floor
    _records(conn, org_id, found)
    found.tombstones = {
        (row.entity, bytes(row.id)): Buried(row.rev, row.customer_id) for row in conn.execute(_all(tombstone, org_id, "entity", "id"))
    }
    _feed(conn, org_id, found)
    _lines(conn, org_id, found)
    _told(conn, org_id, found)
    rows = conn.execute(_all(due, org_id, "rule", "subject_id", "reader_id").where(due.c.rule.in_(RULES)))
    found.dues = {(row.rule, bytes(row.subject_id), bytes(row.reader_id)): (row.at_ms, row.since_ms) for row in rows}
    kept = ((row.entity, bytes(row.id), row.at_ms) for row in conn.execute(_all(retained, org_id, "entity", "id")))
    found.retained = {(entity, one): at_ms for entity, one, at_ms in kept if entity != owed.ENTITY}  # the memory has no files to scrub
    return found


def _all(table: sa.Table, org_id: int, *order: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.org_id == org_id).order_by(*(table.c[name] for name in order))


def _records(conn: sa.Connection, org_id: int, found: Store) -> None:
    found.records = {}
    for entity in ENTITIES:
        table = RECORD_TABLES[entity.name]
        chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id).order_by(table.c.id)
        for row in conn.execute(chosen):
            held = load.held(entity, tuple(row))
            found.records[entity.number, held.record.id] = held


def _feed(conn: sa.Connection, org_id: int, found: Store) -> None:
    found.scopes, found.feed = {}, {}
    for row in conn.execute(_all(scope, org_id, "number")):
        found.scopes[Reader(Lane(row.lane), bytes(row.subject_id), row.tile)] = ScopeHead(row.number, row.lane, row.head, row.floor)
        found.feed[row.number] = {}
    for row in conn.execute(_all(feed, org_id, "scope_no", "seq")):
        found.feed[row.scope_no][row.entity, bytes(row.id)] = Told(row.seq, row.gone, bytes(row.body))


def _lines(conn: sa.Connection, org_id: int, found: Store) -> None:
    found.lines, found.answered = {}, {}
    for row in conn.execute(_all(device, org_id, "line_no")):
        found.lines[row.line_no] = LineRow(bytes(row.user_id), row.last_n, row.acked_n, row.backed_up_n, row.resets)
        found.answered[row.line_no] = {}
    for row in conn.execute(_all(answered, org_id, "line_no", "first_n")):
        acked_n = found.lines[row.line_no].acked_n
        found.answered[row.line_no] |= {one.n: one for one in ANSWERED_DECODER.decode(row.body) if one.n > acked_n}
    found.payloads = {(row.line_no, row.n): bytes(row.body) for row in conn.execute(_all(payload, org_id, "line_no", "n"))}


def _told(conn: sa.Connection, org_id: int, found: Store) -> None:
    events = conn.execute(_all(ownership_event, org_id, "customer_id", "epoch"))
    found.events = [
        OwnershipEvent(
            bytes(row.customer_id), row.epoch, row.kind, row.owner_id, bytes(row.by_user_id), row.reason, row.line_no, row.n, row.pool_id
        )
        for row in events
    ]
    found.counters = {row.key: row.value for row in conn.execute(_all(counter, org_id, "key")) if row.key not in NOT_NUMBERS}
    found.changes = []
    for row in conn.execute(_all(change, org_id, "entity", "id", "rev", "group_name")):
        before, after = VALUES_DECODER.decode(row.before), VALUES_DECODER.decode(row.after)
        key = (row.entity, bytes(row.id))
        one = Change(key, row.rev, row.group_name, row.line_no, row.n, row.decision, before, after, bytes(row.user_id), row.customer_id)
        found.changes.append(one)


def differences(memory: Store, real: Store) -> list[str]:
    """What the two hold differently, in words; records and their stamps, feed, scopes, lines, outcomes, history, deletions."""
    found = []
    for name, left, right in zip(PARTS, _parts(memory), _parts(real), strict=True):
        odd = sorted(key for key in left.keys() | right.keys() if left.get(key) != right.get(key))
        found += [f"{name} {key}: in memory {left.get(key)}, really {right.get(key)}" for key in odd]
    return found


PARTS = (
    *("epoch", "record", "stamps", "tombstone", "scope", "feed", "line", "outcome", "payload", "event", "counter", "change", "due"),
    "retained",
)


def _parts(store: Store) -> tuple[Mapping[Any, Any], ...]:
    return (
        {"epoch": store.epoch, "floor": store.rev_floor},
        {key: msgspec.msgpack.decode(ENCODER.encode(held.record)) for key, held in store.records.items()},
        {key: held.stamps for key, held in store.records.items() if is_register(BY_NUMBER[key[0]])},
        store.tombstones,
        store.scopes,
        {
            (number, *key): (row.seq, row.reason, msgspec.msgpack.decode(row.body))
            for number, rows in store.feed.items()
            for key, row in rows.items()
        },
        store.lines,
        {(line_no, n): (one.hash, one.outcome) for line_no, given in store.answered.items() for n, one in given.items()},
        store.payloads,
        {(event.customer_id, event.epoch): event for event in store.events},
        {key: value for key, value in store.counters.items() if value},
        {(*one.key, one.rev, one.group): one for one in store.changes},
        store.dues,
        store.retained,
    )
