"""A preview is what activation does, on generated organisations with a real database and the real job (D-660).

Customers by chance, evaluated by a first version for some days, some with a tier set by hand; then a draft is previewed, all pages, and put
into force; who moved, and to which tier, must be what the preview told.
"""

import random
from collections import Counter
from typing import Any, Final

import pytest
import sqlalchemy as sa
from msgspec.structs import asdict

from server.database import Database
from server.domain.local_times import DAY_MS, local_day
from server.domain.profit import month_of
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, profit_month
from server.services import evaluate, evaluation_models
from shared_schema.bands import CompanySize, Earnings, Seniority, StockListing
from shared_schema.records.customer import Contact, Customer, Standing, Tier
from shared_schema.records.order import Receivable, SalesOrder
from shared_schema.records.reference import Role
from shared_schema.rest_evaluation import Move, NewEvaluationModel, PreviewRequest
from tests.property.test_evaluation_laws import INDUSTRIES, model
from tests.world import World, put

SHARES: Final = 4
ORGANISATIONS: Final = {"sqlite": 35, "postgresql": 15}
"""Of a share: 200 in all."""
CUSTOMERS: Final = 12
STANDING: Final = RECORD_TABLES["standing"]


@pytest.mark.parametrize("share", range(SHARES))
async def test_a_preview_is_what_activation_does(database: Database, monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    """D-656, D-659, D-660: customer by customer."""
    monkeypatch.setattr(evaluation_models, "PAGE_MAX", 5)
    monkeypatch.setattr("server.services.evaluate.BATCH_MAX", 5)
    count = ORGANISATIONS[database.dialect]
    moved = 0
    for at in range(count):
        seed = share * 100 + at
        dice = random.Random(seed)
        world = await organisation(database, at + 1, dice, monkeypatch)
        boss = (await world.phone(await world.user("boss", Role.admin))).claims
        await version(world, boss, dice, 1)
        for _ in range(dice.randint(0, 3)):
            await evaluated(world)
            world.now_ms += DAY_MS
            await database.write(changed, world.org_id, dice)
        terms = asdict(draft(world, dice))
        before = await tiers(world)
        told = await previewed(world, boss, terms)
        asked = NewEvaluationModel(id=b"draft" + bytes(11), **terms)
        await database.write(evaluation_models.make, boss, asked, world.now_ms)
        await evaluated(world)
        after = await tiers(world)
        really = {one: (before[one], after[one]) for one in before if before[one] != after[one]}
        assert really == told.movers, f"seed {seed}"
        assert Counter((before[one], after[one]) for one in before) == told.matrix, f"seed {seed}"
        moved += len(really)
    assert moved > count


async def evaluated(world: World) -> None:
    """What a turn of the job does in one organisation."""
    for batch in (evaluate.touched, evaluate.scheduled):
        while await world.database.write(batch, world.org_id, world.now_ms):
            pass


class Told:
    """What the pages of a preview say."""

    def __init__(self) -> None:
        self.movers: dict[bytes, tuple[int, int]] = {}
        self.matrix: Counter[tuple[int, int]] = Counter()

    def add(self, moves: list[Move]) -> None:
        for one in moves:
            self.matrix[one.before, one.after] += one.customers


async def previewed(world: World, boss: Claims, terms: dict[str, Any]) -> Told:
    told, after = Told(), None
    while True:
        page = await world.database.read(evaluation_models.preview, boss, PreviewRequest(after=after, **terms), world.now_ms)
        told.add(page.moves)
        told.movers |= {one.customer_id: (one.before, one.after) for one in page.items}
        after = page.next
        if after is None:
            return told


async def tiers(world: World) -> dict[bytes, int]:
    found = sa.select(STANDING.c.id, STANDING.c.tier).where(STANDING.c.org_id == world.org_id)
    return await world.database.read(lambda conn: {bytes(row.id): row.tier for row in conn.execute(found)})


async def organisation(database: Database, org_id: int, dice: random.Random, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(database, org_id)
    world.lines = iter(range(org_id * 1_000, org_id * 1_000 + 1_000))  # type: ignore[assignment]
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms)
    await world.open()
    owner = await world.user("rep", Role.rep)
    for _ in range(CUSTOMERS):
        await database.write(_customer, world, owner, dice)
    return world


def _customer(conn: sa.Connection, world: World, owner: bytes, dice: random.Random) -> None:
    one = Customer(
        next(world.ids),
        1,
        "Shop",
        industry=dice.choice(("", *INDUSTRIES)),
        size=CompanySize(dice.randint(0, 4)),
        stock_listing=StockListing(dice.randint(0, 2)),
        earnings=Earnings(dice.randint(0, 3)),
    )
    put(conn, world.org_id, one, world.now_ms)
    is_set = dice.random() < 0.2
    tier, until_ms = (Tier.a, world.now_ms + 90 * DAY_MS) if is_set else (Tier.unknown, None)
    standing = Standing(one.id, 1, owner_id=owner, epoch=1, tier=tier, tier_set_until_ms=until_ms, rating=dice.randint(0, 5))
    put(conn, world.org_id, standing, world.now_ms)
    if dice.random() < 0.7:
        _orders(conn, world, one.id, dice)
    for _ in range(dice.randint(0, 2)):
        put(conn, world.org_id, Contact(next(world.ids), 1, one.id, "Wang", seniority=Seniority(dice.randint(0, 3))), world.now_ms)


def _orders(conn: sa.Connection, world: World, customer_id: bytes, dice: random.Random) -> None:
    """Orders of the last year and a half, what they brought by month, and what was owed; of some the cost is unknown."""
    today = local_day(world.now_ms, "Asia/Shanghai")
    for _ in range(dice.randint(1, 4)):
        day = today - dice.randint(0, 550)
        put(conn, world.org_id, SalesOrder(next(world.ids), 1, customer_id, "1", day, "CNY"), world.now_ms)
        due = Receivable(next(world.ids), 1, customer_id, "1", "CNY", 100, 0, day, day + 30, paid_day=day + dice.randint(0, 60))
        put(conn, world.org_id, due, world.now_ms)
    for month in {month_of(today - 31 * dice.randint(0, 14)) for _ in range(3)}:
        values = {"revenue": 9_000_000, "profit": dice.randint(-(10**6), 4 * 10**7), "unknown": int(dice.random() < 0.2)}
        given = {column.name: 0 for column in profit_month.columns if column.name not in ("org_id", "customer_id", "product_id", "month")}
        key = {"org_id": world.org_id, "customer_id": customer_id, "product_id": bytes(16), "month": month}
        conn.execute(sa.insert(profit_month).values({**given, **key, **values}))


def changed(conn: sa.Connection, org_id: int, dice: random.Random) -> None:
    """Customers grow and shrink."""
    table = RECORD_TABLES["customer"]
    for record_id in conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id).order_by(table.c.id)).scalars().all():
        if dice.random() < 0.5:
            conn.execute(sa.update(table).where(table.c.org_id == org_id, table.c.id == record_id).values(size=dice.randint(0, 4)))


def draft(world: World, dice: random.Random) -> Any:
    terms = model(dice)
    day = local_day(world.now_ms, "Asia/Shanghai")
    return type(terms)(**{**asdict(terms), "effective_from_day": day, "known_min": dice.choice((0, 10))})


async def version(world: World, boss: Claims, dice: random.Random, number: int) -> None:
    asked = NewEvaluationModel(id=bytes([number]) * 16, **asdict(draft(world, dice)))
    await world.database.write(evaluation_models.make, boss, asked, world.now_ms)
