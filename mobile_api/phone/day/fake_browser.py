"""A browser with a subscription, and the service that carries its pushes: it opens what arrives with the browser's own key."""

import base64
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct, field

from mobile_api.phone.day.provider import certificate
from server import chance


class Arrived(Struct, frozen=True):
    """One push as it came: what the browser reads in it, the headers in small letters, and the moment by the server's clock."""

    name: str
    words: object
    headers: dict[str, str]
    at_ms: int = 0


class FakeBrowser(Struct):
    """`answers`: name of a subscription → (status, Retry-After); the rest is taken."""

    url: str
    certificate: Path
    key: ec.EllipticCurvePrivateKey
    secret: bytes
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)

    def subscription(self, name: str) -> str:
        """What the browser would hand out under this name."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _text(point), "auth": _text(self.secret)}
        return msgspec.json.encode({"endpoint": f"{self.url}/{name}", "expirationTime": None, "keys": keys}).decode()


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class _Service(ThreadingHTTPServer):
    browser: FakeBrowser


class _Door(BaseHTTPRequestHandler):
    server: _Service

    def do_POST(self) -> None:
        browser, name = self.server.browser, unquote(self.path).strip("/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        words = msgspec.json.decode(http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.secret))
        browser.arrived.append(Arrived(name, words, {key.lower(): value for key, value in self.headers.items()}, chance.now_ms()))
        status, again = browser.answers.get(name, (201, ""))
        self.send_response(status)
        if again:
            self.send_header("Retry-After", again)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def fake_browser(folder: Path) -> Iterator[FakeBrowser]:
    """Serve; the certificate lies in `folder`."""
    file = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with _Service(("127.0.0.1", 0), _Door) as service:
        service.socket = context.wrap_socket(service.socket, server_side=True)
        key, secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        service.browser = FakeBrowser(f"https://127.0.0.1:{service.server_port}", file, key, secret)
        thread = threading.Thread(target=service.serve_forever, name="push service")
        thread.start()
        try:
            yield service.browser
        finally:
            service.shutdown()
            thread.join()
