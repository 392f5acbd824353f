"""Pools of customers that nobody owns, and the masked card by which a phone nearby knows one."""

from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import EVIDENCE, SERVER, WHERE, InTile, Lane, OfAll, Policy
from shared_schema.records.base import Asked, Command, Record
from shared_schema.records.customer import CustomerKind, Tier
from shared_schema.scalars import WIRE_INTEGER_MAX, DistanceMm, EpochMs, Id, Key, Microdegrees, Name, Revision, Word

Limit = Annotated[int, Meta(ge=1, le=1_000)]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Hours = Annotated[int, Meta(ge=0, le=720)]
Radius = Annotated[int, Meta(ge=200, le=50_000)]
"""Metres; at least a side of the masked square, so that the rep at the customer's door is never too far away."""
Capacity = Annotated[int, Meta(ge=1, le=100_000)]
Admins = Annotated[tuple[Id, ...], Meta(max_length=20)]
Fits = Annotated[tuple[Word, ...], Meta(max_length=50)]
PoolPriority = Annotated[int, Meta(ge=0, le=1_000_000)]
HIDEABLE = ("name", "city", "industry", "kind", "tier")
"""Fields of a card which a pool may hide. Phone, address and people are never on it."""


class Pool(Record, frozen=True, array_like=True):
    """A pool. Members: the users of its department and of all below it; without a department, everybody. The managers among its admins are
    members too (D-134)."""

    name: Annotated[Name, SERVER]
    department_id: Annotated[Id | None, SERVER] = None
    hidden: Annotated[tuple[Key, ...], Meta(max_length=len(HIDEABLE)), SERVER] = ()
    active: Annotated[bool, SERVER] = True
    claim_daily_limit: Annotated[Limit | None, SERVER] = None
    """Claims of one user in one local day of the organisation; None: no limit (D-129)."""
    cool_off_days: Annotated[Days, SERVER] = 0
    newcomer_hold_hours: Annotated[Hours, SERVER] = 0
    claim_radius_m: Annotated[Radius | None, SERVER] = None
    """From the place that the card shows; None: from anywhere (D-135)."""
    capacity: Annotated[Capacity | None, SERVER] = None
    """Customers that a user may own in all and still claim here; None: any number (D-136)."""
    admin_ids: Annotated[Admins, SERVER] = ()
    regions: Annotated[Fits, SERVER] = ()
    """Regions whose customers fit the pool; none: those of every region (D-195)."""
    industries: Annotated[Fits, SERVER] = ()
    priority: Annotated[PoolPriority, SERVER] = 0
    """Of the pools that fit a customer, the one with the lowest takes it (D-195)."""
    department_capacity: Annotated[Capacity | None, SERVER] = None
    """Customers that the users of a claimer's department may own in all; None: any number (D-197)."""


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
    held_by_id: Annotated[Id | None, SERVER] = None
    """The member for whom the customer is held (D-192)."""
    held_until_ms: Annotated[EpochMs | None, SERVER] = None


class Claim(Command, frozen=True, tag="claim"):
    """Take a pooled customer. On a pool card; `epoch`: the card's, or `after`: the n of the own command that led to it.

    The position is the phone's; only a pool with a radius asks for it (D-135).
    """

    epoch: Revision | None = None
    after: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)] | None = None
    latitude_e6: Annotated[Microdegrees | None, WHERE] = None
    longitude_e6: Annotated[Microdegrees | None, WHERE] = None
    datum: Annotated[Datum, EVIDENCE] = Datum.unknown
    accuracy_mm: Annotated[DistanceMm | None, EVIDENCE] = None


class PoolRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/pools: make or change a pool. `hidden`: fields that its cards do not show."""

    name: Name
    id: Id | None = None
    department_id: Id | None = None
    hidden: Annotated[tuple[Key, ...], Meta(max_length=len(HIDEABLE))] = ()
    active: bool = True
    claim_daily_limit: Limit | None = None
    cool_off_days: Days = 0
    newcomer_hold_hours: Hours = 0
    claim_radius_m: Radius | None = None
    capacity: Capacity | None = None
    admin_ids: Admins = ()
    regions: Fits = ()
    industries: Fits = ()
    priority: PoolPriority = 0
    department_capacity: Capacity | None = None


ENTITIES: Final = (
    Entity(14, PoolCard, Policy.server, Lane.tile, InTile(), commands=(Claim,)),
    Entity(27, Pool, Policy.server, Lane.reference, OfAll()),
)
