"""Delete where people were: from records with everything that shows them, from kept bytes and from uploads that were put aside (D-474)."""

from collections.abc import Collection

import sqlalchemy as sa

from server.domain.retention import without
from server.services.act import NOBODY
from server.store import families, load, owed, retained
from server.store.retained import BEGIN, DAY_MS
from server.store.write import save
from shared_schema.entity import Entity
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.rules import Actor
from sync.state import Key, State


def forget(conn: sa.Connection, org_id: int, keys: Collection[Key], days: int, now_ms: int) -> int:
    """Delete it from a batch of records, and publish them as they stand then; how many records changed.

    `days`: after how many, 0: because somebody wanted it. A record that tells nothing stays as it is: a second run changes nothing. A
    record that comes to another customer at this moment is left to the next run.
    """
    named: dict[Entity, set[bytes]] = {}
    for number, record_id in keys:
        named.setdefault(BY_NUMBER[number], set()).add(record_id)
    customers = families.lock(conn, org_id, families.families(conn, org_id, named, ()))
    for entity in families.OWN_LOCKS:
        families.lock_rows(conn, org_id, entity, named.get(entity, ()))
    state = State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, customers)
    for entity, ids in named.items():
        load.by_ids(conn, state, org_id, entity, ids)
    silent = [key for key in sorted(keys) if not _forgotten(state, key, customers, days)]
    retained.drop(conn, org_id, silent)
    save(conn, state, Actor(org_id, NOBODY, 0, Role.unknown), now_ms)
    if state.touched:
        owed.note(conn, org_id, now_ms)
    return len(state.touched)


def forget_all(conn: sa.Connection, now_ms: int) -> int:
    """Delete all that is due, in one transaction: before a restored database serves anybody; how much it was."""
    return sum(forget_due(conn, org_id, days, now_ms) for org_id, days in retained.visit_days(conn).items())


def forget_due(conn: sa.Connection, org_id: int, days: int, now_ms: int) -> int:
    """Delete all that is due of one organisation; how much it was."""
    before_ms, after, done = now_ms - days * DAY_MS, BEGIN, 0
    while batch := retained.due(conn, org_id, before_ms, after):
        done, after = done + forget(conn, org_id, [one.key for one in batch], days, now_ms), batch[-1]
    return done + forget_kept(conn, org_id, before_ms)


def forget_kept(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Delete it from entries and uploads that came before a moment and that are kept as they came; how many."""
    done = retained.forget_uploads(conn, org_id, before_ms)
    while found := retained.forget_bytes_of_before(conn, org_id, before_ms):
        done += found
    if done:
        owed.note(conn, org_id, before_ms)
    return done


def _forgotten(state: State, key: Key, customers: Collection[bytes], days: int) -> bool:
    """Whether a record is to be looked at again, or was changed."""
    held = state.held.get(key)
    if held is None:
        return False
    family = family_of(BY_RECORD[type(held.record)], held.record)
    if family and family not in customers:
        return True
    record = without(held.record, days)
    if record is held.record:
        return False
    state.write(record)
    return True
