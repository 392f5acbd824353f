"""What makes a server ill, and well again, without touching its code: a disk that fills, a lock, a limit, a database that refuses."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct

from bench.postgres import Server
from tests.prove.ill_places import Place

KIB: Final = 1024
SOUND_BYTES: Final = 64 * KIB
LASTS_S: Final = 1.5
MOST_S: Final = 6.5
HELD_S: Final = 11.0
"""SQLite's writer waits 5 seconds for another program before it gives up; a slow machine is late to ask a second time."""


class Fault(Struct, frozen=True):
    """One illness: on which database, how it is brought about and taken away, and whether phones are turned away by it.

    Then it lasts until each phone was, several times, but for `most_s` seconds at most.
    """

    name: str
    on: str
    brought: Callable[[Place], AbstractContextManager[None]]
    turns_away: bool = True
    most_s: float = MOST_S


# the disk under SQLite


def _filled(left_bytes: int) -> Callable[[Place], AbstractContextManager[None]]:
    @contextmanager
    def brought(place: Place) -> Iterator[None]:
        if place.disk is None:
            raise RuntimeError("no small disk can be made on this machine")
        filler = place.disk / "filler"
        stat = os.statvfs(place.disk)
        with suppress(OSError), filler.open("wb") as file:  # the server may have been quicker: then it is full already
            file.write(bytes(max(0, stat.f_bavail * stat.f_frsize - left_bytes)))
        try:
            yield
        finally:
            filler.unlink()

    return brought


@contextmanager
def _failing_disk(place: Place) -> Iterator[None]:
    """No file of the server may be written beyond its beginning, as on a broken disk. A write-ahead log that begins anew after a checkpoint
    has room within its old size, so a bound at that size would fail nobody for a while."""
    with _limited(place, resource.RLIMIT_FSIZE, SOUND_BYTES):
        yield


@contextmanager
def _little_memory(place: Place) -> Iterator[None]:
    """The server's process may take no more memory than it has; a C library may end it for that, then it is started again."""
    pages = int(Path(f"/proc/{place.server.pid}/statm").read_text().split()[0])
    with _limited(place, resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE")):
        yield
    place.server.live()


@contextmanager
def _limited(place: Place, limit: int, value: int) -> Iterator[None]:
    before = resource.prlimit(place.server.pid, limit)
    resource.prlimit(place.server.pid, limit, (value, before[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(place.server.pid, limit, before)


def _by_another_program(statement: str) -> Callable[[Place], AbstractContextManager[None]]:
    """A program beside the server runs a statement on its SQLite file, and ends with the fault."""

    @contextmanager
    def brought(place: Place) -> Iterator[None]:
        command = [*place.enter, sys.executable, "-c", OTHER, sa.make_url(place.url).database or "", statement]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            if other.stdout is None or other.stdout.readline() != "done\n":
                raise RuntimeError("the other program could not reach the file")
            yield
            other.communicate("")

    return brought


OTHER: Final = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
other.execute(sys.argv[2])
print("done", flush=True)
sys.stdin.read()
"""
ZONE: Final = "UPDATE organisation SET time_zone = 'Asia/Beijing'"
"""What a version before let in. It stays: nobody need correct it for entries to be taken."""


# PostgreSQL

CUT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {name}"


def _asked(before: str, after: str = "", *, inside: bool = False) -> Callable[[Place], AbstractContextManager[None]]:
    """Statements of the administrator, `inside` our database or beside it; `{database}` and `{name}` are ours."""

    @contextmanager
    def brought(place: Place) -> Iterator[None]:
        _run(place, before, inside=inside)
        try:
            yield
        finally:
            _run(place, after, inside=inside)

    return brought


def _run(place: Place, statements: str, *, inside: bool) -> list[list[Any]]:
    name = sa.make_url(place.url).database
    asked = statements.replace("{database}", f'"{name}"').replace("{name}", f"'{name}'")
    return _admin(place, inside=inside).run(*(one.strip() for one in asked.split(" ;; ") if one.strip()))


def _admin(place: Place, *, inside: bool) -> Server:
    if place.postgres is None or place.postgres.admin is None:
        raise RuntimeError("these faults are for a PostgreSQL of one's own")
    place.postgres.wait()
    admin = place.postgres.admin
    return replace(admin, admin={**admin.admin, "database": sa.make_url(place.url).database}) if inside else admin


def _setting(name: str, value: str) -> Callable[[Place], AbstractContextManager[None]]:
    """A setting of our database; everybody connects anew and meets it."""
    return _asked(f"ALTER DATABASE {{database}} SET {name} = {value} ;; {CUT}", f"ALTER DATABASE {{database}} RESET {name} ;; {CUT}")


def _told(state: str) -> Callable[[Place], AbstractContextManager[None]]:
    """Whoever stores outcomes is told what a PostgreSQL in this trouble says."""
    function = f"CREATE FUNCTION ill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ill' USING ERRCODE = '{state}'; END $$"
    trigger = "CREATE TRIGGER ill BEFORE INSERT ON answered FOR EACH ROW EXECUTE FUNCTION ill()"
    return _asked(f"{function} ;; {trigger}", "DROP TRIGGER ill ON answered ;; DROP FUNCTION ill()", inside=True)


@contextmanager
def _locked_table(place: Place) -> Iterator[None]:
    """Another program holds the customers, and statements that wait for it are given up."""
    with _setting("statement_timeout", "300")(place), ThreadPoolExecutor(1) as other:
        hold = f"SET statement_timeout = 0 ;; DO $$ BEGIN LOCK TABLE customer; PERFORM pg_sleep({LASTS_S}); END $$"
        held = other.submit(_run, place, hold, inside=True)
        yield
        held.result()


@contextmanager
def _killed(place: Place) -> Iterator[None]:
    """A process of PostgreSQL is killed: it breaks all connections and recovers."""
    (pids,) = _run(place, "SELECT pid FROM pg_stat_activity WHERE datname = {name}", inside=False)
    os.kill(pids[0], signal.SIGKILL)
    yield
    _admin(place, inside=False)


FAULTS: Final = (
    Fault("a full disk", "sqlite", _filled(0)),
    Fault("400 KiB of disk left", "sqlite", _filled(400 * KIB)),
    Fault("40 KiB of disk left", "sqlite", _filled(40 * KIB)),
    Fault("a disk that fails", "sqlite", _failing_disk),
    Fault("a file that another program holds", "sqlite", _by_another_program("BEGIN IMMEDIATE"), most_s=HELD_S),
    Fault("a broken time zone", "sqlite", _by_another_program(ZONE), turns_away=False, most_s=LASTS_S),
    Fault("a PostgreSQL that crashes", "postgres", _killed),
    Fault("connections that break", "postgres", _asked(CUT)),
    Fault("a standby", "postgres", _setting("default_transaction_read_only", "on")),
    Fault("no connections left", "postgres", _asked(
        f"ALTER DATABASE {{database}} CONNECTION LIMIT 0 ;; {CUT}", "ALTER DATABASE {database} CONNECTION LIMIT -1")),
    Fault("statements that time out", "postgres", _setting("statement_timeout", "2")),
    Fault("a locked table", "postgres", _locked_table),
    Fault("a full disk", "postgres", _told("53100")),
    Fault("a PostgreSQL with too little memory", "postgres", _told("53200")),
    Fault("too little memory", "postgres", _little_memory, turns_away=False, most_s=LASTS_S),
    Fault("a disk that fails", "postgres", _told("58030")),
    Fault("prepared statements mixed up", "postgres", _told("26000")),
    Fault("a table of another version", "postgres", _asked(
        "ALTER TABLE answered RENAME TO answered_later", "ALTER TABLE answered_later RENAME TO answered", inside=True)),
    Fault("connections that break", "pooler", _asked(CUT)),
    Fault("a standby", "pooler", _setting("default_transaction_read_only", "on")),
    Fault("no connections left", "pooler", _asked(
        f"ALTER DATABASE {{database}} CONNECTION LIMIT 0 ;; {CUT}", "ALTER DATABASE {database} CONNECTION LIMIT -1")),
    Fault("a broken time zone", "postgres", _asked(ZONE, inside=True), turns_away=False, most_s=LASTS_S),
)  # fmt: skip
