"""Contributions: a holder of the customer settles a late edit (D-130)."""

from typing import Final

import msgspec

from server.domain.feature import Answer, Feature
from shared_schema.problem import Code, Problem
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from sync.rules import Actor, Entered
from sync.state import State


def settle(actor: Actor, _state: State, waits: Contribution, command: Settle, entered: Entered) -> tuple[Contribution]:
    """Taken over, or declined. Raises Problem(state_wrong)."""
    if waits.state != ContributionState.open:
        raise Problem(Code.state_wrong, f"the contribution is {waits.state.name} already")
    how = ContributionState.taken if command.taken else ContributionState.declined
    return (msgspec.structs.replace(waits, state=how, decided_by_id=actor.user_id, decided_ms=entered.moment.now_ms),)


FEATURE: Final = Feature(answers=(Answer(Contribution, Settle, settle),))
