"""Follow-ups: the user whom one reminds, when, and the contact that completes it (D-923, D-924)."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain.feature import Feature
from server.domain.local_times import DAY_MS, earliest_ms, local_day
from server.domain.needs import Above, Asking, Every, Need, Rows
from server.domain.notice_kinds import FOLLOWER
from server.domain.reminder import Local, Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.customer import Customer, FollowUp
from shared_schema.records.notification import UserSettings
from shared_schema.records.reference import Organisation, Person
from sync.decode import Intent
from sync.heard import Heard
from sync.rules import Actor
from sync.state import WHOLE, State

MORNING: Final = 8 * 60
EVENING: Final = 18 * 60
NEXT_DAY: Final = 24 * 60
MOMENTS: Final = {-1: EVENING, 0: MORNING, 1: MORNING, 3: MORNING, 7: MORNING}
"""Days after the day of a follow-up → the minute of that day at which its reader hears."""
UNTIL: Final = {-1: MORNING, 0: NEXT_DAY}
"""The minute of the follow-up's day from which on nobody need hear of that step."""
KINDS: Final = {
    -1: "follow_up_tomorrow",
    0: "follow_up_today",
    1: "follow_up_overdue",
    3: "follow_up_overdue",
    7: "follow_up_at_risk",
}
BELOW: Final = {3: "follow_up_overdue_below", 7: "follow_up_at_risk_below"}
"""What the manager above hears at these steps."""


def follower(state: State, customer_id: bytes, author_id: bytes | None) -> bytes | None:
    """Whom a plan reminds: its author while the author follows the customer up, else the owner; nobody in a pool."""
    if author_id is not None and author_id in state.holders(customer_id):
        return author_id
    standing = state.standing(customer_id)
    return standing.owner_id if standing is not None else None


def occasions(state: State, follow_up: FollowUp, _now_ms: int) -> Iterable[Occasion]:
    """The evening before, the morning of the day, and the mornings 1, 3 and 7 days after; of the last two the manager hears too."""
    reader_id = follower(state, follow_up.customer_id, follow_up.author_id)
    if reader_id is None:
        return
    facts = _facts(state, follow_up, reader_id)
    for step, at in MOMENTS.items():
        told = {**facts, "days": str(max(step, 0))}
        once, moment = f"{step}:{follow_up.due_day}", Local(follow_up.due_day + step, at)
        until = Local(follow_up.due_day, UNTIL[step]) if step in UNTIL else None
        yield Occasion(Heard(KINDS[step], reader_id, follow_up.id, told, once=once), moment, until)
        for manager_id in state.leaders.get(reader_id, ())[:1] if step in BELOW else ():
            yield Occasion(Heard(BELOW[step], manager_id, follow_up.id, {**told, FOLLOWER: reader_id.hex()}, once=once), moment)


def _facts(state: State, follow_up: FollowUp, reader_id: bytes) -> dict[str, str]:
    """What the words name; and the day, by which a notice of an older plan is told."""
    customer, person = state.find(Customer, follow_up.customer_id), state.find(Person, reader_id)
    return {
        "customer": customer.name if customer is not None else "",
        "purpose": follow_up.purpose,
        "rep": person.name if person is not None else "",
        "day": str(follow_up.due_day),
    }


def to_remind(asking: Asking, follow_up: FollowUp) -> Iterable[Need]:
    """The user whom it reminds, and the managers above."""
    reader_id = follower(asking.state, follow_up.customer_id, follow_up.author_id)
    if reader_id is not None:
        yield Rows(Person, frozenset({reader_id}))
        yield Above(reader_id)


def earliest(follow_up: FollowUp) -> int | None:
    """The first evening before the day, anywhere on Earth."""
    return None if follow_up.done else earliest_ms(follow_up.due_day - 1, EVENING)


# the contact that completes one


def of_customer(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The follow-ups of the customer, the author's time zone and what the organisation wants: a follow-up may come in the same request."""
    customer_id = intent.values.get(WHOLE, {}).get("customer_id")
    if not isinstance(customer_id, bytes):
        return
    yield Rows(FollowUp, frozenset({customer_id}), by="customer_id")
    yield Every(Organisation)
    yield Rows(UserSettings, frozenset({asking.actor.user_id}))


def completed(actor: Actor, state: State, customer_id: bytes, occurred_ms: int) -> tuple[FollowUp, ...]:
    """The open follow-ups of a customer that are done by a contact at this moment: those of its day and before (D-924)."""
    latest = occurred_ms // DAY_MS + 1
    due = [one for one in _open(state, customer_id) if one.due_day <= latest]
    if not due or state.organisation is None or not state.organisation.follow_up_by_visit:
        return ()
    settings = state.find(UserSettings, actor.user_id)
    zone = settings.time_zone if settings is not None and settings.time_zone else state.organisation.time_zone
    day = local_day(occurred_ms, zone)
    return tuple(replace(one, done=True) for one in due if one.due_day <= day)


def _open(state: State, customer_id: bytes) -> list[FollowUp]:
    """The follow-ups of a customer that are not done, in the order of their ids."""
    found = (state.find(FollowUp, one) for one in sorted(state.plans.get(customer_id, ())))
    return [one for one in found if one is not None and not one.done]


NOTICES: Final[Texts] = {
    "follow_up_tomorrow": {
        Language.en: Words("Tomorrow: {customer}", "A follow-up is due tomorrow: {purpose}", "A follow-up is due tomorrow"),
        Language.zh: Words("明天跟进：{customer}", "明天有一项跟进到期：{purpose}", "明天有一项跟进到期"),
    },
    "follow_up_today": {
        Language.en: Words("Today: {customer}", "A follow-up is due today: {purpose}", "A follow-up is due today"),
        Language.zh: Words("今天跟进：{customer}", "今天有一项跟进到期：{purpose}", "今天有一项跟进到期"),
    },
    "follow_up_overdue": {
        Language.en: Words("Overdue: {customer}", "A follow-up is {days} d overdue: {purpose}", "A follow-up is overdue"),
        Language.zh: Words("跟进已逾期：{customer}", "有一项跟进已逾期{days}天：{purpose}", "有一项跟进已逾期"),
    },
    "follow_up_at_risk": {
        Language.en: Words(
            "High risk: {customer}", "A follow-up is {days} d overdue, the customer is at risk: {purpose}", "A customer of yours is at risk"
        ),
        Language.zh: Words("高风险客户：{customer}", "有一项跟进已逾期{days}天，客户有流失风险：{purpose}", "你有一位客户存在流失风险"),
    },
    "follow_up_overdue_below": {
        Language.en: Words("{rep}: a follow-up is overdue", "{customer}: {days} d overdue: {purpose}", "A follow-up below you is overdue"),
        Language.zh: Words("{rep}的跟进已逾期", "客户“{customer}”的跟进已逾期{days}天：{purpose}", "下属有一项跟进已逾期"),
    },
    "follow_up_at_risk_below": {
        Language.en: Words(
            "{rep}: a customer at high risk", "{customer}: a follow-up is {days} d overdue: {purpose}", "A customer below you is at risk"
        ),
        Language.zh: Words("{rep}的客户高风险", "客户“{customer}”的跟进已逾期{days}天：{purpose}", "下属有一位客户存在流失风险"),
    },
}
FOLLOW_UP: Final = Reminder("follow_up", FollowUp, ("due_day", "done"), earliest, occasions, to_remind)
FEATURE: Final = Feature(reminders=(FOLLOW_UP,), notices=NOTICES)
