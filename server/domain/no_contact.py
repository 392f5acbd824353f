"""Customers without a contact: their owner hears after one and a half times the cadence of their tier, and again after as long (D-925)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.follow_ups import MORNING
from server.domain.local_times import DAY_MS, earliest_ms, local_day, moment_ms
from server.domain.needs import Asking, Every, Need
from server.domain.reminder import Local, Occasion, Reminder
from server.domain.tiers import policies_of, policy_on
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.reference import Organisation
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed.tiers import cadences, of_tier
from sync.heard import Heard
from sync.state import State


def span_days(cadence_days: int) -> int:
    """How many days without a contact are too many."""
    return (3 * cadence_days + 1) // 2


def occasions(state: State, standing: Standing, now_ms: int) -> Iterable[Occasion]:
    """The mornings, by the organisation's calendar, on which the customer has been without a contact for that long, twice as long, …

    And the day on which a later version of the tier policy begins, which may ask for more contacts.
    """
    organisation = state.organisation
    if standing.owner_id is None or organisation is None:
        return
    contact_day = local_day(_since_ms(standing), organisation.time_zone)
    today = local_day(now_ms, organisation.time_zone)
    span = span_days(of_tier(cadences(policy_on(state, today), organisation.cadence_days), standing.tier))
    passed = max(0, today - contact_day) // span
    for day in {one.effective_from_day for one in policies_of(state) if one.effective_from_day > today}:
        yield Occasion(Heard("no_contact", standing.owner_id, standing.id, {}), moment_ms(day, 0, organisation.time_zone))
    customer = state.find(Customer, standing.id)
    name = customer.name if customer is not None else ""
    for times in range(max(1, passed), passed + 2):
        facts = {"customer": name, "days": str(times * span), "contact": str(standing.last_contact_ms or 0)}
        heard = Heard("no_contact", standing.owner_id, standing.id, facts, once=f"{times}:{contact_day}")
        day = contact_day + times * span
        # a day that is over was none before the tier or its policy changed: who was told of it is not told again
        yield Occasion(heard, now_ms if day < today else Local(day, MORNING))


def _since_ms(standing: Standing) -> int:
    return max(standing.last_contact_ms or 0, standing.owned_since_ms)


def to_remind(_asking: Asking, _standing: Standing) -> Iterable[Need]:
    """The tier policies; the owner is there, and so is the organisation."""
    yield Every(TierPolicy)


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
NO_CONTACT: Final = Reminder("no_contact", Standing, ("owner_id", "tier"), earliest, occasions, to_remind, shift_ms, anew_by=(TierPolicy,))
FEATURE: Final = Feature(reminders=(NO_CONTACT,), notices=NOTICES)
