"""The geo proof, `make prove NAME=geo`: what is near, whether a rep was there, and in which order to go.

Each part is a module of its own, a line in PARTS: it gives its counts, the lines to print, and its faults. Options: SEED=n the same
again · ONLY=name one part · BOX_S=n fewer questions, as many as fit.
"""

import json
import random
import sys
from collections.abc import Callable, Mapping
from typing import Final

from tests.prove import geo_queries, geo_route, geo_visits
from tests.prove.box import Box, boxed

Told = tuple[Mapping[str, float], list[str], list[str]]
"""The counts, the lines to print, and each fault as a sentence."""
PARTS: dict[str, Callable[[int, Box], Told]] = {
    "visits": geo_visits.proved,
    "routes": geo_route.proved,
    "queries": geo_queries.proved,
}
NAMES: Final = (
    *("queries", "wrong", "verdict_precision", "verdict_recall", "honest_accused"),
    *("route_excess_mean", "route_excess_worst", "tile_leaks"),
)
"""What the last line tells, as far as there is a part for it."""


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    seed = int(options.get("SEED", "0") or 0) or random.SystemRandom().randrange(2**31)
    sys.stdout.write(f"seed {seed}\n")
    box, counts, faults = boxed(options), dict[str, float](), 0
    for name, part in PARTS.items():
        if options.get("ONLY", name) != name:
            continue
        found, lines, broken = part(seed, box)
        counts |= found
        faults += len(broken)
        sys.stdout.write("".join(f"{line}\n" for line in [*lines, *(f"FAULT of {name}: {one}" for one in broken)]))
    told = {name: counts[name] for name in NAMES if name in counts}
    sys.stdout.write(json.dumps({**told, "seconds": round(box.used_s(), 1)}) + "\n")
    return int(faults > 0)
