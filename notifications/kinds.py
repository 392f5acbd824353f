"""The kinds of notice and the languages they are written in."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What happened to the person who is told."""

    assigned = "assigned"
    unassigned = "unassigned"
    parked = "parked"


class Language(StrEnum):
    """A language every text exists in."""

    zh = "zh"
    en = "en"
