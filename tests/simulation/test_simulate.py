"""T1, a quick share: seeded histories over the pure core, the same seed twice, and that a planted bug is seen."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.features import PROOFS
from tests.prove import courses, hunt
from tests.prove.actions import CORE, NOUNS_OF_A_CAST, cast
from tests.prove.courses import Course
from tests.prove.plants import PLANTS, planted
from tests.prove.play import play
from tests.prove.simulate import FAULTS, INVARIANTS, many, shrunk

ROOT = Path(__file__).parents[2]
TRACES = (
    "from collections import Counter; from tests.prove.play import play; print([play(seed, Counter()).fingerprint for seed in range(3)])"
)


def test_nothing_breaks_and_everything_happens() -> None:
    counts, played = many(range(300))
    assert not [one for one in played if one.broken]
    assert [name for name in INVARIANTS if not counts[name]] == []
    assert [name for name in FAULTS[:3] if not counts[f"fault {name}"]] == []


def test_a_history_has_the_core_and_three_nouns_drawn_by_its_seed() -> None:
    """However many nouns there are, so that they do not crowd out the core."""
    nouns = {noun for noun, proof in PROOFS.items() if proof.actions and not proof.always}
    casts = [set(cast(seed)) for seed in range(30)]
    assert all(one >= set(CORE) for one in casts)
    drawn = [{noun for noun in nouns if one & set(PROOFS[noun].actions)} for one in casts]
    assert {len(one) for one in drawn} == {NOUNS_OF_A_CAST}
    assert set().union(*drawn) == nouns


def test_the_same_seed_gives_the_same_trace() -> None:
    """In another process too, whose sets have another order."""
    command = [sys.executable, "-c", TRACES]
    traces = [
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("1", "2")
    ]
    assert traces[0] == traces[1]
    assert str([play(seed, Counter()).fingerprint for seed in range(3)]) == traces[0].decode().strip()


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_shown_by_its_course(name: str) -> None:
    """If a change took the course its effect: `make prove NAME=mutants RECORD=1`."""
    assert hunt.shown(name, hunt.COURSES.get(name)).by


def test_a_course_that_shows_nothing_and_one_that_breaks_without_the_bug_are_told() -> None:
    """The second names an action that is not there."""
    for steps in ((), ("no_such_action 0 0",)):
        assert not hunt.shown("silent_winner", Course(0, "31 every value", steps)).by


def test_each_planted_bug_has_one_course_and_the_file_is_as_it_would_be_written() -> None:
    assert hunt.COURSES.keys() == hunt.HUNTED.keys()
    assert courses.text(hunt.COURSES) == courses.FILE.read_text()


def test_a_break_is_shrunk() -> None:
    with planted("tombstone_dropped"):
        seed, invariant = next((one.seed, one.broken) for one in (play(seed, Counter()) for seed in range(200)) if one.broken)
        course = shrunk(seed, invariant)
        assert len(course) < 12
        assert play(seed, Counter(), course).broken == invariant
