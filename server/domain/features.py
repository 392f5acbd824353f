"""Every noun of Outrider: one line each, a noun before those that name it; imports are offered in this order."""

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
    users,
)

FEATURES: Final = (
    organisation.FEATURE,
    departments.FEATURE,
    users.FEATURE,
    custom_fields.FEATURE,
    customers.FEATURE,
    catalogue.FEATURE,
    ownership.FEATURE,
    pools.FEATURE,
    facts.FEATURE,
    samples.FEATURE,
    quotes.FEATURE,
    team.FEATURE,
    contributions.FEATURE,
    instructions.FEATURE,
)
