"""Festivals of the organisation's calendar: reps and managers hear the day before (D-929)."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays

from server.domain.access import FIELD_ROLES
from server.domain.feature import Feature
from server.domain.follow_ups import MORNING
from server.domain.local_times import EPOCH, local_day
from server.domain.needs import Asking, Need
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Organisation, Person
from sync.heard import Heard
from sync.state import State

AHEAD: Final = 2
"""So many festivals are looked at: the next one, and the one behind it."""
ENGLISH: Final = "en_US"


def require_known(calendar: str) -> None:
    """Raises Problem(rule_broken) for a code that is no country's with a calendar."""
    if calendar and calendar not in holidays.list_supported_countries(include_aliases=False):
        raise Problem(Code.rule_broken, "a calendar is the code of a country, such as CN, or empty", field="festivals")


@lru_cache(maxsize=64)
def of_year(calendar: str, year: int) -> tuple[tuple[int, str], ...]:
    """(day since 1970-01-01, name) of each festival: its first day, without days that only move work. The name is in the country's
    language, with the English one behind it."""
    spoken = holidays.country_holidays(calendar).default_language  # else the language of the server's machine
    own = holidays.country_holidays(calendar, years=year, observed=False, language=spoken)
    english = holidays.country_holidays(calendar, years=year, observed=False, language=ENGLISH)
    found: dict[str, int] = {}
    for day in sorted(own):
        name, translated = own[day], english.get(day, "")
        if not translated.startswith("Day off"):
            found.setdefault(name if translated in ("", name) else f"{name} · {translated}", (day - EPOCH).days)
    return tuple(sorted((day, name) for name, day in found.items()))


def coming(calendar: str, today: int) -> list[tuple[int, str]]:
    """The next festivals from a day on."""
    year = (EPOCH + timedelta(days=today)).year
    years = [of_year(calendar, each) for each in (year, year + 1) if each <= date.max.year]
    return [(day, name) for found in years for day, name in found if day >= today][:AHEAD]


def occasions(state: State, person: Person, now_ms: int) -> Iterable[Occasion]:
    """08:00 of the day before, by the user's clock."""
    organisation = state.organisation
    if organisation is None or not organisation.festivals:
        return
    for day, name in coming(organisation.festivals, local_day(now_ms, organisation.time_zone)):
        heard = Heard("festival", person.id, person.id, {"festival": name}, once=f"{organisation.festivals}:{day}")
        yield Occasion(heard, Local(day - 1, MORNING), Local(day + 1, 0))


def earliest(person: Person) -> int | None:
    """At once: which festival is next depends on the organisation."""
    return 0 if person.active and person.role in FIELD_ROLES else None


def to_remind(_asking: Asking, _person: Person) -> Iterable[Need]:
    """The organisation is there."""
    return ()


def is_another(before: Organisation, after: Organisation) -> bool:
    """Whether everybody hears of other festivals from now on."""
    return before.festivals != after.festivals


NOTICES: Final[Texts] = {
    "festival": {
        Language.en: Words("Tomorrow: {festival}", "A day to greet your customers.", "A festival tomorrow"),
        Language.zh: Words("明天：{festival}", "别忘了问候你的客户。", "明天是节日"),
    },
}
FESTIVAL: Final = Reminder("festival", Person, ("active", "role"), earliest, occasions, to_remind, is_anew=is_another)
FEATURE: Final = Feature(reminders=(FESTIVAL,), notices=NOTICES)
