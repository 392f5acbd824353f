"""The gate of one process: how many may sync, how many may begin anew, and what the others are told (P-709)."""

import asyncio
from contextlib import AsyncExitStack

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


def gate(patience_s: float = 0, **told: int) -> SyncGate:
    settings = Settings(**{"syncs_max": 3, "first_syncs_max": 1, "busy_wait_s": 8, **told})  # type: ignore[arg-type]
    made = SyncGate(settings, Metrics(), KEY, patience_s)
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
async def test_of_those_that_begin_anew_only_some_may_run_and_the_others_go_on(held: bytes) -> None:
    """P-709, P-202, P-204, P-205."""
    door = gate()
    async with AsyncExitStack() as running:
        await running.enter_async_context(door.sync(ANN, held))
        with pytest.raises(Problem) as refused:
            await running.enter_async_context(door.sync(ANN, held))
        assert refused.value.code is Code.busy
        await running.enter_async_context(door.sync(ANN, STEADY))
    async with door.sync(ANN, held):
        pass
    assert b'outrider_refused_syncs_total{bound="anew"} 1.0' in door.metrics.text()


async def test_all_together_are_bounded_too_and_a_place_is_given_back_after_a_failure() -> None:
    """P-709."""
    door = gate(syncs_max=2)
    with pytest.raises(ZeroDivisionError):
        async with door.sync(ANN, STEADY):
            raise ZeroDivisionError
    async with door.sync(ANN, STEADY), door.sync(ANN, STEADY):
        with pytest.raises(Problem):
            await door.sync(ANN, STEADY).__aenter__()
    assert b'outrider_refused_syncs_total{bound="all"} 1.0' in door.metrics.text()
    async with door.sync(ANN, STEADY), door.sync(ANN, b""):
        pass


async def test_a_device_waits_a_moment_for_its_place_and_they_come_in_turn() -> None:
    """P-709: nobody is sent away for seconds because another first sync needs some milliseconds."""
    door, order = gate(patience_s=5), list[str]()

    async def come(name: str) -> None:
        async with door.sync(ANN, b""):
            order.append(name)
            await asyncio.sleep(0)

    async with door.sync(ANN, b""):
        coming = [asyncio.create_task(come(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        assert order == []
        with pytest.raises(Problem):
            await door.sync(ANN, b"").__aenter__()
        async with door.sync(ANN, STEADY), door.sync(ANN, STEADY):
            pass
    await asyncio.gather(*coming)
    assert order == ["first", "second"]
    async with door.sync(ANN, b""):
        pass


async def test_a_device_that_goes_while_it_waits_takes_no_place() -> None:
    """P-709: given up, or given its place in the very moment in which it goes."""
    door = gate(patience_s=5)

    async def come() -> None:
        async with door.sync(ANN, b""):
            pass

    async with door.sync(ANN, b""):
        gone = asyncio.create_task(come())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        late = asyncio.create_task(come())
        await asyncio.sleep(0)
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    await asyncio.wait_for(come(), 1)


async def test_a_device_waits_no_longer_than_a_moment() -> None:
    """P-709."""
    door = gate(patience_s=0.05)
    async with door.sync(ANN, b""):
        with pytest.raises(Problem):
            await door.sync(ANN, b"").__aenter__()
    async with door.sync(ANN, b""):
        pass


async def test_who_begins_anew_waits_for_both_places_together_no_longer_than_a_moment() -> None:
    """P-709: the place to begin came late, and another device stood before it for the place among all."""
    door, loop = gate(patience_s=0.4), asyncio.get_running_loop()

    async def come(cursor: bytes) -> float:
        began_s = loop.time()
        try:
            async with door.sync(ANN, cursor):
                await asyncio.sleep(1)
        except Problem:
            return loop.time() - began_s
        return 0

    async with door.sync(ANN, STEADY), door.sync(ANN, STEADY):
        async with door.sync(ANN, b""):
            anew = asyncio.create_task(come(b""))
            await asyncio.sleep(0.3)
            steady = asyncio.create_task(come(STEADY))
            await asyncio.sleep(0)
        assert 0 < await anew < 0.6
    steady.cancel()
    await asyncio.gather(steady, return_exceptions=True)


async def test_each_is_told_another_time_within_the_setting() -> None:
    """P-709."""
    door, now_ms = gate(), chance.now_ms()
    told = set()
    async with door.sync(ANN, b""):
        for _ in range(200):
            with pytest.raises(Problem) as refused:
                await door.sync(ANN, b"").__aenter__()
            assert refused.value.retry_at_ms is not None
            told.add(round((refused.value.retry_at_ms - now_ms) / 1_000))
    assert 4 < len(told) <= 9
    assert min(told) >= 1


async def test_an_organisation_not_yet_answered_may_have_been_restored() -> None:
    """P-709: until then everybody counts as one that begins anew."""
    door = SyncGate(Settings(first_syncs_max=1), Metrics(), KEY, 0)
    async with door.sync(ANN, STEADY):
        with pytest.raises(Problem):
            await door.sync(ANN, STEADY).__aenter__()
        door.learn(1, 7)
        async with door.sync(ANN, STEADY):
            pass


def test_places_for_all_are_more_than_places_to_begin() -> None:
    with pytest.raises(SettingsError, match="first_syncs_max"):
        load({"OUTRIDER_SYNCS_MAX": "4", "OUTRIDER_FIRST_SYNCS_MAX": "4"})
