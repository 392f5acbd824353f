"""Planted faults: operations torn apart on purpose, so that the crash matrix can be seen to notice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from notifications.channels import Notice, Reaction
from server.database import Database
from server.jobs.deliver import deliver
from server.services import ownership, sync_push
from server.store import feed, lines, outbox
from shared_schema.wire import REQUEST_DECODER
from tests.prove import crash_operations
from tests.prove.crash_operations import FileChannel, Operation, every_notice_was_heard
from tests.prove.crash_scene import Scene

Later = list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]


@contextmanager
def postponed(module: Any, *names: str) -> Iterator[Later]:
    """Calls of these functions are kept for a second transaction."""
    kept: Later = []
    honest = {name: getattr(module, name) for name in names}

    def keep(name: str) -> Callable[..., None]:
        return lambda _, *args, **kw: kept.append((honest[name], args, kw))

    for name in names:
        setattr(module, name, keep(name))
    try:
        yield kept
    finally:
        for name, function in honest.items():
            setattr(module, name, function)


async def make_up(database: Database, kept: Later) -> None:
    """The second transaction."""
    for function, args, kw in kept:
        await database.write(function, *args, **kw)


async def outcomes_later(database: Database, scene: Scene) -> object:
    """Outcomes are stored in a transaction of their own."""
    with postponed(lines, "store") as kept:
        answer = await crash_operations.push_mixed(database, scene)
    await make_up(database, kept)
    return answer


async def dedupe_outside(database: Database, scene: Scene) -> object:
    """What was consumed is noted in a transaction of its own: who asks again in between is taken twice."""
    with postponed(lines, "store", "advance") as kept:
        answer = await crash_operations.push_mixed(database, scene)
    await make_up(database, kept)
    return answer


async def answered_before_commit(database: Database, scene: Scene) -> object:
    """The phone hears of success before the commit."""
    asked = REQUEST_DECODER.decode(scene.requests["mixed"])

    def unit(conn: Any) -> object:
        pushed = sync_push.push(conn, scene.claims["ann"], asked, scene.now_ms)
        ACKNOWLEDGE[-1]((pushed.outcomes, pushed.last_n))
        return pushed.outcomes, pushed.last_n

    return await database.write(unit)


async def family_in_two_steps(database: Database, scene: Scene) -> object:
    """A transfer whose feed follows in a second transaction."""
    with postponed(feed, "publish") as kept:
        move = ownership.Move(scene.ids["customer"], scene.ids["bo"], None, "nearer")
        moved = await database.write(ownership.transfer, scene.claims["manager"], move, scene.now_ms)
    await make_up(database, kept)
    return moved.moved


class SettledFirst(FileChannel):
    """Marks a notice as sent before it is sent."""

    def __init__(self, database: Database, scene: Scene) -> None:
        super().__init__(crash_operations.Path(scene.texts["heard"]))
        self._database, self._scene = database, scene

    async def deliver(self, notice: Notice) -> Reaction:
        leased = outbox.Leased(self._scene.org_id, notice.id, notice.user_id, notice.kind.value, {}, 1, 0, notice.language)
        await self._database.write(outbox.settle, leased, "sent", 0)
        return await super().deliver(notice)


async def settled_before_sent(database: Database, scene: Scene) -> object:
    """At most once instead of at least once."""
    return await deliver(database, SettledFirst(database, scene))


ACKNOWLEDGE: Final[list[Callable[[object], None]]] = []
"""Where a plant tells its answer too early; the forked process puts it there."""
PLANTS: Final = (
    Operation("plant: outcomes in a second transaction", outcomes_later, same=True),
    Operation("plant: dedupe outside the transaction", dedupe_outside, same=True),
    Operation("plant: answered before the commit", answered_before_commit, same=True),
    Operation("plant: feed in a second transaction", family_in_two_steps, again=crash_operations.OPERATIONS[6].again),
    Operation(
        "plant: notice settled before it is sent", settled_before_sent, settle=every_notice_was_heard,
        later_ms=crash_operations.LATER_MS, ignored=frozenset({("notice", "tries")}),
    ),
)  # fmt: skip
EXPECTED: Final = dict(zip((one.name for one in PLANTS), ("torn", "duplicated", "lost", "torn", "lost"), strict=True))
"""What each must be called, among others."""
