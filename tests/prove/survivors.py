"""Random changes of `sync/` that are no bugs, each with the reason: the module behaves alike, or better than its duty asks."""

from collections.abc import Mapping
from typing import Final

from tests.prove.sources import Mutant

REASONS: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "sync.merge",
        "any(map(sets.is_change, values.values()))",
        "all(map(sets.is_change, values.values()))",
    ): "a set is a group of one slot",
    ("sync.news", "before != state.holders(customer_id)", "True"): "of who did not change nothing is told: it saves a look",
    ("sync.news", "family_of(BY_NUMBER[key[0]], state.held[key].record) in moved", "True"): "the same",
    ("sync.contribution", "0", "1"): "`State.write` gives the rev",
    ("sync.contribution", "0", "-1"): "`State.write` gives the rev",
    ("sync.state", "0", "-1"): "no rev lies below 0, nor does the floor",
}
"""(module, text before, text after) → why nobody can tell the difference."""


def reason(one: Mutant) -> str:
    """Why a survivor is no bug; empty when that is not known."""
    return REASONS.get((one.module, one.before, one.after), "")
