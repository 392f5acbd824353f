"""Runs the simulator over many seeds: progress, counts, a shrunk history when an invariant breaks, one JSON object on the last line."""

import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.progress import Progress

from shared_schema.wire import Result
from tests.prove.actions import ACTIONS, NAMES
from tests.prove.history import Step, steps_of
from tests.prove.play import Played, play

SEEDS: Final = 10_000
CHUNK: Final = 50
PROCESSES: Final = 2
SHRINK_TRIES: Final = 400
INVARIANTS: Final = (
    *("3 any old cursor converges", "4 issued cursors", "5 late answers change nothing", "8 stale cursors reset", "9 void cursors reset"),
    *("10 consistent = snapshot", "11 older bodies never overwrite", "14 exactly the scopes' rows", "16 the whole family"),
    *("17 a grant delivers old rows", "21 exactly once", "22 first answer", "23 forked", "25 whole groups", "26 poison is consumed"),
    *("28 no entry lost", "31 every value", "32 own chains", "33 batch boundaries", "36 clocks decide nothing", "37 flag = card = audit"),
    *("38 undo restores", "39 nothing rises", "40 a reset keeps the queue", "41 after a restore all converge"),
)
FAULTS: Final = ("phone killed while applying", "forked line", "answer to an earlier life", "line forgotten by a restored server")


def wanted() -> list[str]:
    """Everything that must have happened; a proof in which one of them never did proves nothing about it."""
    acts = [f"action {name}" for name in sorted({act.__name__ for act in ACTIONS})]
    return [*acts, *(f"fault {name}" for name in FAULTS), *(f"outcome {one.name}" for one in Result), *INVARIANTS]


def many(seeds: Sequence[int]) -> tuple[Counter[str], list[Played]]:
    """Play several histories; the counts, and those which broke."""
    counts: Counter[str] = Counter()
    return counts, [one for one in (play(seed, counts) for seed in seeds) if one.broken]


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    if "SEED" in options:
        return replay(int(options["SEED"]), trace=options.get("TRACE", "0") != "0")
    total, first = int(options.get("SEEDS", SEEDS)), int(options.get("FIRST", "0"))
    began = time.monotonic()
    counts: Counter[str] = Counter()
    broken: list[Played] = []
    chunks = [range(at, min(at + CHUNK, first + total)) for at in range(first, first + total, CHUNK)]
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("histories", total=total)
        for chunk, (found, breaks) in zip(chunks, _played(chunks), strict=True):
            counts.update(found)
            broken += breaks
            progress.advance(task, len(chunk))
    missing = [name for name in wanted() if not counts[name]]
    _say(table(counts))
    for one in broken[:3]:
        _say(explained(one))
    _say([f"never happened: {name}" for name in missing])
    _say([json.dumps({"histories": total, "breaks": len(broken), "seconds": round(time.monotonic() - began, 1)})])
    return 1 if broken or missing else 0


def _played(chunks: Sequence[Sequence[int]]) -> Iterable[tuple[Counter[str], list[Played]]]:
    if len(chunks) < 2 * PROCESSES:
        yield from map(many, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        yield from pool.imap(many, chunks)


def replay(seed: int, *, trace: bool) -> int:
    """Play one seed again; with its trace if asked for."""
    lines: list[str] = []
    one = play(seed, Counter(), lines=lines)
    _say(lines if trace else [])
    _say([f"seed {seed}: trace {one.fingerprint}, {one.detail or 'all invariants hold'}"])
    if one.broken:
        _say(explained(one))
    _say([json.dumps({"histories": 1, "breaks": int(bool(one.broken)), "seconds": 0})])
    return 1 if one.broken else 0


def shrunk(seed: int, invariant: str) -> list[Step]:
    """The history without every step that is not needed to break this invariant: halves first, then one by one."""
    course = steps_of(seed, NAMES)
    size, tries = max(1, len(course) // 2), 0
    while size:
        at = 0
        while at < len(course) and tries < SHRINK_TRIES:
            shorter = course[:at] + course[at + size :]
            tries += 1
            if play(seed, Counter(), shorter).broken == invariant:
                course = shorter
            else:
                at += size
        size //= 2
    return course


def explained(one: Played) -> list[str]:
    """What broke, the shortest course found, its trace, and how to play it again."""
    course = shrunk(one.seed, one.broken)
    lines: list[str] = []
    played = play(one.seed, Counter(), course, lines)
    steps = [f"  {step.action}(phone {step.phone}, number {step.number})" for step in course]
    again = f"again: make prove NAME=simulate SEED={one.seed} TRACE=1"
    return [f"seed {one.seed}: {one.detail}", f"shrunk to {len(course)} steps: {played.detail}", *steps, "trace:", *lines, again]


def table(counts: Counter[str]) -> list[str]:
    """How often each thing happened, two in a line."""
    cells = [f"{name:<48}{counts[name]:>12,}" for name in (*wanted(), *sorted(name for name in counts if name.startswith("code ")))]
    return ["   ".join(cells[at : at + 2]) for at in range(0, len(cells), 2)]


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
