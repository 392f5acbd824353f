"""Values for vectors: ids by seeded chance, texts of every kind of letter, and records with each slot at its default or at its bounds."""

import random
from collections.abc import Mapping
from enum import EnumType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from shared_schema import twin
from shared_schema.entity import EXTRA, Entity
from shared_schema.policy import Given

TEXTS: Final = (
    "",
    "x",
    "tea house",
    "茶馆",
    "𠮷野家 \U0001f375",
    "Å ñ é",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ttab\nline",
    "한글",
)
INTEGER_MAX: Final = 2**53 - 1
LEAST, MOST, CHANCE = "least", "most", "chance"
"""How far to fill: to the lower bounds, to the upper bounds, anywhere."""


def an_id(dice: random.Random) -> bytes:
    """16 bytes."""
    return dice.randbytes(16)


def required(entity: Entity, dice: random.Random) -> dict[str, Any]:
    """The slots that have no default."""
    fields = msgspec.structs.fields(entity.record)
    return {one.name: filled(entity.hints[one.name], CHANCE, dice) for one in fields if one.required}


def every(entity: Entity, how: str, dice: random.Random) -> dict[str, Any]:
    """All slots."""
    return {slot: extra(how) if slot == EXTRA else filled(entity.hints[slot], how, dice) for slot in entity.slots}


def extra(how: str) -> dict[str, Any]:
    """Custom fields, up to their bounds."""
    if how == LEAST:
        return {}
    return {"a": INTEGER_MAX, "b_2": -INTEGER_MAX, "c": "", "d": "茶" * 1_000} if how == MOST else {"size": 3, "colour": "茶"}


def filled(hint: Any, how: str, dice: random.Random) -> Any:
    """A value of a hint."""
    plain, marks = twin.unwrap(hint)
    if any(isinstance(mark, Given) for mark in marks):
        return filled(next(mark.hint for mark in marks if isinstance(mark, Given)), how, dice)
    bounds = _bounds(marks)
    if plain is bytes:
        return _bytes(bounds, how, dice) if not twin.is_id(marks) else an_id(dice)
    if plain is str:
        return _text(bounds, how, dice)
    if plain is int:
        return _integer(bounds, how, dice)
    if plain is bool:
        return {LEAST: False, MOST: True}.get(how, dice.random() < 0.5)
    if isinstance(plain, EnumType):
        members: list[Any] = list(plain)
        return {LEAST: members[0], MOST: members[-1]}.get(how, dice.choice(members))
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return plain(**{name: filled(inner, how, dice) for name, inner in struct_hints(plain).items()})
    return _collection(plain, how, dice)


def struct_hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The hint of each field."""
    hints = get_type_hints(struct, include_extras=True)
    return {name: hints[name] for name in struct.__struct_fields__}


def _collection(plain: Any, how: str, dice: random.Random) -> Any:
    arguments = get_args(plain)
    if members := twin.union_members(plain):
        nothing = type(None) in arguments and (how == LEAST or (how == CHANCE and dice.random() < 0.3))
        return None if nothing else filled(members[0], how, dice)
    if get_origin(plain) in (list, tuple):
        count = {LEAST: 0, MOST: 2}.get(how, dice.randrange(3))
        made = [filled(arguments[0], how, dice) for _ in range(count)]
        return tuple(made) if get_origin(plain) is tuple else made
    if get_origin(plain) is dict:
        if twin.unwrap(arguments[1])[0] is str:
            return {} if how == LEAST else {"customer": "茶馆", "actor": "李娜"}
        return {} if how == LEAST else {"name": "茶馆", "kind": 3, "tags": ["a", "b"], "contact_id": an_id(dice), "none": None}
    raise TypeError(f"no values of {plain}")


def _bounds(marks: tuple[Any, ...]) -> Mapping[str, Any]:
    names = ("ge", "le", "min_length", "max_length", "pattern")
    return {name: getattr(mark, name) for mark in marks if isinstance(mark, Meta) for name in names if getattr(mark, name) is not None}


def _bytes(bounds: Mapping[str, Any], how: str, dice: random.Random) -> bytes:
    least, most = bounds.get("min_length", 0), bounds.get("max_length", 40)
    return dice.randbytes({LEAST: least, MOST: most}.get(how, dice.randint(least, most)))


def _text(bounds: Mapping[str, Any], how: str, dice: random.Random) -> str:
    if "pattern" in bounds:
        return "a" * int(bounds.get("min_length", 1))
    least: int = bounds.get("min_length", 0)
    most: int = min(bounds.get("max_length", 300), 4_000)
    if how == MOST:
        return ("𠮷" + "茶" * most)[:most]
    return "x" * least if how == LEAST else (dice.choice(TEXTS) + "y" * least)[:most]


def _integer(bounds: Mapping[str, Any], how: str, dice: random.Random) -> int:
    least: int = bounds.get("ge", -INTEGER_MAX)
    most: int = bounds.get("le", INTEGER_MAX)
    width = dice.randrange(1, 53)
    chance = max(least, min(most, dice.randrange(-(2**width), 2**width)))
    return {LEAST: least, MOST: most}.get(how, chance)
