"""The apps' own texts in each language, read from their tables: what is left of the other language on a screen is found with them."""

import re
from functools import cache
from itertools import chain
from typing import Final

from tests.browser.web import FOLDER

TABLE: Final = re.compile(r"const (zh|en|NAMES_ZH|NAMES_EN)\b[^{]*= \{\n(.*?)\n\}", re.DOTALL)
TEXT: Final = re.compile(r'\w+:\s*"((?:[^"\\]|\\.)+)"')
FACT: Final = re.compile(r"\{\w+(?::[^|}]*\|[^}]*)?\}")
LETTERS: Final = {"zh": re.compile("[一-鿿]"), "en": re.compile("[a-z]{2}")}
"""Without these a text is of no language."""
RAW: Final = {
    "a name of the protocol": re.compile(r"(?<![\w@./-])[a-z]+(?:_[a-z0-9]+)+\b"),
    "a value that is none": re.compile(r"\b(?:undefined|NaN|null|Infinity|Invalid Date)\b|\[object"),
    "an id": re.compile(r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b"),
    "a fact that was not filled in": FACT,
    "one of several": re.compile(r"(?<![\d.,:-])1 (?!press\b)[a-z]+[^s\W]s\b"),
}
"""What no person should have to read."""
WORDS_MIN: Final = 2
LETTERS_MIN: Final = 4
NAMES: Final = frozenset({"Admin", "admin", "Outrider", "English", "中文", "shelf_metres", "payment_habit", "name"})
"""Words that stand in both languages, and names in the demo's data and files that look like the apps' own words."""


@cache
def tables() -> dict[str, frozenset[str]]:
    """Every text of each language, those of the protocol's names too."""
    files = chain.from_iterable((FOLDER / part).rglob("*.ts*") for part in ("shell", "app", "desk", "client/src/generated"))
    found: dict[str, set[str]] = {"zh": set(), "en": set()}
    for file in files:
        for language, body in TABLE.findall(file.read_text("utf-8")):
            found[language[-2:].lower()].update(TEXT.findall(body))
    return {language: frozenset(texts) for language, texts in found.items()}


@cache
def foreign(language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What does not belong on a screen of this language: whole texts, and pieces of at least two words."""
    written = LETTERS["en" if language == "zh" else "zh"]
    other = frozenset(text for text in tables()["en" if language == "zh" else "zh"] if written.search(FACT.sub("", text))) - NAMES
    pieces = {piece.strip(" .,:;·…!?") for text in other for piece in FACT.split(text)}
    several = (piece for piece in pieces if len(piece.split()) >= WORDS_MIN and len(piece) > LETTERS_MIN * WORDS_MIN)
    return other, tuple(several) if language == "zh" else ()


def faults(said: list[str], language: str) -> list[str]:
    """What is wrong with the texts of a screen."""
    whole, pieces = foreign(language)
    found = [f"{what}: {text!r}" for text in said for what, form in RAW.items() for one in form.findall(text) if one not in NAMES]
    found += [f"the other language: {text!r}" for text in said if text in whole]
    return found + [f"the other language: {piece!r} in {text!r}" for text in said for piece in pieces if piece in text]
