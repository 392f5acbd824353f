"""Which histories a slow proof plays first: those in which, by the simulator, everything happens that must happen.

A history through the real application takes a hundred times as long as in memory. The same seeds are played in memory first, and as few
of them as cover every wanted count go to the front; so a short time box has no zero by bad luck.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

from tests.prove.box import Box
from tests.prove.play import play
from tests.prove.spread import UNBOUND, spread

LOOKED_AT: Final = 1_200
CHUNK: Final = 20


def ordered(seeds: range, front: Collection[int]) -> Iterator[int]:
    """All these seeds, once each, these in front."""
    return chain(front, (seed for seed in seeds if seed not in front))


def front(seeds: range, names: Collection[str], box: Box = UNBOUND) -> Collection[int]:
    """The few of these seeds, of the first thousand or so, that cover what must happen; of as many as fit into the box."""
    near, missing = seeds[:LOOKED_AT], set(names)
    happened: dict[int, frozenset[str]] = {}
    for found in spread(_happened, [near[at : at + CHUNK] for at in range(0, len(near), CHUNK)], box=box):
        happened.update(found)
        missing.difference_update(*found.values())
        if not missing:
            break
    return _cover(happened, set(names))


def _happened(seeds: Sequence[int]) -> dict[int, frozenset[str]]:
    found = {}
    for seed in seeds:
        counts: Counter[str] = Counter()
        play(seed, counts)
        found[seed] = frozenset(name for name, count in counts.items() if count)
    return found


def _cover(happened: dict[int, frozenset[str]], left: set[str]) -> dict[int, None]:
    """Greedy: the history in which most of what is left happens, until nothing more is found."""
    chosen: dict[int, None] = {}
    while happened and left:
        best = max(happened, key=lambda seed: (len(happened[seed] & left), -seed))
        if not happened[best] & left:
            return chosen
        left -= happened[best]
        chosen[best] = None
    return chosen
