"""SQLite: one writer thread whose waiting units share a commit; reader threads that each run a whole unit."""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from server.database.failures import AGAIN_MAX, WAIT_S, Cause, Unavailable, busy, illness, is_race, lost
from server.database.health import Health
from server.database.touched import Announce, Touched, noted, unheard
from server.database.unit import DialectName, P, R, Unit

BATCH_MAX: Final = 32
"""Units that may share one commit on SQLite."""
READERS: Final = 4
"""Read connections of one process on SQLite."""
PATIENCE_S: Final = 0.2
AGAIN_S: Final = 0.01
KEEPS: Final = frozenset({Cause.locked, Cause.disk_full, Cause.timed_out})
"""Illnesses which leave a connection as it was; after any other it is made anew, so that the server recovers by itself."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A unit that waits for the writer, and the caller that waits for the unit."""

    run: Callable[[sa.Connection], Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Settled:
    """The end of a job: a result, or an error."""

    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Sqlite:
    """One writer thread whose waiting units share a commit, a savepoint each; a few reader threads (ADR 11).

    Raises sa.exc.OperationalError when the file cannot be opened.
    """

    dialect: DialectName = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        # Opened here so that the caller hears of a bad path; from then on only the writer thread uses it.
        connect = {"check_same_thread": False}
        self._writer = sa.create_engine(url.set(drivername="sqlite"), poolclass=sa.NullPool, connect_args=connect)
        prepare_sqlite(self._writer, "BEGIN IMMEDIATE")
        sync_url = url.set(drivername="sqlite")
        self._reader = sa.create_engine(sync_url, poolclass=sa.QueuePool, pool_size=READERS, max_overflow=0, connect_args=connect)
        prepare_sqlite(self._reader, "BEGIN", query_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._announce: Announce = unheard
        self.health = Health()
        self._thread = threading.Thread(target=self._run, args=(self._writer.connect(),), name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        if self._closed:
            raise busy()

        def run(conn: sa.Connection) -> tuple[R, Touched]:
            return noted(conn, unit, *args, **kw)

        future: asyncio.Future[tuple[R, Touched]] = asyncio.get_running_loop().create_future()
        self._queue.put(_Job(run, future))
        try:
            result, touched = await future
        except Exception as error:
            self._refuse_ill(error)
            raise
        self.health.worked()
        if touched:
            self._announce(touched)
        return result

    async def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        if self._closed:
            raise busy()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: self._read(unit, *args, **kw))
        except Exception as error:
            if illness(error) is not Cause.read_only:  # a reader that writes is a fault of the unit
                self._refuse_ill(error)
            raise

    async def scrub(self, tables: Collection[str]) -> bool:
        """What was deleted is overwritten with zeros (`secure_delete`); the log, which holds the pages of before, becomes empty."""

        def emptied() -> bool:
            with contextlib.closing(sqlite3.connect(str(self._writer.url.database), timeout=WAIT_S)) as file:
                return not file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

        return await asyncio.to_thread(emptied)

    def _refuse_ill(self, error: Exception) -> None:
        """Raises Unavailable unless the failure is the unit's own."""
        cause = illness(error)
        if cause is None:
            return
        self.health.failed(cause)
        if cause not in KEEPS:
            self._reader.dispose()
        raise Unavailable(cause) from error

    def _read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        with self._reader.begin() as conn:
            return unit(conn, *args, **kw)

    @contextlib.asynccontextmanager
    async def listening(self, announce: Announce) -> AsyncIterator[None]:
        self._announce = announce
        try:
            yield
        finally:
            self._announce = unheard

    async def close(self) -> None:
        """Refuse new writes, finish those that wait, then let go of the file."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        self._reader.dispose()

    def _run(self, first: sa.Connection) -> None:
        conn: sa.Connection | None = first
        while batch := self._take():
            try:
                conn = conn or self._writer.connect()
                done = _commit(conn, batch)
            except Exception as error:  # noqa: BLE001 - the file cannot be opened now: everybody hears of it, and the writer stays
                done = [_Settled(job.future, error=error) for job in batch]
            if conn is not None and any(one.error is not None and illness(one.error) not in {None, *KEEPS} for one in done):
                _leave(conn)
                conn = None
            while not _settled(done):  # without memory even telling fails: each caller is told as soon as there is some
                time.sleep(PATIENCE_S)
        if conn is not None:
            _leave(conn)

    def _take(self) -> list[_Job]:
        """Wait for work, then take all other work that is there; empty when the door is closed."""
        batch: list[_Job] = []
        while not batch or (len(batch) < BATCH_MAX and not self._queue.empty()):
            job = self._queue.get()
            if job is None:
                self._queue.put(None)  # nothing can follow it: found again when the batch is done
                break
            batch.append(job)
        return batch


def prepare_sqlite(engine: sa.Engine, begin: str, *, query_only: bool = False, wait_s: int = WAIT_S) -> None:
    """Let `begin` open each transaction of the engine, and set each connection's pragmas.

    The driver's own transactions are switched off: with them a released savepoint survives the outer ROLLBACK, and a
    deferred read-then-write dies with SQLITE_BUSY at once, whatever the timeout.
    """
    _make_private(engine.url.database)
    pragmas = ("synchronous=full", "foreign_keys=on", "secure_delete=on", f"query_only={int(query_only)}")

    @sa.event.listens_for(engine, "connect")
    def connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout={wait_s * 1000}")
        _log_ahead(cursor, wait_s)
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def start(conn: sa.Connection) -> None:
        conn.exec_driver_sql(begin)


def _log_ahead(cursor: Any, wait_s: int) -> None:
    """Switch to the write-ahead log. Of two that open a new file at once SQLite sends one away without letting it wait."""
    ends_s = time.monotonic() + wait_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > ends_s:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def _make_private(path: str | None) -> None:
    """A new database is for its owner alone; SQLite gives its log and index the same rights. A bad path is told by the connection."""
    if path:
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _leave(conn: sa.Connection) -> None:
    """Close a connection, whatever error that raises: the next batch has a new one."""
    with contextlib.suppress(Exception):
        conn.close()


def _commit(conn: sa.Connection, batch: list[_Job]) -> list[_Settled]:
    """Run the units of a batch in one transaction; nobody hears of success before its commit."""
    try:
        with conn.begin():
            return [_attempt(conn, job) for job in batch]
    except Exception as error:  # noqa: BLE001 - for every error the whole batch is undone and each caller is told
        _clear(conn)
        if len(batch) > 1 and illness(error) in (None, Cause.disk_full, Cause.memory):  # one may be at fault, or too large: each alone
            return [settled for job in batch for settled in _commit(conn, [job])]
        return [_Settled(job.future, error=error) for job in batch]


def _clear(conn: sa.Connection) -> None:
    """SQLite stays inside the transaction after a failed COMMIT: leave it by hand."""
    raw: Any = conn.connection.driver_connection
    if raw.in_transaction:
        raw.rollback()


def _attempt(conn: sa.Connection, job: _Job) -> _Settled:
    """Run one unit under its own savepoint, again while it loses races; a unit that fails undoes only itself.

    Raises the unit's error where SQLite has undone the whole transaction with it (disk full), and so the batch.
    """
    last: Exception = busy()
    for _ in range(1 + AGAIN_MAX):
        savepoint = conn.begin_nested()
        try:
            result = job.run(conn)
        except BaseException as error:  # noqa: BLE001 - SystemExit in a unit must not end the writer
            failure = _deliverable(error)
            try:
                savepoint.rollback()
            except sa.exc.DBAPIError:
                raise failure from None
            last = lost(failure)
            if not is_race(failure):
                return _Settled(job.future, error=failure)
        else:
            savepoint.commit()
            return _Settled(job.future, result)
    return _Settled(job.future, error=last)


def _deliverable(error: BaseException) -> Exception:
    """The error as a future may carry it: StopIteration may not be set on one, SystemExit would end the event loop."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"a unit ended with {type(error).__name__}")
    wrapped.__cause__ = error
    return wrapped


def _settled(done: list[_Settled]) -> bool:
    """Tell every caller that waits; whether there was the memory for it."""
    try:
        _settle(done)
    except MemoryError:
        return False
    return True


def _settle(done: list[_Settled]) -> None:
    """Tell every caller that waits, one wake-up per event loop."""
    for loop in {settled.future.get_loop() for settled in done}:
        mine = [settled for settled in done if settled.future.get_loop() is loop]
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_deliver, mine)


def _deliver(done: list[_Settled]) -> None:
    for settled in done:
        if settled.future.done():
            continue  # cancelled: the work stands, the phone asks again
        if settled.error is not None:
            settled.future.set_exception(settled.error)
        else:
            settled.future.set_result(settled.result)
