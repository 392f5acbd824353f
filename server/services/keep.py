"""The frame of every change of reference records: lock and read them, keep what is new or differs; whoever saves publishes once, last."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import sqlalchemy as sa

from server.store import families, load
from server.store.write import save
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor
from sync.state import State

R = TypeVar("R", bound=Record)
NOBODY: Final = bytes(16)
"""Reference records name nobody as their author."""


def one(conn: sa.Connection, org_id: int, record: R, now_ms: int) -> R:
    """Make or change one record and publish it; see `each`."""
    return each(conn, org_id, (record,), now_ms)[0]


def each(conn: sa.Connection, org_id: int, records: Sequence[R], now_ms: int) -> list[R]:
    """Make or change records of distinct ids and publish them → the records as they stand, in the order given.

    For a caller that writes nothing else in its transaction; any other caller locks into a state of its own and saves that.
    """
    state = State(load.rev_floor(conn, org_id))
    lock(conn, org_id, state, records)
    kept = [state.keep(record) for record in records]
    save(conn, state, Actor(org_id, NOBODY, 0, Role.unknown), now_ms)
    return kept


def lock(conn: sa.Connection, org_id: int, state: State, records: Iterable[Record]) -> None:
    """Lock the records of these ids, by entity and id, and read them by a later statement; a new record is not there yet."""
    found: dict[Entity, set[bytes]] = {}
    for record in records:
        found.setdefault(BY_RECORD[type(record)], set()).add(record.id)
    for entity in sorted(found, key=lambda entity: entity.number):
        families.lock_rows(conn, org_id, entity, found[entity])
        load.by_ids(conn, state, org_id, entity, found[entity])
