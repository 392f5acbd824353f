"""What the desk asks about the tier of a customer (D-656). The tier itself is a slot of the standing."""

from msgspec import Struct

from shared_schema.records.base import Told
from shared_schema.records.customer import Tier
from shared_schema.scalars import Day, EpochMs, Id, Line


class SetTier(Struct, frozen=True, forbid_unknown_fields=True):
    """Set the tier of a customer by hand until a day (D-656). `until_day`: the first day on which it has the earned tier again.

    `tier` unknown: it has the earned one from now on."""

    customer_id: Id
    tier: Tier = Tier.unknown
    until_day: Day | None = None
    reason: Line = ""


class TierSet(Told, frozen=True, kw_only=True):
    """The tier in which the customer stands by now."""

    tier: Tier
    earned_tier: Tier
    tier_set_until_ms: EpochMs | None
