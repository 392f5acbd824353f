"""From the bytes of one mutation to what its author meant; each failure is a Problem of this mutation alone."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct

from shared_schema.commands import COMMAND_DECODER, Command
from shared_schema.policy import Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import Value, Values
from shared_schema.registry import BY_NUMBER, EXTRA, EXTRA_PREFIX, Entity
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.text import clean_text
from shared_schema.wire import MUTATION_DECODER, Kind, Mutation
from sync.state import WHOLE

FIELD_MAP = msgspec.msgpack.Decoder(dict[str, Any])
LOOSE = msgspec.msgpack.Decoder(
    tuple[Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)], tuple[int, int, int], Any, Any, Any, Any, Any, Any],
)
"""A number out of bounds is no number: an answer that repeats it could be read by no device."""
FIELD_LETTERS_MAX = 60
"""No field and no custom field has a longer name."""
Grouped = dict[str, Values]
"""Field group → slot → value. A custom field is group and slot `extra.<key>`."""


class Intent(Struct, frozen=True):
    """One understood mutation."""

    mutation: Mutation
    entity: Entity
    values: Grouped
    """create: one group WHOLE with every given slot · patch, undo: the touched groups · else empty."""
    command: Command | None = None


def envelope(raw: bytes) -> Mutation:
    """The envelope, typed. Raises Problem(FIELD_WRONG)."""
    try:
        return MUTATION_DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Problem(Code.field_wrong, _words(error)) from None


def number_of(raw: bytes) -> tuple[int, tuple[int, int, int]]:
    """n and place of a mutation whose envelope is otherwise wrong. Raises Problem(FIELD_WRONG): the request cannot be read."""
    try:
        n, place, *_ = LOOSE.decode(raw)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Problem(Code.field_wrong, _words(error)) from None
    return n, place


def understand(mutation: Mutation) -> Intent:
    """What the author meant. Raises Problem with the field at fault."""
    entity = BY_NUMBER.get(mutation.entity)
    if entity is None:
        raise Problem(Code.entity_unknown, f"entity {mutation.entity} is not known to this server")
    if mutation.kind == Kind.command:
        return Intent(mutation, entity, {}, _command(mutation))
    if mutation.kind not in (Kind.create, Kind.patch, Kind.delete, Kind.undo):
        raise Problem(Code.kind_unknown, f"kind {mutation.kind} is not known to this server")
    if mutation.kind == Kind.delete:
        return Intent(mutation, entity, {})
    if entity.policy == Policy.fact and mutation.kind != Kind.create:
        raise Problem(Code.immutable, "a fact never changes; log a new one")
    fields = _fields(mutation)
    _refuse_server_owned(entity, mutation, fields)
    if mutation.kind == Kind.create:
        return Intent(mutation, entity, {WHOLE: _slots(_typed(entity.create_decoder, mutation))})
    return Intent(mutation, entity, grouped(entity, _slots(_typed(entity.patch_decoder, mutation))))


def grouped(entity: Entity, slots: Mapping[str, Value]) -> Grouped:
    """Sort slot values into their field groups."""
    groups: Grouped = {}
    for slot, value in slots.items():
        group = slot if slot.startswith(EXTRA_PREFIX) else entity.group_of[slot]
        groups.setdefault(group, {})[slot] = value
    return groups


def mine(intent_body: bytes) -> Values:
    """What can be shown of a refused body: its plain fields, cut to what an inbox card holds."""
    try:
        fields = FIELD_MAP.decode(intent_body)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError):
        return {}
    flat = {**{k: v for k, v in fields.items() if k != EXTRA}, **_extra(fields.get(EXTRA))}
    shown = [(k, v) for k, v in flat.items() if _repeatable(k) is not None and (v is None or isinstance(v, (bool, int, str, bytes)))]
    return dict(shown[:64])


def _extra(value: Any) -> dict[str, Any]:
    return {f"{EXTRA_PREFIX}{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {}


def _fields(mutation: Mutation) -> dict[str, Any]:
    try:
        return FIELD_MAP.decode(mutation.body)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Problem(Code.field_wrong, _words(error)) from None


def _refuse_server_owned(entity: Entity, mutation: Mutation, fields: Iterable[str]) -> None:
    """A device that names what only the server writes is told so, by field (P-430)."""
    owned = entity.server_owned | (STANDING_SLOTS if entity.name == "customer" else frozenset())
    for name in fields:
        if name in owned:
            raise Problem(Code.server_owned, f"{entity.name}.{name} is decided by the server", field=name)
        if mutation.kind != Kind.create and name in entity.fixed:
            raise Problem(Code.fixed_field, f"{entity.name}.{name} never changes after creation", field=name)
    if entity.policy == Policy.server:
        raise Problem(Code.server_owned, f"{entity.name} is written by the server", field=_repeatable(next(iter(fields), None)))


def _typed(decoder: "msgspec.msgpack.Decoder[Any]", mutation: Mutation) -> Struct:
    try:
        return decoder.decode(mutation.body)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Problem(Code.field_wrong, _words(error), field=_field_at_fault(error)) from None


def _slots(values: Struct) -> Values:
    slots: Values = {}
    for name in values.__struct_fields__:
        value = getattr(values, name)
        if value is UNSET:
            continue
        slots.update(_extra(value) if name == EXTRA else {name: value})
    for name, value in slots.items():
        if isinstance(value, str) and not clean_text(value):
            raise Problem(Code.text_unclean, f"{name} holds control characters or text that is not NFC", field=name)
    return slots


def _command(mutation: Mutation) -> Command:
    try:
        return COMMAND_DECODER.decode(mutation.body)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Problem(Code.command_unknown, _words(error)) from None


def _words(error: Exception) -> str:
    return str(error)[:200]


def _field_at_fault(error: Exception) -> str | None:
    """msgspec ends its words with "- at `$.field`" or names the field in backticks. Only a clean name is repeated."""
    words = str(error)
    _, _, path = words.rpartition("`$.")
    parts = words.split("`")
    return _repeatable(path.rstrip("`")[:FIELD_LETTERS_MAX] if path else parts[-2][:FIELD_LETTERS_MAX] if len(parts) > 2 else None)


def _repeatable(name: str | None) -> str | None:
    """A name that a device chose, when it may stand in an answer, a card and a database; else None."""
    return name if name is not None and len(name) <= FIELD_LETTERS_MAX and clean_text(name) else None


STANDING_SLOTS = BY_NUMBER[2].server_owned - {"id", "rev"}
