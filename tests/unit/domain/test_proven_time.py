"""When a phone's evidence proves the time of a visit, at its bounds."""

import pytest

from server.domain.proven_time import NOTED_MS, TOLERANCE_MS, proven_ms
from shared_schema.records.activity import Visit
from sync.rules import Moment, Running

NOW_MS = 1_780_000_000_000
AGO_MS = 3_600_000
VISITED_MS = NOW_MS - AGO_MS


def proven(*, silent_ms: int = AGO_MS, clock_off_ms: int = 0, boot: str = "b1") -> int | None:
    """Of a visit an hour ago. `silent_ms`: how long before it the server last noted the device."""
    visit = Visit(bytes(16), 1, bytes(16), device_ms=VISITED_MS + clock_off_ms, uptime_ms=5_000, boot=boot)
    return proven_ms(visit, Moment(NOW_MS, 0, Running(5_000 + AGO_MS, "b1", VISITED_MS - silent_ms)))


@pytest.mark.parametrize(("silent_ms", "is_proven"), [(NOTED_MS, True), (NOTED_MS - 1, False), (0, False), (-1, False)])
def test_a_device_is_noted_every_five_minutes_and_proves_nothing_sooner(silent_ms: int, is_proven: bool) -> None:
    """D-175: it may have asked meanwhile, and heard that it lost the customer."""
    assert proven(silent_ms=silent_ms) == (VISITED_MS if is_proven else None)


@pytest.mark.parametrize(("off_ms", "is_proven"), [(0, True), (TOLERANCE_MS, True), (-TOLERANCE_MS, True), (-TOLERANCE_MS - 1, False)])
def test_the_two_clocks_of_the_device_agree(off_ms: int, is_proven: bool) -> None:
    """D-175."""
    assert (proven(clock_off_ms=off_ms) is not None) is is_proven


def test_another_start_proves_nothing() -> None:
    """D-175."""
    assert proven(boot="b0") is None
