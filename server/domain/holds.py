"""Holds of pooled customers: a member takes one online, and a later claim of this member is certain (D-190 to D-194)."""

from collections.abc import Iterable
from typing import Final

from server.domain import claims, hold_ends, pools
from server.domain.feature import Feature, Follow, Job, Listing, Verb, shown
from server.domain.hold_ends import NOTICES, facts, freed, over, tell
from server.domain.local_times import HOUR_MS
from server.domain.needs import Asking, Counter, DeskNeed, Every, Need, Rows
from server.domain.reminder import Occasion, Reminder
from server.domain.tree import parents_of
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.hold import EndHold, PoolHold, PoolHoldState, TakeHold
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Department, Organisation, Person, Role
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

HOLDS_MAX: Final = 5
"""Holds of one user at a time."""
BEFORE_MS: Final = HOUR_MS

# taking


def to_take(asking: Asking, asked: TakeHold) -> Iterable[DeskNeed]:
    """The card and the holds of the customer; the pools with their members, and the limits of the claimer."""
    yield from (Rows(PoolCard, frozenset({asked.customer_id})), Rows(PoolHold, frozenset({asked.hold_id})))
    yield Rows(PoolHold, frozenset({asked.customer_id}), by="customer_id")
    yield from (Every(Pool), Every(Department), Every(Organisation))
    yield from (Counter(f"holds:{asking.actor.user_id.hex()}"), claims.HELD.by(asking.actor.user_id))
    yield from pools.of_claimer(asking, asked.customer_id)


def take(actor: Actor, state: State, asked: TakeHold, entered: Entered) -> tuple[Record, ...]:
    """The hold, and the card that shows it; judged and counted as the claim that it makes certain (D-191). The same again changes nothing.

    Raises Problem(id_taken | out_of_scope | state_wrong | holds_full), and those of `pools.judged`.
    """
    known, now_ms = state.find(PoolHold, asked.hold_id), entered.moment.now_ms
    if known is not None:
        return _same(actor, known, asked)
    card, standing = state.find(PoolCard, asked.customer_id), state.standing(asked.customer_id)
    if card is None:
        raise Problem(Code.out_of_scope, pools.NO_SUCH)
    if standing is not None and standing.owner_id == actor.user_id:
        raise Problem(Code.state_wrong, "the customer is yours already")
    if claims.is_held(actor.user_id, card, now_ms):
        raise Problem(Code.state_wrong, "you hold this customer already")
    pool, _ = pools.judged(actor, state, card, asked, entered)
    if claims.naming(state, claims.HELD, frozenset({actor.user_id}), now_ms) >= HOLDS_MAX:
        raise Problem(Code.holds_full, f"at most {HOLDS_MAX} holds at a time")
    claims.spend(actor.user_id, state, pool, now_ms)
    until_ms = now_ms + asked.hours * HOUR_MS
    parties = card.id, pool.id, actor.user_id
    made = PoolHold(asked.hold_id, 0, *parties, now_ms, until_ms, actor.user_id, until_ms, customer_name=card.name)
    former = [hold_ends.by_itself(state, one, now_ms) for one in hold_ends.live_of(state, card.id)]
    return made, pools.held(card, actor.user_id, until_ms), *former


def _same(actor: Actor, known: PoolHold, asked: TakeHold) -> tuple[()]:
    if (known.user_id, known.customer_id) != (actor.user_id, asked.customer_id):
        raise Problem(Code.id_taken, "there is another hold with this id")
    return ()


# ending


def to_end(asking: Asking, asked: EndHold) -> Iterable[DeskNeed]:
    """The hold with its card, and the departments that tell the members of its pool."""
    yield from (Rows(PoolHold, frozenset({asked.pool_hold_id})), Every(Pool), Every(Department))
    known = asking.state.find(PoolHold, asked.pool_hold_id)
    if known is not None:
        yield Rows(PoolCard, frozenset({known.customer_id}))


def end(actor: Actor, state: State, asked: EndHold, entered: Entered) -> tuple[Record, ...]:
    """The hold is over, and its card is free; no claim is given back (D-193). The same again changes nothing. Raises Problem(not_found)."""
    known, now_ms = state.find(PoolHold, asked.pool_hold_id), entered.moment.now_ms
    if known is None or not (known.user_id == actor.user_id or _leads(actor, state, known)):
        raise Problem(Code.not_found, "no such hold of yours")
    if known.state is not PoolHoldState.live:
        return ()
    tell(actor, state, known, now_ms)
    why = PoolHoldState.given_up if known.user_id == actor.user_id else PoolHoldState.ended_by_desk
    return freed(state, over(known, why, now_ms, actor.user_id))


def _leads(actor: Actor, state: State, known: PoolHold) -> bool:
    """An admin, or a manager who is a member of the pool."""
    pool = state.find(Pool, known.pool_id)
    return actor.role is Role.admin or (actor.role is Role.manager and pool is not None and pools.is_member(pool, actor, parents_of(state)))


def to_expire(_asking: Asking, due: PoolHold) -> Iterable[DeskNeed]:
    """The hold, its card and its holder; the pools and the departments that tell their members."""
    yield from (Rows(PoolHold, frozenset({due.id})), Rows(PoolCard, frozenset({due.customer_id})), Rows(Person, frozenset({due.user_id})))
    yield from (Every(Pool), Every(Department))


def expired(_actor: Actor, state: State, due: PoolHold, entered: Entered) -> tuple[Record, ...]:
    """The time of a hold is over, or its holder may claim the customer no more (D-193)."""
    return freed(state, hold_ends.by_itself(state, due, entered.moment.now_ms))


def is_void(state: State, known: PoolHold) -> bool:
    """Whether the holder has left or is no member any more: by a change of the user, of the pool, or of the tree of departments."""
    pool = state.find(Pool, known.pool_id)
    return pool is None or not pools.may_claim(state, known.user_id, pool)


# the hour before the end


def earliest(known: PoolHold) -> int | None:
    """An hour before its end; a hold of an hour has no such moment."""
    is_long = known.holder_id is not None and known.until_ms - known.taken_ms > BEFORE_MS
    return known.until_ms - BEFORE_MS if is_long else None


def occasions(state: State, known: PoolHold, _now_ms: int) -> Iterable[Occasion]:
    """The holder hears once."""
    if known.holder_id is not None:
        heard = Heard("hold_ending", known.holder_id, known.id, facts(state, known), once=str(known.until_ms))
        yield Occasion(heard, known.until_ms - BEFORE_MS, known.until_ms)


def of_pool(_asking: Asking, known: PoolHold) -> Iterable[Need]:
    """The pool, whose hidden fields no notice tells."""
    return (Rows(Pool, frozenset({known.pool_id})),)


def of_holder(asking: Asking, known: PoolHold) -> Iterable[Need]:
    """The pool, and the holder, who hears nothing after leaving."""
    yield from of_pool(asking, known)
    yield Rows(Person, frozenset({known.user_id}))


EXPIRE: Final = Job("expire holds", 30.0, PoolHold, "ends_ms", expired, to_expire, is_void)
TAKE: Final = Verb(
    "/v1/pool-cards/{customer_id}/hold",
    TakeHold,
    PoolHold,
    lambda state, asked, _: shown(state, PoolHold, asked.hold_id),
    take,
    to_take,
)
END: Final = Verb(
    "/v1/pool-holds/{pool_hold_id}/end",
    EndHold,
    PoolHold,
    lambda state, asked, _: shown(state, PoolHold, asked.pool_hold_id),
    end,
    to_end,
)
HOLDS: Final = Listing(
    PoolHold,
    "List the holds in your pools, the newest first (D-194).",
    filters=("state", "pool_id", "user_id"),
    newest="taken_ms",
    of_place="pool_id",
)
FEATURE: Final = Feature(
    verbs=(TAKE, END),
    lists=(HOLDS,),
    jobs=(EXPIRE,),
    reminders=(Reminder("hold_end", PoolHold, ("ends_ms",), earliest, occasions, of_pool),),
    follows=(Follow(PoolHold, hold_ends.follow, of_holder),),
    notices=NOTICES,
)
