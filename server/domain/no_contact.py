"""Customers without a contact: their owner hears after one and a half times the organisation's cadence, and again after as long (D-925)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.follow_ups import MORNING
from server.domain.local_times import DAY_MS, earliest_ms, local_day
from server.domain.needs import Asking, Need
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.reference import Organisation
from sync.heard import Heard
from sync.state import State


def span_days(cadence_days: int) -> int:
    """How many days without a contact are too many."""
    return (3 * cadence_days + 1) // 2


def occasions(state: State, standing: Standing, now_ms: int) -> Iterable[Occasion]:
    """The mornings, by the organisation's calendar, on which the customer has been without a contact for that long, twice as long, …"""
    organisation = state.organisation
    if standing.owner_id is None or organisation is None:
        return
    contact_day = local_day(_since_ms(standing), organisation.time_zone)
    span = span_days(organisation.cadence_days)
    passed = max(0, local_day(now_ms, organisation.time_zone) - contact_day) // span
    customer = state.find(Customer, standing.id)
    name = customer.name if customer is not None else ""
    for times in range(max(1, passed), passed + 2):
        facts = {"customer": name, "days": str(times * span), "contact": str(standing.last_contact_ms or 0)}
        heard = Heard("no_contact", standing.owner_id, standing.id, facts, once=f"{times}:{contact_day}")
        yield Occasion(heard, Local(contact_day + times * span, MORNING))


def _since_ms(standing: Standing) -> int:
    return max(standing.last_contact_ms or 0, standing.owned_since_ms)


def to_remind(_asking: Asking, _standing: Standing) -> Iterable[Need]:
    """The owner is there, and so is the organisation."""
    return ()


def earliest(standing: Standing) -> int | None:
    """Before that no cadence is over; a day less, because the calendar of the organisation may be behind."""
    return None if standing.owner_id is None else earliest_ms(_since_ms(standing) // DAY_MS - 1 + span_days(1), MORNING)


def shift_ms(before: Organisation, after: Organisation) -> int:
    """By how much a customer is told of earlier. One that was told of before is told again by the cadence of before, once."""
    return max(0, span_days(before.cadence_days) - span_days(after.cadence_days)) * DAY_MS


NOTICES: Final[Texts] = {
    "no_contact": {
        Language.en: Words("No contact: {customer}", "Nobody has been in touch for {days} d.", "A customer waits for a contact"),
        Language.zh: Words("久未联系：{customer}", "已有{days}天没有联系这位客户。", "你有一位客户久未联系"),
    },
}
NO_CONTACT: Final = Reminder("no_contact", Standing, ("owner_id",), earliest, occasions, to_remind, shift_ms)
FEATURE: Final = Feature(reminders=(NO_CONTACT,), notices=NOTICES)
