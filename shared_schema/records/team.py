"""Notes to a department, and how far each reader has come with a note."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import AUTHOR, FIXED, RISING, SERVER, Lane, OfTeam, OfUsers, Parent, Policy
from shared_schema.records.base import Command, Record
from shared_schema.scalars import EpochMs, Id


class ReceiptLevel(IntEnum):
    """How far a reader has come with a note; it only ever rises (P-530)."""

    unknown = 0
    delivered = 1
    read = 2
    acknowledged = 3
    done = 4


class TeamNote(Record, frozen=True, array_like=True):
    """A note to everybody in a department and below it. A correction is a further note that names the one it amends."""

    department_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    text: Annotated[str, Meta(min_length=1, max_length=4_000), FIXED]
    amends_id: Annotated[Id | None, FIXED, Parent()] = None
    author_id: Annotated[Id | None, SERVER, AUTHOR] = None
    received_ms: Annotated[EpochMs, SERVER] = 0


class Receipt(Record, frozen=True, array_like=True):
    """How far one user has come with one note; its reader and the author of the note hold it. `at_ms`: when the server heard of it."""

    note_id: Annotated[Id, SERVER]
    user_id: Annotated[Id, SERVER]
    author_id: Annotated[Id | None, SERVER] = None
    level: Annotated[ReceiptLevel, SERVER, RISING] = ReceiptLevel.unknown
    at_ms: Annotated[EpochMs, SERVER] = 0


class GiveReceipt(Command, frozen=True, tag="receipt"):
    """Say how far one has come with a team note. On the note."""

    level: ReceiptLevel


ENTITIES: Final = (
    Entity(12, TeamNote, Policy.fact, Lane.team, OfTeam(), commands=(GiveReceipt,)),
    Entity(17, Receipt, Policy.server, Lane.now, OfUsers(("user_id", "author_id"))),
)
