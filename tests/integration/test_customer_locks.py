"""Each lock of a customer stands in its timeline: who, until when, why, and what ended it (D-178, D-179)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.local_times import moment_ms
from server.services import records
from shared_schema.records.archival import ArchiveCustomer
from shared_schema.records.customer import Collaborate, GiveToPool, LockCustomer, Transfer
from shared_schema.records.customer_lock import CustomerLock, CustomerLockState
from shared_schema.registry import BY_NAME
from shared_schema.rest import Event
from tests.integration.test_extensions import ZONE, desk, heard, standing, today
from tests.integration.test_sync_pools import admin, pool_of
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, team_of, words

HOUR_MS = 3_600_000


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def held(phone: Phone) -> list[CustomerLock]:
    """The locks on a phone, the oldest first."""
    await phone.sync()
    found = [phone.view("customer_lock", record_id) for record_id, _ in phone.shelf.rows(BY_NAME["customer_lock"].number)]
    return sorted((one for one in found if isinstance(one, CustomerLock)), key=lambda one: (one.locked_ms, one.rev))


async def told(team: Team) -> list[tuple[str, bytes | None, Any]]:
    """The lines about locks in the manager's timeline of the customer, the oldest first: what, by whom, why."""
    since = records.Since(0, team.customer_id)
    found: list[Event] = await team.world.database.read(records.timeline, team.manager.claims, since, team.world.now_ms)
    mine = [one for one in found if one.entity == BY_NAME["customer_lock"].number]
    return [(one.what, one.user_id, one.values["reason"]) for one in sorted(mine, key=lambda one: (one.at_ms, one.rev))]


async def test_a_lock_stands_in_the_timeline_and_changes_no_hands(team: Team) -> None:
    """D-178: on the phones of owner, collaborator and manager, and at the desk; the epoch stays, so no claim or release grows stale."""
    epoch, day = (await standing(team)).epoch, today(team) + 30
    now_ms = team.world.now_ms
    await desk(team, LockCustomer(team.customer_id, day, "a tender"))
    assert (await standing(team)).epoch == epoch
    for phone in (team.ann, team.bo, team.manager):
        [one] = await held(phone)
        assert (one.author_id, one.until_ms, one.reason) == (team.manager.user_id, moment_ms(day, 0, ZONE), "a tender")
        assert (one.locked_ms, one.state, one.ended_ms) == (now_ms, CustomerLockState.set, None)
    await desk(team, LockCustomer(team.customer_id, day, "a tender"))
    assert len(await held(team.ann)) == 1, "the same again is no second lock"
    assert await told(team) == [("locked", team.manager.user_id, "a tender")]
    await right(team)


async def test_what_was_taken_off_or_replaced_says_so(team: Team) -> None:
    """D-179: by whom, when and why; a lock anew is a second one."""
    await desk(team, LockCustomer(team.customer_id, today(team) + 30, "a tender"))
    team.world.now_ms += HOUR_MS
    await desk(team, LockCustomer(team.customer_id, today(team) + 40, "still the tender"))
    team.world.now_ms += HOUR_MS
    boss, now_ms = await admin(team), team.world.now_ms
    await desk(team, LockCustomer(team.customer_id, None, "lost it"), boss)
    first, second = await held(team.ann)
    assert (first.state, first.ended_ms, first.ended_by_id) == (CustomerLockState.replaced, second.locked_ms, team.manager.user_id)
    assert (second.state, second.ended_ms, second.end_reason) == (CustomerLockState.taken_off, now_ms, "lost it")
    assert second.ended_by_id == boss.user_id
    lines = [("locked", "a tender"), ("locked", "still the tender"), ("unlocked", "lost it")]
    assert [(what, why) for what, _, why in await told(team)] == lines
    await right(team)


async def test_a_lock_that_is_over_by_its_time_is_not_ended_again(team: Team) -> None:
    """D-179: the phone knows its end; neither a word to unlock, nor a new lock, nor a move changes it."""
    day = today(team) + 2
    await desk(team, LockCustomer(team.customer_id, day, "a tender"))
    team.world.now_ms = moment_ms(day, 0, ZONE)
    await desk(team, LockCustomer(team.customer_id, today(team) + 5, "another"))
    await desk(team, LockCustomer(team.customer_id, None))
    await desk(team, Transfer(team.customer_id, team.bo.user_id))
    first, second = await held(team.bo)
    assert (first.state, first.ended_ms) == (CustomerLockState.set, None)
    assert second.state is CustomerLockState.taken_off


@pytest.mark.parametrize("way", ["transfer", "pool", "archive"])
async def test_a_lock_ends_with_the_ownership(team: Team, way: str) -> None:
    """D-179, D-160: the next owner reads of it; a collaboration that begins changes nothing."""
    pool = await pool_of(team)
    await desk(team, LockCustomer(team.customer_id, today(team) + 30, "a tender"))
    eve = await team.world.phone(await team.world.user("eve"))
    boss = await admin(team)
    await desk(team, Collaborate(team.customer_id, eve.user_id), boss)
    [one] = await held(eve)
    assert one.state is CustomerLockState.set
    team.world.now_ms += HOUR_MS
    asked = {
        "transfer": Transfer(team.customer_id, team.bo.user_id),
        "pool": GiveToPool(team.customer_id, pool.id, None, "idle"),
        "archive": ArchiveCustomer(team.customer_id, "shut down"),
    }[way]
    now_ms = team.world.now_ms
    await desk(team, asked)
    if way == "transfer":
        [one] = await held(team.bo)
        assert (one.state, one.ended_ms, one.ended_by_id) == (CustomerLockState.changed_hands, now_ms, team.manager.user_id)
        assert [what for what, _, _ in await told(team)] == ["locked", "lock_ended"]
    assert await held(team.ann) == [], "it went with the customer"
    await right(team)


async def test_no_device_makes_a_lock(team: Team) -> None:
    """D-178"""
    until_ms = team.world.now_ms + HOUR_MS
    team.ann.create("customer_lock", customer_id=team.customer_id, author_id=team.ann.user_id, locked_ms=1, until_ms=until_ms)
    assert words(await team.ann.sync())[0][0] == "rejected"
    assert await held(team.ann) == []


async def test_locks_of_customers_from_one_moment_are_told_each(team: Team) -> None:
    """D-160: the notice of one is not taken for that of the other, though their ids begin alike."""
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(2)]
    await team.ann.sync()
    assert ids[0][:8] == ids[1][:8]
    for customer_id in ids:
        await desk(team, LockCustomer(customer_id, today(team) + 30, "a tender"))
    assert sorted(one["customer"] for one in await heard(team.ann, "customer_locked")) == ["Shop 0", "Shop 1"]
