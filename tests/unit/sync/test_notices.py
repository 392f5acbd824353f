"""Notices as a screen shows them: state, what is unread, and the order of the list (D-930)."""

from shared_schema.records.notification import NotificationState
from sync.agreed.notices import Listed, Section, is_unread, sections, state_shown


def listed(name: str, made_ms: int, day: int, group: str, state: NotificationState = NotificationState.seen) -> Listed:
    return Listed(name.encode(), made_ms, day, group, state)


def test_a_notice_stands_at_its_highest_receipt() -> None:
    """D-930: what waits here counts, and what another device said earlier is not lost by it."""
    assert state_shown(NotificationState.made, ["deliver", "see"]) == NotificationState.seen
    assert state_shown(NotificationState.done, ["open", "see"]) == NotificationState.done
    assert state_shown(NotificationState.delivered, ["of a newer app"]) == NotificationState.delivered


def test_what_was_only_delivered_is_unread() -> None:
    """D-930."""
    assert [is_unread(state) for state in NotificationState] == [True, True, True, False, False, False]


def test_days_from_the_newest_and_what_is_unread_first_in_each() -> None:
    """D-930."""
    delivered = NotificationState.delivered
    found = sections(
        [
            listed("a", 50, 2, "quotes"),
            listed("b", 40, 2, "inbox", delivered),
            listed("c", 45, 2, "inbox"),
            listed("d", 60, 2, "customers"),
            listed("e", 10, 1, "inbox", delivered),
        ]
    )
    assert found == [
        Section(2, "inbox", 1, (b"c", b"b")),
        Section(2, "customers", 0, (b"d",)),
        Section(2, "quotes", 0, (b"a",)),
        Section(1, "inbox", 1, (b"e",)),
    ]


def test_an_empty_list_has_no_sections() -> None:
    assert sections([]) == []
