"""One turn of a feature's job: the due records of every organisation, each in a transaction of its own; one that fails holds up none.

A job that asks which records must not wait for their time is asked of all that wait, a page at a time, on the way of reading.
"""

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from server import chance
from server.database import Database
from server.domain.feature import Job
from server.jobs.pieces import attempt
from server.models import RECORD_TABLES
from server.services.act import early, turn
from shared_schema.registry import BY_RECORD

BATCH_MAX = 200


class Due(NamedTuple):
    """A record whose time has come; in this order they are carried out."""

    at_ms: int
    id: bytes


BEGIN = Due(0, b"")
EVER_MS: Final = 2**53
"""Behind every moment."""


async def run(database: Database, job: Job[Any]) -> int:
    """Carry out the pieces that are due; how many there were."""
    done = 0
    now_ms = chance.now_ms()
    until_ms = now_ms if job.early is None else EVER_MS
    for org_id in await database.read(organisations, job, until_ms):
        after = BEGIN
        while batch := await database.read(due, org_id, job, until_ms, after):
            for record_id in await _taken(database, org_id, job, batch, now_ms):
                done += await attempt(database.write(turn, org_id, job, record_id, now_ms), job.name, org_id, record_id)
            after = batch[-1]
    return done


async def _taken(database: Database, org_id: int, job: Job[Any], batch: list[Due], now_ms: int) -> list[bytes]:
    """Of these records those to carry out: whose time has come, or that must not wait for it."""
    waiting = [one.id for one in batch if one.at_ms > now_ms]
    return [one.id for one in batch if one.at_ms <= now_ms] + (await database.read(early, job, org_id, waiting, now_ms) if waiting else [])


def organisations(conn: sa.Connection, job: Job[Any], until_ms: int) -> list[int]:
    """The organisations with something due until then, by the index of the moments of all of them."""
    table = RECORD_TABLES[BY_RECORD[job.record].name].c
    at_ms = table[job.due]
    return list(
        conn.execute(sa.select(table.org_id).distinct().where(at_ms.is_not(None), at_ms <= until_ms).order_by(table.org_id)).scalars()
    )


def due(conn: sa.Connection, org_id: int, job: Job[Any], until_ms: int, after: Due = BEGIN) -> list[Due]:
    """The records that are due until then, the oldest first, BATCH_MAX of them behind `after`."""
    table = RECORD_TABLES[BY_RECORD[job.record].name].c
    at_ms = table[job.due]
    later = sa.or_(at_ms > after.at_ms, sa.and_(at_ms == after.at_ms, table.id > after.id))
    waits = table.org_id == org_id, at_ms.is_not(None), at_ms <= until_ms, later
    chosen = sa.select(at_ms, table.id).where(*waits).order_by(at_ms, table.id)
    return [Due(row[0], bytes(row[1])) for row in conn.execute(chosen.limit(BATCH_MAX))]
