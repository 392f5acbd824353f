"""Vectors of `sync/entered.py`: what becomes of a typed text in each slot that people fill, in sets, custom fields and commands."""

import random
from collections.abc import Iterator
from typing import Any

from msgspec import Meta

from shared_schema.elements import TaggedWord
from shared_schema.policy import Given
from shared_schema.registry import ENTITIES
from shared_schema.twin import unwrap
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from sync.entered import MisfitError, tidied
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import LEAST, filled, struct_hints

ID = bytes(range(16))
TYPED = (
    *("", " ", "  tea  ", "a\tb", "a\nb", "\r\na\u2028b\r", "e\u0301", "\uff21\uff22", "\u3000茶\x85", "\ufeffx"),
    *(
        "x" * 40,
        "x" * 41,
        "\U0001f375" * 40,
        "茶" * 120,
        "茶" * 121,
        "x" * 200,
        "x" * 201,
        " " * 300,
        "e\u0301" * 40,
        "ab\x07",
        "\x9f",
        "a\ud800",
    ),
)
ONCE = (Kind.undo, Kind.delete)


def cases() -> Cases:
    """Every slot with every text as a patch; a create, a restore and an undo of some."""
    return {"sync.entered:tidied": [edit_case(edit) for edit in [*of_slots(), *of_sets(), *of_commands()]]}


def of_slots() -> Iterator[Edit]:
    """One text in one slot, and in a custom field."""
    for entity in ENTITIES:
        slots = [slot for slot in entity.slots if slot not in entity.server_owned and _is_text(entity.hints[slot])]
        for slot in [*slots, *(["extra.colour"] if entity.has_extra else [])]:
            yield from (Edit(Kind.create if slot in entity.fixed else Kind.patch, entity, ID, {slot: text}) for text in TYPED)
        if slots:
            yield from (Edit(kind, entity, ID, {slots[0]: " a\r\n"}) for kind in (*ONCE, Kind.restore))
            yield Edit(Kind.patch, entity, ID, {slots[0]: None, "extra.size": 7})


def of_sets() -> Iterator[Edit]:
    """Elements of a create and of an operation; what it removes stays as it stands."""
    for entity in ENTITIES:
        for slot, made_of in entity.sets.items():
            for text in TYPED if made_of is TaggedWord else ():
                yield Edit(Kind.create, entity, ID, {slot: [text, "b"]})
                yield Edit(Kind.patch, entity, ID, {slot: {"add": [text], "remove": [[" c ", 1, 2]]}})


def of_commands() -> Iterator[Edit]:
    """Each text of each command, but what its bytes cannot hold."""
    dice = random.Random(622)
    for entity in ENTITIES:
        for command in entity.commands.values():
            hints = struct_hints(command)
            given = {name: filled(hint, LEAST, dice) for name, hint in hints.items()}
            for name in (name for name, hint in hints.items() if _is_text(hint)):
                bounds = next(mark for mark in unwrap(hints[name])[1] if isinstance(mark, Meta))
                texts = (text for text in TYPED[:-1] if (bounds.min_length or 0) <= len(text) <= (bounds.max_length or 0))
                yield from (Edit(Kind.command, entity, ID, command=ENCODER.encode(command(**{**given, name: text}))) for text in texts)


def edit_case(edit: Edit) -> Case:
    """The entry after it was tidied, or the fault of its text."""
    try:
        gives: dict[str, Any] = edit_told(tidied(edit))
    except MisfitError as error:
        gives = {"name": error.name, "slot": error.slot, "facts": error.facts}
    return Case(edit_told(edit), gives)


def edit_told(edit: Edit) -> dict[str, Any]:
    """An entry by its parts; a command as the client holds it."""
    command = told(edit.entity.command_decoder.decode(edit.command)) if edit.command else None
    return {"kind": int(edit.kind), "entity": edit.entity.name, "values": told(dict(edit.values)), "command": command}


def _is_text(hint: Any) -> bool:
    plain, marks = unwrap(hint)
    given = next((mark.hint for mark in marks if isinstance(mark, Given)), None)
    return plain is str if given is None else _is_text(given)
