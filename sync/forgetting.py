"""The parts of a record that tell where a person was: deleted after some days, wherever they stand (P-136)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec

from shared_schema.entity import EXTRA_PREFIX, Entity, bare
from shared_schema.policy import Forgotten, Tells
from shared_schema.records.base import Record
from shared_schema.records.inbox import Member, Values
from shared_schema.registry import BY_NUMBER, BY_RECORD, ENTITIES
from shared_schema.wire import ENCODER, MUTATION_DECODER, Kind, Mutation

M = TypeVar("M")
R = TypeVar("R", bound=Record)
NOTHING: Final = b""
"""In the place of bytes of which nobody can say what they tell."""
MEMBERS: Final = ("members", "earlier")
"""Slots that hold entries which wait."""
SIDES: Final = ("before", "mine", "theirs")
"""Of an entry that waits: the values that its author saw, entered, and that stand now."""
UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
FIELDS: Final = msgspec.msgpack.Decoder(dict[str, Any])


class Telling(msgspec.Struct, frozen=True):
    """Of one kind of record. `slots`: each that tells → the value that tells nothing; `places`: those that say where; `since`: the slot
    from whose moment the days count; `days`: the slot that says after how many days a place was deleted."""

    slots: Mapping[str, Any]
    places: frozenset[str]
    members: tuple[str, ...] = ()
    since: str | None = None
    days: str | None = None


@cache
def telling(entity: Entity) -> Telling | None:
    """What a kind of record tells of a person's whereabouts; None: nothing, ever."""
    told = {slot: mark for slot in entity.slots for mark in _marks(entity.hints[slot], Tells)}
    days, mark = next(((slot, mark) for slot in entity.slots for mark in _marks(entity.hints[slot], Forgotten)), (None, None))
    members = tuple(slot for slot in MEMBERS if slot in entity.slots)
    if not told and not members:
        return None
    defaults = {field.name: field for field in msgspec.structs.fields(entity.record)}
    slots = {slot: _nothing(entity, defaults[slot]) for slot in told}
    return Telling(slots, frozenset(slot for slot in told if told[slot].place), members, mark.since if mark else None, days)


def tells(record: Record) -> bool:
    """Whether a record tells anything of a person's whereabouts."""
    known = telling(BY_RECORD[type(record)])
    if known is None:
        return False
    return any(getattr(record, slot) != nothing for slot, nothing in known.slots.items()) or any(map(_member_tells, _members(record)))


def forgotten(record: R, days: int) -> R:
    """The record without anything that tells where a person was; the very same object if it tells nothing. `days`: after how many."""
    known = telling(BY_RECORD[type(record)])
    if known is None or not tells(record):
        return record
    changed: dict[str, Any] = dict(known.slots)
    if known.days is not None and any(getattr(record, slot) != known.slots[slot] for slot in known.places):
        changed[known.days] = days
    changed |= {slot: tuple(map(_forgotten_member, getattr(record, slot))) for slot in known.members}
    return msgspec.structs.replace(record, **changed)


def lost(before: Record, after: Record) -> set[tuple[int, bytes]]:
    """The records of which an entry that waits in this one told where somebody was, and tells it no more."""
    told = {one.n for one in _members(before) if _member_tells(one)}
    return {(one.entity, one.id) for one in _members(after) if one.n in told and not _member_tells(one)}


def told_still(record: Record, values: Values) -> Values:
    """Values without those that tell where somebody was and of which the record says nothing: they may have been deleted from it."""
    known = telling(BY_RECORD[type(record)])
    silent = {slot for slot, nothing in known.slots.items() if getattr(record, slot) == nothing} if known is not None else ()
    return {slot: value for slot, value in values.items() if slot not in silent}


def untold(entity: Entity, values: Values) -> Values:
    """Values of such a record without those that tell, and without fields that this server does not know."""
    known = telling(entity)
    if known is None:
        return values
    kept = (slot for slot in values if slot not in known.slots and (slot in entity.slots or slot.startswith(EXTRA_PREFIX)))
    return {slot: values[slot] for slot in kept}


def forgotten_bytes(raw: bytes) -> bytes:
    """The bytes of an entry without anything that tells where its author was; the same if it tells nothing.

    Nothing is left of bytes that cannot be read, and of an entry of an unknown kind: nobody can say what they tell.
    """
    try:
        mutation = MUTATION_DECODER.decode(raw)
        entity = BY_NUMBER[mutation.entity]
        if mutation.kind == Kind.delete:
            return raw
        values = FIELDS.decode(mutation.body)
        kept = _kept(entity, mutation, values)
    except (*UNREADABLE, KeyError):
        return NOTHING
    if kept == values:
        return raw
    return ENCODER.encode(msgspec.structs.replace(mutation, body=msgspec.Raw(ENCODER.encode(kept))))


def _kept(entity: Entity, mutation: Mutation, values: Values) -> Values:
    """What stays of a body. Raises KeyError: nobody knows."""
    if mutation.kind == Kind.command:
        known = _fields(entity.commands[str(values["command"])])
        return {name: value for name, value in values.items() if not known.get(name, False)}
    return untold(entity, values)


@cache
def _fields(command: type[msgspec.Struct]) -> Mapping[str, bool]:
    """Field of a command → whether it tells."""
    return {name: bool(_marks(hint, Tells)) for name, hint in get_type_hints(command, include_extras=True).items()}


def _members(record: Record) -> Iterable[Member]:
    known = telling(BY_RECORD[type(record)])
    return [one for slot in known.members for one in getattr(record, slot)] if known is not None else ()


def _member_tells(one: Member) -> bool:
    """Whether it says where somebody was; a slot with nothing in it does not."""
    entity = BY_NUMBER.get(one.entity)
    known = telling(entity) if entity is not None else None
    nothing = known.slots if known is not None else {}
    after = _forgotten_member(one)
    sides = [(getattr(one, name), getattr(after, name)) for name in SIDES]
    gone = [(slot, value) for before, kept in sides for slot, value in before.items() if slot not in kept]
    return any(slot not in nothing or value != nothing[slot] for slot, value in gone)


def _forgotten_member(one: Member) -> Member:
    entity = BY_NUMBER.get(one.entity)
    if one.kind == Kind.command:  # a card shows of a command its words alone
        return one
    kept = {name: untold(entity, getattr(one, name)) if entity is not None else {} for name in SIDES}
    return msgspec.structs.replace(one, **kept)


def _marks(hint: Any, kind: type[M]) -> list[M]:
    return [mark for mark in get_args(hint)[1:] if isinstance(mark, kind)]


def _nothing(entity: Entity, field: msgspec.structs.FieldInfo) -> Any:
    """The value that tells nothing: the default, else 0."""
    if not field.required:
        return field.default
    held, _ = bare(entity.hints[field.name])
    return held(0)


TELLING: Final = frozenset(entity.number for entity in ENTITIES if telling(entity) is not None)
"""Kinds of records that may tell where a person was."""
