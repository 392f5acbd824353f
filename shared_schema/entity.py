"""An entity is one kind of record, with everything that derives from its struct, its policy, its lane and its hold."""

from collections.abc import Mapping
from enum import IntEnum
from functools import cached_property, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType

from shared_schema.elements import IdChange, TaggedId, TaggedWord, WordChange
from shared_schema.policy import (
    Author,
    Due,
    Fixed,
    Given,
    Group,
    Hold,
    InTile,
    Lane,
    OfAll,
    OfFamily,
    OfTeam,
    OfUsers,
    Parent,
    Policy,
    Receiving,
    Rising,
    Searched,
    Server,
    Set,
)
from shared_schema.records.base import Command, Record

HEAD: Final = "customer"
"""The entity at the head of a family."""
EXTRA: Final = "extra"
EXTRA_PREFIX: Final = "extra."
Role = Group | Set | Fixed | Server
M = TypeVar("M")
CHANGES: Final[Mapping[Any, type[Struct]]] = {TaggedWord: WordChange, TaggedId: IdChange}
"""The type of a set's elements → the operation that a patch carries."""


class Entity:
    """One kind of record: its number on the wire, its policy, its lane, its hold, and everything that derives from its struct."""

    def __init__(
        self, number: int, record: type[Record], policy: Policy, lane: Lane, hold: Hold, *, commands: tuple[type[Command], ...] = ()
    ) -> None:
        self.number = number
        self.record = record
        self.name = _snake(record.__name__)
        self.policy = policy
        self.lane = lane
        self.hold = hold
        self.opens = hold.opens if isinstance(hold, OfAll) else ()
        self.commands = {str(command.__struct_config__.tag): command for command in commands}
        """Name → struct, of each command that such a record takes; another entity may give the name another meaning."""
        if len(self.commands) < len(commands):
            raise TypeError(f"{record.__name__} takes two commands of one name")
        self.slots: tuple[str, ...] = record.__struct_fields__
        self.hints: Mapping[str, Any] = get_type_hints(record, include_extras=True)
        self.roles: Mapping[str, Role] = {slot: _role(record, slot, self.hints[slot]) for slot in self.slots}
        self.fixed = frozenset(slot for slot in self.slots if isinstance(self.roles[slot], Fixed))
        self.server_owned = frozenset(slot for slot in self.slots if isinstance(self.roles[slot], Server))
        self.group_of = {slot: role.name for slot, role in self.roles.items() if isinstance(role, Group)}
        self.sets = {slot: _tagged(self.hints[slot]) for slot, role in self.roles.items() if isinstance(role, Set)}
        """Slot of an add-wins set → TaggedWord or TaggedId. Its group in a patch and in the history is the slot."""
        self.has_extra = EXTRA in self.slots
        self.in_family = isinstance(hold, OfFamily)
        self.is_head = hold == OfFamily("id")
        """Whether its id is the customer's: the user who makes a customer holds it."""
        self.is_own_lock = isinstance(hold, OfUsers) and not hold.late
        """Whether a writer of such a record locks its row; records of a family are locked by the family."""
        if not {*self.held_by, self.about or "id"} <= set(self.slots):
            raise TypeError(f"{record.__name__} is held by a slot that it does not have")

    @property
    def held_by(self) -> tuple[str, ...]:
        """The slots that tell the holders of a record."""
        match self.hold:
            case OfFamily(slot=slot) | OfTeam(slot=slot) | InTile(pool=slot):
                return (slot,)
            case OfUsers(slots=slots):
                return slots
            case OfAll():
                return ()

    @property
    def about(self) -> str | None:
        """The slot that names the customer that a record is about: that family is locked for it. None: it is about no customer."""
        match self.hold:
            case OfFamily(slot=about) | InTile(about=about) | OfUsers(about=about):
                return about
            case OfTeam() | OfAll():
                return None

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """Slots which name a record that this one needs → the name of its entity, in the order of the slots."""
        found: dict[str, str] = {slot: mark.entity or self.name for slot in self.slots for mark in self._marks(slot, Parent)}
        if isinstance(self.hold, OfFamily) and not self.is_head:
            found[self.hold.slot] = HEAD
        return {slot: found[slot] for slot in self.slots if slot in found}

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Slots by which the server looks records up: by holder, by customer, and those declared as searched. Each has an index."""
        said = {slot for slot in self.slots if self._marks(slot, Searched) or slot in self.searched_parents}
        wanted = said.union(self.held_by, () if self.about is None else (self.about,)) - {"id"}
        return tuple(slot for slot in self.slots if slot in wanted)

    @cached_property
    def searched_parents(self) -> tuple[str, ...]:
        """Slots by whose record its children are found."""
        return tuple(slot for slot in self.slots if any(mark.searched for mark in self._marks(slot, Parent)))

    @cached_property
    def rising(self) -> Mapping[str, str | None]:
        """Slots that never fall → the slot with which each begins anew, or None."""
        return {slot: mark.within for slot in self.slots for mark in self._marks(slot, Rising)}

    @cached_property
    def due(self) -> tuple[str, ...]:
        """Slots by which a job finds the records that are due."""
        return tuple(slot for slot in self.slots if self._marks(slot, Due))

    @cached_property
    def receiving(self) -> tuple[str, Receiving] | None:
        """The slot that says how far a record came, and what a device says by itself when it holds one (P-630); None: it says nothing."""
        return next(((slot, mark) for slot in self.slots for mark in self._marks(slot, Receiving)), None)

    @cached_property
    def author(self) -> str | None:
        """The slot that names the user who entered a record."""
        return next((slot for slot in self.slots if self._marks(slot, Author)), None)

    def _marks(self, slot: str, kind: type[M]) -> list[M]:
        return [mark for mark in get_args(self.hints[slot])[1:] if isinstance(mark, kind)]

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Register group → its slots, in slot order; `extra` is not listed: each of its keys is a group `extra.<key>`."""
        found: dict[str, list[str]] = {}
        for slot, group in self.group_of.items():
            if slot != EXTRA:
                found.setdefault(group, []).append(slot)
        return {group: tuple(slots) for group, slots in found.items()}

    @cached_property
    def carried(self) -> dict[str, tuple[str, ...]]:
        """Register group → the slots that every patch of it names (P-331): no slot that came later, and no enum, which an app may be
        unable to read."""
        may_lack = {slot for slot, role in self.roles.items() if isinstance(role, Group) and role.later} | self.enums.keys()
        return {group: tuple(slot for slot in slots if slot not in may_lack) for group, slots in self.groups.items()}

    def is_group(self, name: str) -> bool:
        """Whether a base may name it: a group of the record, a set, a custom field, or the record as a whole."""
        return not name or name in self.groups or name in self.sets or (self.has_extra and name.startswith(EXTRA_PREFIX))

    @cached_property
    def create_type(self) -> type[Struct]:
        """Map of the fields a device gives at creation; defaults as in the record, a set as a plain list."""
        return self._writable(f"{self.record.__name__}Create", with_fixed=True, partial=False)

    @cached_property
    def patch_type(self) -> type[Struct]:
        """Map of the fields a device may change; absent = untouched; `extra` values may be nil to clear a key."""
        return self._writable(f"{self.record.__name__}Patch", with_fixed=False, partial=True)

    @cached_property
    def create_decoder(self) -> "msgspec.msgpack.Decoder[Any]":
        return msgspec.msgpack.Decoder(self.create_type)

    @cached_property
    def patch_decoder(self) -> "msgspec.msgpack.Decoder[Any]":
        return msgspec.msgpack.Decoder(self.patch_type)

    @cached_property
    def command_type(self) -> Any:
        """The type of the body of a command on such a record; Any if it takes none."""
        return reduce(or_, self.commands.values()) if self.commands else Any

    @cached_property
    def command_decoder(self) -> "msgspec.msgpack.Decoder[Any]":
        """Decodes a command whose name is one of `commands`."""
        return msgspec.msgpack.Decoder(self.command_type)

    @cached_property
    def body_decoder(self) -> "msgspec.msgpack.Decoder[Any]":
        """Decodes one stored or received record body."""
        return msgspec.msgpack.Decoder(self.record)

    def read(self, body: bytes) -> Record:
        """A body as a device shows it: an enum value newer than the app reads as `unknown`, 0 (P-103). The bytes stay as they are."""
        try:
            return self.body_decoder.decode(body)  # type: ignore[no-any-return]
        except msgspec.ValidationError:
            slots = msgspec.msgpack.decode(body)
            shown = [0 if slot in self.unread(body) else value for slot, value in zip(self.slots, slots, strict=False)]
            return self.body_decoder.decode(msgspec.msgpack.encode(shown))  # type: ignore[no-any-return]

    def unread(self, body: bytes) -> frozenset[str]:
        """Slots of a body that hold an enum value newer than the app."""
        told = dict(zip(self.slots, msgspec.msgpack.decode(body), strict=False))
        return frozenset(slot for slot, enum in self.enums.items() if isinstance(told.get(slot), int) and told[slot] not in set(enum))

    @cached_property
    def enums(self) -> Mapping[str, type[IntEnum]]:
        """Slots that hold an enum."""
        found = {slot: _enum_of(hint) for slot, hint in self.hints.items()}
        return {slot: enum for slot, enum in found.items() if enum is not None}

    def _writable(self, name: str, *, with_fixed: bool, partial: bool) -> type[Struct]:
        defaults = {field.name: field for field in msgspec.structs.fields(self.record)}
        required: list[Any] = []
        optional: list[Any] = []
        for slot in self.slots:
            role = self.roles[slot]
            if isinstance(role, Server) or (isinstance(role, Fixed) and not with_fixed):
                continue
            hint = self._given(slot, role, partial=partial)
            if partial:
                optional.append((slot, hint | UnsetType, UNSET))
            elif defaults[slot].required:
                required.append((slot, hint))
            else:
                optional.append((slot, hint, msgspec.field(default=_default(defaults[slot]))))
        return msgspec.defstruct(name, [*required, *optional], forbid_unknown_fields=True, frozen=True, kw_only=True)

    def _given(self, slot: str, role: Role, *, partial: bool) -> Any:
        """The hint of a slot as a device gives it."""
        if isinstance(role, Set):
            return CHANGES[self.sets[slot]] if partial else CHANGES[self.sets[slot]].__annotations__["add"]
        narrower = next((mark.hint for mark in get_args(self.hints[slot])[1:] if isinstance(mark, Given)), self.hints[slot])
        return _clearable(narrower) if partial and slot == EXTRA else narrower


def bare(hint: Any) -> tuple[Any, bool]:
    """The type of a field without its annotations and without None; whether None was in it. Raises TypeError for two types."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) not in (Union, UnionType):
        return hint, False
    members = [member for member in get_args(hint) if member is not type(None)]
    if len(members) != 1:
        raise TypeError(f"no column holds two types: {hint}")
    return bare(members[0])[0], len(members) < len(get_args(hint))


def _tagged(hint: Any) -> type[Struct]:
    """The type of a set's elements."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return get_args(hint)[0]  # type: ignore[no-any-return]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _clearable(hint: Any) -> Any:
    """The hint of `extra` in a patch: each value may be nil, which clears the key."""
    mapping = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    key, value = get_args(get_args(mapping)[0] if get_origin(mapping) is Annotated else mapping)
    return dict[key, value | None]  # type: ignore[valid-type]


def _role(record: type[Record], slot: str, hint: Any) -> Role:
    for mark in get_args(hint)[1:]:
        if isinstance(mark, (Group, Set, Fixed, Server)):
            return mark
    raise TypeError(f"{record.__name__}.{slot} names no group and is neither SET, FIXED nor SERVER")


def _enum_of(hint: Any) -> type[IntEnum] | None:
    """The enum that a hint names, alone or beside None."""
    if isinstance(hint, type):
        return hint if issubclass(hint, IntEnum) else None
    return next((enum for inner in get_args(hint) if isinstance(inner, type) and (enum := _enum_of(inner)) is not None), None)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
