"""A quick share of the crash matrix (T4), and that it notices a fault of each kind. The whole: `make prove NAME=crash`."""

import pytest

from bench.postgres import Lender
from tests.prove.crash import filled, first_caught
from tests.prove.crash_listed import Operation
from tests.prove.crash_matrix import Bench, points_of
from tests.prove.crash_operations import OPERATIONS
from tests.prove.crash_places import Places, PostgresPlaces, SqlitePlaces
from tests.prove.crash_plants import PLANTS
from tests.prove.crash_postponed import Plant
from tests.prove.crash_stage import Scene

QUICK = [one for one in OPERATIONS if one.name in ("push a mixed batch", "three pushes, one commit")]
QUICK_PLANTS = [next(one for one in PLANTS if one.fault == fault) for fault in ("torn", "duplicated", "lost")]
SHARE = 100


@pytest.fixture(scope="module")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Places, Scene]:
    home = tmp_path_factory.mktemp("crash")
    place = SqlitePlaces(home)
    return place, filled(place, home)


@pytest.fixture(scope="module")
def postgres_place(postgres_lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> tuple[Places, Scene]:
    """A lent server: our own process dies, no backend of it is touched."""
    place = PostgresPlaces(postgres_lender)
    return place, filled(place, tmp_path_factory.mktemp("crash"))


def die_here_and_there(place: Places, scene: Scene, operation: Operation) -> None:
    """At one statement, and before and after the commit of the push."""
    bench = Bench(place, scene, operation)
    reference = bench.refer()
    for at in points_of(reference, SHARE, len(operation.name))[:3]:
        verdict = bench.strike(reference, "process", at)
        assert not list(verdict.found()), verdict


@pytest.mark.parametrize("operation", QUICK, ids=[one.name for one in QUICK])
def test_a_killed_server_tears_doubles_and_loses_nothing(sqlite_place: tuple[Places, Scene], operation: Operation) -> None:
    die_here_and_there(*sqlite_place, operation)


def test_a_killed_server_leaves_postgresql_whole(postgres_place: tuple[Places, Scene]) -> None:
    die_here_and_there(*postgres_place, OPERATIONS[0])


@pytest.mark.parametrize("plant", QUICK_PLANTS, ids=[one.operation.name for one in QUICK_PLANTS])
def test_the_matrix_notices(sqlite_place: tuple[Places, Scene], plant: Plant) -> None:
    assert first_caught(*sqlite_place, plant)
