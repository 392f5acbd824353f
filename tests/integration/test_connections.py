"""Connections to a real `outrider serve`: bytes, seconds and numbers are bounded, refusals say why, and honest waiting is not cut."""

import json
import resource
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest

from mobile_api.connection import EARLY_MAX, HEADERS_MAX, LINGER_S
from mobile_api.doorkeeper import LOOK_S
from mobile_api.problems import PROBLEM_MEDIA
from server.domain.throttle import LIMITS
from tests.integration.loopback import NO_TLS
from tests.integration.site import PASSWORD, beside, found
from tests.integration.test_serve import serving

APP: Final = "https://app.example.com"
PROXY: Final = "127.0.0.9"
HEAD_BYTES: Final = 8_192
ADDRESS_MAX: Final = 12
ALL_MAX: Final = 30
REQUEST_S: Final = 2
IDLE_S: Final = 1
SOON_S: Final = REQUEST_S + LINGER_S + 2 * LOOK_S + 6
"""A patience far beyond every bound, and far below waiting for ever."""
GROWTH_BYTES_MAX: Final = 32_000_000
SETTINGS: Final = {
    "OUTRIDER_HEADER_BYTES_MAX": str(HEAD_BYTES),
    "OUTRIDER_REQUEST_S": str(REQUEST_S),
    "OUTRIDER_IDLE_S": str(IDLE_S),
    "OUTRIDER_CONNECTIONS_MAX": str(ALL_MAX),
    "OUTRIDER_ADDRESS_CONNECTIONS_MAX": str(ADDRESS_MAX),
    "OUTRIDER_TRUSTED_PROXIES": f"10.1.0.0/16, {PROXY}",
    "OUTRIDER_ORIGINS": APP,
}


class Answer(NamedTuple):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """Its document; such an answer ends its connection, and has what every answer has."""
        assert self.headers["content-type"] == PROBLEM_MEDIA
        assert self.headers["x-content-type-options"] == "nosniff"
        assert self.headers["connection"] == "close"
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        return document


class Server(NamedTuple):
    """A process, and how it is reached."""

    pid: int
    port: int

    def connect(self, host: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SOON_S, source_address=(host, 0))

    def client(self, host: str = "127.0.0.1") -> httpx.Client:
        """Keeps one connection."""
        transport = httpx.HTTPTransport(local_address=host, verify=NO_TLS)
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", transport=transport, timeout=SOON_S)

    def rss_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize()

    def refused(self, bound: str) -> int:
        """What the metric says."""
        with self.client("127.0.0.5") as client:
            lines = client.get("/metrics").text.splitlines()
        said = [line.rpartition(" ")[2] for line in lines if line.startswith(f'outrider_refused_connections_total{{bound="{bound}"}}')]
        return int(float(said[0])) if said else 0


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two organisations, and narrow bounds."""
    folder = tmp_path_factory.mktemp("door")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'outrider.db')}"
    beside(url, found)
    with serving(folder, url, "--make-secret", more=SETTINGS) as (process, port):
        yield Server(process.pid, port)


def answered(line: socket.socket) -> Answer:
    """Read one answer to its end. Raises EOFError when there is none."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(line)
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _more(line)
    return Answer(int(first.split()[1]), headers, body)


def _more(line: socket.socket) -> bytes:
    data = line.recv(65_536)
    if not data:
        raise EOFError
    return data


def ended(line: socket.socket, *drip: bytes) -> float:
    """Send a little now and then, and say after how many seconds the server ended the connection without a word."""
    began_s = time.monotonic()
    line.settimeout(0.2)
    while time.monotonic() - began_s < SOON_S:
        try:
            if drip:
                line.sendall(drip[0])
            assert line.recv(100) == b"", "it spoke"
        except TimeoutError:
            continue
        except ConnectionError:
            pass
        return time.monotonic() - began_s
    raise AssertionError("it is still open")


def dripping(line: socket.socket, drip: bytes) -> Answer:
    """Send a little now and then until an answer comes."""
    until_s = time.monotonic() + SOON_S
    line.settimeout(0.2)
    while time.monotonic() < until_s:
        try:
            line.sendall(drip)
            line.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            continue
        line.settimeout(SOON_S)
        return answered(line)
    raise AssertionError("nothing was said")


# Bytes.


def test_a_head_without_end_is_refused_and_takes_no_memory(server: Server) -> None:
    """P-711: hundred megabytes of headers, in all the shapes that could wait for an end."""
    before_bytes, before = server.rss_bytes(), server.refused("header_bytes_max")
    endless = (b"X: " + b"a" * 60_000, b"X: a\r\n" * 10_000, b"X-%d: a\r\n" % 7 * 7_000)
    for number in range(100):
        with server.connect(f"127.0.0.{20 + number}") as line:
            line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nOrigin: %s\r\n" % APP.encode())
            try:
                for _ in range(17):
                    line.sendall(endless[number % 3])
            except ConnectionError:
                pass
            else:
                told = answered(line)
                assert (told.status, told.problem()["code"]) == (431, "headers_too_large")
                assert told.headers["access-control-allow-origin"] == APP
    assert server.refused("header_bytes_max") == before + 100
    assert server.rss_bytes() - before_bytes < GROWTH_BYTES_MAX


def test_two_hundred_heads_at_once_take_no_memory(sqlite_template: Path, tmp_path: Path) -> None:
    """P-711: with the bounds that nobody set; each client sends half a megabyte."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'outrider.db')}"
    with serving(tmp_path, url, "--make-secret") as (process, port), ExitStack() as stack:
        server = Server(process.pid, port)
        before_bytes = server.rss_bytes()
        lines = [stack.enter_context(server.connect()) for _ in range(200)]
        for piece in (b"GET /health HTTP/1.1\r\nHost: x\r\n", *[(b"X: " + b"a" * 8_000 + b"\r\n") * 8] * 8):
            for line in lines:
                line.sendall(piece)
        assert [answered(line).status for line in lines] == [431] * 200
        assert server.rss_bytes() - before_bytes < GROWTH_BYTES_MAX


@pytest.mark.parametrize(
    ("path", "status"),
    [(b"/" + b"a" * (HEAD_BYTES - 40), 404), (b"/" + b"a" * HEAD_BYTES, 431)],
    ids=["just within", "beyond"],
)
def test_an_address_counts_to_the_head(server: Server, path: bytes, status: int) -> None:
    with server.connect() as line:
        line.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answered(line).status == status


@pytest.mark.parametrize(("count", "status"), [(HEADERS_MAX, 200), (HEADERS_MAX + 1, 431)])
def test_headers_are_counted(server: Server, count: int, status: int) -> None:
    with server.connect() as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X:\r\n" * (count - 1) + b"\r\n")
        assert answered(line).status == status


CHUNKED: Final = b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("begin", [b"2\r\n{}\r\n0\r\nX: ", b"2;x="], ids=["trailer", "chunk's extension"])
def test_what_a_body_says_beside_itself_is_bounded(server: Server, begin: bytes) -> None:
    with server.connect() as line:
        line.sendall(CHUNKED + begin)
        for _ in range(100):
            try:
                line.sendall(b"a" * 8_000)
            except ConnectionError:
                break
        told = answered(line)
    assert (told.status, told.problem()["code"]) == (431, "headers_too_large")


def test_a_trailer_is_no_header(server: Server) -> None:
    with server.connect() as line:
        line.sendall(CHUNKED + b"2\r\n{}\r\n0\r\nAccept-Language: zh\r\n\r\n")
        assert answered(line).headers["content-language"] == "en"


# Seconds.


def test_a_connection_that_says_nothing_is_ended(server: Server) -> None:
    with server.connect() as line:
        assert IDLE_S - LOOK_S <= ended(line) < SOON_S


def test_between_requests_a_connection_is_kept_for_a_while(server: Server) -> None:
    with server.connect() as line:
        for _ in range(3):
            line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answered(line).status == 200
            time.sleep(IDLE_S / 2)  # what is tried is that time alone ends nothing before its bound
        assert ended(line) < SOON_S


def test_empty_lines_are_no_request(server: Server) -> None:
    with server.connect() as line:
        assert ended(line, b"\r\n") < SOON_S


def test_a_head_that_drips_is_told_that_it_took_too_long(server: Server) -> None:
    """P-711."""
    with server.connect() as line:
        line.sendall(b"GET /health HTTP/1.1\r\nAccept-Language: zh\r\nX: ")
        told = dripping(line, b"a")
    assert (told.status, told.problem()["code"], told.headers["content-language"]) == (408, "request_timeout", "zh")


def test_a_body_that_drips_is_told_that_it_took_too_long(server: Server) -> None:
    """P-711."""
    before = server.refused("request_s")
    with server.connect() as line:
        line.sendall(b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        told = dripping(line, b" ")
    assert (told.status, told.problem()["code"]) == (408, "request_timeout")
    assert server.refused("request_s") == before + 1


def test_a_body_that_nobody_reads_ends_too(server: Server) -> None:
    with server.connect() as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert answered(line).status == 200
        assert ended(line, b" ") < SOON_S


def test_an_answer_that_nobody_reads_is_cut(server: Server) -> None:
    before, asked = server.refused("idle_s"), b"GET /schema/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    with server.connect() as line, suppress(ConnectionError):
        for _ in range(1_000):
            line.sendall(asked)
            time.sleep(0.02)  # one after the other: of many at once only a few are taken (below)
        pytest.fail("it took a thousand answers for somebody who reads none")
    assert server.refused("idle_s") == before + 1


def test_honest_waiting_is_not_cut(server: Server) -> None:
    """P-711, P-805: a stream and a long request outlive both bounds."""
    with server.client() as client, server.client("127.0.0.3") as listener:
        body = {"organisation": "alpha", "account": "boss", "password": PASSWORD, "installation_id": str(uuid.uuid4())}
        signed = {"authorization": f"Bearer {client.post('/v1/login', json=body).json()['access_token']}"}
        with listener.stream("GET", "/v1/wake", headers={**signed, "accept": "text/event-stream"}) as stream:
            lines = stream.iter_lines()
            mark = next(line for line in lines if line.startswith("id: ")).removeprefix("id: ")
            wait_s = REQUEST_S + IDLE_S + 1
            told = client.get("/v1/wake", params={"wait_s": wait_s, "mark": mark}, headers=signed)
            assert (told.status_code, told.json()["wake"]) == (200, False)
            assert told.elapsed.total_seconds() >= wait_s
            made = client.post("/v1/desk/departments", json={"name": "Sales"}, headers=signed)
            assert made.status_code == 200
            assert next(line for line in lines if line.startswith("event: ")) == "event: wake"


# Numbers.


@contextmanager
def held(server: Server, count: int, host: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Connections with half a request each."""
    with ExitStack() as stack:
        lines = [stack.enter_context(server.connect(host)) for _ in range(count)]
        for line in lines:
            line.sendall(b"GET /health HTTP/1.1\r\n")
        yield lines


def assert_full(server: Server, host: str) -> None:
    with server.connect(host) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        told = answered(line)
    assert (told.status, told.problem()["code"]) == (503, "busy")
    assert int(told.headers["retry-after"]) >= 1


def test_an_address_has_so_many_connections(server: Server) -> None:
    """P-711."""
    before = server.refused("address_connections_max")
    with held(server, ADDRESS_MAX) as lines:
        assert_full(server, "127.0.0.1")
        with server.client("127.0.0.2") as other:
            assert other.get("/health").status_code == 200
        lines[0].sendall(b"Host: x\r\n\r\n")
        assert answered(lines[0]).status == 200, "who was in before is not disturbed"
    assert server.refused("address_connections_max") == before + 1
    with server.client() as again:
        assert again.get("/health").status_code == 200


def test_a_process_has_so_many_connections(server: Server) -> None:
    """P-711."""
    before = server.refused("connections_max")
    with ExitStack() as stack:
        for number in range(ALL_MAX // 10):
            stack.enter_context(held(server, 10, f"127.0.0.{30 + number}"))
        for _ in range(3):
            assert_full(server, "127.0.0.2")
        with server.connect("127.0.0.2") as silent:
            assert answered(silent).status == 503, "told even before it asked"
    assert server.refused("connections_max") == before + 4


def test_a_flood_of_refused_connections_is_cut_without_a_word(server: Server) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(server.connect("127.0.0.4")) for _ in range(300)]
        told = []
        for line in lines[ADDRESS_MAX:]:
            try:
                told.append(answered(line).status)
            except (EOFError, ConnectionError):
                told.append(0)
    assert set(told) == {0, 503}
    assert told.count(0) > 100


def test_requests_before_their_turn_are_few(server: Server) -> None:
    with server.connect() as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 2_000)
        raw = b""
        while data := line.recv(65_536):
            raw += data
    assert 1 <= raw.count(b"HTTP/1.1 200") <= 2 * EARLY_MAX
    assert b"connection: close" in raw.rpartition(b"HTTP/1.1 200")[2]


# Behind a proxy.


def test_a_proxy_speaks_for_its_clients(server: Server) -> None:
    """P-711: one connection of the proxy carries many; each client has its own number, and its own log-in attempts."""
    with server.client(PROXY) as proxy:
        assert [enrolled(proxy, "192.0.2.1") for _ in range(LIMITS["address"] + 1)][-2:] == [401, 429]
        assert enrolled(proxy, "198.51.100.7, 10.1.2.3") == 401, "the nearest that is no proxy is the client"
        assert enrolled(proxy, "198.51.100.7, 192.0.2.1") == 429, "what the client wrote itself is not believed"


def test_a_proxy_may_hold_more_connections_than_an_address(server: Server) -> None:
    with held(server, ADDRESS_MAX + 2, PROXY) as lines:
        for line in lines:
            line.sendall(b"Host: x\r\nX-Forwarded-For: 192.0.2.44\r\n\r\n")
            assert answered(line).status == 200


def test_who_lies_counts_by_his_own_address(server: Server) -> None:
    """P-711."""
    with server.client("127.0.0.8") as liar:
        told = [enrolled(liar, f"192.0.2.{100 + number}") for number in range(LIMITS["address"] + 1)]
    assert told[-2:] == [401, 429]


def enrolled(client: httpx.Client, forwarded: str) -> int:
    body = {"organisation": "alpha", "code": "AAAA-BBBB", "installation_id": str(uuid.uuid4())}
    return client.post("/v1/enrol", json=body, headers={"x-forwarded-for": forwarded}).status_code


# What is not HTTP, or another one.


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"NONSENSE / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/sync HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        CHUNKED + b"zz\r\n",
    ],
    ids=["tls", "version", "method", "address", "connect", "smuggled", "chunk"],
)
def test_what_is_not_http_is_told_so(server: Server, raw: bytes) -> None:
    with server.connect() as line:
        line.sendall(raw)
        told = answered(line)
    assert (told.status, told.problem()["code"]) == (400, "request_malformed")


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_upgrade_is_answered_in_plain_http(server: Server, body: bytes) -> None:
    head = (
        b"POST /v1/login HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Type: application/json\r\n"
    )
    with server.connect() as line:
        line.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert answered(line).status in (400, 422)
        assert ended(line) < SOON_S
