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
    *("pushed", "push_lost", "push_irrelevant", "broken"),
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
    assert (told["push_lost"], told["push_irrelevant"], told["broken"]) == (0, 0, 0)
    assert told["pushed"] >= 4, "the instruction at two phones, a reminder at two"
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
        address = next(line.strip().partition("app/#")[0] for line in lines if "/app/#organisation=" in line)
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
        assert len(lines) <= 44
        assert max(map(cell_len, lines)) <= 100
    assert "✓ Zhou Min instructed Wang Fang and Li Qiang (offline)" in days.first.stdout
    assert "✓ At 08:00 Chen Jing was reminded of " in days.first.stdout
    assert "✓ At 08:00 Wang Fang was reminded of " in days.first.stdout
    assert "✓ Li Qiang had done the step at " in days.first.stdout
    assert "✓ Offline, Sun Yue won 夫子庙文具行" in days.first.stdout
    assert " at once: one has it, the other knows who" in days.first.stdout
    assert "✓ 孙悦 离线认领：得 夫子庙文具行" in days.second.stdout
    assert f"; {told_by(days.first)['pushed']} pushes: 0 lost, 0 in vain" in days.first.stdout
    assert days.second.stdout.count("✓ 08:00 提醒 ") == 2
    assert "已离线完成对" in days.second.stdout
    assert "✓ 周敏 指示 王芳 和离线的 李强" in days.second.stdout
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


def test_what_the_report_opens_in_a_browser_carries_a_one_time_code_and_no_password(days: Days) -> None:
    passwords = json.loads((days.folder / ".outrider" / "demo.accounts.json").read_text())["passwords"]
    links = [line for run in (days.first, days.second) for line in run.stdout.splitlines() if "http" in line and "--url" not in line]
    assert [app for line in links for app in ("/app/", "/desk/") if app in line] == ["/app/", "/desk/"] * 2
    assert sum("#organisation=demo&code=" in line for line in links) == 2, "and none once the server has ended"
    assert not any(password in line for password in passwords.values() for line in links)


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


def test_a_silent_winner_is_called_a_loss_and_a_push_in_vain_is_counted(tmp_path: Path) -> None:
    """The oracle can fail: on a server where nothing conflicts, values vanish and it names them. The push of a server that reminds
    a rep of what the rep has done is in vain, and its line in the report is not true. Nor is that of the visit offered to nobody."""
    run = demo(tmp_path, "--server-module", "tests.plants.careless")
    told = told_by(run)
    assert run.returncode == 1
    assert told["lost"] >= 1
    assert "LOST" in run.stdout
    assert "lost: " in run.stdout
    assert (told["push_lost"], told["push_irrelevant"]) == (0, 1)
    assert "✗ Li Qiang had done the step at " in run.stdout
    assert "✗ Offline, Sun Yue won " in run.stdout
    assert "✗ Wang Fang's earlier visit arrived late" in run.stdout
    assert told["broken"] >= 3


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
