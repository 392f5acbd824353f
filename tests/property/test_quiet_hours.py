"""Quiet hours are right in every zone of the IANA database, across each change of the clocks of 2026 and 2027."""

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from notifications.plan import MINUTE_MS, Wish, quiet_until_ms

ZONES = sorted(name for name in available_timezones() if not name.startswith(("posix", "right", "Factory", "localtime")))
FIRST_S, LAST_S = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2026, 2028))
HOUR_S = 3_600


def changes(zone: ZoneInfo) -> list[int]:
    """The seconds at which the clocks change."""

    def offset(at_s: int) -> object:
        return datetime.fromtimestamp(at_s, zone).utcoffset()

    found = []
    for at_s in range(FIRST_S, LAST_S, 24 * HOUR_S):
        low, high = at_s, at_s + 24 * HOUR_S
        if offset(low) != offset(high):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
    return found


def is_quiet(wish: Wish, at_ms: int) -> bool:
    """By the clock on the wall, as a person reads it."""
    local = datetime.fromtimestamp(at_ms // 1_000, wish.zone)
    minute = local.hour * 60 + local.minute
    assert wish.quiet_from is not None
    assert wish.quiet_until is not None
    if wish.quiet_from < wish.quiet_until:
        return wish.quiet_from <= minute < wish.quiet_until
    return minute >= wish.quiet_from or minute < wish.quiet_until


def judge(wish: Wish, now_ms: int) -> None:
    """The end is the first minute that is not quiet."""
    ends_ms = quiet_until_ms(wish, now_ms)
    if not is_quiet(wish, now_ms):
        assert ends_ms is None
        return
    assert ends_ms is not None
    assert now_ms < ends_ms <= now_ms + 49 * HOUR_S * 1_000  # a clock put forward may leap over the few minutes that are not quiet
    assert not is_quiet(wish, ends_ms)
    minute_ms = now_ms - now_ms % MINUTE_MS + MINUTE_MS
    assert all(is_quiet(wish, at_ms) for at_ms in range(minute_ms, ends_ms, MINUTE_MS)), (wish, now_ms, ends_ms)


@pytest.mark.parametrize("part", range(4))
def test_the_end_is_the_first_minute_that_is_not_quiet(part: int) -> None:
    dice = random.Random(f"quiet {part}")
    seen = 0
    for name in ZONES[part::4]:
        zone = ZoneInfo(name)
        turns = changes(zone)
        seen += len(turns)
        for change_s in turns or [dice.randrange(FIRST_S, LAST_S)]:
            local = datetime.fromtimestamp(change_s, zone)
            near = local.hour * 60 + local.minute
            any_two = (dice.randrange(1_440), dice.randrange(1_440))
            for begin, until in ((22 * 60, 7 * 60), (near, near + 1), (near - 30, near + 30), any_two):
                if begin % 1_440 != until % 1_440:
                    wish = Wish(zone, begin % 1_440, until % 1_440)
                    judge(wish, (change_s - dice.randrange(12 * HOUR_S)) * 1_000 + dice.randrange(1_000))
                    judge(wish, (change_s + dice.randrange(-HOUR_S, HOUR_S)) * 1_000)
    assert seen > 100


def test_an_end_that_the_clock_leaps_over_is_the_moment_of_the_leap() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    leap_ms = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()) * 1_000
    assert quiet_until_ms(Wish(berlin, 22 * 60, 2 * 60 + 30), leap_ms - 3 * HOUR_S * 1_000) == leap_ms


def test_without_quiet_hours_none_are_quiet() -> None:
    for begin, until in ((None, None), (60, 60)):
        assert quiet_until_ms(Wish(UTC, begin, until), 0) is None
