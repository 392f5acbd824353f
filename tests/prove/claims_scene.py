"""The scene of the claims proof: server processes on one database and one clock, and reps whose phones ask them over HTTP."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from mobile_api.codec import MSGPACK
from server import chance, clock
from server.database import Database
from server.domain import tokens
from server.domain.local_times import DAY_MS, HOUR_MS
from server.domain.tokens import Claims, Signer
from server.services import tables
from server.store import devices
from shared_schema.records.customer import Release
from shared_schema.records.pool import Pool, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.twin import id_text
from shared_schema.wire import ANSWER_DECODER, ENCODER, SyncAnswer, SyncRequest
from sync import device
from tests.integration.loopback import NO_TLS
from tests.integration.site import SECRET
from tests.world import Phone, World, said

ROOT: Final = Path(__file__).parents[2]
SERVERS: Final = {"sqlite": 1, "postgres": 2}
"""Processes that serve one database: on SQLite `outrider serve` has one (docs/operations.md), whose requests and sweeps race in it."""
READY_S: Final = 60.0
ANSWER_S: Final = 300.0
"""So long a phone waits for an answer: the machine may do much else."""
BUSY_S: Final = 60.0
"""So long a phone that is told to wait goes on asking."""
OFFSET_MS: Final = 8 * HOUR_MS
"""The organisation's days are those of Shanghai."""
BUSY: Final = (429, 503)
NOWHERE: Final = 0
"""The tile of cards without a place."""


class Clock:
    """The clock that this process and all servers follow."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(clock.FILE_BYTES))
        self.file = file
        self._moved = clock.shared(str(file), writing=True)
        clock.simulate(0, str(file))
        self.first_day = (chance.now_ms() + OFFSET_MS) // DAY_MS

    def set(self, day: int, hour: float) -> None:
        """It is this hour of the organisation's day, so many days after the first one."""
        wanted_ms = (self.first_day + day) * DAY_MS + round(hour * HOUR_MS) - OFFSET_MS
        self._moved[0] += wanted_ms - chance.now_ms()

    def close(self) -> None:
        clock.simulate(0)


class Server:
    """One server process."""

    def __init__(self, url: str, clock_file: Path, plant: str) -> None:
        command = [sys.executable, "-m", "tests.prove.claims_child", url, str(clock_file), plant]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = ""

    def wait(self) -> None:
        """Until it listens."""
        until_s = time.monotonic() + READY_S
        while time.monotonic() < until_s and (line := self._line()):
            if line.startswith("ready "):
                self.url = f"http://127.0.0.1:{line.split()[1]}"
                return
        raise RuntimeError("the server did not begin")

    async def sweep(self, turns: int) -> int:
        """Let it look so many times, beside each other, at what falls; at how many customers it looked, each in a transaction."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"sweep %d\n" % turns)
        self.process.stdin.flush()
        answer = await asyncio.to_thread(self._line)
        if not answer.startswith("swept"):
            raise RuntimeError(f"the server said {answer!r} of its sweeps")
        return int(answer.split()[1])

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()


class Place(Struct, frozen=True):
    """A migrated database, its servers, and their clock."""

    url: str
    servers: list[Server]
    clock: Clock


@contextmanager
def placed(name: str, url: str, plant: str = "") -> Iterator[Place]:
    """Servers on a database of this kind; they end with the block. `plant`: the bug that they have."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as begun:
        its_clock = Clock(Path(home) / "clock")
        begun.callback(its_clock.close)
        servers = []
        for _ in range(SERVERS[name]):
            servers.append(Server(url, its_clock.file, plant))
            begun.enter_context(servers[-1].process)
            begun.callback(servers[-1].process.kill)
        for server in servers:
            server.wait()
        yield Place(url, servers, its_clock)


class LiveWorld(World):
    """An organisation on the proof's clock."""

    @property
    def now_ms(self) -> int:
        return chance.now_ms()

    @now_ms.setter
    def now_ms(self, value: int) -> None:
        """The clock goes by itself."""


class WebPhone(Phone):
    """A phone that asks one of the servers over HTTP, and again when it is told to wait."""

    def __init__(self, seated: Phone, server: Server, http: httpx.AsyncClient) -> None:
        super().__init__(seated.world, seated.user_id, seated.shelf.seat().line_no, seated.shelf)
        self.url, self.http = server.url, http

    async def answer(self, request: SyncRequest) -> SyncAnswer:
        headers = {"content-type": MSGPACK, "accept": MSGPACK, "authorization": f"Bearer {token(self.claims)}"}
        until_s = time.monotonic() + BUSY_S
        while True:
            reply = await self.http.post(f"{self.url}/v1/sync", content=ENCODER.encode(request), headers=headers)
            if reply.status_code == 200:
                return ANSWER_DECODER.decode(reply.content)
            if reply.status_code not in BUSY or time.monotonic() > until_s:
                raise RuntimeError(f"/v1/sync answered {reply.status_code}: {reply.text[:500]}")
            await asyncio.sleep(0.1)


class Scene(Struct):
    """An organisation: its manager, its admin, and the means to reach the servers."""

    place: Place
    world: LiveWorld
    http: httpx.AsyncClient
    manager: WebPhone
    desk: Claims
    phones: int = 1

    async def phone(self, user_id: bytes) -> WebPhone:
        """A phone of a user; the servers take turns. It keeps the tile of cards without a place."""
        self.phones += 1
        found = await signed_in(self.world, user_id, self.place.servers[self.phones % len(self.place.servers)], self.http)
        device.keep_tiles(found.shelf, (NOWHERE,))
        return found

    async def rep(self, name: str) -> WebPhone:
        """A new rep with a phone."""
        return await self.phone(await self.world.user(name, Role.rep))

    async def pool(self, name: str, **rules: Any) -> Pool:
        """A pool made at the desk."""
        found: Pool = await self.world.database.write(tables.save, self.desk, PoolRequest(name=name, **rules), self.world.now_ms)
        return found

    async def pooled(self, pool: Pool, count: int, name: str) -> list[bytes]:
        """So many customers that a rep of before entered and gave away."""
        before = await self.rep(f"before {name}")
        ids = [before.create("customer", name=f"{name} {number}") for number in range(count)]
        for customer_id in ids:
            before.command("standing", customer_id, Release(pool.id, epoch=1))
        refused = [one.code for one in said(await before.sync()) if one.code is not None]
        assert not refused, refused
        return ids

    async def move(self, customer_id: bytes, to_user_id: bytes) -> bool:
        """The manager gives a customer to another user, over HTTP; whether it was done."""
        headers = {"authorization": f"Bearer {token(self.manager.claims)}"}
        body = {"to_user_id": id_text(to_user_id), "reason": "proof"}
        path = f"{self.manager.url}/v1/desk/customers/{id_text(customer_id)}/transfer"
        reply = await self.http.post(path, json=body, headers=headers)
        return reply.status_code == 200


async def opened(place: Place, database: Database, http: httpx.AsyncClient, org_id: int) -> Scene:
    """An organisation of its own for one part of the proof."""
    world = LiveWorld(database, org_id)
    await world.open()
    world.lines = iter(range(org_id * 1_000, (org_id + 1) * 1_000))  # type: ignore[assignment]
    manager = await signed_in(world, await world.user("manager", Role.manager), place.servers[0], http)
    desk = (await world.phone(await world.user("boss", Role.admin))).claims
    return Scene(place, world, http, manager, desk)


async def signed_in(world: LiveWorld, user_id: bytes, server: Server, http: httpx.AsyncClient) -> WebPhone:
    """A phone of a user with a session of its own."""
    seated = await world.phone(user_id)
    found, session_id = WebPhone(seated, server, http), chance.new_id()
    await world.database.write(devices.put_session, world.org_id, seated.shelf.seat().line_no, session_id)
    found.session_id = session_id
    return found


def client() -> httpx.AsyncClient:
    """For all phones."""
    return httpx.AsyncClient(timeout=ANSWER_S, verify=NO_TLS, limits=httpx.Limits(max_connections=200))


def token(claims: Claims) -> str:
    """A token as the server signs it."""
    return tokens.sign(Signer(SECRET), claims, chance.secret(16), chance.now_ms())[0]
