"""From the bytes of one mutation to its author's intent; each failure is a Problem of this mutation alone."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct

from shared_schema.broken_text import readable
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.policy import Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Command
from shared_schema.records.inbox import Value, Values
from shared_schema.registry import BY_NUMBER
from shared_schema.scalars import WIRE_INTEGER_MAX, Extra
from shared_schema.text import clean_text, unclean
from shared_schema.wire import MUTATION_DECODER, Kind, Mutation
from sync import sets
from sync.state import WHOLE

FIELD_MAP = msgspec.msgpack.Decoder(dict[str, Any])
ANYTHING = msgspec.msgpack.Decoder()
UNREADABLE = (msgspec.DecodeError, UnicodeError, ValueError, RecursionError)
MISFITS = frozenset({Code.field_wrong, Code.field_unknown, Code.command_unknown})
COMMAND_TAG = "command"
LOOSE = msgspec.msgpack.Decoder(
    tuple[Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)], Any, Any, Any, Any, Any, Any, Any],
)
"""A number out of bounds does not count as read: no device could read an answer that repeats it."""
FIELD_LETTERS_MAX = 60
"""No field and no custom field has a longer name."""
SCALARS = (bool, int, str, bytes)
Grouped = dict[str, Values]
"""Field group → slot → value. A custom field is group and slot `extra.<key>`, a set group and slot of one name."""
WHOLE_KINDS = (Kind.create, Kind.restore)
"""Their body is the whole record."""


class Intent(Struct, frozen=True):
    """One understood mutation."""

    mutation: Mutation
    entity: Entity
    values: Grouped
    """create, restore: one group WHOLE with every given slot · patch, undo: the touched groups · else empty."""
    command: Command | None = None


def envelope(raw: bytes) -> Mutation:
    """The envelope, typed; bytes of the mutation that are no text read as DEL (P-110). Raises Problem(FIELD_WRONG | TEXT_UNCLEAN)."""
    try:
        mutation = MUTATION_DECODER.decode(raw)
        ANYTHING.decode(mutation.body)
    except UNREADABLE:
        return _readable(readable(raw))
    return mutation


def _readable(clear: bytes) -> Mutation:
    try:
        return MUTATION_DECODER.decode(clear)
    except UNREADABLE as error:
        raise _misread(clear) or Problem(Code.field_wrong, _words(error)) from None


def _misread(clear: bytes) -> Problem | None:
    """The first slot around the body in which a text is unclean."""
    try:
        slots = ANYTHING.decode(clear)
    except UNREADABLE:
        return None
    named = zip(Mutation.__struct_fields__, slots, strict=False) if isinstance(slots, list) else ()
    return next((_unclean_text(name) for name, value in named if name != "body" and unclean(value) is not None), None)


def number_of(raw: bytes) -> int:
    """n of a mutation whose envelope is otherwise wrong. Raises Problem(FIELD_WRONG): the request cannot be read."""
    try:
        return LOOSE.decode(readable(raw))[0]
    except UNREADABLE as error:
        raise Problem(Code.field_wrong, _words(error)) from None


def understand(mutation: Mutation) -> Intent:
    """The author's intent. Raises Problem with the field at fault."""
    try:
        intent = _understood(mutation)
    except Problem as problem:
        raise (_unclean_in(mutation) if problem.code in MISFITS else None) or problem from None
    if not all(map(clean_text, mutation.bases)):
        raise _unclean_text("bases")
    return intent


def _understood(mutation: Mutation) -> Intent:
    entity = BY_NUMBER.get(mutation.entity)
    if entity is None:
        raise Problem(Code.entity_unknown, f"entity {mutation.entity} is not known to this server")
    if mutation.kind == Kind.command:
        return Intent(mutation, entity, {}, _command(entity, mutation))
    if mutation.kind not in (*WHOLE_KINDS, Kind.patch, Kind.delete, Kind.undo):
        raise Problem(Code.kind_unknown, f"kind {mutation.kind} is not known to this server")
    if mutation.kind == Kind.delete:
        _refuse_text(mutation)
        _refuse_bases(entity, mutation)
        return Intent(mutation, entity, {})
    if entity.policy == Policy.fact and mutation.kind != Kind.create:
        raise Problem(Code.immutable, "a fact never changes; log a new one")
    fields = _fields(mutation)
    _refuse_names(entity, mutation, fields)
    _refuse_bases(entity, mutation)
    if mutation.kind in WHOLE_KINDS:
        return Intent(mutation, entity, {WHOLE: _slots(_typed(entity.create_decoder, mutation))})
    return Intent(mutation, entity, grouped(entity, _slots(_typed(entity.patch_decoder, mutation))))


def grouped(entity: Entity, slots: Mapping[str, Value]) -> Grouped:
    """Sort slot values into their field groups; an operation on a set is a group of its own."""
    groups: Grouped = {}
    for slot, value in slots.items():
        group = slot if slot.startswith(EXTRA_PREFIX) or slot in entity.sets else entity.group_of[slot]
        groups.setdefault(group, {})[slot] = value
    return groups


def refuse_part(entity: Entity, groups: Grouped) -> None:
    """A patch names all fields of a group: its author has not decided about a field that it leaves out (P-331). Raises
    Problem(FIELD_WRONG)."""
    for group, values in groups.items():
        missing = next((slot for slot in entity.carried.get(group, ()) if slot not in values), None)
        if missing is not None:
            raise Problem(Code.field_wrong, f"a patch names every field of the group {group}: {missing} is missing", field=missing)


def mine(intent_body: bytes, slots: Collection[str] = ()) -> Values:
    """The part of a refused body that can be shown: its plain fields, cut to the size of an inbox card.

    A field that is none of `slots` stands as None if its value cannot be shown: a missing field would count as one that meets (P-506).
    """
    try:
        fields = FIELD_MAP.decode(intent_body)
    except UNREADABLE:
        return {}
    flat = {**{k: v for k, v in fields.items() if k != EXTRA}, **_extra(fields.get(EXTRA))}
    kept = {k: v for k, v in flat.items() if _repeatable(k) is not None}
    plain = {k for k, v in kept.items() if _plain(v) or sets.shown(v)}
    named = {k for k in kept if k not in slots and not k.startswith(EXTRA_PREFIX)}
    return dict([(k, v if k in plain else None) for k, v in kept.items() if k in plain | named][:64])


def _plain(value: object) -> bool:
    """An integer beyond 2^53 is none: apps in JavaScript cannot read it, and no slot holds one (P-504)."""
    return value is None or (abs(value) <= WIRE_INTEGER_MAX if isinstance(value, int) else isinstance(value, SCALARS))


def _extra(value: Any) -> dict[str, Any]:
    return {f"{EXTRA_PREFIX}{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {}


def _unclean_in(mutation: Mutation) -> Problem | None:
    """The fault of a body that does not fit. Unclean text comes first: a name that holds a control character is no field of a newer app."""
    if not all(map(clean_text, mutation.bases)):
        return _unclean_text("bases")
    try:
        body = ANYTHING.decode(mutation.body)
    except UNREADABLE:
        return None
    if not isinstance(body, dict):
        return _unclean_text(None) if unclean(body) is not None else None
    extra = _extra(body.get(EXTRA))
    flat = {**{name: value for name, value in body.items() if name != EXTRA or not extra}, **extra}
    found = next((str(name) for name, value in flat.items() if unclean({str(name): value}) is not None), None)
    return None if found is None else _unclean_text(_repeatable(found) or (EXTRA if found.startswith(EXTRA_PREFIX) else None))


def _refuse_text(mutation: Mutation) -> None:
    """The body of a delete is empty; unclean text in its place is refused all the same."""
    problem = _unclean_in(mutation)
    if problem is not None:
        raise problem


def _fields(mutation: Mutation) -> dict[str, Any]:
    try:
        return FIELD_MAP.decode(mutation.body)
    except UNREADABLE as error:
        raise Problem(Code.field_wrong, _words(error)) from None


def _refuse_names(entity: Entity, mutation: Mutation, fields: Collection[str]) -> None:
    """Tell a device by field that it names a slot which only the server writes (P-430), or which this server does not know yet (P-334)."""
    owned = entity.server_owned | (STANDING_SLOTS if entity.name == "customer" else frozenset())
    for name in fields:
        if name in owned:
            raise Problem(Code.server_owned, f"{entity.name}.{name} is decided by the server", field=name)
        if mutation.kind not in WHOLE_KINDS and name in entity.fixed:
            raise Problem(Code.fixed_field, f"{entity.name}.{name} never changes after creation", field=name)
    if entity.policy == Policy.server:
        raise Problem(Code.server_owned, f"{entity.name} is written by the server", field=_repeatable(next(iter(fields), None)))
    for name in fields:
        if name not in entity.slots:
            raise Problem(Code.field_unknown, f"{entity.name} has no such field on this server", field=_repeatable(name))


def _refuse_bases(entity: Entity, mutation: Mutation) -> None:
    """A base for something that is no group of the record: its sender meant another thing (P-330)."""
    odd = next((name for name in sorted(mutation.bases) if not entity.is_group(name)), None)
    if odd is not None:
        raise Problem(Code.field_wrong, f"{entity.name} has no group of this name, so no such base", field=_repeatable(odd))


def _typed(decoder: "msgspec.msgpack.Decoder[Any]", mutation: Mutation) -> Struct:
    try:
        return decoder.decode(mutation.body)  # type: ignore[no-any-return]
    except UNREADABLE as error:
        field = _field_at_fault(error)
        if field is not None and field.partition("[")[0] == EXTRA:
            field = _custom_field_at_fault(mutation) or field
        raise Problem(Code.field_wrong, _words(error), field=field) from None


def _custom_field_at_fault(mutation: Mutation) -> str | None:
    """The first custom field that does not fit, by its key: the decoder only says that one of them does not."""
    for key, value in _extra(_fields(mutation).get(EXTRA)).items():
        name = key.removeprefix(EXTRA_PREFIX)
        try:
            if value is not None or mutation.kind in WHOLE_KINDS:
                msgspec.convert({name: value}, Extra)
        except msgspec.ValidationError:
            return _repeatable(key)
    return None


def _slots(values: Struct) -> Values:
    given = zip(values.__struct_fields__, msgspec.structs.astuple(values), strict=True)
    slots: Values = {name: value for name, value in given if value is not UNSET}
    if EXTRA in slots:
        slots |= _extra(slots.pop(EXTRA))
    for name, value in slots.items():
        _refuse_unclean(name, value)
    return slots


def _refuse_unclean(name: str, value: object) -> None:
    if unclean(value) is not None:
        raise _unclean_text(name)


def _unclean_text(name: str | None) -> Problem:
    return Problem(Code.text_unclean, f"{name or 'a name'} holds control characters or text that is not NFC", field=name)


def _command(entity: Entity, mutation: Mutation) -> Command:
    fields = _fields(mutation)
    name = fields.get(COMMAND_TAG)
    if not isinstance(name, str):
        raise Problem(Code.field_wrong, "a command carries its name", field=COMMAND_TAG)
    if name not in entity.commands:
        raise Problem(Code.command_unknown, f"{entity.name} does not take this command on this server")
    try:
        command: Command = entity.command_decoder.decode(mutation.body)
    except UNREADABLE as error:
        raise _misfit(entity.commands[name], fields, error) from None
    for name in command.__struct_fields__:
        _refuse_unclean(name, getattr(command, name))
    return command


def _misfit(command: type[Command], fields: Collection[str], error: Exception) -> Problem:
    """Tells a field that a newer app may know from one that is merely wrong (P-334)."""
    odd = next((name for name in fields if name not in (COMMAND_TAG, *command.__struct_fields__)), None)
    if odd is not None:
        return Problem(Code.field_unknown, f"{command.__struct_config__.tag} has no such field on this server", field=_repeatable(odd))
    return Problem(Code.field_wrong, _words(error), field=_field_at_fault(error))


def _words(error: Exception) -> str:
    return str(error)[:200]


def _field_at_fault(error: Exception) -> str | None:
    """msgspec ends its words with "- at `$.field`" or names the field in backticks. Only a clean name is repeated."""
    words = str(error)
    _, found, path = words.rpartition("`$.")
    parts = words.split("`")
    return _repeatable(path.rstrip("`")[:FIELD_LETTERS_MAX] if found else parts[-2][:FIELD_LETTERS_MAX] if len(parts) > 2 else None)


def _repeatable(name: str | None) -> str | None:
    """A name that a device chose, when it may stand in an answer, a card and a database; else None."""
    return name if name is not None and len(name) <= FIELD_LETTERS_MAX and clean_text(name) else None


STANDING_SLOTS = BY_NUMBER[2].server_owned - {"id", "rev"}
