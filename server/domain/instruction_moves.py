"""What a move does to an undone instruction: it goes on with its customer, or back to its author (D-811)."""

import hashlib
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from server.domain.feature import Follow, Parting
from server.domain.instruction_answers import reached
from server.domain.instruction_escalations import scheduled
from server.domain.instruction_notices import facts, happening, has_left, readers, tell
from server.domain.needs import Above, Asking, Need, Rows
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.instruction import Instruction, InstructionState, Step
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.rules import Actor, Entered, Moment
from sync.state import State

UNDONE: Final = frozenset(one for one in InstructionState if InstructionState.unknown < one < InstructionState.declined)
"""States in which the rep has not answered whether it is done."""


def to_move(asking: Asking, known: Instruction) -> Iterable[Need]:
    """The people by name, and the managers above the rep if the author has left."""
    if known.state in UNDONE:
        yield Rows(Person, frozenset({asking.actor.user_id, known.rep_id, known.author_id}))
        if has_left(asking.state, known.author_id):
            yield Above(known.rep_id)


def follow(actor: Actor, state: State, known: Instruction, moment: Moment) -> tuple[Instruction, ...]:
    """Its rep no longer follows up the customer: it closes, and the owner gets one of the same words. In a pool nobody gets it."""
    customer_id = known.customer_id
    standing = state.standing(customer_id) if customer_id is not None else None
    if standing is None or known.state not in UNDONE or known.rep_id in state.holders(standing.id):
        return ()
    closed = reached(known, InstructionState.moved, Entered(moment))
    if standing.owner_id is None:
        return (_back(actor, state, closed),)
    heir = _heir(known, standing.owner_id, moment)
    for reader in readers(state, known)[:1]:
        tell(actor, state, Heard("instruction_moved", reader, happening(closed), facts(actor, state, heir), closed.id))
    if any(_is_for(held.record, heir) for held in state.held.values()):
        return (closed,)
    tell(actor, state, Heard("instructed", heir.rep_id, happening(heir), facts(actor, state, heir) | _by_author(state, heir), heir.id))
    return closed, heir


def let_go(actor: Actor, state: State, known: Instruction, entered: Entered) -> tuple[Instruction, ...]:
    """Its rep leaves: it goes back to its author."""
    return (_back(actor, state, reached(known, InstructionState.moved, entered)),) if known.state in UNDONE else ()


def _back(actor: Actor, state: State, closed: Instruction) -> Instruction:
    for reader in readers(state, closed)[:1]:
        tell(actor, state, Heard("instruction_back", reader, happening(closed), facts(actor, state, closed), closed.id))
    return closed


def _heir(known: Instruction, owner_id: bytes, moment: Moment) -> Instruction:
    """The instruction of the owner: from the beginning, in its first round."""
    now_ms = moment.now_ms
    made = replace(
        known,
        id=hashlib.sha256(b"instruction moved:" + known.id + owner_id).digest()[:16],
        rev=0,
        rep_id=owner_id,
        state=InstructionState.sent,
        sent_ms=now_ms,
        changed_ms=now_ms,
        reason="",
        visit_id=None,
        reply="",
        round=1,
        steps=(Step(InstructionState.sent, now_ms, now_ms),),
        from_id=known.id,
        escalated=0,
    )
    return scheduled(made)


def _is_for(record: object, heir: Instruction) -> bool:
    """Whether the owner has this instruction of the same request already, and has not done it."""
    if not isinstance(record, Instruction) or record.state not in UNDONE:
        return False
    return (record.rep_id, record.batch_id, record.customer_id) == (heir.rep_id, heir.batch_id, heir.customer_id)


def _by_author(state: State, heir: Instruction) -> dict[str, str]:
    """The notice of a new instruction names its author, also if another user moved the customer."""
    author = state.find(Person, heir.author_id)
    return {"actor": author.name if author is not None else ""}


NOTICES: Final[Texts] = {
    "instruction_moved": {
        Language.en: Words(
            "An instruction went on to {rep}",
            "{customer} changed hands, and with it: {text}",
            "An instruction of yours went to somebody else",
        ),
        Language.zh: Words("指令已转给{rep}", "客户“{customer}”已转移，指令随之转移：{text}", "你的一条指令已转给他人"),
    },
    "instruction_back": {
        Language.en: Words(
            "An instruction came back to you",
            "{rep} no longer carries it out, and nobody else has it: {text}",
            "An instruction came back to you",
        ),
        Language.zh: Words("一条指令退回给你", "{rep}已不再执行，目前无人负责：{text}", "你的一条指令已无人执行"),
    },
}
FOLLOW: Final = Follow(Instruction, follow, to_move)
PARTING: Final = Parting(Instruction, "rep_id", "state", UNDONE, let_go, to_move)
