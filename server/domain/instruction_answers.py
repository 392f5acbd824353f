"""The rep's answers to an instruction, and the receipts of the rep's devices (D-802 to D-804)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from server.domain.feature import Answer
from server.domain.instruction_escalations import scheduled, steps_of
from server.domain.instruction_notices import facts, happening, has_left, readers, tell
from server.domain.needs import Above, Asking, Need, Rows
from shared_schema.places import Verdict
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import Visit
from shared_schema.records.instruction import (
    Acknowledge,
    Decline,
    Deliver,
    Finish,
    Instruction,
    InstructionState,
    Read,
    Receipt,
    Requires,
    Start,
    Step,
)
from shared_schema.records.reference import Person
from sync.decode import Intent
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

KINDS: Final[Mapping[InstructionState, str]] = {
    InstructionState.acknowledged: "instruction_answered",
    InstructionState.started: "instruction_answered",
    InstructionState.declined: "instruction_declined",
    InstructionState.done: "instruction_done",
}
"""The kind of the notice of each answer; a receipt is told to nobody."""
PROVEN: Final = frozenset({Verdict.verified, Verdict.probable})


def to_answer(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The people, the visit by which the instruction was done, and the managers above the rep if the author has left."""
    known = asking.state.find(Instruction, intent.mutation.id)
    yield Rows(Person, frozenset({asking.actor.user_id} | ({known.author_id} if known is not None else set())))
    if known is not None and has_left(asking.state, known.author_id):
        yield Above(known.rep_id)
    if isinstance(intent.command, Finish) and intent.command.visit_id is not None:
        yield Rows(Visit, frozenset({intent.command.visit_id}))


def reached(known: Instruction, state: InstructionState, entered: Entered) -> Instruction:
    """The instruction in this state, with its step and the escalations that are left."""
    now_ms = entered.moment.now_ms
    steps = (*steps_of(known), Step(state, entered.occurred_ms, now_ms))
    return scheduled(replace(known, state=state, changed_ms=now_ms, steps=steps))


def deliver(actor: Actor, state: State, known: Instruction, command: Deliver, entered: Entered) -> tuple[Instruction, ...]:
    """A device of the rep has stored it. Raises Problem(forbidden)."""
    return _risen(actor, state, known, command, InstructionState.delivered, entered)


def read(actor: Actor, state: State, known: Instruction, command: Read, entered: Entered) -> tuple[Instruction, ...]:
    """The rep has opened it. Raises Problem(forbidden)."""
    return _risen(actor, state, known, command, InstructionState.read, entered)


def acknowledge(actor: Actor, state: State, known: Instruction, command: Acknowledge, entered: Entered) -> tuple[Instruction, ...]:
    """The rep has understood the instruction. Raises Problem(forbidden)."""
    return _risen(actor, state, known, command, InstructionState.acknowledged, entered)


def start(actor: Actor, state: State, known: Instruction, command: Start, entered: Entered) -> tuple[Instruction, ...]:
    """The rep works on it. Raises Problem(forbidden)."""
    return _risen(actor, state, known, command, InstructionState.started, entered)


def decline(actor: Actor, state: State, known: Instruction, command: Decline, entered: Entered) -> tuple[Instruction, ...]:
    """The rep will not do it. Raises Problem(forbidden)."""
    if not _is_asked(actor, known, command.round) or known.state >= InstructionState.declined:
        return ()
    return _told(actor, state, known, replace(reached(known, InstructionState.declined, entered), reason=command.reason))


def finish(actor: Actor, state: State, known: Instruction, command: Finish, entered: Entered) -> tuple[Instruction, ...]:
    """The rep has done it. A later word may still name the visit or bring the reply, also when the author ended it meanwhile (D-804).

    Raises Problem(forbidden | rule_broken).
    """
    if not _is_asked(actor, known, command.round):
        return ()
    visit = _its_visit(actor, state, known, command.visit_id)
    visit_id = known.visit_id or (visit.id if visit is not None else None)
    said = replace(known, visit_id=visit_id, reply=known.reply or command.reply)
    if known.state < InstructionState.done:
        _require(said, visit)
        return _told(actor, state, known, replace(reached(said, InstructionState.done, entered), reason=""))
    if any(one.state is InstructionState.done for one in steps_of(known)):
        return (said,) if said != known else ()
    late = Step(InstructionState.done, entered.occurred_ms, entered.moment.now_ms)
    return _told(actor, state, known, replace(said, steps=(*steps_of(known), late)), InstructionState.done)


def _risen(
    actor: Actor, state: State, known: Instruction, command: Receipt, level: InstructionState, entered: Entered
) -> tuple[Instruction, ...]:
    """Returns nothing if the answer tells nothing new, so the order of arrival does not matter (D-802)."""
    if not _is_asked(actor, known, command.round) or level <= known.state:
        return ()
    return _told(actor, state, known, reached(known, level, entered))


def _is_asked(actor: Actor, known: Instruction, named: int) -> bool:
    """Whether an answer is to the round that stands. Raises Problem(forbidden)."""
    if actor.user_id != known.rep_id:
        raise Problem(Code.forbidden, "the user to whom an instruction was given answers it")
    return named in (0, known.round)


def _its_visit(actor: Actor, state: State, known: Instruction, visit_id: bytes | None) -> Visit | None:
    """The visit that the rep names, unless it is not the rep's own, or of another customer; the rep's word counts without it (D-804)."""
    visit = state.find(Visit, visit_id) if visit_id is not None else None
    if visit is None or visit.author_id != actor.user_id or known.customer_id not in (None, visit.customer_id):
        return None
    return visit


def _require(said: Instruction, visit: Visit | None) -> None:
    """Raises Problem(rule_broken) unless the answer brings what the instruction requires (D-804)."""
    if said.requires is Requires.reply and not said.reply:
        raise Problem(Code.rule_broken, "this instruction wants a reply: finish it with a few words", field="reply")
    if said.requires is Requires.visit and (visit is None or visit.withdrawn or visit.verdict not in PROVEN):
        words = "this instruction is done by a visit of yours to its customer whose place is verified or probable"
        raise Problem(Code.rule_broken, words, field="visit_id")


def _told(
    actor: Actor, state: State, known: Instruction, after: Instruction, level: InstructionState | None = None
) -> tuple[Instruction, ...]:
    """The author is told of the first answer of each kind (D-808)."""
    reached_now = after.state if level is None else level
    heard_by = readers(state, known)
    if reached_now in KINDS and heard_by and KINDS[reached_now] != KINDS.get(known.state):
        tell(actor, state, Heard(KINDS[reached_now], heard_by[0], happening(after), facts(actor, state, after), after.id))
    return (after,)


ANSWERS: Final = (
    Answer(Instruction, Deliver, deliver, to_answer),
    Answer(Instruction, Read, read, to_answer),
    Answer(Instruction, Acknowledge, acknowledge, to_answer),
    Answer(Instruction, Start, start, to_answer),
    Answer(Instruction, Finish, finish, to_answer),
    Answer(Instruction, Decline, decline, to_answer),
)
