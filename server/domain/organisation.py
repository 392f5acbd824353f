"""The organisation's own profile."""

from typing import Final

from server.domain import festivals, notifications, numbers, time_zones
from server.domain.feature import Feature, Table
from shared_schema.records.reference import Organisation, OrganisationRequest
from sync.state import State


def judge(_state: State, profile: Organisation) -> tuple[Organisation]:
    """Raises Problem(rule_broken) for a time zone that is none (D-001), a calendar that is none (D-929), a region that is none (D-151),
    half of the quiet hours (D-905)."""
    time_zones.require_known(profile.time_zone)
    festivals.require_known(profile.festivals)
    numbers.require_region(profile.phone_region)
    notifications.require_both(profile)
    return (profile,)


PROFILE: Final = Table(
    Organisation,
    OrganisationRequest,
    "Rename the organisation, or correct its time zone (D-001).",
    "Show the organisation's profile.",
    judge=judge,
)
FEATURE: Final = Feature(tables=(PROFILE,))
