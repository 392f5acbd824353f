"""T6: hostile bytes at every door; `python -m tests.prove fuzz BODIES=… REQUESTS=… SEED=…`; the same SEED gives the same bodies.

Held against each body: it is taken, or refused with a Problem of 4xx, within 0.25 s of computing and 64 MiB; an honest one is taken.
Held against each request: no 5xx, nothing logged as an error, a refusal is a problem document, a sync answer can be read by a device.
`SEED=… BODY=…` makes one body again and says what the door does with it; a failing request is printed with its bytes.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import time
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
from tests.prove.fuzz_bodies import SYNC, Sent
from tests.prove.fuzz_door import Fault

BODIES: Final = 1_000_000
REQUESTS: Final = 50_000
CHUNK: Final = 2_500
PROCESSES: Final = 2
NAMED_MIN: Final = 150
SHOWN: Final = 5
Counts = Mapping[str, int]


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code. EXAMPLES=0 leaves schemathesis out; FIRST= begins at a later body; NICE= yields to other work."""
    seed = int(options.get("SEED", "1"))
    if "BODY" in options:
        return replay(seed, int(options["BODY"]))
    os.nice(int(options.get("NICE", "0")))
    bodies, requests = int(options.get("BODIES", BODIES)), int(options.get("REQUESTS", REQUESTS))
    began = time.monotonic()
    _say([f"SEED={seed} BODIES={bodies} REQUESTS={requests}"])
    faults = named_faults()
    never: list[str] = []
    with Progress(console=Console(stderr=True)) as progress:
        faults += _bodies(progress, (seed, int(options.get("FIRST", "0")), bodies), never)
        faults += _requests(progress, (seed, requests), never)
    failures = _schema(seed, int(options.get("EXAMPLES", fuzz_schema.EXAMPLES)))
    _say(_shown(faults))
    _say([*failures, *never])
    _say([f"{time.monotonic() - began:.0f} s"])
    result = {"bodies": bodies, "requests": requests, "named_inputs": len(HOSTILE), "server_errors": len(faults) + len(failures)}
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


def _bodies(progress: Progress, share: tuple[int, int, int], never: list[str]) -> list[Fault]:
    seed, first, bodies = share
    chunks = [(seed, range(at, min(at + CHUNK, first + bodies))) for at in range(first, first + bodies, CHUNK)]
    counts: Counter[str] = Counter()
    faults: list[Fault] = []
    task = progress.add_task("bodies", total=bodies)
    for chunk, done in zip(chunks, _played(chunks), strict=True):
        counts.update(done.counts)
        faults += done.faults
        progress.advance(task, len(chunk[1]))
    if bodies:
        _say(["", "bodies through the codec", *table(counts)])
        never += missing("bodies", fuzz_door.wanted(), counts)
    return faults


def _played(chunks: Sequence[tuple[int, range]]) -> Iterable[fuzz_door.Share]:
    if len(chunks) < 2 * PROCESSES:
        yield from map(fuzz_door.many, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        yield from pool.imap(fuzz_door.many, chunks)


def _requests(progress: Progress, share: tuple[int, int], never: list[str]) -> list[Fault]:
    seed, requests = share
    faults: list[Fault] = []
    for place, (kind, url) in enumerate(_databases() if requests else ()):
        total = requests // 2 + (requests % 2 if place else 0)
        task = progress.add_task(f"requests, {kind}", total=total)
        course = asyncio.run(fuzz_app.run(url, seed + place, total, lambda task=task: progress.advance(task)))  # type: ignore[misc]
        _say(["", f"requests through the application on {kind}, SEED={seed + place}", *table(course.counts)])
        never += missing(kind, fuzz_app.wanted(), course.counts)
        faults += course.faults
    return faults


def _databases() -> Iterator[tuple[str, str]]:
    """A migrated SQLite file, then a migrated PostgreSQL database; each goes away afterwards."""
    with _sqlite() as (url, _):
        yield "sqlite", url
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
