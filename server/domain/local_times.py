"""Local wall times: the moment at which a clock of a time zone shows a day and a minute, right across changes of the clock (D-921)."""

from datetime import datetime, timedelta
from typing import Final

from shared_schema.zones import zone
from sync.agreed import days

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
MINUTE_MS: Final = 60_000
EAST_MS: Final = 14 * HOUR_MS
"""How far the most eastern clock is ahead of UTC: nowhere does a day begin earlier."""
AROUND_MS: Final = 26 * HOUR_MS
"""From the most eastern clock to the most western one."""
EPOCH: Final = days.EPOCH
local_day: Final = days.local_day
"""The day, since 1970-01-01, that a calendar of a zone shows at a moment: as a phone counts it."""


def moment_ms(day: int, minute: int, time_zone: str) -> int:
    """When the clock of this zone shows `minute` (from midnight) of `day` (since 1970-01-01).

    A time that it shows twice counts the first time. One that it skips counts as if the clock had not been changed yet.
    """
    shown = datetime(1970, 1, 1, tzinfo=zone(time_zone)) + timedelta(days=day, minutes=minute)  # the hands of the clock, not time passed
    return int(shown.replace(fold=0).timestamp()) * 1000


def earliest_ms(day: int, minute: int) -> int:
    """When the first clock on Earth shows it: no reader's is earlier."""
    return max(0, day * DAY_MS + minute * MINUTE_MS - EAST_MS)


def date_of(day: int) -> str:
    """A day since 1970-01-01 as a date, which notices keep: of two, the later text is the later day."""
    return (EPOCH + timedelta(days=day)).isoformat()
