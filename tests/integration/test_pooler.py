"""Behind a real PgBouncer: every entry is applied, hints go past it or the devices are told nothing, and every command works."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest
import sqlalchemy as sa

from mobile_api.phone.phone import Phone
from server.database import Database, open_database, pooled
from server.models import change, device, payload
from server.settings import signing_key
from server.store import schema
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.loopback import NO_TLS
from tests.integration.pooler import Program, pooler, program
from tests.integration.site import PASSWORD, Site, beside
from tests.integration.test_serve import serving
from tests.operator import outrider
from tests.world import World

PHONES: Final = 8
ROUNDS: Final = 4
HEARD_S: Final = 20.0
SESSIONS: Final = {"transaction": 4, "session": 48}
"""Of the pooler: in transaction mode fewer than the phones, in session mode enough for each connection of two processes."""


def entered(folder: Path) -> Path:
    """The pooler is somebody else when the tests are root."""
    for each in (folder, *list(folder.parents)[:2]):
        each.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def pgbouncer(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program, fetched once."""
    return program(entered(tmp_path_factory.mktemp("pgbouncer")))


@pytest.fixture(params=SESSIONS)
def between(
    request: pytest.FixtureRequest, pgbouncer: Program, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[str]:
    """The URL of an empty database through a pooler of each mode in turn."""
    folder = entered(tmp_path_factory.mktemp("pooler")) / "pooler"
    with pooler(pgbouncer, folder, postgres_url, request.param, SESSIONS[request.param]) as url:
        yield url


def founded(folder: Path, url: str, port: int) -> Site:
    """An organisation made by the command, and a rep for each phone made at the desk; all through the pooler."""
    words = ("--login", "acme", "--name", "Acme", "--account", "root")
    told = outrider(folder, url, "admin", "create-organisation", *words)
    assert told.returncode == 0, told.stderr
    password = next(line.split()[1] for line in told.stdout.splitlines() if line.startswith("password"))
    site = Site(url, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, verify=NO_TLS), {})
    boss = site.caller("acme", "root")
    assert boss.log_in(password).status_code == 200
    for at in range(PHONES):
        site.user(boss, f"rep{at}")
    return site


def work(folder: Path, address: str, at: int, failed: list[BaseException]) -> None:
    """A phone that enters and changes shops, and syncs after each; whatever fails is told."""
    phone = Phone(folder / f"{at}.db")
    try:
        phone.sign_in(address, "acme", f"rep{at}", PASSWORD, "test")
        for number in range(ROUNDS):
            shop = phone.new_id()
            phone.enter([Edit(Kind.create, BY_RECORD[Customer], shop, {"name": f"Shop {at} {number}"})])
            phone.sync()
            phone.enter([Edit(Kind.patch, BY_RECORD[Customer], shop, {"phone": str(number)})])
            phone.sync()
        assert phone.waiting() == 0
        assert phone.inbox() == []
        assert sorted(one.name for one in phone.views(Customer)) == sorted(f"Shop {at} {number}" for number in range(ROUNDS))
        assert all(one.phone for one in phone.views(Customer))
    except BaseException as error:  # noqa: BLE001 - told in the thread of the test
        failed.append(error)
    finally:
        phone.close()


def test_every_entry_of_many_phones_is_applied(tmp_path: Path, between: str, postgres_url: str) -> None:
    """P-323: a statement that another session does not know is no entry's fault, and none is lost to it: there are no such statements."""
    assert outrider(tmp_path, between, "migrate").returncode == 0
    with serving(tmp_path, between, "--make-secret", "--workers", "2") as (_, port):
        site = founded(tmp_path, between, port)
        failed: list[BaseException] = []
        address = f"http://127.0.0.1:{port}"
        phones = [threading.Thread(target=work, args=(tmp_path, address, at, failed)) for at in range(PHONES)]
        for each in phones:
            each.start()
        for each in phones:
            each.join()
        site.http.close()
    assert failed == []
    assert beside(postgres_url, _read) == (0, 0, PHONES * ROUNDS)


async def _read(database: Database) -> tuple[int, int, int]:
    """Entries that were refused or parked, lines on which the server failed, and changes that were taken."""

    def counted(conn: sa.Connection) -> tuple[int, int, int]:
        refused = conn.execute(sa.select(sa.func.count()).select_from(payload)).scalar_one()
        broken = conn.execute(sa.select(sa.func.count()).where(device.c.failed_tries > 0)).scalar_one()
        taken = conn.execute(sa.select(sa.func.count()).where(change.c.group_name == "phone")).scalar_one()
        return refused, broken, taken

    return await database.read(counted)


def test_every_command_works_through_it(tmp_path: Path, between: str, postgres_url: str) -> None:
    signing_key(tmp_path / "key", make=True)
    assert "they were at nothing" in outrider(tmp_path, between, "migrate").stdout
    assert outrider(tmp_path, between, "admin", "create-organisation", "--login", "a", "--name", "A", "--account", "b").returncode == 0
    told = outrider(tmp_path, between, "doctor")
    assert told.returncode == 0, told.stdout
    assert "✔ pooler" in told.stdout
    assert "OUTRIDER_LISTEN_URL" in told.stdout
    past = json.loads(outrider(tmp_path, between, "doctor", "--json", more={"OUTRIDER_LISTEN_URL": postgres_url}).stdout)
    assert next(one["told"] for one in past if one["name"] == "pooler").endswith("hints between processes go past it")
    lost = outrider(tmp_path, between, "doctor", more={"OUTRIDER_LISTEN_URL": "postgresql://nobody:hush-hush@127.0.0.1:1/none"})
    assert "✘ pooler" in lost.stdout
    assert "hush-hush" not in lost.stdout
    file = tmp_path / "one.backup"
    reset = ("admin", "reset-password", "--organisation", "a", "--account", "b")
    for words in (("backup", str(file)), ("restore", str(file), "--replace"), reset):
        done = outrider(tmp_path, between, *words)
        assert done.returncode == 0, done.stderr


@contextmanager
def two(url: str, listen_url: str) -> Iterator[tuple[Database, Database]]:
    yield open_database(url, listen_url), open_database(url, listen_url)


@pytest.mark.anyio
async def test_hints_go_past_it(between: str, postgres_url: str) -> None:
    """P-802: what one process writes through the pooler is heard by another at the direct address."""
    await schema.migrate(between)
    rung = asyncio.Event()
    with two(between, postgres_url) as (here, there):
        world = await World(here).open()
        async with here.listening(lambda _: None), there.listening(lambda _: rung.set()), asyncio.timeout(HEARD_S):
            while not rung.is_set():
                await world.user(f"user{next(world.lines)}")
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), 0.1)
        for each in (here, there):
            await each.close()


@pytest.mark.anyio
async def test_without_an_address_past_it_nobody_listens_and_the_log_says_so(
    between: str, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """P-804: devices look for themselves; a LISTEN in a session that is lent to others would be lost or stay behind."""
    await schema.migrate(between)
    said = threading.Event()

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "OUTRIDER_LISTEN_URL" in record.getMessage():
                said.set()

    heard = Heard()
    logging.getLogger("outrider.wake").addHandler(heard)
    direct = open_database(postgres_url)
    with two(between, "") as (here, there):
        async with here.listening(lambda _: None):
            assert await asyncio.to_thread(said.wait, HEARD_S)
            world = await World(here).open()
            await world.user("ann")
            asked = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query ~* '^(listen|set )'"
            assert await direct.read(lambda conn: conn.exec_driver_sql(asked).all()) == []
        for each in (here, there, direct):
            await each.close()
    logging.getLogger("outrider.wake").removeHandler(heard)


@pytest.mark.anyio
async def test_a_pooler_is_seen_and_nothing_stays_behind_in_its_sessions(between: str, postgres_url: str) -> None:
    """Straight at the database statements stay prepared, which saves a round trip each; through a pooler none does."""
    asked = "SELECT count(*) FROM pg_prepared_statements"
    kept: dict[bool, list[int]] = {}
    for url in (postgres_url, between):
        database = open_database(url)
        seen = await database.read(pooled)
        kept[seen] = [await database.read(lambda conn: int(conn.exec_driver_sql(asked).scalar_one())) for _ in range(3)]
        await database.close()
    assert min(kept[False]) > 0
    assert kept[True] == [0, 0, 0]
