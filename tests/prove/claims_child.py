"""A server of the claims proof: `python -m tests.prove.claims_child DATABASE_URL CLOCK_FILE PLANT`; it says `ready PORT` when it listens.

It is `outrider serve` of one process with its jobs at the proof's beck: each line `sweep N` lets it look N times, beside each other and
beside its requests, at what falls; it answers `swept N`, the customers at which it looked. With a plant it has that bug: the program is
loaded only when the bug is in place.
"""

import asyncio
import importlib
import socket
import sys
from collections import Counter
from typing import Any

import uvicorn

from tests.prove import apart
from tests.prove.claims_plants import PLANTS
from tests.prove.planting import changed


async def _work(url: str) -> None:
    """Serve until the standard input ends."""
    database = importlib.import_module("server.database").open_database(url)
    settings = importlib.import_module("server.settings").Settings(database_url=url, worker="off")
    signer = importlib.import_module("server.domain.tokens").Signer(bytes(range(32)))
    app = importlib.import_module("mobile_api.app").create_app(settings, database, signer)
    config = importlib.import_module("tests.integration.loopback")._config(app)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        _say(f"ready {listening.getsockname()[1]}")
        await _sweeps(database)
        server.should_exit = True
        await serving


async def _sweeps(database: Any) -> None:
    job: Any = importlib.import_module("server.jobs.sweep")
    honest, looks = job.sweep, Counter[str]()

    def counted(*arguments: Any) -> int:
        looks["in all"] += 1
        return int(honest(*arguments))

    job.sweep = counted
    while line := await asyncio.to_thread(sys.stdin.readline):
        before = looks["in all"]
        await asyncio.gather(*(job.run(database) for _ in range(int(line.split()[1]))))
        _say(f"swept {looks['in all'] - before}")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    database_url, clock_file, planted = sys.argv[1:]
    if planted:
        apart.plant(PLANTS[planted].bug.module, changed(PLANTS[planted].bug))
    importlib.import_module("server.clock").simulate(0, clock_file)
    asyncio.run(_work(database_url))
