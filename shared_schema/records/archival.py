"""A customer that was taken out of work, why, and whether it came back; and what the desk asks to do so."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Struct

from shared_schema.entity import Entity
from shared_schema.policy import SEARCHED, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id, Line, Revision, Word


class ArchivalState(IntEnum):
    """Whether the customer is still archived (D-164, D-167)."""

    unknown = 0
    archived = 1
    back = 2


class Archival(Record, frozen=True, array_like=True):
    """One time at which a customer was archived.

    `by_id`: the manager or admin who archived it. `owner_id`: its owner until then; None: it was in a pool. The id derives from the
    customer and the epoch, so that each time is a record of its own.
    """

    customer_id: Annotated[Id, SERVER, SEARCHED]
    by_id: Annotated[Id, SERVER]
    archived_ms: Annotated[EpochMs, SERVER]
    owner_id: Annotated[Id | None, SERVER] = None
    state: Annotated[ArchivalState, SERVER] = ArchivalState.archived
    customer_name: Annotated[Line, SERVER] = ""
    """As it was then: nobody holds the customer itself."""
    customer_city: Annotated[Word, SERVER] = ""
    reason: Annotated[Line, SERVER] = ""
    back_by_id: Annotated[Id | None, SERVER] = None
    back_ms: Annotated[EpochMs | None, SERVER] = None
    epoch: Annotated[Revision, SERVER] = 0
    """The customer's, from then on: the desk names it to bring the customer back as it was on the screen."""


class ArchiveCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """Take a customer out of work, with a reason (D-164). `epoch`: the standing's on the manager's screen."""

    customer_id: Id
    reason: Line
    epoch: Revision | None = None


class UnarchiveCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """Bring an archived customer back, to a user, into a pool, or into the pool that fits: one of these (D-167). `epoch`: the
    archival's on the screen."""

    customer_id: Id
    to_user_id: Id | None = None
    pool_id: Id | None = None
    epoch: Revision | None = None
    reason: Line = ""
    pool_by_fit: bool = False


ENTITIES: Final = (Entity(37, Archival, Policy.server, Lane.now, OfUsers(("by_id", "owner_id"))),)
