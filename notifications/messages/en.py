"""Notices in English: kind → (title, body)."""

from collections.abc import Mapping
from typing import Final

from notifications.kinds import NoticeKind

TEXTS: Final[Mapping[NoticeKind, tuple[str, str]]] = {
    NoticeKind.assigned: ("New customer: {customer}", "{actor} assigned {customer} to you."),
    NoticeKind.unassigned: ("{customer} moved on", "{customer} is no longer yours. Reason: {reason}. Nothing you entered is lost."),
    NoticeKind.parked: ("Your decision is needed", "Your edit of {record} met a newer one and waits for your decision."),
}
