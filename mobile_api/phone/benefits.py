"""What the tier of a customer gives, in the terminal's words (D-673, D-674)."""

from mobile_api.phone.measures import day_text, decimal
from mobile_api.phone.screen import Screen
from shared_schema.records.customer import Standing
from sync.agreed.tiers import contact_due_day, discount_limit_bps, of_tier

PERCENT_DIGITS = 2


def benefits(screen: Screen, standing: Standing | None) -> str:
    """The highest discount, and by when the next contact is due; empty: no policy gives anything."""
    policy = screen.tier_policy()
    if policy is None or standing is None:
        return ""
    limit_bps = discount_limit_bps(policy, standing.tier, None) or 0
    due_day = contact_due_day(standing, of_tier(policy.contact_days, standing.tier), screen.organisation().time_zone)
    tier = standing.tier.name.upper() if standing.tier else "–"
    return screen.words("benefits_told", tier=tier, percent=decimal(limit_bps, PERCENT_DIGITS), day=day_text(due_day))
