"""A resync storm over real HTTP: many devices begin anew after a restore while five reps go on working (invariant 45)."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import structs

from mobile_api.app import create_app
from server import chance
from server.database import Database, open_database
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from server.models import identity
from server.settings import Settings
from shared_schema.registry import BY_NAME
from shared_schema.wire import ANSWER_DECODER, Kind
from sync import device
from sync.cursor import Place, after, seal
from sync.device import Edit
from sync.shelf import MemoryShelf, Seat
from tests.integration.loopback import served
from tests.integration.site import SECRET
from tests.world import Phone, World

pytestmark = pytest.mark.anyio
DEVICES: Final = 32
AT_ONCE: Final = 4
"""Devices that begin anew at the same time."""
USERS: Final = 4
CUSTOMERS: Final = 40
REPS: Final = 5
PUSHES: Final = 6
PAGE_BYTES: Final = 8 * 1024
SIGNER = Signer(SECRET)
SESSION = bytes(range(16))


class Line:
    """One device line with an app of its own; it connects anew for each round, as a phone does after a wait."""

    def __init__(self, claims: Claims) -> None:
        self.shelf = MemoryShelf()
        self.shelf.put_seat(Seat(claims.org_id, claims.user_id, claims.line_no))
        token, _ = tokens.sign(SIGNER, structs.replace(claims, session_id=SESSION), chance.new_id(), chance.now_ms())
        self.head = f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.msgpack\r\nAuthorization: Bearer {token}\r\n"
        self.refusals = 0

    @property
    def line_no(self) -> int:
        return self.shelf.seat().line_no

    def enter(self, name: str) -> None:
        device.enter(self.shelf, [Edit(Kind.create, BY_NAME["customer"], chance.new_id(), {"name": name})], chance.now_ms())

    async def sync(self, address: tuple[str, int], refused: Callable[[int], None] | None = None) -> None:
        """Sync to the end, as patient as the server asks. `refused` hears of each wait; a device that names nobody must not be told to."""
        complete = False
        while not complete:
            head, body = await self._round(address)
            if refused is not None and head.startswith("http/1.1 503"):
                self.refusals += 1
                refused(self.line_no)
                wait_s = int(re.search(r"retry-after: (\d+)", head)[1])  # type: ignore[index]
                await asyncio.sleep(wait_s + chance.up_to(200) / 1_000)
                continue
            assert head.startswith("http/1.1 200"), body
            answer = ANSWER_DECODER.decode(body)
            assert device.apply(self.shelf, answer)
            complete = answer.consistent and not device.request(self.shelf, 0, "storm").mutations

    async def _round(self, address: tuple[str, int]) -> tuple[str, bytes]:
        """Head and body of one answer."""
        reader, writer = await asyncio.open_connection(*address)
        asked = msgspec.msgpack.encode(device.request(self.shelf, chance.now_ms(), "storm", PAGE_BYTES))
        writer.write(f"{self.head}Connection: close\r\nContent-Length: {len(asked)}\r\n\r\n".encode() + asked)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))  # type: ignore[index]
        writer.close()
        return head, body


class Inside:
    """Where a device of the storm that was let in stays until all are let go: a slow database, as long as the test likes."""

    def __init__(self, database: Database, storm: list[Line]) -> None:
        self.lines = {line.line_no for line in storm}
        self.entered: set[int] = set()
        self.refused: set[int] = set()
        self.known = asyncio.Event()
        """Of each device it is known whether it came in."""
        self._read, self._loop, self._go = database.read, asyncio.get_running_loop(), threading.Event()

    async def read(self, unit: Any, *asked: Any, **named: Any) -> Any:
        """In place of the server's read."""
        line_no = next((one.line_no for one in asked if isinstance(one, Claims)), 0)
        if line_no in self.lines and not self._go.is_set():
            self._loop.call_soon_threadsafe(self._heard, self.entered, line_no)
            await asyncio.to_thread(self._go.wait)
        return await self._read(unit, *asked, **named)

    def wait(self, line_no: int) -> None:
        """A device was told to wait."""
        self._heard(self.refused, line_no)

    def _heard(self, whom: set[int], line_no: int) -> None:
        whom.add(line_no)
        if self.entered | self.refused == self.lines:
            self.known.set()

    def let_go(self) -> None:
        self._go.set()


class Scene(NamedTuple):
    """Who storms, and who goes on working."""

    world: World
    storm: list[Line]
    reps: list[Line]
    expected: dict[bytes, Counter[str]]


async def scene(database: Database) -> Scene:
    """An organisation restored to epoch 7: the storm's cursors are of epoch 6, or lost, and each device has an entry to send."""
    world = await World(database).open()
    expected: dict[bytes, Counter[str]] = {}
    storm: list[Line] = []
    for number in range(USERS):
        user_id = await world.user(f"user {number}")
        first = await world.phone(user_id)
        first.enter(*(Edit(Kind.create, BY_NAME["customer"], next(world.ids), {"name": f"Shop {each}"}) for each in range(CUSTOMERS)))
        await first.sync()
        expected[user_id] = Counter(f"Shop {each}" for each in range(CUSTOMERS))
        for each in range(DEVICES // USERS):
            line = Line((await world.phone(user_id)).claims)
            line.enter(f"Entered on {number}/{each}")
            expected[user_id][f"Entered on {number}/{each}"] += 1
            if each % 2:
                seat = line.shelf.seat()
                owner = (6, seat.org_id, seat.user_id, seat.line_no, 0)
                seat.cursor = seal(after(owner, [Place(1, 5, 5)]), SIGNER.cursor_key)
                line.shelf.put_seat(seat)
            storm.append(line)
    reps = [Line((await world.phone(await world.user(f"rep {number}"))).claims) for number in range(REPS)]
    await database.write(_begin_sessions)
    return Scene(world, storm, reps, expected)


def _begin_sessions(conn: sa.Connection) -> None:
    """Everybody is signed in."""
    conn.execute(sa.update(identity.device).values(session_id=SESSION))


async def work(line: Line, address: tuple[str, int]) -> None:
    """A rep enters one thing after the other, and is never told to wait."""
    for number in range(PUSHES):
        line.enter(f"Visited {number}")
        await line.sync(address)


@asynccontextmanager
async def storming(address: tuple[str, int], storm: list[Line], inside: Inside) -> AsyncIterator[None]:
    """Everybody begins anew at once; inside the block some have been let in, the others told to wait. At its end all are through."""
    devices = asyncio.gather(*(line.sync(address, inside.wait) for line in storm))
    known = asyncio.create_task(inside.known.wait())
    try:
        await asyncio.wait((devices, known), return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        known.cancel()
        inside.let_go()
        await devices


async def names(world: World, user_id: bytes) -> tuple[Counter[str], Phone]:
    """What a fresh phone of the user shows."""
    fresh = await world.phone(user_id)
    await fresh.sync()
    return Counter(fresh.customer(key[1]).name for key in fresh.holds() if key[0] == 1), fresh


async def test_a_storm_of_devices_that_begin_anew_delays_and_loses_nothing(
    database: Database, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-709, P-707: some wait, none is starved, each entry is taken once; who goes on working gets through beside those who are inside."""
    storm = await scene(database)
    served_by = open_database(migrated_url)
    inside = Inside(served_by, storm.storm)
    monkeypatch.setattr(served_by, "read", inside.read)
    settings = Settings(database_url=migrated_url, first_syncs_max=AT_ONCE, busy_wait_s=1)
    with served(create_app(settings, served_by, SIGNER)) as address:
        for rep in storm.reps:  # their own first syncs are no part of the storm
            await rep.sync(address)
        async with storming(address, storm.storm, inside):
            assert len(inside.entered) == AT_ONCE
            await asyncio.gather(*(work(rep, address) for rep in storm.reps))
            assert len(inside.entered) == AT_ONCE, "nobody has left, and nobody came in beyond the bound"
        await asyncio.gather(*(line.sync(address, inside.wait) for line in storm.storm))
    for user_id, expected in storm.expected.items():
        shown, fresh = await names(storm.world, user_id)
        assert shown == expected
        lines = [line for line in storm.storm if line.shelf.seat().user_id == user_id]
        assert all(dict(line.shelf.rows(1)) == dict(fresh.shelf.rows(1)) for line in lines)
    for rep in storm.reps:
        shown, _ = await names(storm.world, rep.shelf.seat().user_id)
        assert shown == Counter(f"Visited {number}" for number in range(PUSHES))
