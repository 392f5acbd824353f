"""Vectors of `sync/agreed/tiers.py`: versions of the tier policy, the limits of lines, cadences and the days on which contacts are due."""

import random
from collections.abc import Iterator
from typing import Any, Final

from shared_schema.records.customer import Tier
from shared_schema.records.reference import Price
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed import tiers
from tests.vectors.cases import Cases, played
from tests.vectors.reclaim import START, ZONES, a_standing
from tests.vectors.values import an_id

EACH: Final = list(Tier)


def cases() -> Cases:
    """All rules of the room."""
    dice = random.Random(670)
    policies = [None, *(a_policy(dice, 1) for _ in range(12))]
    return {
        "sync.agreed.tiers:policy_now": played(
            tiers.policy_now, ({"policies": versions(dice), "day": START + at} for at in range(-12, 12) for _ in range(3))
        ),
        "sync.agreed.tiers:of_tier": played(
            tiers.of_tier, ({"values": values, "tier": tier} for values in ([9, 1, 5, 9], [0, 0, 1, 2], [7, 6], []) for tier in EACH)
        ),
        "sync.agreed.tiers:tier_above": played(tiers.tier_above, ({"tier": tier} for tier in EACH)),
        "sync.agreed.tiers:discount_limit_bps": played(tiers.discount_limit_bps, limits(dice)),
        "sync.agreed.tiers:cadences": played(
            tiers.cadences, ({"policy": policy, "usual_days": days} for policy in policies for days in (1, 30))
        ),
        "sync.agreed.tiers:contact_due_day": played(
            tiers.contact_due_day,
            ({"standing": a_standing(dice), "cadence_days": dice.randrange(1, 100), "time_zone": dice.choice(ZONES)} for _ in range(200)),
        ),
    }


def limits(dice: random.Random) -> Iterator[dict[str, Any]]:
    """With and without a policy and a price; the price's limit below, at and above the tier's, and not named (0)."""
    for tier in EACH:
        for policy in (None, a_policy(dice, 1)):
            own = tiers.of_tier(policy.discounts_bps, tier) if policy is not None else 500
            yield {"policy": policy, "tier": tier, "price": None}
            for most in {0, max(0, own - 1), own, min(10_000, own + 1)}:
                yield {"policy": policy, "tier": tier, "price": Price(an_id(dice), 1, an_id(dice), an_id(dice), 100, 0, most)}


def a_policy(dice: random.Random, version: int) -> TierPolicy:
    """A version of around the start."""

    def each(least: int, most: int) -> tuple[int, ...]:
        return tuple(dice.randrange(least, most + 1) for _ in EACH)

    return TierPolicy(
        an_id(dice),
        1,
        version=version,
        effective_from_day=START + dice.randrange(-10, 10),
        made_by_id=an_id(dice),
        made_ms=0,
        discounts_bps=each(0, 2_000),
        contact_days=each(1, 100),
        held_days=each(1, 120),
    )


def versions(dice: random.Random) -> list[TierPolicy]:
    """None, or a few in any order."""
    found = [a_policy(dice, version) for version in range(1, 1 + dice.randrange(4))]
    dice.shuffle(found)
    return found
