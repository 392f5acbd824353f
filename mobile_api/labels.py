"""Every name of the protocol in a reader's words, as a TypeScript module: from the same table as the terminal's."""

import json
from collections.abc import Iterator
from typing import Final

from geo.verify import MISSING
from mobile_api.phone.terminal import TEXTS
from mobile_api.phone.texts_named import DO
from shared_schema.places import VisitFlag
from shared_schema.policy import Lane
from shared_schema.registry import ENTITIES
from shared_schema.typescript import HEAD

LANGUAGES: Final = ("en", "zh")
"""The order of the texts of one name."""


def module() -> str:
    """The text of the generated module: the names of kinds, fields, values and commands in each language."""
    names = sorted(set(_names()))
    lines = [f"export type Name = {' | '.join(map(_json, names))};"]
    lines.append(f"export const OF_REFERENCE = {_json(' '.join(sorted(_of_reference())))};")
    for place, language in enumerate(LANGUAGES):
        lines.append(f"export const NAMES_{language.upper()}: Readonly<Record<Name, string>> = {{")
        lines += [f"  {name}: {_json(TEXTS[name][place])}," for name in names]
        lines.append("};")
    return HEAD + "\n".join(lines) + "\n"


def _names() -> Iterator[str]:
    for entity in ENTITIES:
        yield entity.name
        yield from (slot.removesuffix("_id") for slot in entity.slots)
        yield from (f"{entity.name}_{slot}" for slot in entity.slots if f"{entity.name}_{slot}" in TEXTS)
        yield from (_word(slot, value.name) for slot, enum in entity.enums.items() for value in enum)
        yield from (f"{DO}{tag}" for tag in entity.commands)
    yield from (*(str(one.name) for one in VisitFlag), *MISSING)


def _of_reference() -> set[str]:
    """Names of fields that only records have which the desk alone writes: no phone enters one, so the rep's app shows none by its name."""
    found = [
        {slot.removesuffix("_id") for entity in ENTITIES if (entity.lane is Lane.reference) is only for slot in entity.slots}
        for only in (True, False)
    ]
    values = {_word(slot, value.name) for entity in ENTITIES for slot, enum in entity.enums.items() for value in enum}
    return found[0] - found[1] - values - {entity.name for entity in ENTITIES}


def _word(slot: str, value: str) -> str:
    """The name under which a value has its words: its own, or with its field where another field has that name."""
    return f"{slot}_{value}" if f"{slot}_{value}" in TEXTS else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
