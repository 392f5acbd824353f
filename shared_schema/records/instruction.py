"""A manager's order to a rep, and how far the rep has come with it."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.policy import RISING, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Command, Record
from shared_schema.scalars import EpochMs, Id, Line, Text


class InstructionState(IntEnum):
    """How far the rep has come; it only ever rises (D-802). 2 and 3 are kept for delivered and read."""

    unknown = 0
    sent = 1
    acknowledged = 4
    started = 5
    declined = 6
    done = 7


class Priority(IntEnum):
    """How much it presses."""

    unknown = 0
    normal = 1
    urgent = 2


class Instruction(Record, frozen=True, array_like=True):
    """One instruction to one rep. `changed_ms`: when the server heard of the state."""

    rep_id: Annotated[Id, SERVER]
    author_id: Annotated[Id, SERVER]
    text: Annotated[Text, SERVER]
    customer_id: Annotated[Id | None, SERVER] = None
    priority: Annotated[Priority, SERVER] = Priority.normal
    due_ms: Annotated[EpochMs | None, SERVER] = None
    sent_ms: Annotated[EpochMs, SERVER] = 0
    state: Annotated[InstructionState, SERVER, RISING] = InstructionState.sent
    changed_ms: Annotated[EpochMs, SERVER] = 0
    visit_id: Annotated[Id | None, SERVER] = None
    reason: Annotated[Line, SERVER] = ""


class Acknowledge(Command, frozen=True, tag="acknowledge"):
    """The rep has understood the instruction."""


class Start(Command, frozen=True, tag="start"):
    """The rep works on it."""


class Finish(Command, frozen=True, tag="finish"):
    """The rep has done it. `visit_id`: by which visit."""

    visit_id: Id | None = None


class Decline(Command, frozen=True, tag="decline"):
    """The rep will not do it."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Instruct(Struct, frozen=True, forbid_unknown_fields=True):
    """Give an instruction to a rep. `id`: made by the desk, so that a request that is sent again makes no second one."""

    id: Id
    rep_id: Id
    text: Annotated[str, Meta(min_length=1, max_length=4_000)]
    customer_id: Id | None = None
    priority: Priority = Priority.normal
    due_ms: EpochMs | None = None


ENTITIES: Final = (
    Entity(18, Instruction, Policy.server, Lane.now, OfUsers(("rep_id", "author_id")), commands=(Acknowledge, Start, Finish, Decline)),
)
