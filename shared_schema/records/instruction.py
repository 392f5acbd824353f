"""A manager's order to a rep, how far the rep has come with it, and what its author decides about the outcome."""

from enum import IntEnum
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import DUE, RISING, SEARCHED, SERVER, Lane, OfUsers, Policy, Receiving, Rising
from shared_schema.records.base import Command, Record
from shared_schema.scalars import EpochMs, Id, Line, Microdegrees, Text

RECIPIENTS_MAX: Final = 200
"""Users to whom one request gives an instruction."""
ROUND_MAX: Final = 1_000
Round = Annotated[int, Meta(ge=0, le=ROUND_MAX)]


class InstructionState(IntEnum):
    """How far an instruction has come; within a round it only ever rises (D-802)."""

    unknown = 0
    sent = 1
    delivered = 2
    read = 3
    acknowledged = 4
    started = 5
    declined = 6
    done = 7
    confirmed = 8
    cancelled = 9
    moved = 10
    """It went on with its customer, or back to its author."""


class Priority(IntEnum):
    """How much it presses."""

    unknown = 0
    normal = 1
    urgent = 2


class Requires(IntEnum):
    """What `finish` must bring (D-804). `photo`: asked for once there are attachments."""

    unknown = 0
    nothing = 1
    reply = 2
    visit = 3
    photo = 4


class Step(Struct, frozen=True, array_like=True):
    """A state that was reached: when by the device's clock, corrected by its skew, and when the server heard of it."""

    state: InstructionState
    occurred_ms: EpochMs
    heard_ms: EpochMs


class Deliver(Command, frozen=True, tag="deliver"):
    """A device of the rep has stored the instruction; the device says so by itself (P-630).

    `round`, here and in each command on an instruction: the one on the screen; 0: whichever stands, for an app that knows of no rounds.
    """

    quiet: ClassVar[bool] = True
    round: Round = 0


RECEIVING: Final = Receiving("rep_id", Deliver, InstructionState.delivered)


class Instruction(Record, frozen=True, array_like=True):
    """One instruction to one rep. `changed_ms`: when the server heard of the state.

    `reason`: of the decline, the return or the cancellation. `batch_id`: the request that gave it, the same for each of its recipients.
    `round`: 1, and one more each time that the author returns it. `steps`: the states of this round, in the order in which they were heard.
    `from_id`: the instruction of the owner before, from whom it moved. `escalated`: bits of the escalations that stand (D-812). `tell_ms`:
    when the next one is due.
    """

    rep_id: Annotated[Id, SERVER]
    author_id: Annotated[Id, SERVER]
    text: Annotated[Text, SERVER]
    customer_id: Annotated[Id | None, SERVER] = None
    priority: Annotated[Priority, SERVER] = Priority.normal
    due_ms: Annotated[EpochMs | None, SERVER] = None
    sent_ms: Annotated[EpochMs, SERVER] = 0
    state: Annotated[InstructionState, SERVER, Rising(within="round"), RECEIVING] = InstructionState.sent
    changed_ms: Annotated[EpochMs, SERVER] = 0
    visit_id: Annotated[Id | None, SERVER] = None
    reason: Annotated[Line, SERVER] = ""
    batch_id: Annotated[Id | None, SERVER, SEARCHED] = None
    requires: Annotated[Requires, SERVER] = Requires.nothing
    place: Annotated[Line, SERVER] = ""
    latitude_e6: Annotated[Microdegrees | None, SERVER] = None
    longitude_e6: Annotated[Microdegrees | None, SERVER] = None
    datum: Annotated[Datum, SERVER] = Datum.unknown
    wgs_latitude_e6: Annotated[Microdegrees | None, SERVER] = None
    wgs_longitude_e6: Annotated[Microdegrees | None, SERVER] = None
    reply: Annotated[Text, SERVER] = ""
    round: Annotated[Round, SERVER, RISING] = 1
    steps: Annotated[tuple[Step, ...], SERVER] = ()
    from_id: Annotated[Id | None, SERVER] = None
    escalated: Annotated[int, SERVER] = 0
    tell_ms: Annotated[EpochMs | None, SERVER, DUE] = None


class Read(Command, frozen=True, tag="read"):
    """The rep has opened it."""

    quiet: ClassVar[bool] = True
    round: Round = 0


class Acknowledge(Command, frozen=True, tag="acknowledge"):
    """The rep has understood the instruction."""

    round: Round = 0


class Start(Command, frozen=True, tag="start"):
    """The rep works on it."""

    round: Round = 0


Receipt = Deliver | Read | Acknowledge | Start


class Finish(Command, frozen=True, tag="finish"):
    """The rep has done it. `visit_id`: by which visit. `reply`: what the rep says to it."""

    visit_id: Id | None = None
    reply: Text = ""
    round: Round = 0


class Decline(Command, frozen=True, tag="decline"):
    """The rep will not do it."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    round: Round = 0


class Confirm(Command, frozen=True, tag="confirm"):
    """The author takes it as done."""

    round: Round = 0


class Return(Command, frozen=True, tag="return"):
    """The author gives it back: it is open again for the rep, in a new round. `due_ms`: the new deadline; None: as it was."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    due_ms: EpochMs | None = None
    round: Round = 0


class Cancel(Command, frozen=True, tag="cancel"):
    """The author no longer wants it."""

    reason: Line = ""
    round: Round = 0


class Instruct(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Give an instruction to a rep (`rep_id`), to users, to a department with all below it, or to the followers of the customer: to one
    of these.

    `id`: made by the desk, so that a request that is sent again makes no second one.
    """

    id: Id
    rep_id: Id | None = None
    text: Annotated[str, Meta(min_length=1, max_length=4_000)]
    customer_id: Id | None = None
    priority: Priority = Priority.normal
    due_ms: EpochMs | None = None
    user_ids: Annotated[tuple[Id, ...], Meta(max_length=RECIPIENTS_MAX)] = ()
    department_id: Id | None = None
    followers: bool = False
    requires: Requires = Requires.nothing
    place: Line = ""
    latitude_e6: Microdegrees | None = None
    longitude_e6: Microdegrees | None = None
    datum: Datum = Datum.unknown


class Instructed(Struct, frozen=True, kw_only=True):
    """The answer to `Instruct`: the instruction of each recipient, as it stands. `id`: of the request."""

    id: Id
    items: list[Instruction]


class DecideInstruction(Struct, frozen=True, forbid_unknown_fields=True):
    """Confirm, return or cancel an instruction. `round`: the round on the author's screen."""

    instruction_id: Id
    decision: Literal["confirm", "return", "cancel"]
    round: Annotated[int, Meta(ge=1, le=ROUND_MAX)]
    reason: Line = ""
    due_ms: EpochMs | None = None


ENTITIES: Final = (
    Entity(
        18,
        Instruction,
        Policy.server,
        Lane.now,
        OfUsers(("rep_id", "author_id"), about="customer_id"),
        commands=(Deliver, Read, Acknowledge, Start, Finish, Decline, Confirm, Return, Cancel),
    ),
)
