"""Where copies of the prepared database come from: a folder of SQLite files, or a PostgreSQL that the proof itself started."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import sqlalchemy as sa

from bench.postgres import REMEDY, Lender, PostgresMissingError, Server, embedded, folder, run_name, stop_embedded

RECOVERY_S: Final = 30.0


class Places(Protocol):
    """Copies of one prepared database."""

    name: str
    base_url: str
    admin: Server | None
    """Set only where the server is our own: without it nothing but our own processes is killed."""

    def copy(self) -> str: ...
    def empty(self) -> str:
        """A database without tables."""
        ...

    def remove(self, url: str) -> None: ...
    def wait(self) -> None:
        """Until the database server answers again."""
        ...


class SqlitePlaces:
    """Files in one folder."""

    name = "sqlite"
    admin: Server | None = None

    def __init__(self, home: Path) -> None:
        self._home = home
        self._count = 0
        self.base_url = f"sqlite:///{home / 'base.db'}"

    def copy(self) -> str:
        self._count += 1
        base, made = self._home / "base.db", self._home / f"copy{self._count}.db"
        if Path(f"{base}-wal").exists():
            raise RuntimeError("the prepared database was not closed")
        return f"sqlite:///{shutil.copy(base, made)}"

    def empty(self) -> str:
        self._count += 1
        return f"sqlite:///{self._home / f'copy{self._count}.db'}"

    def remove(self, url: str) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{sa.make_url(url).database}{end}").unlink(missing_ok=True)

    def wait(self) -> None:
        """A file is always there."""


class PostgresPlaces:
    """Databases of one plain role."""

    name = "postgres"

    def __init__(self, lender: Lender, admin: Server | None = None) -> None:
        self._lender = lender
        self.admin = admin
        self.base_url = lender.create()

    def copy(self) -> str:
        return self._lender.create(self.base_url)

    def empty(self) -> str:
        return self._lender.create()

    def remove(self, url: str) -> None:
        self._lender.drop(url)

    def wait(self) -> None:
        until_s = time.monotonic() + RECOVERY_S
        while self.admin is not None and not self.admin.may_lend():
            if time.monotonic() > until_s:
                raise RuntimeError("our PostgreSQL did not come back")
            time.sleep(0.02)


@contextmanager
def own_postgres(name: str = "crash") -> Iterator[PostgresPlaces]:
    """Start a PostgreSQL in a temporary directory, to be killed. Raises PostgresMissingError when this machine cannot."""
    run = f"{run_name(os.getpid())}_{name}"
    server = embedded(run)
    if server is None:
        raise PostgresMissingError(REMEDY)
    try:
        lender = Lender(server, f"{run}_role")
        plain = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
        server.run(f"CREATE ROLE \"{lender._role}\" {plain} PASSWORD '{lender._password}'")
        yield PostgresPlaces(lender, server)
    finally:
        stop_embedded(folder(run))
