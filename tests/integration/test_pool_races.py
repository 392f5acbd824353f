"""The desk changes a pool while customers go in and out of it: everybody waits in one order, nobody is sent away."""

import asyncio
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server.database import Database, async_url, open_database, postgres
from server.models import RECORD_TABLES
from shared_schema.commands import Release
from shared_schema.records.customer import Standing
from shared_schema.records.pool import Pool
from sync.device import keep_tiles
from tests.integration.test_leavers import waiting
from tests.integration.test_sync_pools import claimed, pool_of, put_into
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, said, team_of

CUSTOMERS: Final = 10
ROUNDS: Final = 6
POOL, STANDING = RECORD_TABLES["pool"], RECORD_TABLES["standing"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def test_a_pool_changes_while_customers_come_and_go(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-123: pool before families, by whoever takes both; families before the pool is a deadlock on PostgreSQL, here not tried again."""
    pool = await pool_of(team)
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(CUSTOMERS)]
    await team.ann.sync()
    for customer_id in ids:
        await put_into(team, pool, customer_id)
    reps = [await team.world.phone(await team.world.user(f"rep{at}")) for at in range(2)]
    for rep, theirs in zip(reps, (ids[::2], ids[1::2]), strict=True):
        keep_tiles(rep.shelf, (0,))
        await rep.sync()
        for customer_id in theirs:
            in_and_out(rep, pool, customer_id)
    monkeypatch.setattr(postgres, "AGAIN_MAX", 0)
    answers, *_ = await asyncio.gather(asyncio.gather(*(rep.sync() for rep in reps)), changed(team, pool))
    assert {one.result.name for given in answers for one in said(given)} == {"applied"}
    await right(team)


def in_and_out(rep: Phone, pool: Pool, customer_id: bytes) -> None:
    """A claim and a release, each a group of its own."""
    claimed(rep, customer_id)
    rep.command("standing", customer_id, Release(pool.id, after=rep.shelf.seat().next_n - 1))


async def changed(team: Team, pool: Pool) -> None:
    for at in range(ROUNDS):
        await pool_of(team, "East", *(("name",) if at % 2 else ()), pool_id=pool.id)


async def test_who_enters_a_pool_waits_for_it_before_the_family(migrated_postgres_url: str) -> None:
    """D-123: while the desk changes the pool, a release waits for it, and its customer is free for whoever asks."""
    database, engine = open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url))
    try:
        team = await team_of(database)
        pool = await pool_of(team)
        await team.ann.sync()
        standing = team.ann.view("standing", team.customer_id)
        assert isinstance(standing, Standing)
        team.ann.command("standing", team.customer_id, Release(pool.id, epoch=standing.epoch))
        async with engine.begin() as desk:
            await desk.execute(sa.select(POOL.c.id).where(POOL.c.id == pool.id).with_for_update())
            releasing = asyncio.create_task(team.ann.sync())
            while not await database.read(waiting):
                assert not releasing.done()
            free = sa.select(STANDING.c.id).where(STANDING.c.id == team.customer_id).with_for_update(nowait=True)
            assert (await desk.execute(free)).scalar_one() == team.customer_id
        assert [(one.result.name, one.code) for one in said(await releasing)] == [("applied", None)]
    finally:
        await database.close()
        await engine.dispose()
