"""The claims proof, `make prove NAME=claims`: reps race for pooled customers over HTTP.

They race at the limit, beside sweeps, transfers and contests, and under holds.

Each part has an organisation of its own on the servers of one database, two processes on PostgreSQL, one on SQLite. What is judged: the
standings, the history of ownership, and what stands on each phone after all. Before that planted bugs (`claims_plants.py`) must be noticed.
Options: BOX_S=n the small run and a few plants; without it the whole and all of them · DATABASES=sqlite|postgres|both · SEED=n ·
PLANTS=0 without plants, PLANTS=only them alone · PLANT=name the part in which this one must be noticed.
"""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from server.database import open_database
from tests.prove.box import Box, boxed
from tests.prove.claims_contests import contested
from tests.prove.claims_found import BOX, LEAST, OF_A_PLANT, WHOLE, Found, Size
from tests.prove.claims_holds import held
from tests.prove.claims_judge import replay
from tests.prove.claims_plants import PLANTS, ClaimsPlant
from tests.prove.claims_race import counted, raced
from tests.prove.claims_scene import Place, Scene, client, opened, placed
from tests.prove.claims_sweeps import swept
from tests.prove.claims_transfers import moved
from tests.prove.lent import migrated

PLANTS_OF_A_BOX: Final = 2
TURNS_OF_A_PLANT: Final = 4
Part = Callable[[Scene, Found, Size, random.Random], Awaitable[None]]
PARTS: Final[Mapping[str, Part]] = {
    "race": raced,
    "quota": counted,
    "sweeps": swept,
    "transfers": moved,
    "contests": contested,
    "holds": held,
}
Tell = Callable[[str], None]


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    box = boxed(options)
    seed = int(options.get("SEED", "0") or 0) or random.SystemRandom().randrange(2**31)
    sys.stdout.write(f"seed {seed}\n")
    planted = _drawn(options, seed, box)
    size, least = (WHOLE, LEAST[True]) if box.seconds is None else (BOX, LEAST[False])
    with Progress(console=Console(stderr=True), transient=True) as progress:
        only_plants = planted == [options.get("PLANT")] or options.get("PLANTS") == "only"
        noticed = {name: _noticed(PLANTS[name], seed, progress) for name in box.until_full(planted)}
        found = {} if only_plants else {name: _found(name, seed, size, progress) for name in _databases(options)}
    told = [f"FAULT on {name}: {fault}" for name, one in found.items() for fault in one.faults(least)]
    told += [f"NOT CAUGHT: {name}: {PLANTS[name].bug.why}" for name, seen in noticed.items() if not seen]
    told += [f"on {name}: {json.dumps({key: getattr(one, key) for key in Found.__struct_fields__})}" for name, one in found.items()]
    summed = {key: sum(getattr(one, key) for one in found.values()) for key in Found.__struct_fields__}
    counts = {"plants": len(noticed), "plants_noticed": sum(noticed.values()), "seconds": round(box.used_s(), 1)}
    sys.stdout.write("".join(f"{one}\n" for one in [*told, json.dumps({**summed, **counts})]))
    return int(any(not one.startswith("on ") for one in told))


def _databases(options: Mapping[str, str]) -> list[str]:
    return [name for name in ("sqlite", "postgres") if options.get("DATABASES", "both") in ("both", name)]


def _drawn(options: Mapping[str, str], seed: int, box: Box) -> list[str]:
    """The plants of this run: the one that was named, all, or in a box a few that the seed draws."""
    if "PLANT" in options:
        return [options["PLANT"]]
    wanted = options.get("PLANTS", "1")
    count = len(PLANTS) if box.seconds is None or wanted == "only" else PLANTS_OF_A_BOX
    return [] if wanted == "0" else random.Random(seed).sample(list(PLANTS), count)


def _found(name: str, seed: int, size: Size, progress: Progress) -> Found:
    """What was seen on one kind of database."""
    task = progress.add_task(f"claims on {name}", total=len(PARTS))

    def tell(part: str) -> None:
        progress.update(task, advance=1, description=f"claims on {name}: {part}")

    with tempfile.TemporaryDirectory() as home, migrated(name, Path(home), "claims") as url, placed(name, url) as place:
        found = asyncio.run(_proved(place, random.Random(seed), size, list(PARTS), tell))
    progress.remove_task(task)
    return found


def _noticed(plant: ClaimsPlant, seed: int, progress: Progress) -> bool:
    """Whether the part of the proof that a bug concerns shows its fault; a race of two requests shows it in one of a few turns."""
    return any(_shown(plant, f"{seed} {turn}", progress) for turn in range(TURNS_OF_A_PLANT))


def _shown(plant: ClaimsPlant, seed: str, progress: Progress) -> bool:
    task = progress.add_task(f"planted: {plant.name}", total=None)
    name = plant.bug.databases
    with tempfile.TemporaryDirectory() as home, migrated(name, Path(home), "claims") as url, placed(name, url, plant.name) as place:
        found = asyncio.run(_proved(place, random.Random(seed), OF_A_PLANT, [plant.part], lambda _: None))
    progress.remove_task(task)
    return bool(getattr(found, plant.fault))


async def _proved(place: Place, dice: random.Random, size: Size, parts: list[str], tell: Tell) -> Found:
    """These parts, one after the other, each in an organisation of its own; then what the history says of all their customers."""
    database, found = open_database(place.url), Found()
    try:
        async with client() as http:
            for number, part in enumerate(parts, 1):
                tell(part)
                place.clock.set(0, 12)
                scene = await opened(place, database, http, number)
                await PARTS[part](scene, found, size, dice)
                await replay(scene, found)
        return found
    finally:
        await database.close()
