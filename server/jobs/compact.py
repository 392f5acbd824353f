"""Forget removals that every device has had time to hear of; one that did not starts its scope anew."""

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services.retire import BATCH_MAX, retire
from server.store import compact, outbox, service_accounts, targets

DAY_MS = 24 * 3_600_000
PUSH_DAYS = 30
SILENT_DAYS = 270
KEY_DAYS = 90


async def purge(database: Database, tombstone_days: int) -> int:
    """Purge every scope that has something to forget, each in a transaction of its own; how many rows went."""
    before_ms = chance.now_ms() - tombstone_days * DAY_MS
    gone = 0
    for org_id in await database.read(outbox.organisations):
        for scope_no in await database.read(compact.scopes, org_id, before_ms):
            gone += await attempt(database.write(compact.purge, org_id, scope_no, before_ms), "purge", org_id, scope_no)
    return gone


async def purge_pushes(database: Database) -> int:
    """Forget old pushes, targets of devices that said nothing for long (P-811), keys that ended long ago (D-497); how many rows went."""
    now_ms, gone = chance.now_ms(), 0
    for org_id in await database.read(outbox.organisations):
        gone += await attempt(database.write(outbox.forget, org_id, now_ms - PUSH_DAYS * DAY_MS), "purge pushes", org_id, 0)
        gone += await attempt(database.write(targets.purge, org_id, now_ms - SILENT_DAYS * DAY_MS), "purge targets", org_id, 0)
        gone += await attempt(database.write(service_accounts.forget_keys, org_id, now_ms - KEY_DAYS * DAY_MS), "purge keys", org_id, 0)
    return gone


async def retire_notices(database: Database, notice_days: int) -> int:
    """Let notices that were read long ago leave (D-907), a batch in each transaction; how many left."""
    now_ms, left = chance.now_ms(), 0
    for org_id in await database.read(outbox.organisations):
        gone = BATCH_MAX
        while gone == BATCH_MAX:
            gone = await attempt(database.write(retire, org_id, now_ms - notice_days * DAY_MS, now_ms), "retire notices", org_id, 0)
            left += gone
    return left
