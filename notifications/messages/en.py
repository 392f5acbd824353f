"""Notices in English: kind → (title, body)."""

from collections.abc import Mapping
from typing import Final

from notifications.kinds import NoticeKind

TEXTS: Final[Mapping[NoticeKind, tuple[str, str]]] = {
    NoticeKind.assigned: ("New customer: {customer}", "{actor} assigned {customer} to you."),
    NoticeKind.unassigned: ("{customer} moved on", "{customer} is no longer yours. Reason: {reason}. Nothing you entered is lost."),
    NoticeKind.parked: ("Your decision is needed", "Your edit of {record} met a newer one and waits for your decision."),
    NoticeKind.quote_approved: ("Quote {number} approved", "Your quote {number} for {customer} was approved. Note: {note}"),
    NoticeKind.quote_rejected: ("Quote {number} rejected", "Your quote {number} for {customer} was rejected. Note: {note}"),
    NoticeKind.quote_returned: (
        "Quote {number} returned",
        "Your quote {number} for {customer} came back: edit it and submit it again. Note: {note}",
    ),
    NoticeKind.handed: ("A decision came up to you", "An edit of {record} waits for you to decide in its author's place."),
    NoticeKind.released: (
        "{customer} went to a pool",
        "{customer} is in the pool {pool} now and no longer yours. Reason: {reason}. Nothing you entered is lost.",
    ),
}
