"""T7, `python -m tests.prove mutants`: every planted bug must be noticed, and random bugs in the source of `sync/` are noticed or printed.

Planted in the core (`plants.py`, `directed.py`, `stack_plants.py`) and in the rooms around it (`rooms.py`): each is put in place and must
turn its own invariant or test red. Random (`sources.py`): drawn by MUTANT_SEED, compiled and put in place in a process of its own
(`trial.py`), then tried against the tiers, cheapest first (`tiers.py`).

One of the core is shown by its recorded course (`courses.json`); where that no longer shows it, RECORD=1 looks for another one.

Options: PLANT=name · ONLY=core or rooms, those alone · PLANTS=0 random ones alone · RANDOM=n how many · MUTANT_SEED=n the same ones
again · MUTANT=module:index one alone · SEEDS=n histories at most · TIERS=n the first n tiers alone · BOX_S=n as many as fit into so many
seconds: planted ones in an order drawn by MUTANT_SEED, so that each seed takes others, then random ones, against the first tiers.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from tests.prove import courses, directed, hunt, rooms, trial
from tests.prove.box import Box, boxed
from tests.prove.hunt import Killed
from tests.prove.rooms import Asked
from tests.prove.sources import Mutant, described, drawn, mutants
from tests.prove.spread import PROCESSES, spread
from tests.prove.survivors import reason

RANDOM: Final = 40
PLANTED_SHARE: Final = {"core": 0.6, "rooms": 0.5}
"""Of what is left of a time box; the rest is for random ones."""
TIERS_OF_A_BOX: Final = 3
RANDOM_HISTORIES: Final = 300


def run(options: Mapping[str, str]) -> int:
    """Hunt the planted bugs, then draw random ones; the exit code: 1 when a planted one survives or the tiers themselves are red."""
    if options.get("RECORD", "0") != "0":
        return record(options)
    box, options = boxed(options), {"MUTANT_SEED": str(time.time_ns() % 1_000_000), **options}
    total: Counter[str] = Counter()
    planted_tried: dict[str, str] = {}
    survivors: list[str] = []
    for part, names in _listed(options).items():
        tried, lost = _planted(part, names, box.share(PLANTED_SHARE[part]))
        total.update(mutants=tried, killed=tried - len(lost))
        planted_tried[part] = f"{tried} of {len(names)}"
        survivors += lost
    lost_planted = bool(survivors)
    if not {"PLANT", "ONLY"} & options.keys():
        if box.seconds is None and not _healthy():
            return 1
        survivors += _random(options, box, total)
    counts = {"mutants": total["mutants"], "killed": total["killed"], "survivors": survivors}
    _say(json.dumps({**counts, "planted": planted_tried, "seed": int(options["MUTANT_SEED"])}))
    return 1 if lost_planted else 0


def _healthy() -> bool:
    """Whether the tiers are green without any bug. In a box there is no time for it: whoever boxes runs the proofs and tests themselves."""
    healthy = trial.Task("", 0, 3, trial.NAMES[:3])
    found = next(iter(spread(trial.tried, [healthy, healthy])))
    if found.killed:
        _say(f"without any bug the tiers are red: {found.tier}, {found.killed}")
    return not found.killed


def _listed(options: Mapping[str, str]) -> dict[str, list[str]]:
    """The planted bugs that were asked for, those of the core and those of the rooms, in the order of the seed."""
    if options.get("PLANTS") == "0" or "MUTANT" in options:
        return {}
    known = {"core": [*hunt.HUNTED, *directed.PLANTS], "rooms": list(rooms.PLANTS)}
    if "PLANT" in options:
        return {part: [options["PLANT"]] for part, names in known.items() if options["PLANT"] in names}
    if "BOX_S" in options:
        for names in known.values():
            random.Random(options["MUTANT_SEED"]).shuffle(names)
    return {part: names for part, names in known.items() if options.get("ONLY", part) == part}


def _planted(part: str, names: list[str], box: Box) -> tuple[int, list[str]]:
    """How many were tried, and the names of those that nothing noticed."""
    wanted = (Asked(name, box) for name in box.until_full(names))
    # A room's bug is put in place before the program is loaded: in processes that know nothing of it.
    found = map(_in_room, spread(rooms.seen, wanted)) if part == "rooms" else spread(_confronted, wanted)
    seen = list(_told(found))
    survivors = [one.name for one in seen if not one.by]
    _say(f"planted bugs, {part}: {len(seen) - len(survivors)} of {len(seen)} tried were noticed; {len(names)} are listed")
    return len(seen), survivors


def _in_room(found: rooms.Seen) -> Killed | None:
    """None: it was given up."""
    return None if found.given_up else Killed(found.name, f"room, {found.by}" if found.by else "")


def _confronted(asked: Asked) -> Killed | None:
    """None: it was given up."""
    if asked.name not in directed.PLANTS:
        return hunt.shown(asked.name, hunt.COURSES.get(asked.name))
    found = directed.noticed(asked.name, asked.box)
    return Killed(asked.name, found) if found or not asked.box.full else None


def _told(found: Iterable[Killed | None]) -> Iterable[Killed]:
    for one in filter(None, found):
        _say(f"{one.name:<38}{one.tried:>6}  {one.by or 'SURVIVED'}")
        yield one


def record(options: Mapping[str, str]) -> int:
    """Look for a course of each planted bug of the core that its recorded one does not show; the exit code: 1 when there is none."""
    names = [options["PLANT"]] if "PLANT" in options else list(hunt.HUNTED)
    lost = [one.name for one in spread(_confronted, map(Asked, names)) if one is not None and not one.by]
    known = {name: course for name, course in hunt.COURSES.items() if name in hunt.HUNTED}
    missing = []
    for one in spread(hunt.hunted, ((name, int(options.get("SEEDS", sys.maxsize))) for name in lost)):
        _say(f"{one.name:<38}{one.searched_s:>6.1f} s  {one.course or 'SURVIVED'}")
        missing += [] if one.course else [one.name]
        known |= {one.name: one.course} if one.course else {}
        courses.FILE.write_text(courses.text(known))
    _say(json.dumps({"courses": len(known), "recorded": len(lost) - len(missing), "survivors": missing}))
    return 1 if missing else 0


def _random(options: Mapping[str, str], box: Box, total: Counter[str]) -> list[str]:
    """Random bugs: each is noticed by a tier, or printed with its line, and with the reason if it is known why no test can see it."""
    seed = int(options["MUTANT_SEED"])
    most = int(options.get("RANDOM", RANDOM if box.seconds is None else len(mutants())))
    chosen = [_named(options["MUTANT"])] if "MUTANT" in options else drawn(seed, most)
    histories = int(options.get("SEEDS", RANDOM_HISTORIES))
    _say(f"random bugs: MUTANT_SEED={seed}")
    survivors = []
    tiers = trial.NAMES[: int(options.get("TIERS", len(trial.NAMES) if box.seconds is None else TIERS_OF_A_BOX))]
    tasks = (trial.Task(one.module, one.index, histories, tiers, box) for one in box.until_full(chosen))
    by_tier: Counter[str] = Counter()
    for one, found in zip(chosen, spread(trial.tried, tasks, PROCESSES), strict=False):
        if not found.killed and box.full:
            continue
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
