"""T3 and T2: the simulator's histories through the real application on both databases, and a state machine over the same actions.

The last line is one JSON object. `differences`: the application did something else than the store in memory, or the two databases
gave different answers for one seed; `breaks`: an invariant fell on both sides alike, or the state machine found one.
Options: SEEDS=n histories on SQLite, half of them on PostgreSQL too · DATABASES=sqlite|postgres|both · EXAMPLES=n of the state machine ·
SEED=n TRACE=1 one history again · BOX_S=n as many as fit into so many seconds · PLANT=name with a bug of `stack_plants.py`.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice, repeat, takewhile
from typing import Final, NamedTuple

from rich.console import Console
from rich.progress import Progress

from bench.postgres import Lender, blocking, drop_run, run_name
from server.store import schema
from tests.prove import simulate, stack_machine
from tests.prove.box import Box, boxed
from tests.prove.cover import front, ordered
from tests.prove.history import Step
from tests.prove.play import Played, play
from tests.prove.simulate import explained, say, table
from tests.prove.spread import PROCESSES, spread
from tests.prove.stack_app import App, opened
from tests.prove.stack_plants import planted
from tests.prove.stack_side import EQUAL, Stack

SEEDS: Final = 300
EXAMPLES: Final = 500
CHUNK: Final = 2
BOXED_SHARES: Final = {"sqlite": 0.4, "postgres": 0.75}
"""Of what is left of a time box, histories on each database one after the other. The rest is for the state machine."""
LOOKED_SHARE: Final = 0.3
"""Of a time box, for the search of the histories to begin with. A box that ends before they were played says what never happened, and
judges it not: a busy machine is no fault."""
EXAMPLES_OF_A_ROUND: Final = 10
SHRINK_TRIES: Final = 120
KINDS: Final = {"sqlite": ("sqlite",), "postgres": ("postgres",), "both": ("sqlite", "postgres")}
NOT_HERE: Final = (
    "36 clocks decide nothing",
    simulate.SAME_TRACE,
)
"""What only the simulator does: right clocks beside wrong ones; the same history twice on one side."""


class Place(NamedTuple):
    """Where a worker finds its database."""

    kind: str
    home: str
    run: str
    plant: str


class Lines(NamedTuple):
    """Histories of one database: counts, what became of each."""

    counts: Counter[str]
    played: list[Played]


def wanted() -> list[str]:
    """What must have happened, on one database or the other."""
    return [name for name in simulate.wanted() if name not in NOT_HERE]


@contextmanager
def database(place: Place) -> Iterator[str]:
    """The URL of a migrated database of this process."""
    if place.kind == "sqlite":
        folder = tempfile.mkdtemp(dir=place.home)
        url = f"sqlite:///{folder}/outrider.db"
        blocking(schema.migrate(url))
        yield url
        return
    lender = Lender.open(place.run, f"stack{os.getpid()}")
    try:
        url = lender.create()
        blocking(schema.migrate(url))
        yield url
    finally:
        lender.close()


def play_real(app: App, seed: int, counts: Counter[str], course: Sequence[Step] | None = None, lines: list[str] | None = None) -> Played:
    """Play one history on both sides; its fingerprint names the real answers too."""
    side = Stack(app, seed + 1)
    played = play(seed, counts, course, lines, side)
    return Played(seed, f"{played.fingerprint} {side.fingerprint()}", played.broken, played.detail)


_WORKER: list[tuple[ExitStack, App]] = []


def _begin(place: Place) -> None:
    """A worker process opens its application once."""
    inside = ExitStack()
    if place.plant:
        inside.enter_context(planted(place.plant))
    _WORKER.append((inside, inside.enter_context(opened(inside.enter_context(database(place))))))


def _chunk(seeds: Sequence[int]) -> Lines:
    counts: Counter[str] = Counter()
    return Lines(counts, [play_real(_WORKER[0][1], seed, counts) for seed in seeds])


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    name = run_name(os.getpid())
    with tempfile.TemporaryDirectory(prefix="outrider_stack_") as home:
        places = [Place(kind, home, name, options.get("PLANT", "")) for kind in KINDS[options.get("DATABASES", "both")]]
        try:
            if "SEED" in options:
                return _replay(places, int(options["SEED"]), trace=options.get("TRACE", "0") != "0")
            return _prove(places, options)
        finally:
            drop_run(name)


def _prove(places: Sequence[Place], options: Mapping[str, str]) -> int:
    box, first = boxed(options), int(options.get("FIRST", "0"))
    total = int(options.get("SEEDS", SEEDS if box.seconds is None else sys.maxsize // 2))
    found = {}
    seeds = range(first, first + total)
    covering = front(seeds, wanted(), box.share(LOOKED_SHARE))
    for place in places:
        count = total if place.kind == "sqlite" else max(1, total // 2)
        found[place.kind] = _played(place, islice(ordered(seeds, covering), count), count, box.share(BOXED_SHARES[place.kind]))
    played = {one.seed for lines in found.values() for one in lines.played}
    said, differences, breaks, happened = [], 0, 0, Counter[str]()
    said += [] if played else ["no history fitted into the box: nothing was judged"]
    for place in places:
        lines = found[place.kind]
        say([f"on {place.kind}:", *table(lines.counts)])
        happened.update(lines.counts)
        broken = [one for one in lines.played if one.broken]
        differences += sum(one.broken == EQUAL for one in broken)
        breaks += sum(one.broken != EQUAL for one in broken)
        said += [text for one in broken[:2] for text in _explained(place, one)]
    missing = [f"never happened: {name}" for name in wanted() if not happened[name]]
    unlike = _unlike([found[place.kind].played for place in places])
    machine = _machine(int(options.get("EXAMPLES", EXAMPLES)), box)
    say([*said, *(f"seed {seed}: other answers on the other database" for seed in unlike), *machine, *missing])
    counts = {f"histories_{kind}": len(found[kind].played) if kind in found else 0 for kind in KINDS["both"]}
    totals = {**counts, "differences": differences + len(unlike), "breaks": breaks + bool(machine)}
    say([f"{box.used_s():.0f} s", json.dumps(totals)])
    return int(bool(totals["differences"] or totals["breaks"] or (missing and covering and played.issuperset(covering))))


def _played(place: Place, seeds: Iterator[int], count: int, box: Box) -> Lines:
    """Histories on one database, in two processes when there are enough of them."""
    chunks = takewhile(bool, (list(islice(seeds, CHUNK)) for _ in repeat(None)))
    lines = Lines(Counter(), [])
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"histories on {place.kind}", total=count if box.seconds is None else None)
        for counts, played in spread(_chunk, box.until_full(chunks), PROCESSES if count > CHUNK else 1, (_begin, (place,)), box):
            lines.counts.update(counts)
            lines.played.extend(played)
            progress.advance(task, len(played))
    return lines


def _machine(examples: int, box: Box) -> list[str]:
    """The state machine, in a box round by round, each with other examples."""
    if box.seconds is None:
        return stack_machine.broken(examples)
    rounds = box.until_full(range(examples // EXAMPLES_OF_A_ROUND))
    return next(filter(None, (stack_machine.broken(EXAMPLES_OF_A_ROUND, seed=number) for number in rounds)), [])


def _unlike(several: Sequence[Iterable[Played]]) -> list[int]:
    """Seeds that went differently on two databases and broke on neither."""
    prints = [{one.seed: one.fingerprint for one in each if not one.broken} for each in several]
    shared = set(prints[0]).intersection(*prints[1:])
    return sorted(seed for seed in shared if len({each[seed] for each in prints}) > 1)


def _explained(place: Place, one: Played) -> list[str]:
    with ExitStack() as inside:
        if place.plant:
            inside.enter_context(planted(place.plant))
        app = inside.enter_context(opened(inside.enter_context(database(place))))
        told = explained(one, lambda seed, course, lines: play_real(app, seed, Counter(), course, lines), SHRINK_TRIES, "stack")
    return [f"on {place.kind}:", *told]


def _replay(places: Sequence[Place], seed: int, *, trace: bool) -> int:
    """One seed again, on each database; explained where it breaks."""
    counts = {f"histories_{kind}": 0 for kind in KINDS["both"]}
    played = []
    for place in places:
        lines: list[str] = []
        with ExitStack() as inside:
            if place.plant:
                inside.enter_context(planted(place.plant))
            app = inside.enter_context(opened(inside.enter_context(database(place))))
            one = play_real(app, seed, Counter(), None, lines)
        say([*(lines if trace else []), f"seed {seed} on {place.kind}: trace {one.fingerprint}, {one.detail or 'all invariants hold'}"])
        say(_explained(place, one) if one.broken else [])
        counts[f"histories_{place.kind}"] = 1
        played.append(one)
    differences = sum(one.broken == EQUAL for one in played) + len(_unlike([[one] for one in played]))
    totals = {**counts, "differences": differences, "breaks": sum(bool(one.broken) and one.broken != EQUAL for one in played)}
    say([json.dumps(totals)])
    return int(bool(totals["differences"] or totals["breaks"]))


if __name__ == "__main__":
    sys.exit(run(dict(one.split("=", 1) for one in sys.argv[1:])))
