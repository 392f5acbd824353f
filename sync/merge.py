"""Merge by causality and by field group, never by clock (P-4xx).

A group conflicts when somebody else changed it after the rev in which the author last saw it, and the values differ.
"""

from collections.abc import Mapping

import msgspec

from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.records.base import Record
from shared_schema.records.inbox import Value, Values
from sync import sets
from sync.decode import Grouped
from sync.state import Held, Stamp, Stamps


class GroupChange(msgspec.Struct, frozen=True):
    """One field group, as it stood and as the author wants it."""

    group: str
    before: Values
    after: Values


class Merged(msgspec.Struct, frozen=True):
    """The record that a patch makes. `foreign`: others changed other groups meanwhile, so this is a merge."""

    record: Record
    stamps: Stamps
    taken: tuple[GroupChange, ...]
    conflicts: tuple[GroupChange, ...]
    foreign: bool


def read(record: Record, slots: Mapping[str, Value]) -> Values:
    """Current values of the named slots."""
    return {slot: value_of(record, slot) for slot in slots}


def value_of(record: Record, slot: str) -> Value:
    """Value of a slot; `extra.<key>` reads a custom field, None when it is not set."""
    if slot.startswith(EXTRA_PREFIX):
        return getattr(record, EXTRA).get(slot[len(EXTRA_PREFIX) :])  # type: ignore[no-any-return]
    return getattr(record, slot)  # type: ignore[no-any-return]


def write(record: Record, values: Mapping[str, Value], rev: int) -> Record:
    """The record with these slots changed, at a new rev."""
    plain = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    keys = {slot[len(EXTRA_PREFIX) :]: value for slot, value in values.items() if slot.startswith(EXTRA_PREFIX)}
    if keys:
        merged = {**getattr(record, EXTRA), **keys}
        plain[EXTRA] = {key: value for key, value in merged.items() if value is not None}
    return msgspec.structs.replace(record, rev=rev, **plain)


def build(entity: Entity, record_id: bytes, rev: int, values: Values, tag: sets.Tag) -> Record:
    """A record as its author gave it; slots that the server owns have their defaults. `tag` marks the elements of its sets."""
    slots = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    slots |= {slot: sets.filled(made_of, slots[slot], tag) for slot, made_of in entity.sets.items() if slot in slots}
    if entity.has_extra:
        slots[EXTRA] = {key[len(EXTRA_PREFIX) :]: value for key, value in values.items() if key.startswith(EXTRA_PREFIX)}
    return entity.record(id=record_id, rev=rev, **slots)


def conflicts(stamp: Stamp, base: int, line_no: int, n: int) -> bool:
    """Whether somebody else wrote the standing value after the author last saw it (P-401).

    An earlier mutation of the same device line is no conflict: the author had it on the own screen (P-402).
    """
    if stamp.rev <= base:
        return False
    return not (stamp.line_no == line_no and stamp.n < n)


def merge(held: Held, wanted: Grouped, bases: Mapping[str, int], writer: Stamp, *, undo: bool = False) -> Merged:
    """Fold a patch into a record. `writer.rev` is the rev which the record gets if anything changes.

    An undo also conflicts with a newer value of its own author (P-423). Operations on sets never conflict: they add and take their own
    tags, whatever else stands (P-413). The desk has no n: what it adds bears the record's new rev, so no earlier removal means it.
    """
    line_no, n = (0, 0) if undo else writer[1:]
    stamps = held.stamps
    taken: list[GroupChange] = []
    refused: list[GroupChange] = []
    for group, values in wanted.items():
        before = read(held.record, values)
        after = sets.resolved(before, values, (writer.line_no, writer.n or writer.rev))
        if before == after:
            continue
        is_set = any(map(sets.is_change, values.values()))
        clash = not is_set and conflicts(held.stamp(group), bases.get(group, 0), line_no, n)
        (refused if clash else taken).append(GroupChange(group, before, after))
        if not clash:
            stamps = sets.stamped(stamps, group, writer) if is_set else {**stamps, group: writer}
    if not taken:
        return Merged(held.record, held.stamps, (), tuple(refused), False)
    values = {slot: value for change in taken for slot, value in change.after.items()}
    foreign = _changed_elsewhere(held, bases, writer)
    return Merged(write(held.record, values, writer.rev), stamps, tuple(taken), tuple(refused), foreign)


def _changed_elsewhere(held: Held, bases: Mapping[str, int], writer: Stamp) -> bool:
    """Operations on sets alone have no base, so they do not tell which values their author saw."""
    seen = max(bases.values(), default=0)
    return bool(bases) and any(stamp.rev > seen and stamp.line_no != writer.line_no for stamp in held.stamps.values())
