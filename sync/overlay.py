"""The user's view: the server's rows, with the device's own edits drawn over them until those arrive by pull."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from shared_schema.entity import Entity
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Kind
from sync import sets
from sync.decode import WHOLE_KINDS, Intent, envelope, understand
from sync.merge import build, read, write
from sync.shelf import Pending, Shelf
from sync.state import WHOLE, Key


def own(shelf: Shelf, key: Key) -> list[tuple[Pending, Intent]]:
    """Own mutations of one record that are still drawn, by n."""
    return [(one, intent) for one, intent in drawn(shelf) if (intent.entity.number, intent.mutation.id) == key]


def drawn(shelf: Shelf) -> Iterable[tuple[Pending, Intent]]:
    """All own mutations that are still drawn, by n. A mutation that cannot be understood is sent and answered, but never drawn."""
    found = ((one, understood(one.raw)) for one in shelf.pendings() if one.overlay)
    return ((one, intent) for one, intent in found if intent is not None)


@lru_cache(maxsize=2_048)
def understood(raw: bytes) -> Intent | None:
    """The meaning of an entry. Frozen bytes always mean the same, so a long queue is read once."""
    try:
        return understand(envelope(raw))
    except Problem:
        return None


def is_quiet(raw: bytes) -> bool:
    """Whether an entry is a receipt, which no screen counts or lists (P-630)."""
    intent = understood(raw)
    return intent is not None and intent.command is not None and intent.command.quiet


def server_record(shelf: Shelf, key: Key) -> Record | None:
    """The record as the server last gave it."""
    body = shelf.row(key)
    return BY_NUMBER[key[0]].read(body) if body is not None else None


def view(shelf: Shelf, entity: Entity, record_id: bytes) -> Record | None:
    """The record as the screen shows it; None when there is none, or the user deleted it."""
    key = (entity.number, record_id)
    return _drawn_over(entity, server_record(shelf, key), [intent for _, intent in own(shelf, key)], shelf.seat().line_no)


def views(shelf: Shelf, entity: Entity) -> list[Record]:
    """All records of one entity as the screen shows them, by id."""
    records: dict[bytes, Record | None] = {record_id: entity.read(body) for record_id, body in shelf.rows(entity.number)}
    intents: dict[bytes, list[Intent]] = {}
    for _, intent in drawn(shelf):
        if intent.entity is entity:
            intents.setdefault(intent.mutation.id, []).append(intent)
    line_no = shelf.seat().line_no
    for record_id, entered in intents.items():
        records[record_id] = _drawn_over(entity, records.get(record_id), entered, line_no)
    return [record for _, record in sorted(records.items()) if record is not None]


def _drawn_over(entity: Entity, record: Record | None, intents: Iterable[Intent], line_no: int) -> Record | None:
    """An own operation on a set bears the tag it will have: the phone's line, and its n (P-416)."""
    for intent in intents:
        tag = (line_no, intent.mutation.n)
        if intent.mutation.kind == Kind.delete:
            record = None
        elif intent.mutation.kind in WHOLE_KINDS and record is None:
            record = build(entity, intent.mutation.id, 0, intent.values[WHOLE], tag)
        elif intent.mutation.kind in (Kind.patch, Kind.undo) and record is not None:
            values = {slot: value for group in intent.values.values() for slot, value in group.items()}
            record = write(record, sets.resolved(read(record, values), values, tag), record.rev)
    return record


def same(left: Record, right: Record) -> bool:
    """Whether two views show the same, whatever their revs."""
    return msgspec.structs.replace(left, rev=0) == msgspec.structs.replace(right, rev=0)
