"""T1, `python -m tests.prove simulate SEEDS=10000`: the simulator over many seeds; faults, outcomes, invariants, scope changes counted.

A history that breaks an invariant is shrunk and shown. `SEED=n TRACE=1` plays one again; `FIRST=n` begins at another; `BOX_S=n` runs for so
many seconds.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import Progress

from shared_schema.wire import Result
from tests.features import PROOFS
from tests.prove.actions import BY_ACTION, course
from tests.prove.box import boxed
from tests.prove.history import Step
from tests.prove.moves import SCOPE_CHANGES
from tests.prove.play import Played, play
from tests.prove.spread import PROCESSES, spread

T = TypeVar("T")
SEEDS: Final = 10_000
CHUNK: Final = 20
SHRINK_TRIES: Final = 400
INVARIANTS: Final = (
    *("3 any old cursor converges", "4 issued cursors", "5 late answers change nothing", "8 stale cursors reset", "9 void cursors reset"),
    *("10 consistent = snapshot", "11 older bodies never overwrite", "14 exactly the scopes' rows", "16 the whole family"),
    *("17 a grant delivers old rows", "21 exactly once", "22 first answer", "23 forked", "25 whole groups", "26 poison is consumed"),
    *("28 no entry lost", "31 every value", "32 own chains", "33 batch boundaries", "34 sets commute", "35 decided quotes stand"),
    *("36 clocks decide nothing", "37 flag = card = audit", "38 undo restores", "39 nothing rises", "39 a restore names the deletion"),
    *("40 a reset keeps the queue", "41 after a restore all converge", "41 the order of devices does not matter"),
    *(
        "16 one winner",
        "16 losers have lost",
        "16 the history tells who has it",
        "19 nothing unmasked",
        "19 cards of pooled customers",
        "31 late edits stand beside",
    ),
    *("31 facts stand as told", "35 what rises never falls", "37 sent up and back"),
    *("37 decided above", "19 nothing foreign", "27 device order", "29 authorised at apply", "46 an empty pull is small"),
    *(invariant for proof in PROOFS.values() for invariant in proof.invariants),
)
SAME_TRACE: Final = "the same seed, the same trace"
FAULTS: Final = ("phone killed while applying", "forked line", "answer to an earlier life", "line forgotten by a restored server")


def wanted() -> list[str]:
    """Everything that must have happened; a proof in which one of them never did proves nothing about it."""
    acts = [f"action {name}" for name in sorted(BY_ACTION)]
    return [
        *acts,
        *(f"fault {name}" for name in FAULTS),
        *(f"outcome {one.name}" for one in Result),
        *(f"scope {one}" for one in SCOPE_CHANGES),
        *INVARIANTS,
        SAME_TRACE,
    ]


def many(seeds: Sequence[int]) -> tuple[Counter[str], list[Played]]:
    """Play several histories; the counts, and what became of each."""
    counts = Counter(histories=len(seeds))
    return counts, [play(seed, counts) for seed in seeds]


def twice(pieces: Iterable[T]) -> Iterator[T]:
    """The first piece two times: the same seeds, in another process, give the same traces."""
    for at, piece in enumerate(pieces):
        yield from [piece] * (1 if at else 2)


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    if "SEED" in options:
        return replay(int(options["SEED"]), trace=options.get("TRACE", "0") != "0")
    box, first = boxed(options), int(options.get("FIRST", "0"))
    total = sys.maxsize - first if box.seconds is not None else int(options.get("SEEDS", SEEDS))
    counts: Counter[str] = Counter()
    broken: list[Played] = []
    first_time: list[Played] | None = None
    chunks = (range(at, min(at + CHUNK, first + total)) for at in range(first, first + total, CHUNK))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("histories", total=None if box.seconds is not None else total)
        for found, played in spread(many, twice(box.until_full(chunks)), PROCESSES if total > CHUNK else 1, box=box):
            if first_time is not None and not counts[SAME_TRACE]:
                counts[SAME_TRACE] += len(played)
                broken += [Played(one.seed, one.fingerprint, SAME_TRACE, SAME_TRACE) for one in played if one not in first_time]
                continue
            first_time = first_time or played
            counts.update(found)
            broken += [one for one in played if one.broken]
            progress.advance(task, found["histories"])
    missing = [name for name in wanted() if not counts[name]]
    say(table(counts))
    for one in broken[:3]:
        say(explained(one))
    say([f"never happened: {name}" for name in missing])
    say([json.dumps({"histories": counts["histories"], "breaks": len(broken), "seconds": round(box.used_s(), 1)})])
    return 1 if broken or missing else 0


def replay(seed: int, *, trace: bool) -> int:
    """Play one seed again; with its trace if asked for."""
    lines: list[str] = []
    one = play(seed, Counter(), lines=lines)
    say(lines if trace else [])
    say([f"seed {seed}: trace {one.fingerprint}, {one.detail or 'all invariants hold'}"])
    if one.broken:
        say(explained(one))
    say([json.dumps({"histories": 1, "breaks": int(bool(one.broken)), "seconds": 0})])
    return 1 if one.broken else 0


Again = Callable[[int, Sequence[Step], list[str]], Played]
"""Play a seed's history with other steps; its trace goes into the list."""


def _again(seed: int, steps: Sequence[Step], lines: list[str]) -> Played:
    return play(seed, Counter(), steps, lines)


def shrunk(seed: int, invariant: str, again: Again = _again, tries_max: int = SHRINK_TRIES) -> list[Step]:
    """The history without every step that is not needed to break this invariant: halves first, then one by one."""
    steps = course(seed)
    size, tries = max(1, len(steps) // 2), 0
    while size:
        at = 0
        while at < len(steps) and tries < tries_max:
            shorter = steps[:at] + steps[at + size :]
            tries += 1
            if again(seed, shorter, []).broken == invariant:
                steps = shorter
            else:
                at += size
        size //= 2
    return steps


def explained(one: Played, again: Again = _again, tries_max: int = SHRINK_TRIES, name: str = "simulate") -> list[str]:
    """What broke, the shortest course found, its trace, and how to play it again."""
    shortest = shrunk(one.seed, one.broken, again, tries_max)
    lines: list[str] = []
    played = again(one.seed, shortest, lines)
    steps = [f"  {step.action}(phone {step.phone}, number {step.number})" for step in shortest]
    command = f"again: make prove NAME={name} SEED={one.seed} TRACE=1"
    return [f"seed {one.seed}: {one.detail}", f"shrunk to {len(shortest)} steps: {played.detail}", *steps, "trace:", *lines, command]


def table(counts: Counter[str]) -> list[str]:
    """How often each thing happened, two in a line."""
    cells = [f"{name:<48}{counts[name]:>12,}" for name in (*wanted(), *sorted(name for name in counts if name.startswith("code ")))]
    return ["   ".join(cells[at : at + 2]) for at in range(0, len(cells), 2)]


def say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
