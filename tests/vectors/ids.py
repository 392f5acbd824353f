"""Vectors of ids as uuid text and of bytes as base64url (`shared_schema/twin.py`)."""

import random
from collections.abc import Iterator

from shared_schema.twin import bytes_text, id_bytes, id_text, text_bytes
from tests.vectors.cases import Case, Cases


def cases() -> Cases:
    """Both ways."""
    ids = list(raw_ids())
    blobs = list(raw_bytes())
    return {
        "shared_schema.twin:id_text": [Case({"raw": one.hex()}, id_text(one)) for one in ids],
        "shared_schema.twin:id_bytes": [
            Case({"text": one}, raw.hex() if (raw := id_bytes(one)) is not None else None) for one in said(ids)
        ],
        "shared_schema.twin:bytes_text": [Case({"raw": one.hex()}, bytes_text(one)) for one in blobs],
        "shared_schema.twin:text_bytes": [Case({"text": bytes_text(one)}, text_bytes(bytes_text(one)).hex()) for one in blobs],  # type: ignore[union-attr]
    }


def raw_ids() -> Iterator[bytes]:
    """The edges, and some by chance."""
    yield from (bytes(16), b"\xff" * 16, bytes(range(16)), bytes(range(0xF0, 0x100)))
    dice = random.Random(101)
    yield from (dice.randbytes(16) for _ in range(20))


def said(ids: list[bytes]) -> Iterator[str]:
    """Texts of ids, and texts that are none."""
    yield from map(id_text, ids)
    one = id_text(ids[2])
    yield from (
        "",
        one[:-1],
        one.upper().replace("0", "A"),
        f"{one}\n",
        f" {one}",
        one.replace("-", ""),
        one.replace("0", "g"),
        f"{{{one}}}",
    )


def raw_bytes() -> Iterator[bytes]:
    """Every length up to 40, and all values of a byte."""
    dice = random.Random(102)
    yield from (dice.randbytes(length) for length in range(41))
    yield bytes(range(256))
