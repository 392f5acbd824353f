"""T6: hostile bytes at every door; `python -m tests.prove fuzz BODIES=… REQUESTS=… SEED=…`; the same SEED gives the same bodies.

`BOX_S=…`: as many as fit into so many seconds, in the same order.

Held against each body: it is taken, or refused with a Problem of 4xx, within 0.25 s of computing and 64 MiB; an honest one is taken.
Held against each request: no 5xx, nothing logged as an error, a refusal is a problem document, a sync answer can be read by a device.
`SEED=… BODY=…` makes one body again and says what the door does with it; a failing request is printed with its bytes.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from bench.postgres import Lender, drop_run, run_name
from server.store import schema
from tests.integration.hostile import HOSTILE
from tests.prove import fuzz_app, fuzz_door, fuzz_schema
from tests.prove.box import Box, boxed
from tests.prove.fuzz_bodies import SYNC, Sent
from tests.prove.fuzz_door import Fault
from tests.prove.fuzz_mutants import KINDS
from tests.prove.spread import PROCESSES, spread

BODIES: Final = 1_000_000
REQUESTS: Final = 50_000
CHUNK: Final = 2_500
NAMED_MIN: Final = 150
BODIES_SHARE, REQUESTS_SHARES = 0.3, (0.45, 1.0)
"""Of what schemathesis, and then each other, have left of a time box; requests on each database."""
SHOWN: Final = 5
Counts = Mapping[str, int]


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code. EXAMPLES=0 leaves schemathesis out; FIRST= begins at a later body; NICE= yields to other work."""
    seed = int(options.get("SEED", "1"))
    if "BODY" in options:
        return replay(seed, int(options["BODY"]))
    os.nice(int(options.get("NICE", "0")))
    box = boxed(options)
    bodies, requests = int(options.get("BODIES", BODIES)), int(options.get("REQUESTS", REQUESTS))
    _say([f"SEED={seed} BODIES={bodies} REQUESTS={requests}"])
    faults = named_faults()
    never: list[str] = []
    failures = _schema(seed, int(options.get("EXAMPLES", fuzz_schema.EXAMPLES if box.seconds is None else fuzz_schema.EXAMPLES_BOXED)))
    with Progress(console=Console(stderr=True)) as progress:
        first = int(options.get("FIRST", "0"))
        numbers = range(first, first + bodies)
        taken = _bodies(progress, (seed, numbers, box.share(BODIES_SHARE)), never)
        halves = (range(requests // 2), range(requests - requests // 2))
        asked = [_requests(progress, place, (seed, half, box.share(REQUESTS_SHARES[place])), never) for place, half in enumerate(halves)]
    faults += [*taken.faults, *(fault for course in asked for fault in course.faults)]
    _say(_shown(faults))
    _say([*failures, *never])
    _say([f"{box.used_s():.0f} s"])
    met = {"bodies": _kinds(taken.counts), "requests": sum(_kinds(course.counts) for course in asked)}
    result = {**met, "named_inputs": len(HOSTILE), "server_errors": len(faults) + len(failures)}
    _say([json.dumps(result)])
    return 1 if faults or failures or never else 0


def named_faults() -> list[Fault]:
    """The named inputs that the door does not refuse with their own code."""
    found = [Fault(0, at, case.name, f"{said}, not {case.code}") for at, case in enumerate(HOSTILE) if (said := _said(at)) != case.code]
    return found if len(HOSTILE) >= NAMED_MIN else [*found, Fault(0, 0, "named inputs", f"only {len(HOSTILE)}")]


def _said(at: int) -> str:
    case = HOSTILE[at]
    counts: Counter[str] = Counter()
    return asyncio.run(fuzz_door.through(Sent(SYNC, case.body, case.media, case.encoding), counts)).removeprefix("code ")


def _kinds(counts: Counts) -> int:
    return sum(counts.get(f"kind {kind}", 0) for kind in KINDS)


def _bodies(progress: Progress, share: tuple[int, range, Box], never: list[str]) -> fuzz_door.Share:
    seed, numbers, box = share
    chunks = ((seed, numbers[at : at + CHUNK]) for at in range(0, len(numbers), CHUNK))
    whole = fuzz_door.Share(Counter(), [])
    task = progress.add_task("bodies", total=len(numbers) if box.seconds is None else None)
    for done in spread(fuzz_door.many, box.until_full(chunks), PROCESSES if len(numbers) > CHUNK else 1, box=box):
        whole.counts.update(done.counts)
        whole.faults.extend(done.faults)
        progress.advance(task, _kinds(done.counts))
    if numbers:
        _say(["", "bodies through the codec", *table(whole.counts)])
        never += missing("bodies", fuzz_door.wanted(), whole.counts)
    return whole


def _requests(progress: Progress, place: int, share: tuple[int, range, Box], never: list[str]) -> fuzz_app.Course:
    seed, numbers, box = share
    with _database(place) as (kind, url):
        task = progress.add_task(f"requests, {kind}", total=len(numbers) if box.seconds is None else None)
        course = asyncio.run(fuzz_app.run(url, seed + place, box.until_full(numbers), lambda: progress.advance(task)))
    if numbers:
        _say(["", f"requests through the application on {kind}, SEED={seed + place}", *table(course.counts)])
        never += missing(kind, fuzz_app.wanted(_kinds(course.counts)), course.counts)
    return course


@contextmanager
def _database(place: int) -> Iterator[tuple[str, str]]:
    """A migrated SQLite file, or a migrated PostgreSQL database; it goes away afterwards."""
    if not place:
        with _sqlite() as (url, _):
            yield "sqlite", url
        return
    name = run_name(os.getpid())
    lender = Lender.open(name, "fuzz")
    try:
        url = lender.create()
        asyncio.run(schema.migrate(url))
        yield "postgresql", url
    finally:
        lender.close()
        drop_run(name)


@contextmanager
def _sqlite() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="outrider_fuzz_") as folder:
        url = f"sqlite:///{folder}/fuzz.db"
        asyncio.run(schema.migrate(url))
        yield url, Path(folder)


def _schema(seed: int, examples: int) -> list[str]:
    if not examples:
        return []
    with _sqlite() as (url, folder):
        checked = fuzz_schema.run(url, seed, folder, examples)
    _say(["", f"schemathesis: {checked.operations} operations, {checked.cases} cases, {len(checked.failures)} failures"])
    few = [f"schemathesis tried only {checked.operations} operations"] if checked.operations < fuzz_schema.OPERATIONS_MIN else []
    return [*checked.failures, *few]


def replay(seed: int, body: int) -> int:
    """Make one body of the codec's share again and say what becomes of it."""
    kind, sent = fuzz_door.made(seed, body)
    share = fuzz_door.many((seed, [body]))
    _say([f"kind {kind}, {sent.path}, {sent.media}, {sent.encoding}, {len(sent.body)} bytes: {sent.body[:2_000].hex()}"])
    _say([f"{name}: {count}" for name, count in share.counts.items()])
    _say(_shown(share.faults))
    _say([json.dumps({"bodies": 1, "requests": 0, "named_inputs": 0, "server_errors": len(share.faults)})])
    return 1 if share.faults else 0


def missing(what: str, wanted: Iterable[str], counts: Counts) -> list[str]:
    """What a run should have seen and did not."""
    return [f"{what}: never happened: {name}" for name in wanted if not counts.get(name)]


def _shown(faults: Sequence[Fault]) -> list[str]:
    lines = [f"FAULT SEED={one.seed} BODY={one.body} {one.kind}: {one.what}" for one in faults[:SHOWN]]
    return [*lines, f"… and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else lines


def table(counts: Counts) -> list[str]:
    """How often each thing happened, three in a line."""
    cells = [f"{name:<34}{count:>9,}" for name, count in sorted(counts.items()) if count]
    return ["   ".join(cells[at : at + 3]) for at in range(0, len(cells), 3)]


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
