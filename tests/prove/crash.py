"""T4, `python -m tests.prove crash`: every statement and every commit of every operation × before and after, on both databases.

A forked server runs one operation on a copy of a prepared database and dies at one point: the process by SIGKILL, on PostgreSQL
also the backend by its administrator, and at commits by SIGKILL, after which that server recovers. Then the database is opened again:
what it holds is exactly what the commits that had returned made of it, and all of it agrees (`crash_judge.py`). Then the same bytes are
sent again, as a phone would: the end is the end of an undisturbed run, row by row, and a push is answered byte for byte as there.

Options: BOX_S=n eight plants, then as many points as fit into so many seconds: operation by operation in an order drawn by SEED, a few
points of each, a commit first; what is not reached is another seed's · SHARE=n every n-th statement
and a few commits · DATABASES=sqlite|postgres|both · ONLY=words|words of an operation · PLANTS=0|1|only.
Limit: a killed process leaves its writes with the operating system; power loss is not tried.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.prove.box import Box, boxed
from tests.prove.crash_listed import Operation
from tests.prove.crash_matrix import Bench, HarnessError, Reference, Verdict, points_of
from tests.prove.crash_operations import OPERATIONS
from tests.prove.crash_places import Places, SqlitePlaces, own_postgres
from tests.prove.crash_plants import PLANTS
from tests.prove.crash_postponed import Plant
from tests.prove.crash_scene import prepare
from tests.prove.crash_stage import Scene

WARM_URLS: Final = "OUTRIDER_TEST_CRASH_WARM"
"""Read by `crash_warm.py`, which only the process that forks imports."""
FAULTS: Final = ("torn", "duplicated", "lost")
SHOWN_MAX: Final = 20
PLANTS_OF_A_BOX: Final = 8
POINTS_AT_FIRST: Final = 3
"""Of an operation in a time box, in each way to die, before another has its turn."""


class Line(Struct):
    """Points of one operation on one database, died in one way."""

    operation: str
    database: str
    how: str
    counts: Counter[str] = msgspec.field(default_factory=Counter)


class Plan(Struct):
    """What is about to be tried: points of one bench in one way."""

    bench: Bench
    reference: Reference
    how: str
    points: list[int]


def run(options: Mapping[str, str]) -> int:
    """Run the matrix; 0 when nothing was torn, duplicated or lost and each plant was caught."""
    try:
        return _run(options)
    except HarnessError as error:
        sys.stderr.write(f"the crash matrix itself fails: {error}\n")
        return 1


def _run(options: Mapping[str, str]) -> int:
    console = Console(width=None if sys.stdout.isatty() else 150)
    kinds = {"both": ("sqlite", "postgres")}.get(options.get("DATABASES", "both"), (options.get("DATABASES", ""),))
    plants = options.get("PLANTS", "1")
    words = options.get("ONLY", "").split("|")
    chosen = [one for one in OPERATIONS if any(word in one.name for word in words) and plants != "only"]
    box = boxed(options)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outrider_crash_")))
        places: list[Places] = [SqlitePlaces(home)] if "sqlite" in kinds else []
        places += [stack.enter_context(own_postgres())] if "postgres" in kinds else []
        os.environ[WARM_URLS] = " ".join(place.empty() for place in places if place.name == "postgres")
        benches = {place.name: filled(place, home) for place in places}
        planted = _drawn_plants(options, box) if plants != "0" else ()
        missed = _uncaught(console, places[0], benches[places[0].name], planted)
        courses = [box.until_full(_course(place, benches[place.name], chosen, options)) for place in places]
        lines, faults = _tried(console, courses)
    _report(console, lines, faults, missed, box.used_s())
    totals = {"points": sum(line.counts["points"] for line in lines), **{name: sum(line.counts[name] for line in lines) for name in FAULTS}}
    for place in places:
        reached = len({line.operation for line in lines if line.database == place.name})
        sys.stdout.write(f"{place.name}: {reached} of {sum(place.name in one.databases for one in chosen)} operations\n")
    sys.stdout.write(msgspec.json.encode(totals).decode() + "\n")
    empty = [line for line in lines if not line.counts["commits"]]
    sys.stderr.writelines(f"never at a commit: {line.database}, {line.how}: {line.operation}\n" for line in empty)
    return int(bool(missed or empty) or any(totals[name] for name in FAULTS) or (bool(chosen) and not totals["points"]))


def filled(place: Places, home: Path) -> Scene:
    """Prepare the database that is copied."""
    file = home / f"{place.name}.backup"
    scene = asyncio.run(prepare(place.base_url, file))
    return msgspec.structs.replace(scene, texts={**scene.texts, "home": str(home), "archive": str(file)})


def _course(place: Places, scene: Scene, chosen: Sequence[Operation], options: Mapping[str, str]) -> Iterator[tuple[Plan, int]]:
    """What is tried on one kind of database, one operation after another; in a time box in an order drawn by seed."""
    seed, share = int(options.get("SEED", "1")), int(options.get("SHARE", "1"))
    numbered = list(enumerate(one for one in chosen if place.name in one.databases))
    if "BOX_S" in options:
        random.Random(seed).shuffle(numbered)
    begun = (plan for number, operation in numbered for plan in _plans(Bench(place, scene, operation), share, number))
    return drawn(begun, seed) if "BOX_S" in options else whole(begun)


def _plans(bench: Bench, share: int, number: int) -> Iterator[Plan]:
    reference = bench.refer()
    points = points_of(reference, share, number)
    yield Plan(bench, reference, "process", points)
    if bench.places.admin is not None:
        inside = [at for at in points if "answer" not in reference.labels[at - 1]]
        yield Plan(bench, reference, "backend", inside)
        yield Plan(bench, reference, "recovery", [at for at in inside if "COMMIT" in reference.labels[at - 1]])


def whole(begun: Iterable[Plan]) -> Iterator[tuple[Plan, int]]:
    """All points of all plans."""
    return ((plan, at) for plan in begun for at in plan.points)


def drawn(begun: Iterable[Plan], seed: int) -> Iterator[tuple[Plan, int]]:
    """Of each plan, as it begins, a few points drawn by seed, a commit first; when all have begun, the others in turns."""
    dice = random.Random(seed)
    left = []
    for plan in begun:
        points = dice.sample(plan.points, len(plan.points))
        commit = next((at for at in points if "COMMIT" in plan.reference.labels[at - 1]), points[0])
        course = [(plan, commit), *((plan, at) for at in points if at != commit)]
        yield from course[:POINTS_AT_FIRST]
        left.append(course[POINTS_AT_FIRST:])
    yield from (one for turn in zip_longest(*left) for one in turn if one is not None)


def _tried(console: Console, courses: Sequence[Iterable[tuple[Plan, int]]]) -> tuple[list[Line], list[str]]:
    """Both kinds of database at once: while one waits for its disk, the other computes."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress, ThreadPoolExecutor(len(courses)) as pool:
        found = list(pool.map(lambda course: _try(progress, course), courses))
    return [line for lines, _ in found for line in lines], [fault for _, faults in found for fault in faults]


def _try(progress: Progress, course: Iterable[tuple[Plan, int]]) -> tuple[list[Line], list[str]]:
    lines: dict[tuple[str, str, str], Line] = {}
    faults = []
    task = progress.add_task("crash", total=None)
    last: Bench | None = None
    for plan, at in course:
        if last is not None and last is not plan.bench:
            last.close()
        last = plan.bench
        place = (plan.bench.operation.name, plan.bench.places.name, plan.how)
        line = lines.setdefault(place, Line(*place))
        progress.update(task, description=f"{line.database}, {line.how}: {line.operation}", advance=1)
        verdict = plan.bench.strike(plan.reference, plan.how, at)
        _count(line, verdict)
        faults += [f"{line.database}, {line.how}, {line.operation}, point {at} {told}" for told in _sentences(verdict)]
    return list(lines.values()), faults


def _count(line: Line, verdict: Verdict) -> None:
    line.counts["points"] += 1
    line.counts["commits" if "COMMIT" in verdict.label else "answers" if "answer" in verdict.label else "statements"] += 1
    line.counts.update(verdict.found())
    if line.how != "process":
        line.counts["told"] += 1
        line.counts["busy"] += verdict.answer in ("busy", "answered")


def _sentences(verdict: Verdict) -> Iterator[str]:
    for name in verdict.found():
        yield f"({verdict.label}): {name}: {getattr(verdict, name)[:2]}"
    if verdict.answer.startswith("Traceback"):
        yield f"({verdict.label}): note, no fault of the data: {verdict.answer.strip().splitlines()[-1][:200]}"


def _drawn_plants(options: Mapping[str, str], box: Box) -> Sequence[Plant]:
    """All of them; in a time box a few, other ones with another seed."""
    if box.seconds is None:
        return PLANTS
    return random.Random(int(options.get("SEED", "1"))).sample(PLANTS, PLANTS_OF_A_BOX)


def _uncaught(console: Console, place: Places, scene: Scene, plants: Sequence[Plant]) -> list[str]:
    """Plants which the matrix does not notice for what they are."""
    missed = []
    for plant in plants:
        try:
            caught = first_caught(place, scene, plant)
        except HarnessError as error:
            caught = ""
            console.print(str(error)[-500:], highlight=False, markup=False)
        console.print(f"{plant.operation.name}: {caught or 'NOT CAUGHT'}", highlight=False, markup=False)
        missed += [] if caught else [plant.operation.name]
    return missed


def first_caught(place: Places, scene: Scene, plant: Plant) -> str:
    """The first commit at which a plant is called what it is, in words; empty when there is none."""
    bench = Bench(place, scene, plant.operation)
    reference = bench.refer()
    for at, label in enumerate(reference.labels, 1):
        if "COMMIT" not in label:
            continue
        sentences = getattr(bench.strike(reference, "process", at), plant.fault)
        if told := next((one for one in sentences if plant.words in one), ""):
            return f"{plant.fault} at point {at} of {len(reference.labels)}, {label}: {' '.join(told[-160:].split())}"
    return ""


def _report(console: Console, lines: list[Line], faults: list[str], missed: list[str], seconds: float) -> None:
    table = Table("operation", "database", "killed", title=f"crash matrix, {seconds:.0f} s")
    names = ("statements", "commits", "answers", *FAULTS)
    for name in names:
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(line.operation, line.database, line.how, *(str(line.counts[name]) for name in names))
    console.print(table)
    for one in faults[:SHOWN_MAX]:
        console.print(one, highlight=False, markup=False)
    if len(faults) > SHOWN_MAX:
        console.print(f"… and {len(faults) - SHOWN_MAX} more")
    for name in missed:
        console.print(f"{name}: the matrix does not notice it", highlight=False)


if __name__ == "__main__":
    sys.exit(run(dict(one.split("=", 1) for one in sys.argv[1:])))
