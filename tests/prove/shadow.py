"""T8, `python -m tests.prove shadow SEEDS=1500`: the simulator's histories drive the Python device and the TypeScript one side by side.

After each step both hold the same seat, scopes, rows, holds and queue, show the same screens and quote hashes, and would tidy, take back
and use "mine" alike; each entry that the server reads means the same to both. Then each planted bug of the TypeScript core must be noticed.
A history that differs is shrunk and shown. `SEED=n TRACE=1` plays one again; `FIRST=n` begins at another; `BOX_S=n` runs for so many
seconds; `PLANT=name` plays with a planted bug, `PLANTS=0` leaves them out; `RECORD=1` looks for a seed or a test that shows each.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from tests import memory
from tests.prove import shadow_hunt
from tests.prove.box import Box, boxed
from tests.prove.history import Step
from tests.prove.play import Played, play
from tests.prove.shadow_node import CLIENT, Difference, Node
from tests.prove.shadow_plants import BY_NAME
from tests.prove.shadow_side import Shadow, beside
from tests.prove.simulate import explained, say
from tests.prove.spread import PROCESSES, spread

SEEDS: Final = 1_500
CHUNK: Final = 4
PLANTS_SHARE: Final = 0.35
"""Of a time box, for the planted bugs."""
ALIKE: Final = "both devices alike"
SHRINK_TRIES: Final = 80
WANTED: Final = ("entries", "answers", "screens", "requests", "use mine", "taken back", "tidied", "meanings")
RARE: Final = ("new lines", "undos")
MANY: Final = 100
"""What must have been compared; the rare things in so many histories."""


@contextmanager
def shadowed(client: Path, counts: Counter[str]) -> Iterator[None]:
    """The device of this source beside the Python one."""
    other = Node(client)
    try:
        with beside(Shadow(other, counts)):
            yield
    finally:
        other.close()


def play_beside(seed: int, steps: Sequence[Step] | None = None, lines: list[str] | None = None) -> Played:
    """Play one history on both devices, which stand beside each other already."""
    try:
        return play(seed, Counter(), steps, lines)
    except Difference as difference:
        return Played(seed, "", ALIKE, str(difference))


def _chunk(work: tuple[Path, Sequence[int]]) -> tuple[Counter[str], list[Played]]:
    client, seeds = work
    counts: Counter[str] = Counter()
    with shadowed(client, counts):
        played = [play_beside(seed) for seed in seeds]
    return counts, played


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    with shadow_hunt.client(options.get("PLANT", "")) as client:
        if "SEED" in options:
            return _replay(client, int(options["SEED"]), trace=options.get("TRACE", "0") != "0")
        if options.get("RECORD", "0") != "0":
            return shadow_hunt.record(_first_difference)
        return _prove(client, options)


def _prove(client: Path, options: Mapping[str, str]) -> int:
    box, first = boxed(options), int(options.get("FIRST", "0"))
    plants = [] if "PLANT" in options or options.get("PLANTS", "1") == "0" else list(BY_NAME)
    total = int(options.get("SEEDS", SEEDS if box.seconds is None else sys.maxsize // 2))
    counts: Counter[str] = Counter()
    broken: list[Played] = []
    histories = 0
    own = box.share(1 - PLANTS_SHARE if plants else 1)
    chunks = ((client, range(at, min(at + CHUNK, first + total))) for at in range(first, first + total, CHUNK))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("histories", total=total if box.seconds is None else None)
        for found, played in spread(_chunk, own.until_full(chunks), PROCESSES if total > CHUNK else 1, (memory.settle, ()), own):
            counts.update(found)
            histories += len(played)
            broken += [one for one in played if one.broken]
            progress.advance(task, len(played))
    tried = _noticed(plants, first, box)
    say(f"{name:<16}{number:>12,}" for name, number in sorted(counts.items()))
    for one in broken[:2]:
        say(_explained(client, one))
    missing = [f"never compared: {name}" for name in (*WANTED, *(RARE if histories >= MANY else ())) if not counts[name]]
    survivors = [f"NOT CAUGHT: {name}: {BY_NAME[name].why}" for name, seen in tried.items() if not seen]
    say([*missing, *survivors, f"{box.used_s():.0f} s"])
    said = {name: counts[name] for name in ("entries", "answers", "screens")}
    totals = {"histories": histories, "differences": len(broken), **said, "plants": len(tried), "plants_noticed": sum(tried.values())}
    say([json.dumps(totals)])
    return int(bool(broken or missing or survivors))


def _noticed(plants: Sequence[str], first: int, box: Box) -> dict[str, bool]:
    """Of each planted bug whether its course shows it; in a box as many as fit, others with other seeds."""
    if not plants:
        return {}
    drawn = random.Random(first).sample(plants, len(plants))
    with shadow_hunt.vectors():
        return dict(zip(drawn, spread(_shown, box.until_full(drawn), PROCESSES, (memory.settle, ()), box), strict=False))


def _shown(name: str) -> bool:
    return shadow_hunt.shown(name, _first_difference)


def _first_difference(client: Path, seeds: Sequence[int]) -> int | None:
    """The first of these seeds whose history shows that this source differs."""
    with shadowed(client, Counter()):
        return next((seed for seed in seeds if play_beside(seed).broken), None)


def _explained(client: Path, one: Played) -> list[str]:
    with shadowed(client, Counter()):
        return explained(one, play_beside, SHRINK_TRIES, "shadow")


def _replay(client: Path, seed: int, *, trace: bool) -> int:
    """Play one seed again; with its trace if asked for."""
    lines: list[str] = []
    counts: Counter[str] = Counter()
    with shadowed(client, counts):
        one = play_beside(seed, None, lines)
    say([*(lines if trace else []), f"seed {seed}: {one.detail or ALIKE}"])
    say(_explained(client, one) if one.broken and client == CLIENT else [])
    said = {name: counts[name] for name in ("entries", "answers", "screens")}
    say([json.dumps({"histories": 1, "differences": int(bool(one.broken)), **said, "plants": 0, "plants_noticed": 0})])
    return int(bool(one.broken))
