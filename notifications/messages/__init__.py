"""Notices in words: fills the texts of a language with facts, within the size every channel can carry."""

from collections.abc import Mapping
from string import Formatter
from typing import Final

import msgspec

from notifications.kinds import Language, NoticeKind
from notifications.messages import en, zh

PAYLOAD_LIMIT_BYTES: Final = 4096
# Four facts of this length, over title and body, stay below the payload limit even as escaped JSON (12 bytes a character).
FACT_LIMIT_CHARACTERS: Final = 64

TEXTS: Final[Mapping[Language, Mapping[NoticeKind, tuple[str, str]]]] = {Language.zh: zh.TEXTS, Language.en: en.TEXTS}


class Message(msgspec.Struct, frozen=True):
    """One notice as its reader sees it."""

    title: str
    body: str


def message(kind: NoticeKind, language: Language, facts: Mapping[str, str]) -> Message:
    """The text of a notice; `facts` must hold each name of `placeholders(kind, language)`, others are ignored.

    Long facts are cut with an ellipsis, blank ones shown as a dash. Raises ValueError that names a missing fact.
    """
    needed = placeholders(kind, language)
    missing = sorted(needed - facts.keys())
    if missing:
        raise ValueError(f"notice {kind} lacks {', '.join(missing)}")
    shown = {name: _shown(facts[name]) for name in needed}
    title, body = TEXTS[language][kind]
    return Message(title.format_map(shown), body.format_map(shown))


def placeholders(kind: NoticeKind, language: Language) -> frozenset[str]:
    """The names of the facts a notice needs."""
    return frozenset(name for text in TEXTS[language][kind] for _, name, _, _ in Formatter().parse(text) if name)


def _shown(fact: str) -> str:
    line = " ".join(fact.split())
    return line[: FACT_LIMIT_CHARACTERS - 1] + "…" if len(line) > FACT_LIMIT_CHARACTERS else line or "–"
