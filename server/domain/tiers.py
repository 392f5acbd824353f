"""The tier policies as loaded, and the one in force on a day (D-670). Pure and total."""

from shared_schema.records.tier_policy import TierPolicy
from sync.agreed.tiers import policy_now
from sync.state import State


def policies_of(state: State) -> list[TierPolicy]:
    """All versions, the oldest first."""
    found = [held.record for held in state.held.values() if isinstance(held.record, TierPolicy)]
    return sorted(found, key=lambda policy: policy.version)


def policy_on(state: State, day: int) -> TierPolicy | None:
    """That in force on a day of the organisation; None: none has begun."""
    return policy_now(policies_of(state), day)
