"""The whole way, through the real SDK to a provider on loopback: each answer has its reaction, and a killed worker loses nothing."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mobile_api import push_numbers
from mobile_api.cli import main
from mobile_api.phone.day.fake_fcm import ANSWERS, FakeFcm, fake_fcm
from notifications.plan import PUSHES_AN_HOUR_MAX
from server.database import Database
from server.jobs.channels import ways
from server.jobs.push import Sender
from server.jobs.sending import Sending
from server.models import push, push_target
from server.settings import Settings
from server.store import outbox, providers
from tests.push.ear import reach
from tests.world import Team, team_of

ROOT = Path(__file__).parents[2]
STATES = {
    "taken": "sent",
    "unregistered": "dead_gone",
    "nothing there": "due",
    "bad message": "dead_taken",
    "bad target": "due",
    "other sender": "dead_other_sender",
    "forbidden": "due",
    "unknown key": "due",
    "other platform": "due",
    "too many": "due",
    "ill": "due",
    "busy": "due",
    "cut": "due",
    "silent": "due",
}
"""Answer of the provider → what becomes of the push at its first try."""


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFcm]:
    """Serve; the SDK trusts the certificate."""
    with fake_fcm(tmp_path) as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
        monkeypatch.setattr("notifications.channels.fcm.TIMEOUT_S", 1)
        yield made


def settings_of(provider: FakeFcm, folder: Path, url: str = "sqlite:///none.db") -> Settings:
    """The settings of a worker that sends to this provider."""
    (file := folder / "account.json").write_text(json.dumps(provider.account))
    return Settings(database_url=url, push_fcm_account=str(file), push_fcm_url=provider.url)


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setattr("notifications.plan.PUSHES_AN_HOUR_MAX", 10_000)
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


async def drain(team: Team, settings: Settings) -> None:
    sending = Sending(settings)
    try:
        await Sender(team.world.database, sending, ways(settings)).drain()
    finally:
        await sending.close()


async def rows(team: Team) -> dict[int, Any]:
    """The rows of devices by their lines."""
    found = await team.world.database.read(lambda conn: list(conn.execute(sa.select(push).where(push.c.line_no > 0))))
    return {row.line_no: row for row in found}


async def test_every_answer_has_its_reaction_in_the_outbox(team: Team, provider: FakeFcm, tmp_path: Path) -> None:
    """D-944: over the real SDK. The one that is named as gone goes, and no other target."""
    provider.answers.update(ANSWERS)
    names: dict[int, str] = {}
    began_ms = team.world.now_ms
    for name in STATES:
        phone = await team.world.phone(await team.world.user(name.replace(" ", "-")))
        await reach(phone, name)
        names[phone.claims.line_no] = name
        customer_id = team.ann.create("customer", name=f"Shop {name}")
        await team.ann.sync()
        await team.move(phone, customer_id)
        settings = settings_of(provider, tmp_path)
        await drain(team, settings)
        team.world.now_ms += 20 * 60_000  # a pause, or a breaker, of the one before is over
    found = await rows(team)
    stands = {line_no: "due" if row.state == "doubted" else row.state for line_no, row in found.items()}  # by the word of its last try
    first = {names[line_no]: stands[line_no] for line_no, row in found.items() if line_no in names and (row.fails or 0) <= 1}
    assert set(STATES) - set(first) <= {name for name, state in STATES.items() if state == "due"}
    for line_no, name in names.items():
        assert stands[line_no] == STATES[name], name
    left = await team.world.database.read(lambda conn: set(conn.execute(sa.select(push_target.c.address)).scalars()))
    assert left == set(STATES) - {"unregistered"}
    assert team.world.now_ms > began_ms


async def test_retry_after_is_honoured_within_a_tenth(team: Team, provider: FakeFcm, tmp_path: Path) -> None:
    """D-944: 90 seconds, told by the provider, for everything that goes there, at the first try as at the sixth."""
    provider.answers.update(ANSWERS)
    await reach(team.bo, "too many")
    await team.move(team.bo)
    for _ in range(6):
        await drain(team, settings_of(provider, tmp_path))
        due_ms = await team.world.database.read(outbox.next_due_ms)
        assert due_ms is not None
        assert 90_000 <= due_ms - team.world.now_ms <= 99_000
        standing = (await team.world.database.read(providers.standings))[0, "fcm"]
        assert standing.breaker.paused_until_ms - team.world.now_ms == 90_000
        team.world.now_ms = due_ms


async def test_a_failing_target_among_many_delays_no_other(team: Team, provider: FakeFcm, tmp_path: Path) -> None:
    """One is ill (the SDK tries it for seven seconds), one never answers; the others arrive as if they were alone."""
    provider.answers.update({"ill": ANSWERS["ill"], "silent": ANSWERS["silent"]})
    phones = [await team.world.phone(team.bo.user_id) for _ in range(10)]
    for at, phone in enumerate(phones):
        await reach(phone, {0: "ill", 1: "silent"}.get(at, f"quick {at}"))
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(6)]
    await team.ann.sync()
    for customer_id in ids:
        await team.move(team.bo, customer_id)
    settings = settings_of(provider, tmp_path)
    sending = Sending(settings)
    sender = Sender(team.world.database, sending, ways(settings))
    working = asyncio.create_task(sender.run())
    began_s = time.monotonic()
    while sum(one.target.startswith("quick") for one in provider.asked) < 8 * 6:
        await asyncio.sleep(0.01)
        assert time.monotonic() - began_s < 30
    first_s = min(one.at_s for one in provider.asked)
    quick = [one.at_s - first_s for one in provider.asked if one.target.startswith("quick")]
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await sending.close()
    assert max(quick) < 4, "seven seconds is what one ill target takes"


async def test_a_provider_that_hangs_holds_up_no_other_channel(
    team: Team, provider: FakeFcm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-944: Firebase answers nobody; a user whom no device reaches is told by the log meanwhile."""
    monkeypatch.setattr("server.jobs.push.SENDS_MAX", 2)
    monkeypatch.setattr("notifications.channels.fcm.TIMEOUT_S", 60)
    provider.answers.update(dict.fromkeys(("first", "second", "third"), ANSWERS["silent"]))
    for name in ("first", "second", "third"):
        await reach(await team.world.phone(team.bo.user_id), name)
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(2)]
    await team.ann.sync()
    await team.move(team.bo, ids[0])
    sending = Sending(settings_of(provider, tmp_path))
    sender = Sender(team.world.database, sending, ways(settings_of(provider, tmp_path)))
    await sender.turn()
    cleo = await team.world.user("cleo")
    await team.move(await team.world.phone(cleo), ids[1])
    for _ in range(4):
        await sender.turn()
        await asyncio.gather(*(task for task, one in sender._under_way.items() if one.channel != "fcm"))
    hanging = [task for task, one in sender._under_way.items() if one.channel == "fcm"]
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await sending.close()
    logged = sa.select(push.c.state).where(push.c.user_id == cleo, push.c.channel == "log")
    assert await team.world.database.read(lambda conn: list(conn.execute(logged).scalars())) == ["sent"]
    assert len(hanging) == 2, "the third waits for room"


def numbers(standings: Any, due: int) -> str:
    return push_numbers.text(standings, due, 0).decode()


async def test_the_numbers_tell_what_was_sent_and_how_late(team: Team, provider: FakeFcm, tmp_path: Path) -> None:
    await reach(team.bo, "phone")
    await team.move(team.bo)
    team.world.now_ms += 1_500
    await drain(team, settings_of(provider, tmp_path))
    told = numbers(await team.world.database.read(providers.standings), 3)
    assert "outrider_push_due 3.0" in told
    assert 'outrider_push_taken_total{provider="fcm"} 1.0' in told
    assert 'outrider_push_lag_seconds{provider="fcm",quantile="0.99"} 1.5' in told
    assert 'outrider_push_breaker{provider="fcm"} 0.0' in told


def worker(settings: Settings, folder: Path, provider: FakeFcm) -> "subprocess.Popen[str]":
    """A worker in a process of its own, at work."""
    (file := folder / "settings.json").write_bytes(msgspec.json.encode(settings))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.push.worker_process", str(file)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"SSL_CERT_FILE": str(provider.certificate), "PATH": "", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


async def test_a_killed_worker_loses_nothing(database: Database, migrated_url: str, provider: FakeFcm, tmp_path: Path) -> None:
    """D-944: SIGKILL with sends in flight. Each notice arrives; what comes twice has the same id and was in flight."""
    team = await team_of(database)
    team.world.now_ms = time.time_ns() // 1_000_000
    await reach(team.bo, "phone")
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(PUSHES_AN_HOUR_MAX - 2)]
    await team.ann.sync()
    for customer_id in ids:
        await team.move(team.bo, customer_id)
    settings = settings_of(provider, tmp_path, migrated_url)
    provider.answers["phone"] = ANSWERS["silent"]
    kills = 0
    for _ in range(3):
        process = worker(settings, tmp_path, provider)
        seen, until_s = len(provider.asked), time.monotonic() + 30
        while len(provider.asked) == seen and time.monotonic() < until_s:
            await asyncio.to_thread(time.sleep, 0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += len(provider.asked) > seen
        ended = sa.update(push).where(push.c.state == "due").values(due_ms=0)  # a minute passes
        await database.write(lambda conn, ended=ended: conn.execute(ended).rowcount)  # type: ignore[misc]
    assert kills == 3
    provider.answers.clear()
    in_flight = Counter(one.message["data"]["id"] for one in provider.asked)
    provider.asked.clear()
    process = worker(settings, tmp_path, provider)
    until_s = time.monotonic() + 60
    while time.monotonic() < until_s and await database.read(waiting):
        await asyncio.to_thread(time.sleep, 0.05)
    process.communicate("")
    arrived = Counter(one.message["data"]["id"] for one in provider.asked if one.message["data"]["kind"] == "assigned")
    assert len(arrived) == len(ids)
    assert all(count == 1 for count in arrived.values())
    assert set(in_flight) <= {one.message["data"]["id"] for one in provider.asked}
    assert sum(in_flight.values()) <= 3 * 64


def waiting(conn: sa.Connection) -> bool:
    """Whether a push is not settled."""
    return conn.execute(sa.select(push.c.line_no).where(push.c.state == "due").limit(1)).scalar() is not None


async def test_an_operator_tries_a_push_and_is_told_in_words(
    team: Team, migrated_url: str, provider: FakeFcm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reach(team.bo, "phone")
    settings = settings_of(provider, tmp_path, migrated_url)
    for name in ("database_url", "push_fcm_account", "push_fcm_url"):
        monkeypatch.setenv(f"OUTRIDER_{name.upper()}", str(getattr(settings, name)))
    asked = ["notify", "test", "--organisation", "org1", "--user"]
    told = await asyncio.to_thread(CliRunner().invoke, main, [*asked, "bo"])
    assert told.exit_code == 0, told.output
    assert f"line {team.bo.claims.line_no}, fcm: sent; the provider took it" in told.output
    assert [one.message["notification"]["body"] for one in provider.taken()] == ["A push arrived: this is a test"]
    nobody = await asyncio.to_thread(CliRunner().invoke, main, [*asked, "nobody"])
    assert (nobody.exit_code, "no such organisation or account" in nobody.output) == (1, True)
