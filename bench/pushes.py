"""Rows of the push: 500 patches of one device, and 16 devices with one patch each at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Final

from bench import object_mapper
from bench.driver import DEVICES, Bare, Statement
from bench.measure import Row, Target, Work, alternate, percentile, row
from bench.replay import Recording, record
from bench.world import PUSH_MAX, Rep, World
from server import chance
from server.database import DialectName

RECORD_AND_FEED: Final = ("UPDATE customer", "INSERT INTO feed")
PUSHES: Final = 20
"""Of each device in one round of the crowd."""
CROWD_ROUNDS: Final = 5
OVER_DRIVER: Final = Target(1.5, at_least=False)
UNDER_MAPPER: Final = Target(2.5, at_least=True)
CROWD: Final = {"postgresql": Target(0.7, at_least=True), "sqlite": None}
"""Against the same statements by the driver: the page asks for it on PostgreSQL alone."""
OVER_COMMITS: Final = Target(2_000 / 3_000, at_least=True)
SLOWEST_IN_COMMITS: Final = Target(15 * 3, at_least=False)
"""SQLite: 2,000 a second and p99 15 ms where it commits 3,000 times a second, so 45 commits long; both travel to other machines."""
_Wave = tuple[float, list[float]]
"""Pushes per second, and the milliseconds of each."""
_Summary = tuple[float, float, float]
"""Per second, p50 ms, p99 ms."""
COMMIT: Final = Statement("UPDATE counter SET value = value + 1 WHERE key = 'scope'", [()], many=False)


async def rows(world: World, bare: Bare) -> AsyncIterator[Row]:
    """Each way writes to a rep of its own with 500 customers, in one organisation."""
    mine, drivers, mappers = [await world.rep(PUSH_MAX) for _ in range(3)]
    recording = await record(world, drivers, drivers.customer_ids)
    ours, driver, mapper = await alternate(
        lambda: _push(world, mine), lambda: _written(bare, recording.next(beginning=RECORD_AND_FEED)), lambda: _mapped(world, mappers)
    )
    dialect = world.database.dialect
    yield row("push of 500 patches, against driver writes of record and feed, ms", dialect, (ours, driver), OVER_DRIVER)
    yield row("push of 500 patches, against an ORM unit of work, ms", dialect, (ours, mapper), UNDER_MAPPER, inverse=True)


def _push(world: World, rep: Rep) -> Work:
    request = world.patches(rep, rep.customer_ids)
    return partial(world.take, rep, request)


def _written(bare: Bare, statements: Sequence[Statement]) -> Work:
    if [one.many for one in statements] != [True, True]:
        raise ValueError("a push no longer writes its records and its feed by one statement each")
    return partial(bare.transact, 0, statements)


def _mapped(world: World, rep: Rep) -> Work:
    request = world.patches(rep, rep.customer_ids)
    owner = (world.org_id, rep.claims.line_no, rep.now_scope)
    return partial(world.database.write, object_mapper.push, owner, request, chance.now_ms())


async def crowd(world: World, bare: Bare) -> AsyncIterator[Row]:
    """16 devices push one patch each at once, again and again; the bare driver replays the same statements for 16 other devices."""
    mine = [await world.rep(1) for _ in range(DEVICES)]
    theirs = [await record(world, rep, rep.customer_ids) for rep in [await world.rep(1) for _ in range(DEVICES)]]
    waves: list[tuple[_Wave, _Wave, _Wave]] = []
    for _ in range(1 + CROWD_ROUNDS):
        pushed = await _wave([_push_all(world, rep) for rep in mine])
        replayed = await _wave([_replayed(bare, device, one) for device, one in enumerate(theirs)])
        waves.append((pushed, replayed, await _wave([_commits(bare, device) for device in range(DEVICES)])))
    ours, driver, commits = (_summary(each) for each in zip(*waves[1:], strict=True))
    for one in _judged(world.database.dialect, ours, driver, commits):
        yield one


def _judged(dialect: DialectName, ours: _Summary, driver: _Summary, commits: _Summary) -> Iterator[Row]:
    name = "push of 1 by 16 devices at once"
    yield row(f"{name}, against its statements by the driver, per second", dialect, (ours[0], driver[0]), CROWD[dialect])
    yield row(f"{name}, p50, ms", dialect, (ours[1], driver[1]), None)
    yield row(f"{name}, p99, ms", dialect, (ours[2], driver[2]), None)
    if dialect == "sqlite":
        yield row(f"{name}, against FULL commits of one row, per second", dialect, (ours[0], commits[0]), OVER_COMMITS)
        yield row(f"{name}, p99 against one such commit, ms", dialect, (ours[2], 1000 / commits[0]), SLOWEST_IN_COMMITS)


def _commits(bare: Bare, device: int) -> list[Work]:
    return [partial(bare.transact, device, [COMMIT]) for _ in range(PUSHES)]


async def _wave(devices: Sequence[Sequence[Work]]) -> _Wave:
    started = time.perf_counter()
    times = await asyncio.gather(*(_in_turn(works) for works in devices))
    every = [one for found in times for one in found]
    return len(every) / (time.perf_counter() - started), every


async def _in_turn(works: Sequence[Work]) -> list[float]:
    times = []
    for work in works:
        started = time.perf_counter()
        await work()
        times.append((time.perf_counter() - started) * 1000)
    return times


def _push_all(world: World, rep: Rep) -> list[Work]:
    return [_push(world, rep) for _ in range(PUSHES)]


def _replayed(bare: Bare, device: int, recording: Recording) -> list[Work]:
    return [partial(bare.transact, device, recording.next()) for _ in range(PUSHES)]


def _summary(waves: Sequence[_Wave]) -> _Summary:
    """Medians over the waves."""
    rate = median(one for one, _ in waves)
    p50, p99 = (median(percentile(times, percent) for _, times in waves) for percent in (50, 99))
    return rate, p50, p99
