"""Text that people type, as it is entered: each in one form; a wrong text is refused at its field, before it is queued (P-622, P-623)."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from shared_schema.elements import Element
from shared_schema.entity import EXTRA_PREFIX, Entity
from shared_schema.records.inbox import Value
from shared_schema.scalars import ExtraValue
from shared_schema.text import control_in, typed
from shared_schema.wire import ENCODER, Kind
from sync import sets
from sync.device import Edit

T = TypeVar("T", bound=Struct)
NAME_LETTERS_MAX: Final = 120
"""A text that may be longer is more than a name."""
LINE_LETTERS_MAX: Final = 200
"""A text that may be longer has lines."""
ENDLESS: Final = 2**31
TYPED: Final = (Kind.create, Kind.restore, Kind.patch, Kind.command)
"""An undo brings earlier values back as they stood."""


class MisfitError(Exception):
    """A text that cannot be entered. `name`: of the sentence that says so; `slot`: the field; `facts`: values that it mentions."""

    def __init__(self, name: str, slot: str, **facts: object) -> None:
        super().__init__(f"{name}: {slot}")
        self.name = name
        self.slot = slot
        self.facts = facts


def tidied(edit: Edit) -> Edit:
    """The edit with its texts as they are kept. Raises MisfitError."""
    if edit.kind not in TYPED:
        return edit
    values = {slot: _value(edit.entity, slot, value) for slot, value in edit.values.items()}
    command = ENCODER.encode(fitted(edit.entity.command_decoder.decode(edit.command))) if edit.command else b""
    return msgspec.structs.replace(edit, values=values, command=command)


def fitted(given: T) -> T:
    """The same struct with its texts as they are kept. Raises MisfitError."""
    hints = _hints(type(given))
    texts = {name: value for name in given.__struct_fields__ if isinstance(value := getattr(given, name), str)}
    return msgspec.structs.replace(given, **fitted_by(hints, texts))


def fitted_by(hints: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
    """Texts as they are kept, each by the hint of its name. Raises MisfitError."""
    return {name: _text(name, text, hints[name]) for name, text in texts.items()}


def _value(entity: Entity, slot: str, value: Value) -> Value:
    if isinstance(value, str):
        return _text(slot, value, ExtraValue if slot.startswith(EXTRA_PREFIX) else entity.hints.get(slot, Any))
    if slot in entity.sets and isinstance(value, dict):
        return {**value, sets.ADD: _elements(slot, value.get(sets.ADD, ()))}
    return _elements(slot, value) if slot in entity.sets and isinstance(value, (list, tuple)) else value


def _elements(slot: str, words: Any) -> list[Any]:
    return [_text(slot, word, Element) if isinstance(word, str) else word for word in words]


def _text(slot: str, given: str, hint: Any) -> str:
    least, most = _bounds(hint)
    text = typed(given)
    if most <= LINE_LETTERS_MAX:
        text = text.replace("\t", " ").strip()
    if NAME_LETTERS_MAX < most <= LINE_LETTERS_MAX:
        text = " ".join(text.split("\n"))
    letter = control_in(text)
    if letter is not None:
        raise MisfitError("text_control", slot, letter=f"U+{ord(letter):04X}")
    if most <= NAME_LETTERS_MAX and "\n" in text:
        raise MisfitError("text_lines", slot)
    if len(text) > most:
        raise MisfitError("text_long", slot, letters=len(text), limit=most)
    if len(text) < least:
        raise MisfitError("text_short" if least > 1 else "text_empty", slot, limit=least)
    return text


@cache
def _hints(struct: type[Struct]) -> Mapping[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _bounds(hint: Any) -> tuple[int, int]:
    """(fewest, most) letters of a text that this hint takes."""
    if get_origin(hint) is Annotated and get_args(hint)[0] is str:
        marks = [mark for mark in get_args(hint)[1:] if isinstance(mark, Meta)]
        least = max((mark.min_length or 0 for mark in marks), default=0)
        return least, min((mark.max_length for mark in marks if mark.max_length is not None), default=ENDLESS)
    found = [bounds for inner in get_args(hint) if (bounds := _bounds(inner)) != (0, ENDLESS)]
    return found[0] if found else (0, ENDLESS)
