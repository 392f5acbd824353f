"""The gate of one process: how many may sync, how many may begin anew, and what the others are told (P-709)."""

from contextlib import ExitStack

import pytest

from mobile_api.admission import SyncGate
from mobile_api.metrics import Metrics
from server import chance
from server.domain.tokens import Claims
from server.settings import Settings, SettingsError, load
from shared_schema.problem import Code, Problem
from sync.cursor import Place, after, seal

KEY = b"k" * 32
ANN = Claims(1, b"a" * 16, 3)


def gate(**told: int) -> SyncGate:
    made = SyncGate(Settings(**{"syncs_max": 3, "first_syncs_max": 1, "busy_wait_s": 8, **told}), Metrics(), KEY)  # type: ignore[arg-type]
    made.learn(1, 7)
    return made


def cursor(*places: Place, epoch: int = 7, claims: Claims = ANN, key: bytes = KEY) -> bytes:
    return seal(after((epoch, claims.org_id, claims.user_id, claims.line_no, 0), places), key)


STEADY = cursor(Place(5, 9, 4), Place(6, 0, 0))


@pytest.mark.parametrize(
    "held",
    [
        b"",
        cursor(Place(5, 9, 4), epoch=6),
        cursor(Place(5, 9, 4), claims=Claims(1, b"a" * 16, 4)),
        cursor(Place(5, 9, 4), key=b"x" * 32),
        cursor(Place(5, 3, 4)),
        cursor(),
    ],
    ids=["empty", "of another epoch", "of another line", "forged", "within its first fill", "of no scope yet"],
)
def test_of_those_that_begin_anew_only_some_may_run_and_the_others_go_on(held: bytes) -> None:
    """P-709, P-202, P-204, P-205."""
    door = gate()
    with ExitStack() as running:
        running.enter_context(door.sync(ANN, held))
        with pytest.raises(Problem) as refused:
            running.enter_context(door.sync(ANN, held))
        assert refused.value.code is Code.busy
        running.enter_context(door.sync(ANN, STEADY))
    with door.sync(ANN, held):
        pass
    assert b'outrider_refused_syncs_total{bound="anew"} 1.0' in door.metrics.text()


def test_all_together_are_bounded_too_and_a_place_is_given_back_after_a_failure() -> None:
    """P-709."""
    door = gate(syncs_max=2)
    with pytest.raises(ZeroDivisionError), door.sync(ANN, STEADY):
        raise ZeroDivisionError
    with door.sync(ANN, STEADY), door.sync(ANN, STEADY), pytest.raises(Problem), door.sync(ANN, STEADY):
        pass
    assert b'outrider_refused_syncs_total{bound="all"} 1.0' in door.metrics.text()
    with door.sync(ANN, STEADY), door.sync(ANN, b""):
        pass


def test_each_is_told_another_time_within_the_setting() -> None:
    """P-709."""
    door, now_ms = gate(), chance.now_ms()
    told = set()
    with door.sync(ANN, b""):
        for _ in range(200):
            with pytest.raises(Problem) as refused, door.sync(ANN, b""):
                pass
            assert refused.value.retry_at_ms is not None
            told.add(round((refused.value.retry_at_ms - now_ms) / 1_000))
    assert 4 < len(told) <= 9
    assert min(told) >= 1


def test_an_organisation_not_yet_answered_may_have_been_restored() -> None:
    """P-709: until then everybody counts as one that begins anew."""
    door = SyncGate(Settings(first_syncs_max=1), Metrics(), KEY)
    with door.sync(ANN, STEADY):
        with pytest.raises(Problem), door.sync(ANN, STEADY):
            pass
        door.learn(1, 7)
        with door.sync(ANN, STEADY):
            pass


def test_places_for_all_are_more_than_places_to_begin() -> None:
    with pytest.raises(SettingsError, match="first_syncs_max"):
        load({"OUTRIDER_SYNCS_MAX": "4", "OUTRIDER_FIRST_SYNCS_MAX": "4"})
