"""T2 and T3, a quick share: the state machine, the real application on both databases beside the store in memory, planted bugs."""

from collections import Counter

import pytest

from tests.prove import hunt, stack_machine
from tests.prove.plants import planted as planted_in_memory
from tests.prove.play import Played
from tests.prove.simulate import shrunk
from tests.prove.stack import SHRINK_TRIES, play_real
from tests.prove.stack_app import opened
from tests.prove.stack_plants import STACK_PLANTS, planted
from tests.prove.stack_side import EQUAL

SEEDS = range(2)
EXAMPLES = 12
SEEN_AT_ONCE = ("head_by_one", "team_forgotten", "other_tenants_fed")


def play_all(url: str, counts: Counter[str]) -> list[Played]:
    with opened(url) as app:
        return [play_real(app, seed, counts) for seed in SEEDS]


def test_the_application_does_what_the_store_in_memory_does(migrated_sqlite_url: str) -> None:
    counts: Counter[str] = Counter()
    assert [one.detail for one in play_all(migrated_sqlite_url, counts) if one.broken] == []
    assert min(counts[name] for name in ("28 no entry lost", "17 a grant delivers old rows", "outcome applied")) > 0


def test_both_databases_give_the_same_answers(migrated_sqlite_url: str, migrated_postgres_url: str) -> None:
    on_postgres = play_all(migrated_postgres_url, Counter())
    assert [one.detail for one in on_postgres if one.broken] == []
    assert [one.fingerprint for one in on_postgres] == [one.fingerprint for one in play_all(migrated_sqlite_url, Counter())]


@pytest.mark.parametrize("name", SEEN_AT_ONCE)
def test_a_planted_bug_is_shown_by_its_course(name: str) -> None:
    """The others: `make prove NAME=mutants`."""
    assert name in STACK_PLANTS
    assert hunt.shown(name, hunt.COURSES[name]).by == f"T3 stack, invariant {EQUAL}"


def test_a_difference_is_shrunk(migrated_sqlite_url: str) -> None:
    """A bug that shows before the first step needs none of them."""
    with planted("head_by_one"), opened(migrated_sqlite_url) as app:
        course = shrunk(0, EQUAL, lambda seed, steps, lines: play_real(app, seed, Counter(), steps, lines), SHRINK_TRIES)
        assert course == []
        assert play_real(app, 0, Counter(), course).broken == EQUAL


def test_the_state_machine_finds_nothing() -> None:
    assert stack_machine.broken(EXAMPLES) == []


def test_the_state_machine_finds_a_planted_bug() -> None:
    with planted_in_memory("page_off_by_one"):
        told = stack_machine.broken(50, shrunk=False)
    assert any("teardown" in line for line in told), told
