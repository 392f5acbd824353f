"""One piece of the scheduler: records whose time may have come are locked, judged again, and those concerned hear, in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from server.domain.dues import REMINDERS
from server.domain.needs import Asking, DeskNeed, Rows
from server.domain.outages import Outage
from server.domain.reminder import FOR_ALL, Judged, Occasion, Row, judged
from server.services.act import NOBODY, finished, loaded
from server.store import dues, load
from server.store.dues import Subject
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.notification import UserSettings
from shared_schema.records.reference import Organisation, Person, Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor
from sync.state import State

SETTINGS: Final = BY_RECORD[UserSettings]
PERSON: Final = BY_RECORD[Person]
ORGANISATION: Final = BY_RECORD[Organisation]


def remind(conn: sa.Connection, org_id: int, subjects: Sequence[Subject], now_ms: int, outages: tuple[Outage, ...] = ()) -> int:
    """Judge these records of an organisation again; how many were looked at. `outages`: when no server heard phones."""
    acting = Actor(org_id, NOBODY, 0, Role.unknown)
    loader = loaded(conn, acting, lambda asking: _wants(asking, subjects), now_ms)
    dues.lock_settings(conn, org_id, changing=False)
    rows = {subject: of for subject, of in dues.of_subjects(conn, org_id, subjects).items() if min(row.at_ms for row in of) <= now_ms}
    state = loader.state
    state.outages = outages
    for entity in (ORGANISATION, *_settling(subjects)):
        load.every(conn, state, org_id, entity)
    found = {subject: _occasions(state, subject, now_ms) for subject in rows}
    readers = {one.heard.user_id for occasions in found.values() for one in occasions}
    load.by_ids(conn, state, org_id, SETTINGS, readers)
    load.by_ids(conn, state, org_id, PERSON, readers)
    zones = {reader_id: _zone(state, reader_id) for reader_id in readers}
    results = [judged(found[subject], zones, _merged(of), now_ms) for subject, of in sorted(rows.items())]
    _hear(state, results)
    dues.replace(conn, org_id, rows, [row for one in results for row in one.rows])
    dues.put(conn, org_id, [row for subject, one in zip(sorted(rows), results, strict=True) for row in _swept(subject, one, now_ms)])
    finished(loader)
    return len(subjects)


def _wants(asking: Asking, subjects: Iterable[Subject]) -> Iterable[DeskNeed]:
    """The records themselves, which names the families to lock; then the needs of those that are there."""
    for name, subject_id in subjects:
        rule = REMINDERS.get(name)
        if rule is not None:
            yield Rows(rule.record, frozenset({subject_id}))
            record: Record | None = asking.state.find(rule.record, subject_id)
            yield from rule.wants(asking, record) if record is not None else ()


def _occasions(state: State, subject: Subject, now_ms: int) -> list[Occasion]:
    """The occasions of a record; none if it is gone, or if no version of this server knows the rule any more."""
    rule = REMINDERS.get(subject[0])
    record: Record | None = state.find(rule.record, subject[1]) if rule is not None else None
    if rule is None or record is None or rule.earliest(record) is None:
        return []
    return list(rule.occasions(state, record, now_ms))


def _settling(subjects: Iterable[Subject]) -> list[Entity]:
    """Kinds of records by which these rules go: read under the lock of settings, else a row could go back to a moment of before."""
    kinds = {record for name, _ in subjects if name in REMINDERS for record in REMINDERS[name].anew_by}
    return sorted((BY_RECORD[record] for record in kinds), key=lambda entity: entity.number)


def _swept(subject: Subject, one: Judged, now_ms: int) -> Iterable[Row]:
    """The row of a record at which a sweep looks from now on."""
    sweep = REMINDERS[subject[0]].then if subject[0] in REMINDERS and one.heard else None
    return [Row(sweep, subject[1], FOR_ALL, now_ms, now_ms)] if sweep is not None else []


def _merged(rows: Sequence[Row]) -> Row:
    """A record that was changed since it was judged has a row for all readers beside theirs: the newest change counts."""
    return rows[0]._replace(since_ms=max(row.since_ms for row in rows))


def _zone(state: State, user_id: bytes) -> str:
    """The time zone of a user: the user's own, else the organisation's."""
    settings = state.find(UserSettings, user_id)
    if settings is not None and settings.time_zone:
        return settings.time_zone
    return state.organisation.time_zone if state.organisation is not None else "UTC"


def _hear(state: State, results: Iterable[Judged]) -> None:
    """A user who has left hears nothing: the next owner of the customer does."""
    for heard in (heard for one in results for heard in one.heard):
        person = state.find(Person, heard.user_id)
        if person is not None and person.active:
            state.notices.append(heard)
