"""Vectors of `shared_schema/text.py`, and the order of texts: every kind of letter, and all letters by which a language could differ."""

import random
import unicodedata
from collections.abc import Iterator

from shared_schema import text
from tests.vectors.cases import Case, Cases

PAIRS = ("\U0001f375", "\uff21", "\ufffd", "\U00010000", "a", "", "aa", "茶", "a\U0001f375", "a\ufffd", "\ue000", "z")
HALF = ("\ud800", "a\udc00b", "\udc00\ud800")


def cases() -> Cases:
    """All rules of the room; `order` is what Python says of two texts."""
    asked = list(texts())
    return {
        "shared_schema.text:typed": [Case({"text": one}, text.typed(one)) for one in asked],
        "shared_schema.text:plain": [Case({"text": one}, text.plain(one)) for one in asked],
        "shared_schema.text:searched": [Case({"text": one}, text.searched(one)) for one in [*asked, *folded()]],
        "shared_schema.text:control_in": [Case({"text": one}, text.control_in(one)) for one in [*asked, *HALF]],
        "shared_schema.text:shown": [Case({"text": one}, text.shown(one)) for one in [*asked, *HALF]],
        "shared_schema.text:clean_text": [Case({"text": one}, text.clean_text(one)) for one in [*asked, *HALF]],
        "order": [Case({"left": one, "right": other}, (one > other) - (one < other)) for one in PAIRS for other in PAIRS],
    }


def texts() -> Iterator[str]:
    """Named ones, every letter below U+0100 and every blank alone and between others, and some by chance."""
    yield from (
        "",
        " ",
        "a\r\nb\rc\u2028d\u2029e\x85f\n\r",
        "\r\n\r\n",
        "e\u0301",
        "\u212b",
        "ﬁ Ⅷ ½",
        "０１２－ＡＢ　",
        "각\u11a8",
        "a\u0315\u0300",
    )
    yield from ("ΑΣ ΑΣΑ ς", "Straße ẞ", "İstanbul ısı I", "\ufeffname\u200b", "a\u00adb", "\U0001f468\u200d\U0001f469", "ꭰᎠ", "ŉ ǰ ΐ")
    yield from (f"x{chr(letter)}y" for letter in range(0x100))
    yield from (chr(letter) for letter in range(0x110000) if chr(letter).isspace())
    dice = random.Random(622)
    known = [chr(letter) for letter in range(0x20, 0x30000) if unicodedata.category(chr(letter)) not in ("Cn", "Cs", "Co")]
    yield from ("".join(dice.choice(known) for _ in range(12)) for _ in range(60))


def folded() -> Iterator[str]:
    """All letters that folding changes or that a search does not see, forty in a text, so that no letter is forgotten."""
    letters = [chr(one) for one in range(0x110000) if unicodedata.category(chr(one)) not in ("Cn", "Cs")]
    told = [one for one in letters if one.casefold() != one or unicodedata.category(one) == "Cf"]
    yield from ("|".join(told[at : at + 40]) for at in range(0, len(told), 40))
