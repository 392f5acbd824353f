"""What ends by itself: the validity of a quote (D-926), a collaboration, a lock and more time with a customer (D-927)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.follow_ups import MORNING, follower
from server.domain.local_times import DAY_MS, date_of, earliest_ms, local_day
from server.domain.needs import Asking, Need
from server.domain.notice_kinds import OFFERED
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Customer, Standing
from shared_schema.records.quote import Quote
from sync.heard import Heard
from sync.state import State

BEFORE_DAYS: Final = 3
KEPT: Final = {"locked_until_ms": "lock_ending", "extended_until_ms": "extension_ending"}
"""The slot of the standing that says until when its owner keeps the customer → the kind of the notice."""


def of_quote(state: State, quote: Quote, _now_ms: int) -> Iterable[Occasion]:
    """08:00 three days before the last day of a quote that stands, and 08:00 of the day after it: its author or the owner hears."""
    reader_id = follower(state, quote.customer_id, quote.author_id)
    day = quote.valid_until_day
    if reader_id is None or day is None:
        return
    facts = {"number": quote.number, "customer": _name(state, quote.customer_id)}
    before = Heard("quote_expiring", reader_id, quote.id, facts, once=str(day))
    yield Occasion(before, Local(day - BEFORE_DAYS, MORNING), Local(day + 1, 0))
    yield Occasion(Heard("quote_expired", reader_id, quote.id, facts, once=str(day)), Local(day + 1, MORNING))


def of_collaboration(state: State, collaborator: Collaborator, _now_ms: int) -> Iterable[Occasion]:
    """Three days before the end: the collaborator hears."""
    if collaborator.until_ms is not None:
        facts = {"customer": _name(state, collaborator.customer_id)}
        heard = Heard("collaboration_ending", collaborator.user_id, collaborator.id, facts, once=str(collaborator.until_ms))
        yield Occasion(heard, collaborator.until_ms - BEFORE_DAYS * DAY_MS, collaborator.until_ms)


def of_keeping(state: State, standing: Standing, _now_ms: int) -> Iterable[Occasion]:
    """08:00 three days before a lock or an extension ends: the owner hears. Each ends with a day of the organisation."""
    zone = state.organisation.time_zone if state.organisation is not None else "UTC"
    for slot in KEPT:
        until_ms: int | None = getattr(standing, slot)
        if standing.owner_id is not None and until_ms:
            day = local_day(until_ms, zone)
            facts = {"customer": _name(state, standing.id), "until": date_of(day), "ends": str(until_ms)}
            heard = Heard(KEPT[slot], standing.owner_id, standing.id, facts, once=f"{standing.epoch}:{until_ms}")
            yield Occasion(heard, Local(day - BEFORE_DAYS, MORNING), until_ms)


def quote_from(quote: Quote) -> int | None:
    """The first morning of that day anywhere; a quote that does not stand has none."""
    ends = quote.valid_until_day is not None and quote.status in OFFERED
    return earliest_ms((quote.valid_until_day or 0) - BEFORE_DAYS, MORNING) if ends else None


def collaboration_from(collaborator: Collaborator) -> int | None:
    """A moment, for which no zone counts."""
    return max(0, collaborator.until_ms - BEFORE_DAYS * DAY_MS) if collaborator.until_ms is not None else None


def keeping_from(standing: Standing) -> int | None:
    """The first morning of that day anywhere; one that nobody owns, or that nothing keeps, has none."""
    ends = [until_ms for slot in KEPT if (until_ms := getattr(standing, slot))]
    return max(0, min(ends) - (BEFORE_DAYS + 1) * DAY_MS) if ends and standing.owner_id is not None else None


def nothing_more(_asking: Asking, _record: Record) -> Iterable[Need]:
    """The customer and its followers are there."""
    return ()


def _name(state: State, customer_id: bytes) -> str:
    customer = state.find(Customer, customer_id)
    return customer.name if customer is not None else ""


NOTICES: Final[Texts] = {
    "quote_expiring": {
        Language.en: Words("Quote {number} expires", "It is valid for 3 more days: {customer}", "A quote expires in 3 days"),
        Language.zh: Words("报价 {number} 即将到期", "有效期还剩3天：{customer}", "你有一份报价将在3天后到期"),
    },
    "quote_expired": {
        Language.en: Words("Quote {number} expired", "It is no longer valid: {customer}", "A quote has expired"),
        Language.zh: Words("报价 {number} 已过期", "报价已失效：{customer}", "你有一份报价已过期"),
    },
    "collaboration_ending": {
        Language.en: Words("3 more days: {customer}", "Then you no longer follow this customer up.", "A collaboration ends in 3 days"),
        Language.zh: Words("协作将在3天后结束：{customer}", "此后该客户不再由你协作跟进。", "你的一项协作将在3天后结束"),
    },
    "lock_ending": {
        Language.en: Words("3 more days: {customer}", "The lock of this customer ends on {until}.", "A lock ends in 3 days"),
        Language.zh: Words("锁定将在3天后结束：{customer}", "该客户的锁定将于{until}结束。", "你有一位客户的锁定将在3天后结束"),
    },
    "extension_ending": {
        Language.en: Words("3 more days: {customer}", "Your time with this customer ends on {until}.", "More time ends in 3 days"),
        Language.zh: Words("延期将在3天后结束：{customer}", "该客户的延期将于{until}结束。", "你有一位客户的延期将在3天后结束"),
    },
}
QUOTE: Final = Reminder("quote_validity", Quote, ("valid_until_day", "status"), quote_from, of_quote, nothing_more)
COLLABORATION: Final = Reminder("collaboration_end", Collaborator, ("until_ms",), collaboration_from, of_collaboration, nothing_more)
KEEPING: Final = Reminder("keeping_end", Standing, ("owner_id", *KEPT), keeping_from, of_keeping, nothing_more)
FEATURE: Final = Feature(reminders=(QUOTE, COLLABORATION, KEEPING), notices=NOTICES)
