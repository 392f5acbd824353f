"""When keys of service accounts were used last, so that the admin who changes a key sees who still has the old one (D-498)."""

import logging
from typing import Any, Final

from litestar import Request

from server import chance
from server.database import Database
from server.services import service_accounts

LOGGER: Final = logging.getLogger("outrider.keys")
NOTED_MS: Final = 60_000


class KeyUses:
    """The uses that this process noted. Only a request that was heard is noted, so a guessed key takes no room here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted_ms: dict[bytes, int] = {}

    async def note(self, request: Request[Any, Any, Any]) -> None:
        """After the answer, and at most once a minute for each key: nobody waits for it, and it refuses nobody."""
        claims, now_ms = getattr(request.state, "claims", None), chance.now_ms()
        if claims is None or claims.key_hash is None or now_ms - self._noted_ms.get(claims.key_hash, 0) < NOTED_MS:
            return
        self._noted_ms[claims.key_hash] = now_ms
        try:
            await self._database.write(service_accounts.note_use, claims, now_ms)
        except Exception:
            LOGGER.exception("the use of a key was not noted")
