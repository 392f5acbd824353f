"""Send what the outbox holds: plan, lease, send, keep what was said. A worker that dies leaves leases that end."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection
from typing import Final, NamedTuple

from notifications.push import ChannelName, empty
from notifications.reaction import Reaction, Said, Then, again_in_s, asked, is_proven, reaction
from server import chance
from server.database import Database
from server.jobs.ledger import Ledger
from server.jobs.sending import Sends
from server.services import push_lease
from server.services.push_lease import Leased, Settled
from server.services.push_plan import plan
from server.store import outbox
from server.store.providers import SERVER

LOGGER: Final = logging.getLogger("outrider.push")
SENDS_MAX: Final = 64
"""Sends under way at a worker through one channel. One that hangs fills its own room, and no other's."""
PLAN_MAX: Final = 100
IDLE_S: Final = 0.5
TELL_S: Final = 2.0


class UnderWay(NamedTuple):
    """A send that goes on. `line_no`: of its target; `channel`: None for what is told to other workers."""

    org_id: int
    line_no: int
    channel: ChannelName | None


class Sender:
    """One worker over the outbox. Any number of them may work on one database."""

    def __init__(self, database: Database, sending: Sends, ways: Collection[ChannelName]) -> None:
        self._database, self._sending, self._ways = database, sending, ways
        self._ledger = Ledger()
        self._under_way: dict[asyncio.Task[None], UnderWay] = {}
        self._settled: list[tuple[Settled, asyncio.Future[None]]] = []
        self._settling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work until cancelled; a turn that fails is told in the log, and the next one comes as usual."""
        telling = asyncio.create_task(self._tell_now_and_then())
        try:
            while True:
                try:
                    worked = await self.turn()
                except Exception:
                    LOGGER.exception("a turn of the outbox failed")
                    worked = 0
                await self._pause(worked)
        finally:
            telling.cancel()
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(telling, *self._under_way, return_exceptions=True)

    async def drain(self) -> int:
        """Work until nothing is due; how many rows were taken. For tests, commands and the end of a day."""
        leased = 0
        await self._ledger.tell(self._database)
        while worked := await self.turn():
            leased += worked
            await self.idle()
        await self.idle()  # what a send told other workers is under way still
        await self._ledger.tell(self._database)
        return leased

    async def idle(self) -> None:
        """Wait until every send under way is settled."""
        await asyncio.gather(*self._under_way)

    async def turn(self) -> int:
        """Plan what is due for readers, and begin to send what is due for targets; how many rows were taken."""
        now_ms, worked = chance.now_ms(), 0
        waiting = {(one.org_id, one.line_no) for one in self._under_way.values() if one.line_no > 0}
        full = {(SERVER, str(channel)) for channel, room in self._rooms().items() if room <= 0}
        due = await self._database.read(outbox.due_organisations, now_ms, self._ledger.shut(now_ms) | full, waiting)
        for at, org_id in enumerate(due):
            worked += await self._database.write(plan, org_id, PLAN_MAX, now_ms, self._ways)
            worked += await self._begun(org_id, len(due) - at, now_ms)
        return worked

    async def _begun(self, org_id: int, organisations: int, now_ms: int) -> int:
        """Begin to send what is due for targets of one organisation, its share of the room that is left; how many rows were taken."""
        rooms = self._rooms()
        full = {str(channel) for channel, room in rooms.items() if room <= 0}
        room = min((room for room in rooms.values() if room > 0), default=SENDS_MAX)
        busy = {one.line_no for one in self._under_way.values() if one.org_id == org_id and one.line_no > 0}
        skipped = outbox.Skipped(self._ledger.closed(org_id, now_ms) | full, busy)
        leased = await self._database.write(push_lease.lease, org_id, max(1, room // organisations), now_ms, skipped)
        for one in leased.going:
            task = asyncio.create_task(self._send(one))
            self._under_way[task] = UnderWay(org_id, one.place[1], one.channel)
            task.add_done_callback(self._under_way.pop)
        return leased.looked_at

    def _rooms(self) -> dict[ChannelName, int]:
        """How many more sends each channel takes that has some under way."""
        held = Counter(one.channel for one in self._under_way.values() if one.channel is not None)
        return {channel: SENDS_MAX - count for channel, count in held.items()}

    async def _pause(self, worked: int) -> None:
        """Go on at once while there is work and room; else when a send ends, or after a while."""
        if any(room < SENDS_MAX // 4 for room in self._rooms().values()):
            await asyncio.wait(self._under_way, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        elif not worked:
            await asyncio.sleep(IDLE_S)

    # one push

    async def _send(self, one: Leased) -> None:
        try:
            said = await self._sending.send(one.channel, one.push)
            then = reaction(said)
            if then.then is Then.ask:
                said = await self._sending.send(one.channel, empty(one.push), dry=True)
                then = asked(said)
            await self._keep(self._result(one, said, then))
        except Exception:
            LOGGER.exception("a push was not settled", extra={"facts": {"org": one.org_id, "id": one.place[0].hex()}})

    def _result(self, one: Leased, said: Said, then: Reaction) -> Settled:
        """What becomes of a push after what was said."""
        now_ms = chance.now_ms()
        if one.doubted and one.fails > 1 and is_proven(then, one.tried_ms, self._ledger.served_ms(one)):
            then = Reaction(Then.dead, retires=True)
        self._ledger.heard(one, said, then, now_ms)
        if self._ledger.is_urgent:
            self._told_soon()
        if then.then is Then.sent:
            return Settled(one, "sent", None, one.fails, now_ms)
        if then.then is Then.dead:
            return Settled(one, f"dead_{said.word.value}", None, one.fails + 1, retires=then.retires)
        wait_s = again_in_s(one.fails + 1, said, chance.up_to(1_000) / 1_000)
        due_ms = now_ms + round(wait_s * 1_000)
        if then.doubts:
            return Settled(one, "doubted", due_ms, one.fails + 1 if one.doubted else 1)
        return Settled(one, "due", due_ms, one.fails + 1)

    async def _keep(self, settled: Settled) -> None:
        """Returns after the commit: until then the push counts as under way. Those that come meanwhile share the next one."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settled.append((settled, future))
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())
        await future

    async def _settle(self) -> None:
        while self._settled:
            batch, self._settled = self._settled, []
            for org_id in {settled.one.org_id for settled, _ in batch}:
                mine = [(settled, future) for settled, future in batch if settled.one.org_id == org_id]
                try:
                    await self._database.write(push_lease.settle, org_id, [settled for settled, _ in mine], chance.now_ms())
                except Exception as error:  # noqa: BLE001 - each send that waits hears of it
                    _tell_all(mine, error)
                else:
                    _tell_all(mine, None)

    # the other workers

    def _told_soon(self) -> None:
        telling = asyncio.create_task(self._tell())
        self._under_way[telling] = UnderWay(SERVER, 0, None)
        telling.add_done_callback(self._under_way.pop)

    async def _tell_now_and_then(self) -> None:
        while True:
            await self._tell()
            await asyncio.sleep(TELL_S)

    async def _tell(self) -> None:
        try:
            await self._ledger.tell(self._database)
        except Exception:
            LOGGER.exception("how it stands with the providers was not told")


def _tell_all(waiting: Collection[tuple[Settled, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, future in waiting:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
