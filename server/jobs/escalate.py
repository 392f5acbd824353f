"""Send up the items that leavers still hold: those that found no manager when their holder left, or exceeded one transaction (P-533)."""

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services.escalation import hand_items
from server.store import escalation, outbox


async def hand(database: Database) -> int:
    """Try every leaver with open items, page by page, each page in a transaction of its own; how many items went up."""
    went = 0
    for org_id in await database.read(outbox.organisations):
        for user_id in await database.read(escalation.leavers, org_id):
            went += await _hand_all(database, org_id, user_id)
    return went


async def _hand_all(database: Database, org_id: int, user_id: bytes) -> int:
    """Items that cannot go up, or a page that fails, hold back none behind them."""
    went = 0
    after: escalation.Place | None = None
    while places := await database.read(escalation.open_of, org_id, user_id, after):
        went += await attempt(database.write(hand_items, org_id, user_id, chance.now_ms(), after), "hand", org_id, user_id)
        after = places[-1]
    return went
