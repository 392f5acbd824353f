"""The lock: a manager keeps a customer with its owner until a day, and takes the lock off again (D-160)."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain import ownership
from server.domain.feature import LEADERS, Feature, Verb
from server.domain.local_times import date_of, local_day, moment_ms
from server.domain.needs import Asking, Every, Need
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, LockCustomer, Moved, Standing
from shared_schema.records.reference import Organisation, Person
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

DAYS_MAX: Final = 180


def time_zone(state: State) -> str:
    """The time zone by whose calendar the organisation counts days."""
    return state.organisation.time_zone if state.organisation is not None else "UTC"


def judge_day(state: State, day: int, now_ms: int, days_max: int) -> None:
    """Raises Problem(rule_broken) unless the day lies ahead by the organisation's calendar, by at most `days_max` days."""
    today = local_day(now_ms, time_zone(state))
    if not today < day <= today + days_max:
        raise Problem(Code.rule_broken, f"a day from tomorrow on, at most {days_max} days ahead", field="until_day")


def to_lock(asking: Asking, asked: LockCustomer) -> Iterable[Need]:
    """The customer as for any move, and the organisation for its calendar."""
    yield from ownership.to_move(asking, asked)
    yield Every(Organisation)


def lock(actor: Actor, state: State, asked: LockCustomer, entered: Entered) -> tuple[Standing, ...]:
    """The owner keeps the customer until the day, or no longer; the same again changes nothing.

    Raises Problem(out_of_scope | state_wrong | rule_broken).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    if asked.until_day is None:
        if standing.locked_until_ms is None:
            return ()
        _tell(actor, state, standing, asked, entered)
        return (replace(standing, locked_until_ms=None, lock_reason=""),)
    if standing.owner_id is None:
        raise Problem(Code.state_wrong, "nobody owns the customer: there is no owner for whom to lock it")
    judge_day(state, asked.until_day, entered.moment.now_ms, DAYS_MAX)
    locked = replace(standing, locked_until_ms=moment_ms(asked.until_day, 0, time_zone(state)), lock_reason=asked.reason)
    if locked == standing:
        return ()
    _tell(actor, state, standing, asked, entered)
    return (locked,)


def _tell(actor: Actor, state: State, standing: Standing, asked: LockCustomer, entered: Entered) -> None:
    """The owner hears who locked or unlocked the customer, and why; not of an own decision, and not of a lock that is over."""
    is_over = asked.until_day is None and (standing.locked_until_ms or 0) <= entered.moment.now_ms
    if standing.owner_id is None or standing.owner_id == actor.user_id or is_over:
        return
    person, customer = state.find(Person, actor.user_id), state.find(Customer, standing.id)
    facts = {"actor": person.name if person is not None else "", "customer": customer.name if customer is not None else ""}
    facts["reason"] = asked.reason
    happening = standing.id[:8] + standing.rev.to_bytes(8, "big")
    if asked.until_day is None:
        state.notices.append(Heard("customer_unlocked", standing.owner_id, happening, facts, standing.id))
    else:
        told = {**facts, "until": date_of(asked.until_day)}
        state.notices.append(Heard("customer_locked", standing.owner_id, happening, told, standing.id))


NOTICES: Final[Texts] = {
    "customer_locked": {
        Language.en: Words(
            "{customer} is locked for you",
            "Locked by {actor} until {until}: it stays yours. Reason: {reason}",
            "A customer of yours was locked",
        ),
        Language.zh: Words("客户已锁定：{customer}", "{actor}已将其锁定至{until}，由您继续负责。原因：{reason}", "您有一位客户已被锁定"),
    },
    "customer_unlocked": {
        Language.en: Words(
            "{customer} is no longer locked", "{actor} took the lock off {customer}. Reason: {reason}", "A customer of yours was unlocked"
        ),
        Language.zh: Words("客户已解锁：{customer}", "{actor}已解除“{customer}”的锁定。原因：{reason}", "您有一位客户已解除锁定"),
    },
}
FEATURE: Final = Feature(
    verbs=(Verb(f"{ownership.PATH}/lock", LockCustomer, Moved, LEADERS, ownership.moved, lock, to_lock),),
    notices=NOTICES,
)
