"""The entries of a phone, each with the screen at that moment: the only thing the oracle believes."""

from collections.abc import Iterable, Mapping

import msgspec

from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.records.base import Record
from shared_schema.registry import BY_NAME

Plain = None | bool | int | str
"""A value as it crosses JSON: ids are hexadecimal text."""
Slots = dict[str, Plain]
Screen = dict[str, Slots]
"""Field group → slot → value of one record. The group "" holds the slots fixed at creation."""
FIXED_GROUP = ""
Key = tuple[str, str]
"""(entity name, record id as hexadecimal text)."""


class Entry(msgspec.Struct, frozen=True):
    """One value of one field group, entered by one person on one phone."""

    phone: str
    n: int
    kind: str
    """create · patch · undo · delete · use_mine (a decision on an inbox card) · rogue (a field that is not the phone's)."""
    entity: str
    id: str
    group: str
    values: Slots
    screen: Screen
    """The whole record as that screen showed it just before."""
    device_ms: int
    number: int = 0
    """Order of entry over all phones, given by the director."""
    arrived: int = 0
    """Order of arrival at the server over all phones, 0 while on its way."""

    @property
    def key(self) -> Key:
        return self.entity, self.id

    @property
    def seen(self) -> Slots:
        """The values that stood on the screen in the place of these."""
        shown = self.screen.get(self.group, {})
        return {slot: shown.get(slot) for slot in self.values}


def plain(value: object) -> Plain:
    """A value of a record as JSON carries it."""
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, (bool, str)):
        return value
    return int(value)  # type: ignore[call-overload, no-any-return]


def flat(record: Record) -> Slots:
    """Every slot of a record, custom fields as `extra.<key>`, packed slots left out."""
    slots: Slots = {}
    for slot in record.__struct_fields__:
        value = getattr(record, slot)
        if slot == EXTRA:
            slots.update({EXTRA_PREFIX + key: plain(inner) for key, inner in value.items()})
        elif not isinstance(value, (tuple, dict)):
            slots[slot] = plain(value)
    return slots


def screen_of(record: Record | None) -> Screen:
    """A record on a screen, by field group; empty when there is no record."""
    if record is None:
        return {}
    entity = BY_NAME[entity_name(record)]
    return by_group(entity, {slot: value for slot, value in flat(record).items() if slot not in entity.server_owned})


def entity_name(record: Record) -> str:
    """Name of the entity of a record."""
    return next(name for name, entity in BY_NAME.items() if type(record) is entity.record)


def by_group(entity: Entity, slots: Mapping[str, Plain]) -> Screen:
    """Sort slots into field groups; a slot of no group goes under "" (fixed at creation, or not the phone's)."""
    groups: Screen = {}
    for slot, value in slots.items():
        group = slot if slot.startswith(EXTRA_PREFIX) else entity.group_of.get(slot, FIXED_GROUP)
        groups.setdefault(group, {})[slot] = value
    return groups


def known_keys(entries: Iterable[Entry]) -> list[Key]:
    """The records that were written to, each once, in order of first entry."""
    return list(dict.fromkeys(entry.key for entry in entries))
