"""`python -m bench`: measure everything on SQLite and on PostgreSQL, print the table, write bench/results.json."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import edge, pulls, pushes, weights
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
BENCH_VARIABLE: Final = "OUTRIDER_BENCH_POSTGRES"


def main() -> int:
    """Measure; exit 0 for any ratios, 1 when there is no PostgreSQL to measure on."""
    console = Console() if sys.stdout.isatty() else Console(width=150)
    calm_collector()  # as the server does
    try:
        with _databases() as urls, _progress(console) as progress:
            found = uvloop.run(_collect(urls, progress))
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
def _databases() -> Iterator[list[str]]:
    """An SQLite file and a PostgreSQL database, both empty, both removed afterwards. Raises PostgresMissingError."""
    if dsn := os.environ.pop(BENCH_VARIABLE, None):
        os.environ[VARIABLE] = dsn
    run = run_name(os.getpid())
    with tempfile.TemporaryDirectory(prefix="outrider_bench_") as folder:
        try:
            lender = Lender.open(run, "bench", own=False)
            yield [f"sqlite:///{folder}/outrider.db", lender.create()]
            lender.close()
        finally:
            drop_run(run)


def _progress(console: Console) -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True)


async def _collect(urls: list[str], progress: Progress) -> list[Row]:
    task = progress.add_task("preparing")
    found: list[Row] = []
    for url in urls:
        async for one in _measured(url, progress, weigh=url == urls[0]):
            found.append(one)
            progress.update(task, description=f"measured: {one.database}, {one.work}")
    return found


async def _measured(url: str, progress: Progress, *, weigh: bool) -> AsyncIterator[Row]:
    """Every row of one database."""
    await schema.migrate(url)
    database, bare = open_database(url), await open_bare(url)
    for complaint in await database.write(durability):
        progress.console.print(f"{database.dialect}: {complaint}: commits are cheaper here than they are in earnest", style="yellow")
    world = await World(database).open()
    try:
        for rows in (pulls.rows(world, bare), pushes.rows(world, bare), pushes.crowd(world, bare), edge.rows(world, url)):
            async for one in rows:
                yield one
        if weigh:
            for one in weights.rows(await world.pull(await world.rep(pulls.RECORDS // 2), b"")):
                yield one
    finally:
        await bare.close()
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
    sys.exit(main())
