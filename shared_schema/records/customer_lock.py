"""A lock of a customer: who keeps it with its owner, until when, why, and what ended it before its time (D-160, D-178)."""

from enum import IntEnum
from typing import Annotated, Final

from shared_schema.entity import Entity
from shared_schema.policy import RISING, SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id, Line


class CustomerLockState(IntEnum):
    """Whether something ended the lock before its time (D-179); it only ever rises."""

    unknown = 0
    set = 1
    """It lasts until its time, or lasted so long."""
    taken_off = 2
    replaced = 3
    """A manager locked the customer anew, with another day or reason."""
    changed_hands = 4
    """The customer went to somebody else, into a pool, or into the archive."""


class CustomerLock(Record, frozen=True, array_like=True):
    """One lock. `author_id`: the manager or admin who set it. `until_ms`: when it is over by itself."""

    customer_id: Annotated[Id, SERVER]
    author_id: Annotated[Id, SERVER]
    locked_ms: Annotated[EpochMs, SERVER]
    until_ms: Annotated[EpochMs, SERVER]
    reason: Annotated[Line, SERVER] = ""
    state: Annotated[CustomerLockState, SERVER, RISING] = CustomerLockState.set
    ended_ms: Annotated[EpochMs | None, SERVER] = None
    """When it ended before its time; None: it did not."""
    ended_by_id: Annotated[Id | None, SERVER] = None
    """The user who ended it, or who moved the customer; None: it was not ended, or the clock moved the customer."""
    end_reason: Annotated[Line, SERVER] = ""


ENTITIES: Final = (Entity(40, CustomerLock, Policy.server, Lane.now, OfFamily()),)
