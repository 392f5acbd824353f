"""Contributions: who holds the customer now says what became of a late edit (D-130)."""

import msgspec

from shared_schema.commands import Command, Settle
from shared_schema.problem import Code, Problem
from shared_schema.records.contribution import Contribution, ContributionState
from sync.rules import Actor, Entered
from sync.state import Held, State


def settle(actor: Actor, _state: State, held: Held, command: Command, entered: Entered) -> tuple[Contribution]:
    """Taken over, or declined.

    Raises Problem(command_unknown | state_wrong).
    """
    waits = held.record
    if not isinstance(waits, Contribution) or not isinstance(command, Settle):
        raise Problem(Code.command_unknown, "only a contribution is settled")
    if waits.state != ContributionState.open:
        raise Problem(Code.state_wrong, f"the contribution is {waits.state.name} already")
    how = ContributionState.taken if command.taken else ContributionState.declined
    return (msgspec.structs.replace(waits, state=how, decided_by_id=actor.user_id, decided_ms=entered.moment.now_ms),)
