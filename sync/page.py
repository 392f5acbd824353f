"""Pages: stored bytes spliced into an answer, cut by bytes."""

import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final

from msgspec import Raw

from shared_schema.policy import Lane
from shared_schema.wire import ScopePage
from sync.cursor import Place, Wanted

ORDER: Final = {Lane.now: 0, Lane.reference: 1, Lane.team: 2, Lane.notice: 3, Lane.work: 4, Lane.history: 5, Lane.tile: 6}


def order(lane: int, scope: int) -> tuple[int, int]:
    """Sort key of scopes on the way to the device: the scopes that a rep needs at the door come first."""
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


Rows = Sequence[tuple[int, bytes]]
"""(seq, wire bytes) of one scope after a position, in order of seq."""


def fill(wanted: Iterable[Wanted], budget_bytes: int, read: Callable[[Wanted], tuple[Rows, bool]]) -> tuple[list[ScopePage], list[Place]]:
    """Read scope by scope until the page is full → (pages, places of the cursor). `read` answers (rows, whether these are all).

    A scope at its head is not read. One the budget does not reach keeps its place, also a stale one: it begins anew later.
    """
    pages: list[ScopePage] = []
    places: list[Place] = []
    for one in wanted:
        page, size_bytes = _page(one, budget_bytes, read) if budget_bytes > 0 else (None, 0)
        budget_bytes -= size_bytes
        if page is not None:
            pages.append(page)
            places.append(Place(one.scope.number, page.position, one.base))
        elif one.held is not None:
            places.append(one.held)
    return pages, places


def _page(one: Wanted, budget_bytes: int, read: Callable[[Wanted], tuple[Rows, bool]]) -> tuple[ScopePage | None, int]:
    scope = one.scope
    if one.position == scope.head and not one.begin:
        return None, 0
    rows, whole = read(one)
    taken = cut([len(body) for _, body in rows], budget_bytes)
    done = whole and taken == len(rows)
    position = scope.head if done else rows[taken - 1][0]
    bodies = [body for _, body in rows[:taken]]
    return ScopePage(scope.number, scope.lane, one.begin, position, scope.head, done, splice(bodies)), sum(map(len, bodies))


def more(wanted: Iterable[Wanted], places: Iterable[Place]) -> bool:
    """Whether a scope has not reached its head."""
    reached = {place.scope: place.position for place in places}
    return any(reached.get(one.scope.number, -1) < one.scope.head for one in wanted)
