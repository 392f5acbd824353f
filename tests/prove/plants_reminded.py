"""Planted bugs of reminders and notices in the core. `plants.py` lists them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from server.domain import notifications
from server.domain.reminder import Judged, Occasion, Row, judged
from tests.prove import desk

Put = Callable[[Any, str, Any], None]


def reminded_of_the_past(put: Put) -> None:
    """A plan rings for the moments that were over when it was made."""

    def judging(occasions: Iterable[Occasion], zones: Mapping[bytes, str], row: Row, now_ms: int) -> Judged:
        return judged(occasions, zones, row._replace(since_ms=0), now_ms)

    put(desk, "judged", judging)


def nobody_reminded(put: Put) -> None:
    """The scheduler goes on to the next moment and tells nobody of this one."""

    def judging(occasions: Iterable[Occasion], zones: Mapping[bytes, str], row: Row, now_ms: int) -> Judged:
        return judged(occasions, zones, row, now_ms)._replace(heard=())

    put(desk, "judged", judging)


def notice_outlives_its_cause(put: Put) -> None:
    """What a notice asks for is done, and the notice stays open."""
    put(notifications, "end", lambda *_: None)


ALL: Final = (reminded_of_the_past, nobody_reminded, notice_outlives_its_cause)
