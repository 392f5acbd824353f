"""What the tier of a customer gives, by the tier policy; the same on the phone and on the server (D-670 to D-677)."""

from collections.abc import Iterable, Sequence

from shared_schema.records.customer import Standing, Tier
from shared_schema.records.reference import Price
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed.days import local_day


def policy_now(policies: Iterable[TierPolicy], day: int) -> TierPolicy | None:
    """That of the highest version whose day has come; None: no tier gets anything (D-670)."""
    begun = [policy for policy in policies if policy.effective_from_day <= day]
    return max(begun, key=lambda policy: policy.version, default=None)


def of_tier(values: Sequence[int], tier: Tier) -> int:
    """What a benefit gives a tier; one that has no number gets that of no tier (D-671)."""
    return values[tier] if tier < len(values) else values[0] if values else 0


def tier_above(tier: Tier) -> Tier | None:
    """The next better tier; None: there is none. A customer without a tier is shown B, as one of C (D-677)."""
    return None if tier is Tier.a else Tier.a if tier is Tier.b else Tier.b


def discount_limit_bps(policy: TierPolicy | None, tier: Tier, price: Price | None) -> int | None:
    """The highest discount of a line: the tier's, and the price's where it names a smaller one (D-673); None: there is no limit."""
    limits = [of_tier(policy.discounts_bps, tier)] if policy is not None else []
    if price is not None and price.max_discount_bps > 0:
        limits.append(price.max_discount_bps)
    return min(limits, default=None)


def cadences(policy: TierPolicy | None, usual_days: int) -> tuple[int, ...]:
    """Days between contacts in the order of `Tier`; without a policy the organisation's (D-674)."""
    return tuple(of_tier(policy.contact_days, tier) if policy is not None else usual_days for tier in Tier)


def contact_due_day(standing: Standing, cadence_days: int, time_zone: str) -> int:
    """The day of the organisation by which the next contact is due: the cadence counts from the last one, at the earliest from when the
    owner got the customer (D-674)."""
    return local_day(max(standing.last_contact_ms or 0, standing.owned_since_ms), time_zone) + cadence_days
