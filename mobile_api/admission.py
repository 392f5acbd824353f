"""Admission: how many syncs run at once in this process, and how many of them begin anew. A device beyond that waits for a moment, and is
then told when to try again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Final

from mobile_api.metrics import Metrics
from server import chance
from server.domain.tokens import Claims
from server.settings import Settings
from shared_schema.problem import Code, Problem
from sync.cursor import unseal

ALL: Final = "all"
ANEW: Final = "anew"
PATIENCE_S: Final = 2.0
"""So long a device waits for a place. Most syncs end within that time; a device that is sent away waits for seconds."""
WAITING_PER_PLACE: Final = 2


class Share:
    """Places for some at once; they are given in the order in which devices came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()

    async def enter(self, until_s: float) -> bool:
        """Take a place, waiting until this moment of the loop's clock; whether there was one."""
        if self._taken < self._most:
            self._taken += 1
            return True
        loop = asyncio.get_running_loop()
        if len(self._waiting) >= self._most * WAITING_PER_PLACE or loop.time() >= until_s:
            return False
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_at(until_s, _give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()  # given to it in the moment in which it went
            raise
        finally:
            timer.cancel()
            if turn in self._waiting:
                self._waiting.remove(turn)

    def leave(self) -> None:
        """Give the place to the device that waits longest, or back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._taken -= 1


def _give_up(turn: "asyncio.Future[bool]") -> None:
    if not turn.done():
        turn.set_result(False)


class SyncGate:
    """The bounds of one process (P-709). A device that begins anew reads much: of those only a few at once, so that others pass."""

    def __init__(self, settings: Settings, metrics: Metrics, cursor_key: bytes, patience_s: float = PATIENCE_S) -> None:
        self.settings = settings
        self.metrics = metrics
        self._key = cursor_key
        self._patience_s = patience_s
        self._shares = {ALL: Share(settings.syncs_max), ANEW: Share(settings.first_syncs_max)}
        self._epochs: dict[int, int] = {}

    @asynccontextmanager
    async def sync(self, claims: Claims, cursor: bytes) -> AsyncIterator[None]:
        """One sync. Raises Problem(busy) before anything of the request is taken."""
        # The rarer place first: a device that waits for it must not hold one of the others meanwhile.
        until_s = asyncio.get_running_loop().time() + self._patience_s
        async with self._place(ANEW, until_s) if self._begins(claims, cursor) else nullcontext(), self._place(ALL, until_s):
            yield

    @asynccontextmanager
    async def _place(self, name: str, until_s: float) -> AsyncIterator[None]:
        share = self._shares[name]
        if not await share.enter(until_s):
            self.metrics.refused(name)
            wait_ms = chance.up_to(self.settings.busy_wait_s) * 1_000
            raise Problem(Code.busy, "too many devices sync at this moment", retry_at_ms=chance.now_ms() + wait_ms)
        try:
            yield
        finally:
            share.leave()

    def learn(self, org_id: int, epoch: int) -> None:
        """Remember an organisation's epoch: a cursor of another one will begin anew."""
        self._epochs[org_id] = epoch

    def _begins(self, claims: Claims, cursor: bytes) -> bool:
        """Whether the device holds no place that counts (P-202, P-204, P-205), or has not come to the end of a scope that it began.

        Before the first answer to an organisation the process does not know its epoch: then every device may begin anew. A device that the
        operator made begin anew (P-215) is known from its second page on.
        """
        told, whose = unseal(cursor, self._key), (self._epochs.get(claims.org_id), claims.org_id, claims.user_id, claims.line_no)
        if told is None or (told.epoch, told.org_id, told.user_id, told.line_no) != whose:
            return True
        return not told.places or any(place.position < place.base for place in told.places)
