"""Erasing a person out of records: the person's own entries lose their values, texts of others the words that name the person (D-484)."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from shared_schema.entity import Entity, bare
from shared_schema.records.base import Record
from shared_schema.records.inbox import Member, Values
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, MUTATION_DECODER, Kind, Mutation
from sync.forgetting import FIELDS, NOTHING, UNREADABLE

R = TypeVar("R", bound=Record)
Key = tuple[int, bytes]
MASK: Final = "[…]"
"""Stands where a word stood that named an erased person."""
EMPTY: Final = msgspec.Raw(b"\x80")


class Erasing(msgspec.Struct, frozen=True):
    """A person who is being erased. `customer_id`: where the person is known; `named`: slots of the person's record that name the person;
    `partly`: kinds of records about the same customer of which only these slots are free text; `is_user`: a user of the organisation."""

    entity: int
    id: bytes
    by_user_id: bytes
    customer_id: bytes | None = None
    named: tuple[str, ...] = ()
    partly: Mapping[int, tuple[str, ...]] = {}
    is_user: bool = False

    @property
    def key(self) -> Key:
        """The person's record."""
        return self.entity, self.id


class Sought(msgspec.Struct, frozen=True):
    """The keys and the words that go."""

    keys: frozenset[Key]
    words: frozenset[str]
    partly: Mapping[int, tuple[str, ...]] = {}


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Longer words first; a word of letters and digits stands alone, so that no other word loses a part."""
    bounded = (rf"(?<!\w){re.escape(one)}(?!\w)" if one.isascii() else re.escape(one) for one in sorted(words, key=len, reverse=True))
    return re.compile("|".join(bounded), re.IGNORECASE)


def masked(value: Any, words: frozenset[str]) -> Any:
    """The value with each of these words masked, in whatever it holds; equal if there is none."""
    if not words:
        return value
    if isinstance(value, str):
        return _pattern(words).sub(MASK, value)
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **{name: masked(getattr(value, name), words) for name in value.__struct_fields__})
    if isinstance(value, dict):
        return {key: masked(part, words) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(masked(part, words) for part in value)
    return value


def hidden(one: Member) -> Member:
    """The place of an entry about an erased person, without anything that was entered."""
    return msgspec.structs.replace(one, before={}, mine={}, theirs={})


def known_members(members: Collection[Member], erased: Collection[Key]) -> tuple[Member, ...]:
    """Entries of which those about erased persons are hidden."""
    return tuple(hidden(one) if (one.entity, one.id) in erased else one for one in members)


@cache
def texts(entity: Entity) -> tuple[str, ...]:
    """The slots that hold texts of people, alone or among other values; entries that wait apart."""
    held = {slot: bare(entity.hints[slot])[0] for slot in entity.slots}
    return tuple(slot for slot in entity.slots if not isinstance(held[slot], type) or held[slot] is str)


def without(record: R, sought: Sought) -> R:
    """The record without the person; the very same object if it says nothing of the person."""
    entity = BY_RECORD[type(record)]
    slots = sought.partly.get(entity.number, texts(entity))
    changed: dict[str, Any] = {}
    for slot in slots:
        value = getattr(record, slot)
        new = _members(value, sought) if _holds_members(value) else masked(value, sought.words)
        if new != value:
            changed[slot] = new
    return msgspec.structs.replace(record, **changed) if changed else record


def _holds_members(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Member) for one in value)


def _members(members: tuple[Member, ...], sought: Sought) -> tuple[Member, ...]:
    return tuple(_masked_member(one, sought) for one in known_members(members, sought.keys))


def _masked_member(one: Member, sought: Sought) -> Member:
    parts = {name: of_values(one.entity, getattr(one, name), sought) for name in ("before", "mine", "theirs")}
    return msgspec.structs.replace(one, **parts)


def of_values(number: int, values: Values, sought: Sought) -> Values:
    """Values of a kind of record, its free texts masked."""
    free = sought.partly.get(number)
    return {
        slot: masked(value, sought.words) if free is None or slot.partition(".")[0] in free else value for slot, value in values.items()
    }


def of_bytes(raw: bytes, sought: Sought) -> bytes:
    """The bytes of an entry that is kept, without the person; nothing is left of bytes that cannot be read."""
    try:
        mutation = MUTATION_DECODER.decode(raw)
        if (mutation.entity, mutation.id) in sought.keys:
            return emptied(mutation)
        if mutation.kind == Kind.delete or mutation.entity not in BY_NUMBER:
            return raw
        values = FIELDS.decode(mutation.body)
    except UNREADABLE:
        return NOTHING
    kept = of_values(mutation.entity, values, sought)
    return raw if kept == values else ENCODER.encode(msgspec.structs.replace(mutation, body=msgspec.Raw(ENCODER.encode(kept))))


def emptied(mutation: Mutation) -> bytes:
    """The bytes of an entry without its body."""
    return ENCODER.encode(msgspec.structs.replace(mutation, body=EMPTY))
