"""The table of the schema in TypeScript: what a device must know of each kind of record at run time, in as few bytes as it can be.

A line a kind: name, number, policy, lane; its slots; `/` and the name of each command (with `!` if it is a receipt) before its fields;
`@` and the receipt that a device gives by itself. A slot is its name, its role (`!` server, `=` fixed, `+` set, `:` or `:group:`), the
letter of its shape and its default as JSON. `mobile_api/web/client/src/sync/table.ts` reads it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum
from string import ascii_letters
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from shared_schema import elements
from shared_schema.entity import EXTRA, Entity
from shared_schema.policy import Fixed, Given, Server, Set
from shared_schema.registry import BY_NAME
from shared_schema.twin import is_id, union_members, unwrap

LETTER: Final = {Fixed: "=", Server: "!", Set: "+"}


def lines() -> Iterator[str]:
    """The lines of the generated module. Raises ValueError for a default that holds a space, which parts slots."""
    shapes = Counter(_code(shape) for entity in BY_NAME.values() for shape in _shapes(entity))
    often = sorted(shapes, key=lambda shape: (-shapes[shape], shape))
    letters = {shape: _letter(at) for at, shape in enumerate(often)}
    enums = sorted({enum.__name__ for entity in BY_NAME.values() for shape in _shapes(entity) for enum in _enums_in(shape)})
    yield f'import {{ {", ".join(enums)}, type Shape }} from "./schema.ts";\n'
    yield 'const of = (names: Readonly<Record<string, number>>): Shape => ["enum", Object.values(names), names];'
    yield "/** Every shape of a slot or of a field of a command, the most frequent first; `schema.ts` says what a shape is. */"
    yield "export const SHAPES: readonly Shape[] = ["
    yield from (f"  {shape}," for shape in often)
    yield "];"
    yield "/** A line for each kind of record: `sync/table.ts` reads it. */"
    yield "export const KINDS = `" + "\n".join(_line(entity, letters) for entity in BY_NAME.values()).replace("\\", "\\\\") + "`;"


def shape_of(hint: Any) -> list[Any]:
    """What fits a field with this hint, as a device checks it, in lists and scalars."""
    told: list[Any] = msgspec.json.decode(msgspec.json.encode(_shape(hint), enc_hook=list))
    return told


def hints_of(struct: type[Struct]) -> dict[str, Any]:
    """The hints of a struct's own fields, in their order."""
    hints = get_type_hints(struct, include_extras=True)
    return {name: hints[name] for name in struct.__struct_fields__}


def _line(entity: Entity, letters: dict[str, str]) -> str:
    def field(name: str, role: str, shape: list[Any], *default: Any) -> str:
        mark = role if role in LETTER.values() else ":" if role == name else f":{role}:"
        return name + mark + letters[_code(shape)] + "".join(map(_json, default))

    parts = [field(*_slot(entity, slot)) for slot in entity.slots]
    for tag, struct in entity.commands.items():
        parts.append(f"/{tag}{'!' if struct.quiet else ''}")
        parts += [field(name, "=", *rest) for name, *rest in _command(struct)]
    if entity.receiving is not None:
        slot, mark = entity.receiving
        parts.append(f"@{slot},{mark.reader},{mark.says.__struct_config__.tag},{int(mark.until)}")
    if odd := [part for part in parts if " " in part or "`" in part]:
        raise ValueError(f"{entity.name}: {odd}")
    return " ".join([entity.name, str(entity.number), str(int(entity.policy)), str(int(entity.lane)), *parts])


def _letter(at: int) -> str:
    """One letter, or a digit and a letter."""
    rounds, letter = divmod(at, len(ascii_letters))
    return (str(rounds - 1) if rounds else "") + ascii_letters[letter]


def _shapes(entity: Entity) -> Iterator[list[Any]]:
    yield from (_slot(entity, slot)[2] for slot in entity.slots)
    yield from (row[1] for struct in entity.commands.values() for row in _command(struct))


def _enums_in(shape: Any) -> Iterator[type[IntEnum]]:
    if isinstance(shape, list):
        for one in shape:
            yield from _enums_in(one)
    elif isinstance(shape, type):
        yield shape


def _code(shape: Any) -> str:
    """A shape as TypeScript: an enum bears its names."""
    if isinstance(shape, list):
        return f"of({shape[1].__name__})" if shape[0] == "enum" else f"[{','.join(map(_code, shape))}]"
    return _json(shape)


def _slot(entity: Entity, slot: str) -> list[Any]:
    role = entity.roles[slot]
    letter = LETTER.get(type(role)) or getattr(role, "name", "")
    field = next(one for one in msgspec.structs.fields(entity.record) if one.name == slot)
    shape = ["extra"] if slot == EXTRA else _shape(entity.hints[slot])
    return [slot, letter, shape, *_default(field)]


def _command(struct: type[Struct]) -> list[list[Any]]:
    hints = hints_of(struct)
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
        return ["enum", plain]
    if plain is str:
        return ["str", bounds.get("min_length", 0), bounds.get("max_length", -1), *([bounds["pattern"]] if "pattern" in bounds else [])]
    return ["bool"] if plain is bool else ["int", bounds.get("ge"), bounds.get("le")]


def _list_of(hint: Any, most: int) -> list[Any]:
    plain, _ = unwrap(hint)
    if plain in (elements.TaggedWord, elements.TaggedId):
        return ["tagged", _shape(hints_of(plain)["element"])]
    if isinstance(plain, type) and issubclass(plain, Struct):
        return ["struct", [[name, _shape(inner)] for name, inner in hints_of(plain).items()]]
    return ["plain", _shape(hint), most]


def _bounds(marks: Iterable[Any]) -> dict[str, Any]:
    names = ("ge", "le", "min_length", "max_length", "pattern")
    return {name: value for mark in marks if isinstance(mark, Meta) for name in names if (value := getattr(mark, name)) is not None}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
