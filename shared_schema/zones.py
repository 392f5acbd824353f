"""Time zones by their names in the IANA database (D-001)."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo


def known_zone(name: str) -> ZoneInfo | None:
    """The time zone of this name; None: the database has none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all, or no zone in the file; a folder
        return None


def zone(name: str) -> tzinfo:
    """The time zone of this name. One that entered before names were checked counts as UTC: no entry is at fault for it."""
    return known_zone(name) or UTC
