"""Notices become records, and end, within the transaction that caused them; the outbox keeps what must be sent after the commit."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from server.domain import notifications
from server.domain.dues import is_shifting
from server.domain.notice_readers import ABOVE, doubtful, is_regrouped
from server.domain.reminder import FOR_ALL, Row
from server.services import notice_readers
from server.store import dues, families, load, outbox
from shared_schema.records.notification import Notification, NotificationState
from sync.rules import Actor
from sync.state import Key, State

ENTITY = notifications.ENTITY


def tell(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> None:
    """Make the notices of a decision records, close those whose cause is over or whose reader may hear them no more, and join receipts
    that came meanwhile.

    Called once, after the decision and before anything is written: the rows of notices are locked here, the last of all records.
    """
    _lock_settings(conn, acting.org_id, state)
    asked = {notifications.key_of(heard, now_ms) for heard in state.notices}
    changed = notifications.changed_subjects(state)
    mine = {key for key in state.touched if key[0] == ENTITY.number}
    left = notice_readers.subjects(conn, acting.org_id, state)
    if not (asked or changed or mine or left):
        return
    found = outbox.about(conn, acting.org_id, changed | left)
    _lock(conn, state, acting.org_id, asked | found, mine)
    made = notifications.announce(state, now_ms)
    others = notice_readers.withdraw(conn, acting.org_id, state, doubtful(state, left, made), now_ms)
    notifications.end(state, now_ms)
    outbox.put(conn, acting.org_id, [one for one in (*made, *others.made) if _is_open(state, one.id)], now_ms)
    dues.put(conn, acting.org_id, [Row(rule, subject_id, FOR_ALL, now_ms, 0) for rule, subject_id in sorted(others.again)])


def _is_open(state: State, record_id: bytes) -> bool:
    """Whether a new notice is still to be heard: its reader may have lost the place in the tree meanwhile."""
    known = state.find(Notification, record_id)
    return known is not None and known.state is not NotificationState.done


def _lock_settings(conn: sa.Connection, org_id: int, state: State) -> None:
    """A transaction that tells a manager reads the department tree once more below, while no other one changes it."""
    if is_shifting(state) or is_regrouped(state):
        dues.lock_settings(conn, org_id, changing=True)
    elif any(heard.kind in ABOVE for heard in state.notices) or notifications.moved_customers(state):
        dues.lock_settings(conn, org_id, changing=False)


def _lock(conn: sa.Connection, state: State, org_id: int, ids: Collection[bytes], mine: Collection[Key]) -> None:
    """Lock and read these notices, and read again those that this transaction gave receipts for: another one may have been quicker."""
    own = {record_id for _, record_id in mine}
    families.lock_rows(conn, org_id, ENTITY, {*ids, *own})
    load.by_ids(conn, state, org_id, ENTITY, set(ids) - own)
    stood = State(state.rev_floor)
    load.by_ids(conn, stood, org_id, ENTITY, own)
    for key in sorted(key for key in mine if key not in state.created):
        _join(state, stood, key)


def _join(state: State, stood: State, key: Key) -> None:
    """The receipts of this transaction over the record as it stands by now; nothing of one that left meanwhile (D-907)."""
    before, after = stood.held.get(key), state.held[key]
    if before is None:
        del state.touched[key]
        return
    record = notifications.joined(before.record, after.record)  # type: ignore[arg-type]  # both are of this entity
    rev = max(after.record.rev, state.next_rev(before.record.rev))
    state.held[key] = msgspec.structs.replace(after, record=msgspec.structs.replace(record, rev=rev))
