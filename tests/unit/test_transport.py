"""The phone's HTTP against a server that misbehaves: patience, damaged answers, connections that were closed meanwhile."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import msgspec
import pytest
import zstandard

from mobile_api.phone.transport import Transport, UnreachableError
from mobile_api.phone.words import Words
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from shared_schema.rest import LoginRequest, SignedIn

LOGIN = LoginRequest(organisation="alpha", account="lin" * 200, password="x", installation_id=bytes(16))
TOLD = SignedIn(
    access_token="a" * 600,
    access_expires_ms=1,
    refresh_token="r",
    refresh_expires_ms=1,
    org_id=1,
    user_id=bytes(16),
    line_no=1,
    last_n=0,
    epoch=1,
    name="Lin",
    role=Role.rep,
    language="en",
    server_ms=1,
)
GOOD = msgspec.msgpack.encode(TOLD)


class Say(NamedTuple):
    """One answer. `hang_up`: close afterwards without saying so; `length`: claimed instead of the real one."""

    status: int
    body: bytes
    headers: dict[str, str] = {}
    hang_up: bool = False
    length: int | None = None


Serve = Callable[..., Transport]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a transport to a server that says these answers in order."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        opened: list[Transport] = []

        def start(*answers: Say, waited: list[float] | None = None) -> Transport:
            left = list(answers)

            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_POST(self) -> None:
                    self.rfile.read(int(self.headers["Content-Length"]))
                    say = left.pop(0)
                    self.send_response(say.status)
                    for name, value in {"Content-Length": str(say.length or len(say.body)), **say.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(say.body)
                    self.close_connection = say.hang_up

                def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                    pass

            server.RequestHandlerClass = Handler
            opened.append(Transport(f"http://127.0.0.1:{server.server_port}", wait=(waited if waited is not None else []).append))
            return opened[-1]

        thread.start()
        yield start
        for transport in opened:
            transport.close()
        server.shutdown()
        thread.join()


def problem(code: Code, **more: object) -> bytes:
    return json.dumps({"code": code.word, "detail": "words", "errors": [{"field": "name", "detail": "words"}], **more}).encode()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_when_it_says(serve: Serve, status: int) -> None:
    """P-707, P-709."""
    waited: list[float] = []
    said: list[float] = []
    busy = Say(status, problem(Code.busy), {"Retry-After": "2"})
    transport = serve(busy, busy, Say(200, GOOD), waited=waited)
    transport.busy = said.append
    assert transport.login(LOGIN) == TOLD
    assert said == waited
    assert [int(wait_s - 0.001) for wait_s in waited] == [2, 2], "up to a second more, by the phone's own dice"


def test_patience_ends(serve: Serve) -> None:
    waited: list[float] = []
    with pytest.raises(Problem) as refused:
        serve(*[Say(503, problem(Code.busy))] * 6, waited=waited).login(LOGIN)
    assert (refused.value.code, [int(wait_s - 0.001) for wait_s in waited]) == (Code.busy, [1] * 5)
    with pytest.raises(Problem) as refused:
        serve(Say(429, problem(Code.too_many_attempts, retry_at_ms=77), {"Retry-After": "900"}), waited=waited).login(LOGIN)
    assert (refused.value.code, refused.value.retry_at_ms, len(waited)) == (Code.too_many_attempts, 77, 5)


def test_a_refusal_is_the_servers_problem_word_for_word(serve: Serve) -> None:
    with pytest.raises(Problem) as refused:
        serve(Say(422, problem(Code.field_wrong))).login(LOGIN)
    assert (refused.value.code, refused.value.detail, refused.value.field) == (Code.field_wrong, "words", "name")


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[]", b'{"message": "no upstream"}'])
def test_what_something_in_between_says_is_no_answer_of_the_server(serve: Serve, status: int, body: bytes) -> None:
    """P-705: whether the server took the request nobody knows, and the same again is safe; "nothing was changed" it never said."""
    with pytest.raises(UnreachableError, match=f"HTTP status {status} from something between"):
        serve(*[Say(status, body)] * 6, waited=[]).login(LOGIN)


def test_a_code_of_a_newer_server_is_a_refusal_all_the_same(serve: Serve) -> None:
    """P-705."""
    with pytest.raises(Problem) as refused:
        serve(Say(409, b'{"code": "not_yet_known", "detail": "words"}')).login(LOGIN)
    assert refused.value.detail == "words"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_refusal_claims_that_nothing_was_changed(language: str) -> None:
    """P-705, D-109: a hand-over that fails has done what it did; and of a lost commit nobody knows."""
    told = [Words(language).refusal(Problem(code)) for code in Code]
    assert [one for one in told if "nothing was changed" in one.lower() or "未作任何更改" in one] == []


@pytest.mark.parametrize(
    "say",
    [
        Say(200, GOOD[:20], length=len(GOOD), hang_up=True),
        Say(409, problem(Code.conflict)[:20], length=500, hang_up=True),
        Say(200, b"<html>Welcome to the hotel</html>"),
        Say(200, zstandard.compress(GOOD)[:30], {"Content-Encoding": "zstd"}),
        Say(200, b"damaged", {"Content-Encoding": "gzip"}),
        Say(200, msgspec.msgpack.encode({"access_token": 5})),
    ],
)
def test_a_damaged_answer_is_no_answer(serve: Serve, say: Say) -> None:
    transport = serve(say)
    with pytest.raises(UnreachableError):
        transport.login(LOGIN)
    assert transport.tokens is None


def test_compressed_answers_are_counted_as_they_travelled(serve: Serve) -> None:
    zstd, zipped = zstandard.compress(GOOD), gzip.compress(GOOD)
    transport = serve(Say(200, zstd, {"Content-Encoding": "zstd"}), Say(200, zipped, {"Content-Encoding": "gzip"}))
    assert transport.login(LOGIN) == transport.login(LOGIN) == TOLD
    assert transport.bytes_down == len(zstd) + len(zipped)
    assert transport.bytes_up < 2 * len(msgspec.msgpack.encode(LOGIN)) / 4


def test_a_connection_that_was_closed_while_idle_is_opened_again(serve: Serve) -> None:
    transport = serve(Say(200, GOOD, hang_up=True), Say(200, GOOD))
    assert transport.login(LOGIN) == transport.login(LOGIN) == TOLD


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(Problem) as refused:
        Transport(url)
    assert refused.value.code is Code.parameter_wrong
