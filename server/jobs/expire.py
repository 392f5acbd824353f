"""End collaborations whose time is over, each in a transaction of its own: one that fails holds up none of the others (D-108)."""

from typing import NamedTuple

import sqlalchemy as sa

from server import chance
from server.database import Database
from server.jobs.pieces import attempt
from server.models import RECORD_TABLES
from server.services import ownership
from server.store import outbox

COLLABORATOR = RECORD_TABLES["collaborator"]
BATCH_MAX = 200


class Due(NamedTuple):
    """A collaboration whose time is over; in this order they are ended."""

    until_ms: int
    id: bytes
    customer_id: bytes = b""
    user_id: bytes = b""


BEGIN = Due(0, b"")


async def expire(database: Database) -> int:
    """End what is due, of every organisation; how many were ended."""
    ended = 0
    now_ms = chance.now_ms()
    for org_id in await database.read(outbox.organisations):
        after = BEGIN
        while batch := await database.read(due, org_id, now_ms, after):
            for one in batch:
                piece = database.write(ownership.expire, org_id, one.customer_id, one.user_id, now_ms)
                ended += await attempt(piece, "expire", org_id, one.customer_id)
            after = batch[-1]
    return ended


def due(conn: sa.Connection, org_id: int, now_ms: int, after: Due = BEGIN) -> list[Due]:
    """Collaborations whose time is over, the oldest first, BATCH_MAX of them after `after`."""
    table = COLLABORATOR.c
    later = sa.or_(table.until_ms > after.until_ms, sa.and_(table.until_ms == after.until_ms, table.id > after.id))
    where = (table.org_id == org_id, table.until_ms.is_not(None), table.until_ms <= now_ms, later)
    chosen = sa.select(table.until_ms, table.id, table.customer_id, table.user_id).where(*where).order_by(table.until_ms, table.id)
    return [Due(row.until_ms, bytes(row.id), bytes(row.customer_id), bytes(row.user_id)) for row in conn.execute(chosen.limit(BATCH_MAX))]
