"""A resync storm over real HTTP: two hundred devices begin anew after a restore while five reps go on working (invariant 45)."""

import asyncio
import re
import time
from collections import Counter
from typing import NamedTuple

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
DEVICES = {"sqlite": 200, "postgresql": 60}
USERS = 4
CUSTOMERS = 40
REPS = 5
PUSHES = 20
PAGE_BYTES = 8 * 1024
BUSY_WAIT_S = 4
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

    def enter(self, name: str) -> None:
        device.enter(self.shelf, [Edit(Kind.create, BY_NAME["customer"], chance.new_id(), {"name": name})], chance.now_ms())

    async def sync(self, address: tuple[str, int]) -> list[float]:
        """Sync to the end, as patient as the server asks; the seconds of each round."""
        seconds: list[float] = []
        complete = False
        while not complete:
            reader, writer = await asyncio.open_connection(*address)
            asked = msgspec.msgpack.encode(device.request(self.shelf, chance.now_ms(), "storm", PAGE_BYTES))
            began = time.perf_counter()
            writer.write(f"{self.head}Connection: close\r\nContent-Length: {len(asked)}\r\n\r\n".encode() + asked)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            body = await reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))  # type: ignore[index]
            seconds.append(time.perf_counter() - began)
            writer.close()
            if head.startswith("http/1.1 503"):
                self.refusals += 1
                wait_s = int(re.search(r"retry-after: (\d+)", head)[1])  # type: ignore[index]
                await asyncio.sleep(wait_s + chance.up_to(1_000) / 1_000)
                continue
            assert head.startswith("http/1.1 200"), body
            answer = ANSWER_DECODER.decode(body)
            assert device.apply(self.shelf, answer)
            complete = answer.consistent and not device.request(self.shelf, 0, "storm").mutations
        return seconds


class Scene(NamedTuple):
    """Who storms, and who goes on working."""

    world: World
    storm: list[Line]
    reps: list[Line]
    expected: dict[bytes, Counter[str]]


async def scene(database: Database, devices: int) -> Scene:
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
        for each in range(devices // USERS):
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


async def work(line: Line, address: tuple[str, int], name: str) -> list[float]:
    """A rep enters one thing after the other; the seconds of each round trip."""
    seconds: list[float] = []
    for number in range(PUSHES):
        line.enter(f"{name} {number}")
        seconds += await line.sync(address)
        await asyncio.sleep(0.02)
    return seconds


async def all_work(reps: list[Line], address: tuple[str, int], name: str) -> float:
    """The 95th percentile of the reps' round trips, in seconds."""
    found = sorted(one for each in await asyncio.gather(*(work(rep, address, name) for rep in reps)) for one in each)
    return found[len(found) * 95 // 100]


async def names(world: World, user_id: bytes) -> tuple[Counter[str], Phone]:
    """What a fresh phone of the user shows."""
    fresh = await world.phone(user_id)
    await fresh.sync()
    return Counter(fresh.customer(key[1]).name for key in fresh.holds() if key[0] == 1), fresh


async def test_a_storm_of_devices_that_begin_anew_delays_and_loses_nothing(database: Database, migrated_url: str) -> None:
    """P-709, P-707: some wait, none is starved, each entry is taken once."""
    devices = DEVICES[database.dialect]
    storm = await scene(database, devices)
    settings = Settings(database_url=migrated_url, first_syncs_max=4, busy_wait_s=BUSY_WAIT_S)
    with served(create_app(settings, open_database(migrated_url), SIGNER)) as address:
        for rep in storm.reps:  # their own first syncs are no part of the quiet run
            await rep.sync(address)
        await all_work(storm.reps, address, "quiet")
        storming = asyncio.gather(*(line.sync(address) for line in storm.storm))
        loud_s = await all_work(storm.reps, address, "loud")
        await storming
        await asyncio.gather(*(line.sync(address) for line in storm.storm))
    refusals = sum(line.refusals for line in storm.storm)
    assert refusals > devices // 2, "the bound was never met"
    assert [line.refusals for line in storm.reps] == [0] * REPS, "who goes on working is not told to wait"
    assert loud_s < BUSY_WAIT_S, "a working rep waits longer than those who are told to wait"
    for user_id, expected in storm.expected.items():
        shown, fresh = await names(storm.world, user_id)
        assert shown == expected
        lines = [line for line in storm.storm if line.shelf.seat().user_id == user_id]
        assert all(dict(line.shelf.rows(1)) == dict(fresh.shelf.rows(1)) for line in lines)
    for rep in storm.reps:
        shown, _ = await names(storm.world, rep.shelf.seat().user_id)
        assert shown == Counter(f"{name} {number}" for name in ("quiet", "loud") for number in range(PUSHES))
