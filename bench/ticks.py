"""Rows of the jobs' turns: what is due must cost by its own number, not by how many customers or organisations there are."""

import gc
import time
from collections.abc import AsyncIterator, Sequence
from itertools import cycle
from statistics import median
from typing import Final

import sqlalchemy as sa

from bench import crowded
from bench.crowded import STANDING
from bench.measure import Row, Target, row
from server.database import Database
from server.domain.reminder import FOR_ALL
from server.domain.reminder import Row as Reminded
from server.jobs import sweep
from server.jobs.remind import run
from server.models import RECORD_TABLES, device, due, push
from server.store import dues

TWICE: Final = Target(2, at_least=False)
AT_ONCE: Final = 10
WITH_DUE: Final = 3
ROUNDS: Final = 25
NOTICE: Final = RECORD_TABLES["notification"]
Place = tuple[int, bytes]
"""(organisation, customer)."""


async def among_customers(few: Database, many: Database) -> AsyncIterator[Row]:
    """Turns of the scheduler with as much due among many customers as among few. Both databases are filled."""
    turns = [Turns(one, await _due_customers(one)) for one in (many, few)]
    name = f"turn of reminders, {AT_ONCE} due among {crowded.CUSTOMERS:,} customers, against {crowded.CUSTOMERS_FEW:,}, ms"
    yield row(name, many.dialect, await _alternated(*turns), TWICE)
    yield await _reclaims(few, many)


async def over_organisations(few: Database, many: Database) -> AsyncIterator[Row]:
    """Turns over many organisations of which a few have something due, against a few organisations."""
    turns = [Turns(one, await _due_organisations(one)) for one in (many, few)]
    those = f"{crowded.ORGANISATIONS:,} organisations, {WITH_DUE} with something due"
    name = f"turn of reminders over {those}, against {crowded.ORGANISATIONS_FEW}, ms"
    yield row(name, many.dialect, await _alternated(*turns), TWICE)


async def _reclaims(few: Database, many: Database) -> Row:
    """Ticks at which as many customers fall among many as among few: the scheduler's turn and the sweep's."""
    falls = []
    for one in (many, few):
        await crowded.ruled(one)
        ids = await one.read(_ids, AT_ONCE * 2 * (1 + ROUNDS))
        falls.append(Falls(one, [ids[at : at + AT_ONCE] for at in range(len(ids) // 2, len(ids), AT_ONCE)]))
    pairs = [(await falls[0].timed(), await falls[1].timed()) for _ in range(1 + ROUNDS)][1:]
    name = f"reclaim tick, {AT_ONCE} fall among {crowded.CUSTOMERS:,} customers, against {crowded.CUSTOMERS_FEW:,}, ms"
    return row(name, many.dialect, (median(one for one, _ in pairs), median(one for _, one in pairs)), TWICE)


class Falls:
    """Reclaims on one database. `rounds`: the customers that fall in each."""

    def __init__(self, database: Database, rounds: Sequence[Sequence[bytes]]) -> None:
        self._database, self._rounds = database, iter(rounds)

    async def timed(self) -> float:
        """Let the owner have the warnings of the next round, then take the milliseconds of the tick. Raises ValueError if not all fell."""
        wanted = next(self._rounds)
        await self._database.write(_due, wanted)
        await run(self._database)
        await self._database.write(_heard)
        await self._database.write(_due, wanted)
        gc.collect()
        began_s = time.perf_counter()
        await run(self._database)
        fell = await sweep.run(self._database)
        taken_ms = (time.perf_counter() - began_s) * 1_000
        if fell != len(wanted):
            raise ValueError(f"{fell} customers fell, {len(wanted)} were due")
        return taken_ms


def _due(conn: sa.Connection, ids: Sequence[bytes]) -> None:
    """The rows of these customers in the due index; those of the sweep stand, where a warning was made."""
    dues.put(conn, 1, [Reminded("reclaim", one, FOR_ALL, 0, 0) for one in sorted(ids)])
    conn.execute(sa.update(due).where(due.c.org_id == 1, due.c.rule == "reclaim_fall").values(at_ms=0))


def _heard(conn: sa.Connection) -> None:
    """A device of the owner had each warning long enough ago, and spoke to the server just now."""
    now_ms = round(time.time() * 1_000)
    conn.execute(sa.update(device).values(seen_ms=now_ms))
    conn.execute(sa.update(NOTICE).where(NOTICE.c.delivered_ms.is_(None)).values(delivered_ms=now_ms - 3 * crowded.DAY_MS))


class Turns:
    """Turns on one database. `rounds`: what is due in each, as (organisation, customer)."""

    def __init__(self, database: Database, rounds: Sequence[Sequence[Place]]) -> None:
        self._database, self._rounds = database, cycle(rounds)
        self._wanted = 0

    async def timed(self) -> float:
        """Let the next round be due, then take the milliseconds of one turn. Raises ValueError when it did not do them all."""
        wanted = next(self._rounds)
        await self._database.write(_mark, wanted)
        gc.collect()
        began_s = time.perf_counter()
        done = await run(self._database)
        taken_ms = (time.perf_counter() - began_s) * 1_000
        if done != len(wanted):
            raise ValueError(f"{done} records were judged, {len(wanted)} were due")
        self._wanted += len(wanted)
        return taken_ms

    async def all_told(self) -> None:
        """Raises ValueError when somebody did not hear: such turns are too cheap."""
        told = await self._database.read(lambda conn: int(conn.execute(sa.select(sa.func.count()).select_from(push)).scalar_one()))
        if told != self._wanted:
            raise ValueError(f"{told} notices were made of {self._wanted} that were due")


async def _alternated(many: Turns, few: Turns) -> tuple[float, float]:
    """Medians of turns in turn, without the first of each."""
    pairs = [(await many.timed(), await few.timed()) for _ in range(1 + ROUNDS)][1:]
    for one in (many, few):
        await one.all_told()
    return median(one for one, _ in pairs), median(one for _, one in pairs)


async def _due_customers(database: Database) -> list[list[Place]]:
    ids = await database.read(_ids, AT_ONCE * (1 + ROUNDS))
    return [[(1, one) for one in ids[at : at + AT_ONCE]] for at in range(0, len(ids), AT_ONCE)]


async def _due_organisations(database: Database) -> list[list[Place]]:
    ids = await database.read(_ids, 1 + ROUNDS)
    return [[(org_id, one) for org_id in range(1, 1 + WITH_DUE)] for one in ids]


def _ids(conn: sa.Connection, count: int) -> list[bytes]:
    chosen = sa.select(STANDING.c.id).where(STANDING.c.org_id == 1).order_by(STANDING.c.id).limit(count)
    return [bytes(one) for one in conn.execute(chosen).scalars()]


def _mark(conn: sa.Connection, places: Sequence[Place]) -> None:
    for org_id, record_id in places:
        conn.execute(sa.update(due).where(due.c.org_id == org_id, due.c.subject_id == record_id).values(at_ms=0))
