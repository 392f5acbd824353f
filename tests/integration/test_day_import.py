"""The customers of the demo day come by the import: each fed to its owner, with the event from which it is owned."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from mobile_api.phone.day import seeding
from mobile_api.phone.day.people import EAST, POOL, REPS
from mobile_api.phone.day.places import DISTRICTS, POOLED, pooled, shops
from server.database import open_database
from server.models import RECORD_TABLES, feed, ownership_event, scope
from shared_schema.registry import BY_NAME

NOTIFICATION = RECORD_TABLES["notification"]

CUSTOMER = RECORD_TABLES["customer"]
CONTACT = RECORD_TABLES["contact"]


def check(conn: sa.Connection) -> None:
    stored = conn.execute(sa.select(CUSTOMER)).all()
    brought = [*(shop for city in DISTRICTS for shop in shops(city)), *pooled()]
    assert sorted(one.name for one in stored) == sorted(shop.name for shop in brought)
    assert all(one.latitude_e6 == one.wgs_latitude_e6 for one in stored)
    buyers = conn.execute(sa.select(CONTACT.c.customer_id)).scalars().all()
    assert sorted(map(bytes, buyers)) == sorted(bytes(one.id) for one in stored)
    people = RECORD_TABLES["person"]
    names = {bytes(row.id): row.name for row in conn.execute(sa.select(people))}
    owners = {
        bytes(row.customer_id): bytes(row.owner_id) for row in conn.execute(sa.select(ownership_event)) if row.epoch == 1 and row.owner_id
    }
    told = conn.execute(
        sa.select(feed.c.id, scope.c.subject_id)
        .join(scope, sa.and_(scope.c.org_id == feed.c.org_id, scope.c.number == feed.c.scope_no))
        .where(feed.c.entity == BY_NAME["customer"].number)
    )
    assert {bytes(row.id): bytes(row.subject_id) for row in told} == owners
    assert {names[one] for one in owners.values()} == {f"{rep.chinese} {rep.latin}" for rep in REPS}
    assert conn.execute(sa.select(sa.func.count()).select_from(NOTIFICATION)).scalar_one() == 0
    check_pool(conn)


def check_pool(conn: sa.Connection) -> None:
    """D-121, D-122: the pool is of the east; each of its customers shows a card with a masked place, and nobody owns it."""
    pool, card, department = (RECORD_TABLES[name] for name in ("pool", "pool_card", "department"))
    [held] = conn.execute(sa.select(pool.c.id, pool.c.name, department.c.name).join(department, department.c.id == pool.c.department_id))
    assert tuple(held)[1:] == (POOL, EAST)
    cards = conn.execute(sa.select(card)).all()
    assert sorted(one.name for one in cards) == sorted(shop.name for shop in pooled())
    assert {bytes(one.pool_id) for one in cards} == {bytes(held[0])}
    assert all(one.pooled and one.latitude_e6 is not None and one.longitude_e6 is not None for one in cards)
    assert len(cards) == sum(POOLED.values())


async def played(url: str, folder: Path) -> None:
    await seeding.prepare(url, folder / "accounts.json")
    database = open_database(url)
    try:
        await database.read(check)
    finally:
        await database.close()


def test_the_customers_of_the_day_are_imported(database_url: str, tmp_path: Path) -> None:
    """D-706."""
    asyncio.run(played(database_url, tmp_path))
