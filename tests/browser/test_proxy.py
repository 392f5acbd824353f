"""The bad network itself: each mode of the wire is seen by a client, on a new connection and on one that was under way."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.browser.proxy import Wire, wire
from tests.integration.loopback import NO_TLS

BODY_BYTES = 20_000


class Server(ThreadingHTTPServer):
    """Answers 20,000 bytes to each request, and counts what it took."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[str] = []

    def handle_error(self, *_: object) -> None:
        """A connection that the wire broke off is no fault here."""


class Answer(BaseHTTPRequestHandler):
    """One connection of that server; it stays open between requests."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.taken.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(BODY_BYTES))
        self.end_headers()
        self.wfile.write(bytes(BODY_BYTES))

    def log_message(self, *_: object) -> None:
        """Nothing of it is told."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def line(server: Server) -> Iterator[Wire]:
    with wire("127.0.0.1", server.server_port) as made:
        yield made


@pytest.fixture
def client(line: Wire) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=line.url, verify=NO_TLS, timeout=0.3) as made:
        assert len(made.get("/first").content) == BODY_BYTES
        yield made


def test_a_cut_wire_refuses_and_resets_and_heals(server: Server, line: Wire, client: httpx.Client) -> None:
    line.cut()
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            client.get("/cut")
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(line.url, verify=NO_TLS)
    line.heal()
    assert len(client.get("/healed").content) == BODY_BYTES
    assert server.taken == ["/first", "/healed"]


def test_a_silent_wire_takes_a_connection_and_answers_nothing(server: Server, line: Wire, client: httpx.Client) -> None:
    line.silence()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/under-way")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(line.url + "/new", verify=NO_TLS, timeout=0.1)
    assert server.taken == ["/first"]


def test_what_a_silent_wire_holds_arrives_when_it_heals(server: Server, line: Wire, client: httpx.Client) -> None:
    line.silence()
    healer = threading.Timer(0.1, line.heal)
    healer.start()
    assert len(client.get("/held", timeout=5).content) == BODY_BYTES
    assert server.taken == ["/first", "/held"]
    healer.join()


def test_a_silent_wire_can_be_cut(line: Wire, client: httpx.Client) -> None:
    line.silence()
    cutter = threading.Timer(0.1, line.cut)
    cutter.start()
    with pytest.raises(httpx.TransportError) as raised:
        client.get("/held", timeout=5)
    assert not isinstance(raised.value, httpx.TimeoutException)
    cutter.join()


def test_a_slow_wire_takes_its_time_and_is_quick_once_healed(line: Wire, client: httpx.Client) -> None:
    line.slow(BODY_BYTES * 2)
    began = time.monotonic()
    assert len(client.get("/slow").content) == BODY_BYTES
    assert 0.4 < time.monotonic() - began < 2
    line.slow(BODY_BYTES // 100)
    healer = threading.Timer(0.1, line.heal)
    healer.start()
    began = time.monotonic()
    assert len(client.get("/healed", timeout=5).content) == BODY_BYTES
    assert time.monotonic() - began < 2
    healer.join()


def test_one_answer_is_lost_after_the_server_took_the_request(server: Server, line: Wire, client: httpx.Client) -> None:
    line.lose_answer("GET /lost")
    assert len(client.get("/other").content) == BODY_BYTES
    with pytest.raises(httpx.TransportError):
        client.get("/lost")
    assert line.wait_lost()
    assert server.taken == ["/first", "/other", "/lost"]
    assert len(client.get("/lost").content) == BODY_BYTES


def test_an_answer_that_never_comes_is_not_lost(line: Wire) -> None:
    line.lose_answer("GET /never")
    assert not line.wait_lost(0.01)
    line.heal()


def test_a_server_that_is_gone_ends_the_connection(line: Wire, server: Server) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(httpx.TransportError):
        httpx.get(line.url, verify=NO_TLS, timeout=5)
