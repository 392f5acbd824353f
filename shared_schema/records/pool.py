"""Pools of customers that nobody owns, and the masked card by which a phone nearby knows one."""

from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, InTile, Lane, OfAll, Policy
from shared_schema.records.base import Asked, Command, Record
from shared_schema.records.customer import CustomerKind, Tier
from shared_schema.scalars import WIRE_INTEGER_MAX, EpochMs, Id, Key, Microdegrees, Name, Revision, Word

HIDEABLE = ("name", "city", "industry", "kind", "tier")
"""Fields of a card which a pool may hide. Phone, address and people are never on it."""


class Pool(Record, frozen=True, array_like=True):
    """A pool. Members: the users of its department and of all below it; without a department, everybody."""

    name: Annotated[Name, SERVER]
    department_id: Annotated[Id | None, SERVER] = None
    hidden: Annotated[tuple[Key, ...], Meta(max_length=len(HIDEABLE)), SERVER] = ()
    active: Annotated[bool, SERVER] = True


class PoolCard(Record, frozen=True, array_like=True):
    """A pooled customer as a member of the pool sees it, with the customer's id. Nothing of it is the customer's body, rev or base.

    The position is the middle of a square of about 200 m; the tile, about 20 km, is that middle's.
    """

    pool_id: Annotated[Id, SERVER]
    tile: Annotated[int, Meta(ge=0, le=2**53 - 1), SERVER] = 0
    pooled: Annotated[bool, SERVER] = True
    """Off once it was claimed: then no scope holds the card."""
    epoch: Annotated[Revision, SERVER] = 0
    """A claim names the standing's epoch."""
    pooled_ms: Annotated[EpochMs, SERVER] = 0
    name: Annotated[Name | None, SERVER] = None
    city: Annotated[Word | None, SERVER] = None
    industry: Annotated[Word | None, SERVER] = None
    kind: Annotated[CustomerKind, SERVER] = CustomerKind.unknown
    tier: Annotated[Tier, SERVER] = Tier.unknown
    latitude_e6: Annotated[Microdegrees | None, SERVER] = None
    longitude_e6: Annotated[Microdegrees | None, SERVER] = None


class Claim(Command, frozen=True, tag="claim"):
    """Take a pooled customer. On a pool card; `epoch`: the card's, or `after`: the n of the own command that led to it."""

    epoch: Revision | None = None
    after: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)] | None = None


class PoolRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/pools: make or change a pool. `hidden`: fields that its cards do not show."""

    name: Name
    id: Id | None = None
    department_id: Id | None = None
    hidden: Annotated[tuple[Key, ...], Meta(max_length=len(HIDEABLE))] = ()
    active: bool = True


ENTITIES: Final = (
    Entity(14, PoolCard, Policy.server, Lane.tile, InTile(), commands=(Claim,)),
    Entity(27, Pool, Policy.server, Lane.reference, OfAll()),
)
