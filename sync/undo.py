"""Taking back one's own changes: which lines of a history can be undone, and the entry that undoes one (P-423, P-426)."""

from collections.abc import Iterable

from shared_schema.registry import BY_NUMBER
from shared_schema.rest import Event
from shared_schema.wire import Kind
from sync import sets
from sync.device import Edit
from sync.state import WHOLE
from sync.steps import DAY_MS, UNDO_DAYS

CHANGED = frozenset({"applied", "merged", "undone"})
DELETED = "deleted"
RESTORED = "restored"


def undo_of(event: Event) -> Edit | None:
    """The entry that takes one change back: the earlier values of its group, or all of a deleted record; None for a change that cannot be
    undone."""
    entity = BY_NUMBER.get(event.entity)
    if entity is None:
        return None
    if event.what in CHANGED and event.group in entity.sets:
        change = sets.inverse(event.before[event.group], event.values[event.group])
        return Edit(Kind.undo, entity, event.id, {event.group: change}, bases={})
    if event.what in CHANGED and event.group != WHOLE:
        return Edit(Kind.undo, entity, event.id, event.before, bases={event.group: event.rev})
    if event.what == DELETED:
        given = {slot: sets.elements(event.before[slot]) for slot in entity.sets if slot in event.before}
        return Edit(Kind.restore, entity, event.id, {**event.before, **given}, bases={WHOLE: event.rev})
    return None


def undoable(events: Iterable[Event], user_id: bytes, now_ms: int) -> list[Event]:
    """Of a history, newest first: the user's own changes that still stand and are not too old, newest first."""
    found: list[Event] = []
    later: set[tuple[int, bytes, str]] = set()
    for event in events:
        place = (event.entity, event.id, event.group)
        whole = (event.entity, event.id, WHOLE)
        own = event.user_id == user_id and now_ms - event.at_ms <= UNDO_DAYS * DAY_MS
        if own and place not in later and whole not in later and undo_of(event) is not None:
            found.append(event)
        if event.what in CHANGED or event.what in (DELETED, RESTORED):
            later.add(place)
    return found
