"""A real PgBouncer before a test's database: the one that is installed, else Debian's package unpacked into a folder of the test."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from msgspec import Struct

PLACES: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
PACKAGES: Final = ("pgbouncer", "libevent-2.1-7", "libc-ares2")
MISSING: Final = (
    "PgBouncer is not installed, and apt cannot give its package: nothing was tested here. Install it (Debian: apt-get install pgbouncer)."
)
READY_S: Final = 20.0
NOBODY: Final = "nobody"
"""PgBouncer does not run as root."""


class Program(Struct, frozen=True):
    """The pooler's command, and what its environment needs besides."""

    command: str
    environment: dict[str, str] = {}


def program(folder: Path) -> Program:
    """The program, if need be unpacked into `folder`. Skips the test, in words, when it cannot be had."""
    if found := shutil.which("pgbouncer", path=PLACES):
        return Program(found)
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True, capture_output=True, timeout=120)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True, capture_output=True, timeout=60)
        libraries = sorted({str(one.parent) for one in folder.glob("usr/lib/*/*.so*")})
        return Program(str(next(folder.glob("usr/sbin/pgbouncer"))), {"LD_LIBRARY_PATH": ":".join(libraries)})
    pytest.skip(MISSING)


@contextmanager
def pooler(run: Program, folder: Path, url: str, mode: str, size: int) -> Iterator[str]:
    """Put a pooler before the database at `url`, with so many sessions of its own; the URL through it."""
    folder.mkdir()
    parsed = sa.make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    words = {"host": parsed.host, "port": parsed.port or 5432, "dbname": parsed.database}
    words |= {"user": parsed.username, "password": parsed.password}
    settings = {"listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "any", "pool_mode": mode}
    # Its log is what it says, not a file: as somebody else it may not enter a folder that is ours alone.
    settings |= {"default_pool_size": size, "max_client_conn": 200, "server_login_retry": 1}
    told = [f"{parsed.database} = {' '.join(f'{name}={value}' for name, value in words.items() if value is not None)}"]
    file, log = folder / "pgbouncer.ini", folder / "log"
    file.write_text("\n".join(["[databases]", *told, "[pgbouncer]", *(f"{name} = {value}" for name, value in settings.items())]) + "\n")
    arguments = [run.command, str(file)]
    if os.getuid() == 0:
        arguments[1:1] = ["-u", NOBODY]
    with log.open("wb") as said, subprocess.Popen(arguments, env={**os.environ, **run.environment}, stdout=said, stderr=said) as process:
        try:
            _wait_ready(process, port, log)
            yield str(parsed.set(host="127.0.0.1", port=port).render_as_string(hide_password=False))
        finally:
            process.terminate()
            process.wait(READY_S)


def _wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Nothing tells from outside that another process listens: it is asked until it answers."""
    until = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text() if log.exists() else "the pooler wrote no log")
