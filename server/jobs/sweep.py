"""What falls by itself: the records of all organisations at which a sweep looks now, each in a transaction of its own."""

from server import chance, clock
from server.database import Database
from server.domain.dues import SWEEPS
from server.jobs.pieces import attempt
from server.services.sweep import sweep
from server.store import uptime
from server.store.dues import BEGIN, waiting


async def run(database: Database) -> int:
    """Look at all records whose moment may have come; how many were changed. One that fails holds up none."""
    done = 0
    now_ms = chance.now_ms()
    outages = await database.read(uptime.outages, clock.ran_ms())
    after = BEGIN
    while page := await database.read(waiting, now_ms, after, tuple(SWEEPS)):
        for one in page:
            done += await attempt(
                database.write(sweep, one.org_id, (one.rule, one.subject_id), now_ms, outages), one.rule, one.org_id, one.subject_id
            )
        after = page[-1]
    return done
