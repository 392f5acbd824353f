"""One turn of a feature's job: the due records of every organisation, each in a transaction of its own; one that fails holds up none."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from server import chance
from server.database import Database
from server.domain.feature import Job
from server.jobs.pieces import attempt
from server.models import RECORD_TABLES
from server.services.act import turn
from shared_schema.registry import BY_RECORD

BATCH_MAX = 200


class Due(NamedTuple):
    """A record whose time has come; in this order they are carried out."""

    at_ms: int
    id: bytes


BEGIN = Due(0, b"")


async def run(database: Database, job: Job[Any]) -> int:
    """Carry out the pieces that are due; how many there were."""
    done = 0
    now_ms = chance.now_ms()
    for org_id in await database.read(organisations, job, now_ms):
        after = BEGIN
        while batch := await database.read(due, org_id, job, now_ms, after):
            for one in batch:
                done += await attempt(database.write(turn, org_id, job, one.id, now_ms), job.name, org_id, one.id)
            after = batch[-1]
    return done


def organisations(conn: sa.Connection, job: Job[Any], now_ms: int) -> list[int]:
    """The organisations with something due, by the index of the moments of all of them."""
    table = RECORD_TABLES[BY_RECORD[job.record].name].c
    at_ms = table[job.due]
    return list(
        conn.execute(sa.select(table.org_id).distinct().where(at_ms.is_not(None), at_ms <= now_ms).order_by(table.org_id)).scalars()
    )


def due(conn: sa.Connection, org_id: int, job: Job[Any], now_ms: int, after: Due = BEGIN) -> list[Due]:
    """The records that are due, the oldest first, BATCH_MAX of them behind `after`."""
    table = RECORD_TABLES[BY_RECORD[job.record].name].c
    at_ms = table[job.due]
    later = sa.or_(at_ms > after.at_ms, sa.and_(at_ms == after.at_ms, table.id > after.id))
    chosen = sa.select(at_ms, table.id).where(table.org_id == org_id, at_ms.is_not(None), at_ms <= now_ms, later).order_by(at_ms, table.id)
    return [Due(row[0], bytes(row[1])) for row in conn.execute(chosen.limit(BATCH_MAX))]
