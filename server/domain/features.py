"""Every noun of Outrider: one line each."""

from typing import Final

from server.domain import catalogue, contributions, customers, facts, ownership, pools, quotes, samples, team

FEATURES: Final = (
    catalogue.FEATURE,
    customers.FEATURE,
    ownership.FEATURE,
    pools.FEATURE,
    facts.FEATURE,
    samples.FEATURE,
    quotes.FEATURE,
    team.FEATURE,
    contributions.FEATURE,
)
