"""Row of the edge: an empty pull over real HTTP against a bare handler of the same framework in the same server process."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, Final

import uvicorn
from litestar import Litestar, Response, post
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from bench.measure import Row, Target, row
from bench.pulls import caught_up
from bench.world import SECRET, World
from mobile_api.app import create_app
from mobile_api.codec import MSGPACK
from mobile_api.connection import Connection
from server import chance
from server.database import open_database
from server.domain.tokens import Signer
from server.services import sessions
from server.settings import Settings
from shared_schema.problem import Problem
from shared_schema.wire import ENCODER, PROTOCOL, SCHEMA, SyncRequest

AGAINST_BARE: Final = Target(0.4, at_least=True)
CONNECTIONS: Final = 8
ROUND_S: Final = 0.6
ROUNDS: Final = 5
SPAWN: Final = multiprocessing.get_context("spawn")


@post("/bare", status_code=200)
async def bare() -> Response[bytes]:
    """The least a handler can do: constant bytes, nothing read."""
    return Response(b"\x90", media_type=MSGPACK)


def serve(listening: socket.socket, url: str, secret: bytes) -> None:
    """Serve our application, and the bare handler at its own path, in a process of its own."""
    ours = create_app(Settings(database_url=url), open_database(url), Signer(secret))
    plain = Litestar([bare], openapi_config=None, logging_config=None)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = plain if scope.get("path") == "/bare" else ours
        await chosen(scope, receive, send)

    both.state = ours.state  # type: ignore[attr-defined]  # both are asked through our door
    config = uvicorn.Config(
        both, loop="uvloop", http=Connection, ws="none", proxy_headers=False, log_config=None, access_log=False, lifespan="off"
    )
    uvicorn.Server(config).run([listening])


class Idle(Struct, frozen=True):
    """A phone that holds everything: its request, and the token with which it asks."""

    request: bytes
    token: str


async def idle(world: World) -> Idle:
    """A phone with one customer that has nothing to send and nothing to hear."""
    rep = await world.rep(1)
    request = SyncRequest(PROTOCOL, SCHEMA, "bench", await caught_up(world, rep), rep.next_n - 1, chance.now_ms())
    begun = await world.database.write(sessions.begin, Signer(SECRET), rep.claims.org_id, rep.claims.line_no, chance.now_ms())
    if isinstance(begun, Problem):
        raise begun
    return Idle(ENCODER.encode(request), begun.access_token)


async def rows(world: World, url: str) -> AsyncIterator[Row]:
    """Requests per second of a phone that holds everything, over kept connections."""
    phone = await idle(world)
    async with served(serve, url, SECRET) as port:
        empty, constant = message("/v1/sync", phone.request, phone.token), message("/bare", b"\x90", phone.token)
        await _client(port, empty, 0)  # until it has answered once a server admits only a few, for all may begin anew (P-709)
        found = [(await _rate(port, empty), await _rate(port, constant)) for _ in range(1 + ROUNDS)][1:]
    pair = median(one for one, _ in found), median(one for _, one in found)
    yield row("empty pull over HTTP, against a bare handler, per second", world.database.dialect, pair, AGAINST_BARE)


@asynccontextmanager
async def served(target: Callable[..., None], *args: Any) -> AsyncIterator[int]:
    """A process of its own runs `target(listening, *args)`; the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        process = SPAWN.Process(target=target, args=(listening, *args), daemon=True)
        process.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            process.terminate()
            process.join()


def message(path: str, body: bytes, token: str) -> bytes:
    """An HTTP request as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {MSGPACK}\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _rate(port: int, message: bytes) -> float:
    """Answers per second over all connections together."""
    started = time.perf_counter()
    counts = await asyncio.gather(*(_client(port, message) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


async def _client(port: int, message: bytes, round_s: float = ROUND_S) -> int:
    """Ask again as soon as the answer is there; how often it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count, until = 0, time.perf_counter() + round_s
    while not count or time.perf_counter() < until:
        writer.write(message)
        await answer(reader)
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


async def answer(reader: asyncio.StreamReader) -> None:
    """Read one answer whole. Raises ValueError for any but 200."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise ValueError(f"the server answered {head[:60]!r}")
    await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
