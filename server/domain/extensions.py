"""More time with a customer: its owner asks by phone, a manager decides at the desk (D-161 to D-163)."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain import ownership, reclaim
from server.domain.feature import Feature, Follow, Kind, Listing, Verb, shown
from server.domain.local_times import date_of, moment_ms
from server.domain.locks import judge_day, time_zone
from server.domain.needs import Above, Asking, Every, Leavers, Need, Rows, Superiors, Whole
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.extension import DecideExtension, Extension, ExtensionState
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.records.reference import Department, Organisation, Person
from shared_schema.records.tier_policy import TierPolicy
from sync.decode import Intent
from sync.heard import Heard
from sync.rules import Actor, Entered, Entry, Moment
from sync.state import WHOLE, State

DAYS_MAX: Final = 90
NO_DAY: Final = "–"
"""In the manager's notice where no rule takes the customer."""

# asking


def to_ask(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The other requests about the customer, the day on which it falls, and who is above the owner."""
    customer_id = intent.values.get(WHOLE, {}).get("customer_id")
    if isinstance(customer_id, bytes):
        yield Rows(Extension, frozenset({customer_id}), by="customer_id")
        yield from (Every(Organisation), Every(ReclaimRule), Every(TierPolicy))
        yield from (Above(asking.actor.user_id), Rows(Person, frozenset({asking.actor.user_id})))


def complete(actor: Actor, state: State, entry: Entry, asked: Extension, moment: Moment) -> tuple[Extension]:
    """The request with its author and time; the nearest manager hears of it (D-161).

    Raises Problem(forbidden | state_wrong | rule_broken).
    """
    if entry.before is not None:
        return (asked,)
    standing = state.standing(asked.customer_id)
    if standing is None or standing.owner_id != actor.user_id:
        raise Problem(Code.forbidden, "only the owner asks for more time with a customer")
    if any(one.state is ExtensionState.asked and one.id != asked.id for one in _of_customer(state, asked.customer_id)):
        raise Problem(Code.state_wrong, "more time was asked for already: the manager has not decided yet")
    judge_day(state, asked.until_day, moment.now_ms, DAYS_MAX)
    made = replace(asked, author_id=actor.user_id, asked_ms=moment.now_ms)
    _ask_manager(actor, state, standing, made, moment)
    return (made,)


def _of_customer(state: State, customer_id: bytes) -> list[Extension]:
    found = (held.record for held in state.held.values() if isinstance(held.record, Extension))
    return [one for one in found if one.customer_id == customer_id]


def _ask_manager(actor: Actor, state: State, standing: Standing, made: Extension, moment: Moment) -> None:
    """The nearest manager hears until when, and on which day the customer falls meanwhile: a request that waits keeps nothing."""
    known = reclaim.fate(state, standing, moment.now_ms)
    facts = {"rep": _name(state, actor.user_id), "customer": _customer_name(state, made.customer_id)}
    facts |= {"until": date_of(made.until_day), "due": known.due if known is not None else NO_DAY}
    for manager_id in state.leaders.get(actor.user_id, ())[:1]:
        state.notices.append(Heard("extension_asked", manager_id, made.id, facts, made.id))


def _name(state: State, user_id: bytes) -> str:
    person = state.find(Person, user_id)
    return person.name if person is not None else ""


def _customer_name(state: State, customer_id: bytes) -> str:
    customer = state.find(Customer, customer_id)
    return customer.name if customer is not None else ""


# deciding


def to_decide(_asking: Asking, asked: DecideExtension) -> Iterable[Need]:
    """The request and its customer; the calendar; who is above the actor, and who has left below."""
    yield from (Whole(asked.customer_id), Rows(Extension, frozenset({asked.extension_id})))
    yield from (Every(Organisation), Superiors(), Leavers(), Every(Pool), Every(Department))


def decide(actor: Actor, state: State, asked: DecideExtension, entered: Entered) -> tuple[Record, ...]:
    """The decided request; then, if more time is granted, the standing that names it (D-162). The same decision again changes nothing.

    Raises Problem(out_of_scope | not_found | forbidden | state_wrong | rule_broken).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    known = state.find(Extension, asked.extension_id)
    if known is None or known.customer_id != asked.customer_id:
        raise Problem(Code.not_found, "no such request about this customer")
    if known.author_id == actor.user_id and state.superiors:
        raise Problem(Code.forbidden, "another manager decides about more time for you")
    verdict, day = ExtensionState[asked.verdict], _day(known, asked)
    if known.state is verdict and known.granted_until_day == day:
        return ()
    if known.state is not ExtensionState.asked:
        raise Problem(Code.state_wrong, f"the request is {known.state.name} by now")
    now_ms = entered.moment.now_ms
    decided = replace(known, state=verdict, granted_until_day=day, decided_by_id=actor.user_id, decided_ms=now_ms, reply=asked.reply)
    if day is None:
        if not asked.reply.strip():
            raise Problem(Code.rule_broken, "say why: the owner reads it", field="reply")
        _tell(actor, state, decided)
        return (decided,)
    judge_day(state, day, now_ms, DAYS_MAX)
    _tell(actor, state, decided)
    until_ms = max(standing.extended_until_ms or 0, moment_ms(day, 0, time_zone(state)))
    return decided, replace(standing, extended_until_ms=until_ms)


def _day(known: Extension, asked: DecideExtension) -> int | None:
    """The day until which the time is granted; None: it is refused."""
    if asked.verdict == "refused":
        return None
    return asked.until_day if asked.until_day is not None else known.until_day


def _tell(actor: Actor, state: State, decided: Extension) -> None:
    """The owner who asked hears what was decided."""
    if decided.author_id is None or decided.author_id == actor.user_id:
        return
    facts = {"customer": _customer_name(state, decided.customer_id), "reply": decided.reply}
    if decided.granted_until_day is None:
        state.notices.append(Heard("extension_refused", decided.author_id, decided.id, facts, decided.customer_id))
    else:
        told = {**facts, "until": date_of(decided.granted_until_day)}
        state.notices.append(Heard("extension_granted", decided.author_id, decided.id, told, decided.customer_id))


# moving


def follow(_actor: Actor, state: State, known: Extension, _moment: Moment) -> tuple[Extension, ...]:
    """A request that waits lapses when its author no longer owns the customer (D-163)."""
    standing = state.standing(known.customer_id)
    if known.state is not ExtensionState.asked or standing is None or standing.owner_id == known.author_id:
        return ()
    return (replace(known, state=ExtensionState.lapsed),)


NOTICES: Final[Texts] = {
    "extension_asked": {
        Language.en: Words(
            "{rep} asks for more time: {customer}", "Until {until}. Without a decision it falls on: {due}", "A rep asks for more time"
        ),
        Language.zh: Words("{rep}申请延期：{customer}", "申请延期至{until}。未批准时的回收日：{due}", "有一项延期申请待你审批"),
    },
    "extension_granted": {
        Language.en: Words(
            "More time with {customer}", "You have more time with {customer} until {until}. Note: {reply}", "More time was granted to you"
        ),
        Language.zh: Words("延期已批准：{customer}", "客户“{customer}”的跟进期限已延至{until}。意见：{reply}", "你的一项延期申请已批准"),
    },
    "extension_refused": {
        Language.en: Words(
            "No more time with {customer}", "Your request about {customer} was refused. Reason: {reply}", "A request for time was refused"
        ),
        Language.zh: Words("延期未获批准：{customer}", "客户“{customer}”的延期申请未获批准，原因：{reply}", "你的一项延期申请未获批准"),
    },
}
FEATURE: Final = Feature(
    kinds=(Kind(Extension, complete, wants=to_ask),),
    verbs=(
        Verb(
            "/v1/desk/extensions/{extension_id}/decision",
            DecideExtension,
            Extension,
            lambda state, asked, _: shown(state, Extension, asked.extension_id),
            decide,
            to_decide,
        ),
    ),
    lists=(
        Listing(
            Extension,
            "List the requests for more time, the newest first (D-162).",
            filters=("state", "author_id", "customer_id"),
            newest="asked_ms",
            about=("customer_id",),
        ),
    ),
    follows=(Follow(Extension, follow, lambda _asking, _known: ()),),
    notices=NOTICES,
)
