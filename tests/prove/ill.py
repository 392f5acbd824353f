"""The ill-server proof, `make prove NAME=ill`: reps go on entering good things while the server falls ill and recovers (P-323).

Three real servers at once, each with four phones: on SQLite on a small disk, on a PostgreSQL of the proof's own, and on one behind a
pooler. Each fault is brought about, lasts a moment, and is taken away; then every phone must come into step by itself, with nothing
refused. `ONLY="words"` plays the faults whose names hold the words.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from msgspec import Struct
from rich.console import Console
from rich.progress import Progress

from server.services.sync_push import FAILED_TRIES_MAX
from shared_schema.registry import BY_NAME
from tests.prove.box import boxed
from tests.prove.ill_faults import FAULTS, Fault
from tests.prove.ill_phones import Rep
from tests.prove.ill_places import REPS, Place, on_pooler, on_postgres, on_sqlite

SETTLE_S: Final = 90.0
"""A phone that is not in step so long after a fault is stuck; what stopped a PostgreSQL needs a moment to recover."""
TURNS: Final = FAILED_TRIES_MAX + 3
ENTRIES_MIN: Final = 2_000
PLACES: Final[Mapping[str, Callable[[Path], AbstractContextManager[Place]]]] = {
    "sqlite": on_sqlite,
    "postgres": on_postgres,
    "pooler": on_pooler,
}


class Met(Struct):
    """What became of one fault. `turned`: how often a phone was turned away; `refused`: codes of refused entries."""

    fault: str
    turned: int
    refused: list[str]
    stuck: int
    recovered: bool
    seconds: float

    @property
    def good(self) -> bool:
        return self.recovered and not self.refused and not self.stuck


class Played(Struct):
    """What was met, how many entries were made, how many records are not there at the end."""

    met: list[Met]
    entered: int
    unseen: int


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    box, words = boxed(options), options.get("ONLY", "")
    chosen = [fault for fault in FAULTS if words in f"{fault.on}: {fault.name}"]
    complaints: list[str] = []
    with Progress(console=Console(stderr=True), transient=True) as progress, tempfile.TemporaryDirectory() as home:
        task = progress.add_task("ill", total=len(chosen))
        with ThreadPoolExecutor(len(PLACES)) as pool:
            played = [
                pool.submit(_played, name, Path(home) / name, [one for one in chosen if one.on == name], lambda: progress.advance(task))
                for name in PLACES
                if any(one.on == name for one in chosen)
            ]
            results = [found for found in (_result(one, complaints) for one in played) if found is not None]
    whole = Played([one for each in results for one in each.met], sum(one.entered for one in results), sum(one.unseen for one in results))
    if not words and whole.entered < ENTRIES_MIN:
        complaints.append(f"never happened: {ENTRIES_MIN:,} entries, only {whole.entered:,}")
    return _told(whole, complaints, box.used_s())


def _result(played: Future[Played], complaints: list[str]) -> Played | None:
    """What one server met; None, and why in words, where this machine has no pooler."""
    try:
        return played.result()
    except pytest.skip.Exception as missing:
        complaints.append(str(missing.msg))
        return None


def _told(whole: Played, complaints: list[str], seconds: float) -> int:
    met = whole.met
    for one in met:
        words = f"{one.turned:>6} turned away, {one.seconds:>5.1f} s  {'recovered' if one.good else 'FAULT'}"
        sys.stdout.write(f"{one.fault:<48}{words} {' '.join(sorted({*one.refused}))}\n")
    bites = {f"{fault.on}: {fault.name}": fault.turns_away for fault in FAULTS}
    complaints += [f"never happened: {one.fault} turned nobody away" for one in met if bites[one.fault] and not one.turned]
    sys.stdout.writelines(f"{line}\n" for line in complaints)
    result = {
        "faults": len(met),
        "good_entries": whole.entered,
        "refused_for_good": sum(len(one.refused) for one in met) + whole.unseen,
        "stuck_queues": sum(one.stuck for one in met),
        "recovered_alone": sum(one.recovered for one in met),
        "turned_away": sum(one.turned for one in met),
        "seconds": round(seconds, 1),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    never = [one for one in complaints if one.startswith("never happened")]
    return 0 if all(one.good for one in met) and not whole.unseen and not never else 1


def _played(name: str, home: Path, faults: list[Fault], done: Callable[[], None]) -> Played:
    """Every fault of one server, one after the other."""
    home.mkdir(mode=0o755)
    with PLACES[name](home) as place:
        reps = [Rep(place.port, place.log_in(f"rep{number}")) for number in range(REPS)]
        met = []
        for fault in faults:
            met.append(_met(place, fault, reps))
            done()
        if not _is_ready(place, time.monotonic() + SETTLE_S):
            met[-1].recovered = False
        return Played(met, sum(rep.entered for rep in reps), sum(_unseen(rep) for rep in reps))


def _met(place: Place, fault: Fault, reps: list[Rep]) -> Met:
    began_s, before = time.monotonic(), sum(rep.turns for rep in reps)
    for rep in reps:
        rep.refused.clear()
    ends = Event()
    with ThreadPoolExecutor(len(reps)) as pool:
        working = [pool.submit(rep.through, ends) for rep in reps]
        try:
            with fault.brought(place):
                _last(fault, reps)
        finally:
            ends.set()
        for one in working:
            one.result()
        until_s = time.monotonic() + SETTLE_S
        settled = [one.result() for one in [pool.submit(rep.settled, until_s) for rep in reps]]
    turned = sum(rep.turns for rep in reps) - before
    refused = [one.code or one.result.name for rep in reps for one in rep.refused]
    return Met(f"{fault.on}: {fault.name}", turned, refused, settled.count(False), all(settled), time.monotonic() - began_s)


def _last(fault: Fault, reps: list[Rep]) -> None:
    """Wait until each phone was turned away more often than an entry's own failures would be borne."""
    until_s, before = time.monotonic() + fault.most_s, [rep.turns for rep in reps]
    while time.monotonic() < until_s and not all(rep.turns - was >= TURNS for rep, was in zip(reps, before, strict=True)):
        time.sleep(0.05)


def _is_ready(place: Place, until_s: float) -> bool:
    """The server says so itself, a few seconds after the last failure."""
    while not place.ready():
        if time.monotonic() > until_s:
            return False
        time.sleep(0.2)
    return True


def _unseen(rep: Rep) -> int:
    """Records that the rep made and the server does not give back."""
    number = BY_NAME["customer"].number
    return sum(rep.shelf.row((number, record_id)) is None for record_id in rep.customers)
