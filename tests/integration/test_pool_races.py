"""The desk changes a pool while customers go in and out of it: everybody waits in one order, nobody is sent away."""

import asyncio
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server.database import Database, async_url, open_database, postgres
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services import tables, users
from server.services.act import act
from shared_schema.records.customer import GiveToPool, Release, Standing, Transfer
from shared_schema.records.pool import Pool, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.rest import UserRequest
from sync.device import keep_tiles
from tests.integration.test_leavers import waiting
from tests.integration.test_sync_pools import admin, card_of, claimed, pool_of, put_into
from tests.integration.test_sync_scopes import right
from tests.simulation.feed_oracle import differences
from tests.world import Phone, Team, said, team_of

CUSTOMERS: Final = 10
ROUNDS: Final = 6
POOL, STANDING, ITEM = (RECORD_TABLES[name] for name in ("pool", "standing", "inbox_item"))


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


async def test_who_enters_the_fitting_pool_waits_for_it_before_the_family(migrated_postgres_url: str) -> None:
    """D-196, D-123: nobody knows which pool it is before all are locked; the customer is free for whoever asks meanwhile."""
    database, engine = open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url))
    try:
        team = await team_of(database)
        pool, asked = await pool_of(team), GiveToPool(team.customer_id, pool_by_fit=True)
        async with engine.begin() as desk:
            await desk.execute(sa.select(POOL.c.id).where(POOL.c.id == pool.id).with_for_update())
            releasing = asyncio.create_task(database.write(act, team.manager.claims, asked, team.world.now_ms))
            await _until_waiting(database, releasing)
            free = sa.select(STANDING.c.id).where(STANDING.c.id == team.customer_id).with_for_update(nowait=True)
            assert (await desk.execute(free)).scalar_one() == team.customer_id
        assert (await releasing).moved["pool_card"] == 1
    finally:
        await database.close()
        await engine.dispose()


async def test_a_leavers_card_about_a_pooled_customer_goes_up_while_its_pool_changes(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-123, P-533: the leaver's turn holds the family and waits for the card; the pool's turn waits for the family and holds no scope yet.

    A turn that publishes what every device holds, and only then locks a family, closes a circle here: PostgreSQL sends one of them away.
    """
    database, engine = open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url))
    monkeypatch.setattr(postgres, "AGAIN_MAX", 0)
    try:
        team = await team_of(database)
        pool, desk = await pool_of(team), await admin(team)
        team.ann.patch("customer", team.customer_id, name="Too late")
        await put_into(team, pool, team.customer_id)
        await team.ann.sync()
        (item,) = team.ann.inbox()
        async with engine.begin() as other:
            await other.execute(sa.select(ITEM.c.id).where(ITEM.c.id == item.id).with_for_update())
            leaving = asyncio.create_task(database.write(users.put, team.world.org_id, _leaver(team), None, team.world.now_ms))
            await _until_waiting(database, leaving)
            masking = asyncio.create_task(_masked(team, desk, pool))
            await _until_waiting(database, leaving, masking)
        await asyncio.gather(leaving, masking)
        keep_tiles(team.manager.shelf, (0,))
        await team.manager.sync()
        assert [one.origin_id for one in team.manager.inbox()] == [item.id]
        card = card_of(team.manager, team.customer_id)
        assert (card is not None, card and card.name) == (True, None)
        assert await database.read(differences, team.world.org_id) == {}
    finally:
        await database.close()
        await engine.dispose()


async def test_a_mask_leaves_alone_who_went_to_another_pool_meanwhile(migrated_postgres_url: str) -> None:
    """D-122, D-123: the desk finds the customer in the pool, waits for its family, and then it is in another pool, with that one's mask."""
    database, engine = open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url))
    try:
        team = await team_of(database)
        pool, other_pool, desk = await pool_of(team), await pool_of(team, "West", "city"), await admin(team)
        await put_into(team, pool, team.customer_id)
        async with engine.begin() as mover:
            claims, now_ms = team.manager.claims, team.world.now_ms
            await mover.run_sync(act, claims, Transfer(team.customer_id, team.bo.user_id), now_ms)
            masking = asyncio.create_task(_masked(team, desk, pool))
            await _until_waiting(database, masking)
            await mover.run_sync(act, claims, GiveToPool(team.customer_id, other_pool.id), now_ms)
        await masking
        keep_tiles(team.manager.shelf, (0,))
        await team.manager.sync()
        card = card_of(team.manager, team.customer_id)
        assert card is not None
        assert (card.pool_id, card.name) == (other_pool.id, "Corner Shop")
        assert await database.read(differences, team.world.org_id) == {}
    finally:
        await database.close()
        await engine.dispose()


def _leaver(team: Team) -> UserRequest:
    """Ann as the admin ends her."""
    return UserRequest(id=team.ann.user_id, login="ann", name="Ann", role=Role.rep, department_id=team.world.department_id, active=False)


async def _masked(team: Team, desk: Claims, pool: Pool) -> Pool:
    """The pool hides names from now on."""
    asked = PoolRequest(id=pool.id, name=pool.name, hidden=("name",))
    return await team.world.database.write(tables.save, desk, asked, team.world.now_ms)


async def _until_waiting(database: Database, *turns: asyncio.Task[Any]) -> None:
    """Until each of these transactions waits for a row; one that ends before has waited for nothing."""
    while await database.read(waiting) < len(turns):
        for turn in turns:
            assert not turn.done(), turn
