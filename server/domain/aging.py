"""How old a receivable is, in days behind its due day (D-336)."""

from bisect import bisect_left
from typing import Final

EDGES: Final = (0, 30, 60, 90, 180)
"""The last day of each bucket but the last."""
NAMES: Final = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91_180", "days_181")


def bucket(as_of_day: int, due_day: int) -> int:
    """Its place in `NAMES`: not due until the due day has passed, then 1–30, 31–60, 61–90, 91–180, 181 and more."""
    return bisect_left(EDGES, as_of_day - due_day)
