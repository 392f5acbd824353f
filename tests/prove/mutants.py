"""T7: every planted bug must be noticed; the run prints by which invariant and after how many histories."""

import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tests.prove.plants import PLANTS, planted
from tests.prove.play import play

SEEDS: Final = 2_000
PROCESSES: Final = 2


class Killed(Struct, frozen=True):
    """What became of one planted bug; `invariant` empty: it survived."""

    name: str
    invariant: str
    histories: int


def hunt(asked: tuple[str, int]) -> Killed:
    """Play histories with one bug in place until an invariant breaks."""
    name, seeds = asked
    with planted(name):
        for seed in range(seeds):
            played = play(seed, Counter())
            if played.broken:
                return Killed(name, played.broken, seed + 1)
    return Killed(name, "", seeds)


def run(options: Mapping[str, str]) -> int:
    """Hunt every planted bug; the exit code."""
    names = [options["PLANT"]] if "PLANT" in options else list(PLANTS)
    asked = [(name, int(options.get("SEEDS", SEEDS))) for name in names]
    survivors = []
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for one in pool.imap(hunt, asked):
            sys.stdout.write(f"{one.name:<24}{one.histories:>6}  {one.invariant or 'SURVIVED'}\n")
            sys.stdout.flush()
            survivors += [] if one.invariant else [one.name]
    sys.stdout.write(json.dumps({"mutants": len(names), "killed": len(names) - len(survivors), "survivors": survivors}) + "\n")
    return 1 if survivors else 0
