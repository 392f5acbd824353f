"""Every noun of Outrider: one line each."""

from typing import Final

from server.domain import contributions, customers, facts, pools, quotes, samples, team

FEATURES: Final = (customers.FEATURE, facts.FEATURE, samples.FEATURE, quotes.FEATURE, team.FEATURE, pools.FEATURE, contributions.FEATURE)
