"""Send up the items that leavers still hold: those that found no manager when their holder left, or exceeded one transaction (P-533).

What else a leaver lets go, and one transaction could not take, goes with them.
"""

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.services import partings
from server.services.escalation import hand_items
from server.store import escalation, outbox


async def hand(database: Database) -> int:
    """Try every leaver with open items, page by page, each page in a transaction of its own; how many items and other records went."""
    went = 0
    for org_id in await database.read(outbox.organisations):
        for user_id in await database.read(escalation.leavers, org_id):
            went += await _hand_all(database, org_id, user_id)
        for user_id in await database.read(partings.leavers, org_id):
            went += await _let_go_all(database, org_id, user_id)
    return went


async def _hand_all(database: Database, org_id: int, user_id: bytes) -> int:
    """Items that cannot go up, or a page that fails, hold back none behind them."""
    went = 0
    after: escalation.Place | None = None
    while places := await database.read(escalation.open_of, org_id, user_id, after):
        went += await attempt(database.write(hand_items, org_id, user_id, chance.now_ms(), after), "hand", org_id, user_id)
        after = places[-1]
    return went


async def _let_go_all(database: Database, org_id: int, user_id: bytes) -> int:
    """Page by page, until a page changes nothing."""
    went = 0
    while gone := await attempt(database.write(partings.turn, org_id, user_id, chance.now_ms()), "let_go", org_id, user_id):
        went += gone
    return went
