"""Which customers belong to a list of what is around (D-460 to D-464)."""

from math import sqrt
from typing import Final

from msgspec import Struct

from geo.nearby import Near
from shared_schema.nearby import DistanceUnit, NearbyCustomer, Relation
from shared_schema.places import Position
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.pool import PoolCard

CARD: Final = PoolCard
START_M: Final = 100
"""The first radius: in a dense city it holds half a page."""
MILE_MM: Final = 1_609_344
KILOMETRE_MM: Final = 1_000_000


class Place(Struct, frozen=True, array_like=True):
    """The middle and the radius of a list, frozen in its cursor: later pages go on from where the first one was asked."""

    latitude_e6: int
    longitude_e6: int
    radius_m: int
    unit: DistanceUnit = DistanceUnit.km

    @property
    def at(self) -> Position:
        """The middle."""
        return Position(self.latitude_e6, self.longitude_e6)


def grown(radius_m: int, most_m: int, share: float) -> int:
    """The next radius to look within, at most the one that was asked for. `share`: of a page, what the last one held.

    Where all around is as crowded as within, the next disc holds half a page more than one; but it has four to 25 times the area.
    """
    return min(most_m, round(radius_m * min(5.0, max(2.0, sqrt(1.5 / max(share, 0.01))))))


def of_card(card: PoolCard, near: Near, unit: DistanceUnit) -> NearbyCustomer | None:
    """A pooled customer as its card shows it, at its masked place."""
    if not card.pooled or card.latitude_e6 is None or card.longitude_e6 is None:
        return None
    return NearbyCustomer(
        id=card.id, relation=Relation.pooled, name=card.name, city=card.city, industry=card.industry, kind=card.kind, tier=card.tier,
        pool_id=card.pool_id, latitude_e6=card.latitude_e6, longitude_e6=card.longitude_e6,
        distance_mm=near.distance_mm, distance=told(near.distance_mm, unit),
    )  # fmt: skip


def of_holder(customer: Customer, standing: Standing, user_id: bytes, near: Near, unit: DistanceUnit) -> NearbyCustomer | None:
    """A customer that the user follows up, as its owner or beside the owner."""
    if customer.wgs_latitude_e6 is None or customer.wgs_longitude_e6 is None:
        return None
    relation = Relation.own if standing.owner_id == user_id else Relation.collaborated
    return NearbyCustomer(
        id=customer.id, relation=relation, name=customer.name, city=customer.city, industry=customer.industry, kind=customer.kind,
        tier=standing.tier, pool_id=None, latitude_e6=customer.wgs_latitude_e6, longitude_e6=customer.wgs_longitude_e6,
        distance_mm=near.distance_mm, distance=told(near.distance_mm, unit),
    )  # fmt: skip


def told(distance_mm: int, unit: DistanceUnit) -> str:
    """A distance for a person, to a hundredth of its unit."""
    unit_mm = MILE_MM if unit is DistanceUnit.mi else KILOMETRE_MM
    hundredths = (distance_mm * 100 + unit_mm // 2) // unit_mm
    return f"{hundredths // 100}.{hundredths % 100:02} {unit.name}"
