"""How long an entry may fail for want of time or memory while the entries of others are taken, before it is its own fault (P-323)."""

from typing import Final

from msgspec import Struct

from server.domain.tokens import Claims

PATIENCE_MS: Final = 10 * 60_000
"""A lock or a load that lasts for minutes is no fault of an entry."""
LINES_MAX: Final = 10_000
"""Device lines that fail, remembered at a process; beyond, all begin anew."""


class _Failing(Struct):
    """Since when a line fails, and how much had been taken from others when it last did."""

    since_ms: int
    taken: int


class Patience:
    """The memory of one process: a restart begins anew, which only means more patience."""

    def __init__(self) -> None:
        self._taken = 0
        self._failing: dict[tuple[int, int], _Failing] = {}

    def taken(self, claims: Claims) -> None:
        """Note that entries of this line were committed."""
        self._taken += 1
        self._failing.pop((claims.org_id, claims.line_no), None)

    def is_over(self, claims: Claims, now_ms: int) -> bool:
        """Note that a line failed; whether it has done so for long, with entries of others taken since its last failure."""
        line = (claims.org_id, claims.line_no)
        if line not in self._failing:
            if len(self._failing) >= LINES_MAX:
                self._failing.clear()
            self._failing[line] = _Failing(now_ms, self._taken)
            return False
        failing = self._failing[line]
        others, failing.taken = self._taken > failing.taken, self._taken
        return others and now_ms - failing.since_ms >= PATIENCE_MS
