"""Days of a place: which day a calendar of a time zone shows at a moment, the same on the phone and on the server (D-001)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from shared_schema.zones import zone

EPOCH: Final = date(1970, 1, 1)
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def local_day(at_ms: int, time_zone: str) -> int:
    """The day, since 1970-01-01, that a calendar of this zone shows at a moment."""
    return ((_START + timedelta(milliseconds=at_ms)).astimezone(zone(time_zone)).date() - EPOCH).days
