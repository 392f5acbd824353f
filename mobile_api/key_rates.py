"""How many requests the keys of service accounts make: a business system that runs wild leaves room for the phones (D-495)."""

from collections import Counter
from typing import Final

from shared_schema.problem import Code, Problem

WINDOW_MS: Final = 60_000
REQUESTS_MAX: Final = 600
"""Of one key within a minute, at one process of the server."""
KEYS_MAX: Final = 10_000
"""More keys than a server has: those beyond are guessed, and each is refused by itself."""


class KeyRates:
    """The requests that this process heard within the minute, by the hash of their key."""

    def __init__(self) -> None:
        self._window_ms = 0
        self._counts: Counter[bytes] = Counter()

    def admit(self, key_hash: bytes, now_ms: int) -> None:
        """Count one request. Raises Problem(too_many_attempts) with the end of the minute."""
        window_ms = now_ms - now_ms % WINDOW_MS
        if window_ms != self._window_ms:
            self._window_ms, self._counts = window_ms, Counter()
        if key_hash not in self._counts and len(self._counts) >= KEYS_MAX:
            return
        self._counts[key_hash] += 1
        if self._counts[key_hash] > REQUESTS_MAX:
            told = f"a key of a service account makes {REQUESTS_MAX} requests a minute at most"
            raise Problem(Code.too_many_attempts, told, retry_at_ms=window_ms + WINDOW_MS)
