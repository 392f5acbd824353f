"""A card that waits for a record opens while the record is being made, on PostgreSQL: whoever is first, the card is found (P-512).

Two transactions are held where neither has committed and each has read all it reads: at the heads of the scopes, which come last.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.database import Database, Unavailable, async_url, open_database, postgres
from server.models import RECORD_TABLES, scope
from server.services import hand_over
from server.services.act import act
from server.store import comings
from shared_schema.problem import Code
from shared_schema.records.customer import CUSTOMER, GiveToPool, NewCustomer, Transfer
from shared_schema.records.inbox import Dismiss, ItemState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit, keep_tiles
from tests.integration.test_sync_awaited import visits
from tests.integration.test_sync_pools import claimed, pool_of, put_into
from tests.world import START_MS, Phone, Team, team_of

STANDING, POOL, ITEM = (RECORD_TABLES[name] for name in ("standing", "pool", "inbox_item"))
WAITING: Final = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
BEHIND: Final = sa.text("SELECT count(*) FROM pg_stat_activity WHERE :pid = ANY(pg_blocking_pids(pid))")
Call = Callable[[], Coroutine[Any, Any, object]]
Pair = tuple[Phone, Call, Call, bytes]
"""Whose card waits; what opens the card, what brings the record, and its id."""
GIVEN_UP_S: Final = 20
CLOSED: Final = sa.select(sa.func.pg_advisory_xact_lock(comings.SPACE, 1))


@pytest.fixture
async def engine(migrated_postgres_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(async_url(migrated_postgres_url))
    yield made
    await made.dispose()


@pytest.fixture
async def team(migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Team]:
    """Nobody loses a race here: who runs again does so of his own will, and a deadlock is a failure."""
    database = open_database(migrated_postgres_url)
    made = await team_of(database)
    monkeypatch.setattr(postgres, "AGAIN_MAX", 0)
    yield made
    await database.close()


async def until(database: Database, asked: sa.TextClause, count: int, task: "asyncio.Task[Any]", **values: object) -> None:
    """Wait until so many wait, of whom one is this."""
    while await database.read(lambda conn: conn.execute(asked, values).scalar_one()) < count:
        assert not task.done(), "waits for nobody"


@asynccontextmanager
async def held(engine: AsyncEngine, *locks: sa.Select[Any]) -> AsyncIterator[AsyncConnection]:
    """A transaction that holds these."""
    async with engine.begin() as holder:
        for one in locks:
            await holder.execute(one)
        yield holder


async def customer_by_phone(team: Team) -> Pair:
    """Another phone of his makes the customer whom he visited."""
    second, customer_id = await team.world.phone(team.ann.user_id), next(team.world.ids)
    team.ann.create("visit", customer_id=customer_id, device_ms=START_MS)
    second.enter(Edit(Kind.create, BY_NAME["customer"], customer_id, {"name": "Back"}))
    return team.ann, team.ann.sync, second.sync, customer_id


async def contact_by_colleague(team: Team) -> Pair:
    """A colleague makes, at a customer of both, the contact that he changed: he makes nothing himself."""
    contact_id = next(team.world.ids)
    team.ann.enter(Edit(Kind.patch, BY_NAME["contact"], contact_id, {"phone": "2"}, bases={"phone": 1}))
    team.bo.enter(Edit(Kind.create, BY_NAME["contact"], contact_id, {"customer_id": team.customer_id, "name": "Lin"}))
    return team.ann, team.ann.sync, team.bo.sync, contact_id


async def customer_by_desk(team: Team) -> Pair:
    """The desk makes the customer whom he visited."""
    boss, customer_id = await team.world.phone(await team.world.user("boss", Role.admin)), next(team.world.ids)
    team.bo.create("visit", customer_id=customer_id, device_ms=START_MS)
    asked = NewCustomer(customer_id, CUSTOMER.create_type(name="Entered"), team.bo.user_id)

    async def imported() -> object:
        return await team.world.database.write(act, boss.claims, asked, team.world.now_ms)

    return team.bo, team.bo.sync, imported, customer_id


async def contact_by_move(team: Team) -> Pair:
    """The desk gives a customer to Bo, who entered a contact of it before: that is made by the move, and the manager changed it."""
    customer_id, contact_id = await contact_entered(team)
    return team.manager, team.manager.sync, lambda: team.move(team.bo, customer_id), contact_id


async def contact_by_claim(team: Team) -> Pair:
    """Bo takes that customer out of a pool."""
    customer_id, contact_id = await contact_entered(team)
    await put_into(team, await pool_of(team), customer_id)
    keep_tiles(team.bo.shelf, (0,))
    await team.bo.sync()
    claimed(team.bo, customer_id)
    return team.manager, team.manager.sync, team.bo.sync, contact_id


async def contact_entered(team: Team) -> tuple[bytes, bytes]:
    """A customer of Ann's, and the contact that Bo entered of it in vain."""
    customer_id = team.ann.create("customer", name="Ann's")
    await team.ann.sync()
    contact_id = team.bo.create("contact", customer_id=customer_id, name="Wu")
    await team.bo.sync()
    team.manager.enter(Edit(Kind.patch, BY_NAME["contact"], contact_id, {"phone": "2"}, bases={"phone": 1}))
    return customer_id, contact_id


@pytest.mark.parametrize("made", [customer_by_phone, contact_by_colleague, customer_by_desk, contact_by_move, contact_by_claim])
@pytest.mark.parametrize("waits_first", [True, False], ids=["card_first", "record_first"])
async def test_a_card_and_what_it_waits_for_at_once(
    team: Team, engine: AsyncEngine, made: Callable[[Team], Awaitable[Pair]], *, waits_first: bool
) -> None:
    """P-512: neither reads what the other writes, both have read, and then both commit."""
    author, opens, brings, record_id = await made(team)
    database = team.world.database
    async with held(engine, sa.select(scope.c.number).with_for_update()):
        first = asyncio.create_task((opens if waits_first else brings)())
        await until(database, WAITING, 1, first)
        second = asyncio.create_task((brings if waits_first else opens)())
        await until(database, WAITING, 2, second)
    await asyncio.gather(first, second)
    await author.sync()
    assert [one.code for one in author.inbox() if one.state == ItemState.open] == []
    assert any(author.view(name, record_id) is not None for name in ("customer", "contact"))


async def test_a_customer_who_comes_between_lock_and_look_is_locked(team: Team, engine: AsyncEngine) -> None:
    """P-512: his family could not be locked when it was asked for, and he moves before the card that names him is written."""
    database, customer_id = team.world.database, next(team.world.ids)
    team.bo.create("visit", customer_id=next(team.world.ids), device_ms=START_MS)
    await team.bo.sync()
    (card,) = team.bo.inbox()
    team.bo.command("inbox_item", card.id, Dismiss())
    team.bo.create("visit", customer_id=customer_id, device_ms=START_MS)
    async with held(engine, sa.select(ITEM.c.id).where(ITEM.c.id == card.id).with_for_update()) as between:
        visiting = asyncio.create_task(team.bo.sync())
        await until(database, WAITING, 1, visiting)  # the families are locked, the standings not read
        team.ann.enter(Edit(Kind.create, BY_NAME["customer"], customer_id, {"name": "Ann's"}))
        await team.ann.sync()
        async with held(engine, sa.select(scope.c.number).with_for_update()) as last:
            pid = (await last.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
            await between.rollback()
            await until(database, BEHIND, 1, visiting, pid=pid)
            moving = asyncio.create_task(team.move(team.bo, customer_id))
            await until(database, WAITING, 2, moving)
    await asyncio.gather(visiting, moving)
    await team.bo.sync()
    assert [one.state for one in team.bo.inbox()] == [ItemState.dismissed, ItemState.judged_anew]
    assert visits(team.bo) == 1


async def pushed(team: Team) -> Call:
    team.ann.create("contact", customer_id=team.customer_id, name="Lin")
    return team.ann.sync


async def released(team: Team) -> Call:
    pool = await pool_of(team)
    return lambda: team.world.database.write(act, team.manager.claims, GiveToPool(team.customer_id, pool.id), team.world.now_ms)


async def handed_over(team: Team) -> Call:
    move = Transfer(team.customer_id, team.bo.user_id)
    return lambda: team.world.database.write(hand_over.give, team.manager.claims, move, team.ann.user_id, team.world.now_ms)


async def moved(team: Team) -> Call:
    return lambda: team.move(team.bo)


@pytest.mark.parametrize("made", [pushed, released, handed_over, moved])
async def test_what_comes_is_locked_before_pools_and_families(
    team: Team, engine: AsyncEngine, made: Callable[[Team], Awaitable[Call]]
) -> None:
    """P-512: who holds a family and then waits for what comes stands in a circle with who holds that and waits for the family."""
    brings = await made(team)
    async with held(engine, CLOSED) as closed:
        bringing = asyncio.create_task(brings())
        await until(team.world.database, WAITING, 1, bringing)
        for table in (STANDING, POOL):
            await closed.execute(sa.select(table.c.id).with_for_update(nowait=True))
    await bringing


async def test_changes_of_what_is_there_wait_for_nobody(team: Team, engine: AsyncEngine) -> None:
    """P-512: nor do facts and edits of an organisation next door."""
    team.ann.patch("customer", team.customer_id, note="x")
    async with held(engine, CLOSED):
        await team.ann.sync()
    async with held(engine, sa.select(sa.func.pg_advisory_xact_lock(comings.SPACE, 2))):
        team.ann.create("contact", customer_id=team.customer_id, name="Lin")
        await team.ann.sync()


async def test_who_wants_it_alone_gives_up_after_a_while(team: Team, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-323: where one of those who share it hangs, everybody would queue behind; nothing is taken, and the same is sent again."""
    monkeypatch.setattr(comings, "CLOSE_MS", 1)
    team.ann.create("visit", customer_id=next(team.world.ids), device_ms=START_MS)
    async with held(engine, sa.select(sa.func.pg_advisory_xact_lock_shared(comings.SPACE, 1))):
        with pytest.raises(Unavailable) as caught:
            await asyncio.wait_for(team.ann.sync(), GIVEN_UP_S)
    assert caught.value.code is Code.busy
    monkeypatch.undo()
    await team.ann.sync()
    assert [one.code for one in team.ann.inbox()] == ["out_of_scope"]
