"""What is around, of the geo proof: `GET /v1/nearby` against measuring everybody, half of it at the poles and the antimeridian.

Then an attack: pooled customers are moved about within their masked squares, and no answer of the server may differ by a byte.
"""

import random
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from bench.postgres import blocking
from geo.around import Filters
from geo.distance import flat_distance_mm
from geo.grid import RADIUS_MAX_M, cell, masked, tile
from geo.nearby import Near
from server.database import Database, open_database
from server.domain.nearby import Place
from server.services import nearby
from server.services.act import act
from server.services.nearby import Wanted
from server.store import spots
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from shared_schema.nearby import NearbyCustomer
from shared_schema.places import Position
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, GiveToPool, Standing
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER
from sync import device
from tests.prove.box import Box
from tests.prove.lent import migrated
from tests.world import KEY, Phone, Team, team_of

EDGES: Final = (
    *((90_000_000, 0), (-90_000_000, 0), (87_500_000, 140_000_000), (-86_000_000, -179_990_000)),
    *((0, 180_000_000), (64_700_000, -179_990_000), (-17_000_000, 179_995_000), (52_000_000, 179_999_999)),
)
TOWNS: Final = (
    *((31_230_400, 121_473_700), (39_904_200, 116_407_400), (22_543_000, 114_058_000), (52_520_000, 13_405_000)),
    *((829_300, 72_004_000), (-33_868_800, 151_209_300), (64_147_000, -21_942_000), (-54_801_000, -68_303_000)),
)
OF_A_TOWN: Final = 400
OF_AN_EDGE: Final = 60
"""Fewer: beyond 70 degrees each is measured exactly, at a tenth of a millisecond."""
SPREADS_M: Final = (60, 600, 6_000, 40_000)
POOLED: Final = 0.6
SQUARES: Final = 6
QUERIES: Final = 10_000
SHARES: Final = {"sqlite": 0.7, "postgres": 0.3}
"""Of the questions on each database."""
MOVES: Final = 4
ATTACKS: Final = 40
METRE_E6: Final = 9
EVERYBODY: Final = Filters()


class Asked(Struct):
    """`queries`: answers compared. `wrong`: those that measuring contradicts. `leaks`: places that one square did not hide."""

    queries: int = 0
    wrong: int = 0
    leaks: int = 0
    attacks: int = 0


class World(Struct, frozen=True):
    """Everybody's place as the asker may know it, by the area in which it lies."""

    team: Team
    areas: Mapping[Position, Sequence[tuple[bytes, Position]]]


def proved(seed: int, box: Box) -> tuple[Mapping[str, float], list[str], list[str]]:
    """The part of the geo proof on both databases: its counts, the lines to print, its faults."""
    found: dict[str, Asked] = {}
    with tempfile.TemporaryDirectory() as home:
        for name, share in SHARES.items():
            with migrated(name, Path(home), "geo") as url:
                found[name] = blocking(_on(url, seed, round(QUERIES * share), box.share(0.6 if name == "sqlite" else 1)))
    counts = {"queries": sum(one.queries for one in found.values()), "wrong": sum(one.wrong for one in found.values())}
    counts["tile_leaks"] = sum(one.leaks for one in found.values())
    lines = [f"around on {name}: {one.queries:,} questions, {one.attacks:,} of an attacker" for name, one in found.items()]
    told = {"answers that measuring contradicts": counts["wrong"], "places that a square did not hide": counts["tile_leaks"]}
    broken = [f"{count} {words}" for words, count in told.items() if count]
    broken += [f"no question on {name}" for name, one in found.items() if not one.queries or not one.attacks]
    return counts, lines, broken


async def _on(url: str, seed: int, count: int, box: Box) -> Asked:
    database = open_database(url)
    try:
        return await asked(database, seed, count, box)
    finally:
        await database.close()


async def asked(database: Database, seed: int, count: int, box: Box) -> Asked:
    """Attack a few squares on one database, then ask so many questions, or as many as fit into the box."""
    dice, found = random.Random(seed), Asked()
    world = await _world(database, dice)
    for _ in range(SQUARES):
        await _attack(world, dice, found)
    areas = list(world.areas)
    for at in box.until_full(range(count)):
        await _compare(world, areas[at % len(areas)], dice, found)
    return found


async def _world(database: Database, dice: random.Random) -> World:
    team = await team_of(database)
    pool = Pool(next(team.world.ids), 1, "Globe")
    areas: dict[Position, list[tuple[bytes, Position]]] = {}
    records: list[Record] = [pool]
    rows: list[spots.Spot] = []
    for middle in (Position(*one) for one in (*EDGES, *TOWNS)):
        for _ in range(OF_A_TOWN if middle in TOWNS else OF_AN_EDGE):
            customer_id, at = next(team.world.ids), _around(dice, middle, dice.choice(SPREADS_M))
            is_pooled = dice.random() < POOLED
            shown = masked(*at) if is_pooled else at
            areas.setdefault(middle, []).append((customer_id, shown))
            rows.append((team.world.org_id, pool.id if is_pooled else team.bo.user_id, cell(*shown), customer_id, *shown))
            records += _pooled(customer_id, pool, shown) if is_pooled else _owned(customer_id, team.bo, at)
    await database.write(_insert, team.world.org_id, records)
    await database.write(spots.put, rows)
    return World(team, areas)


def _pooled(customer_id: bytes, pool: Pool, shown: Position) -> tuple[Record, ...]:
    return (PoolCard(customer_id, 1, pool.id, tile(*shown), epoch=1, latitude_e6=shown.latitude_e6, longitude_e6=shown.longitude_e6),)


def _owned(customer_id: bytes, owner: Phone, at: Position) -> tuple[Record, ...]:
    placed = Customer(customer_id, 1, "Shop", wgs_latitude_e6=at.latitude_e6, wgs_longitude_e6=at.longitude_e6)
    return placed, Standing(customer_id, 1, owner.user_id, epoch=1)


def _insert(conn: sa.Connection, org_id: int, records: Sequence[Record]) -> None:
    for record in records:
        entity = BY_RECORD[type(record)]
        conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, org_id, record, msgspec.msgpack.encode({}))])


def _around(dice: random.Random, middle: Position, spread_m: int) -> Position:
    """A place near the middle, over a pole and across the antimeridian where it comes to that."""
    north = round(dice.gauss(0, spread_m * METRE_E6))
    east = round(dice.gauss(0, spread_m * METRE_E6)) if abs(middle.latitude_e6) < 89_000_000 else dice.randrange(-180_000_000, 180_000_000)
    latitude = middle.latitude_e6 + north
    latitude = latitude if abs(latitude) <= 90_000_000 else (180_000_000 if latitude > 0 else -180_000_000) - latitude
    return Position(latitude, (middle.longitude_e6 + east + 180_000_000) % 360_000_000 - 180_000_000)


async def _compare(world: World, area: Position, dice: random.Random, found: Asked) -> None:
    """Two pages around one place against all customers of the area, measured."""
    at, radius_m = _around(dice, area, dice.choice(SPREADS_M)), dice.choice((1, 300, 2_000, 20_000, RADIUS_MAX_M))
    limit = dice.randrange(1, 60)
    measured = sorted(Near(flat_distance_mm(*at, *where), one) for one, where in world.areas[area])
    inside = [one for one in measured if one.distance_mm <= radius_m * 1_000]
    told = [Near(one.distance_mm, one.id) async for one in _pages(world.team.bo, Place(*at, radius_m), limit, 2)]
    found.queries += 1
    found.wrong += told != inside[: 2 * limit]


async def _pages(phone: Phone, place: Place, limit: int, most: int, filters: Filters = EVERYBODY) -> AsyncIterator[NearbyCustomer]:
    """The customers of the first pages."""
    wanted: Wanted | None = Wanted(phone.user_id, place, filters, limit)
    for _ in range(most):
        if wanted is None:
            return
        page = await phone.world.database.read(nearby.around, phone.claims, wanted, KEY, phone.world.now_ms)
        for one in page.items:
            yield one
        wanted = nearby.opened(page.after, phone.user_id, KEY) if page.after is not None else None


async def _attack(world: World, dice: random.Random, found: Asked) -> None:
    """Customers at several places of one square, each alone in a pool, and a member of the pools who asks the same about each."""
    team, square = world.team, masked(dice.randrange(20_000_000, 50_000_000), dice.randrange(80_000_000, 130_000_000))
    inside = [one for one in (_around(dice, square, 60) for _ in range(200)) if masked(*one) == square][:MOVES]
    asked_by, answers = dice.random(), set()
    device.keep_tiles(team.bo.shelf, (tile(*square),))
    for at in inside:
        customer_id = team.ann.create("customer", name="Moved", latitude_e6=at.latitude_e6, longitude_e6=at.longitude_e6, datum=1)
        await team.ann.sync()
        pool = Pool(next(team.world.ids), 1, "Alone")
        await team.world.database.write(_insert, team.world.org_id, [pool])
        given = GiveToPool(customer_id, pool.id, reason="attacked")
        await team.world.database.write(act, team.manager.claims, given, team.world.now_ms)
        await team.bo.sync()
        answers.add(await _answers(team.bo, square, customer_id, random.Random(asked_by)))
    found.attacks += ATTACKS * len(inside)
    found.leaks += len(answers) - 1


async def _answers(phone: Phone, square: Position, customer_id: bytes, dice: random.Random) -> bytes:
    """All bytes about the one customer of a pool, but for ids and revision: its card on the phone, and how it stands in each answer."""
    card = phone.view("pool_card", customer_id)
    if not isinstance(card, PoolCard):
        raise TypeError("the member of the pool has no card of the customer")
    told = [ENCODER.encode(msgspec.structs.replace(card, id=b"", rev=0, pool_id=b"", pooled_ms=0))]
    for _ in range(ATTACKS):
        place = Place(*_around(dice, square, 200), dice.choice((40, 90, 150, 300, 900)))
        around = [one async for one in _pages(phone, place, 5, 1, Filters(pool_id=card.pool_id))]
        told += [ENCODER.encode(msgspec.structs.replace(one, id=b"", pool_id=None)) for one in around]
    return b"|".join(told)
