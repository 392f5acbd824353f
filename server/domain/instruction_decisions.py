"""The author's decisions about an instruction: it is confirmed, returned for another round, or cancelled (D-809). Once the author has left,
another decides (D-813)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from server.domain.feature import Answer, Given, Verb
from server.domain.instruction_answers import reached
from server.domain.instruction_escalations import scheduled
from server.domain.instruction_notices import facts, happening, has_left, readers, tell
from server.domain.needs import Above, Asking, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.instruction import (
    ROUND_MAX,
    Cancel,
    Confirm,
    DecideInstruction,
    Instruction,
    InstructionState,
    Return,
    Step,
)
from shared_schema.records.reference import Person, Role
from sync.decode import Intent
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

ENDED: Final = frozenset({InstructionState.declined, InstructionState.done})
"""States in which the rep has given an answer that the author may return."""
KINDS: Final[Mapping[InstructionState, str]] = {
    InstructionState.confirmed: "instruction_confirmed",
    InstructionState.sent: "instruction_returned",
    InstructionState.cancelled: "instruction_cancelled",
}
"""The kind of the notice of each decision, by the state to which it leads."""


def to_decide(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The people, and the managers above the rep if the author has left."""
    known = asking.state.find(Instruction, intent.mutation.id)
    yield Rows(Person, frozenset({asking.actor.user_id} | ({known.rep_id, known.author_id} if known is not None else set())))
    if known is not None and has_left(asking.state, known.author_id):
        yield Above(known.rep_id)


def in_place_of_author(actor: Actor, state: State, known: Instruction) -> bool:
    """Whether the author has left, and the actor is the nearest manager above the rep, or an admin where there is none (D-813)."""
    if not has_left(state, known.author_id):
        return False
    above = readers(state, known)
    return actor.user_id == above[0] if above else actor.role is Role.admin


def confirm(actor: Actor, state: State, known: Instruction, command: Confirm, entered: Entered) -> tuple[Instruction, ...]:
    """The author takes it as done. Raises Problem(forbidden | state_wrong)."""
    _may_decide(actor, state, known)
    if known.state is InstructionState.confirmed and _is_round(known, command.round):
        return ()
    _require(known, command.round, known.state is InstructionState.done)
    return _decided(actor, state, reached(known, InstructionState.confirmed, entered))


def cancel(actor: Actor, state: State, known: Instruction, command: Cancel, entered: Entered) -> tuple[Instruction, ...]:
    """The author no longer wants it, and it is not done. Raises Problem(forbidden | state_wrong)."""
    _may_decide(actor, state, known)
    if known.state is InstructionState.cancelled and _is_round(known, command.round):
        return ()
    _require(known, command.round, known.state < InstructionState.done)
    after = replace(reached(known, InstructionState.cancelled, entered), reason=command.reason)
    return _decided(actor, state, after)


def give_back(actor: Actor, state: State, known: Instruction, command: Return, entered: Entered) -> tuple[Instruction, ...]:
    """It is open again for the rep, in a new round without visit or reply. Raises Problem(forbidden | state_wrong | rule_broken)."""
    _may_decide(actor, state, known)
    if command.round and command.round + 1 == known.round and command.reason == known.reason:
        return ()
    _require(known, command.round, known.state in ENDED)
    if has_left(state, known.rep_id) or (known.customer_id is not None and known.rep_id not in state.holders(known.customer_id)):
        raise Problem(Code.state_wrong, "the rep no longer follows this up: give a new instruction to the user who does")
    if known.round >= ROUND_MAX:
        raise Problem(Code.rule_broken, "this instruction was returned too often: give a new one")
    now_ms = entered.moment.now_ms
    began = (Step(InstructionState.sent, entered.occurred_ms, now_ms),)
    opened = replace(
        known,
        state=InstructionState.sent,
        changed_ms=now_ms,
        due_ms=command.due_ms if command.due_ms is not None else known.due_ms,
        visit_id=None,
        reply="",
        reason=command.reason,
        round=known.round + 1,
        steps=began,
        escalated=0,
    )
    return _decided(actor, state, scheduled(opened))


def at_desk(asked: DecideInstruction) -> Given:
    """The command of the same name. Raises Problem(rule_broken) for a return without a reason."""
    if asked.decision == "confirm":
        return Given(Instruction, asked.instruction_id, Confirm(asked.round))
    if asked.decision == "cancel":
        return Given(Instruction, asked.instruction_id, Cancel(asked.reason, asked.round))
    if not asked.reason:
        raise Problem(Code.rule_broken, "say why the instruction goes back to the rep", field="reason")
    return Given(Instruction, asked.instruction_id, Return(asked.reason, asked.due_ms, asked.round))


def _shown(state: State, asked: DecideInstruction, _counts: Mapping[str, int]) -> Instruction:
    known = state.find(Instruction, asked.instruction_id)
    assert known is not None  # noqa: S101 - it was decided just now
    return known


def _may_decide(actor: Actor, state: State, known: Instruction) -> None:
    if not (actor.user_id == known.author_id or in_place_of_author(actor, state, known)):
        raise Problem(Code.forbidden, "the author of an instruction confirms, returns or cancels it")


def _is_round(known: Instruction, named: int) -> bool:
    return named in (0, known.round)


def _require(known: Instruction, named: int, fits: bool) -> None:
    if not fits or not _is_round(known, named):
        again = f" for the {known.round}. time" if known.round > 1 else ""
        raise Problem(Code.state_wrong, f"the instruction is {known.state.name}{again} by now")


def _decided(actor: Actor, state: State, after: Instruction) -> tuple[Instruction, ...]:
    """The rep is told (D-808)."""
    if not has_left(state, after.rep_id):
        tell(actor, state, Heard(KINDS[after.state], after.rep_id, happening(after), facts(actor, state, after), after.id))
    return (after,)


ANSWERS: Final = (
    Answer(Instruction, Confirm, confirm, to_decide, in_place_of_author),
    Answer(Instruction, Return, give_back, to_decide, in_place_of_author),
    Answer(Instruction, Cancel, cancel, to_decide, in_place_of_author),
)
DECIDE: Final = Verb("/v1/desk/instructions/{instruction_id}/decisions", DecideInstruction, Instruction, _shown, enters=at_desk)
