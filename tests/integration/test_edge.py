"""Every route and every kind of refusal over real HTTP: safe headers, HEAD, OPTIONS, 405, and web apps of other origins."""

import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
from litestar import Litestar, get, post

from mobile_api.app import create_app
from mobile_api.connection import HEADERS_MAX
from mobile_api.origins import MAX_AGE_S, METHODS
from mobile_api.problems import PROBLEM_MEDIA
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from shared_schema.problem import Code, Problem
from tests.integration.hostile import GOOD
from tests.integration.loopback import NO_TLS, served
from tests.integration.site import PASSWORD, SECRET, beside, found
from tests.integration.test_connections import answered

APP: Final = "https://app.example.com"
OTHER: Final = "https://other.example.com"
SAFE: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
POLICY: Final = "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
"""The end of every policy: a page may do more than nothing, and says what in between."""
BEGINNING: Final = "default-src 'none'; "
EVENTS: Final = {"accept": "text/event-stream"}
FORK: Final = "/v1/device/fork"
CHANGING: Final = {"date", "content-length"}
COUNTING: Final = {"/metrics", "/v1/desk/push/health"}
"""Both count what happens meanwhile: the length of two answers may differ."""


class House(NamedTuple):
    """A served application, and somebody who may ask for most of what there is."""

    app: Litestar
    host: str
    port: int
    token: str

    def client(self, **headers: str) -> httpx.Client:
        signed = {"authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"http://{self.host}:{self.port}", headers=signed | headers, timeout=20, verify=NO_TLS)

    def routes(self) -> list[tuple[str, set[str]]]:
        """Each address with an id in it that names nothing, and its methods."""
        found_routes = []
        for route in self.app.routes:
            path = re.sub(r"{[^}]*}", str(uuid.UUID(int=7)), re.sub(r"{[^}]*:int}", "7", route.path))
            found_routes.append((path, {str(method) for method in route.methods}))
        assert len(found_routes) > 30
        return [*found_routes, ("/desk/sw.js", {"GET", "OPTIONS"}), ("/v1/records/customer", {"GET", "OPTIONS"})]


@get("/probe/busy")
async def busy() -> None:
    """Refuse with a moment to come back."""
    raise Problem(Code.busy)


@post("/probe/failing")
async def failing() -> None:
    """Fail."""
    raise RuntimeError


def house(sqlite_template: Path, folder: Path, **settings: Any) -> Iterator[House]:
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'outrider.db')}"
    beside(url, found)
    app = create_app(Settings(database_url=url, **settings), open_database(url), Signer(SECRET))
    for handler in (busy, failing):
        app.register(handler)
    with served(app) as (host, port):
        body = {"organisation": "alpha", "account": "boss", "password": PASSWORD, "installation_id": str(uuid.uuid4())}
        token = httpx.post(f"http://{host}:{port}/v1/login", json=body, verify=NO_TLS).json()["access_token"]
        yield House(app, host, port, token)


@pytest.fixture(scope="module")
def here(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One web app of another origin may call."""
    yield from house(sqlite_template, tmp_path_factory.mktemp("edge"), origins=("http://localhost:5173", APP), request_s=1)


@pytest.fixture(scope="module")
def closed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """None may, as nobody has set anything."""
    yield from house(sqlite_template, tmp_path_factory.mktemp("closed"))


def assert_edge(headers: Any, origin: str | None = None) -> None:
    """What every answer has, and what `origin` may do with it."""
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert headers["content-security-policy"].startswith(BEGINNING)
    assert headers["content-security-policy"].endswith(POLICY)
    assert headers.get("access-control-allow-origin") == origin
    assert "access-control-allow-credentials" not in headers
    if origin is not None:
        assert {"Retry-After", "Content-Language"} <= set(headers["access-control-expose-headers"].split(", "))
        assert "Origin" in headers["vary"].split(", ")


def raw_refusals(here: House) -> Iterator[tuple[int, bytes]]:
    """Status, and what gets it: told by the connection, before any route is known."""
    origin = f"Origin: {APP}\r\nX: y\r\n".encode()
    yield 400, b"GET / HTTP/1.1\r\n" + origin + b"No colon\r\n\r\n"
    yield 408, b"GET / HTTP/1.1\r\n" + origin
    yield 408, b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n" + origin + b"\r\n"
    yield 431, b"GET / HTTP/1.1\r\nHost: x\r\n" + origin + b"X:\r\n" * HEADERS_MAX


def test_every_route_answers_every_method_safely(here: House) -> None:
    """P-710: whatever it is asked, by whomever, and its reader of another origin may see it."""
    with here.client(origin=APP) as client:
        for path, _ in here.routes():
            for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "TRACE"):
                for headers in ({"authorization": ""}, {}):
                    if headers or path != FORK:  # which ends this very session
                        assert_edge(client.request(method, path, headers=headers).headers, APP)


@pytest.mark.parametrize(
    ("status", "method", "path", "headers", "body"),
    [
        (400, "POST", "/v1/sync", {"content-type": "application/json"}, b"{"),
        (401, "GET", "/v1/desk/devices", {"authorization": ""}, None),
        (404, "GET", "/nowhere", {}, None),
        (404, "GET", "/app/nothing.js", {}, None),
        (405, "DELETE", "/health", {}, None),
        (406, "POST", "/v1/sync", {"content-type": "application/vnd.msgpack", "accept": "text/html"}, GOOD),
        (413, "POST", "/v1/sync", {"content-type": "application/json"}, b" " * 300_000),
        (415, "POST", "/v1/sync", {"content-type": "text/plain"}, b"x"),
        (422, "POST", "/v1/login", {"content-type": "application/json"}, b"{}"),
        (500, "POST", "/probe/failing", {}, None),
        (503, "GET", "/probe/busy", {}, None),
    ],
)
def test_every_refusal_is_safe(here: House, status: int, method: str, path: str, headers: dict[str, str], body: bytes | None) -> None:
    """P-710."""
    for origin, allowed in ((APP, APP), (OTHER, None)):
        with here.client(origin=origin) as client:
            told = client.request(method, path, headers=headers, content=body)
        assert (told.status_code, told.headers["content-type"]) == (status, PROBLEM_MEDIA)
        assert_edge(told.headers, allowed)


def test_every_refusal_of_a_connection_is_safe(here: House) -> None:
    """P-710, P-711."""
    for status, raw in raw_refusals(here):
        with socket.create_connection((here.host, here.port), timeout=20) as line:
            line.sendall(raw)
            told = answered(line)
        assert told.status == status, raw
        told.problem()
        assert_edge(told.headers, APP)


def test_pages_and_streams_are_safe(here: House) -> None:
    """P-710."""
    with here.client(origin=APP) as client:
        for path in (
            "/",
            "/app/",
            "/desk/sw.js",
            "/app/icon.svg",
            "/schema/openapi.json",
            "/metrics",
            "/health",
            "/ready",
        ):
            told = client.get(path)
            assert told.status_code == 200
            assert_edge(told.headers, APP)
        with client.stream("GET", "/v1/wake", headers=EVENTS) as stream:
            assert stream.headers["content-type"].partition(";")[0] == EVENTS["accept"]
            assert_edge(stream.headers, APP)


# Methods.


def test_head_is_get_without_a_body(here: House) -> None:
    heads = 0
    with here.client() as client:
        for path, methods in here.routes():
            got, head = client.get(path), client.head(path)
            assert head.content == b""
            if "GET" not in methods:
                assert head.status_code == got.status_code == 405
                continue
            gone = CHANGING if path in COUNTING else {"date"}
            assert (head.status_code, told(head, gone)) == (got.status_code, told(got, gone)), path
            assert "content-length" in head.headers
            heads += head.status_code == 200
    assert heads > 10


def told(answer: httpx.Response, but: set[str]) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in but}


def test_head_of_a_stream_ends_at_once(here: House) -> None:
    with here.client() as client:
        for _ in range(5):
            head = client.head("/v1/wake", headers=EVENTS)
            assert (head.status_code, head.headers["content-type"].partition(";")[0]) == (200, EVENTS["accept"])
        assert client.get("/health").status_code == 200


def test_options_tells_what_an_address_answers(here: House) -> None:
    with here.client() as client:
        for path, methods in here.routes():
            asked = client.options(path, headers={"authorization": ""})
            wanted = methods | ({"HEAD"} if "GET" in methods else set())
            assert (asked.status_code, asked.content) == (204, b""), path
            assert set(asked.headers["allow"].split(", ")) == wanted, path
            assert wanted <= set(METHODS.split(", "))
            for method in {"GET", "POST", "DELETE", "PUT", "PATCH"} - methods:
                refused = client.request(method, path)
                assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed"), (method, path)
                assert set(refused.headers["allow"].split(", ")) == wanted
        assert client.options("/nowhere").status_code == 404


def test_options_of_the_whole_server(here: House) -> None:
    with socket.create_connection((here.host, here.port), timeout=20) as line:
        line.sendall(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = answered(line)
    assert (answer.status, set(answer.headers["allow"].split(", "))) == (204, set(METHODS.split(", ")))


# Other origins.


def preflight(client: httpx.Client, path: str, origin: str = APP) -> httpx.Response:
    asked = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    return client.options(path, headers={**asked, "authorization": ""})


def test_a_browser_that_asks_first_is_answered(here: House) -> None:
    """P-710: everywhere, without log-in, for a while, by what names exactly this origin."""
    with here.client() as client:
        for path in ("/nowhere", *(path for path, _ in here.routes())):
            told_ = preflight(client, path)
            assert told_.status_code == 204
            assert_edge(told_.headers, APP)
            assert told_.headers["access-control-max-age"] == str(MAX_AGE_S)
            assert set(told_.headers["access-control-allow-methods"].split(", ")) >= {"GET", "HEAD", "POST", "DELETE"}
            sent = set(told_.headers["access-control-allow-headers"].lower().split(", "))
            assert sent >= {"authorization", "content-type", "content-encoding", "last-event-id"}


def test_another_origin_is_told_nothing(here: House, closed: House) -> None:
    """P-710."""
    for house_, origin in ((here, OTHER), (here, APP + ".evil.example"), (here, "null"), (closed, APP)):
        with house_.client(origin=origin) as client:
            for answer in (preflight(client, "/v1/sync", origin), client.get("/health"), client.get("/nowhere")):
                assert_edge(answer.headers)
                assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_what_depends_on_the_origin_says_so(here: House, closed: House) -> None:
    """P-710: also to who names none; where no origin is set nothing depends on it."""
    for house_, depends in ((here, True), (closed, False)):
        with house_.client() as client:
            for path in ("/health", "/nowhere", "/v1/desk/devices", "/"):
                assert ("Origin" in client.get(path).headers.get("vary", "").split(", ")) is depends
    with here.client() as client:
        assert client.get("/v1/desk/devices").headers["vary"] == "Accept, Accept-Encoding, Origin"
