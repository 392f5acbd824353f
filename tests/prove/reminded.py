"""The due index of the store in memory, as `server/store/dues.py`: rows by dict, the same pure core decides which ones."""

from collections.abc import Collection

from server.domain import notifications
from server.domain.dues import is_shifting, shifts, written
from server.domain.notice_readers import doubtful, withdraw
from server.domain.reminder import FOR_ALL, Row
from server.store.dues import Subject
from sync.state import State
from tests.prove.store import Store

RULES: tuple[str, ...] = ("birthday", "collaboration_end", "follow_up", "no_contact", "quote_validity", "quote_waiting")
"""Those whose occasions depend on records alone; when a device was last seen is nothing that the store in memory knows."""


def note(store: Store, state: State, now_ms: int) -> None:
    """Keep when the records that a transaction wrote must be judged, and which rows become earlier by changed settings."""
    put(store, [row for row in written(state, now_ms) if row.rule in RULES])
    for shift in shifts(state) if is_shifting(state) else ():
        for key, (at_ms, since_ms) in list(store.dues.items()):
            if shift.reader_id in (None, key[2]) and shift.rule in (None, key[0]):
                store.dues[key] = max(0, at_ms - shift.by_ms), since_ms


def tell(store: Store, state: State, left: Collection[bytes], now_ms: int) -> None:
    """As `server/services/notices.py`, of a state that holds everything. `left`: records whose notices may have other readers by now."""
    made = notifications.announce(state, now_ms)
    again = withdraw(state, doubtful(state, left, made), now_ms).again
    notifications.end(state, now_ms)
    put(store, [Row(rule, subject_id, FOR_ALL, now_ms, 0) for rule, subject_id in sorted(again) if rule in RULES])


def put(store: Store, rows: list[Row]) -> None:
    """Write rows; one that stands and is earlier stays as early."""
    for row in rows:
        key = (row.rule, row.subject_id, row.reader_id)
        stood = store.dues.get(key)
        store.dues[key] = (min(row.at_ms, stood[0]), max(row.since_ms, stood[1])) if stood is not None else (row.at_ms, row.since_ms)


def waiting(store: Store, now_ms: int) -> dict[Subject, list[Row]]:
    """All rows of each record whose time may have come."""
    come = {key[:2] for key, (at_ms, _) in store.dues.items() if at_ms <= now_ms}
    found: dict[Subject, list[Row]] = {subject: [] for subject in sorted(come)}
    for key, (at_ms, since_ms) in store.dues.items():
        if key[:2] in come:
            found[key[:2]].append(Row(*key, at_ms, since_ms))
    return found


def replace(store: Store, subjects: dict[Subject, list[Row]], rows: list[Row]) -> None:
    """Put rows in the place of all that these records have."""
    for key in [key for key in store.dues if key[:2] in subjects]:
        del store.dues[key]
    put(store, rows)
