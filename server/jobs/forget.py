"""Once a day: delete where people were, wherever it stands, in every organisation after the days that it set (D-474 to D-479)."""

from collections.abc import Sequence
from typing import Final

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.jobs.scrub import scrub
from server.services.forget import forget, forget_kept
from server.store import retained
from server.store.retained import BEGIN, DAY_MS, Kept

NAME: Final = "forget whereabouts"


async def run(database: Database) -> int:
    """Delete what is due, a batch in each transaction; how many records and kept entries changed. Then the files forget it too."""
    now_ms, done = chance.now_ms(), 0
    for org_id, days in (await database.read(retained.visit_days)).items():
        before_ms, after = now_ms - days * DAY_MS, BEGIN
        while batch := await database.read(retained.due, org_id, before_ms, after):
            done, after = done + await _batch(database, org_id, batch, days, now_ms), batch[-1]
        done += await attempt(database.write(forget_kept, org_id, before_ms), NAME, org_id, 0)
    await scrub(database, NAME)
    return done


async def _batch(database: Database, org_id: int, batch: Sequence[Kept], days: int, now_ms: int) -> int:
    """All at once; if that fails, each by itself, so that one record holds up no other."""
    try:
        return await database.write(forget, org_id, [one.key for one in batch], days, now_ms)
    except Exception:  # noqa: BLE001 - the piece at fault is told in the log below
        pieces = [await attempt(database.write(forget, org_id, [one.key], days, now_ms), NAME, org_id, one.id) for one in batch]
        return sum(pieces)
