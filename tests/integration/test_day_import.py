"""The customers of the demo day come by the import: each fed to its owner, with the event from which it is owned."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from mobile_api.phone.day import seeding
from mobile_api.phone.day.people import REPS
from mobile_api.phone.day.places import DISTRICTS, PER_CITY, shops
from server.database import open_database
from server.models import RECORD_TABLES, feed, notice, ownership_event, scope
from shared_schema.registry import BY_NAME

CUSTOMER = RECORD_TABLES["customer"]
CONTACT = RECORD_TABLES["contact"]


def check(conn: sa.Connection) -> None:
    stored = conn.execute(sa.select(CUSTOMER)).all()
    assert sorted(one.name for one in stored) == sorted(shop.name for city in DISTRICTS for shop in shops(city))
    assert len(stored) == len(DISTRICTS) * PER_CITY
    assert all(one.latitude_e6 == one.wgs_latitude_e6 for one in stored)
    buyers = conn.execute(sa.select(CONTACT.c.customer_id)).scalars().all()
    assert sorted(map(bytes, buyers)) == sorted(bytes(one.id) for one in stored)
    people = RECORD_TABLES["person"]
    names = {bytes(row.id): row.name for row in conn.execute(sa.select(people))}
    owners = {bytes(row.customer_id): bytes(row.owner_id) for row in conn.execute(sa.select(ownership_event)) if row.epoch == 1}
    told = conn.execute(
        sa.select(feed.c.id, scope.c.subject_id)
        .join(scope, sa.and_(scope.c.org_id == feed.c.org_id, scope.c.number == feed.c.scope_no))
        .where(feed.c.entity == BY_NAME["customer"].number)
    )
    assert {bytes(row.id): bytes(row.subject_id) for row in told} == owners
    assert {names[one] for one in owners.values()} == {f"{rep.chinese} {rep.latin}" for rep in REPS}
    assert conn.execute(sa.select(sa.func.count()).select_from(notice)).scalar_one() == 0


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
