"""What shows a planted bug of the core: its recorded course, or a new one, found over seeds and shrunk."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from msgspec import Struct

from tests.prove import courses, stack
from tests.prove.courses import Course
from tests.prove.history import Step
from tests.prove.law_cases import LAWS
from tests.prove.laws import case
from tests.prove.plants import PLANTS, Plant, planted
from tests.prove.play import Played, play
from tests.prove.simulate import SHRINK_TRIES, shrunk
from tests.prove.stack_app import opened
from tests.prove.stack_plants import STACK_PLANTS

HUNTED: Final[Mapping[str, Plant]] = {**PLANTS, **STACK_PLANTS}
SEEDS: Final = {"T1 simulate": 2_000, "T3 stack": 100}
TRIES: Final = {"T1 simulate": SHRINK_TRIES, "T3 stack": stack.SHRINK_TRIES}
FEW, LAW_CASES = 40, 1_700
"""After so many seeds the laws are asked too, so many cases of them."""
OWN_FAULTS: Final = ("total: AttributeError", "total: TypeError")
"""What a plant that no longer fits its place does: it shows nothing."""
NEIGHBOUR: Final = 1_000_000
"""The seed of another organisation in the same database."""
COURSES: Final = courses.recorded()
Play = Callable[[int, Sequence[Step] | None], Played]
"""Plays a seed's history, with these steps or with its own."""


class Killed(Struct, frozen=True):
    """What became of one planted bug; `by` empty: it survived."""

    name: str
    by: str
    tried: int = 1


class Hunted(Struct, frozen=True):
    """What a search found: nothing, or a course; and its seconds without those of shrinking."""

    name: str
    course: Course | None
    searched_s: float


def tier(name: str) -> str:
    """Where a planted bug must be noticed."""
    return "T3 stack" if name in STACK_PLANTS else "T1 simulate"


@contextmanager
def scene(name: str, *, honest: bool) -> Iterator[Play]:
    """Where histories are played with a planted bug, or as they are without it."""
    with ExitStack() as inside:
        if not honest:
            inside.enter_context(planted(name, HUNTED))
        if name not in STACK_PLANTS:
            yield lambda seed, steps: play(seed, Counter(), steps)
            return
        home = inside.enter_context(tempfile.TemporaryDirectory(prefix="outrider_stack_"))
        app = inside.enter_context(opened(inside.enter_context(stack.database(stack.Place("sqlite", home, "", "")))))
        stack.play_real(app, NEIGHBOUR, Counter(), [])
        yield lambda seed, steps: stack.play_real(app, seed, Counter(), steps)


def shown(name: str, course: Course | None) -> Killed:
    """Whether a course breaks with the bug, and holds without it."""
    if course is None:
        return Killed(name, "")
    seen, wrong = (_played(name, course, honest=honest) for honest in (False, True))
    if not seen or seen in OWN_FAULTS or wrong:
        return Killed(name, "")
    return Killed(name, f"T0 laws, {seen}" if course.law else f"{tier(name)}, invariant {seen}")


def _played(name: str, course: Course, *, honest: bool) -> str:
    with scene(name, honest=honest) as at:
        return _broken(at, course)


def _broken(at: Play, course: Course) -> str:
    if not course.law:
        return at(course.seed, course.path()).broken
    try:
        LAWS[course.law](random.Random(course.seed))
    except Exception:  # noqa: BLE001 - a law that cannot be computed is broken too
        return course.law
    return ""


def hunted(asked: tuple[str, int]) -> Hunted:
    """Play histories of so many seeds at most with a bug in place until an invariant breaks; after the first few, ask the laws too."""
    name, seeds = asked
    began_s = time.monotonic()
    with scene(name, honest=False) as at:
        found = next(_breaks(name, at, seeds), None)
        searched_s = time.monotonic() - began_s
        if found is not None and not found.law:
            steps = shrunk(found.seed, found.seen, lambda seed, steps, _: at(seed, steps), TRIES[tier(name)])
            found = Course(found.seed, found.seen, courses.said(steps))
    return Hunted(name, found, searched_s)


def _breaks(name: str, at: Play, seeds: int) -> Iterator[Course]:
    for seed in range(min(seeds, SEEDS[tier(name)])):
        broken = at(seed, None).broken
        if broken and broken not in OWN_FAULTS:
            yield Course(seed, broken)
        law = next((one for one in map(case, range(LAW_CASES)) if one is not None), None) if seed == FEW else None
        if law is not None:
            yield Course(law.seed, law.law, law=law.law)
