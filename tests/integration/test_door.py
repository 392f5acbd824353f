"""The door over real HTTP: whatever is sent, the answer is a problem with code and remedy, nothing is touched, never a 5xx."""

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from mobile_api.app import create_app
from mobile_api.codec import COMPRESSED_BYTES_MAX, JSON, MSGPACK, answer, read_sync
from mobile_api.metrics import Metrics
from mobile_api.problems import PROBLEM_MEDIA
from server.database import Database, open_database
from server.domain.tokens import Signer
from server.settings import Settings
from shared_schema.problem import CODES, Code, Problem
from shared_schema.titles import TITLES, title
from shared_schema.wire import SyncAnswer
from tests.integration.hostile import GOOD, HOSTILE, PATCH, SYNC, Hostile, pack, sync
from tests.integration.loopback import NO_TLS, served
from tests.logged import logged

pytestmark = pytest.mark.anyio
MEMBERS: Final = {"type", "title", "status", "detail", "code", "remedy", "errors"}


class Door(NamedTuple):
    """A served application with probe routes behind the door, and what came through."""

    app: Litestar
    host: str
    port: int
    seen: list[str]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://{self.host}:{self.port}", trust_env=False, verify=NO_TLS)


@post("/probe")
async def probe(request: Request[Any, Any, Any], metrics: NamedDependency[Metrics]) -> Response[bytes]:
    """Take a sync request, remember it, answer an empty page."""
    taken = await read_sync(request)
    request.app.state.seen.append(taken.app)
    metrics.pushed({"applied": len(taken.mutations)}, {})
    return answer(request, SyncAnswer(1, 1, 1, b"x" * 8, taken.cursor, 0, 0, None, [], [], [], False, True))


@get("/probe/failing")
async def failing() -> None:
    """Fail as a database does: with its statement and values in the words."""
    raise RuntimeError("INSERT INTO account VALUES ('s3cret')")


@get("/probe/busy")
async def busy(database: NamedDependency[Database]) -> None:
    """Refuse with a moment to come back."""
    raise Problem(Code.busy, f"too many wait for {database.dialect}", retry_at_ms=1)


@get("/probe/number/{number:int}")
async def numbered(number: FromPath[int], other: FromQuery[int]) -> None:
    """Ask the framework for typed parameters."""


@pytest.fixture(scope="module")
def door(sqlite_template: Path) -> Iterator[Door]:
    """The application over loopback on a migrated SQLite file: no refusal may reach the database."""
    app = create_app(Settings(), open_database(f"sqlite:///{sqlite_template}"), Signer(bytes(range(32))))
    for handler in (probe, failing, busy, numbered):
        app.register(handler)
    app.state.seen = []
    with served(app) as (host, port):
        yield Door(app, host, port, app.state.seen)


def assert_problem(status: int, media: str, body: bytes) -> dict[str, Any]:
    """The document of a refusal: complete, consistent, never a 5xx."""
    assert media == PROBLEM_MEDIA
    document: dict[str, Any] = json.loads(body)
    assert set(document) - {"retry_at_ms"} == MEMBERS
    code = CODES[document["code"]]
    assert (status, document["status"], document["remedy"]) == (code.status, code.status, code.remedy.value)
    assert document["type"].endswith(f":{code.word}")
    assert 400 <= status < 500
    return document


def test_an_honest_request_passes(door: Door) -> None:
    with door.client() as client:
        for body, media in ((GOOD, MSGPACK), (sync(), JSON), (pack([*SYNC[:6], [PATCH]]), MSGPACK)):
            told = client.post("/probe", content=body, headers={"content-type": media})
            assert (told.status_code, told.headers["content-type"]) == (200, media)
    assert door.seen[-3:] == ["probe"] * 3


def test_every_hostile_body_is_refused_by_its_code(door: Door) -> None:
    """P-705, P-706."""
    before = len(door.seen)
    assert len({case.name for case in HOSTILE}) == len(HOSTILE) >= 60
    with door.client() as client:
        for case in HOSTILE:
            told, spent_s = _asked(client, case)
            document = assert_problem(told.status_code, told.headers["content-type"], told.content)
            assert document["code"] == case.code, case.name
            assert spent_s < 1, case.name
    assert len(door.seen) == before, "nothing came through"


def _asked(client: httpx.Client, case: Hostile) -> tuple[httpx.Response, float]:
    """The answer, and the seconds of computing that it cost this process, client and server, whoever else uses the machine.

    Asked again when it was much: a collection of garbage may fall into one answer, a costly body is costly each time. A server that
    waits instead of computing meets the client's own patience.
    """
    costs = []
    while True:
        began_s = time.process_time()
        told = client.post("/probe", content=case.body, headers=_headers(case))
        costs.append(time.process_time() - began_s)
        if min(costs) < 1 or len(costs) == 3:
            return told, min(costs)


def test_a_real_route_stands_behind_the_same_door(door: Door) -> None:
    with door.client() as client:
        for case in HOSTILE:
            told = client.post("/v1/login", content=case.body, headers=_headers(case))
            document = assert_problem(told.status_code, told.headers["content-type"], told.content)
            assert document["code"] not in ("login_wrong", "too_many_attempts"), f"{case.name} reached the service"


def _headers(case: Hostile) -> dict[str, str]:
    told = {"content-type": case.media, "content-encoding": case.encoding}
    return {name: value for name, value in told.items() if value is not None}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", "not_found"),
        ("GET", "/health/x", "not_found"),
        ("GET", "/../../etc/passwd", "not_found"),
        ("GET", "/%00", "not_found"),
        ("POST", "/health", "method_not_allowed"),
        ("DELETE", "/probe", "method_not_allowed"),
        ("TRACE", "/health", "method_not_allowed"),
        ("GET", "/probe/number/x?other=1", "not_found"),
        ("GET", "/probe/number/1", "parameter_wrong"),
        ("GET", "/probe/number/1?other=x", "parameter_wrong"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(door: Door, method: str, path: str, code: str) -> None:
    """P-705."""
    with door.client() as client:
        told = client.request(method, path)
    assert assert_problem(told.status_code, told.headers["content-type"], told.content)["code"] == code


def test_a_format_nobody_speaks_is_refused_before_anything_happens(door: Door) -> None:
    before = len(door.seen)
    with door.client() as client:
        told = client.post("/probe", content=GOOD, headers={"content-type": MSGPACK, "accept": "text/html"})
    assert assert_problem(told.status_code, told.headers["content-type"], told.content)["code"] == "not_acceptable"
    assert len(door.seen) == before


def test_an_endless_chunked_body_is_cut_at_the_limit(door: Door) -> None:
    head = f"POST /probe HTTP/1.1\r\nHost: x\r\nContent-Type: {MSGPACK}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection((door.host, door.port), timeout=10) as line:
        line.sendall(head)
        chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
        for _ in range(COMPRESSED_BYTES_MAX // 0x8000 + 1):
            line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_client_that_leaves_inside_its_body_harms_nobody(door: Door) -> None:
    before = len(door.seen)
    head = f"POST /probe HTTP/1.1\r\nHost: x\r\nContent-Type: {MSGPACK}\r\nContent-Length: {len(GOOD)}\r\n\r\n".encode()
    with socket.create_connection((door.host, door.port), timeout=10) as line:
        line.sendall(head + GOOD[:-1])
    with door.client() as client:
        assert client.get("/health").status_code == 200
    assert len(door.seen) == before


@pytest.mark.parametrize(
    "line", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /probe HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_not_http_gets_no_5xx(door: Door, line: bytes) -> None:
    with socket.create_connection((door.host, door.port), timeout=10) as connection:
        connection.sendall(line)
        assert connection.recv(100)[:10] in (b"HTTP/1.1 4", b"")


def test_titles_speak_the_readers_language(door: Door) -> None:
    """P-705."""
    with door.client() as client:
        for language, spoken in (("zh-CN,zh;q=0.9", "zh"), ("en", "en"), ("de", "en"), ("", "en")):
            told = client.get("/nowhere", headers={"accept-language": language})
            assert told.json()["title"] == title(Code.not_found, spoken)
            assert told.headers["content-language"] == spoken
    assert set(TITLES) == set(Code)
    assert all(english and chinese for english, chinese in TITLES.values())


def test_a_failure_is_logged_by_type_and_place_and_tells_nothing(door: Door) -> None:
    with logged("info") as reader, door.client() as client:
        told = client.get("/probe/failing?token=s3cret", headers={"authorization": "Bearer s3cret"})
        problem, access = (json.loads(reader.readline()) for _ in range(2))
    assert (told.status_code, told.json()["code"]) == (500, "server_error")
    assert "INSERT" not in told.text
    assert problem["error"] == ["RuntimeError"]
    assert problem["at"][-1].endswith("failing")
    assert {name: access[name] for name in ("method", "route", "status")} == {"method": "GET", "route": "/probe/failing", "status": 500}
    assert "s3cret" not in json.dumps([problem, access])


def test_busy_says_when_to_come_back(door: Door) -> None:
    """P-705."""
    with door.client() as client:
        told = client.get("/probe/busy")
    assert (told.status_code, told.headers["retry-after"], told.json()["retry_at_ms"]) == (503, "1", 1)


def test_metrics_count_requests_by_template_and_pushes_by_outcome(door: Door) -> None:
    with door.client() as client:
        client.get("/probe/number/7")
        client.post("/probe", content=pack([*SYNC[:6], [PATCH, PATCH]]), headers={"content-type": MSGPACK})
        client.get("/nowhere-at-all")
        told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert 'outrider_requests_total{method="GET",route="/probe/number/{number}",status="400"}' in told.text
    assert 'outrider_pushed_mutations_total{result="applied"}' in told.text
    assert "nowhere-at-all" not in told.text, "an address nobody serves must not become a label"


async def test_ready_knows_the_schema(migrated_url: str, tmp_path: Path) -> None:
    for url, status in ((migrated_url, 200), (f"sqlite:///{tmp_path}/empty.db", 503)):
        app = create_app(Settings(metrics=False), open_database(url), Signer(bytes(range(32))))
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://local") as client:
            assert (await client.get("/ready")).status_code == status
            assert (await client.get("/health")).status_code == 200
            assert (await client.get("/metrics")).status_code == 404, "switched off"


async def test_two_thousand_mutants_give_nothing_but_4xx(door: Door) -> None:
    dice, refused, taken = random.Random(7), 0, 0
    honest = [(pack([*SYNC[:6], [PATCH, PATCH]]), MSGPACK), (sync(mutations=[{"n": 1}]), JSON), (GOOD, MSGPACK)]
    bad = [(case.body, case.media or JSON) for case in HOSTILE if len(case.body) < 300 and case.encoding is None]
    transport = httpx.ASGITransport(door.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        for _ in range(2000):
            body, media = dice.choice(honest if dice.random() < 0.6 else bad)
            told = await client.post("/probe", content=_mutant(dice, body), headers={"content-type": media})
            if told.status_code == 200:
                taken += 1
            else:
                assert_problem(told.status_code, told.headers["content-type"], told.content)
                refused += 1
    assert refused > 500
    assert taken > 20, "mutants that are still honest pass"


def _mutant(dice: random.Random, body: bytes) -> bytes:
    """One to four bytes changed, cut, doubled or put in."""
    changed = bytearray(body)
    for _ in range(dice.choice([1, 1, 2, 4])):
        place, what = dice.randrange(len(changed) + 1), dice.randrange(5)
        if what == 0:
            changed[place : place + 1] = dice.randbytes(1)
        elif what == 1:
            del changed[place : place + dice.randrange(1, 9)]
        elif what == 2:
            changed[place:place] = dice.choice(
                [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc1", b"\xd4\x01\x01", b"[", b'"', b"\x91" * 40]
            )
        elif what == 3:
            changed[place:place] = changed[: dice.randrange(1, 40)]
        else:
            changed[place : place + 1] = dice.choice([b"\xc0", b"\x00", b"\xff", b"\x80", b"\xa1", b"}", b"\\"])
    return bytes(changed)


async def test_one_request_that_waits_does_not_hold_the_others(door: Door) -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    waiting = asyncio.create_task(read_sync(Request({"type": "http", "headers": [(b"content-type", MSGPACK.encode())]}, receive)))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(door.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        assert (await client.get("/health")).status_code == 200
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
