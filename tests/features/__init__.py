"""What each noun brings to the proof: a module per noun, which ends with PROOF, and a line here."""

from collections.abc import Mapping
from typing import Final

from tests.features import (
    archive,
    assignment,
    contests,
    desk_customers,
    duplicates,
    erasures,
    extensions,
    facts,
    holds,
    instructions,
    notifications,
    orders,
    placings,
    pools,
    quotes,
    reclaims,
    regions,
    reminders,
    samples,
    team_notes,
    tier_policies,
    tier_setting,
    whereabouts,
)
from tests.prove.proof import Proof

PROOFS: Final[Mapping[str, Proof]] = {
    "desk_customers": desk_customers.PROOF,
    "assignment": assignment.PROOF,
    "duplicates": duplicates.PROOF,
    "erasures": erasures.PROOF,
    "extensions": extensions.PROOF,
    "facts": facts.PROOF,
    "instructions": instructions.PROOF,
    "notifications": notifications.PROOF,
    "orders": orders.PROOF,
    "placings": placings.PROOF,
    "pools": pools.PROOF,
    "archive": archive.PROOF,  # its preparation needs a pool
    "contests": contests.PROOF,  # its preparation needs a pool
    "holds": holds.PROOF,  # this one too
    "quotes": quotes.PROOF,
    "reclaims": reclaims.PROOF,
    "regions": regions.PROOF,
    "reminders": reminders.PROOF,
    "samples": samples.PROOF,
    "team_notes": team_notes.PROOF,
    "tier_setting": tier_setting.PROOF,
    "tier_policies": tier_policies.PROOF,
    "whereabouts": whereabouts.PROOF,
}
