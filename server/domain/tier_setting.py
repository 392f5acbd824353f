"""The tier by people: the owner's rating, and the tier that a manager sets by hand until a day (D-656, D-662)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from server.domain import ownership, pools
from server.domain.feature import Answer, Feature, Job, Verb
from server.domain.local_times import moment_ms
from server.domain.locks import judge_day, time_zone
from server.domain.needs import Asking, DeskNeed, Every, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, Rate, Standing, Tier
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Organisation
from shared_schema.records.tier import SetTier, TierSet
from sync.rules import Actor, Entered
from sync.state import State

DAYS_MAX: Final = 366


def rate(actor: Actor, _state: State, standing: Standing, command: Rate, _entered: Entered) -> tuple[Standing, ...]:
    """The owner's own judgement; it counts with the next evaluation. Raises Problem(forbidden)."""
    if actor.user_id != standing.owner_id:
        raise Problem(Code.forbidden, "a customer is rated by its owner")
    return (replace(standing, rating=command.rating),) if standing.rating != command.rating else ()


def to_set(asking: Asking, asked: SetTier) -> Iterable[Need]:
    """The customer as for any move, with its card, and the organisation for its calendar."""
    yield from ownership.to_move(asking, asked)
    yield Every(Organisation)


def set_tier(actor: Actor, state: State, asked: SetTier, entered: Entered) -> tuple[Standing | PoolCard, ...]:
    """The customer stands in this tier until the day, or in the earned one from now on; the same again changes nothing.

    Raises Problem(out_of_scope | rule_broken).
    """
    standing = ownership.disposed(actor, state, asked.customer_id)
    if asked.tier is Tier.unknown:
        return by_points(state, standing)
    if asked.until_day is None:
        raise Problem(Code.rule_broken, "a tier that is set by hand has an end", field="until_day")
    if not asked.reason.strip():
        raise Problem(Code.rule_broken, "a tier that is set by hand has a reason", field="reason")
    judge_day(state, asked.until_day, entered.moment.now_ms, DAYS_MAX)
    until_ms = moment_ms(asked.until_day, 0, time_zone(state))
    after = replace(
        standing, tier=asked.tier, earned_tier=_earned(standing), tier_set_until_ms=until_ms, tier_set_reason=asked.reason, next_points=None
    )
    return shown(state, after) if after != standing else ()


def _earned(standing: Standing) -> Tier:
    """What a customer goes back to: its tier of before, if nobody evaluated it and no hand set that one."""
    return standing.earned_tier if standing.earned_tier or standing.tier_set_until_ms is not None else standing.tier


def by_points(state: State, standing: Standing) -> tuple[Standing | PoolCard, ...]:
    """The earned tier again; nothing, if that one stands."""
    if standing.tier_set_until_ms is None:
        return ()
    return shown(state, replace(standing, tier=standing.earned_tier, tier_set_until_ms=None, tier_set_reason=""))


def shown(state: State, after: Standing) -> tuple[Standing | PoolCard, ...]:
    """The standing, and the card of a pooled customer, if its pool shows the tier."""
    known, customer = state.find(PoolCard, after.id), state.find(Customer, after.id)
    pool = state.find(Pool, known.pool_id) if known is not None and known.pooled else None
    if known is None or customer is None or pool is None:
        return (after,)
    fresh = pools.shown_anew(customer, after, pool, known)
    return (after, fresh) if pools.differs(known, fresh) else (after,)


def to_end(_asking: Asking, due: Standing) -> Iterable[DeskNeed]:
    """The customer, its card and the pools."""
    ids = frozenset({due.id})
    yield from (Rows(Standing, ids), Rows(Customer, ids), Rows(PoolCard, ids), Every(Pool))


def ended(_actor: Actor, state: State, due: Standing, _entered: Entered) -> tuple[Standing | PoolCard, ...]:
    """The day has come to which a manager set the tier."""
    return by_points(state, due)


def told(state: State, asked: SetTier, _counts: Mapping[str, int]) -> TierSet:
    """The tier in which the customer stands by now."""
    standing = state.standing(asked.customer_id)
    assert standing is not None  # noqa: S101 - it was written just now, or stood there
    return TierSet(tier=standing.tier, earned_tier=standing.earned_tier, tier_set_until_ms=standing.tier_set_until_ms)


END: Final = Job("end tiers", 30.0, Standing, "tier_set_until_ms", ended, to_end)
FEATURE: Final = Feature(
    answers=(Answer(Standing, Rate, rate),),
    verbs=(Verb(f"{ownership.PATH}/tier", SetTier, TierSet, told, set_tier, to_set),),
    jobs=(END,),
)
