"""Failures of the database, sorted: worth running again, the server is ill, or a fault of the unit."""

import errno
import sqlite3
from enum import Enum
from typing import Final

import asyncpg
import sqlalchemy as sa

from shared_schema.problem import Code, Problem

AGAIN_MAX: Final = 3
"""How often a unit that lost a race is run again before the caller gets the problem of `lost`."""
WAIT_S: Final = 5
"""How long a statement waits for SQLite's only writer, and a caller for a pooled connection."""


class Cause(Enum):
    """Why the server cannot work now: (the cause, the operator's next step). None of them is the fault of the request."""

    disk_full = ("the disk of the database is full", "free some space there")
    disk_fault = ("the disk of the database fails", "look at the disk and its logs; keep the latest backup")
    damaged = ("the database is damaged", "stop the server, look at the disk, restore the latest backup")
    read_only = ("the database can only be read", "make it writable, or name the primary in OUTRIDER_DATABASE_URL")
    away = ("the database does not answer", "start it, and check OUTRIDER_DATABASE_URL and the network")
    overloaded = ("the database takes no more connections", "raise its limit, or run fewer workers")
    locked = ("another program holds a lock on the database", "end that program, or wait until it is done")
    timed_out = ("the database gave up on a statement that took too long", "look for locks and load, or raise statement_timeout")
    memory = ("there is too little memory", "give the server or the database more memory")
    pooler = ("a connection pooler mixed up prepared statements", "outrider doctor tells how to run behind a pooler")
    setup = ("the tables or rights are not those of this program", "outrider migrate, and let the role own its database")

    def __init__(self, means: str, remedy: str) -> None:
        self.means = means
        self.remedy = remedy

    @property
    def of_one_entry(self) -> bool:
        """Whether one entry alone can bring this about, by its size or by the work it asks for (P-323)."""
        return self in (Cause.timed_out, Cause.memory)


class Unavailable(Problem):
    """The server is ill: nothing was taken, the same may be sent again. It never counts against an entry."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(Code.busy, f"{cause.means}; nothing of this was taken, send the same again")
        self.cause = cause


_SQLITE_TAKEN: Final = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}
_SQLITE_RACES: Final = {*_SQLITE_TAKEN, "SQLITE_BUSY_SNAPSHOT"}
_SQLITE_ILL: Final = {
    "SQLITE_FULL": Cause.disk_full,
    "SQLITE_IOERR_NOMEM": Cause.memory,
    "SQLITE_IOERR": Cause.disk_fault,
    "SQLITE_CORRUPT": Cause.damaged,
    "SQLITE_NOTADB": Cause.damaged,
    "SQLITE_READONLY": Cause.read_only,
    "SQLITE_CANTOPEN": Cause.away,
    "SQLITE_BUSY": Cause.locked,
    "SQLITE_LOCKED": Cause.locked,
    "SQLITE_PROTOCOL": Cause.locked,
    "SQLITE_INTERRUPT": Cause.timed_out,
    "SQLITE_NOMEM": Cause.memory,
}
"""Result code, or the beginning of an extended one; the first that fits counts."""
_SQLITE_NO_TABLE: Final = ("no such table", "no such column")
_POSTGRES_TAKEN: Final = "23505"
_POSTGRES_RACES: Final = {_POSTGRES_TAKEN, "40001", "40P01"}
"""unique_violation, serialization_failure, deadlock_detected."""
_POSTGRES_ILL: Final = {
    "25006": Cause.read_only,
    "26000": Cause.pooler,
    "42P05": Cause.pooler,
    "42501": Cause.setup,
    "42P01": Cause.setup,
    "42703": Cause.setup,
    "3D000": Cause.setup,
    "28": Cause.setup,
    "53100": Cause.disk_full,
    "53200": Cause.memory,
    "53": Cause.overloaded,
    "55P03": Cause.locked,
    "57014": Cause.timed_out,
    "25P03": Cause.timed_out,
    "25P04": Cause.timed_out,
    "57": Cause.away,
    "08": Cause.away,
    "58": Cause.disk_fault,
    "XX": Cause.damaged,
}
"""SQLSTATE, or its class; the first that fits counts."""
_NO_THREAD: Final = "can't start new thread"
_ERRNO: Final = {
    errno.ENOSPC: Cause.disk_full,
    errno.EDQUOT: Cause.disk_full,
    errno.EROFS: Cause.read_only,
    errno.EIO: Cause.disk_fault,
    errno.ENOMEM: Cause.memory,
    errno.EMFILE: Cause.overloaded,
    errno.ENFILE: Cause.overloaded,
}


def is_race(error: BaseException) -> bool:
    """Whether the same unit may succeed when run again: unique violation, deadlock, serialization failure."""
    return _sqlite_name(error) in _SQLITE_RACES or _sqlstate(error) in _POSTGRES_RACES


def lost(error: Exception) -> Exception:
    """The problem when the last try lost as well. A key that is taken at every try is no race but a fault of the unit: a caller that got
    `busy` for it would send the same for ever (P-323)."""
    taken = _sqlite_name(error) in _SQLITE_TAKEN or _sqlstate(error) == _POSTGRES_TAKEN
    return error if taken else busy()


def illness(error: BaseException) -> Cause | None:
    """Why the server could not work, None when the unit itself is at fault.

    After a connection broke, a commit may or may not have happened: the phone sends the same again and gets the outcome (P-311).
    """
    if isinstance(error, Unavailable):
        return error.cause
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and str(error).startswith(_NO_THREAD)):
        return Cause.memory
    if isinstance(error, sa.exc.TimeoutError):
        return Cause.overloaded
    if isinstance(error, OSError):
        return _ERRNO.get(error.errno or 0, Cause.away)
    return _of_sqlite(error) or _of_postgres(error)


def _of_sqlite(error: BaseException) -> Cause | None:
    name = _sqlite_name(error)
    if name == "SQLITE_ERROR" and str(_raised(error)).startswith(_SQLITE_NO_TABLE):
        return Cause.setup
    return None if name is None else next((cause for start, cause in _SQLITE_ILL.items() if name.startswith(start)), None)


def _of_postgres(error: BaseException) -> Cause | None:
    """By its SQLSTATE; without one, by the driver's words about a connection that is gone. Its words about a value are the unit's fault."""
    state, raised = _sqlstate(error), _raised(error)
    if state is not None:
        return next((cause for start, cause in _POSTGRES_ILL.items() if state.startswith(start)), None)
    gone = isinstance(raised, asyncpg.InterfaceError) and not isinstance(raised, ValueError)
    return Cause.away if gone or getattr(error, "connection_invalidated", False) else None


def _raised(error: BaseException) -> BaseException:
    """The driver's own error: a connection that cannot be made raises it without SQLAlchemy's wrapping."""
    return error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error


def _sqlite_name(error: BaseException) -> str | None:
    raised = _raised(error)
    return getattr(raised, "sqlite_errorname", None) if isinstance(raised, sqlite3.Error) else None


def _sqlstate(error: BaseException) -> str | None:
    found = getattr(_raised(error), "sqlstate", None)
    return found if isinstance(found, str) else None


def busy() -> Problem:
    """The answer when a race was lost too often, or the door is closed."""
    return Problem(Code.busy, "the database is busy; send the same again")
