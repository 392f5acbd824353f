"""Rows of what is around: the nearest 50 within 5 km of a million pooled customers that stand as crowded as in real cities, over HTTP.

Most stand in a few towns, as customers do. Beside it, in the same database, what a programmer would try first: to measure all, and a box of
latitudes and longitudes with an index of its own.
"""

import asyncio
import math
import multiprocessing
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct

from bench.edge import answer, serve, served
from bench.measure import Row, Target, row
from bench.world import SECRET, World
from geo.grid import cell, masked, tile
from geo.nearby import Placed, nearest
from server import chance
from server.database import Database
from server.domain.tokens import Signer
from server.models import RECORD_TABLES
from server.services import sessions
from server.store import spots
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from shared_schema.places import Position
from shared_schema.problem import Problem
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.registry import BY_RECORD
from shared_schema.twin import id_text

CUSTOMERS: Final = 1_000_000
CHUNK: Final = 20_000
POOLS: Final = 4
RADIUS_M: Final = 5_000
WANTED: Final = 50
ASKED: Final = 300
WARM: Final = 5
LIMIT_MS: Final = {"sqlite": 10.0, "postgresql": 25.0}
WITHIN: Final = Target(1, at_least=False)
FASTER: Final = Target(1, at_least=False)
TOWNS: Final = (
    (31_230_000, 121_470_000, 30),
    (39_904_000, 116_407_000, 25),
    (22_543_000, 114_058_000, 15),
    (30_274_000, 120_155_000, 10),
    (31_299_000, 120_585_000, 8),
    (30_593_000, 114_305_000, 7),
    (30_573_000, 104_066_000, 5),
)
"""(latitude, longitude, share in hundredths)."""
AREAS: Final = {"dense": (31_230_000, 121_470_000), "typical": (31_389_000, 120_675_000), "sparse": (30_800_000, 117_800_000)}
"""The middle of the greatest town, the outskirts of a middle one, the country between."""
SPREAD_E6: Final = 60_000
"""Of a town, about 6 km."""
CARD: Final = BY_RECORD[PoolCard]


class Asker(Struct, frozen=True):
    """A rep who is a member of all pools: the rep's token, and the pools."""

    token: str
    org_id: int
    pool_ids: Sequence[bytes]


async def fill(database: Database, count: int) -> Asker:
    """One organisation whose pools hold so many customers."""
    world = await World(database).open()
    rep = await world.rep(1)
    pool_ids = [chance.new_id() for _ in range(POOLS)]
    await database.write(_pools, world.org_id, pool_ids)
    dice = random.Random(5)
    for at in range(0, count, CHUNK):
        await database.write(_cards, world.org_id, pool_ids, [_place(dice) for _ in range(min(CHUNK, count - at))])
    await database.write(lambda conn: conn.exec_driver_sql("ANALYZE"))
    begun = await database.write(sessions.begin, Signer(SECRET), rep.claims.org_id, rep.claims.line_no, chance.now_ms())
    if isinstance(begun, Problem):
        raise begun
    return Asker(begun.access_token, world.org_id, pool_ids)


def _place(dice: random.Random) -> Position:
    if dice.random() < 0.1:
        return Position(dice.randrange(23_000_000, 40_000_000), dice.randrange(103_000_000, 121_000_000))
    latitude_e6, longitude_e6, _ = dice.choices(TOWNS, [share for *_, share in TOWNS])[0]
    return Position(round(dice.gauss(latitude_e6, SPREAD_E6)), round(dice.gauss(longitude_e6, SPREAD_E6)))


def _pools(conn: sa.Connection, org_id: int, pool_ids: Sequence[bytes]) -> None:
    entity = BY_RECORD[Pool]
    rows = [to_row(entity, org_id, Pool(one, 1, f"Pool {at}"), None) for at, one in enumerate(pool_ids)]
    conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, rows)


def _cards(conn: sa.Connection, org_id: int, pool_ids: Sequence[bytes], places: Sequence[Position]) -> None:
    """Cards in the pools by turns, and where they stand."""
    cards = [
        PoolCard(chance.new_id(), 1, pool_ids[at % POOLS], tile(*at_), epoch=1, name="Shop", latitude_e6=at_[0], longitude_e6=at_[1])
        for at, at_ in enumerate(masked(*one) for one in places)
    ]
    conn.exec_driver_sql(statements(CARD, dialect_of(conn)).insert, [to_row(CARD, org_id, one, None) for one in cards])
    rows = [
        (org_id, one.pool_id, cell(one.latitude_e6, one.longitude_e6), one.id, one.latitude_e6, one.longitude_e6)
        for one in cards
        if one.latitude_e6 is not None and one.longitude_e6 is not None
    ]
    spots.put(conn, rows)


async def rows(database: Database, url: str, asker: Asker) -> AsyncIterator[Row]:
    """The slowest of a hundred answers in each kind of area, of one pool and of four; then the same by the two plain ways."""
    async with served(serve, url, SECRET) as port:
        for area, middle in AREAS.items():
            for pools in (1, POOLS):
                query = f"&pool_id={id_text(asker.pool_ids[0])}" if pools == 1 else ""
                began_s = _worked_s()
                taken = await _asked(port, asker.token, middle, query)
                worked_ms = (_worked_s() - began_s) * 1_000 / (WARM + ASKED)
                name = f"nearest {WANTED} in {RADIUS_M // 1_000} km of {CUSTOMERS:,}, {area}, {pools} pools, over HTTP"
                yield row(f"{name}, p99, ms", database.dialect, (_share(taken, 99), LIMIT_MS[database.dialect]), WITHIN)
                yield row(f"{name}, server's CPU beside p50, ms", database.dialect, (worked_ms, _share(taken, 50)), None)
        ours = _share(await _asked(port, asker.token, AREAS["dense"], ""), 50)
    await database.write(_index, "CREATE INDEX box ON pool_card (org_id, latitude_e6)")
    for name, way, rounds in (("a box with an index", _by_box, 10), ("a full scan", _by_scan, 2)):
        theirs = [await database.read(way, asker.org_id, at) for at in _middles(AREAS["dense"], rounds)]
        yield row(f"nearest {WANTED} in dense, p50, against {name}, ms", database.dialect, (ours, _share(theirs, 50)), FASTER)


async def _asked(port: int, token: str, middle: tuple[int, int], query: str) -> list[float]:
    """Milliseconds of each answer, over one kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for latitude_e6, longitude_e6 in _middles(middle, WARM + ASKED):
        path = f"/v1/nearby?latitude={latitude_e6 / 1e6}&longitude={longitude_e6 / 1e6}&radius_m={RADIUS_M}&limit={WANTED}{query}"
        began_s = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await answer(reader)
        taken.append((time.perf_counter() - began_s) * 1_000)
    writer.close()
    await writer.wait_closed()
    return taken[WARM:]


def _middles(middle: tuple[int, int], count: int) -> Sequence[tuple[int, int]]:
    dice = random.Random(9)
    return [(middle[0] + dice.randrange(-20_000, 20_000), middle[1] + dice.randrange(-20_000, 20_000)) for _ in range(count)]


def _worked_s() -> float:
    """Seconds of the processor that the server's process took so far; on PostgreSQL without its backends."""
    [server] = multiprocessing.active_children()
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _share(taken: Sequence[float], hundredths: int) -> float:
    return sorted(taken)[min(len(taken) - 1, len(taken) * hundredths // 100)]


def _index(conn: sa.Connection, text: str) -> None:
    conn.exec_driver_sql(text)


def _by_box(conn: sa.Connection, org_id: int, at: tuple[int, int]) -> float:
    north_e6 = round(RADIUS_M / 0.111)
    east_e6 = round(north_e6 / math.cos(math.radians(at[0] / 1e6)))
    card = RECORD_TABLES["pool_card"].c
    box = (card.latitude_e6.between(at[0] - north_e6, at[0] + north_e6), card.longitude_e6.between(at[1] - east_e6, at[1] + east_e6))
    return _measured(conn, sa.select(card.id, card.latitude_e6, card.longitude_e6).where(card.org_id == org_id, *box), at)


def _by_scan(conn: sa.Connection, org_id: int, at: tuple[int, int]) -> float:
    card = RECORD_TABLES["pool_card"].c
    return _measured(conn, sa.select(card.id, card.latitude_e6, card.longitude_e6).where(card.org_id == org_id), at)


def _measured(conn: sa.Connection, chosen: sa.Select[Any], at: tuple[int, int]) -> float:
    began_s = time.perf_counter()
    nearest((Placed(bytes(row[0]), row[1], row[2]) for row in conn.execute(chosen)), Position(*at), RADIUS_M)[:WANTED]
    return (time.perf_counter() - began_s) * 1_000
