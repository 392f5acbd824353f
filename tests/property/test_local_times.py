"""Wall times in every zone of the IANA database, across each change of the clock of 2026 and 2027 (D-921)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.local_times import AROUND_MS, DAY_MS, EPOCH, earliest_ms, local_day, moment_ms
from server.domain.time_zones import is_known

ZONES: Final = sorted(name for name in available_timezones() if is_known(name))
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 730
FIRST: Final = (BEGIN - datetime(1970, 1, 1, tzinfo=UTC)).days
MINUTES: Final = (0, 30, 90, 120, 150, 179, 8 * 60, 18 * 60, 1_439)


def shown(at_ms: int, zone: str) -> tuple[int, int]:
    """(day, minute) on the clock of a zone."""
    there = datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(ZoneInfo(zone))
    return (there.date() - EPOCH).days, there.hour * 60 + there.minute


@cache
def changes(zone: str) -> tuple[int, ...]:
    """The days of 2026 and 2027 on which the zone's clock is changed, and those beside them."""
    offsets = [(BEGIN + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in range(DAYS + 1)]
    found = {FIRST + day + beside for day in range(DAYS) if offsets[day] != offsets[day + 1] for beside in (-1, 0, 1, 2)}
    return tuple(sorted(found))


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_around_every_change(zone: str) -> None:
    """D-921: the clock shows just that, for the first time; a time that it skips comes just behind."""
    days = changes(zone) or (FIRST, FIRST + DAYS)
    for day in days:
        for minute in MINUTES:
            at_ms = moment_ms(day, minute, zone)
            seen = shown(at_ms, zone)
            assert earliest_ms(day, minute) <= at_ms <= earliest_ms(day, minute) + AROUND_MS
            if seen == (day, minute):
                assert all(shown(at_ms - back * 900_000, zone) != seen for back in range(1, 13))
            else:  # no moment shows it
                assert all(shown(at_ms + step * 900_000, zone) != (day, minute) for step in range(-12, 13))
                assert seen > (day, minute)


@given(st.sampled_from(ZONES), st.integers(FIRST, FIRST + DAYS), st.sampled_from(MINUTES))
def test_days_follow_each_other(zone: str, day: int, minute: int) -> None:
    """D-921: each day has its morning, in order; the calendar shows that day."""
    at_ms = moment_ms(day, minute, zone)
    assert 0 < moment_ms(day + 1, minute, zone) - at_ms <= 2 * DAY_MS
    assert local_day(at_ms, zone) == shown(at_ms, zone)[0]
    assert local_day(at_ms, zone) in (day, day + 1)
