"""The whole offline day by `outrider demo`, as a user plays it: on SQLite, on PostgreSQL with two server processes, and with a fault."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.cells import cell_len

KEYS = [
    *("devices", "mutations", "applied", "merged", "parked", "rejected", "forked"),
    *("duplicates", "lost", "converged", "bytes_up", "bytes_down"),
]
RESULTS = ("applied", "merged", "parked", "rejected", "forked")
ROOT = Path(__file__).parents[2]
DEMO = "from mobile_api.cli import main; main()"


def environment(language: str, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OUTRIDER_", "LC_"))}
    return {**inherited, "LANG": language, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


def demo(folder: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the demo in a folder of its own."""
    command = [sys.executable, "-c", DEMO, "demo", "--once", "--json", *options]
    told = environment("en_US.UTF-8", **more)
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, encoding="utf-8", timeout=90, check=False)


def told_by(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


def judged(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """A day on which nothing went wrong."""
    assert run.returncode == 0, run.stdout + run.stderr
    told = told_by(run)
    assert list(told) == KEYS
    assert (told["lost"], told["converged"]) == (0, True)
    assert sum(told[name] for name in RESULTS) == told["mutations"] >= 60
    assert told["devices"] >= 6
    assert all(told[name] >= 1 for name in (*RESULTS, "duplicates", "bytes_up", "bytes_down"))
    assert "✗" not in run.stdout
    return told


class Days(NamedTuple):
    """Two days over one organisation: the first finds its port busy, the second is Chinese and stays up."""

    folder: Path
    busy_port: int
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    """Ended by Ctrl-C."""
    address: str
    status: int
    """What the server answered at `address` before Ctrl-C."""


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("days")
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        busy_port: int = busy.getsockname()[1]
        first = demo(folder, OUTRIDER_PORT=str(busy_port))
    return Days(folder, busy_port, first, *staying(folder))


def staying(folder: Path) -> tuple[subprocess.CompletedProcess[str], str, int]:
    """A day that is played and then ended by Ctrl-C: what it said, where its server was, and what that answered."""
    command = [sys.executable, "-c", DEMO, "demo", "--json"]
    with (folder / "errors").open("w+", encoding="utf-8") as errors:
        run = subprocess.Popen(
            command, cwd=folder, env=environment("zh_CN.UTF-8"), stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        )
        assert run.stdout is not None
        lines = []
        for line in run.stdout:
            lines.append(line)
            if line.startswith("{"):
                break
        address = next(line.strip().partition("#")[0] for line in lines if "/#organisation=" in line)
        with urllib.request.urlopen(f"{address}ready") as answer:  # noqa: S310 - our own address
            status: int = answer.status
        run.send_signal(signal.SIGINT)
        code = run.wait(30)
        run.stdout.close()
        errors.seek(0)
        return subprocess.CompletedProcess(command, code, "".join(lines), errors.read()), address, status


def test_the_day_on_sqlite_twice_over_the_same_organisation(days: Days) -> None:
    assert judged(days.first)["mutations"] == judged(days.second)["mutations"]
    for run in (days.first, days.second):
        lines = run.stdout.splitlines()[:-1]
        assert len(lines) <= 40
        assert max(map(cell_len, lines)) <= 100
    assert "王芳" in days.second.stdout
    assert "Wang Fang" in days.first.stdout


def test_secrets_of_the_demo_are_for_its_owner_alone(days: Days) -> None:
    folder = days.folder / ".outrider"
    passwords = json.loads((folder / "demo.accounts.json").read_text())["passwords"]
    for name in ("demo.accounts.json", "demo.secret"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    log = (folder / "server.log").read_text()
    assert log
    assert not any(password in log for password in passwords.values())


def test_ctrl_c_ends_server_and_demo(days: Days) -> None:
    assert (days.status, days.second.returncode) == (200, 0)
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{days.address}ready")  # noqa: S310


def test_a_busy_port_is_told_and_the_next_is_taken(days: Days) -> None:
    judged(days.first)
    assert f"Port {days.busy_port} is busy; using " in days.first.stderr
    assert f"http://127.0.0.1:{days.busy_port}/" not in days.first.stdout


def test_the_day_on_postgresql_with_two_server_processes(tmp_path: Path, postgres_url: str) -> None:
    run = demo(tmp_path, OUTRIDER_DATABASE_URL=postgres_url, OUTRIDER_WORKERS="2")
    judged(run)
    assert "2 server process(es) on PostgreSQL" in run.stdout


def test_a_silent_winner_is_called_a_loss(tmp_path: Path) -> None:
    """The oracle can fail: on a server where nothing conflicts, values vanish and it names them."""
    run = demo(tmp_path, "--server-module", "tests.plants.silent_winner")
    told = told_by(run)
    assert run.returncode == 1
    assert told["lost"] >= 1
    assert "LOST" in run.stdout
    assert "lost: " in run.stdout


def test_a_server_that_does_not_start_is_told_in_words(tmp_path: Path) -> None:
    run = demo(tmp_path, "--server-module", "tests.plants")
    assert run.returncode == 1
    assert "The day could not be played" in run.stderr


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("OUTRIDER_DATABSE_URL", "x", "OUTRIDER_DATABASE_URL"),
        ("OUTRIDER_DATABASE_URL", "postgresql://nobody:hush@127.0.0.1:1/none", "the database cannot be prepared"),
    ],
)
def test_what_cannot_work_is_told_in_words(tmp_path: Path, setting: str, value: str, words: str) -> None:
    run = demo(tmp_path, **{setting: value})
    assert run.returncode == 1
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert "hush" not in run.stderr
