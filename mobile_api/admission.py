"""Admission: how many syncs run at once in this process, and how many of them begin anew; a device beyond that is told when to try
again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mobile_api.metrics import Metrics
from server import chance
from server.domain.tokens import Claims
from server.settings import Settings
from shared_schema.problem import Code, Problem
from sync.cursor import unseal

ALL: Final = "all"
ANEW: Final = "anew"


class SyncGate:
    """The bounds of one process (P-709). A device that begins anew reads much: of those only a few at once, so that others pass."""

    def __init__(self, settings: Settings, metrics: Metrics, cursor_key: bytes) -> None:
        self.settings = settings
        self.metrics = metrics
        self._key = cursor_key
        self._running = {ALL: 0, ANEW: 0}
        self._most = {ALL: settings.syncs_max, ANEW: settings.first_syncs_max}
        self._epochs: dict[int, int] = {}

    @contextmanager
    def sync(self, claims: Claims, cursor: bytes) -> Iterator[None]:
        """One sync. Raises Problem(busy) before anything of the request is taken."""
        shares = (ALL, ANEW) if self._begins(claims, cursor) else (ALL,)
        for share in shares:
            if self._running[share] >= self._most[share]:
                self.metrics.refused(share)
                wait_ms = chance.up_to(self.settings.busy_wait_s) * 1_000
                raise Problem(Code.busy, "too many devices sync at this moment", retry_at_ms=chance.now_ms() + wait_ms)
        for share in shares:
            self._running[share] += 1
        try:
            yield
        finally:
            for share in shares:
                self._running[share] -= 1

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
