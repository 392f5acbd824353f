"""The outbox reaches its channel once; old removals are forgotten and the floor rises."""

import pytest
import sqlalchemy as sa

from notifications.channels import Notice, Reaction
from server.database import Database
from server.jobs.compact import purge
from server.jobs.deliver import WORTH_MS, deliver
from server.models import RECORD_TABLES, notice, scope
from server.services.act import act
from server.store import compact
from server.store.outbox import TRIES_MAX
from shared_schema.records.customer import Transfer
from shared_schema.records.reference import Role
from tests.world import World


class Ear:
    """A channel that keeps what it hears, after failing a number of times."""

    def __init__(self, failures: int = 0) -> None:
        self.heard: list[Notice] = []
        self.failures = failures

    async def deliver(self, notice: Notice) -> Reaction:
        if self.failures:
            self.failures -= 1
            return Reaction.retry
        self.heard.append(notice)
        return Reaction.sent


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).open()


async def test_a_transfer_is_heard_once_by_both(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = await world.phone(await world.user("manager", Role.manager))
    ann, bo = await world.phone(await world.user("ann")), await world.phone(await world.user("bo"))
    customer_id = ann.create("customer", name="角落小店")
    await ann.sync()
    await database.write(act, manager.claims, Transfer(customer_id, bo.user_id, 1, "nearer"), world.now_ms)
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms)
    ear = Ear(failures=1)
    assert await deliver(database, ear) == 1
    world.now_ms += 100_000
    assert await deliver(database, ear) == 1
    assert await deliver(database, ear) == 0
    assert {(one.kind, one.user_id) for one in ear.heard} == {("assigned", bo.user_id), ("unassigned", ann.user_id)}
    assert all("角落小店" in one.title + one.body for one in ear.heard)


async def test_who_has_left_hears_nothing(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-002. The row says why; the notices of the others go out with the same lease."""
    manager = await world.phone(await world.user("manager", Role.manager))
    ann, bo = await world.phone(await world.user("ann")), await world.phone(await world.user("bo"))
    customer_id = ann.create("customer", name="Corner")
    await ann.sync()
    await database.write(act, manager.claims, Transfer(customer_id, bo.user_id, 1, "nearer"), world.now_ms)
    person = RECORD_TABLES["person"]
    left = sa.update(person).where(person.c.id == ann.user_id).values(active=False)
    await database.write(lambda conn: conn.execute(left).rowcount)
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms)
    ear = Ear()
    assert await deliver(database, ear) == 1
    assert [one.user_id for one in ear.heard] == [bo.user_id]
    states = await database.read(lambda conn: conn.execute(sa.select(notice.c.kind, notice.c.state)).all())
    assert sorted(map(tuple, states)) == [("assigned", "sent"), ("unassigned", "dropped_left")]
    world.now_ms += 100_000
    assert await deliver(database, ear) == 0


async def test_a_parked_edit_is_heard(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await world.user("ann")
    one, two = await world.phone(ann), await world.phone(ann)
    customer_id = one.create("customer", name="Shop", phone="0")
    await one.sync()
    await two.sync()
    one.patch("customer", customer_id, phone="1")
    two.patch("customer", customer_id, phone="2")
    await one.sync()
    await two.sync()
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms)
    ear = Ear()
    assert await deliver(database, ear) == 1
    assert ear.heard[0].kind == "parked"


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


async def test_a_dead_worker_s_lease_ends(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that died between lease and settle: nobody takes its notice for a minute, then somebody does."""
    manager = await world.phone(await world.user("manager", Role.manager))
    ann, bo = await world.phone(await world.user("ann")), await world.phone(await world.user("bo"))
    customer_id = ann.create("customer", name="Shop")
    await ann.sync()
    await database.write(act, manager.claims, Transfer(customer_id, bo.user_id), world.now_ms)
    leased = sa.update(notice).values(state="leased", lease_until_ms=world.now_ms + 60_000)
    await database.write(lambda conn: conn.execute(leased).rowcount)
    ear = Ear()
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms + 59_000)
    assert await deliver(database, ear) == 0
    monkeypatch.setattr("server.chance.now_ms", lambda: world.now_ms + 60_000)
    assert await deliver(database, ear) == 2


async def test_a_notice_that_is_not_taken_is_tried_ever_more_rarely_and_then_dropped(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try is counted, waits twice as long as the one before, and the last one is the end; news of yesterday is not sent at all."""
    manager, ann = await world.phone(await world.user("manager", Role.manager)), await world.phone(await world.user("ann"))
    customer_id = manager.create("customer", name="Shop")
    await manager.sync()
    await database.write(act, manager.claims, Transfer(customer_id, ann.user_id), world.now_ms)
    clock = [world.now_ms]
    monkeypatch.setattr("server.chance.now_ms", lambda: clock[0])
    ear, waits = Ear(failures=100), []
    while (again_ms := await database.read(_again_ms)) is not None:
        clock[0] = max(again_ms, clock[0])
        assert await deliver(database, ear) == 0
        waits.append((await database.read(_again_ms) or 0) - clock[0])
    assert waits[:-1] == [20_000 * 2**tried for tried in range(TRIES_MAX - 1)]
    assert (ear.failures, len(waits)) == (100 - TRIES_MAX, TRIES_MAX)
    await database.write(act, manager.claims, Transfer(customer_id, manager.user_id), world.now_ms)
    clock[0] = world.now_ms + WORTH_MS + 1
    assert await deliver(database, Ear()) == 0
    assert await database.read(_again_ms) is None


def _again_ms(conn: sa.Connection) -> int | None:
    """When the next notice is due; None without one."""
    found: int | None = conn.execute(sa.select(sa.func.min(notice.c.lease_until_ms)).where(notice.c.state == "queued")).scalar_one()
    return found


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
