"""What ends by itself: the validity of a quote (D-926), a collaboration (D-927)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.follow_ups import MORNING, follower
from server.domain.local_times import DAY_MS, earliest_ms
from server.domain.needs import Asking, Need
from server.domain.notice_kinds import OFFERED
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Customer
from shared_schema.records.quote import Quote
from sync.heard import Heard
from sync.state import State

BEFORE_DAYS: Final = 3


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


def quote_from(quote: Quote) -> int | None:
    """The first morning of that day anywhere; a quote that does not stand has none."""
    ends = quote.valid_until_day is not None and quote.status in OFFERED
    return earliest_ms((quote.valid_until_day or 0) - BEFORE_DAYS, MORNING) if ends else None


def collaboration_from(collaborator: Collaborator) -> int | None:
    """A moment, for which no zone counts."""
    return max(0, collaborator.until_ms - BEFORE_DAYS * DAY_MS) if collaborator.until_ms is not None else None


def nothing_more(_asking: Asking, _record: Record) -> Iterable[Need]:
    """The customer and its followers are there."""
    return ()


def _name(state: State, customer_id: bytes) -> str:
    customer = state.find(Customer, customer_id)
    return customer.name if customer is not None else ""


NOTICES: Final[Texts] = {
    "quote_expiring": {
        Language.en: Words("Quote {number} expires", "It is valid for 3 more days: {customer}", "A quote expires in 3 days"),
        Language.zh: Words("报价 {number} 即将到期", "有效期还剩3天：{customer}", "您有一份报价将在3天后到期"),
    },
    "quote_expired": {
        Language.en: Words("Quote {number} expired", "It is no longer valid: {customer}", "A quote has expired"),
        Language.zh: Words("报价 {number} 已过期", "报价已失效：{customer}", "您有一份报价已过期"),
    },
    "collaboration_ending": {
        Language.en: Words("3 more days: {customer}", "Then you no longer follow this customer up.", "A collaboration ends in 3 days"),
        Language.zh: Words("协作将在3天后结束：{customer}", "此后该客户不再由您协作跟进。", "您的一项协作将在3天后结束"),
    },
}
QUOTE: Final = Reminder("quote_validity", Quote, ("valid_until_day", "status"), quote_from, of_quote, nothing_more)
COLLABORATION: Final = Reminder("collaboration_end", Collaborator, ("until_ms",), collaboration_from, of_collaboration, nothing_more)
FEATURE: Final = Feature(reminders=(QUOTE, COLLABORATION), notices=NOTICES)
