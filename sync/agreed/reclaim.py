"""The day on which a customer that nobody touches falls into a pool, the same on the phone and on the server (D-141 to D-143, D-156)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from shared_schema.records.customer import Standing, Tier
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed.days import local_day
from sync.agreed.tiers import of_tier

DAY_MAX: Final = 200_000
BASES: Final[Mapping[ReclaimBasis, Callable[[Standing], int | None]]] = {
    ReclaimBasis.contact: lambda standing: standing.last_contact_ms,
    ReclaimBasis.visit: lambda standing: standing.last_visit_ms,
    ReclaimBasis.held: lambda _standing: None,
}
"""Basis → the last moment that keeps a customer. A further one is one entry here, one in the twin, and one of the enum."""
ENDS: Final[Mapping[str, Callable[[Standing], int | None]]] = {
    "extended": lambda standing: standing.extended_until_ms,
    "locked": lambda standing: standing.locked_until_ms,
}
"""Exemption whose end the standing names → that end; no due day comes before. A further one is one entry here and one in the twin."""

USUAL_DAYS: Final = 90
"""Of a tier for which neither the rule nor a tier policy names days."""
DAYS: Final[Mapping[Tier, str]] = {Tier.a: "a_days", Tier.b: "b_days", Tier.c: "c_days"}
"""Tier → the slot of its days; those of a customer without one stand in `NO_TIER`."""
NO_TIER: Final = "unknown_days"

QUOTE: Final = "quote"
"""The exemption of a customer one of whose quotes awaits its decision: nobody knows its end."""


class Around(Struct, frozen=True):
    """What a device knows beside the standing and the rule.

    `contact_ms`, `visit_ms`: the last contact and the last visit that this device entered and the server has not answered; None: none.
    `waits`: the exemptions that hold now and whose end nobody knows. `policy`: the tier policy in force.
    """

    now_ms: int
    time_zone: str
    contact_ms: int | None = None
    visit_ms: int | None = None
    waits: tuple[str, ...] = ()
    policy: TierPolicy | None = None


class Countdown(Struct, frozen=True):
    """Of a customer that its owner may lose.

    `days`: calendar days until `due_day`; 0: it may fall at any hour. `touched_day`: the due day if a touch that counts came now, None: no
    touch moves it. `kept_by`: the exemption that holds now, empty: none; `kept_until_ms`: its end, None: nobody knows. `judged_later`: a
    visit of this device counts after the server has judged it.
    """

    due_day: int
    days: int
    basis: ReclaimBasis
    touched_day: int | None
    kept_by: str
    kept_until_ms: int | None
    judged_later: bool


def in_force(rules: Iterable[ReclaimRule], day: int) -> ReclaimRule | None:
    """That of the highest version whose day has come; None: nobody falls (D-141)."""
    begun = [rule for rule in rules if rule.effective_from_day <= day]
    latest = max(begun, key=lambda rule: rule.version, default=None)
    return latest if latest is not None and latest.pool_id is not None else None


def since_ms(standing: Standing, basis: ReclaimBasis) -> int:
    """The moment from which the days count: the last touch, at the earliest when the owner got the customer (D-142)."""
    touched = BASES.get(basis)
    return max(standing.owned_since_ms, (touched(standing) if touched is not None else None) or 0)


def notice_days(rule: ReclaimRule) -> int:
    """Whole days between the first warning and the fall, at least: a warning of any hour is old enough at midnight by then."""
    return (rule.min_warning_hours + 23) // 24 + 1


def by_policy(rule: ReclaimRule, policy: TierPolicy | None, tier: Tier) -> ReclaimRule:
    """The rule as it counts for a tier: where it names no days (0), those of the tier policy, from the policy's day on (D-675).

    No policy gives less time than a warning needs. The very same rule where it names days.
    """
    slot = DAYS.get(tier, NO_TIER)
    if getattr(rule, slot) > 0:
        return rule
    days = max(notice_days(rule), of_tier(policy.held_days, tier) if policy is not None else USUAL_DAYS)
    begins = max(rule.effective_from_day, policy.effective_from_day if policy is not None else 0)
    return replace(rule, **{slot: days, "effective_from_day": begins})


def due_day(standing: Standing, rule: ReclaimRule, time_zone: str) -> int:
    """The day of the organisation with whose beginning the customer falls under this version, if nobody touches it (D-142, D-143).

    Nobody may contact a customer that is left alone: its days count from the end of that (D-133).
    """
    days: int = getattr(rule, DAYS.get(standing.tier, NO_TIER))
    lasts = (ENDS[name](standing) for name in rule.exempt if name in ENDS)
    return min(
        DAY_MAX,
        max(
            local_day(since_ms(standing, rule.basis), time_zone) + days,
            (standing.undisturbed_until_day or 0) + days,
            local_day(standing.owned_since_ms, time_zone) + rule.grace_days,
            rule.effective_from_day + notice_days(rule),
            *(local_day(until - 1, time_zone) + 1 for until in lasts if until),
        ),
    )


def awaits_decision(quotes: Iterable[Quote], customer_id: bytes) -> bool:
    """Whether a quote of the customer awaits its decision: the exemption `quote` (D-143)."""
    return any(one.customer_id == customer_id and one.status is QuoteStatus.submitted for one in quotes)


def countdown(standing: Standing, rules: Iterable[ReclaimRule], around: Around) -> Countdown | None:
    """Of a customer with an owner; None: no version in force takes it, or one by a basis that this app does not know (D-156, D-157)."""
    today = local_day(around.now_ms, around.time_zone)
    rule = in_force(rules, today)
    if standing.owner_id is None or rule is None or rule.basis not in BASES:
        return None
    rule = by_policy(rule, around.policy, standing.tier)
    known = _contacted(standing, around.contact_ms)
    touched = replace(_contacted(known, around.now_ms), last_visit_ms=max(known.last_visit_ms or 0, around.now_ms))
    due = due_day(known, rule, around.time_zone)
    kept_by, kept_until_ms = _kept(known, rule, around)
    return Countdown(
        due_day=due,
        days=max(0, due - today),
        basis=rule.basis,
        touched_day=None if rule.basis is ReclaimBasis.held else due_day(touched, rule, around.time_zone),
        kept_by=kept_by,
        kept_until_ms=kept_until_ms,
        judged_later=rule.basis is ReclaimBasis.visit and (around.visit_ms or 0) > since_ms(known, rule.basis),
    )


def _contacted(standing: Standing, at_ms: int | None) -> Standing:
    return replace(standing, last_contact_ms=max(standing.last_contact_ms or 0, at_ms)) if at_ms is not None else standing


def _kept(standing: Standing, rule: ReclaimRule, around: Around) -> tuple[str, int | None]:
    """An exemption whose end nobody knows; else the one that ends last."""
    waits = next((name for name in rule.exempt if name in around.waits), None)
    if waits is not None:
        return waits, None
    ends = [((ENDS[name](standing) or 0), name) for name in rule.exempt if name in ENDS]
    until, name = max((one for one in ends if one[0] > around.now_ms), default=(None, ""))
    return name, until
