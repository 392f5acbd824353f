"""The server's clock: the machine's, or one that a demo moves forward; a pause goes by it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import chance, clock

DAY_MS = 86_400_000
FAR_S = 7 * 86_400


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Where the clock is moved; afterwards this process has the machine's clock again."""
    made = tmp_path / "clock"
    made.write_bytes(bytes(clock.FILE_BYTES))
    yield made
    clock.simulate(0)


def ahead_s() -> float:
    return round(chance.now_ms() / 1_000 - time.time())


def test_the_clock_is_the_machines_unless_it_is_simulated(file: Path) -> None:
    assert ahead_s() == 0
    clock.simulate(-DAY_MS, str(file))
    assert ahead_s() == -86_400
    clock.simulate(0)
    assert ahead_s() == 0


def test_who_has_the_file_moves_the_clock(file: Path) -> None:
    clock.simulate(-DAY_MS, str(file))
    clock.shared(str(file), writing=True)[0] = 3 * DAY_MS
    assert ahead_s() == 2 * 86_400
    assert chance.new_id() > (chance.now_ms() - 60_000 << 80).to_bytes(16, "big"), "ids are made by it too"


async def test_a_pause_is_over_when_the_clock_has_passed_its_end(file: Path) -> None:
    clock.simulate(0, str(file))
    moved = clock.shared(str(file), writing=True)
    pausing = asyncio.create_task(clock.pause(FAR_S))
    moved[0] = DAY_MS
    done, _ = await asyncio.wait([pausing], timeout=3 * clock.LOOK_S)
    assert not done, "a day is not seven"
    moved[0] = 8 * DAY_MS
    await asyncio.wait_for(pausing, 5)


async def test_a_pause_by_the_machines_clock_is_as_long() -> None:
    began_s = time.monotonic()
    await clock.pause(0.05)
    assert time.monotonic() - began_s >= 0.05


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clock").write_bytes(b"")
    with pytest.raises(ValueError, match="greater than file size"):
        clock.shared(str(tmp_path / "clock"), writing=False)
