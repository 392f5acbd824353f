"""What is around a place by REST: `GET /v1/nearby`."""

from enum import IntEnum
from typing import Final

from shared_schema.records.base import Told
from shared_schema.records.customer import CustomerKind, Tier
from shared_schema.scalars import Id

NEARBY_ITEMS: Final = 50
"""Customers of one page, where the request asks for no other number."""
NEARBY_ITEMS_MAX: Final = 200


class Relation(IntEnum):
    """How a customer stands to the user who asks."""

    unknown = 0
    own = 1
    collaborated = 2
    pooled = 3


class DistanceUnit(IntEnum):
    """In which unit distances are told to a person."""

    km = 0
    mi = 1


class NearbyCustomer(Told, frozen=True, kw_only=True):
    """A customer and how far it is. Of a pooled one this is what its card shows, and the distance to the middle of its masked square."""

    id: Id
    relation: Relation
    name: str | None
    city: str | None
    industry: str | None
    kind: CustomerKind
    tier: Tier
    pool_id: Id | None
    latitude_e6: int
    longitude_e6: int
    distance_mm: int
    distance: str
    """In the unit that was asked for, with the unit."""


class NearbyPage(Told, frozen=True, kw_only=True):
    """Customers by distance. `after`: the cursor of the next page, which keeps place, radius and filters; None: there is none."""

    items: list[NearbyCustomer]
    after: str | None
