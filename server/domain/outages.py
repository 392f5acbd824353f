"""Time in which no server was there to hear a phone: it is nobody's silence, and behind it phones send first (D-158). Pure and total."""

from collections.abc import Iterable
from typing import Final

from server.domain.local_times import DAY_MS

Outage = tuple[int, int]
"""From when until when, in ms."""
WAIT_MS: Final = DAY_MS
"""So long phones have to send what their users entered meanwhile."""


def worked_ms(from_ms: int, length_ms: int, outages: Iterable[Outage]) -> int:
    """The moment at which the servers have been up for so long since `from_ms`."""
    at_ms = from_ms + length_ms
    for begun_ms, over_ms in sorted(outages):
        if begun_ms < at_ms and over_ms > from_ms:
            at_ms += over_ms - max(begun_ms, from_ms)
    return at_ms


def days_off(outages: Iterable[Outage]) -> list[Outage]:
    """Those of a day or more: in a shorter one a phone is heard on the same day."""
    return [one for one in outages if one[1] - one[0] >= DAY_MS]


def heard_out_ms(at_ms: int, outages: Iterable[Outage]) -> int:
    """When to do what was to be done at a moment: then; or once the servers have been up for a day, if none was at that moment, or one had
    just come back."""
    known = sorted(outages)
    over = [over_ms for begun_ms, over_ms in known if begun_ms <= at_ms < over_ms + WAIT_MS]
    return max(at_ms, worked_ms(max(over), WAIT_MS, known)) if over else at_ms
