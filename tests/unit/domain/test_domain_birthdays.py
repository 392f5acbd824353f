"""Which texts are birthdays, and on which days they are kept, by both calendars (D-118, D-932, D-933)."""

from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import MAX_LUNAR_YEAR, MIN_LUNAR_YEAR

from server.domain.birthdays import coming, day_in
from server.domain.local_times import EPOCH
from sync.agreed.birthdays import YEAR_MAX, YEAR_MIN, Birthday, parsed, written

POSSIBLE = (
    "1985-03-12",
    "03-12",
    "02-29",
    "2000-02-29",
    "1900-01-01",
    "2100-12-31",
    "lunar 08-15",
    "lunar 1985-12-30",
    "lunar 02-30",
    "lunar leap 06-01",
    "lunar leap 1984-10-30",
)
IMPOSSIBLE = (
    "",
    "x",
    "02-30",
    "1900-02-29",
    "2023-02-29",
    "04-31",
    "13-01",
    "00-10",
    "01-00",
    "1-1",
    "1899-01-01",
    "2101-01-01",
    "lunar 01-31",
    "lunar 13-01",
    "leap 06-01",
    "leap lunar 06-01",
    "lunar  08-15",
    " 03-12",
    "03-12\n",
    "03-12 ",
    "1985/03/12",
    "٠٣-١٢",
    "１９８５-03-12",
    "Lunar 08-15",
)


@pytest.mark.parametrize("text", POSSIBLE)
def test_a_possible_date_is_read_and_written_as_it_stood(text: str) -> None:
    """D-118."""
    birthday = parsed(text)
    assert birthday is not None
    assert written(birthday) == text


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_another_text_is_no_birthday(text: str) -> None:
    """D-118."""
    assert parsed(text) is None


def kept(text: str, year: int) -> str:
    birthday = parsed(text)
    assert birthday is not None
    return str(day_in(birthday, year))


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("03-12", 2026, "2026-03-12"),
        ("1985-03-12", 2027, "2027-03-12"),
        ("02-29", 2028, "2028-02-29"),
        ("02-29", 2026, "2026-02-28"),
        ("02-29", 2100, "2100-02-28"),
        ("2000-02-29", 2025, "2025-02-28"),
    ],
)
def test_the_last_day_of_february_is_kept_in_every_year(text: str, year: int, day: str) -> None:
    """D-932."""
    assert kept(text, year) == day


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("lunar 01-01", 2026, "2026-02-17"),  # Spring Festival
        ("lunar 08-15", 2026, "2026-09-25"),  # Mid-Autumn
        ("lunar 05-05", 2025, "2025-05-31"),  # Dragon Boat
        ("lunar 12-30", 2023, "2024-02-09"),  # the eve of Spring Festival, by a month of 30 days
        ("lunar 12-30", 2025, "2026-02-16"),  # and by one of 29
        ("lunar 06-01", 2025, "2025-06-25"),
        ("lunar leap 06-01", 2025, "2025-07-25"),  # the year has a leap month 6
        ("lunar leap 06-01", 2026, "2026-07-14"),  # this one has none
        ("lunar leap 06-30", 2025, "2025-08-22"),  # the leap month has 29 days
        ("lunar leap 02-01", 2023, "2023-03-22"),
    ],
)
def test_a_lunar_birthday_moves_with_its_calendar(text: str, year: int, day: str) -> None:
    """D-933."""
    assert kept(text, year) == day


def test_every_possible_lunar_birthday_is_kept_once_in_each_year_that_the_calendar_knows() -> None:
    """D-933: the calendar's own years are those of the rule, and beyond them there is no birthday."""
    assert (MIN_LUNAR_YEAR, MAX_LUNAR_YEAR) == (YEAR_MIN, YEAR_MAX)
    for year in (1900, 1984, 2025, 2026, 2033, 2034, 2100):
        for month in range(1, 13):
            for calendar in ("lunar", "leap"):
                days = [day_in(Birthday(calendar, None, month, day), year) for day in (1, 15, 29, 30)]
                assert all(day is not None for day in days)
                assert days == sorted(days)  # type: ignore[type-var]
    assert day_in(Birthday("lunar", None, 1, 1), YEAR_MAX + 1) is None
    assert day_in(Birthday("lunar", None, 1, 1), YEAR_MIN - 1) is None
    assert day_in(Birthday("solar", None, 1, 1), 10_000) is None


def days_from(text: str, day: date) -> list[str]:
    birthday = parsed(text)
    assert birthday is not None
    return [str(EPOCH + timedelta(days=each)) for each in coming(birthday, (day - EPOCH).days)]


def test_the_next_birthday_is_today_or_ahead() -> None:
    """D-931: also over the turn of the year, by which a lunar year is not over yet."""
    assert days_from("03-12", date(2026, 3, 12)) == ["2026-03-12", "2027-03-12"]
    assert days_from("03-12", date(2026, 3, 13)) == ["2027-03-12", "2028-03-12"]
    assert days_from("lunar 12-30", date(2026, 1, 20)) == ["2026-02-16", "2027-02-05"]
    assert days_from("lunar 11-20", date(2026, 1, 8)) == ["2026-01-08", "2026-12-28"]
    assert days_from("lunar 01-01", date(2100, 12, 31)) == []
    assert days_from("12-31", date(9999, 12, 31)) == ["9999-12-31"]
