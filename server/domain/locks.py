"""The lock: a manager keeps a customer with its owner until a day, and takes the lock off again (D-160).

Each lock is a record, and stands in the customer's timeline with its end (D-178, D-179).
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain import ownership
from server.domain.feature import Feature, Follow, Verb
from server.domain.local_times import date_of, local_day, moment_ms
from server.domain.needs import Asking, Every, Need
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, LockCustomer, Moved, Standing
from shared_schema.records.customer_lock import CustomerLock, CustomerLockState
from shared_schema.records.inbox import Values
from shared_schema.records.reference import Organisation, Person, Role
from shared_schema.registry import BY_RECORD
from sync.heard import Heard
from sync.rules import Actor, Entered, Moment
from sync.state import WHOLE, Change, State

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


def lock(actor: Actor, state: State, asked: LockCustomer, entered: Entered) -> tuple[Standing | CustomerLock, ...]:
    """The owner keeps the customer until the day, or no longer; the same again changes nothing.

    Raises Problem(out_of_scope | state_wrong | rule_broken).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    if asked.until_day is None:
        if standing.locked_until_ms is None:
            return ()
        _tell(actor, state, standing, asked, entered)
        ended = _ended(actor, state, standing.id, CustomerLockState.taken_off, entered.moment.now_ms)
        return (replace(standing, locked_until_ms=None, lock_reason=""), *(_noted(actor, state, one, asked.reason) for one in ended))
    if standing.owner_id is None:
        raise Problem(Code.state_wrong, "nobody owns the customer: there is no owner for whom to lock it")
    judge_day(state, asked.until_day, entered.moment.now_ms, DAYS_MAX)
    locked = replace(standing, locked_until_ms=moment_ms(asked.until_day, 0, time_zone(state)), lock_reason=asked.reason)
    if locked == standing:
        return ()
    _tell(actor, state, standing, asked, entered)
    former = _ended(actor, state, standing.id, CustomerLockState.replaced, entered.moment.now_ms)
    return (locked, _made(actor, state, locked, entered.moment.now_ms), *former)


# the record of a lock


def _happening(standing: Standing) -> bytes:
    """The id of a lock, and of its notice: the rev from before makes each one of its own, also of customers made in the same moment."""
    return hashlib.sha256(b"lock:" + standing.id + standing.rev.to_bytes(8, "big")).digest()[:16]


def _made(actor: Actor, state: State, locked: Standing, now_ms: int) -> CustomerLock:
    """The record of this lock."""
    until_ms = locked.locked_until_ms or now_ms
    made = CustomerLock(_happening(locked), 0, locked.id, actor.user_id, now_ms, until_ms, locked.lock_reason)
    _note(actor, state, made, "locked")
    return made


def _ended(actor: Actor, state: State, customer_id: bytes, why: CustomerLockState, now_ms: int) -> list[CustomerLock]:
    """The locks of the customer that last still, ended now; one whose time is over stays as it is."""
    found = (held.record for held in state.held.values() if isinstance(held.record, CustomerLock))
    return [_over(actor, one, why, now_ms) for one in found if one.customer_id == customer_id and _lasts(one, now_ms)]


def _lasts(known: CustomerLock, now_ms: int) -> bool:
    return known.state is CustomerLockState.set and known.until_ms > now_ms


def _over(actor: Actor, known: CustomerLock, why: CustomerLockState, now_ms: int) -> CustomerLock:
    return replace(known, state=why, ended_ms=now_ms, ended_by_id=actor.user_id if actor.role is not Role.unknown else None)


def _noted(actor: Actor, state: State, ended: CustomerLock, reason: str) -> CustomerLock:
    """A lock that was taken off, with the words of the user who did."""
    told = replace(ended, end_reason=reason)
    _note(actor, state, told, "unlocked")
    return told


def _note(actor: Actor, state: State, one: CustomerLock, what: str) -> None:
    """A line of the timeline; the customer changes no hands, so its epoch stays (D-178)."""
    key = (BY_RECORD[CustomerLock].number, one.id)
    after: Values = {"until_ms": one.until_ms, "reason": one.end_reason if one.ended_ms is not None else one.reason}
    state.changes.append(Change(key, state.next_rev(one.rev), WHOLE, 0, 0, what, {}, after, actor.user_id, one.customer_id))


def follow(actor: Actor, state: State, known: CustomerLock, moment: Moment) -> tuple[CustomerLock, ...]:
    """A lock belongs to the ownership: it ends when the customer goes to somebody else, into a pool or into the archive (D-160)."""
    standing = state.standing(known.customer_id)
    if standing is None or not _lasts(known, moment.now_ms) or standing.locked_until_ms == known.until_ms:
        return ()
    ended = _over(actor, known, CustomerLockState.changed_hands, moment.now_ms)
    _note(actor, state, ended, "lock_ended")
    return (ended,)


def _tell(actor: Actor, state: State, standing: Standing, asked: LockCustomer, entered: Entered) -> None:
    """The owner hears who locked or unlocked the customer, and why; not of an own decision, and not of a lock that is over."""
    is_over = asked.until_day is None and (standing.locked_until_ms or 0) <= entered.moment.now_ms
    if standing.owner_id is None or standing.owner_id == actor.user_id or is_over:
        return
    person, customer = state.find(Person, actor.user_id), state.find(Customer, standing.id)
    facts = {"actor": person.name if person is not None else "", "customer": customer.name if customer is not None else ""}
    facts["reason"] = asked.reason
    happening = _happening(standing)
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
        Language.zh: Words("客户已锁定：{customer}", "{actor}已将其锁定至{until}，由你继续负责。原因：{reason}", "你有一位客户已被锁定"),
    },
    "customer_unlocked": {
        Language.en: Words(
            "{customer} is no longer locked", "{actor} took the lock off {customer}. Reason: {reason}", "A customer of yours was unlocked"
        ),
        Language.zh: Words("客户已解锁：{customer}", "{actor}已解除“{customer}”的锁定。原因：{reason}", "你有一位客户已解除锁定"),
    },
}
FEATURE: Final = Feature(
    verbs=(Verb(f"{ownership.PATH}/lock", LockCustomer, Moved, ownership.moved, lock, to_lock),),
    follows=(Follow(CustomerLock, follow, lambda _asking, _known: ()),),
    notices=NOTICES,
)
