"""Text that is none, a lone surrogate or bytes that are not UTF-8, can still be kept, hashed and refused by name (P-110).

The slow way, for bodies that the decoders have refused. `packed` keeps the bytes as sent; `readable` and `readable_tree` put DEL in their
place. No clean text holds a DEL, so every judge of texts refuses it, and names the field.
"""

import json
import math
import re
from typing import Any, Final

import msgspec

DELETE: Final = "\x7f"
_LONE: Final = re.compile("[\ud800-\udfff]")
_DIGITS_MAX: Final = 20
"""Of an integer of 64 bits, with its sign. To read longer ones takes a time that grows with the square of their length."""
_CANONICAL: Final = msgspec.msgpack.Encoder(order="deterministic")
"""Keys sorted: in whatever order a JSON library writes them, a re-sent mutation gives the same bytes and so the same hash."""
_HEADS: Final[dict[type, tuple[tuple[int, int], ...]]] = {
    str: ((0xA0, 32), (0xD9, 1), (0xDA, 2), (0xDB, 4)),
    list: ((0x90, 16), (0xDC, 2), (0xDD, 4)),
    dict: ((0x80, 16), (0xDE, 2), (0xDF, 4)),
}
"""Type → (first byte, counts below this stand in it), then (first byte, bytes of the count)."""
_SIZES: Final = {
    0xCA: 5,
    0xCB: 9,
    0xCC: 2,
    0xCD: 3,
    0xCE: 5,
    0xCF: 9,
    0xD0: 2,
    0xD1: 3,
    0xD2: 5,
    0xD3: 9,
    0xDC: 3,
    0xDD: 5,
    0xDE: 3,
    0xDF: 5,
}
_TEXT_COUNT_BYTES: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_BYTES_COUNT_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}


def from_json(body: bytes) -> Any:
    """Builtins of a JSON body whose texts may be none: a byte b that is not UTF-8 reads as U+DC00 + b. Raises ValueError."""
    return json.loads(body.decode(errors="surrogateescape"), parse_int=_whole, parse_constant=_no_constant)


def packed(value: Any) -> bytes:
    """Canonical msgpack: keys sorted, a lone surrogate as the three bytes that UTF-8 would have for it, an integer that is too long as
    the nearest float, which no field takes."""
    try:
        return _CANONICAL.encode(value)
    except (UnicodeError, OverflowError):
        if isinstance(value, int):
            return _CANONICAL.encode(_nearest(value))
        if isinstance(value, str):
            raw = value.encode(errors="surrogatepass")
            return _head(str, len(raw)) + raw
        if isinstance(value, list):
            return _head(list, len(value)) + b"".join(packed(part) for part in value)
        entries = sorted(value.items())
        return _head(dict, len(value)) + b"".join(packed(part) for entry in entries for part in entry)


def readable_tree(value: Any) -> Any:
    """The same builtins, each lone surrogate a DEL."""
    if isinstance(value, str):
        return _LONE.sub(DELETE, value)
    if isinstance(value, list):
        return [readable_tree(part) for part in value]
    if isinstance(value, dict):
        return {readable_tree(key): readable_tree(part) for key, part in value.items()}
    return value


def readable(raw: bytes) -> bytes:
    """The same msgpack of the same length, each byte of a text that is not UTF-8 a DEL. A body that is cut short stays as it is."""
    found = bytearray(raw)
    at = 0
    while at < len(raw):
        first = raw[at]
        is_text = 0xA0 <= first <= 0xBF or first in _TEXT_COUNT_BYTES
        if is_text or first in _BYTES_COUNT_BYTES:
            count_bytes = _TEXT_COUNT_BYTES.get(first) or _BYTES_COUNT_BYTES.get(first, 0)
            start = at + 1 + count_bytes
            at = start + (int.from_bytes(raw[at + 1 : start], "big") if count_bytes else first & 0x1F)
            if is_text:
                found[start:at] = _LONE.sub(DELETE, raw[start:at].decode(errors="surrogateescape")).encode()
        else:
            at += _SIZES.get(first, 1)
    return bytes(found)


def _head(kind: type, count: int) -> bytes:
    (small, below), *longer = _HEADS[kind]
    if count < below:
        return bytes([small | count])
    return next(bytes([first]) + count.to_bytes(size, "big") for first, size in longer if count < 1 << 8 * size)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS_MAX else float(digits)


def _nearest(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")
