"""Vectors of `geo/around.py`: phones with own, shared, pooled and foreign customers, some nowhere, asked with each filter."""

import random
from typing import Any

from geo import around
from geo.around import EVERY, Filters, Held
from shared_schema.nearby import NearbyCustomer, Relation
from shared_schema.places import Datum, Position
from shared_schema.records.customer import Collaborator, Customer, CustomerKind, FollowUp, Standing, Tier
from shared_schema.records.pool import PoolCard
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import an_id

HERE = Position(31_230_400, 121_473_700)
EDGE = Position(-17_000_000, 179_999_000)
DAY = 20_600
INDUSTRIES = ("tea", "food", "")
Place = dict[str, Any]


def cases() -> Cases:
    """Both rules of the room."""
    dice = random.Random(460)
    return {
        "geo.around:around": [around_case(dice, count) for count in (0, 1, 2, 5, 10, 20, 40) for _ in range(20)],
        "geo.around:fits": [fits_case(dice) for _ in range(120)],
    }


def around_case(dice: random.Random, count: int) -> Case:
    """What a phone with so many customers tells."""
    at = dice.choice((HERE, EDGE))
    held, pools = a_phone(dice, count, at)
    radius_m, filters = dice.choice((1, 500, 3_000, 50_000)), some_filters(dice, pools)
    given = {name: told(getattr(held, name)) for name in Held.__struct_fields__}
    asked = {"held": given, "at": at._asdict(), "radius_m": radius_m, "filters": plain(filters)}
    return Case(asked, told(around.around(held, at, radius_m, filters)))


def fits_case(dice: random.Random) -> Case:
    """One customer against filters."""
    pools = [an_id(dice), an_id(dice)]
    relation = dice.choice([*EVERY])
    one = NearbyCustomer(
        id=bytes(16), relation=relation, name=None, city=None, industry=dice.choice((*INDUSTRIES, None)), kind=dice.choice([*CustomerKind]),
        tier=dice.choice([*Tier]), pool_id=dice.choice(pools) if relation is Relation.pooled else None,
        latitude_e6=0, longitude_e6=0, distance_mm=0, distance="",
    )  # fmt: skip
    filters = some_filters(dice, pools)
    looked = {name: told(getattr(one, name)) for name in ("relation", "pool_id", "tier", "kind", "industry")}
    return Case({"one": looked, "filters": plain(filters)}, around.fits(one, filters))


def plain(filters: Filters) -> dict[str, Any]:
    """As the client holds them."""
    values = {name: told(getattr(filters, name)) for name in Filters.__struct_fields__ if name != "relations"}
    return values | {"relations": sorted(filters.relations)}


def some_filters(dice: random.Random, pools: list[bytes]) -> Filters:
    """None, one, or several."""
    share = dice.choice((0, 0.2, 0.4))

    def given(value: Any) -> Any:
        return value if dice.random() < share else None

    relations = frozenset(dice.sample(sorted(EVERY), dice.randrange(1, 4)))
    return Filters(
        relations=given(relations) or EVERY,
        pool_id=given(dice.choice(pools)),
        tier=given(dice.choice([*Tier])),
        kind=given(dice.choice([*CustomerKind])),
        industry=given(dice.choice(INDUSTRIES)),
        due_by=given(DAY + dice.randrange(-2, 3)),
    )


def a_phone(dice: random.Random, count: int, at: Position) -> tuple[Held, list[bytes]]:
    """A user's phone; a customer may have left its pool here already, or have no standing yet."""
    me, other, pools = an_id(dice), an_id(dice), [an_id(dice), an_id(dice)]
    ids = [an_id(dice) for _ in range(count)]
    kinds, tiers = [*CustomerKind], [*Tier]
    customers = [
        Customer(one, 1, "Tea house", kind=dice.choice(kinds), industry=dice.choice(INDUSTRIES), **a_place(dice, at))
        for one in ids
        if dice.random() < 0.8
    ]
    standings = [
        Standing(one, 1, owner_id=dice.choice((me, me, other, None)), pool_id=dice.choice((None, None, *pools)), tier=dice.choice(tiers))
        for one in ids
        if dice.random() < 0.9
    ]
    shares = [Collaborator(an_id(dice), 1, one, dice.choice((me, other))) for one in ids if dice.random() < 0.5]
    cards = [a_card(dice, one, dice.choice(pools), at) for one in ids if dice.random() < 0.5]
    plans = [
        FollowUp(an_id(dice), 1, customer_id=one, due_day=DAY + dice.randrange(-2, 3), done=dice.random() < 0.3)
        for one in ids
        if dice.random() < 0.6
    ]
    return Held(me, customers, standings, shares, cards, plans), pools


def a_place(dice: random.Random, at: Position) -> Place:
    """As the server has it, as an entry says it in some datum, or none."""
    north, east = (round(dice.gauss(0, 8_000)) for _ in range(2))
    latitude, longitude = at.latitude_e6 + north, (at.longitude_e6 + east + 180_000_000) % 360_000_000 - 180_000_000
    told_e6 = {"latitude_e6": latitude, "longitude_e6": longitude, "datum": dice.choice((Datum.wgs84, Datum.gcj02))}
    wgs_e6 = {"wgs_latitude_e6": latitude, "wgs_longitude_e6": longitude}
    return dice.choice(({}, told_e6, told_e6 | wgs_e6, told_e6 | wgs_e6))


def a_card(dice: random.Random, customer_id: bytes, pool_id: bytes, at: Position) -> PoolCard:
    """A card with all of its fields or without, still pooled or not."""
    place: Place = (
        {} if dice.random() < 0.1 else {"latitude_e6": at.latitude_e6 + dice.randrange(-9_000, 9_000), "longitude_e6": at.longitude_e6}
    )
    shown: Place = {} if dice.random() < 0.3 else {"industry": dice.choice(INDUSTRIES), "tier": Tier.b, "kind": CustomerKind.shop}
    return PoolCard(customer_id, 1, pool_id, pooled=dice.random() < 0.8, **place, **shown)
