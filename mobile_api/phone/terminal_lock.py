"""Locks of a customer on the terminal: who keeps it with its owner, until when, why, and when the lock ended."""

from collections.abc import Mapping
from typing import Final

from mobile_api.phone.measures import day_text, time_text
from mobile_api.phone.screen import Screen
from shared_schema.records.customer_lock import CustomerLock, CustomerLockState
from sync.agreed.days import local_day

SHOWN_MAX: Final = 5


def locks(screen: Screen, customer_id: bytes) -> list[str]:
    """The newest locks of a customer, a line each, the newest first (D-178)."""
    mine = [each for each in screen.phone.views(CustomerLock) if each.customer_id == customer_id]
    return [_line(screen, each) for each in sorted(mine, key=lambda one: (one.locked_ms, one.id), reverse=True)[:SHOWN_MAX]]


def _line(screen: Screen, known: CustomerLock) -> str:
    until = day_text(local_day(known.until_ms, screen.organisation().time_zone))
    told = screen.words("lock_line", when=time_text(known.locked_ms), name=screen.person(known.author_id), until=until)
    return " · ".join(filter(None, (told, known.reason, _end(screen, known))))


def _end(screen: Screen, known: CustomerLock) -> str:
    """When and by whom it ended before its time, or that its time is over; empty: it lasts."""
    if known.ended_ms is None:
        return screen.words("lock_over") if known.until_ms <= screen.phone.clock() else ""
    word = "lock_" + known.state.name if known.state is not CustomerLockState.unknown else "lock_taken_off"
    name = screen.person(known.ended_by_id) if known.ended_by_id is not None else ""
    return " ".join(filter(None, (screen.words(word, when=time_text(known.ended_ms)), name, known.end_reason)))


COMMANDS: Final = ()
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "locks": ("Locks", "锁定"),
    "lock_line": ("{when} {name}, until {until}", "{when} {name}，至 {until}"),
    "lock_over": ("over", "已到期"),
    "lock_taken_off": ("taken off {when}", "已解除 {when}"),
    "lock_replaced": ("locked anew {when}", "已重新锁定 {when}"),
    "lock_changed_hands": ("ended with the move {when}", "已随客户转移结束 {when}"),
    "customer_lock": ("lock", "锁定"),
    "locked_ms": ("locked", "锁定时间"),
    "end_reason": ("why it ended", "结束原因"),
    "set": ("locked", "已锁定"),
    "taken_off": ("taken off", "已解除"),
    "replaced": ("locked anew", "已重新锁定"),
    "changed_hands": ("ended with the move", "已随转移结束"),
}
HELP: Final[Mapping[str, str]] = {}
