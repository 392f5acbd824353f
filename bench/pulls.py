"""Rows of the pull: a tail and a first page of 1,000 records, against the bare driver and against an object mapper."""

from collections.abc import AsyncIterator
from typing import Final

from bench import object_mapper
from bench.driver import Bare
from bench.measure import Row, Target, Way, alternate, row
from bench.world import CURSOR_KEY, PUSH_MAX, Rep, World
from server.services.sync_pull import Pulled
from server.store.feed import READ_BY_DIALECT, ROWS_MAX
from shared_schema.wire import ROWS_DECODER
from sync.cursor import unseal

RECORDS: Final = 1_000
AGAINST_DRIVER: Final = Target(0.9, at_least=True)
AGAINST_MAPPER: Final = Target(20, at_least=True)


async def rows(world: World, bare: Bare) -> AsyncIterator[Row]:
    """Tail: 1,000 customers changed after the cursor. First page: 500 customers with their standings, from nothing."""
    rep = await world.rep(RECORDS)
    cursor = await caught_up(world, rep)
    for start in range(0, RECORDS, PUSH_MAX):
        await world.patch(rep, rep.customer_ids[start : start + PUSH_MAX])
    async for found in _rows(world, bare, ("tail", rep, cursor)):
        yield found
    async for found in _rows(world, bare, ("first page", await world.rep(RECORDS // 2), b"")):
        yield found


async def caught_up(world: World, rep: Rep) -> bytes:
    """The cursor of a phone that holds everything."""
    pulled = await world.pull(rep, b"")
    while pulled.more:
        pulled = await world.pull(rep, pulled.cursor)
    return pulled.cursor


async def _rows(world: World, bare: Bare, asked: tuple[str, Rep, bytes]) -> AsyncIterator[Row]:
    name, rep, cursor = asked
    position = _position(rep, cursor)
    _require(await world.pull(rep, cursor))
    ours, driver, mapper = await alternate(
        lambda: lambda: world.pull(rep, cursor),
        _driver(world, bare, rep, position),
        lambda: lambda: world.database.read(object_mapper.pull, world.org_id, rep.now_scope, position),
    )
    dialect = world.database.dialect
    yield row(f"pull of 1,000, {name}, against driver fetch + join, ms", dialect, (ours, driver), AGAINST_DRIVER, inverse=True)
    yield row(f"pull of 1,000, {name}, against an ORM, ms", dialect, (ours, mapper), AGAINST_MAPPER, inverse=True)


def _position(rep: Rep, cursor: bytes) -> int:
    found = unseal(cursor, CURSOR_KEY) if cursor else None
    return next((place.position for place in found.places if place.scope == rep.now_scope), 0) if found else 0


def _require(pulled: Pulled) -> None:
    """The timed work must be the work that the row names."""
    found = sum(len(ROWS_DECODER.decode(page.rows)) for page in pulled.pages)
    if found != RECORDS or pulled.more:
        raise ValueError(f"the pull brought {found} records, not {RECORDS}")


def _driver(world: World, bare: Bare, rep: Rep, position: int) -> Way:
    sql, values = READ_BY_DIALECT[world.database.dialect], (world.org_id, rep.now_scope, position, 0, ROWS_MAX)

    async def fetch() -> bytes:
        return b"".join([found[1] for found in await bare.fetch(sql, values)])

    return lambda: fetch
