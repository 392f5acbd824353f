"""Escalations of an instruction: when it is told to its author, then to the manager above, that it is unread, unacknowledged or overdue
(D-812)."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from server.domain.feature import Job
from server.domain.instruction_notices import facts, happening, readers, tell
from server.domain.needs import Above, Asking, Need, Rows
from shared_schema.records.instruction import Instruction, InstructionState, Step
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


class Escalation(NamedTuple):
    """One escalation: its bit in `Instruction.escalated`, and the state that ends it.

    `after_ms`: since the round began, or since the deadline. `reader`: 0 the author, 1 the manager above.
    """

    bit: int
    ends: InstructionState
    after_ms: int
    reader: int
    of_deadline: bool = False


ESCALATIONS: Final = (
    Escalation(1, InstructionState.read, 2 * HOUR_MS, 0),
    Escalation(2, InstructionState.read, 2 * HOUR_MS + DAY_MS, 1),
    Escalation(4, InstructionState.acknowledged, DAY_MS, 0),
    Escalation(8, InstructionState.acknowledged, 2 * DAY_MS, 1),
    Escalation(16, InstructionState.declined, 0, 0, of_deadline=True),
    Escalation(32, InstructionState.declined, DAY_MS, 1, of_deadline=True),
)
"""In the order of their bits: the higher one presses more."""
KINDS: Final[Mapping[int, str]] = {
    1: "instruction_unread",
    2: "instruction_unread",
    4: "instruction_unanswered",
    8: "instruction_unanswered",
    16: "instruction_overdue",
    32: "instruction_overdue",
}
"""The kind of the notice of each bit."""


def steps_of(instruction: Instruction) -> tuple[Step, ...]:
    """The steps of this round; those of an instruction that is older than steps begin when it was sent."""
    return instruction.steps or (Step(InstructionState.sent, instruction.sent_ms, instruction.sent_ms),)


def scheduled(instruction: Instruction) -> Instruction:
    """The instruction with the escalations that still stand, and the moment of the next one. Nobody hears of an instruction to oneself."""
    standing = sum(one.bit for one in ESCALATIONS if instruction.escalated & one.bit and instruction.state < one.ends)
    moments = [at_ms for one in ESCALATIONS if not standing & one.bit and (at_ms := _moment_ms(instruction, one)) is not None]
    return replace(instruction, escalated=standing, tell_ms=min(moments, default=None))


def escalate(actor: Actor, state: State, known: Instruction, entered: Entered) -> tuple[Instruction, ...]:
    """Tell what is due, each to its reader, and once."""
    now_ms = entered.moment.now_ms
    due = [one for one in ESCALATIONS if not known.escalated & one.bit and (_moment_ms(known, one) or now_ms + 1) <= now_ms]
    told = readers(state, known)
    for one in due:
        if len(told) > one.reader:
            tell(actor, state, Heard(KINDS[one.bit], told[one.reader], happening(known), facts(actor, state, known), known.id))
    return (scheduled(replace(known, escalated=known.escalated | sum(one.bit for one in due))),)


def to_escalate(asking: Asking, due: Instruction) -> Iterable[Need]:
    """The instruction, its two people, and the managers above the author, or above the rep if the author has left."""
    yield Rows(Instruction, frozenset({due.id}))
    yield Rows(Person, frozenset({due.rep_id, due.author_id}))
    yield from (Above(due.author_id), Above(due.rep_id))


def _moment_ms(instruction: Instruction, one: Escalation) -> int | None:
    """When this is to be told; None: never."""
    if instruction.state >= one.ends or instruction.rep_id == instruction.author_id:
        return None
    since_ms = instruction.due_ms if one.of_deadline else steps_of(instruction)[0].heard_ms
    return since_ms + one.after_ms if since_ms is not None else None


ESCALATE: Final = Job("escalate", 30.0, Instruction, "tell_ms", escalate, to_escalate)
