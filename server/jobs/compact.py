"""Forget removals that every device has had time to hear of; one that did not starts its scope anew."""

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.store import compact, outbox

DAY_MS = 24 * 3_600_000


async def purge(database: Database, tombstone_days: int) -> int:
    """Purge every scope that has something to forget, each in a transaction of its own; how many rows went."""
    before_ms = chance.now_ms() - tombstone_days * DAY_MS
    gone = 0
    for org_id in await database.read(outbox.organisations):
        for scope_no in await database.read(compact.scopes, org_id, before_ms):
            gone += await attempt(database.write(compact.purge, org_id, scope_no, before_ms), "purge", org_id, scope_no)
    return gone
