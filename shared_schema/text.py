"""Clean text: the characters that a string may hold before anything is stored, searched or compared (P-110); the one form of typed text
(P-622)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import msgspec

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""C0 controls other than tab and line feed, DEL, C1 controls, and lone surrogates: databases and terminals disagree on them."""


_LINE_ENDS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")


def typed(text: str) -> str:
    """Typed or pasted text in the one form in which it is kept: NFC, lines end with LF."""
    return _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))


def plain(text: str) -> str:
    """A name, a number or a day without the forms of an input method: full-width letters and digits as the plain ones, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def searched(text: str) -> str:
    """The form in which a search compares texts: input forms, letter case, invisible letters and the number of blanks do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(letter for letter in folded if unicodedata.category(letter) != "Cf").split())


def control_in(text: str) -> str | None:
    """The first letter that no text may hold."""
    found = _CONTROL.search(text)
    return found[0] if found is not None else None


def shown(text: str) -> str:
    """A text that may hold anything, as a screen shows it: U+FFFD for each letter that no text may hold."""
    return _CONTROL.sub("\ufffd", text)


def clean_text(text: str) -> bool:
    """True when `text` is NFC and holds no control character except tab and line feed."""
    return unicodedata.is_normalized("NFC", text) and _CONTROL.search(text) is None


def unclean(value: object, path: str = "") -> str | None:
    """Path of the first unclean text in nested builtins or structs, such as `members[2].name`; None when all is clean.

    Keys of maps are text too. Bytes and raw messages are not looked into. Depth is the caller's bound (the door allows 16).
    """
    if isinstance(value, str):
        return None if clean_text(value) else path or "$"
    for place, part in _parts(value, path):
        found = unclean(part, place)
        if found is not None:
            return found
    return None


def _parts(value: object, path: str) -> Iterable[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        return ((_under(path, name), getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, dict):
        return _entries(value, path)
    if isinstance(value, (list, tuple)):
        return ((f"{path}[{index}]", part) for index, part in enumerate(value))
    return ()


def _entries(entries: dict[Any, Any], path: str) -> Iterable[tuple[str, Any]]:
    for key, part in entries.items():
        # An unclean key must not print itself: the path names the map.
        if isinstance(key, str) and not clean_text(key):
            yield path or "$", key
        else:
            yield _under(path, str(key)), part


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
