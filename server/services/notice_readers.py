"""A notice that a manager hears because of the department tree leaves the manager with the place in the tree (D-908)."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from server.domain import notice_readers
from server.domain.notice_readers import ABOVE, Withdrawn
from server.domain.tree import line_up
from server.store import identity, load, outbox
from shared_schema.records.notification import Notification
from shared_schema.records.reference import Department, Person, Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.state import State

PERSON = BY_RECORD[Person]
NOTIFICATION = BY_RECORD[Notification]


def subjects(conn: sa.Connection, org_id: int, state: State) -> set[bytes]:
    """The records of open notices whose readers may stand above nobody concerned any more, as the tree is written in this transaction."""
    moved = list(notice_readers.regrouped(state))
    if not moved:
        return set()
    parents = identity.departments(conn, org_id)
    places = {one.department_id if isinstance(one, Person) else one.parent_id for one in moved}
    upwards = {each for place in places if place is not None for each in line_up(parents, place)}
    readers = {bytes(row.id) for row in identity.managers_in(conn, org_id, upwards)}
    return outbox.subjects_of(conn, org_id, readers | {one.id for one in moved if isinstance(one, Person)}, ABOVE.keys())


def withdraw(conn: sa.Connection, org_id: int, state: State, notices: Collection[Notification], now_ms: int) -> Withdrawn:
    """Close those of these notices whose readers may hear them no more, and let the next readers hear."""
    if not notices:
        return Withdrawn([], set())
    _load_subjects(conn, org_id, state, notices)
    found = {one.id: record for one in notices if (record := notice_readers.subject(state, one)) is not None}
    named = {user_id for one in notices if one.id in found for user_id in ABOVE[one.kind].people(found[one.id])}
    load.by_ids(conn, state, org_id, PERSON, named.union(one.user_id for one in notices))
    for entity in {BY_RECORD[kind] for one in notices for kind in ABOVE[one.kind].every}:
        load.every(conn, state, org_id, entity)
    concerned = {of for one in notices if (of := notice_readers.concerned(state, one)) is not None}
    state.leaders.update(_above(conn, org_id, state, concerned))
    return notice_readers.withdraw(state, notices, now_ms)


def _load_subjects(conn: sa.Connection, org_id: int, state: State, notices: Iterable[Notification]) -> None:
    """The records that the notices are about, who follows their customers up, and whatever else was told of them."""
    by_entity: dict[int, set[bytes]] = {}
    for one in notices:
        if one.subject_id is not None and one.subject_entity in BY_NUMBER:
            by_entity.setdefault(one.subject_entity, set()).add(one.subject_id)
    for number, ids in sorted(by_entity.items()):
        load.by_ids(conn, state, org_id, BY_NUMBER[number], ids)
    records = [record for one in notices if (record := notice_readers.subject(state, one)) is not None]
    families = {family_of(BY_RECORD[type(record)], record) for record in records} - {b""}
    load.standings(conn, state, org_id, families)
    load.among(conn, state, org_id, NOTIFICATION, "subject_id", {one for ids in by_entity.values() for one in ids})


def _above(conn: sa.Connection, org_id: int, state: State, user_ids: Collection[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """The active managers above each of these users, the nearest first, as the tree is written in this transaction (D-504).

    People and departments that were only loaded may have moved since.
    """
    written = [state.held[key].record for key in state.touched]
    people = [one for one in written if isinstance(one, Person)]
    moved = {one.id: one.parent_id for one in written if isinstance(one, Department)}
    parents = {**identity.departments(conn, org_id), **moved}
    places = identity.departments_of(conn, org_id, user_ids) | {one.id: one.department_id for one in people}
    lines = {one: line_up(parents, place) for one in user_ids if (place := places.get(one)) is not None}
    stored = identity.managers_in(conn, org_id, {place for line in lines.values() for place in line})
    managers = {bytes(row.id): bytes(row.department_id) for row in stored}
    for one in people:
        managers.pop(one.id, None)
        if one.active and one.role is Role.manager and one.department_id is not None:
            managers[one.id] = one.department_id
    above: dict[bytes, tuple[bytes, ...]] = {}
    for user_id in user_ids:
        line = lines.get(user_id, [])
        found = [(line.index(place), one) for one, place in managers.items() if place in line and one != user_id]
        above[user_id] = tuple(one for _, one in sorted(found))
    return above
