"""Take in a phone's entries: fewer at once when the server fails on them, until the entry at fault stands alone (P-323)."""

import logging
from typing import Final

from mobile_api.patience import Patience
from server import chance
from server.database import Database, Unavailable
from server.domain.tokens import Claims
from server.services import sync_push
from shared_schema.problem import Code, Problem
from shared_schema.wire import SyncRequest

LOGGER: Final = logging.getLogger("outrider.sync")


class Taking:
    """The push half of the requests of one process."""

    def __init__(self, database: Database, cursor_key: bytes) -> None:
        self._database = database
        self._key = cursor_key
        self._patience = Patience()

    async def push(self, claims: Claims, asked: SyncRequest) -> sync_push.Pushed:
        """Take as many groups as can be taken in one transaction.

        Raises Unavailable when the server is ill, Problem(server_error) when it failed on one atomic group alone, and Problem of identity.
        """
        while True:
            try:
                pushed = await self._database.write(sync_push.push, claims, asked, self._key, chance.now_ms())
            except Problem as problem:
                await self._note_illness(claims, asked, problem)
                raise
            except Exception:
                LOGGER.exception("push failed", extra={"facts": {"org": claims.org_id, "line": claims.line_no}})
                if await self._database.write(sync_push.note_failure, claims, asked):
                    raise Problem(
                        Code.server_error, "the server failed on this; it will be tried again, and kept for you if it cannot be taken"
                    ) from None
            else:
                if asked.mutations:
                    self._patience.taken(claims)
                return pushed

    async def _note_illness(self, claims: Claims, asked: SyncRequest, problem: Problem) -> None:
        """A batch that gave up on time or memory may have been too large: fewer next time. It counts against an entry that alone fails
        so for long while the entries of others are taken."""
        if isinstance(problem, Unavailable) and problem.cause.of_one_entry and asked.mutations:
            own = self._patience.is_over(claims, chance.now_ms())
            await self._database.write(sync_push.note_failure, claims, asked, own=own)
