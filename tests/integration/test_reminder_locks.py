"""A reminder and its cause at once: who comes second waits, and sees what the first has left (D-921, D-922)."""

from typing import Final

import sqlalchemy as sa

from server.domain.local_times import DAY_MS
from server.models import RECORD_TABLES, due
from server.services import sync_push
from server.services.remind import remind
from shared_schema.records.inbox import Value
from shared_schema.records.notification import NotificationState
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_locks import Two, two
from tests.world import KEY, Team, team_of

__all__ = ["two"]
REMINDED: Final = RECORD_TABLES["notification"].c


async def planned(team: Team) -> tuple[int, list[tuple[str, bytes]]]:
    """Ann's follow-up of the second day, the evening before → when it is due, and how the scheduler names it."""
    day = team.world.now_ms // DAY_MS + 2
    follow_up_id = team.ann.create("follow_up", customer_id=team.customer_id, due_day=day)
    await team.ann.sync()
    team.world.now_ms = day * DAY_MS
    return team.world.now_ms, [("follow_up", follow_up_id)]


async def notices_of(team: Team) -> list[int]:
    """The states of the reminders."""
    chosen = sa.select(REMINDED.state).where(REMINDED.kind.like("follow_up%"))
    return list(await team.world.database.read(lambda conn: conn.execute(chosen).scalars().all()))


async def test_a_contact_behind_a_reminder_under_way_ends_it(two: Two) -> None:
    """D-922, D-924."""
    team = await team_of(two.database)
    now_ms, subjects = await planned(team)
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=now_ms)
    async with two.engine.begin() as held:
        await held.run_sync(remind, team.world.org_id, subjects, now_ms)
        pushing = await two.behind(team.bo.sync())
    await pushing
    assert await notices_of(team) == [NotificationState.done]


async def test_a_reminder_behind_a_contact_under_way_is_not_made(two: Two) -> None:
    """D-922, D-924."""
    team = await team_of(two.database)
    now_ms, subjects = await planned(team)
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=now_ms)
    async with two.engine.begin() as held:
        await held.run_sync(sync_push.push, team.bo.claims, team.bo.ask(), KEY, now_ms)
        reminding = await two.behind(two.database.write(remind, team.world.org_id, subjects, now_ms))
    await reminding
    assert await notices_of(team) == []


async def test_a_zone_that_is_being_changed_is_judged_by_after_it(two: Two) -> None:
    """D-921: else the row would be late by the zone of before."""
    team = await team_of(two.database)
    now_ms, subjects = await planned(team)
    own: dict[str, Value] = {"user_id": team.ann.user_id, "time_zone": "Pacific/Auckland"}
    team.ann.enter(Edit(Kind.create, BY_NAME["user_settings"], team.ann.user_id, own))
    async with two.engine.begin() as held:
        await held.run_sync(sync_push.push, team.ann.claims, team.ann.ask(), KEY, now_ms)
        reminding = await two.behind(two.database.write(remind, team.world.org_id, subjects, now_ms))
    await reminding
    moments = await two.database.read(lambda conn: conn.execute(sa.select(due.c.at_ms)).scalars().all())
    assert now_ms + 20 * 3_600_000 in moments, "08:00 of the next day in Auckland, UTC+12"
