"""The JSON twin: the same shapes as on msgpack, as named maps, ids as uuid text, other bytes as base64url, enums as integers.

Outward (`to_json`, `sync_answer_to_json`) is total. Inward converts leniently: text that does not look like an id stays as it is, so that
the typed decode refuses it by name, and one malformed mutation never fails its request.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from itertools import chain, repeat
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from shared_schema import broken_text
from shared_schema.problem import Code, Problem
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import MUTATIONS_MAX, OUTCOME_DECODER, ROWS_DECODER, Kind, Mutation, Row, ScopePage, SyncAnswer, SyncRequest

T = TypeVar("T")
Turn = Callable[[Any], Any]

ID_PATTERN: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_ID: Final = re.compile(ID_PATTERN)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeError)


def id_text(raw: bytes) -> str:
    """Lower-case uuid text of 16 raw bytes."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_bytes(text: str) -> bytes | None:
    """16 raw bytes of a lower-case uuid text; None when it is not one."""
    return bytes.fromhex(text.replace("-", "")) if _ID.match(text) and len(text) == 36 else None


def bytes_text(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def text_bytes(text: str) -> bytes | None:
    """The bytes of a base64url text, padded or not; None when it is not one."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def to_json(value: object) -> bytes:
    """JSON of a struct, or of builtins that hold structs."""
    return msgspec.json.encode(to_named(value))


def to_named(value: Any) -> Any:
    """Named builtins of any value. Bytes without a declared type are an id when 16 long."""
    if isinstance(value, Struct):
        return {**_tag(type(value)), **{name: turn(part) for name, turn, part in _set_fields(value)}}
    if isinstance(value, (list, tuple)):
        return [to_named(part) for part in value]
    if isinstance(value, dict):
        return {key: to_named(part) for key, part in value.items()}
    return _scalar(value)


def from_json(body: bytes, type_: type[T]) -> T:
    """The typed value of a JSON body; bytes of it that are no text read as DEL.

    Raises msgspec.ValidationError, msgspec.DecodeError, and Problem(field_wrong) for a missing field of an array-like struct.
    """
    try:
        named = msgspec.json.decode(body)
    except _UNREADABLE as error:
        named = broken_text.readable_tree(_loosely(body, error))
    return msgspec.convert(_inward(type_)(named), type_)


def sync_answer_to_json(answer: SyncAnswer) -> bytes:
    """JSON of a sync answer: outcomes and rows, which are spliced bytes on msgpack, are opened and named."""
    named = to_named(msgspec.structs.replace(answer, outcomes=[], pages=[]))
    named["outcomes"] = [to_named(OUTCOME_DECODER.decode(raw)) for raw in answer.outcomes]
    named["pages"] = [_page(page) for page in answer.pages]
    return msgspec.json.encode(named)


def sync_request_from_json(body: bytes) -> SyncRequest:
    """The typed request of a JSON body, each mutation as canonical msgpack.

    Raises Problem(field_wrong), msgspec.ValidationError, msgspec.DecodeError for the envelope only.
    """
    try:
        named = msgspec.json.decode(body)
    except _UNREADABLE as error:
        loose = _loosely(body, error)
        named = broken_text.readable_tree(loose)
        if isinstance(named, dict) and "mutations" in loose:
            named["mutations"] = loose["mutations"]  # each is judged alone, by its own bytes
    if not isinstance(named, dict):
        raise Problem(Code.field_wrong, "a sync request is an object")
    mutations = named.get("mutations", [])
    if not isinstance(mutations, list) or len(mutations) > MUTATIONS_MAX:
        raise Problem(Code.field_wrong, f"a list of at most {MUTATIONS_MAX} mutations", field="mutations")
    request = msgspec.convert(_inward(SyncRequest)({**named, "mutations": []}), SyncRequest)
    return msgspec.structs.replace(request, mutations=[_mutation(one) for one in mutations])


def _loosely(body: bytes, error: Exception) -> Any:
    """The builtins of a body in which a text is none, or a number beyond all bounds: the part that holds it is refused, by name."""
    try:
        return broken_text.from_json(body)
    except ValueError:
        raise error from None


def _page(page: ScopePage) -> dict[str, Any]:
    named: dict[str, Any] = to_named(msgspec.structs.replace(page, rows=Raw(b"\x90")))
    return {**named, "rows": [_row(row) for row in ROWS_DECODER.decode(page.rows)]}


def _row(row: Row) -> dict[str, Any]:
    entity = BY_NUMBER.get(row.entity)
    live = entity is not None and row.reason == 0
    body = entity.body_decoder.decode(row.body) if entity is not None and live else msgspec.msgpack.decode(row.body)
    return {"entity": row.entity, "body": to_named(body), "reason": row.reason}


def _mutation(named: Any) -> Raw:
    """Canonical msgpack of one mutation. A missing or odd field stays as it is: the typed decode refuses this mutation alone."""
    if isinstance(named, dict):
        turned = {**named, "body": _inward(_body_type(named))(named.get("body"))}
        fields = msgspec.structs.fields(Mutation)
        named = [_mutation_turn(field.name)(turned.get(field.name)) for field in fields]
    return Raw(broken_text.packed(named))


def _body_type(named: Mapping[str, Any]) -> Any:
    kind, number = named.get("kind"), named.get("entity")
    entity = BY_NUMBER.get(number) if isinstance(number, int) else None
    if entity is not None and kind == Kind.command:
        return entity.command_type
    if entity is None or kind not in (Kind.create, Kind.restore, Kind.patch, Kind.undo):
        return Any
    return entity.create_type if kind in (Kind.create, Kind.restore) else entity.patch_type


# Outward: one turn per declared field type, found once per struct.


def _set_fields(struct: Struct) -> list[tuple[str, Turn, Any]]:
    found = []
    for name, turn in _outward_turns(type(struct)):
        part = getattr(struct, name)
        if part is not UNSET:
            found.append((name, turn, part))
    return found


@cache
def _outward_turns(struct: type[Struct]) -> tuple[tuple[str, Turn], ...]:
    hints = get_type_hints(struct, include_extras=True)
    return tuple((name, _outward(hints[name])) for name in struct.__struct_fields__)


def _outward(hint: Any) -> Turn:
    plain, marks = unwrap(hint)
    if plain is bytes and not is_id(marks):
        return bytes_text
    members = union_members(plain)
    if len(members) == 1 and members[0] != plain:
        turn = _outward(members[0])
        return _unless_none(turn)
    return to_named


def _unless_none(turn: Turn) -> Turn:
    return lambda part: None if part is None else turn(part)


def _scalar(value: Any) -> Any:
    if isinstance(value, Raw):
        return to_named(msgspec.msgpack.decode(value))
    if isinstance(value, bytes):
        return id_text(value) if len(value) == 16 else bytes_text(value)
    return value.value if isinstance(value, Enum) else value


@cache
def _tag(struct: type[Struct]) -> dict[str, Any]:
    field = struct.__struct_config__.tag_field
    return {} if field is None else {field: struct.__struct_config__.tag}


# Inward: ids and bytes become bytes, named maps of array-like structs become arrays; everything else is the typed decode's business.


def _inward(hint: Any) -> Turn:
    plain, marks = unwrap(hint)
    if plain is bytes:
        read = id_bytes if is_id(marks) else text_bytes
        return lambda part: _or_same(read(part), part) if isinstance(part, str) else part
    members = union_members(plain)
    if members and members != (plain,):
        return _inward(members[0]) if len(members) == 1 else _inward_union(members)
    if isinstance(plain, type) and issubclass(plain, Struct):
        return lambda part: _inward_struct(plain, part) if isinstance(part, dict) else _inward_array(plain, part)
    if get_origin(plain) in (list, tuple):
        turn = _inward(get_args(plain)[0])
        return lambda part: [turn(one) for one in part] if isinstance(part, list) else part
    return lambda part: part


def _or_same(read: bytes | None, part: Any) -> Any:
    return part if read is None else read


def _inward_union(members: tuple[Any, ...]) -> Turn:
    """Only unions of tagged structs need a turn: their tag says which one."""
    tagged = {
        struct.__struct_config__.tag: _inward(struct) for struct in members if isinstance(struct, type) and issubclass(struct, Struct)
    }
    tag_field = next((s.__struct_config__.tag_field for s in members if isinstance(s, type) and issubclass(s, Struct)), None)

    def turn(part: Any) -> Any:
        tag = part.get(tag_field) if isinstance(part, dict) and tag_field is not None else None
        return tagged[tag](part) if isinstance(tag, str) and tag in tagged else part

    return turn


def _inward_struct(struct: type[Struct], named: dict[str, Any]) -> Any:
    turned = {name: _inward_turns(struct).get(name, _same)(part) for name, part in named.items()}
    if not struct.__struct_config__.array_like:
        return turned
    return [_slot(field, turned) for field in msgspec.structs.fields(struct)]


def _inward_array(struct: type[Struct], part: Any) -> Any:
    """The slots of an array-like struct as a plain array, as cards and the history hold tagged elements (P-722)."""
    listed = isinstance(part, list) and struct.__struct_config__.array_like
    turns = chain(_inward_turns(struct).values(), repeat(_same))
    return [turn(one) for turn, one in zip(turns, part, strict=False)] if listed else part


def _same(part: Any) -> Any:
    return part


def _slot(field: msgspec.structs.FieldInfo, turned: dict[str, Any]) -> Any:
    if field.name in turned:
        return turned[field.name]
    if field.required:
        raise Problem(Code.field_wrong, "missing", field=field.name)
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


@cache
def _inward_turns(struct: type[Struct]) -> dict[str, Turn]:
    hints = get_type_hints(struct, include_extras=True)
    return {name: _inward(hints[name]) for name in struct.__struct_fields__}


# the body of a hint


def unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """(plain type, its annotations)."""
    return (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())


def is_id(marks: tuple[Any, ...]) -> bool:
    """True for bytes declared to be exactly 16 long."""
    return any(isinstance(mark, Meta) and mark.min_length == mark.max_length == 16 for mark in marks)


def union_members(plain: Any) -> tuple[Any, ...]:
    """Members of a union without None and UNSET; empty when it is no union."""
    if get_origin(plain) not in (Union, UnionType):
        return ()
    return tuple(member for member in get_args(plain) if member not in (NoneType, UnsetType))


def _lenient_group(part: Any) -> Any:
    """[first_n, index, count]; nil where one is missing."""
    return [part.get("first_n"), part.get("index"), part.get("count")] if isinstance(part, dict) else part


def _mutation_turn(name: str) -> Turn:
    return _lenient_group if name == "group" else _inward_turns(Mutation)[name]
