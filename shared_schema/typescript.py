"""Export of the record schema to TypeScript: types for the compiler, and one table for the device that reads, draws and checks bodies."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from types import NoneType
from typing import Any, Final, get_args, get_origin

import msgspec
from msgspec import Struct

from shared_schema import elements, problem, rest, wire
from shared_schema.places import VisitFlag
from shared_schema.policy import Lane, Policy
from shared_schema.records.base import Asked
from shared_schema.records.inbox import Values
from shared_schema.registry import ENTITIES
from shared_schema.titles import TITLES
from shared_schema.twin import is_id, union_members, unwrap
from shared_schema.typescript_table import hints_of, lines

HEAD: Final = "// Generated from shared_schema by `outrider schema`. Do not edit.\n"
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
    return {"schema.ts": _module(_schema()), "table.ts": _module(lines()), "words.ts": _module(_words())}


def _module(lines: Iterable[str]) -> str:
    return HEAD + "\n".join(lines) + "\n"


def _schema() -> Iterator[str]:
    yield from _enums()
    yield from _types()
    yield from _rows()
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
    hints = [hint for struct in _structs() for hint in hints_of(struct).values()]
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
    inner = [one for struct in outer for hint in hints_of(struct).values() for one in _structs_in(hint)]
    return tuple(dict.fromkeys([*inner, *outer]))


def _structs_in(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct) and hint not in (elements.TaggedWord, elements.TaggedId):
        yield hint
    for inner in get_args(hint) if get_origin(hint) is not None else ():
        yield from _structs_in(inner)


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
    told += [f"{name}{'?' if name in optional else ''}: {_typescript(hint)}" for name, hint in hints_of(struct).items()]
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


# the rows that the device makes of the table (`typescript_table.py`)


def _rows() -> Iterator[str]:
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


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
