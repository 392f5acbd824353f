"""Every noun of Outrider: one line each."""

from typing import Final

from server.domain import (
    catalogue,
    contributions,
    custom_fields,
    customers,
    departments,
    facts,
    instructions,
    organisation,
    ownership,
    pools,
    quotes,
    samples,
    team,
)

FEATURES: Final = (
    organisation.FEATURE,
    departments.FEATURE,
    catalogue.FEATURE,
    custom_fields.FEATURE,
    customers.FEATURE,
    ownership.FEATURE,
    pools.FEATURE,
    facts.FEATURE,
    samples.FEATURE,
    quotes.FEATURE,
    team.FEATURE,
    contributions.FEATURE,
    instructions.FEATURE,
)
