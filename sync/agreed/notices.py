"""Notices on a screen: how far one came, how many are new, and where each stands in the list (D-930)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from shared_schema.records.notification import NotificationState

RISES: Final[Mapping[str, NotificationState]] = {
    "deliver": NotificationState.delivered,
    "see": NotificationState.seen,
    "open": NotificationState.opened,
    "finish": NotificationState.done,
}
"""Receipt → the state to which a notice rises by it."""


class Listed(msgspec.Struct, frozen=True):
    """A notice as a list needs it. `day`: since 1970, where its reader is; `group`: of its kind; `state`: as the screen shows it."""

    id: bytes
    made_ms: int
    day: int
    group: str
    state: int


class Section(msgspec.Struct, frozen=True):
    """Notices of one day and one group, the newest first. `unread`: how many of them are new."""

    day: int
    group: str
    unread: int
    ids: tuple[bytes, ...]


def state_shown(stored: int, receipts: Iterable[str]) -> int:
    """How far a notice came: what the server says, or the highest receipt that waits on this device. It only rises (D-902)."""
    return max([stored, *(RISES[receipt] for receipt in receipts if receipt in RISES)])


def is_unread(state: int) -> bool:
    """Whether its reader has not seen it yet, on any device."""
    return state < NotificationState.seen


def sections(listed: Sequence[Listed]) -> list[Section]:
    """The list: days from the newest, in a day what holds something new first, then by its newest notice."""
    parts: dict[tuple[int, str], list[Listed]] = {}
    for one in sorted(listed, key=lambda each: (-each.made_ms, each.id)):
        parts.setdefault((one.day, one.group), []).append(one)
    found = [Section(*key, sum(is_unread(one.state) for one in part), tuple(one.id for one in part)) for key, part in parts.items()]
    return sorted(found, key=lambda section: (-section.day, section.unread == 0))  # stable: the newest part first
