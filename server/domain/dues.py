"""Which rows of the due index a transaction writes: early is right, late is not (docs/architecture.md, Reminders)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from server.domain.features import FEATURES
from server.domain.local_times import AROUND_MS
from server.domain.notifications import moved_customers
from server.domain.reminder import FOR_ALL, Reminder, Row
from server.domain.sweep import Sweep
from shared_schema.records.base import Record
from shared_schema.records.notification import UserSettings
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.state import Key, State

REMINDERS: Final[Mapping[str, Reminder[Any]]] = {rule.name: rule for one in FEATURES for rule in one.reminders}
SWEEPS: Final[Mapping[str, Sweep[Any]]] = {one.name: one for feature in FEATURES for one in feature.sweeps}
ANEW: Final = frozenset(BY_RECORD[record].number for rule in REMINDERS.values() for record in rule.anew_by)
"""Entities of which a new or changed record makes all records of a rule be judged anew."""
OF_ENTITY: Final[Mapping[int, tuple[Reminder[Any], ...]]] = {
    number: tuple(rule for rule in REMINDERS.values() if BY_RECORD[rule.record].number == number)
    for number in {BY_RECORD[rule.record].number for rule in REMINDERS.values()}
}
SETTINGS: Final = BY_RECORD[UserSettings].number
ORGANISATION: Final = BY_RECORD[Organisation].number


class Shift(NamedTuple):
    """Rows that become earlier by `by_ms`: those of a reader, else those of a rule, else all of the organisation."""

    by_ms: int
    reader_id: bytes | None = None
    rule: str | None = None


def written(state: State, now_ms: int) -> list[Row]:
    """The rows of records that are new, changed in what their occasions depend on, or whose followers are others now.

    None are taken away: a row without an occasion is found out when its time comes.
    """
    rows, moved = {}, set(_followed_by_others(state))
    for key in {*state.touched, *moved}:
        for rule in OF_ENTITY.get(key[0], ()):
            record = state.held[key].record
            is_judged = key in moved or (not rule.moved_only and _is_news(state, key, rule))
            at_ms = rule.earliest(record) if is_judged else None
            if at_ms is not None:
                rows[rule.name, record.id] = Row(rule.name, record.id, FOR_ALL, at_ms, now_ms)
    return [rows[key] for key in sorted(rows)]


def _is_news(state: State, key: Key, rule: Reminder[Any]) -> bool:
    """Whether the row that stands, if any, may be too late."""
    before, after = state.originals.get(key), state.held[key].record
    if before is None or key in state.created:
        return True
    return any(getattr(before.record, slot) != getattr(after, slot) for slot in rule.slots)


def _followed_by_others(state: State) -> Iterable[Key]:
    """The records of customers whose holders changed: their readers are others."""
    moved = moved_customers(state)
    for key, held in state.held.items() if moved else ():
        if key[0] in OF_ENTITY and family_of(BY_NUMBER[key[0]], held.record) in moved:
            yield key


def is_shifting(state: State) -> bool:
    """Whether this transaction changes settings on which moments depend."""
    return any(number in (SETTINGS, ORGANISATION) or number in ANEW for number, _ in state.touched)


def shifts(state: State) -> list[Shift]:
    """Rows that may be too late by a change of settings. A record that is new had no zone before: the organisation's stood for it."""
    found = []
    for key in state.touched:
        before, after = _before(state, key), state.held[key].record
        if isinstance(after, UserSettings):
            zone_before = before.time_zone if isinstance(before, UserSettings) else ""
            if after.time_zone != zone_before:
                found.append(Shift(AROUND_MS, reader_id=after.user_id))
        elif isinstance(after, Organisation) and isinstance(before, Organisation):
            if after.time_zone != before.time_zone:
                found.append(Shift(AROUND_MS))
            found += [Shift(by, rule=rule.name) for rule in REMINDERS.values() if (by := rule.shift_ms(before, after)) > 0]
    return found


def judged_anew(state: State) -> list[Reminder[Any]]:
    """The rules by which all records are judged again, because the organisation's settings changed, or records by which a rule goes."""
    changed = [(_before(state, key), state.held[key].record) for key in state.touched if key[0] == ORGANISATION]
    pairs = [(one, other) for one, other in changed if isinstance(one, Organisation) and isinstance(other, Organisation)]
    written_ones = {BY_NUMBER[number].record for number, _ in state.touched if number in ANEW}
    return [rule for rule in REMINDERS.values() if written_ones & set(rule.anew_by) or any(rule.is_anew(*pair) for pair in pairs)]


def _before(state: State, key: Key) -> Record | None:
    known = state.originals.get(key)
    return known.record if known is not None and key not in state.created else None
