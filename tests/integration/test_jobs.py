"""The outbox reaches its channel once; old removals are forgotten and the floor rises."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.jobs.compact import purge
from server.models import scope
from server.store import compact
from tests.world import World


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).open()


async def test_old_removals_go_and_an_old_cursor_starts_anew(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-134, P-206."""
    ann = await world.user("ann")
    one, two = await world.phone(ann), await world.phone(ann)
    customer_id = one.create("customer", name="Shop")
    contact_id = one.create("contact", customer_id=customer_id, name="Ms Lin")
    await one.sync()
    await two.sync()
    one.delete("contact", contact_id)
    await one.sync()
    day_ms = 86_400_000
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms + 89 * day_ms)
    assert await purge(database, 90) == 0
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms + 91 * day_ms)
    assert len(await database.read(compact.scopes, world.org_id, world.now_ms + day_ms)) == 1  # the others are not even locked
    assert await purge(database, 90) == 1
    assert await database.read(compact.scopes, world.org_id, world.now_ms + day_ms) == []
    floors = await database.read(lambda conn: list(conn.execute(sa.select(scope.c.floor).where(scope.c.floor > 0)).scalars()))
    assert len(floors) == 1
    answers = await two.sync()
    assert any(page.begin for answer in answers for page in answer.pages)
    assert two.view("contact", contact_id) is None
    assert two.view("customer", customer_id) is not None
    fresh = await world.phone(ann)
    await fresh.sync()
    assert two.holds() == fresh.holds()


async def test_removals_of_one_organisation_go_alone(world: World, database: Database) -> None:
    """P-134: scopes of several organisations bear the same numbers."""
    worlds = (world, await World(database, org_id=2).open())
    for each in worlds:
        phone = await each.phone(await each.user("ann"))
        contact_id = phone.create("contact", customer_id=phone.create("customer", name="Shop"), name="Ms Lin")
        await phone.sync()
        phone.delete("contact", contact_id)
        await phone.sync()
    (scope_no,) = await database.read(compact.scopes, 1, world.now_ms + 1)
    assert await database.read(compact.scopes, 2, world.now_ms + 1) == [scope_no]
    assert await database.write(compact.purge, 1, scope_no, world.now_ms + 1) == 1
    assert await database.read(compact.scopes, 2, world.now_ms + 1) == [scope_no]
