"""How many bytes of rows the phone asks for at once: fewer when the line is slow or breaks, more when it is quick (P-613)."""

from typing import Final

from shared_schema.wire import PAGE_BYTES

PAGE_BYTES_MIN: Final = 4 * 1024
QUICK_MS: Final = 4_000
SLOW_MS: Final = 15_000


def after_loss(page_bytes: int) -> int:
    """No answer came: half as much next time."""
    return max(PAGE_BYTES_MIN, page_bytes // 2)


def after_answer(page_bytes: int, took_ms: int) -> int:
    """The bytes to ask for after an exchange that took so long."""
    if took_ms > SLOW_MS:
        return after_loss(page_bytes)
    return min(PAGE_BYTES, page_bytes * 2) if took_ms < QUICK_MS else page_bytes
