"""T0 and T7, a quick share: the laws hold and can fail; random bugs are drawn by seed, planted in a process of their own, and noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove import laws, rooms, sources, trial
from tests.prove.box import Box
from tests.prove.planting import MisfitError, Plant, changed
from tests.prove.plants import planted
from tests.prove.spread import spread

ROOT = Path(__file__).parents[2]


def test_the_laws_hold() -> None:
    counts, broken = laws.many(range(34 * len(laws.NAMES)))
    assert broken == []
    assert set(counts) == set(laws.NAMES)


def test_a_law_that_does_not_hold_is_named() -> None:
    with planted("silent_winner"):
        assert {one.law for one in laws.many(range(10 * len(laws.NAMES)))[1]} >= {"merge: total", "merge: own later edits"}


def test_random_bugs_are_drawn_by_seed() -> None:
    assert sources.drawn(7, 30) == sources.drawn(7, 30)
    assert sources.drawn(7, 30) != sources.drawn(8, 30)
    assert {one.module for one in sources.mutants()} >= {"sync.merge", "sync.fold", "sync.device", "sync.cursor"}
    assert all(one.before != one.after for one in sources.drawn(7, 30))


def test_a_random_bug_is_noticed_and_an_honest_core_is_not() -> None:
    """In a process that has not loaded the core, as `make prove NAME=mutants` does it."""
    wrong = next(one for one in sources.mutants() if one.module == "sync.merge" and one.before == "stamp.rev <= base")
    code = (
        "from tests.prove.trial import Task, tried; "
        f"print([bool(tried(Task(module, {wrong.index}, 0, ('T0 laws',))).killed) for module in ('{wrong.module}', '')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=dict(os.environ), check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[True, False]"


def test_a_bug_of_a_room_is_noticed_by_its_test_and_a_misfit_is_said_so() -> None:
    """The others: `make prove NAME=mutants`."""
    code = "from tests.prove import rooms; print(rooms.seen(rooms.Asked('last_contact_goes_back')).by)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=dict(os.environ), check=True, capture_output=True, text=True)
    assert done.stdout.strip() == f"tests/{rooms.PLANTS['last_contact_goes_back'].tests[0]}"
    for where, before in (
        ("server.domain.facts:_told", "no such words"),
        ("server.domain.facts:nobody", "told"),
        ("server.domain.facts:_told", "told"),
    ):
        with pytest.raises(MisfitError):
            changed(Plant("misfit", "It does not fit.", where, before, "", ()))


def test_no_bug_is_planted_where_the_core_is_loaded() -> None:
    with pytest.raises(RuntimeError, match="loaded already"):
        trial.tried(trial.Task("sync.merge", 0, 0, ("T0 laws",)))
    with pytest.raises(RuntimeError, match="loaded already"):
        rooms.seen(rooms.Asked("last_contact_goes_back"))


def test_a_full_box_ends_a_proof_between_two_pieces() -> None:
    assert list(Box(0).until_full([1, 2])) == []
    assert list(spread(_double, Box(None).until_full([1, 2, 3]), 1)) == [2, 4, 6]


def test_a_full_box_gives_up_what_is_not_done_and_lends_no_time() -> None:
    assert list(spread(_double, [1, 2, 3], 2, box=Box(0))) == []
    assert (Box(0).share(0.5).full, Box(0).at_most_s(300), Box(None).at_most_s(300)) == (True, 0, 300)
    assert 0 < (Box(1_000).share(0.5).left_s() or 0) <= 500


def _double(number: int) -> int:
    return 2 * number


def test_several_processes_answer_in_order() -> None:
    assert list(spread(_double, range(9), 2)) == [2 * number for number in range(9)]
