"""Instructions: the managers who give one, its recipients, and the lists of the desk (D-801, D-805 to D-807)."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import asdict

from geo.datum import known_position
from server.domain import instruction_answers, instruction_decisions, instruction_moves
from server.domain.access import FIELD_ROLES
from server.domain.feature import Feature, Listing, Verb
from server.domain.instruction_escalations import ESCALATE, scheduled
from server.domain.instruction_notices import NOTICES, facts, happening, tell
from server.domain.needs import Asking, Every, Leavers, Need, Rows
from server.domain.ownership import may_hold
from server.domain.tree import parents_of, subtree
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.instruction import RECIPIENTS_MAX, Instruct, Instructed, Instruction, InstructionState, Requires, Step
from shared_schema.records.reference import Department, Person, Role
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import State

WORDS: Final = ("text", "customer_id", "priority", "due_ms", "requires", "place", "latitude_e6", "longitude_e6", "datum")
"""What a request says to each of its recipients."""
FILTERS: Final = ("state", "rep_id", "author_id", "customer_id", "batch_id")


def to_give(asking: Asking, asked: Instruct) -> Iterable[Need]:
    """The instructions, if this request came before; the people; the customer and its followers; the department's users."""
    yield Rows(Instruction, frozenset({asked.id}))
    yield Rows(Instruction, frozenset({asked.id}), by="batch_id")
    named = {asked.rep_id} if asked.rep_id is not None else set()
    yield Rows(Person, frozenset({asking.actor.user_id, *named, *asked.user_ids}))
    yield Leavers()
    if asked.customer_id is not None:
        yield Rows(Customer, frozenset({asked.customer_id}))
        yield Rows(Person, asking.state.holders(asked.customer_id))
    if asked.department_id is not None:
        yield Every(Department)
        yield Rows(Person, subtree(parents_of(asking.state), asked.department_id), by="department_id")


def give(actor: Actor, state: State, asked: Instruct, entered: Entered) -> tuple[Instruction, ...]:
    """A new instruction for each recipient (D-801, D-805); nothing when they were given before.

    Raises Problem(not_found | out_of_scope | rule_broken | id_taken).
    """
    if _was_given(actor, state, asked):
        return ()
    now_ms = entered.moment.now_ms
    _judge(asked, now_ms)
    recipients = _recipients(actor, state, asked)
    if asked.customer_id is not None and recipients - state.holders(asked.customer_id):
        raise Problem(Code.out_of_scope, "not a customer that this user follows up", field="customer_id")
    made = tuple(_made(actor, asked, rep_id, now_ms) for rep_id in sorted(recipients))
    for one in made:
        tell(actor, state, Heard("instructed", one.rep_id, happening(one), facts(actor, state, one), one.id))
    return made


def given(state: State, asked: Instruct, _counts: Mapping[str, int]) -> Instructed:
    """The instructions as they stand."""
    return Instructed(id=asked.id, items=_given(state, asked.id))


def instruction_id(batch_id: bytes, rep_id: bytes) -> bytes:
    """The instruction of one of several recipients: the same on every try."""
    return hashlib.sha256(b"instruction:" + batch_id + rep_id).digest()[:16]


def _given(state: State, batch_id: bytes) -> list[Instruction]:
    """What a request gave, in the order of the ids; not what went on to others since."""
    found = [held.record for held in state.held.values() if isinstance(held.record, Instruction)]
    return sorted((one for one in found if one.batch_id == batch_id and one.from_id is None), key=lambda one: one.id)


def _was_given(actor: Actor, state: State, asked: Instruct) -> bool:
    """Whether this request came before (D-806). Raises Problem(id_taken) if another one has its id."""
    before = _given(state, asked.id)
    if not before and state.find(Instruction, asked.id) is None:
        return False
    said = {name: value for name, value in asdict(asked).items() if name in WORDS}
    named = {asked.rep_id} if asked.rep_id is not None else set(asked.user_ids)
    for one in before:
        moved_on = {"due_ms"} if one.round > 1 else set()
        same = all(getattr(one, name) == value for name, value in said.items() if name not in moved_on)
        if one.author_id != actor.user_id or not same or (one.id == asked.id) != (asked.rep_id is not None):
            break
    else:
        if before and (not named or named == {one.rep_id for one in before}):
            return True
    raise Problem(Code.id_taken, "an instruction with this id and other content exists")


def _judge(asked: Instruct, now_ms: int) -> None:
    """Raises Problem(rule_broken) with the field at fault."""
    if asked.due_ms is not None and asked.due_ms <= now_ms:
        raise Problem(Code.rule_broken, "an instruction is due in the future", field="due_ms")
    if asked.requires in (Requires.unknown, Requires.photo):
        raise Problem(Code.rule_broken, "an instruction requires nothing, a reply or a visit", field="requires")
    if asked.customer_id is None and (asked.followers or asked.requires is Requires.visit):
        raise Problem(Code.rule_broken, "name the customer whose followers it is for, or who is to be visited", field="customer_id")
    forms = (asked.rep_id is not None, bool(asked.user_ids), asked.department_id is not None, asked.followers)
    if sum(forms) != 1:
        raise Problem(Code.rule_broken, "an instruction is for a rep, for users, for a department or for followers", field="user_ids")
    placed = (asked.latitude_e6, asked.longitude_e6) != (None, None)
    if placed and known_position(asked.datum, asked.latitude_e6, asked.longitude_e6) is None:
        raise Problem(Code.rule_broken, "a position is a latitude, a longitude and their datum", field="latitude_e6")


def _recipients(actor: Actor, state: State, asked: Instruct) -> frozenset[bytes]:
    """The users whom a request names, by its form: at least one, and at most RECIPIENTS_MAX."""
    if asked.department_id is not None:
        found, field = _members(actor, state, asked.department_id), "department_id"
    elif asked.followers:
        found, field = state.holders(asked.customer_id or b""), "customer_id"
    elif asked.rep_id is not None:
        found, field = frozenset({asked.rep_id}), "rep_id"
    else:
        found, field = frozenset(asked.user_ids), "user_ids"
    for user_id in sorted(found):
        _may_instruct(actor, state, user_id, field)
    if not found and asked.followers:
        raise Problem(Code.out_of_scope, "not a customer that a user of yours follows up", field=field)
    if not 0 < len(found) <= RECIPIENTS_MAX:
        raise Problem(Code.rule_broken, f"an instruction has 1 to {RECIPIENTS_MAX} recipients, here {len(found)}", field=field)
    return found


def _members(actor: Actor, state: State, department_id: bytes) -> frozenset[bytes]:
    """The active reps and managers of a department and of all below it, without the author."""
    if actor.role is not Role.admin and department_id not in actor.addressed_ids:
        raise Problem(Code.out_of_scope, "not a department of yours", field="department_id")
    if state.find(Department, department_id) is None:
        raise Problem(Code.not_found, "there is no such department", field="department_id")
    inside = subtree(parents_of(state), department_id)
    people = [held.record for held in state.held.values() if isinstance(held.record, Person)]
    found = (one for one in people if one.department_id in inside and one.active and one.role in FIELD_ROLES)
    return frozenset(one.id for one in found) - {actor.user_id}


def _may_instruct(actor: Actor, state: State, user_id: bytes, field: str) -> None:
    """Raises Problem(rule_broken) for a user of the actor's who has left, else as `may_hold`."""
    person = state.find(Person, user_id)
    led = actor.role is Role.admin or user_id in state.leavers
    if led and person is not None and not person.active:
        raise Problem(Code.rule_broken, "this user has left and gets no instruction", field=field)
    may_hold(actor, state, user_id, field)


def _made(actor: Actor, asked: Instruct, rep_id: bytes, now_ms: int) -> Instruction:
    own_id = asked.id if asked.rep_id is not None else instruction_id(asked.id, rep_id)
    position = known_position(asked.datum, asked.latitude_e6, asked.longitude_e6)
    made = Instruction(
        own_id,
        0,
        rep_id,
        actor.user_id,
        sent_ms=now_ms,
        changed_ms=now_ms,
        batch_id=asked.id,
        wgs_latitude_e6=position.latitude_e6 if position is not None else None,
        wgs_longitude_e6=position.longitude_e6 if position is not None else None,
        steps=(Step(InstructionState.sent, now_ms, now_ms),),
        **{name: value for name, value in asdict(asked).items() if name in WORDS},
    )
    return scheduled(made)


FEATURE: Final = Feature(
    answers=(*instruction_answers.ANSWERS, *instruction_decisions.ANSWERS),
    verbs=(Verb("/v1/desk/instructions", Instruct, Instructed, given, give, to_give), instruction_decisions.DECIDE),
    lists=(
        Listing(
            Instruction,
            "List the instructions of the caller and of the reports.",
            filters=FILTERS,
            newest="sent_ms",
            about=("customer_id",),
        ),
        Listing(
            Instruction,
            "List those instructions, the overdue and escalated first: who stands where, and since when.",
            filters=FILTERS,
            newest="escalated",
            part="board",
            about=("customer_id",),
        ),
    ),
    jobs=(ESCALATE,),
    follows=(instruction_moves.FOLLOW,),
    partings=(instruction_moves.PARTING,),
    notices={**NOTICES, **instruction_moves.NOTICES},
)
