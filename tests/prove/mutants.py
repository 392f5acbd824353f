"""T7, `python -m tests.prove mutants`: every planted bug must be noticed, and random bugs in the source of `sync/` are noticed or printed.

Planted (`plants.py`, `directed.py`): each is put in place and must turn its own invariant or test red. Random (`sources.py`): drawn by
MUTANT_SEED, compiled and put in place in a process of its own (`trial.py`), then tried against the tiers, cheapest first (`tiers.py`).

Options: PLANT=name · PLANTS=0 random ones alone · RANDOM=n how many · MUTANT_SEED=n the same ones again · MUTANT=module:index one alone ·
SEEDS=n histories at most · TIERS=n the first n tiers alone · BOX_S=n as many as fit into so many seconds: planted ones in an order drawn by
MUTANT_SEED, then random ones, at least five.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from tests.prove import directed, stack, trial
from tests.prove.box import Box, boxed
from tests.prove.laws import case
from tests.prove.plants import PLANTS, planted
from tests.prove.play import play
from tests.prove.sources import Mutant, described, drawn, mutants
from tests.prove.spread import PROCESSES, spread
from tests.prove.stack_plants import STACK_PLANTS
from tests.prove.survivors import reason

SEEDS: Final = 2_000
RANDOM: Final = 40
RANDOM_MIN: Final = 5
PLANTED_SHARE: Final = 0.7
"""Of a time box; the rest is for random ones."""
RANDOM_HISTORIES: Final = 300
FEW, LAW_CASES = 40, 1_700


class Killed(Struct, frozen=True):
    """What became of one planted bug; `by` empty: it survived."""

    name: str
    by: str
    tried: int


def hunt(asked: tuple[str, int]) -> Killed:
    """Play histories with one planted bug in place until an invariant breaks; after the first few, ask the laws too."""
    name, seeds = asked
    for seed in range(seeds):
        with planted(name):
            played = play(seed, Counter())
            broken = next((one for one in map(case, range(LAW_CASES)) if one is not None), None) if seed == FEW else None
        if played.broken and not play(seed, Counter()).broken:  # the honest core passes where this one fails
            return Killed(name, f"T1 simulate, invariant {played.broken}", seed + 1)
        if broken is not None:
            return Killed(name, f"T0 laws, {broken.law}", broken.seed + 1)
    return Killed(name, "", seeds)


def confront(name: str) -> Killed:
    """Put a directed bug in place and run the test that must turn red."""
    return Killed(name, directed.noticed(name), 1)


def confront_really(name: str) -> Killed:
    """Put a bug of the server's SQL in place and play histories through the real application."""
    return Killed(name, *stack.hunt(name))


def run(options: Mapping[str, str]) -> int:
    """Hunt the planted bugs, then draw random ones; the exit code: 1 when a planted one survives or the tiers themselves are red."""
    box, options = boxed(options), {"MUTANT_SEED": str(time.time_ns() % 1_000_000), **options}
    total: Counter[str] = Counter()
    survivors = [] if options.get("PLANTS") == "0" or "MUTANT" in options else _planted(options, box.share(PLANTED_SHARE), total)
    lost = len(survivors)
    if "PLANT" not in options:
        healthy = trial.Task("", 0, 3, trial.NAMES[:3])
        found = next(iter(spread(trial.tried, [healthy, healthy])))
        if found.killed:
            _say(f"without any bug the tiers are red: {found.tier}, {found.killed}")
            return 1
        survivors += _random(options, box, total)
    _say(json.dumps({"mutants": total["mutants"], "killed": total["killed"], "survivors": survivors}))
    return 1 if lost else 0


def _planted(options: Mapping[str, str], box: Box, total: Counter[str]) -> list[str]:
    chosen = [options["PLANT"]] if "PLANT" in options else [*PLANTS, *directed.PLANTS, *STACK_PLANTS]
    if box.seconds is not None:
        random.Random(options["MUTANT_SEED"]).shuffle(
            chosen
        )  # the box is over before the list on a slow machine: other ones with every seed
    seeds = int(options.get("SEEDS", SEEDS))
    survivors = []
    for one in _told(spread(_confronted, ((name, seeds) for name in box.until_full(chosen)))):
        total.update(mutants=1, killed=int(bool(one.by)))
        survivors += [] if one.by else [one.name]
    _say(f"planted bugs: {total['killed']} of {total['mutants']} tried were noticed; {len(chosen)} are listed")
    return survivors


def _confronted(asked: tuple[str, int]) -> Killed:
    name, _ = asked
    if name in PLANTS:
        return hunt(asked)
    return confront(name) if name in directed.PLANTS else confront_really(name)


def _told(found: Iterable[Killed]) -> Iterable[Killed]:
    for one in found:
        _say(f"{one.name:<28}{one.tried:>6}  {one.by or 'SURVIVED'}")
        yield one


def _random(options: Mapping[str, str], box: Box, total: Counter[str]) -> list[str]:
    """Random bugs: each is noticed by a tier, or printed with its line, and with the reason if it is known why no test can see it."""
    seed = int(options["MUTANT_SEED"])
    most = int(options.get("RANDOM", RANDOM if box.seconds is None else len(mutants())))
    chosen = [_named(options["MUTANT"])] if "MUTANT" in options else drawn(seed, most)
    histories = int(options.get("SEEDS", RANDOM_HISTORIES))
    _say(f"random bugs: MUTANT_SEED={seed}")
    survivors = []
    asked = (one for at, one in enumerate(chosen) if at < RANDOM_MIN or not box.full)
    tiers = trial.NAMES[: int(options.get("TIERS", len(trial.NAMES)))]
    tasks = (trial.Task(one.module, one.index, histories, tiers) for one in asked)
    by_tier: Counter[str] = Counter()
    for one, found in zip(chosen, spread(trial.tried, tasks, PROCESSES), strict=False):
        total.update(mutants=1, killed=int(bool(found.killed)))
        by_tier[found.tier if found.killed else "survived"] += 1
        if not found.killed:
            survivors.append(f"{one.module}:{one.index}")
        _say(_line(one, found))
    _say("random bugs by tier: " + ", ".join(f"{tier} {count}" for tier, count in by_tier.most_common()))
    return survivors


def _line(one: Mutant, found: trial.Found) -> str:
    if found.killed:
        return f"{one}\n    killed by {found.tier}: {found.killed}, after {found.tried} ({found.seconds:.0f} s)"
    known = reason(one)
    again = f"MUTANT={one.module}:{one.index}"
    return f"{one}\n    SURVIVOR ({found.seconds:.0f} s, {again}){f', no bug: {known}' if known else ''}"


def _named(words: str) -> Mutant:
    module, _, index = words.partition(":")
    return described(module, int(index))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
