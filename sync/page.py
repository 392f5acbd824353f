"""Pages: stored bytes spliced into an answer, cut by bytes."""

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from msgspec import Raw

from shared_schema.policy import Lane

ORDER: Final = {Lane.now: 0, Lane.reference: 1, Lane.work: 2, Lane.history: 3}


def order(lane: int, scope: int) -> tuple[int, int]:
    """Sort key of scopes on the way to the device: first what a rep needs at the door."""
    return ORDER[Lane(lane)], scope


def splice(bodies: Sequence[bytes]) -> Raw:
    """An array of stored rows, without decoding one."""
    count = len(bodies)
    header = (
        bytes([0x90 | count]) if count < 16 else b"\xdc" + struct.pack(">H", count) if count < 65536 else b"\xdd" + struct.pack(">I", count)
    )
    return Raw(header + b"".join(bodies))


def cut(sizes: Sequence[int], budget_bytes: int) -> int:
    """How many rows fit into the budget: at least one, so that every page moves on (P-208)."""
    for index, total in enumerate(accumulate(sizes)):
        if total > budget_bytes:
            return max(1, index)
    return len(sizes)
