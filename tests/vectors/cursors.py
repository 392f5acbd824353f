"""Vectors of the digest that names a cursor: every length around the blocks of SHA-256."""

import random

from sync.cursor import digest
from tests.vectors.cases import Case, Cases


def cases() -> Cases:
    """Empty, one block, several, and the largest cursor."""
    dice = random.Random(604)
    lengths = (*range(70), 119, 120, 127, 128, 129, 1_000, 16_384)
    raws = [*(dice.randbytes(length) for length in lengths), bytes(64), b"\xff" * 64]
    return {"sync.cursor:digest": [Case({"cursor": raw.hex()}, digest(raw).hex()) for raw in raws]}
