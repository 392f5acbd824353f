"""Every noun of Outrider: one line each."""

from typing import Final

from server.domain import contributions, customers, facts, ownership, pools, quotes, samples, team

FEATURES: Final = (
    customers.FEATURE,
    ownership.FEATURE,
    pools.FEATURE,
    facts.FEATURE,
    samples.FEATURE,
    quotes.FEATURE,
    team.FEATURE,
    contributions.FEATURE,
)
