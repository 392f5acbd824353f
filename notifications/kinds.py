"""The kinds of notice and the languages they are written in."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What happened to the person who is told."""

    assigned = "assigned"
    unassigned = "unassigned"
    parked = "parked"
    quote_approved = "quote_approved"
    quote_rejected = "quote_rejected"
    quote_returned = "quote_returned"
    handed = "handed"
    released = "released"


class Language(StrEnum):
    """A language every text exists in."""

    zh = "zh"
    en = "en"
