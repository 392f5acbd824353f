"""Instructions: the managers who give one, the rep's answers, and the notices to both (D-8xx)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import asdict, replace

from server.domain.feature import LEADERS, Answer, Feature, Listing, Verb
from server.domain.needs import Asking, Leavers, Need, Rows, Superiors
from server.domain.ownership import may_hold
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Customer
from shared_schema.records.instruction import Acknowledge, Decline, Finish, Instruct, Instruction, InstructionState, Start
from shared_schema.records.reference import Person
from sync.decode import Intent
from sync.rules import Actor, Entered
from sync.state import Heard, State

KINDS: Final[Mapping[InstructionState, str]] = {
    InstructionState.acknowledged: "instruction_answered",
    InstructionState.started: "instruction_answered",
    InstructionState.declined: "instruction_declined",
    InstructionState.done: "instruction_done",
}
"""The kind of the notice of each answer."""

# the needs


def to_give(asking: Asking, asked: Instruct) -> Iterable[Need]:
    """The instruction, if this request came before; the two people; the customer and its followers."""
    yield Rows(Instruction, frozenset({asked.id}))
    yield Rows(Person, frozenset({asking.actor.user_id, asked.rep_id}))
    yield Leavers()
    if asked.customer_id is not None:
        yield Rows(Customer, frozenset({asked.customer_id}))


def to_answer(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The rep by name, the visit by which the instruction was done, and its author; the managers above the rep if the author has left."""
    known = asking.state.find(Instruction, intent.mutation.id)
    yield Rows(Person, frozenset({asking.actor.user_id} | ({known.author_id} if known is not None else set())))
    if known is not None and _has_left(asking.state, known.author_id):
        yield Superiors()
    if isinstance(intent.command, Finish) and intent.command.visit_id is not None:
        yield Rows(Visit, frozenset({intent.command.visit_id}))


# the desk's requests


def give(actor: Actor, state: State, asked: Instruct, entered: Entered) -> tuple[Instruction, ...]:
    """A new instruction (D-801, D-805); nothing when this one was given before.

    Raises Problem(not_found | out_of_scope | rule_broken | id_taken).
    """
    said = asdict(asked)
    known = state.find(Instruction, asked.id)
    if known is not None and known.author_id == actor.user_id and said.items() <= asdict(known).items():
        return ()
    if known is not None:
        raise Problem(Code.id_taken, "an instruction with this id and other content exists")
    now_ms = entered.moment.now_ms
    may_hold(actor, state, asked.rep_id, "rep_id")
    if asked.customer_id is not None and asked.rep_id not in state.holders(asked.customer_id):
        raise Problem(Code.out_of_scope, "not a customer that this user follows up", field="customer_id")
    if asked.due_ms is not None and asked.due_ms <= now_ms:
        raise Problem(Code.rule_broken, "an instruction is due in the future", field="due_ms")
    made = Instruction(rev=0, author_id=actor.user_id, sent_ms=now_ms, changed_ms=now_ms, **said)
    _tell(actor, state, Heard("instructed", made.rep_id, made.id, _facts(actor, state, made)))
    return (made,)


def given(state: State, asked: Instruct, _counts: Mapping[str, int]) -> Instruction:
    """The instruction as it stands."""
    known = state.find(Instruction, asked.id)
    assert known is not None  # noqa: S101 - it was given just now, or before
    return known


# how the rep answers


def acknowledge(actor: Actor, state: State, known: Instruction, _command: Acknowledge, entered: Entered) -> tuple[Instruction, ...]:
    """The rep has understood. Raises Problem(forbidden)."""
    return _answered(actor, state, known, replace(known, state=InstructionState.acknowledged, changed_ms=entered.moment.now_ms))


def start(actor: Actor, state: State, known: Instruction, _command: Start, entered: Entered) -> tuple[Instruction, ...]:
    """The rep works on it. Raises Problem(forbidden)."""
    return _answered(actor, state, known, replace(known, state=InstructionState.started, changed_ms=entered.moment.now_ms))


def finish(actor: Actor, state: State, known: Instruction, command: Finish, entered: Entered) -> tuple[Instruction, ...]:
    """The rep has done it, by a visit perhaps; a later word may still name the visit (D-804). Raises Problem(forbidden)."""
    done = known
    if known.state != InstructionState.done:
        done = replace(known, state=InstructionState.done, reason="", changed_ms=entered.moment.now_ms)
    after = replace(done, visit_id=known.visit_id or _its_visit(actor, state, known, command.visit_id))
    return _answered(actor, state, known, after)


def decline(actor: Actor, state: State, known: Instruction, command: Decline, entered: Entered) -> tuple[Instruction, ...]:
    """The rep will not do it. Raises Problem(forbidden)."""
    after = replace(known, state=InstructionState.declined, reason=command.reason, changed_ms=entered.moment.now_ms)
    return _answered(actor, state, known, after)


def _answered(actor: Actor, state: State, known: Instruction, after: Instruction) -> tuple[Instruction, ...]:
    """Returns nothing if the answer tells nothing new, so the order of arrival does not matter (D-802)."""
    if actor.user_id != known.rep_id:
        raise Problem(Code.forbidden, "the user to whom an instruction was given answers it")
    if after.state <= known.state and after.visit_id == known.visit_id:
        return ()
    _report(actor, state, known, after)
    return (after,)


def _its_visit(actor: Actor, state: State, known: Instruction, visit_id: bytes | None) -> bytes | None:
    """The visit that the rep names, unless it is not the rep's own, or of another customer; the rep's word counts without it (D-804)."""
    visit = state.find(Visit, visit_id) if visit_id is not None else None
    if visit is None or visit.author_id != actor.user_id or known.customer_id not in (None, visit.customer_id):
        return None
    return visit.id


# the notices


def _facts(actor: Actor, state: State, instruction: Instruction) -> dict[str, str]:
    person = state.find(Person, actor.user_id)
    return {"actor": person.name if person is not None else "", "text": instruction.text, "reason": instruction.reason}


def _report(actor: Actor, state: State, known: Instruction, after: Instruction) -> None:
    """The author is told of the first answer of each kind; if the author has left, the nearest manager above the rep is (D-808)."""
    readers = state.superiors if _has_left(state, known.author_id) else (known.author_id,)
    if readers and KINDS[after.state] != KINDS.get(known.state):
        _tell(actor, state, Heard(KINDS[after.state], readers[0], known.id, _facts(actor, state, after)))


def _has_left(state: State, user_id: bytes) -> bool:
    person = state.find(Person, user_id)
    return person is not None and not person.active


def _tell(actor: Actor, state: State, heard: Heard) -> None:
    """Nobody is told of an own instruction or answer."""
    if heard.user_id != actor.user_id:
        state.notices.append(heard)


NOTICES: Final[Texts] = {
    "instructed": {
        Language.en: Words("Instruction from {actor}", "{text}"),
        Language.zh: Words("{actor}的工作指令", "{text}"),
    },
    "instruction_answered": {
        Language.en: Words("{actor} has the instruction", "{actor} has understood: {text}"),
        Language.zh: Words("{actor}已收到指令", "{actor}已确认指令：{text}"),
    },
    "instruction_declined": {
        Language.en: Words("{actor} declined an instruction", "{text} Reason: {reason}"),
        Language.zh: Words("{actor}未接受指令", "指令：{text} 原因：{reason}"),
    },
    "instruction_done": {
        Language.en: Words("{actor} is done", "Done: {text}"),
        Language.zh: Words("{actor}已完成指令", "已完成：{text}"),
    },
}
FEATURE: Final = Feature(
    answers=(
        Answer(Instruction, Acknowledge, acknowledge, to_answer),
        Answer(Instruction, Start, start, to_answer),
        Answer(Instruction, Finish, finish, to_answer),
        Answer(Instruction, Decline, decline, to_answer),
    ),
    verbs=(Verb("/v1/desk/instructions", Instruct, Instruction, LEADERS, given, give, to_give),),
    lists=(Listing(Instruction, "List the instructions of the caller and of the reports.", filters=("state", "rep_id"), newest="sent_ms"),),
    notices=NOTICES,
)
