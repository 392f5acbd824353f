"""Planted faults: operations torn apart on purpose, so that the crash matrix can be seen to notice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from notifications.push import ChannelName, Push
from notifications.reaction import Said
from server.database import Database
from server.jobs.push import Sender
from server.services import sync_push
from server.services.devices import fork
from server.store import device_lines, devices, feed, outbox, write
from shared_schema.wire import REQUEST_DECODER
from tests.prove import crash_operations as operations
from tests.prove import crash_plants_more
from tests.prove.crash_listed import KEY, Operation
from tests.prove.crash_operations import FileSends, every_notice_was_heard
from tests.prove.crash_postponed import Plant, make_up, postponed
from tests.prove.crash_scene import SIGNER
from tests.prove.crash_stage import Scene


async def outcomes_later(database: Database, scene: Scene) -> object:
    """Outcomes are stored in a transaction of their own."""
    with postponed(device_lines, "store") as kept:
        answer = await operations.push_mixed(database, scene)
    await make_up(database, kept)
    return answer


async def dedupe_outside(database: Database, scene: Scene) -> object:
    """What was consumed is noted in a transaction of its own: who asks again in between is taken twice."""
    with postponed(device_lines, "store", "advance") as kept:
        answer = await operations.push_mixed(database, scene)
    await make_up(database, kept)
    return answer


async def line_each_time(database: Database, scene: Scene) -> object:
    """A log-in that looks for no line of its phone: asked again, it opens another."""
    with postponed(devices, "newest"):
        return await operations.log_in(database, scene)


async def answered_before_commit(database: Database, scene: Scene) -> object:
    """The phone hears of success before the commit."""
    asked = REQUEST_DECODER.decode(scene.requests["mixed"])

    def unit(conn: Any) -> object:
        pushed = sync_push.push(conn, scene.claims["ann"], asked, KEY, scene.now_ms)
        ACKNOWLEDGE[-1]((pushed.outcomes, pushed.last_n))
        return pushed.outcomes, pushed.last_n

    return await database.write(unit)


async def family_in_two_steps(database: Database, scene: Scene) -> object:
    """A transfer whose feed follows in a second transaction."""
    with postponed(feed, "publish", answer={}) as kept:
        moved = await operations.transfer(database, scene)
    await make_up(database, kept)
    return moved


class SettledFirst(FileSends):
    """Marks a notice as sent before it is sent."""

    def __init__(self, database: Database, scene: Scene) -> None:
        super().__init__(Path(scene.texts["beside"], "heard"))
        self._database, self._scene = database, scene

    async def send(self, name: ChannelName, push: Push, *, dry: bool = False) -> Said:
        place = (UUID(push.data["id"]).bytes, outbox.LOG)
        row = {"place": place, "tries": 1, "state": "sent", "due_ms": None, "fails": 0, "sent_ms": 0}
        await self._database.write(outbox.settle, self._scene.org_id, [row])
        return await super().send(name, push, dry=dry)


async def settled_before_sent(database: Database, scene: Scene) -> object:
    """At most once instead of at least once."""
    return await operations.sent_all(Sender(database, SettledFirst(database, scene), {ChannelName.log}))


async def bytes_later(database: Database, scene: Scene) -> object:
    """The bytes of refused entries are kept in a transaction of their own."""
    with postponed(device_lines, "keep_payloads") as kept:
        answer = await operations.push_mixed(database, scene)
    await make_up(database, kept)
    return answer


async def records_later(database: Database, scene: Scene) -> object:
    """The event of a transfer is written before its records."""
    with postponed(write, "_save_records") as kept:
        moved = await operations.transfer(database, scene)
    await make_up(database, kept)
    return moved


async def scopes_later(database: Database, scene: Scene) -> object:
    """A user gets his scopes in a transaction of their own."""
    with postponed(write, "insert_scopes") as kept:
        made = await operations.make_user(database, scene)
    await make_up(database, kept)
    return made


async def sessions_end_later(database: Database, scene: Scene) -> object:
    """A forked line loses its session in a transaction of its own."""
    with postponed(devices, "end_line") as kept:
        forked = await database.write(fork, SIGNER, scene.claims["ann"], scene.now_ms)
    await make_up(database, kept)
    return forked


ACKNOWLEDGE: Final[list[Callable[[object], None]]] = []
"""Where a plant tells its answer too early; the forked process puts it there."""
PLANTS: Final = (
    Plant(Operation("plant: outcomes in a second transaction", outcomes_later), "torn", "outcomes of []"),
    Plant(Operation("plant: dedupe outside the transaction", dedupe_outside), "torn", "has not consumed it"),
    Plant(Operation("plant: a line each time", line_each_time), "duplicated", "device"),
    Plant(Operation("plant: answered before the commit", answered_before_commit), "lost", "it was answered"),
    Plant(Operation("plant: feed in a second transaction", family_in_two_steps), "torn", "feed"),
    Plant(Operation("plant: refused bytes in a second transaction", bytes_later), "torn", "its bytes are nowhere"),
    Plant(Operation("plant: event before the standing", records_later), "torn", "events say"),
    Plant(Operation("plant: user before his scopes", scopes_later), "torn", "all of his scopes"),
    Plant(Operation("plant: fork before the end of the session", sessions_end_later), "torn", "which is not active"),
    Plant(
        Operation("plant: notice settled before it is sent", settled_before_sent, every_notice_was_heard, later_ms=operations.LATER_MS),
        "lost", "the provider heard",
    ),
    *crash_plants_more.PLANTS,
)  # fmt: skip
