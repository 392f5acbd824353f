"""A server in front of the server, as a proxy or a hotel's network is: it answers by itself as often as told, loses answers, or passes
all on."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

import httpx

from tests.integration.loopback import NO_TLS

_PASSED: Final = ("content-type", "content-encoding", "accept", "authorization")
_RETURNED: Final = ("content-type", "retry-after")


class Answer(NamedTuple):
    """One answer of the front's own. `keeps`: headers beside the type."""

    status: int
    body: bytes = b'{"code": "busy", "remedy": "retry", "title": "Busy"}'
    media: str = "application/problem+json"
    keeps: dict[str, str] = {}


class Front:
    """Where the front listens, the answers that it will give, the paths that it was asked for, and those whose answers it loses."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.answers: deque[Answer] = deque()
        self.paths: list[str] = []
        self.losing: set[str] = set()
        self.url = ""


@contextmanager
def front(behind: str) -> Iterator[Front]:
    """Serve in front of `behind`."""
    told = Front(behind)
    with httpx.Client(timeout=60, verify=NO_TLS) as http, ThreadingHTTPServer(("127.0.0.1", 0), _handler(told, http)) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def _handler(told: Front, http: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._pass_on()

        def do_GET(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            told.paths.append(path)
            if told.answers:
                self._answer(told.answers.popleft())
                return
            headers = {name: value for name in _PASSED if (value := self.headers.get(name)) is not None}
            there = http.request(self.command, told.behind + self.path, content=body, headers=headers)
            if path in told.losing:
                self.close_connection = True
                return
            keeps = {name: value for name in _RETURNED if (value := there.headers.get(name)) is not None}
            self._answer(Answer(there.status_code, there.content, keeps.pop("content-type", ""), keeps))

        def _answer(self, given: Answer) -> None:
            self.send_response(given.status)
            for name, value in {"content-type": given.media, "content-length": str(len(given.body)), **given.keeps}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
