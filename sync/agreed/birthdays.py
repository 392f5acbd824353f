"""Birthdays of contacts: which texts are possible dates, the same on the phone and on the server (D-118)."""

import calendar
import re
from typing import Final, NamedTuple

SOLAR: Final = "solar"
LUNAR: Final = "lunar"
LEAP: Final = "leap"
"""The lunar calendar, in a month that is a leap month."""
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2100
LUNAR_DAYS_MAX: Final = 30
LEAP_YEAR: Final = 2000
"""Without a year the 29th of February is possible."""
_PREFIX: Final = {SOLAR: "", LUNAR: "lunar ", LEAP: "lunar leap "}
_FORM: Final = re.compile(r"(lunar (leap )?)?(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")


class Birthday(NamedTuple):
    """A day of the year in a calendar: `solar`, `lunar` or `leap`. `year`: of birth in that calendar, None: nobody knows it."""

    calendar: str
    year: int | None
    month: int
    day: int


def written(birthday: Birthday) -> str:
    """The text that a contact holds; whether the date is possible is for `parsed` to say."""
    year = "" if birthday.year is None else f"{birthday.year:04}-"
    return f"{_PREFIX[birthday.calendar]}{year}{birthday.month:02}-{birthday.day:02}"


def parsed(text: str) -> Birthday | None:
    """The birthday in a text; None if it has another form, or is no possible date.

    The lengths of lunar months and the leap months stand in tables that no phone has: any lunar day up to the 30th is possible.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    lunar, leap, year, month, day = found.groups()
    birthday = Birthday(LEAP if leap else LUNAR if lunar else SOLAR, int(year) if year else None, int(month), int(day))
    return birthday if _is_possible(birthday) else None


def _is_possible(birthday: Birthday) -> bool:
    if not (1 <= birthday.month <= 12 and (birthday.year is None or YEAR_MIN <= birthday.year <= YEAR_MAX)):
        return False
    year = LEAP_YEAR if birthday.year is None else birthday.year
    days_max = calendar.monthrange(year, birthday.month)[1] if birthday.calendar == SOLAR else LUNAR_DAYS_MAX
    return 1 <= birthday.day <= days_max
