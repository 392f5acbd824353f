"""Where a restored organisation goes on: beyond every number that the time after the backup may have given out (P-902, P-903)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from server.domain.quotes import year_of
from shared_schema.scalars import WIRE_INTEGER_MAX

REVS: Final = 10**9
"""No record is changed so often between two backups."""
NUMBERS: Final = 1_000_000
"""Device lines and scopes that may have been made since the backup."""
PRINTED_NUMBERS: Final = 1_000
"""Quote numbers that may have been printed since the backup; people read them, so the gap stays small."""
DAY_MS: Final = 86_400_000
_PRINTED: Final = "quote:"
_GIVEN_OUT: Final = ("line", "scope")


class Stand(msgspec.Struct, frozen=True):
    """How far an organisation came. `rev`: the largest rev anywhere, or the floor; `counters`: key → last number given out."""

    epoch: int
    rev: int
    counters: Mapping[str, int]


def branched(saved: Stand, replaced: Stand | None, now_ms: int) -> Stand:
    """Where to go on after `saved` was restored, over `replaced` if that was in its place: `rev` is the new floor.

    One archive may be restored twice, onto different machines: the time keeps the two branches apart, as long as the clock does not
    run backwards, and a record is not changed a thousand times in each millisecond between them.
    Raises OverflowError when the numbers no longer fit the wire.
    """
    known = [saved, replaced] if replaced is not None else [saved]
    epoch = max(now_ms, *(one.epoch + 1 for one in known))
    rev = max(now_ms * 1_000, *(one.rev + REVS for one in known))
    used = {key for one in known for key in one.counters if _is_given_out(key)}
    keys = {"line", "scope", *_printed(now_ms), *used}  # also counters that nobody had used yet
    # What a user did, such as the claims of a day, counts as the backup says: what came after comes again, and counts again. A lock that
    # counts nothing stands at 0, as one that nobody has taken yet.
    counters = {key: value for key, value in saved.counters.items() if value and not _is_given_out(key)}
    counters |= {key: _beyond(key, max(one.counters.get(key, 0) for one in known), now_ms) for key in sorted(keys)}
    if max(epoch, rev, *counters.values(), 0) > WIRE_INTEGER_MAX - REVS:
        raise OverflowError("the numbers of this organisation no longer fit")
    return Stand(epoch, rev, counters)


def _printed(now_ms: int) -> set[str]:
    """The counters of quotes of this year, in every time zone."""
    days = (now_ms - DAY_MS, now_ms + DAY_MS)
    return {f"{_PRINTED}{year_of(at_ms, 'UTC')}" for at_ms in days}


def _is_given_out(key: str) -> bool:
    """Whether each number of this counter names something, once."""
    return key in _GIVEN_OUT or key.startswith(_PRINTED)


def _beyond(key: str, value: int, now_ms: int) -> int:
    return value + PRINTED_NUMBERS if key.startswith(_PRINTED) else max(value + NUMBERS, now_ms)
