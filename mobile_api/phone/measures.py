"""Money, quantities, days, times and places as people write and read them; integers inside, never floats."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from shared_schema.places import LATITUDE_MAX_E6, LONGITUDE_MAX_E6, Position
from shared_schema.records.inbox import Value
from shared_schema.text import plain, shown

EPOCH: Final = date(1970, 1, 1)
_MINOR_DIGITS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""
_PLACE: Final = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*")
_WHOLE_MAX: Final = 10**14


class UnclearError(Exception):
    """The typed text cannot be understood. `name`: of the sentence that says so; `facts`: values that it mentions."""

    def __init__(self, name: str, /, **facts: object) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


def whole(text: str, digits: int) -> int:
    """A decimal number as an integer of its `digits`-th decimals. Raises UnclearError."""
    try:
        scaled = Decimal(plain(text).replace(",", "")).scaleb(digits)
        if scaled == scaled.to_integral_value() and abs(scaled) <= _WHOLE_MAX:
            return int(scaled)
    except InvalidOperation:
        pass
    raise UnclearError("bad_number", text=text, digits=digits)


def decimal(number: int, digits: int) -> str:
    """An integer of `digits`-th decimals with its point and groups of thousands."""
    return f"{Decimal(number).scaleb(-digits):,.{digits}f}"


def minor_digits(currency: str) -> int:
    """How many decimals the currency has."""
    return _MINOR_DIGITS.get(currency, 2)


def money(minor: int, currency: str) -> str:
    """An amount with its currency."""
    return f"{currency} {decimal(minor, minor_digits(currency))}"


def quantity(thousandths: int, unit: str) -> str:
    """A quantity with its unit, without idle zeros."""
    digits = f"{Decimal(thousandths).scaleb(-3):,f}"
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits} {unit}"


def place(text: str) -> Position:
    """Latitude and longitude in degrees as micro-degrees. Raises UnclearError."""
    found = _PLACE.fullmatch(plain(text))
    if found is None:
        raise UnclearError("bad_place", text=text)
    latitude_e6, longitude_e6 = (int(Decimal(part).scaleb(6).to_integral_value()) for part in found.groups())
    if abs(latitude_e6) > LATITUDE_MAX_E6 or abs(longitude_e6) > LONGITUDE_MAX_E6:
        raise UnclearError("bad_place", text=text)
    return Position(latitude_e6, longitude_e6)


def day(text: str, today: date) -> int:
    """A date, `today`, `tomorrow` or `+N` as days since 1970. Raises UnclearError."""
    said = plain(text)
    ahead = {"today": 0, "tomorrow": 1}.get(said)
    try:
        if ahead is None and said.startswith("+"):
            ahead = int(said[1:4])
        wanted = date.fromisoformat(said) if ahead is None else today + timedelta(days=ahead)
    except ValueError:
        raise UnclearError("bad_day", text=text) from None
    if wanted < EPOCH:
        raise UnclearError("bad_day", text=text)
    return (wanted - EPOCH).days


def day_text(days: int) -> str:
    """A day as its date."""
    return (EPOCH + timedelta(days=days)).isoformat()


def time_text(moment_ms: int) -> str:
    """A moment on the reader's own clock."""
    try:
        return f"{datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # a clock that was years off the calendar
        return f"{moment_ms} ms"


def field_text(slot: str, value: Value, currency: str = "") -> str:
    """The value of a record's slot; its name ends with its unit. `currency`: of an amount."""
    if isinstance(value, bytes):
        return value.hex()[-6:]
    if not isinstance(value, int) or isinstance(value, bool):
        return "-" if value in (None, "") else shown(str(value))
    unit = slot.rpartition("_")[2]
    if unit == "minor" and currency:
        return money(value, currency)
    if unit == "thousandths":
        return quantity(value, "").strip()
    if unit == "day":
        return day_text(value)
    if unit == "ms":
        return time_text(value)
    digits = {"minor": 2, "e6": 6, "bps": 2}.get(unit)
    return str(value) if digits is None else decimal(value, digits) + ("%" if unit == "bps" else "")
