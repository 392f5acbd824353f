"""Vectors of `mobile_api/phone/pace.py`: how many bytes to ask for after an answer, and after none."""

from mobile_api.phone import pace
from shared_schema.wire import PAGE_BYTES
from tests.vectors.cases import Cases, played

SIZES = (pace.PAGE_BYTES_MIN, pace.PAGE_BYTES_MIN + 1, 8_193, 50_001, PAGE_BYTES // 2, PAGE_BYTES // 2 + 1, PAGE_BYTES)
TIMES_MS = (0, pace.QUICK_MS - 1, pace.QUICK_MS, 9_000, pace.SLOW_MS, pace.SLOW_MS + 1, 10**6)


def cases() -> Cases:
    """Both rules, at each of their bounds."""
    return {
        "mobile_api.phone.pace:after_loss": played(pace.after_loss, ({"page_bytes": size} for size in SIZES)),
        "mobile_api.phone.pace:after_answer": played(
            pace.after_answer, ({"page_bytes": size, "took_ms": took} for size in SIZES for took in TIMES_MS)
        ),
    }
