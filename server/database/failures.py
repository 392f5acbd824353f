"""Failures of the database, sorted: worth running again, nobody there, or a fault of the unit."""

from typing import Final

import sqlalchemy as sa

from shared_schema.problem import Code, Problem

AGAIN_MAX: Final = 3
"""How often a unit that lost a race is run again before the caller hears what `lost` says."""
WAIT_S: Final = 5
"""How long a statement waits for SQLite's only writer, and a caller for a pooled connection."""

_SQLITE_TAKEN: Final = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}
_SQLITE_RACES: Final = {*_SQLITE_TAKEN, "SQLITE_BUSY_SNAPSHOT"}
_POSTGRES_TAKEN: Final = "23505"
_POSTGRES_RACES: Final = {_POSTGRES_TAKEN, "40001", "40P01"}
"""unique_violation, serialization_failure, deadlock_detected."""
_POSTGRES_AWAY: Final = {"53300", "57P01", "57P02", "57P03"}
"""too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now."""


def is_race(error: BaseException) -> bool:
    """Whether the same unit may succeed when run again: unique violation, deadlock, serialization failure."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    return _sqlite_name(error) in _SQLITE_RACES or _sqlstate(error) in _POSTGRES_RACES


def lost(error: Exception) -> Exception:
    """What the caller hears when the last try lost as well: a key that is taken at every try is no race but a fault of the unit, and who
    hears `busy` of it would send the same for ever (P-323)."""
    if isinstance(error, sa.exc.DBAPIError) and (_sqlite_name(error) in _SQLITE_TAKEN or _sqlstate(error) == _POSTGRES_TAKEN):
        return error
    return busy()


def is_away(error: BaseException) -> bool:
    """Whether nobody could be reached, or the connection broke; a commit may or may not have happened: the phone asks again."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or _sqlite_name(error) == "SQLITE_BUSY" or _sqlstate(error) in _POSTGRES_AWAY
    return isinstance(error, (OSError, sa.exc.TimeoutError))


def _sqlite_name(error: sa.exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlite_errorname", None)


def _sqlstate(error: sa.exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def busy() -> Problem:
    """The answer when the database cannot be had now."""
    return Problem(Code.busy, "the database is busy; send the same again")
