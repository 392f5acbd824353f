"""`python -m bench [BIG=1] [ONLY=words|words]`: measure on SQLite and on PostgreSQL, print the table, write bench/results.json.

`BIG=1`: the rows over a million customers and a thousand organisations too. `ONLY`: the groups whose names hold one of these words.
"""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import around, crowded, edge, pulls, pushes, sends, ticks, weights
from bench.driver import open_bare
from bench.measure import Row
from bench.postgres import VARIABLE, Lender, PostgresMissingError, drop_run, run_name
from bench.world import World
from mobile_api.commands.serve import calm_collector
from server.database import durability, open_database
from server.store import schema

RESULTS: Final = Path(__file__).with_name("results.json")
MARKS: Final = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}
LOAD_MAX: Final = 2.0
"""One process measures and one database or server works for it; more than that was somebody else."""
GROUPS: Final = ("pulls", "pushes", "crowd", "edge", "beside", "weights", "sends", "customers", "organisations", "around")
DATABASES: Final = 6
BENCH_VARIABLE: Final = "OUTRIDER_BENCH_POSTGRES"


def main(arguments: Sequence[str]) -> int:
    """Measure; exit 0 for any ratios, 1 when there is no PostgreSQL to measure on."""
    options = dict(one.split("=", 1) for one in arguments if "=" in one)
    console = Console() if sys.stdout.isatty() else Console(width=150)
    calm_collector()  # as the server does
    try:
        with _databases() as urls, _progress(console) as progress:
            found = uvloop.run(_collect(urls, progress, options))
    except PostgresMissingError as error:
        console.print(str(error), style="red")
        return 1
    console.print(_table(found))
    if (load := os.getloadavg()[0]) > LOAD_MAX:
        console.print(
            f"Load {load:.1f} on {os.cpu_count()} cores: others were at work, so trust no single row of this run.", style="yellow"
        )
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    return 0


@contextmanager
def _databases() -> Iterator[dict[str, list[str]]]:
    """Kind → databases for the usual rows, few and many customers, few and many organisations, and pooled ones: empty, and removed
    afterwards. Raises PostgresMissingError."""
    if dsn := os.environ.pop(BENCH_VARIABLE, None):
        os.environ[VARIABLE] = dsn
    run = run_name(os.getpid())
    with tempfile.TemporaryDirectory(prefix="outrider_bench_") as folder:
        try:
            lender = Lender.open(run, "bench", own=False)
            yield {
                "sqlite": [f"sqlite:///{folder}/outrider{number}.db" for number in range(DATABASES)],
                "postgresql": [lender.create() for _ in range(DATABASES)],
            }
            lender.close()
        finally:
            drop_run(run)


def _progress(console: Console) -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True)


async def _collect(urls: Mapping[str, list[str]], progress: Progress, options: Mapping[str, str]) -> list[Row]:
    task = progress.add_task("preparing")
    found: list[Row] = []
    chosen = [name for name in GROUPS if any(word in name for word in options.get("ONLY", "").split("|"))]
    of_kinds = [
        (_measured(several[0], progress, chosen), _crowds(several[1:], chosen if "BIG" in options else ())) for several in urls.values()
    ]
    for rows in [one for several in of_kinds for one in several] + ([sends.alone()] if "sends" in chosen else []):
        async for one in rows:
            found.append(one)
            progress.update(task, description=f"measured: {one.database}, {one.work}")
    return found


async def _measured(url: str, progress: Progress, chosen: Collection[str]) -> AsyncIterator[Row]:
    """The usual rows of one database."""
    await schema.migrate(url)
    database, bare = open_database(url), await open_bare(url)
    for complaint in await database.write(durability):
        progress.console.print(f"{database.dialect}: {complaint}: commits are cheaper here than they are in earnest", style="yellow")
    world = await World(database).open()
    groups = {
        "pulls": pulls.rows(world, bare),
        "pushes": pushes.rows(world, bare),
        "crowd": pushes.crowd(world, bare),
        "edge": edge.rows(world, url),
        "beside": sends.beside(world, url),
    }
    try:
        for name in [name for name in groups if name in chosen]:
            async for one in groups[name]:
                yield one
        if database.dialect == "sqlite" and "weights" in chosen:
            for one in weights.rows(await world.pull(await world.rep(pulls.RECORDS // 2), b"")):
                yield one
    finally:
        await bare.close()
        await database.close()


async def _crowds(urls: Sequence[str], chosen: Collection[str]) -> AsyncIterator[Row]:
    """The rows over many customers and many organisations of one kind of database."""
    crowds = {
        "customers": (crowded.customers, (crowded.CUSTOMERS_FEW, crowded.CUSTOMERS), ticks.among_customers),
        "organisations": (crowded.organisations, (crowded.ORGANISATIONS_FEW, crowded.ORGANISATIONS), ticks.over_organisations),
    }
    for at, (name, (fill, counts, rows)) in enumerate(crowds.items()):
        if name not in chosen:
            continue
        pair = urls[2 * at : 2 * at + 2]
        for url in pair:
            await schema.migrate(url)
        few, many = (open_database(url) for url in pair)
        try:
            for database, count in zip((few, many), counts, strict=True):
                await fill(database, count)
            async for one in rows(few, many):
                yield one
        finally:
            await few.close()
            await many.close()
    if "around" in chosen:
        async for one in _around(urls[-1]):
            yield one


async def _around(url: str) -> AsyncIterator[Row]:
    """The rows over a million pooled customers."""
    await schema.migrate(url)
    database = open_database(url)
    try:
        asker = await around.fill(database, around.CUSTOMERS)
        async for one in around.rows(database, url, asker):
            yield one
    finally:
        await database.close()


def _table(found: list[Row]) -> Table:
    table = Table("work", "database", title="Outrider against its limits, medians of alternating rounds in one run")
    for name in ("ours", "reference", "ratio", "target", "met"):
        table.add_column(name, justify="right")
    for one in found:
        mark = MARKS[one.met]
        table.add_row(one.work, one.database, f"{one.ours:g}", f"{one.reference:g}", f"{one.ratio:g}", one.target, mark)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
