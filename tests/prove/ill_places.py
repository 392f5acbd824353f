"""Servers of the ill-server proof: a real `outrider serve` on SQLite on a small disk, on a PostgreSQL of its own, behind a pooler."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import httpx
import msgspec
from msgspec import Struct

from server import chance
from server.database import Database, open_database
from server.domain import passwords
from server.services import organisations, users
from server.services.organisations import NewOrganisation
from server.settings import signing_key
from server.store import schema
from shared_schema.records.reference import Role
from shared_schema.rest import SignedIn, UserRequest
from shared_schema.twin import id_text
from tests.integration.pooler import pooler, program
from tests.operator import environment
from tests.prove.crash_places import PostgresPlaces, own_postgres

REPS: Final = 4
"""Of each server."""
POOLED: Final = 4
DISK_BYTES: Final = 24 * 1024 * 1024
PASSWORD: Final = "a rep's long password"
READY_S: Final = 60.0
FOUNDING: Final = Lock()
SERVE: Final = (sys.executable, "-c", "from mobile_api.cli import main; main()", "serve", "--port")
OWN_DISK: Final = ("unshare", "--user", "--map-root-user", "--mount")
"""A place of mounts of one's own asks for no privileges where the kernel lets users have one."""


class Served:
    """A server process that is started again when it has died, as whoever runs it in earnest would."""

    def __init__(self, command: list[str], folder: Path, url: str, port: int) -> None:
        self._command, self._port, self._log = command, port, folder.parent / f"{folder.name}.log"
        self._environment = {**environment(folder, url), "OUTRIDER_LOG_LEVEL": "warning"}
        self.process = self._started()

    @property
    def pid(self) -> int:
        return self.process.pid

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def wait(self) -> None:
        """Until it is ready. Raises RuntimeError with its last words."""
        until_s = time.monotonic() + READY_S
        while time.monotonic() < until_s and self.process.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{self._port}/ready", timeout=5).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"the server did not start: {self._log.read_text()[-2_000:]}")

    def live(self) -> None:
        """Start it again if it has died."""
        if self.process.poll() is not None:
            self.process = self._started()
            self.wait()


class Place(Struct):
    """A running server, its database as another program reaches it, and what else the faults take hold of."""

    name: str
    port: int
    url: str
    server: Served
    seen: Path
    """The folder of the SQLite file or the signing key, as it is seen from here."""
    disk: Path | None = None
    """The small disk on which the SQLite file lies; None where this machine lets nobody make one."""
    enter: tuple[str, ...] = ()
    """How another program comes to where that disk is."""
    postgres: PostgresPlaces | None = None

    def ready(self) -> bool:
        """Whether the server says that it can work."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/ready", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def log_in(self, account: str) -> SignedIn:
        body = {"organisation": "acme", "account": account, "password": PASSWORD, "installation_id": id_text(chance.new_id())}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/v1/login", json=body, timeout=30)
        return msgspec.convert(_raw_ids(answer.json()), SignedIn)


def _raw_ids(told: dict[str, object]) -> dict[str, object]:
    return {**told, "user_id": bytes.fromhex(str(told["user_id"]).replace("-", ""))}


def founded(url: str) -> None:
    """Make the tables, an organisation and its reps. One after the other: Alembic keeps what it migrates in one place of the process."""
    with FOUNDING:
        asyncio.run(_founded(url))


async def _founded(url: str) -> None:
    await schema.migrate(url)
    database = open_database(url)
    try:
        await _people(database)
    finally:
        await database.close()


async def _people(database: Database) -> None:
    asked = NewOrganisation(login="acme", name="Acme", account="boss", language="en")
    made = await database.write(organisations.create, asked, None, chance.now_ms())
    hashed = passwords.hashed(PASSWORD, chance.secret(passwords.SALT_BYTES))
    for number in range(REPS):
        rep = UserRequest(login=f"rep{number}", name=f"Rep {number}", role=Role.rep, language="en")
        await database.write(users.put, made.org_id, rep, hashed, chance.now_ms())


@contextmanager
def on_sqlite(home: Path) -> Iterator[Place]:
    """A server whose SQLite file is alone on a disk of 24 MiB, where the kernel allows that; else in `home`."""
    made = home / "made"
    made.mkdir()
    founded(f"sqlite:///{made / 'outrider.db'}")
    signing_key(made / "key", make=True)
    disk = home / "disk"
    disk.mkdir()
    port = _free_port()
    mounts = _may_mount()
    if mounts:
        mount = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$0" && cp "$1"/* "$0" && shift && exec "$@"'
        command = [*OWN_DISK, "sh", "-c", mount, str(disk), str(made), *SERVE, str(port)]
    else:
        shutil.copytree(made, disk, dirs_exist_ok=True)
        command = [*SERVE, str(port)]
    with _running(command, disk, f"sqlite:///{disk / 'outrider.db'}", port) as server:
        seen = Path(f"/proc/{server.pid}/root{disk}") if mounts else disk
        enter = ("nsenter", "--target", str(server.pid), "--user", "--mount", "--preserve-credentials") if mounts else ()
        yield Place("sqlite", port, f"sqlite:///{disk / 'outrider.db'}", server, seen, seen if mounts else None, enter)


@contextmanager
def on_postgres(home: Path) -> Iterator[Place]:
    """A server on a PostgreSQL that the proof started and may hurt."""
    with own_postgres("ill") as places:
        founded(places.base_url)
        signing_key(home / "key", make=True)
        port = _free_port()
        with _running([*SERVE, str(port)], home, places.base_url, port) as server:
            yield Place("postgres", port, places.base_url, server, home, postgres=places)


@contextmanager
def on_pooler(home: Path) -> Iterator[Place]:
    """The same behind a PgBouncer in transaction mode that has four connections for all. Raises skip.Exception when there is none."""
    run = program(home)
    with own_postgres("pooled") as places:
        founded(places.base_url)
        signing_key(home / "key", make=True)
        port = _free_port()
        with (
            pooler(run, home / "pooler", places.base_url, "transaction", POOLED) as url,
            _running([*SERVE, str(port)], home, url, port) as server,
        ):
            yield Place("pooler", port, places.base_url, server, home, postgres=places)


@contextmanager
def _running(command: list[str], folder: Path, url: str, port: int) -> Iterator[Served]:
    server = Served(command, folder, url, port)
    try:
        server.wait()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=READY_S)


def _may_mount() -> bool:
    """Whether a small disk can be made here."""
    if shutil.which(OWN_DISK[0]) is None:
        return False
    tried = subprocess.run([*OWN_DISK, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
