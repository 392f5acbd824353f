"""The birthday in a cell, as files have it, as the text that a contact holds (D-118, D-708)."""

import re
from datetime import timedelta
from typing import Final

from server.domain.imports.cells import EXCEL_EPOCH, shown
from server.domain.imports.sheet import FlawError
from shared_schema.text import plain
from sync.agreed.birthdays import LEAP, LUNAR, SOLAR, Birthday, parsed, written

LUNARS: Final = "lunar|农历|阴历"
LEAPS: Final = "leap|闰"
_FORM: Final = re.compile(
    rf"(?P<lunar>{LUNARS})?\s*(?P<leap>{LEAPS})?\s*(?:(?P<year>\d{{4}})[-/.年]\s*)?(?P<leap_month>{LEAPS})?\s*"
    r"(?P<month>\d{1,2})(?P<sign>[-/.月])(?P<day>\d{1,2})日?(?:[ T]00:00(?::00)?)?",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_SERIAL: Final = re.compile(r"\d{5}")
"""The number that Excel has for a day since 1927; a number of four digits may be a year alone."""


def birthday(cell: str) -> str:
    """1985-03-12, 1985/3/12, 1985年3月12日, 19850312, 03-12, 3月12日, the number Excel has for it, lunar 08-15, 农历闰6月1日.

    Without a year 3/12 is refused: nobody can say which number is the month. Raises FlawError.
    """
    text = plain(cell)
    found = _read(text)
    if found is None or parsed(written(found)) is None:
        raise FlawError("not_birthday", text=shown(cell))
    return written(found)


def _read(text: str) -> Birthday | None:
    compact, form = _COMPACT.fullmatch(text), _FORM.fullmatch(text)
    if compact is not None:
        year, month, day = map(int, compact.groups())
        return Birthday(SOLAR, year, month, day)
    if _SERIAL.fullmatch(text):
        excel = EXCEL_EPOCH + timedelta(days=int(text))
        return Birthday(SOLAR, excel.year, excel.month, excel.day)
    if form is None or (form["year"] is None and form["sign"] not in "-月"):
        return None
    is_leap = bool(form["leap"] or form["leap_month"])
    if is_leap and form["lunar"] is None:
        return None
    calendar = LEAP if is_leap else LUNAR if form["lunar"] else SOLAR
    return Birthday(calendar, int(form["year"]) if form["year"] else None, int(form["month"]), int(form["day"]))
