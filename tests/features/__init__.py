"""What each noun brings to the proof: a module per noun, which ends with PROOF, and a line here."""

from collections.abc import Mapping
from typing import Final

from tests.features import desk_customers, facts, instructions, pools, quotes, samples, team_notes
from tests.prove.proof import Proof

PROOFS: Final[Mapping[str, Proof]] = {
    "desk_customers": desk_customers.PROOF,
    "facts": facts.PROOF,
    "instructions": instructions.PROOF,
    "pools": pools.PROOF,
    "quotes": quotes.PROOF,
    "samples": samples.PROOF,
    "team_notes": team_notes.PROOF,
}
