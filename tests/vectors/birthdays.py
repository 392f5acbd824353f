"""Vectors of `sync/agreed/birthdays.py`: every month's end in each calendar, years at their bounds, and texts of another form."""

import random
from collections.abc import Iterator

from sync.agreed import birthdays
from tests.vectors.cases import Cases, played

YEARS = (None, 1899, 1900, 1904, 2000, 2023, 2100, 2101)
FORMS = ("", "x", "03-12x", " 03-12", "03-12\n", "\n03-12", "3-12", "1985-3-12", "85-03-12", "lunar", "leap 06-01", "lunar  08-15")
OTHER = ("Lunar 08-15", "lunar leap leap 06-01", "٠٣-١٢", "１９８５-03-12", "lunar\u00a008-15", "-03-12", "1985--03-12", "\U0001f38203-12")


def cases() -> Cases:
    """All rules of the room."""
    texts = [*FORMS, *OTHER, *(birthdays.written(one) for one in dates()), *broken()]
    return {
        "sync.agreed.birthdays:parsed": played(birthdays.parsed, ({"text": text} for text in texts)),
        "sync.agreed.birthdays:written": played(lambda **birthday: birthdays.written(birthdays.Birthday(**birthday)), map(named, dates())),
    }


def named(one: birthdays.Birthday) -> dict[str, object]:
    """The parts of a birthday by name."""
    return one._asdict()


def dates() -> Iterator[birthdays.Birthday]:
    """Possible and impossible ones."""
    for calendar in (birthdays.SOLAR, birthdays.LUNAR, birthdays.LEAP):
        for year in YEARS:
            yield from (birthdays.Birthday(calendar, year, month, day) for month in (0, 2, 13) for day in (0, 1, 28, 29, 30, 31))
        yield from (birthdays.Birthday(calendar, None, month, day) for month in range(1, 13) for day in (29, 30, 31, 32))


def broken() -> Iterator[str]:
    """Possible dates with one letter too many, too few, or another."""
    dice = random.Random(118)
    for text in ("1985-03-12", "lunar 08-15", "lunar leap 1984-10-01") * 8:
        at = dice.randrange(len(text))
        yield text[:at] + dice.choice(("", "0", "9", "-", " ", "a")) + text[at + 1 :]
