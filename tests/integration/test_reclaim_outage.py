"""Time without a server: it is nobody's silence, and behind it phones send first (D-146, D-158)."""

import pytest

from server.jobs.uptime import beat
from server.store import uptime
from tests.integration.test_reclaim import HOUR_MS, TODAY, Scene, at, heard, seen
from tests.integration.test_reclaim import scene as scene  # noqa: PLC0414 - the fixture


@pytest.fixture(autouse=True)
def clocked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers' own record goes by the world's clock."""
    monkeypatch.setattr("server.clock.ran_ms", lambda: scene.team.world.now_ms)


async def up(scene: Scene, from_ms: int, until_ms: int) -> None:
    """A server says again and again that it is up."""
    for at_ms in range(from_ms, until_ms, uptime.OFF_MS):
        await scene.database.write(uptime.beat, at_ms)
    await scene.database.write(uptime.beat, until_ms)


async def warned(scene: Scene) -> None:
    """The owner's phone had all warnings; then the server is off for three days, over the due day."""
    await scene.rule()
    for day in (13, 17, 19):
        await scene.tick(at(day), scene.team.ann)
    await up(scene, at(13), at(19, 14))


async def back(scene: Scene, at_ms: int) -> None:
    """A server starts, and its jobs make their first turns."""
    scene.team.world.now_ms = at_ms
    await beat(scene.database)
    await scene.tick(at_ms)


async def test_phones_send_first_behind_an_outage(scene: Scene) -> None:
    """D-158: the owner visited while no server was there, and the phone comes an hour after the server; the first sweep took nothing."""
    await warned(scene)
    scene.team.ann.create("contact_log", customer_id=scene.team.customer_id, device_ms=at(19, 18))
    await back(scene, at(22))
    assert await scene.is_owned()
    scene.team.world.now_ms = at(22, 13)
    await scene.team.ann.sync()
    await up(scene, at(22), at(24))
    await scene.tick(at(24), scene.team.ann)
    assert await scene.is_owned()
    assert heard(scene.team.ann, "reclaimed") == []


async def test_a_day_after_the_outage_it_falls(scene: Scene) -> None:
    """D-158: the warnings stand; nobody is warned again, and a day of the server's work later the customer falls."""
    await warned(scene)
    await back(scene, at(22))
    await up(scene, at(22), at(23))
    await scene.tick(at(23) - 1)
    assert await scene.is_owned()
    await scene.tick(at(23))
    assert not await scene.is_owned()
    await scene.team.ann.sync()
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["7", "3", "1"]


async def test_a_server_that_came_back_just_before_the_day(scene: Scene) -> None:
    """D-158: ten minutes before midnight phones had no day yet."""
    await warned(scene)
    await back(scene, at(20, 0) - uptime.OFF_MS)
    await up(scene, at(20, 0) - uptime.OFF_MS, at(20, 12))
    await scene.tick(at(20))
    assert await scene.is_owned()


async def test_while_no_server_hears_phones_nothing_falls(scene: Scene) -> None:
    """D-158: a worker beside servers that are off."""
    await warned(scene)
    for day in (20, 21, 22):
        await scene.tick(at(day))
        assert await scene.is_owned()


async def test_a_server_that_is_off_each_night_still_takes(scene: Scene) -> None:
    """D-158: of the time behind the due day only that counts in which a server was there; there are 24 hours of it in three days."""
    await warned(scene)
    for day in (20, 21, 22):
        await back(scene, at(day, 8))
        await up(scene, at(day, 8), at(day, 18))
        assert await scene.is_owned()
    await scene.tick(at(22, 18))
    assert not await scene.is_owned()


async def test_days_of_an_outage_are_nobodys_silence(scene: Scene) -> None:
    """D-146: a week without a server makes no owner silent; seven days with one do."""
    await scene.rule()
    await up(scene, at(10), at(15))
    await scene.database.write(seen, scene.team.ann.user_id, at(14))
    await scene.tick(at(14))
    await back(scene, at(22))
    await scene.team.manager.sync()
    assert heard(scene.team.manager, "reclaim_warning_below") == []
    await up(scene, at(22), at(30))
    await scene.tick(at(28) - HOUR_MS, scene.team.manager)
    assert heard(scene.team.manager, "reclaim_warning_below") == []
    await scene.tick(at(28), scene.team.manager)
    (told,) = heard(scene.team.manager, "reclaim_warning_below")
    await scene.tick(told.made_ms + 24 * HOUR_MS - 1)
    assert await scene.is_owned()
    await scene.tick(told.made_ms + 25 * HOUR_MS)
    assert not await scene.is_owned()


async def test_no_device_is_silent_while_no_server_hears_it(scene: Scene) -> None:
    """D-928: ann is reminded on the 13th; the server is off from that afternoon until the 16th. A day of work later the manager hears."""
    ann = scene.team.ann
    ann.create("follow_up", customer_id=scene.team.customer_id, due_day=TODAY + 13, purpose="Samples")
    scene.team.world.now_ms = at(11)
    await ann.sync()
    await up(scene, at(11), at(13, 14))
    await scene.tick(at(13))
    await back(scene, at(16))
    await up(scene, at(16), at(17))
    for at_ms, told in ((at(17) - 3 * HOUR_MS, 0), (at(17), 1)):
        await scene.tick(at_ms, scene.team.manager)
        assert len(heard(scene.team.manager, "device_silent")) == told
