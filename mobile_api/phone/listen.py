"""The phone listens: a long request for a hint, a sync on each, and patience when the line breaks. A lost hint only delays (P-801)."""

from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from mobile_api.phone.phone import Phone, SyncReport
from mobile_api.phone.transport import UnreachableError
from server import chance
from shared_schema.problem import Code, Problem

WAIT_S: Final = 25
"""Of one request for a hint; entries made beside it are sent at its end at the latest."""
BACKOFF_S_MAX: Final = 60


class Told(NamedTuple):
    """The listener's calls. `synced(report)` when something moved; `broke(why, wait_s)` before the phone waits and tries again."""

    synced: Callable[[SyncReport], None]
    broke: Callable[[Exception, float], None]
    wait: Callable[[float], None]


def listen(phone: Phone, told: Told) -> NoReturn:
    """Sync on each hint, for ever. Raises Problem when the session ended: data and queue stay as after any sync."""
    mark, losses = "", 0
    while True:
        try:
            mark, losses = _hear(phone, mark, told), 0
        except (UnreachableError, Problem) as error:
            if isinstance(error, Problem) and error.code not in (Code.busy, Code.server_error):
                phone.session.end(error)
                raise
            losses += 1
            wait_s = min(BACKOFF_S_MAX, 2**losses) * (0.5 + chance.up_to(500) / 1_000)
            told.broke(error, wait_s)
            told.wait(wait_s)


def _hear(phone: Phone, mark: str, told: Told) -> str:
    """One hint, and the sync that it asks for; the mark to ask with next: the one from before the sync, so that nothing falls between."""
    if phone.offline:
        raise UnreachableError("this phone is switched offline")
    hint = phone.session.transport().wake(mark, 0 if phone.waiting() else WAIT_S)
    if hint.wake or phone.waiting():
        cursor = phone.seat().cursor
        report = phone.sync()
        if report.answered or phone.seat().cursor != cursor:
            told.synced(report)
    return hint.mark


__all__ = ["Told", "listen"]
