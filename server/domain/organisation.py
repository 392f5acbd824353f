"""The organisation's own profile."""

from typing import Final

from server.domain import time_zones
from server.domain.feature import Feature, Table
from shared_schema.records.reference import Organisation, OrganisationRequest
from sync.state import State


def judge(_state: State, profile: Organisation) -> tuple[Organisation]:
    """Raises Problem(rule_broken) for a time zone that is none (D-001)."""
    time_zones.require_known(profile.time_zone)
    return (profile,)


PROFILE: Final = Table(
    Organisation,
    OrganisationRequest,
    "Rename the organisation, or correct its time zone (D-001).",
    "Show the organisation's profile.",
    judge=judge,
)
FEATURE: Final = Feature(tables=(PROFILE,))
