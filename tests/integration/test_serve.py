"""`outrider serve`, `doctor` and `migrate`: what they refuse to start on, what they say, and how server processes stop."""

import json
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bench.postgres import Lender
from mobile_api.commands.serve import FILES_BESIDE
from mobile_api.doorkeeper import REFUSED_MAX
from server.settings import Settings, signing_key
from tests.integration.loopback import NO_TLS
from tests.operator import environment, outrider

READY_S = 300
"""A server that starts and stops beside many others takes long; one that works is not waited for."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, url: str, *words: str, more: Mapping[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a server until the block ends; it is ready inside the block."""
    port = free_port()
    told = [sys.executable, "-c", "from mobile_api.cli import main; main()", "serve", "--port", str(port), *words]
    told_env = environment(folder, url) | dict(more or {})
    with subprocess.Popen(told, env=told_env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            _wait_ready(process, port)
            yield process, port
        finally:
            process.terminate()
            process.communicate(timeout=READY_S)


def _wait_ready(process: subprocess.Popen[str], port: int) -> None:
    """Nothing tells from outside that another process listens: it is asked until it answers."""
    until = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < until:
        try:
            assert httpx.get(f"http://127.0.0.1:{port}/ready", verify=NO_TLS).status_code == 200
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    process.terminate()  # the last words of a living process never come
    raise AssertionError(process.communicate()[0])


def findings(folder: Path, url: str) -> dict[str, bool]:
    return {each["name"]: each["right"] for each in json.loads(outrider(folder, url, "doctor", "--json").stdout)}


def test_from_nothing_to_a_healthy_server(tmp_path: Path, database_url: str) -> None:
    before = outrider(tmp_path, database_url, "serve")
    assert before.returncode == 1
    assert "✘ secret" in before.stderr
    assert "outrider migrate" in before.stderr
    assert outrider(tmp_path, database_url, "doctor").returncode == 1
    assert "they were at nothing" in outrider(tmp_path, database_url, "migrate").stdout
    signing_key(tmp_path / "key", make=True)
    told = outrider(tmp_path, database_url, "doctor")
    assert told.returncode == 0, told.stdout
    assert "✘" not in told.stdout
    named = {
        "settings",
        "secret",
        "disk",
        "push",
        "database",
        "schema",
        "durability",
        "role",
        "writing",
    }
    assert set(findings(tmp_path, database_url)) == named


def test_a_server_ends_what_is_under_way_and_stops(tmp_path: Path, migrated_url: str) -> None:
    with serving(tmp_path, migrated_url, "--make-secret") as (process, port):
        taken = outrider(tmp_path, migrated_url, "serve", "--port", str(port))
        assert taken.returncode == 1
        assert "choose another with --host or --port" in taken.stderr
        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=READY_S)
    lines = [json.loads(line) for line in told.splitlines()]
    assert any(line.get("route") == "/ready" and line["status"] == 200 for line in lines)
    assert lines[-1]["message"].startswith("Finished server process")


def test_several_processes_serve_one_postgresql(tmp_path: Path, migrated_postgres_url: str) -> None:
    with serving(tmp_path, migrated_postgres_url, "--make-secret", "--workers", "2") as (_, port):
        asked = [httpx.get(f"http://127.0.0.1:{port}/ready", verify=NO_TLS).status_code for _ in range(8)]
    assert asked == [200] * 8


def test_several_processes_on_sqlite_are_refused_in_words(tmp_path: Path, migrated_sqlite_url: str) -> None:
    refused = outrider(tmp_path, migrated_sqlite_url, "serve", "--make-secret", "--workers", "2")
    assert refused.returncode == 1
    assert "SQLite serves one process" in refused.stderr


def test_a_plain_server_refuses_a_simulated_clock_in_words(tmp_path: Path, migrated_sqlite_url: str) -> None:
    more = {"OUTRIDER_CLOCK_AHEAD_MS": "604800000"}
    for command in (["serve", "--make-secret"], ["worker"]):
        refused = outrider(tmp_path, migrated_sqlite_url, *command, more=more)
        assert refused.returncode == 1
        assert "a server with a simulated clock reminds its users at wrong times" in refused.stderr
        assert "only a demo may have one: remove the setting" in refused.stderr


@contextmanager
def broken(lender: Lender, url: str, how: str) -> Iterator[str]:
    """Make a good database bad in one way, and good again."""
    parsed = sa.make_url(url)
    spoil, mend = {
        "role": (f'ALTER ROLE "{parsed.username}" BYPASSRLS', f'ALTER ROLE "{parsed.username}" NOBYPASSRLS'),
        "durability": (f'ALTER DATABASE "{parsed.database}" SET synchronous_commit = off', "SELECT 1"),
        "database": ("SELECT 1", "SELECT 1"),
    }[how]
    lender._server.run(spoil)
    try:
        yield "postgresql://nobody:hush-hush@127.0.0.1:1/none" if how == "database" else url
    finally:
        lender._server.run(mend)


@pytest.mark.parametrize("how", ["role", "durability", "database"])
def test_postgresql_that_would_lose_or_leak_is_refused(
    tmp_path: Path, postgres_lender: Lender, migrated_postgres_url: str, how: str
) -> None:
    signing_key(tmp_path / "key", make=True)
    with broken(postgres_lender, migrated_postgres_url, how) as url:
        assert [name for name, right in findings(tmp_path, url).items() if not right] == [how]
        refused = outrider(tmp_path, url, "serve")
    assert refused.returncode == 1
    assert f"✘ {how}" in refused.stderr
    assert "hush-hush" not in refused.stderr


def test_more_connections_than_the_machine_allows_are_refused_in_words(tmp_path: Path, migrated_sqlite_url: str) -> None:
    signing_key(tmp_path / "key", make=True)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (1_000, 1_000)); from mobile_api.cli import main; main()"
    told = [sys.executable, "-c", limited, "serve", "--port", str(free_port())]
    refused = subprocess.run(
        told, check=False, env=environment(tmp_path, migrated_sqlite_url), capture_output=True, text=True, timeout=READY_S
    )
    assert refused.returncode == 1
    assert "connections_max: 2000 connections need 2320 open files, and this machine allows 1000" in refused.stderr


def test_a_server_may_open_as_many_files_as_it_has_connections(tmp_path: Path, migrated_sqlite_url: str) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        with serving(tmp_path, migrated_sqlite_url, "--make-secret") as (process, _):
            limits = Path(f"/proc/{process.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    soft = next(line.split()[3] for line in limits.splitlines() if line.startswith("Max open files"))
    assert int(soft) == Settings().connections_max + REFUSED_MAX + FILES_BESIDE


def test_an_unknown_setting_is_named_with_the_nearest(tmp_path: Path, sqlite_url: str) -> None:
    done = outrider(tmp_path, sqlite_url, "doctor", more={"OUTRIDER_PROT": "1"})
    assert done.returncode == 1
    assert "OUTRIDER_PROT is not a setting; the nearest is OUTRIDER_PORT" in done.stdout


def test_help_does_not_load_the_framework() -> None:
    told = "import sys; from mobile_api.cli import main; main(['--help'], standalone_mode=False); print('litestar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
