"""T1, a quick share: seeded histories over the pure core, the same seed twice, and that a planted bug is seen."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.prove.plants import PLANTS, planted
from tests.prove.play import play
from tests.prove.simulate import FAULTS, INVARIANTS, many, shrunk

ROOT = Path(__file__).parents[2]
SEEN_AT_ONCE = (
    *("silent_winner", "own_edit_conflict", "unrecorded_loss", "base_from_outcome", "base_raised_by_rebase", "base_not_inherited"),
    *("dedupe_off", "outcomes_dropped", "group_split", "late_answer_applied", "page_off_by_one", "child_left_behind"),
    "unknown_for_ever",
)
TRACES = (
    "from collections import Counter; from tests.prove.play import play; print([play(seed, Counter()).fingerprint for seed in range(3)])"
)


def test_nothing_breaks_and_everything_happens() -> None:
    counts, played = many(range(300))
    assert not [one for one in played if one.broken]
    assert [name for name in INVARIANTS if not counts[name]] == []
    assert [name for name in FAULTS[:3] if not counts[f"fault {name}"]] == []


def test_the_same_seed_gives_the_same_trace() -> None:
    """In another process too, whose sets have another order."""
    command = [sys.executable, "-c", TRACES]
    traces = [
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("1", "2")
    ]
    assert traces[0] == traces[1]
    assert str([play(seed, Counter()).fingerprint for seed in range(3)]) == traces[0].decode().strip()


@pytest.mark.parametrize("name", SEEN_AT_ONCE)
def test_a_planted_bug_is_seen(name: str) -> None:
    """The others: `make prove NAME=mutants`."""
    assert name in PLANTS
    with planted(name):
        assert any(play(seed, Counter()).broken for seed in range(60))


def test_a_break_is_shrunk() -> None:
    with planted("tombstone_dropped"):
        seed, invariant = next((one.seed, one.broken) for one in (play(seed, Counter()) for seed in range(200)) if one.broken)
        course = shrunk(seed, invariant)
        assert len(course) < 12
        assert play(seed, Counter(), course).broken == invariant
