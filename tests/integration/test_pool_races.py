"""The desk changes a pool while customers go in and out of it: everybody waits in one order, nobody is sent away."""

import asyncio
from typing import Final

import pytest

from server.database import Database, postgres
from shared_schema.commands import Release
from shared_schema.records.pool import Pool
from sync.device import keep_tiles
from tests.integration.test_sync_pools import claimed, pool_of, put_into
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, said, team_of

CUSTOMERS: Final = 10
ROUNDS: Final = 6


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
