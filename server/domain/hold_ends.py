"""What ends the hold of a pooled customer, and what the holder hears of it (D-193)."""

from typing import Final

from msgspec.structs import replace

from server.domain import pools
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.records.hold import PoolHold, PoolHoldState
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.rules import Actor, Moment
from sync.state import State


def over(known: PoolHold, why: PoolHoldState, now_ms: int, by_id: bytes | None = None) -> PoolHold:
    """The hold as it ended: no phone keeps it any more, and it counts no longer among those of its user."""
    return replace(known, holder_id=None, ends_ms=None, state=why, ended_ms=now_ms, ended_by_id=by_id)


def by_itself(state: State, known: PoolHold, now_ms: int) -> PoolHold:
    """The hold, ended by its time; or before, because its holder may claim the customer no more: then the holder hears of it."""
    if known.until_ms <= now_ms:
        return over(known, PoolHoldState.expired, now_ms)
    holder = state.find(Person, known.user_id)
    if holder is not None and holder.active:
        state.notices.append(Heard("hold_lapsed", known.user_id, known.id, facts(state, known)))
    return over(known, PoolHoldState.lapsed, now_ms)


def freed(state: State, ended: PoolHold) -> tuple[Record, ...]:
    """The ended hold, and its card that shows nothing of it any more; another user may hold the customer by now."""
    card = state.find(PoolCard, ended.customer_id)
    if card is None or (card.held_by_id, card.held_until_ms) != (ended.user_id, ended.until_ms):
        return (ended,)
    return ended, pools.held(card, None, None)


def live_of(state: State, customer_id: bytes) -> list[PoolHold]:
    """The holds of a customer that nothing has ended yet, also those whose time is over."""
    found = [held.record for held in state.held.values() if isinstance(held.record, PoolHold)]
    return [one for one in found if one.customer_id == customer_id and one.state is PoolHoldState.live]


def by_desk(actor: Actor, state: State, customer_id: bytes, now_ms: int) -> list[PoolHold]:
    """The desk wants the customer held by nobody: each holder hears of it."""
    found = live_of(state, customer_id)
    for known in found:
        tell(actor, state, known, now_ms)
    return [over(known, PoolHoldState.ended_by_desk, now_ms, actor.user_id) for known in found]


def tell(actor: Actor, state: State, known: PoolHold, now_ms: int) -> None:
    """The holder hears that the hold ended before its time; not of what the holder did."""
    if known.user_id != actor.user_id and known.until_ms > now_ms:
        state.notices.append(Heard("hold_ended", known.user_id, known.id, facts(state, known)))


def facts(state: State, known: PoolHold) -> dict[str, str]:
    """The customer as its card shows it, and the pool: no notice says more (D-122)."""
    customer, pool = state.find(Customer, known.customer_id), state.find(Pool, known.pool_id)
    hidden = pool.hidden if pool is not None else ("name", "city")
    shown = [getattr(customer, slot) for slot in ("name", "city") if slot not in hidden] if customer is not None else []
    place = pool.name if pool is not None else ""
    return {"customer": next((one for one in shown if one), place), "pool": place}


def follow(actor: Actor, state: State, known: PoolHold, moment: Moment) -> tuple[PoolHold, ...]:
    """The customer left the pool: claimed by the holder, by another member once the hold was over, or moved by the desk (D-193)."""
    standing = state.standing(known.customer_id)
    if known.state is not PoolHoldState.live or standing is None or standing.pool_id == known.pool_id:
        return ()
    if known.until_ms <= moment.now_ms:
        return (by_itself(state, known, moment.now_ms),)
    if standing.owner_id == known.user_id:
        return (over(known, PoolHoldState.claimed, moment.now_ms, actor.user_id),)
    moves = [event.kind for event in state.events if event.customer_id == known.customer_id]
    if moves[-1:] == ["claimed"]:
        return (by_itself(state, known, moment.now_ms),)
    tell(actor, state, known, moment.now_ms)
    return (over(known, PoolHoldState.ended_by_desk, moment.now_ms, actor.user_id),)


NOTICES: Final[Texts] = {
    "hold_ended": {
        Language.en: Words(
            "Your hold has ended: {customer}",
            "The desk ended your hold of {customer} in the pool {pool} before its time. A claim of yours is no longer certain.",
            "A hold of yours has ended",
        ),
        Language.zh: Words(
            "预留已提前结束：{customer}",
            "你在公海“{pool}”对客户“{customer}”的预留已由管理端提前结束，领取不再有保障。",
            "你的一项预留已提前结束",
        ),
    },
    "hold_lapsed": {
        Language.en: Words(
            "Your hold has ended: {customer}",
            "You are no longer a member of the pool {pool}, so your hold of {customer} has ended. You cannot claim it there any more.",
            "A hold of yours has ended",
        ),
        Language.zh: Words(
            "预留已失效：{customer}",
            "你已不是公海“{pool}”的成员，你对客户“{customer}”的预留已失效，无法再从该公海领取。",
            "你的一项预留已失效",
        ),
    },
    "hold_ending": {
        Language.en: Words(
            "One more hour: {customer}",
            "Your hold in the pool {pool} ends in an hour. Claim the customer before.",
            "A hold of yours ends in an hour",
        ),
        Language.zh: Words(
            "预留还剩1小时：{customer}",
            "你在公海“{pool}”的一项预留将在1小时后到期，请在此之前领取。",
            "你的一项预留将在1小时后到期",
        ),
    },
}
