"""The scene of the notices proof: an organisation whose devices are reached through a provider on loopback, and workers that die."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mobile_api.phone.day.fake_fcm import FakeFcm
from server import chance
from server.database import Database
from server.domain.notifications import risen
from server.models import RECORD_TABLES, provider, push, push_target
from server.services.notices import tell
from server.settings import Settings
from server.store import load
from server.store.outbox import READER
from server.store.write import save
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.heard import Heard
from sync.rules import Actor
from sync.state import State
from tests.push.ear import reach
from tests.world import World

ROOT: Final = Path(__file__).parents[2]
NOTIFICATION: Final = BY_RECORD[Notification]
CHUNK: Final = 500
READY_S: Final = 60.0
LEASE_MS: Final = 3_000
"""A worker that was killed leaves its sends to the others after so long; the server's own lease is longer than the slowest provider."""


class Scene(Struct):
    """Readers of an organisation, each with one device."""

    world: World
    readers: list[bytes]
    addresses: list[str]

    async def tell(self, happenings: Sequence[tuple[bytes, bytes]]) -> None:
        """Let (reader, happening) be heard, each as the decision of somebody."""
        for at in range(0, len(happenings), CHUNK):
            await self.world.database.write(_told, self.world.org_id, happenings[at : at + CHUNK], chance.now_ms())

    async def end(self, ids: Sequence[bytes]) -> None:
        """What these notices ask for is done."""
        await self.world.database.write(_ended, self.world.org_id, ids, chance.now_ms())

    async def ids(self) -> set[bytes]:
        """Every notice that there is."""
        table = RECORD_TABLES[NOTIFICATION.name]
        return await self.world.database.read(lambda conn: {bytes(one) for one in conn.execute(sa.select(table.c.id)).scalars()})

    async def waiting(self) -> int:
        """Pushes that a worker still has to take."""
        return await self.world.database.read(lambda conn: _count(conn, push, push.c.due_ms.is_not(None)))

    async def planned(self) -> set[bytes]:
        """Notices that were planned for devices and are not settled."""
        mine = sa.select(push.c.notification_id).where(push.c.line_no > READER, push.c.due_ms.is_not(None))
        return await self.world.database.read(lambda conn: {bytes(one) for one in conn.execute(mine).scalars()})

    async def trust_providers(self) -> None:
        """No provider has a breaker that is open: what the storm before left would keep this one away."""
        await self.world.database.write(lambda conn: conn.execute(sa.delete(provider)).rowcount)

    async def targets(self) -> int:
        return await self.world.database.read(lambda conn: _count(conn, push_target, sa.true()))


async def opened(database: Database, counts: Sequence[int]) -> list[Scene]:
    """An organisation with so many readers for each scene, each reader with a device that is reached under its own address."""
    world = await World(database).open()
    world.now_ms = chance.now_ms()
    scenes = []
    for number, count in enumerate(counts):
        readers, addresses = [], []
        for at in range(count):
            phone = await world.phone(await world.user(f"reader{number}.{at}", Role.rep))
            readers.append(phone.user_id)
            addresses.append(await reach(phone, f"device {number} {at}"))
        scenes.append(Scene(world, readers, addresses))
    return scenes


def _told(conn: sa.Connection, org_id: int, happenings: Sequence[tuple[bytes, bytes]], now_ms: int) -> int:
    acting, state = Actor(org_id, bytes(16), 0, Role.unknown), State(load.rev_floor(conn, org_id))
    facts = {"customer": "角落小店", "actor": "李娜", "pool": "East", "reason": "far"}
    state.notices = [Heard("released", reader, happening, facts, once="proof") for reader, happening in happenings]
    tell(conn, acting, state, now_ms)
    save(conn, state, acting, now_ms)
    return len(happenings)


def _ended(conn: sa.Connection, org_id: int, ids: Sequence[bytes], now_ms: int) -> int:
    acting, state = Actor(org_id, bytes(16), 0, Role.unknown), State(load.rev_floor(conn, org_id))
    load.by_ids(conn, state, org_id, NOTIFICATION, set(ids))
    for one in [held.record for held in state.held.values() if isinstance(held.record, Notification)]:
        state.write(risen(one, NotificationState.done, now_ms))
    save(conn, state, acting, now_ms)
    return len(ids)


def _count(conn: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(which)).scalar_one())


# workers


def settings_file(fcm: FakeFcm, url: str, folder: Path) -> Path:
    """The settings of a worker that sends to this provider."""
    account, file = folder / "account.json", folder / "settings.json"
    account.write_text(json.dumps(fcm.account))
    file.write_bytes(msgspec.json.encode(Settings(database_url=url, push_fcm_account=str(account), push_fcm_url=fcm.url)))
    return file


@contextmanager
def workers(settings: Path, fcm: FakeFcm, plant: str = "", count: int = 1) -> Iterator[None]:
    """So many workers that work; they are killed at the end, in the middle of whatever they do. `plant`: the bug that they have."""
    command = [sys.executable, "-m", "tests.prove.notices_child", str(settings), str(LEASE_MS), plant]
    environment = {**os.environ, "SSL_CERT_FILE": str(fcm.certificate)}
    processes = []
    with ExitStack() as begun:
        for _ in range(count):
            begun.enter_context(
                process := subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            begun.callback(process.kill)
            processes.append(process)
        for process in processes:
            _wait_ready(process.stdout)
        yield


def _wait_ready(told: IO[bytes] | None) -> None:
    until_s = time.monotonic() + READY_S
    while told is not None and time.monotonic() < until_s:
        line = told.readline()
        if line.strip() == b"ready":
            return
        if not line:
            break
    raise RuntimeError("the worker did not begin")
