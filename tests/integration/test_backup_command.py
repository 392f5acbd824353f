"""`outrider backup` and `outrider restore` as an operator types them, and killed in the middle."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.postgres import Lender, Server, embedded, folder, run_name, stop_embedded
from server.store import archive
from server.store.archive import FORMAT, Header, Writer
from server.store.schema import head
from tests.operator import environment, outrider

MANY = 150_000
STARTED_S = 60


def founded(folder_: Path, url: str, login: str = "acme") -> None:
    assert outrider(folder_, url, "migrate").returncode == 0
    made = outrider(folder_, url, "admin", "create-organisation", "--login", login, "--name", "Acme", "--account", "root")
    assert made.returncode == 0, made.stderr


def test_from_one_file_to_the_next(sqlite_url: str, tmp_path: Path) -> None:
    """P-901: what it says, what it refuses, and what is left."""
    file, other = tmp_path / "a.backup", f"sqlite:///{tmp_path}/other.db"
    nowhere = outrider(tmp_path, sqlite_url, "backup", str(file))
    assert (nowhere.returncode, "outrider migrate makes it" in nowhere.stderr, file.exists()) == (1, True, False)
    assert not (tmp_path / "outrider.db").exists()
    founded(tmp_path, sqlite_url)
    made = outrider(tmp_path, sqlite_url, "backup", str(file))
    assert (made.returncode, "rows)" in made.stdout, made.stderr) == (0, True, "")
    assert file.stat().st_mode & 0o777 == 0o600
    again = outrider(tmp_path, sqlite_url, "backup", str(file))
    assert (again.returncode, "was not touched" in again.stderr) == (1, True)
    assert outrider(tmp_path, sqlite_url, "backup", str(file), "--force").returncode == 0
    full = outrider(tmp_path, sqlite_url, "restore", str(file))
    assert (full.returncode, "--replace" in full.stderr) == (1, True)
    assert outrider(tmp_path, sqlite_url, "restore", str(file), "--replace").returncode == 0
    told = outrider(tmp_path, other, "restore", str(file))
    assert (told.returncode, "of 1 organisations" in told.stdout) == (0, True), told.stderr
    assert epochs(tmp_path / "other.db") > epochs(tmp_path / "outrider.db") > 0
    file.write_bytes(file.read_bytes()[:-1])
    cut = outrider(tmp_path, other, "restore", str(file), "--replace")
    assert (cut.returncode, "cut short" in cut.stderr) == (1, True)
    assert sorted(each.name for each in tmp_path.iterdir() if "backup" in each.name) == ["a.backup"]


def epochs(path: Path) -> int:
    with sqlite3.connect(path) as db:
        (found,) = db.execute("SELECT epoch FROM org").fetchone()
    return int(found)


def test_reset_devices_says_how_many(sqlite_url: str, tmp_path: Path) -> None:
    """P-215."""
    founded(tmp_path, sqlite_url)
    told = outrider(tmp_path, sqlite_url, "admin", "reset-devices", "--organisation", "acme", "--account", "root")
    assert (told.returncode, "0 begin anew" in told.stdout) == (0, True)
    assert outrider(tmp_path, sqlite_url, "admin", "reset-devices", "--organisation", "elsewhere").returncode == 1


def large(path: Path) -> Path:
    """An archive that takes a while: one organisation, many attempts to log in."""
    with archive.created(path, replace=False) as file:
        writer = Writer(file, Header(FORMAT, "1.0", head(), 5, {"attempt": MANY, "org": 1}))
        writer.add("attempt", ["key", "count", "window_ms", "forgiven"], ((f"account:acme/{at:09d}", 1, at, 0) for at in range(MANY)))
        writer.add("org", ["org_id", "login", "epoch", "rev_floor", "device_approval", "created_ms"], [(1, "large", 7, 0, False, 7)])
        writer.finish()
    return path


def restoring(folder_: Path, url: str, file: Path) -> subprocess.Popen[str]:
    told = [sys.executable, "-c", "from mobile_api.cli import main; main()", "restore", str(file), "--replace"]
    return subprocess.Popen(told, env=environment(folder_, url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_restore_killed_on_sqlite_leaves_what_was_there(sqlite_url: str, tmp_path: Path) -> None:
    """P-901: SIGKILL while half of the rows are in the log; what was there stands whole, and a second try is whole too."""
    founded(tmp_path, sqlite_url)
    path, file = tmp_path / "outrider.db", large(tmp_path / "large.backup")
    before = dumped(path)
    with restoring(tmp_path, sqlite_url, file) as process:
        log = path.with_name(path.name + "-wal")
        until = time.monotonic() + STARTED_S
        while (not log.exists() or log.stat().st_size < 2_000_000) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert dumped(path) == before
    assert outrider(tmp_path, sqlite_url, "restore", str(file), "--replace").returncode == 0
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*), (SELECT login FROM org) FROM attempt").fetchone() == (MANY, "large")


def dumped(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(db.iterdump())


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL that this module started, so that a backend of it may be killed."""
    name = f"{run_name(os.getpid())}_backup"
    server = embedded(name)
    assert server is not None, "the embedded PostgreSQL does not start"
    yield server
    stop_embedded(folder(name))


def test_a_restore_whose_backend_is_killed_leaves_what_was_there(own_postgres: Server, postgres_lender: Lender, tmp_path: Path) -> None:
    """P-901."""
    own_postgres.run(
        "CREATE ROLE outrider_test_backup LOGIN PASSWORD 'p'", "CREATE DATABASE outrider_test_backup OWNER outrider_test_backup"
    )
    url = f"postgresql://outrider_test_backup:p@127.0.0.1:{own_postgres.port}/outrider_test_backup"
    founded(tmp_path, url)
    file = large(tmp_path / "large.backup")
    busy = "SELECT pid FROM pg_stat_activity WHERE datname = 'outrider_test_backup' AND query LIKE 'INSERT INTO attempt%'"
    with restoring(tmp_path, url, file) as process:
        until = time.monotonic() + STARTED_S
        while not (pids := own_postgres.run(busy)[0]) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        own_postgres.run(*(f"SELECT pg_terminate_backend({pid})" for pid in pids))
        _, told = process.communicate(timeout=60)
    assert pids
    assert (process.returncode, "nothing was restored and nothing was changed" in told, "p@" in told) == (1, True, False)
    kept = outrider(tmp_path, url, "restore", str(file))
    assert (kept.returncode, "not empty" in kept.stderr) == (1, True)
    assert outrider(tmp_path, url, "admin", "reset-password", "--organisation", "acme", "--account", "root").returncode == 0
    assert outrider(tmp_path, url, "restore", str(file), "--replace").returncode == 0
