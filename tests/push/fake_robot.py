"""A group with a robot on loopback: it keeps what is posted, and answers as it is told."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from mobile_api.phone.day.provider import certificate


class FakeRobot(Struct):
    """`answer`: (status, document)."""

    host: str
    certificate: Path
    answer: tuple[int, dict[str, Any]] = (200, {"errcode": 0})
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """(path with its query, document)."""


class _Group(ThreadingHTTPServer):
    robot: FakeRobot


class _Door(BaseHTTPRequestHandler):
    server: _Group

    def do_POST(self) -> None:
        robot = self.server.robot
        robot.posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        status, document = robot.answer
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def fake_robot(folder: Path) -> Iterator[FakeRobot]:
    """Serve; the certificate lies in `folder`."""
    file = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with _Group(("127.0.0.1", 0), _Door) as group:
        group.socket = context.wrap_socket(group.socket, server_side=True)
        group.robot = FakeRobot(f"127.0.0.1:{group.server_port}", file)
        thread = threading.Thread(target=group.serve_forever, name="robot")
        thread.start()
        try:
            yield group.robot
        finally:
            group.shutdown()
            thread.join()
