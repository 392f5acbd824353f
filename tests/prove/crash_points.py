"""Points at which a process may die: before and after each statement, commit and step of a file, and after the answer was given."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from bench.postgres import blocking
from server import chance
from tests.prove.crash_judge import DICE, Photo, photograph

Tell = Callable[[tuple[str, Any]], None]
BACKEND_WAIT_MS: Final = 5_000
FILE_STEPS: Final = ("fsync", "link", "replace", "unlink")
"""What a file goes through until it stands at its name."""


class Fatal:
    """What happens at the point: nothing, or a death. `pid` is the backend's on PostgreSQL."""

    def __init__(self, how: str, terminate: Callable[[int], object]) -> None:
        self._how = how
        self._terminate = terminate

    def strike(self, pid: int) -> None:
        """`process`: ours dies; `backend`: ended by its administrator; `recovery`: killed, and the whole server starts anew."""
        if self._how == "process":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self._how == "backend":
            self._terminate(pid)
        elif self._how == "recovery":
            os.kill(pid, signal.SIGKILL)


class Points:
    """Counts the points of one run and strikes at one of them; a pipe tells the parent what had happened by then."""

    def __init__(self, tell: Tell, at: int, fatal: Fatal, photographed_url: str = "") -> None:
        self._tell, self._at, self._fatal, self._url = tell, at, fatal, photographed_url
        self._paused = False
        self.labels: list[str] = []

    def reach(self, label: str, dbapi: Any = None) -> None:
        """One point."""
        if self._paused:
            return
        self.labels.append(label)
        if len(self.labels) == self._at:
            self._tell(("struck", label))
            self._paused = True
            self._fatal.strike(_backend_pid(dbapi))
            self._paused = False

    def answered(self, answer: object) -> None:
        """The one who asked has the answer."""
        self._tell(("answered", answer))
        self.reach("answer given")

    def committed(self, dbapi: Any) -> None:
        """A commit has returned."""
        if self._paused:
            return
        photo: Photo | None = None
        if self._url:
            self._paused = True
            photo = blocking(photograph(self._url))
            self._paused = False
        self._tell(("committed", photo))
        self.reach("after COMMIT", dbapi)


def _backend_pid(dbapi: Any) -> int:
    """The server process behind a connection of asyncpg; 0 on SQLite."""
    raw: Any = getattr(dbapi, "driver_connection", None) or getattr(dbapi, "_connection", None)
    ask = getattr(raw, "get_server_pid", None)
    return int(ask()) if ask is not None else 0


@contextmanager
def watched(points: Points) -> Iterator[None]:
    """Every statement, every commit and every step of a file of this process passes by `points`. For a process that ends with it."""

    def before(conn: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        points.reach(f"before {_verb(statement)}", conn.connection)

    def after(conn: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        points.reach(f"after {_verb(statement)}", conn.connection)

    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit
    honest = {name: getattr(os, name) for name in FILE_STEPS}

    def step(name: str, *args: Any, **kw: Any) -> None:
        points.reach(f"before {name}")
        honest[name](*args, **kw)
        points.reach(f"after {name}")

    def do_commit(dialect: DefaultDialect, dbapi: Any) -> None:
        points.reach("before COMMIT", dbapi)
        commit(dialect, dbapi)
        points.committed(dbapi)

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    sa.event.listen(sa.Engine, "after_cursor_execute", after)
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # SQLAlchemy tells of a commit only beforehand
    for name in FILE_STEPS:
        setattr(os, name, partial(step, name))
    try:
        yield
    finally:
        DefaultDialect.do_commit = commit  # type: ignore[method-assign]
        for name, function in honest.items():
            setattr(os, name, function)
        sa.event.remove(sa.Engine, "before_cursor_execute", before)
        sa.event.remove(sa.Engine, "after_cursor_execute", after)


def _verb(statement: str) -> str:
    """The word a table of points can be read by."""
    return statement.split(None, 1)[0].upper()


def load_dice(attempt: int, now_ms: int) -> None:
    """Ids and secrets of this process are numbered and can be told from all others; its clock stands still."""
    thrown = iter(range(1, 2**31))

    def throw(size_bytes: int) -> bytes:
        face = DICE + attempt.to_bytes(2, "big") + next(thrown).to_bytes(6, "big")
        return (face * (size_bytes // len(face) + 1))[:size_bytes]

    chance.new_id = lambda: throw(16)
    chance.secret = lambda size_bytes=32: throw(size_bytes)
    chance.now_ms = lambda: now_ms
