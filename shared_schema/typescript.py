"""Export of the record schema to TypeScript: types for the compiler, and one table for the device that reads, draws and checks bodies."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from shared_schema import elements, problem, rest, wire
from shared_schema.entity import EXTRA, Entity
from shared_schema.places import VisitFlag
from shared_schema.policy import Fixed, Given, Lane, Policy, Server, Set
from shared_schema.records.base import Asked
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NAME, ENTITIES
from shared_schema.titles import TITLES
from shared_schema.twin import is_id, union_members, unwrap

HEAD: Final = "// Generated from shared_schema by `outrider schema`. Do not edit.\n"
LETTER: Final = {Fixed: "=", Server: "!", Set: "+"}
REST: Final[tuple[type[Struct], ...]] = (rest.LoginRequest, rest.EnrolRequest, rest.SignedIn, rest.Wake, rest.Event, rest.Timeline)
"""Requests and answers beside the sync of a device."""
NUMBERS: Final = {
    "PROTOCOL": wire.PROTOCOL,
    "SCHEMA": wire.SCHEMA,
    "MUTATIONS_MAX": wire.MUTATIONS_MAX,
    "PAGE_BYTES": wire.PAGE_BYTES,
    "TILES_MAX": wire.TILES_MAX,
    "ELEMENTS_MAX": elements.ELEMENTS_MAX,
    "REMOVES_MAX": elements.REMOVES_MAX,
}


def modules() -> dict[str, str]:
    """File name → text of each generated module."""
    return {"schema.ts": _module(_schema()), "words.ts": _module(_words())}


def _module(lines: Iterable[str]) -> str:
    return HEAD + "\n".join(lines) + "\n"


def _schema() -> Iterator[str]:
    yield from _enums()
    yield from _types()
    yield from _table()
    yield "export const REMEDIES = {"
    yield from (f'  {code.word}: "{code.remedy.value}",' for code in problem.Code)
    yield "} as const;"
    yield "export type Code = keyof typeof REMEDIES;"
    yield f"export type Remedy = {' | '.join(_json(remedy.value) for remedy in problem.Remedy)};"
    yield from (f"export const {name} = {number};" for name, number in NUMBERS.items())


def _words() -> Iterator[str]:
    """The title of each problem code, by language."""
    yield 'import type { Code } from "./schema.ts";\n'
    for language, place in (("en", 0), ("zh", 1)):
        yield f"export const TITLES_{language.upper()}: Readonly<Record<Code, string>> = {{"
        yield from (f"  {code.word}: {_json(both[place])}," for code, both in TITLES.items())
        yield "};"


# types


def _enums() -> Iterator[str]:
    enums: tuple[type[IntEnum | VisitFlag], ...] = (*_enums_used(), VisitFlag)
    for enum in enums:
        members = ", ".join(f"{one.name}: {one.value}" for one in enum)
        yield f"export const {enum.__name__} = {{ {members} }} as const;"
        yield f"export type {enum.__name__} = (typeof {enum.__name__})[keyof typeof {enum.__name__}];"


def _enums_used() -> tuple[type[IntEnum], ...]:
    """Every enum that a type names, each once. Raises TypeError for two of one name."""
    found: dict[str, type[IntEnum]] = {}
    hints = [hint for struct in _structs() for hint in _hints(struct).values()]
    always: tuple[type[IntEnum], ...] = (wire.Kind, wire.Result, wire.Reason, Lane, Policy)
    for enum in (*always, *(one for hint in hints for one in _enums_in(hint))):
        if found.setdefault(enum.__name__, enum) is not enum:
            raise TypeError(f"two enums are called {enum.__name__}")
    return tuple(found.values())


def _enums_in(hint: Any) -> Iterator[type[IntEnum]]:
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        yield hint
    for inner in get_args(hint) if get_origin(hint) is not None else ():
        yield from _enums_in(inner)


def _structs() -> tuple[type[Struct], ...]:
    """Structs that become types: records with the structs inside them, commands, and those of REST."""
    outer = [*(entity.record for entity in ENTITIES), *(one for entity in ENTITIES for one in entity.commands.values()), *REST]
    inner = [one for struct in outer for hint in _hints(struct).values() for one in _structs_in(hint)]
    return tuple(dict.fromkeys([*inner, *outer]))


def _structs_in(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct) and hint not in (elements.TaggedWord, elements.TaggedId):
        yield hint
    for inner in get_args(hint) if get_origin(hint) is not None else ():
        yield from _structs_in(inner)


def _hints(struct: type[Struct]) -> dict[str, Any]:
    hints = get_type_hints(struct, include_extras=True)
    return {name: hints[name] for name in struct.__struct_fields__}


def _types() -> Iterator[str]:
    yield "/** An id as lower-case uuid text. */\nexport type Id = string;"
    yield "/** [element, device line, n] of one add-wins set. */\nexport type Tagged = [element: string, line_no: number, n: number];"
    yield "export type Values = Record<string, unknown>;"
    named = {struct.__name__: struct for struct in _structs()}
    if len(named) < len(_structs()):
        raise TypeError("two structs have one name")
    for name, struct in named.items():
        yield f"export interface {name} {{ {_fields(struct)} }}"
    yield f"export interface Records {{ {'; '.join(f'{entity.name}: {entity.record.__name__}' for entity in ENTITIES)} }}"
    yield "export type EntityName = keyof Records;"
    verbs = {entity.name: " | ".join(one.__name__ for one in entity.commands.values()) for entity in ENTITIES if entity.commands}
    yield f"export interface Commands {{ {'; '.join(f'{name}: {each}' for name, each in verbs.items())} }}"


def _fields(struct: type[Struct]) -> str:
    tag = struct.__struct_config__.tag
    told = [f"{struct.__struct_config__.tag_field}: {_json(tag)}"] if tag is not None else []
    asked = issubclass(struct, Asked) or tag is not None
    optional = {field.name for field in msgspec.structs.fields(struct) if asked and not field.required}
    told += [f"{name}{'?' if name in optional else ''}: {_typescript(hint)}" for name, hint in _hints(struct).items()]
    return "; ".join(f"readonly {one}" for one in told)


def _typescript(hint: Any) -> str:
    plain, marks = unwrap(hint)
    if plain is bytes:
        return "Id" if is_id(marks) else "string"
    if members := union_members(plain):
        words = [_typescript(one) for one in members]
        return " | ".join([*dict.fromkeys(words), *(["null"] if NoneType in get_args(plain) else [])])
    if get_origin(plain) in (list, tuple):
        element = _typescript(get_args(plain)[0])
        return f"readonly ({element})[]" if " " in element else f"readonly {element}[]"
    if get_origin(plain) is dict:
        return "Values" if plain == Values else "Readonly<Record<string, string | number>>"
    return _scalar(plain)


def _scalar(plain: Any) -> str:
    if plain in (elements.TaggedWord, elements.TaggedId):
        return "Tagged"
    if isinstance(plain, type) and issubclass(plain, Struct | IntEnum):
        return plain.__name__
    return {str: "string", bool: "boolean", int: "number"}.get(plain, "unknown")


# the table: what the device needs at run time


def _table() -> Iterator[str]:
    yield "export type Shape = readonly unknown[];"
    yield "/** name, role (`=` fixed, `!` server, `+` set, else the field group), shape, default (absent: required) */"
    yield "export type Slot = readonly [name: string, role: string, shape: Shape, fallback?: unknown];"
    yield "/** name, shape, default (absent: required) */"
    yield "export type CommandField = readonly [name: string, shape: Shape, fallback?: unknown];"
    yield "export interface EntityRow {"
    yield "  readonly number: number; readonly name: EntityName; readonly policy: Policy; readonly lane: Lane;"
    yield "  readonly slots: readonly Slot[];"
    yield "  readonly commands: Readonly<Record<string, readonly CommandField[]>>;"
    yield "  /** Commands that are receipts (P-630). */\n  readonly quiet: readonly string[];"
    yield "  /** The receipt that a device gives by itself: while `slot` is below `until`, on records that name its user in `reader`. */"
    yield "  readonly receiving: { readonly slot: string; readonly reader: string; readonly says: string; readonly until: number } | null;"
    yield "}"
    yield "export const ENTITY_ROWS: readonly EntityRow[] = ["
    for entity in BY_NAME.values():
        slots = ",\n    ".join(_json(_slot(entity, slot)) for slot in entity.slots)
        commands = _json({tag: _command(struct) for tag, struct in entity.commands.items()})
        yield f'  {{ number: {entity.number}, name: "{entity.name}", policy: {int(entity.policy)}, lane: {int(entity.lane)}, slots: ['
        quiet = _json([tag for tag, struct in entity.commands.items() if struct.quiet])
        yield f"    {slots},\n  ], commands: {commands}, quiet: {quiet}, receiving: {_json(_receiving(entity))} }},"
    yield "];"


def _receiving(entity: Entity) -> dict[str, Any] | None:
    if entity.receiving is None:
        return None
    slot, mark = entity.receiving
    return {"slot": slot, "reader": mark.reader, "says": mark.says.__struct_config__.tag, "until": int(mark.until)}


def _slot(entity: Entity, slot: str) -> list[Any]:
    role = entity.roles[slot]
    letter = LETTER.get(type(role)) or getattr(role, "name", "")
    field = next(one for one in msgspec.structs.fields(entity.record) if one.name == slot)
    shape = ["extra"] if slot == EXTRA else _shape(entity.hints[slot])
    return [slot, letter, shape, *_default(field)]


def _command(struct: type[Struct]) -> list[list[Any]]:
    hints = _hints(struct)
    return [[field.name, _shape(hints[field.name]), *_default(field)] for field in msgspec.structs.fields(struct)]


def _default(field: msgspec.structs.FieldInfo) -> list[Any]:
    if field.required:
        return []
    return [field.default if field.default is not msgspec.NODEFAULT else field.default_factory()]


def _shape(hint: Any) -> list[Any]:
    plain, marks = unwrap(hint)
    given = next((mark.hint for mark in marks if isinstance(mark, Given)), None)
    bounds = _bounds(marks)
    if given is not None:
        return ["given", _shape(Annotated[(plain, *(mark for mark in marks if not isinstance(mark, Given)))]), _shape(given)]
    if plain is bytes:
        return ["id"] if is_id(marks) else ["bytes", bounds.get("min_length", 0), bounds.get("max_length", -1)]
    if members := union_members(plain):
        return ["maybe", _shape(members[0])] if NoneType in get_args(plain) else _shape(members[0])
    if get_origin(plain) in (list, tuple):
        return ["list", *_list_of(get_args(plain)[0], bounds.get("max_length", -1))]
    if get_origin(plain) is dict:
        return ["values"]
    return _plain_shape(plain, bounds)


def _plain_shape(plain: Any, bounds: dict[str, Any]) -> list[Any]:
    if isinstance(plain, type) and issubclass(plain, IntEnum):
        return ["enum", [int(one) for one in plain]]
    if plain is str:
        return ["str", bounds.get("min_length", 0), bounds.get("max_length", -1), *([bounds["pattern"]] if "pattern" in bounds else [])]
    return ["bool"] if plain is bool else ["int", bounds.get("ge"), bounds.get("le")]


def _list_of(hint: Any, most: int) -> list[Any]:
    plain, _ = unwrap(hint)
    if plain in (elements.TaggedWord, elements.TaggedId):
        return ["tagged", _shape(_hints(plain)["element"])]
    if isinstance(plain, type) and issubclass(plain, Struct):
        return ["struct", [[name, _shape(inner)] for name, inner in _hints(plain).items()]]
    return ["plain", _shape(hint), most]


def _bounds(marks: Iterable[Any]) -> dict[str, Any]:
    names = ("ge", "le", "min_length", "max_length", "pattern")
    return {name: value for mark in marks if isinstance(mark, Meta) for name in names if (value := getattr(mark, name)) is not None}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
