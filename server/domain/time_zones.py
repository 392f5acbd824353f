"""Time zones of organisations, named as in the IANA database (D-001)."""

from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from shared_schema.problem import Code, Problem

_ODD: Final = ("Factory", "localtime", "posixrules", "posix/", "right/")
"""Names of the database that are no times of a place."""
_SHOWN_MAX: Final = 60


def is_known(name: str) -> bool:
    """Whether a name is that of a time zone."""
    return _found(name) is not None and not name.startswith(_ODD)


def require_known(name: str) -> None:
    """Raises Problem(rule_broken) for a name that is no time zone's."""
    if not is_known(name):
        told = f"{name[:_SHOWN_MAX]!r} is no time zone of the IANA database; names there are like Asia/Shanghai (China), Europe/Berlin, UTC"
        raise Problem(Code.rule_broken, told, field="time_zone")


def zone(name: str) -> tzinfo:
    """The time zone of this name. One that entered before names were checked counts as UTC: no entry is at fault for it."""
    return _found(name) or UTC


def _found(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all, or no zone in the file; a folder
        return None
