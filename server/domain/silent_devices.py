"""Devices that are silent while their user has something to hear: the manager above hears after 24 hours (D-928)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.local_times import DAY_MS
from server.domain.needs import Above, Asking, DeskNeed, Rows, Seen
from server.domain.notice_kinds import KINDS, Group
from server.domain.outages import worked_ms
from server.domain.reminder import Occasion, Reminder
from shared_schema.notices import Language, Texts, Words
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.reference import Person
from sync.heard import Heard
from sync.state import State

DUE: Final = frozenset({Group.reminders, Group.instructions})
"""Groups of notices that ask their reader to do something."""


def occasions(state: State, notice: Notification, _now_ms: int) -> Iterable[Occasion]:
    """24 hours after the notice was made and its reader's devices were last seen; of time without a server none counts. One silence is told
    once, whatever waits by then."""
    seen_ms = state.seen_ms.get(notice.user_id)
    person, managers = state.find(Person, notice.user_id), state.leaders.get(notice.user_id, ())
    if seen_ms is None or person is None or not person.active:
        return
    for manager_id in managers[:1]:
        heard = Heard("device_silent", manager_id, notice.user_id, {"rep": person.name}, notice.id, once=str(seen_ms))
        yield Occasion(heard, worked_ms(max(notice.made_ms, seen_ms), DAY_MS, state.outages))


def earliest(notice: Notification) -> int | None:
    """Only while no device has it, and as long as it is worth hearing."""
    kind = KINDS.get(notice.kind)
    waits = kind is not None and kind.about is not None and kind.group in DUE and notice.state == NotificationState.made
    return notice.made_ms + DAY_MS if waits else None


def to_remind(_asking: Asking, notice: Notification) -> Iterable[DeskNeed]:
    """The reader, when the reader's devices were last seen, and the managers above."""
    yield Rows(Person, frozenset({notice.user_id}))
    yield Seen(notice.user_id)
    yield Above(notice.user_id)


NOTICES: Final[Texts] = {
    "device_silent": {
        Language.en: Words("{rep}'s device is silent", "It has not been seen for 24 h, and {rep} has something due.", "A device is silent"),
        Language.zh: Words("{rep}的设备没有响应", "设备已超过24小时没有联网，{rep}有到期事项。", "下属有一台设备没有响应"),
    },
}
SILENT: Final = Reminder("device_silent", Notification, (), earliest, occasions, to_remind)
FEATURE: Final = Feature(reminders=(SILENT,), notices=NOTICES)
