"""T0, `python -m tests.prove laws CASES=200000`: the laws of the pure core over seeded cases; counts per law, the first broken cases.

`SEED=n` plays one case again; `FIRST=n` begins at another; `BOX_S=n` runs for so many seconds.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from rich.console import Console
from rich.progress import Progress

from tests.prove.box import boxed
from tests.prove.law_cases import LAWS
from tests.prove.spread import PROCESSES, spread

CASES: Final = 200_000
CHUNK: Final = 2_000
SHOWN: Final = 5
NAMES: Final = tuple(LAWS)


class Broken(Struct, frozen=True):
    """A case that breaks its law."""

    seed: int
    law: str
    detail: str


def case(seed: int) -> Broken | None:
    """One case: the seed chooses the law and the dice."""
    name = NAMES[seed % len(NAMES)]
    try:
        LAWS[name](random.Random(seed))
    except Exception as error:  # noqa: BLE001 - a law that cannot be computed is broken too
        return Broken(seed, name, f"{type(error).__name__}: {str(error)[:300]}")
    return None


def many(seeds: Sequence[int]) -> tuple[Counter[str], list[Broken]]:
    """Several cases: how many of each law, and those which broke."""
    counts = Counter(NAMES[seed % len(NAMES)] for seed in seeds)
    return counts, [one for one in map(case, seeds) if one is not None]


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    box, total, first = boxed(options), int(options.get("CASES", CASES)), int(options.get("FIRST", "0"))
    if "SEED" in options:
        total, first = 1, int(options["SEED"])
    counts: Counter[str] = Counter()
    broken: list[Broken] = []
    bound = sys.maxsize if box.seconds is not None else first + total
    chunks = (range(at, min(at + CHUNK, bound)) for at in range(first, bound, CHUNK))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("laws", total=None if box.seconds is not None else total)
        for found, breaks in spread(many, box.until_full(chunks), PROCESSES if total > CHUNK else 1, box=box):
            counts.update(found)
            broken += breaks
            progress.advance(task, found.total())
    for name in NAMES:
        sys.stdout.write(f"{name:<40}{counts[name]:>10,}\n")
    for one in broken[:SHOWN]:
        sys.stdout.write(f"BROKEN {one.law}: {one.detail}\n  again: make prove NAME=laws SEED={one.seed}\n")
    missing = [name for name in NAMES if not counts[name] and total > 1]
    sys.stdout.writelines(f"never happened: {name}\n" for name in missing)
    sys.stdout.write(json.dumps({"cases": counts.total(), "breaks": len(broken), "seconds": round(box.used_s(), 1)}) + "\n")
    return 1 if broken or missing else 0
