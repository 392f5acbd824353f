"""Which warning counts: one of this very fall, from behind what kept the customer, and not one of long ago (D-144 to D-146)."""

from typing import Any

import sqlalchemy as sa

from server.domain.local_times import date_of
from server.models import RECORD_TABLES, device
from server.services import tables
from server.services.act import act
from shared_schema.records.customer import LeaveAlone, LockCustomer
from shared_schema.records.notification import NotificationState
from shared_schema.records.pool import PoolRequest
from tests.integration.test_reclaim import HOUR_MS, TODAY, Scene, at, hear, heard, seen
from tests.integration.test_reclaim import scene as scene  # noqa: PLC0414 - the fixture

TOLD = RECORD_TABLES["notification"]
KEEPS = ("extended", "locked", "quote")


def days_told(scene: Scene) -> list[str]:
    return [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")]


async def locked(scene: Scene, until_day: int | None) -> None:
    asked = LockCustomer(scene.team.customer_id, until_day, "a tender")
    await scene.database.write(act, scene.team.manager.claims, asked, scene.team.world.now_ms)


async def quote(scene: Scene, **values: Any) -> None:
    await scene.database.write(lambda conn: conn.execute(sa.update(RECORD_TABLES["quote"]).values(**values)))


async def in_use(scene: Scene, active: bool) -> None:
    asked = PoolRequest(name="East", id=scene.pool.id, active=active)
    await scene.database.write(tables.save, scene.desk, asked, scene.team.world.now_ms)


async def falls_a_day_after(scene: Scene, told_ms: int) -> None:
    """The owner's phone takes the new warning; a day later the customer falls."""
    await scene.tick(told_ms, scene.team.ann)
    assert await scene.is_owned()
    await scene.tick(told_ms + 24 * HOUR_MS - 1)
    assert await scene.is_owned()
    await scene.tick(told_ms + 26 * HOUR_MS)
    assert not await scene.is_owned()


async def test_a_lock_that_was_taken_off_warns_anew(scene: Scene) -> None:
    """D-145: warned, then locked for weeks, as the notice says; the word that unlocks takes no customer in the same minute."""
    await scene.rule(exempt=KEEPS)
    await scene.tick(at(13), scene.team.ann)
    scene.team.world.now_ms = at(14)
    await locked(scene, TODAY + 60)
    await scene.tick(at(15), scene.team.ann)
    scene.team.world.now_ms = at(21)
    await locked(scene, None)
    await scene.tick(at(21) + HOUR_MS)
    assert await scene.is_owned()
    assert days_told(scene) == ["7"]
    await falls_a_day_after(scene, at(21) + 2 * HOUR_MS)
    assert days_told(scene) == ["7", "0"]


async def test_the_end_of_a_lock_needs_a_warning_of_that_day(scene: Scene) -> None:
    """D-145: a warning of the day before the lock names another day; an owner who fetched nothing for six days keeps the customer."""
    await scene.rule(exempt=KEEPS)
    await scene.tick(at(13), scene.team.ann)
    scene.team.world.now_ms = at(14)
    await locked(scene, TODAY + 18)
    await scene.tick(at(14) + HOUR_MS, scene.team.ann)
    await scene.tick(at(17))
    assert await scene.is_owned()
    scene.team.world.now_ms = at(17) + HOUR_MS
    await locked(scene, TODAY + 24)
    for day in (18, 21, 23, 24):
        await scene.database.write(seen, scene.team.ann.user_id, at(18))
        await scene.tick(at(day))
    assert await scene.is_owned()


async def test_a_quote_that_was_decided_warns_anew(scene: Scene) -> None:
    """D-145: the customer waited for the decision, and the owner was told nothing meanwhile."""
    await scene.rule(exempt=KEEPS)
    await scene.tick(at(13), scene.team.ann)
    scene.team.ann.create("quote", customer_id=scene.team.customer_id, currency="CNY")
    await scene.team.ann.sync()
    await quote(scene, status=2)
    await scene.tick(at(20), scene.team.ann)
    await quote(scene, status=4, decided_ms=at(21))
    await scene.tick(at(21) + HOUR_MS)
    assert await scene.is_owned()


async def left_alone(scene: Scene, until_day: int | None) -> None:
    asked = LeaveAlone(scene.team.customer_id, until_day)
    await scene.database.write(act, scene.team.manager.claims, asked, scene.team.world.now_ms)


async def test_who_may_not_be_contacted_falls_for_no_silence(scene: Scene) -> None:
    """D-142: the days count from the end of do-not-disturb; the owner is warned before that day anew."""
    await scene.rule()
    await scene.tick(at(13), scene.team.ann)
    await left_alone(scene, TODAY + 30)
    for day in (17, 20, 29, 42):
        await scene.tick(at(day), scene.team.ann)
    assert await scene.is_owned()
    assert days_told(scene) == ["7"]
    for day in (43, 47, 49):
        await scene.tick(at(day), scene.team.ann)
    assert days_told(scene) == ["7", "7", "3", "1"]
    await scene.tick(at(50, 0) - 1)
    assert await scene.is_owned()
    await scene.tick(at(50, 0))
    assert not await scene.is_owned()


async def test_do_not_disturb_that_is_lifted_takes_nothing_at_once(scene: Scene) -> None:
    """D-133, D-142: warned, then left alone for months; lifted behind the day of the warning, the days count from then on."""
    await scene.rule()
    await scene.tick(at(13), scene.team.ann)
    await left_alone(scene, TODAY + 90)
    await scene.tick(at(21, 3), scene.team.ann)
    await left_alone(scene, None)
    await scene.tick(at(21), scene.team.ann)
    assert await scene.is_owned()
    await scene.tick(at(34), scene.team.ann)
    assert days_told(scene) == ["7", "7"]
    await scene.tick(at(41, 0) - 1)
    assert await scene.is_owned()
    await scene.tick(at(41, 0))
    assert not await scene.is_owned()


async def test_a_pool_that_comes_back_into_use_warns_anew(scene: Scene) -> None:
    """D-144, D-145: meanwhile nobody is warned, and a warning of a season ago counts for nothing."""
    await scene.rule(exempt=KEEPS)
    await scene.tick(at(13), scene.team.ann)
    await in_use(scene, active=False)
    for day in (17, 21, 100):
        await scene.tick(at(day), scene.team.ann)
    assert days_told(scene) == ["7"]
    await in_use(scene, active=True)
    await scene.tick(at(100) + HOUR_MS)
    assert await scene.is_owned()
    await falls_a_day_after(scene, at(101))
    assert days_told(scene) == ["7", "0"]


async def test_the_owner_hears_three_days_before_a_lock_ends(scene: Scene) -> None:
    """D-927: in the morning, once; a longer lock closes the notice, and tells of its own end."""
    await locked(scene, TODAY + 10)
    await scene.tick(at(7, 8) - 1, scene.team.ann)
    assert heard(scene.team.ann, "lock_ending") == []
    for _ in range(2):
        await scene.tick(at(7, 8), scene.team.ann)
        assert [one.state < NotificationState.done for one in heard(scene.team.ann, "lock_ending")] == [True]
    await locked(scene, TODAY + 20)
    await scene.team.ann.sync()
    assert [one.state for one in heard(scene.team.ann, "lock_ending")] == [NotificationState.done]
    await scene.tick(at(17), scene.team.ann)
    assert [one.facts["until"] for one in heard(scene.team.ann, "lock_ending")] == [date_of(TODAY + 10), date_of(TODAY + 20)]


async def test_a_revoked_device_makes_nobody_silent_before_seven_days(scene: Scene) -> None:
    """D-146: a phone that was lost yesterday and revoked spoke yesterday; a week later the manager is warned."""
    await scene.rule()
    await scene.database.write(seen, scene.team.ann.user_id, at(18))
    await scene.tick(at(18))
    mine = sa.update(device).where(device.c.user_id == scene.team.ann.user_id)
    await scene.database.write(lambda conn: conn.execute(mine.values(state="revoked")))
    for day in (19, 21, 24):
        await scene.tick(at(day), scene.team.manager)
    assert await scene.is_owned()
    assert heard(scene.team.manager, "reclaim_warning_below") == []
    await scene.tick(at(25), scene.team.manager)
    assert len(heard(scene.team.manager, "reclaim_warning_below")) == 1


async def test_an_old_app_that_takes_no_warning_keeps_no_customer(scene: Scene) -> None:
    """D-146: ann's phone speaks each day and says of no notice that it has it. For a week nobody else hears, and nothing falls; then the
    manager is warned, and a day later the customer falls."""
    await scene.rule()
    for day in range(13, 21):
        await scene.database.write(seen, scene.team.ann.user_id, at(day) - HOUR_MS)
        await scene.tick(at(day), scene.team.manager)
        assert await scene.is_owned()
        assert heard(scene.team.manager, "reclaim_warning_below") == []
    await scene.database.write(seen, scene.team.ann.user_id, at(21) - HOUR_MS)
    await scene.tick(at(21), scene.team.manager)
    (told,) = heard(scene.team.manager, "reclaim_warning_below")
    assert await scene.is_owned()
    await scene.tick(told.made_ms + 24 * HOUR_MS - 1)
    assert await scene.is_owned()
    await scene.tick(told.made_ms + 25 * HOUR_MS)
    assert not await scene.is_owned()


async def test_a_receipt_that_comes_after_all_counts_from_then_on(scene: Scene) -> None:
    """D-146: the manager was warned in ann's place; ann updates the app the same evening, and has a day from her own receipt."""
    await scene.rule()
    await scene.database.write(seen, scene.team.ann.user_id, at(13))
    await scene.tick(at(13))
    await scene.database.write(seen, scene.team.ann.user_id, at(21) - HOUR_MS)
    await scene.tick(at(21), scene.team.manager)
    assert len(heard(scene.team.manager, "reclaim_warning_below")) == 1
    scene.team.world.now_ms = at(22) - HOUR_MS
    await hear(scene.team.ann)
    await scene.tick(at(22) + HOUR_MS)
    assert await scene.is_owned()
    await scene.tick(at(23))
    assert not await scene.is_owned()


async def test_a_week_without_a_word_behind_the_warning_is_silence_alone(scene: Scene) -> None:
    """D-146: ann's phone fetched the warning and was switched off before it said so: six days take nothing, as of any silent owner."""
    await scene.rule()
    await scene.database.write(seen, scene.team.ann.user_id, at(14))
    for day in (13, 20):
        await scene.tick(at(day), scene.team.manager)
    assert heard(scene.team.manager, "reclaim_warning_below") == []
    await scene.tick(at(21) + HOUR_MS, scene.team.manager)
    assert len(heard(scene.team.manager, "reclaim_warning_below")) == 1


async def test_a_warning_whose_reader_has_left_counts_no_more(scene: Scene) -> None:
    """D-146: of a silent owner the manager was warned, and left the same evening; the customer falls a day after the next one heard."""
    await scene.rule()
    await scene.database.write(seen, scene.team.ann.user_id, at(14))
    await scene.tick(at(22), scene.team.manager)
    assert len(heard(scene.team.manager, "reclaim_warning_below")) == 1
    gone = sa.update(RECORD_TABLES["person"]).where(RECORD_TABLES["person"].c.id == scene.team.manager.user_id)
    await scene.database.write(lambda conn: conn.execute(gone.values(active=False)))
    await scene.tick(at(23) - HOUR_MS)
    await scene.tick(at(23) + HOUR_MS)
    assert await scene.is_owned()
    told = sa.select(TOLD.c.made_ms).where(TOLD.c.kind == "reclaim_warning_below", TOLD.c.user_id != scene.team.manager.user_id)
    (made_ms,) = await scene.database.read(lambda conn: conn.execute(told).scalars().all())
    await scene.tick(made_ms + 24 * HOUR_MS - 1)
    assert await scene.is_owned()
    await scene.tick(made_ms + 25 * HOUR_MS)
    assert not await scene.is_owned()
