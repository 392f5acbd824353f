"""The hold of a pooled customer: one rep is certain of it for some hours, and its card shows that to the others."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import DUE, RISING, SEARCHED, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import DistanceMm, EpochMs, Id, Microdegrees, Name, Revision

HOURS_MAX: Final = 24
HoldHours = Annotated[int, Meta(ge=1, le=HOURS_MAX)]


class PoolHoldState(IntEnum):
    """Where a hold stands, or what ended it (D-193); it only ever rises."""

    unknown = 0
    live = 1
    claimed = 2
    """The customer is the holder's."""
    given_up = 3
    """The holder ended it."""
    expired = 4
    ended_by_desk = 5
    """The desk ended it, moved the customer, or said to leave it alone."""
    lapsed = 6
    """The holder left, or is no member of the pool any more."""


class PoolHold(Record, frozen=True, array_like=True):
    """A hold that a member of a pool took on a card. A device keeps it as long as it is live."""

    customer_id: Annotated[Id, SERVER]
    pool_id: Annotated[Id, SERVER, SEARCHED]
    user_id: Annotated[Id, SERVER, SEARCHED]
    taken_ms: Annotated[EpochMs, SERVER]
    until_ms: Annotated[EpochMs, SERVER]
    """When it ends by itself."""
    holder_id: Annotated[Id | None, SERVER] = None
    """The user, while the hold is live; None: it is over."""
    ends_ms: Annotated[EpochMs | None, SERVER, DUE] = None
    """When the server ends it; None: it is over."""
    state: Annotated[PoolHoldState, SERVER, RISING] = PoolHoldState.live
    ended_ms: Annotated[EpochMs | None, SERVER] = None
    ended_by_id: Annotated[Id | None, SERVER] = None
    """The user who ended it; None: it is live, or it ended by itself."""
    customer_name: Annotated[Name | None, SERVER] = None
    """As the card showed it when the hold was taken; None: the pool hid it (D-190)."""


class TakeHold(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold a pooled customer for some hours, online alone: a later claim of yours is then certain (D-190, D-191).

    `hold_id`: of the new hold, made by the device; the same request again changes nothing. `epoch`: the card's. The position is the
    phone's; only a pool with a radius asks for it (D-135).
    """

    customer_id: Id
    hold_id: Id
    epoch: Revision
    hours: HoldHours
    latitude_e6: Microdegrees | None = None
    longitude_e6: Microdegrees | None = None
    datum: Datum = Datum.unknown
    accuracy_mm: DistanceMm | None = None


class EndHold(Struct, frozen=True, forbid_unknown_fields=True):
    """End a hold: your own, or as a manager or an admin one in a pool of yours (D-193)."""

    pool_hold_id: Id


ENTITIES: Final = (Entity(36, PoolHold, Policy.server, Lane.now, OfUsers(("holder_id",), about="customer_id")),)
