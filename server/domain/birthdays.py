"""Birthdays of contacts, solar and lunar: the owner of the customer hears the day before (D-118, D-931 to D-933)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final

from borax.calendars.lunardate import MAX_LUNAR_YEAR, MIN_LUNAR_YEAR, LCalendars, LunarDate

from server.domain.feature import Feature
from server.domain.follow_ups import MORNING
from server.domain.local_times import EPOCH, local_day
from server.domain.needs import Asking, Need
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Contact, Customer
from sync.agreed.birthdays import LEAP, LUNAR, SOLAR, Birthday, parsed
from sync.heard import Heard
from sync.state import State

KINDS: Final = {SOLAR: "birthday", LUNAR: "birthday_lunar", LEAP: "birthday_lunar"}
AHEAD: Final = 2
"""So many birthdays of a contact are looked at: the next one, and the one behind it."""


def guard(_state: State, contact: Contact) -> None:
    """Raises Problem(rule_broken) for a birthday that is no possible date (D-118)."""
    if contact.birthday and parsed(contact.birthday) is None:
        raise Problem(Code.rule_broken, "a birthday is a date such as 1985-03-12, 03-12 or lunar 08-15", field="birthday")


def day_in(birthday: Birthday, year: int) -> date | None:
    """The day on which it is kept in a year of its own calendar (D-932, D-933); None: the calendar does not know that year.

    A day that the month does not have counts as the last one it has. A leap month counts as the plain one in a year without it.
    """
    if birthday.calendar == SOLAR:
        if not MINYEAR <= year <= MAXYEAR:
            return None
        return date(year, birthday.month, min(birthday.day, monthrange(year, birthday.month)[1]))
    if not MIN_LUNAR_YEAR <= year <= MAX_LUNAR_YEAR:
        return None
    leap = int(birthday.calendar == LEAP and LCalendars.leap_month(year) == birthday.month)
    day = min(birthday.day, LCalendars.ndays(year, birthday.month, leap))
    kept: date = LunarDate(year, birthday.month, day, leap).to_solar_date()
    return kept


def coming(birthday: Birthday, today: int) -> list[int]:
    """The next birthdays from a day on, as days since 1970. A lunar year ends in the solar year behind it."""
    year = (EPOCH + timedelta(days=today)).year
    found = (day_in(birthday, each) for each in range(year - 1, year + AHEAD + 1))
    days = ((day - EPOCH).days for day in found if day is not None)
    return [day for day in days if day >= today][:AHEAD]


def occasions(state: State, contact: Contact, now_ms: int) -> Iterable[Occasion]:
    """08:00 of the day before, by the owner's clock, which may be a day behind the organisation's."""
    birthday, standing, organisation = parsed(contact.birthday), state.standing(contact.customer_id), state.organisation
    if birthday is None or organisation is None or standing is None or standing.owner_id is None:
        return
    customer = state.find(Customer, contact.customer_id)
    facts = {
        "contact": contact.name,
        "customer": customer.name if customer is not None else "",
        "month": str(birthday.month),
        "day": str(birthday.day),
        "birthday": contact.birthday,
    }
    for day in coming(birthday, local_day(now_ms, organisation.time_zone) - 1):
        heard = Heard(KINDS[birthday.calendar], standing.owner_id, contact.id, facts, once=str(day))
        yield Occasion(heard, Local(day - 1, MORNING), Local(day + 1, 0))


def earliest(contact: Contact) -> int | None:
    """At once: which birthday is next depends on the day."""
    return 0 if contact.birthday else None


def to_remind(_asking: Asking, _contact: Contact) -> Iterable[Need]:
    """The customer, its owner and the organisation are there."""
    return ()


NOTICES: Final[Texts] = {
    "birthday": {
        Language.en: Words("Birthday tomorrow: {contact}", "Day {day} of month {month}, at {customer}", "A birthday tomorrow"),
        Language.zh: Words("明天生日：{contact}", "{month}月{day}日，客户“{customer}”的联系人", "明天有一位联系人过生日"),
    },
    "birthday_lunar": {
        Language.en: Words(
            "Lunar birthday tomorrow: {contact}", "Day {day} of lunar month {month}, at {customer}", "A lunar birthday tomorrow"
        ),
        Language.zh: Words("明天农历生日：{contact}", "农历{month}月{day}日，客户“{customer}”的联系人", "明天有一位联系人过农历生日"),
    },
}
BIRTHDAY: Final = Reminder("birthday", Contact, ("birthday",), earliest, occasions, to_remind)
FEATURE: Final = Feature(reminders=(BIRTHDAY,), notices=NOTICES)
