"""The value of a cell: text of a bounded length, a number, money, a share, a day, a yes or no, a choice; never a float."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from server.domain.currencies import CODES, digits
from server.domain.imports.sheet import FlawError
from shared_schema.rest import LOGIN_PATTERN, LooseLogin
from shared_schema.scalars import WIRE_INTEGER_MAX, Currency
from shared_schema.text import plain
from sync.entered import MisfitError, fitted_by

Read = Callable[[str], Any]
"""The value of a cell that is not empty. Raises FlawError."""
SHOWN_MAX: Final = 40
EPOCH: Final = date(1970, 1, 1)
EXCEL_EPOCH: Final = date(1899, 12, 30)
MONEY_DIGITS_MAX: Final = 14
_NUMBER: Final = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,9})?")
_DAY: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d\d)(\d\d))"
)
_DAY_FIRST: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")
_MIDNIGHT: Final = re.compile(r"[ T]00:00(?::00)?$")
_SERIAL: Final = re.compile(r"\d{5}")
YES: Final = frozenset({"true", "yes", "y", "1", "是", "有", "启用", "√"})
NO: Final = frozenset({"false", "no", "n", "0", "否", "无", "停用", "×"})


def shown(text: str) -> str:
    """As much of a cell as a sentence repeats."""
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def text(hint: Any) -> Read:
    """A text as the phone keeps it: NFC, within the bounds of the hint."""
    return lambda cell: _fitted(cell, hint)


def word(hint: Any) -> Read:
    """A code, a number, a name to sign in with: full-width letters and digits are the plain ones."""
    return lambda cell: _fitted(plain(cell), hint)


def login(cell: str) -> str:
    """A name to sign in with, in lower case."""
    written = _fitted(plain(cell).lower(), LooseLogin)
    if not re.search(LOGIN_PATTERN, written):
        raise FlawError("text_form")
    return written


def words(hint: Any) -> Read:
    """Several words between semicolons, each once, in order."""
    return lambda cell: tuple(dict.fromkeys(_fitted(one, hint) for one in re.split("[;；、]", plain(cell)) if one.strip()))


def _fitted(cell: str, hint: Any) -> str:
    try:
        return fitted_by({"cell": hint}, {"cell": cell})["cell"]
    except MisfitError as misfit:
        facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in misfit.facts.items()}
        raise FlawError(misfit.name, "", **facts) from None


def number(cell: str) -> Decimal:
    """A decimal number as it is written: 1234.5, 1,234.50, full-width too. No exponent, no other sign than a minus."""
    written = plain(cell).removeprefix("¥").strip()
    if not _NUMBER.fullmatch(written):
        raise FlawError("not_number", text=shown(cell))
    return Decimal(written.replace(",", ""))


def scaled(value: Decimal, digits: int) -> int:
    """A number as an integer of its `digits`-th decimals: nothing is rounded."""
    moved = value.scaleb(digits)
    if moved != moved.to_integral_value():
        raise FlawError("decimals_many", limit=digits)
    return int(moved)


def minor(value: Decimal, currency: str) -> int:
    """Money in minor units of its currency, 0 or more."""
    amount = scaled(value, digits(currency))
    if not 0 <= amount <= 10**MONEY_DIGITS_MAX:
        raise FlawError("number_range", least=0, most=10**MONEY_DIGITS_MAX)
    return amount


def share(cell: str) -> int:
    """A share in percent, with the sign or without, as basis points: 13 and 13% are 1300."""
    return _within(scaled(number(plain(cell).removesuffix("%").strip()), 2), 0, 10_000)


def degrees(bound: int) -> Read:
    """Degrees as millionths, within ± `bound` degrees."""

    def read(cell: str) -> int:
        value = number(cell)
        if abs(value) > bound:
            raise FlawError("number_range", least=-bound, most=bound)
        return int(round(value, 6).scaleb(6))

    return read


def thousandths(cell: str) -> int:
    """A number as thousandths, as custom fields keep numbers."""
    return _within(scaled(number(cell), 3), -WIRE_INTEGER_MAX, WIRE_INTEGER_MAX)


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise FlawError("number_range", least=least, most=most)
    return value


def day(cell: str) -> int:
    """A day since 1970: 2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日, 20260105, or the number Excel has for it.

    Where the year does not stand first, nobody can say which number is the month: it is refused.
    """
    written = _MIDNIGHT.sub("", plain(cell))
    if _DAY_FIRST.fullmatch(written):
        raise FlawError("day_ambiguous", text=shown(cell))
    if _SERIAL.fullmatch(written):
        return _since_1970(EXCEL_EPOCH + timedelta(days=int(written)), cell)
    found = _DAY.fullmatch(written)
    if found is None:
        raise FlawError("not_day", text=shown(cell))
    year, month, of_month = (int(part) for part in found.groups() if part is not None)
    try:
        return _since_1970(date(year, month, of_month), cell)
    except ValueError:
        raise FlawError("not_day", text=shown(cell)) from None


def _since_1970(found: date, cell: str) -> int:
    days = (found - EPOCH).days
    if not 0 <= days <= 200_000:
        raise FlawError("not_day", text=shown(cell))
    return days


def flag(cell: str) -> bool:
    """Yes or no."""
    written = plain(cell).casefold()
    if written not in YES | NO:
        raise FlawError("not_choice", text=shown(cell), choices="是 yes 1, 否 no 0")
    return written in YES


def choice(names: Mapping[str, Any]) -> Read:
    """One of several names; letter case does not count."""
    known = {plain(name).casefold(): value for name, value in names.items()}

    def read(cell: str) -> Any:
        written = plain(cell).casefold()
        if written not in known:
            raise FlawError("not_choice", text=shown(cell), choices=", ".join(names))
        return known[written]

    return read


def member(enum: type[IntEnum], zh: Mapping[int, str]) -> Read:
    """A member of an enum by its English or Chinese name, of those that have one."""
    known = [one for one in enum if one in zh]
    return choice({**{one.name: one for one in known}, **{zh[one]: one for one in known}})


def currency(cell: str) -> str:
    """A code of three letters."""
    written = plain(cell).upper()
    if not re.fullmatch("[A-Z]{3}", written):
        raise FlawError("not_currency", text=shown(cell))
    return _fitted(written, Currency)


def traded(cell: str) -> str:
    """A code of a currency that is in use: in money of one that nobody knows nothing could be counted."""
    written = currency(cell)
    if written not in CODES:
        raise FlawError("currency_unknown", text=shown(cell))
    return written


def above_zero(cell: str) -> Decimal:
    """A quantity."""
    value = number(cell)
    if value <= 0:
        raise FlawError("quantity_negative", text=shown(cell))
    return value


def rate(cell: str) -> int:
    """An exchange rate in billionths, above 0."""
    return _within(scaled(number(cell), 9), 1, 10**15)


def matching(read: Read, pattern: str, name: str) -> Read:
    """The value that `read` finds, if the text has this form; else the sentence `name`."""
    wanted = re.compile(pattern)

    def formed(cell: str) -> Any:
        value = read(cell)
        if not wanted.search(value):
            raise FlawError(name, text=shown(cell))
        return value

    return formed
