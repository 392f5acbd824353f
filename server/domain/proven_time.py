"""When a visit happened by the server's own clock, where the phone's evidence agrees with it (D-175)."""

from typing import Final

from shared_schema.records.activity import Visit
from sync.rules import Moment

NOTED_MS: Final = 5 * 60_000
"""A device that only asks is noted as seen so seldom: it may have spoken to the server so much later than the server knows."""
TOLERANCE_MS: Final = 600_000
"""The visit's business time may differ by so much: a clock that was set meanwhile proves nothing."""


def proven_ms(visit: Visit, moment: Moment) -> int | None:
    """The server's clock at the push, less the time that the device has run since the check-in; None: nothing proves when it was.

    A clock that stands still while the device sleeps, or a request that takes long, makes the visit later, never earlier.
    """
    clock, occurred_ms = moment.running, moment.occurred_ms(visit.device_ms)
    if clock is None or visit.uptime_ms is None or not visit.boot or visit.boot != clock.boot:
        return None
    at_ms = moment.now_ms - (clock.uptime_ms - visit.uptime_ms)
    if at_ms > moment.now_ms or abs(at_ms - occurred_ms) > TOLERANCE_MS:
        return None
    # What the device entered before it last pushed would have come with that push: an earlier time cannot be true.
    return at_ms if clock.pushed_ms and clock.pushed_ms + NOTED_MS <= at_ms else None
