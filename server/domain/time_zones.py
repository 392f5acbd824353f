"""Time zones of organisations, named as in the IANA database (D-001)."""

from typing import Final

from shared_schema.problem import Code, Problem
from shared_schema.zones import known_zone

_ODD: Final = ("Factory", "localtime", "posixrules", "posix/", "right/")
"""Names of the database that are no times of a place."""
_SHOWN_MAX: Final = 60


def is_known(name: str) -> bool:
    """Whether a name is that of a time zone."""
    return known_zone(name) is not None and not name.startswith(_ODD)


def require_known(name: str) -> None:
    """Raises Problem(rule_broken) for a name that is no time zone's."""
    if not is_known(name):
        told = f"{name[:_SHOWN_MAX]!r} is no time zone of the IANA database; names there are like Asia/Shanghai (China), Europe/Berlin, UTC"
        raise Problem(Code.rule_broken, told, field="time_zone")
