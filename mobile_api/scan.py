"""Bodies are measured before they are believed: depth, items, keys and length, without building a single object from them."""

import json
import re
from typing import Any, Final

from shared_schema.problem import Code, Problem

DEPTH_MAX: Final = 16
ITEMS_MAX: Final = 20_000


def _steps() -> bytes:
    """First byte of a msgpack item → its whole size, 0 when the item needs a closer look."""
    steps = bytearray(256)
    for first in range(256):
        if first <= 0x7F or first >= 0xE0 or first in (0xC0, 0xC2, 0xC3):
            steps[first] = 1
        elif 0xA0 <= first <= 0xBF:
            steps[first] = 1 + (first & 0x1F)
        elif first in _SCALARS:
            steps[first] = _SCALARS[first]
    return bytes(steps)


_SCALARS: Final = {0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9}
_LENGTH_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_COUNT_BYTES: Final = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
_STEPS: Final = _steps()


def scan_msgpack(body: bytes, items_max: int = ITEMS_MAX) -> None:
    """Refuse a msgpack body that is cut short, too deep, too long, ambiguous or not one plain message.

    Iterative, one pass, no allocation by declared lengths. Raises Problem(body_truncated | body_malformed | body_trailing |
    body_too_deep | body_too_many_items | extension_type | duplicate_key).
    """
    try:
        end = _walk(body, items_max)
    except IndexError:
        raise Problem(Code.body_truncated, "the message ends inside a value") from None
    if end > len(body):
        raise Problem(Code.body_truncated, "the message ends inside a value")
    if end < len(body):
        raise Problem(Code.body_trailing, "bytes follow the message")


def _walk(body: bytes, items_max: int) -> int:
    """Position after the first message; past the end when that is cut short. Flat, because it runs once per item of every push."""
    steps = _STEPS
    position, left, keys, budget = 0, 1, None, items_max
    outer: list[tuple[int, set[bytes] | None]] = []
    while True:
        while left == 0:
            if not outer:
                return position
            left, keys = outer.pop()
        left -= 1
        if keys is not None:
            position = _key(body, position, keys)
        first = body[position]
        if steps[first]:
            position += steps[first]
        elif first in _LENGTH_BYTES:
            position = _text_end(body, position)
        else:
            outer.append((left, keys))
            position, left, keys = _container(body, position)
            # Declared members are charged at once, so a huge declared length costs nothing.
            budget -= left if keys is None else 2 * left
            if len(outer) > DEPTH_MAX:
                raise Problem(Code.body_too_deep, f"more than {DEPTH_MAX} levels")
            if budget < 0:
                raise Problem(Code.body_too_many_items, f"more than {items_max} values")


def _key(body: bytes, position: int, keys: set[bytes]) -> int:
    """Position after one map key. Keys are compared by their text, in whatever length form they were written."""
    first = body[position]
    if 0xA0 <= first <= 0xBF:
        start, stop = position + 1, position + 1 + (first & 0x1F)
    elif first in (0xD9, 0xDA, 0xDB):
        start, stop = position + 1 + _LENGTH_BYTES[first], _text_end(body, position)
    else:
        raise Problem(Code.body_malformed, "a key of a map is not text")
    if stop > len(body):
        raise IndexError
    key = body[start:stop]
    if key in keys:
        raise Problem(Code.duplicate_key, "a map names one key twice")
    keys.add(key)
    return stop


def _text_end(body: bytes, position: int) -> int:
    start = position + 1 + _LENGTH_BYTES[body[position]]
    if start > len(body):
        raise IndexError
    return start + int.from_bytes(body[position + 1 : start], "big")


def _container(body: bytes, position: int) -> tuple[int, int, set[bytes] | None]:
    """(position of the first member, members, the set for keys when it is a map)."""
    first = body[position]
    if 0x80 <= first <= 0x9F:
        return position + 1, first & 0x0F, None if first >= 0x90 else set()
    if first not in _COUNT_BYTES and first != 0xC1:
        raise Problem(Code.extension_type, "extension types are not part of the protocol")
    if first == 0xC1:
        raise Problem(Code.body_malformed, "a byte that msgpack never uses")
    start = position + 1 + _COUNT_BYTES[first]
    if start > len(body):
        raise IndexError
    return start, int.from_bytes(body[position + 1 : start], "big"), None if first in (0xDC, 0xDD) else set()


_BRACKETS: Final = re.compile(rb"[\[\]{}]")
_QUOTES_PER_ITEM: Final = 4
"""A key and a text, each between two."""


def scan_json(body: bytes, items_max: int = ITEMS_MAX) -> None:
    """Refuse a JSON body for the same reasons and with the same codes as `scan_msgpack`."""
    bones = _bones(body, _QUOTES_PER_ITEM * items_max)
    if bones is None or bones.count(b",") + bones.count(b"[") + bones.count(b"{") > items_max:
        raise Problem(Code.body_too_many_items, f"more than {items_max} values")
    _measure_depth(bones)
    text = body.decode(errors="surrogateescape")
    try:
        json.loads(text, object_pairs_hook=_single, parse_int=_unread, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _broken(error, text) from None
    except (ValueError, RecursionError):
        raise Problem(Code.body_malformed, "not JSON") from None


def _bones(body: bytes, quotes_max: int) -> bytes | None:
    """The body without its texts; None when it has too many of them. Only searches that run in C: a body may be 4 MiB of quotes."""
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > quotes_max:
        return None
    return b"".join(plain.split(b'"')[::2])


def _measure_depth(bones: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.findall(bones):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Problem(Code.body_too_deep, f"more than {DEPTH_MAX} levels")


def _broken(error: json.JSONDecodeError, text: str) -> Problem:
    if error.msg == "Extra data":
        return Problem(Code.body_trailing, "bytes follow the message")
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return Problem(Code.body_truncated, "the message ends inside a value")
    return Problem(Code.body_malformed, f"not JSON at character {error.pos}")


def _single(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Problem(Code.duplicate_key, "an object names one key twice")


def _unread(_digits: str) -> int:
    """Many digits are not turned into a number: that takes time. The field at fault is refused by its name, later (P-324)."""
    return 0


def _no_constant(word: str) -> float:
    raise Problem(Code.body_malformed, f"{word} is not JSON")
