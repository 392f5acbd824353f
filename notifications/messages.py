"""Notices in words: fills the words of a feature with facts, within the size every channel can carry."""

from collections.abc import Mapping
from string import Formatter
from typing import Final

import msgspec

from shared_schema.notices import Words

PAYLOAD_LIMIT_BYTES: Final = 4096
# Four facts of this length, over title and body, stay below the payload limit even as escaped JSON (12 bytes a character).
FACT_LIMIT_CHARACTERS: Final = 64


class Message(msgspec.Struct, frozen=True):
    """One notice as its reader sees it."""

    title: str
    body: str


def message(words: Words, facts: Mapping[str, str]) -> Message:
    """The text of a notice; `facts` must hold each name of `placeholders(words)`, others are ignored.

    Long facts are cut with an ellipsis, blank ones shown as a dash. Raises ValueError that names a missing fact.
    """
    needed = placeholders(words)
    missing = sorted(needed - facts.keys())
    if missing:
        raise ValueError(f"a notice lacks {', '.join(missing)}")
    shown = {name: _shown(facts[name]) for name in needed}
    return Message(words.title.format_map(shown), words.body.format_map(shown))


def placeholders(words: Words) -> frozenset[str]:
    """The names of the facts a notice needs."""
    return frozenset(name for text in (words.title, words.body) for _, name, _, _ in Formatter().parse(text) if name)


def _shown(fact: str) -> str:
    line = " ".join(fact.split())
    return line[: FACT_LIMIT_CHARACTERS - 1] + "…" if len(line) > FACT_LIMIT_CHARACTERS else line or "–"
