"""A provider of push on loopback that speaks as Firebase does: TLS, HTTP/2, a token exchange, and every error that it is told to give."""

import asyncio
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import h2.config
import h2.connection
import h2.events
from msgspec import Struct, field

from mobile_api.phone.day.provider import PROJECT, certificate, service_account
from server import chance

DETAIL: Final = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
TOKEN_S: Final = 3_600
SEND: Final = f"/v1/projects/{PROJECT}/messages:send"


class Answer(Struct, frozen=True):
    """What the provider says to one target. `status` 0: it cuts the connection. `code`: the provider's own, in the details."""

    status: int = 200
    name: str = ""
    code: str = ""
    headers: Mapping[str, str] = {}
    after_s: float = 0
    dry_status: int = 0
    """What it says when it is only asked whether it would take the message; 0: the same."""

    def body(self, told: str, status: int) -> bytes:
        """The document of this answer."""
        if status == 200:
            return json.dumps({"name": told}).encode()
        details = [{"@type": DETAIL, "errorCode": self.code}] if self.code else []
        return json.dumps({"error": {"code": status, "message": "told to", "status": self.name, "details": details}}).encode()


TAKEN: Final = Answer()
ANSWERS: Final[Mapping[str, Answer]] = {
    "taken": TAKEN,
    "unregistered": Answer(404, "NOT_FOUND", "UNREGISTERED"),
    "nothing there": Answer(404, "NOT_FOUND"),
    "bad message": Answer(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", dry_status=200),
    "bad target": Answer(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "other sender": Answer(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "forbidden": Answer(403, "PERMISSION_DENIED"),
    "unknown key": Answer(401, "UNAUTHENTICATED"),
    "other platform": Answer(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "too many": Answer(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", {"retry-after": "90"}),
    "ill": Answer(500, "INTERNAL", "INTERNAL"),
    "busy": Answer(503, "UNAVAILABLE", "UNAVAILABLE"),
    "cut": Answer(0),
    "silent": Answer(after_s=3_600),
}
"""Every kind of answer by a name of ours."""


class Asked(Struct, frozen=True):
    """One request that arrived whole. `at_s`: by a clock that only runs on; `at_ms`: by the server's."""

    target: str
    message: Mapping[str, Any]
    dry: bool
    bearer: str
    bytes: int
    at_s: float
    at_ms: int


class FakeFcm(Struct):
    """What a test may tell the provider, and what it asks afterwards. `answers`: target → answer; the rest is taken."""

    url: str
    certificate: Path
    account: dict[str, Any]
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    """How often something happened: exchange, connection, taken."""

    def taken(self) -> list[Asked]:
        """The messages that it took, each as often as it came."""
        return [one for one in tuple(self.asked) if not one.dry and self.answers.get(one.target, TAKEN).status == 200]


class _Tokens(BaseHTTPRequestHandler):
    """The token exchange."""

    server: "_Exchange"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen["exchange"] += 1
        body = json.dumps({"access_token": f"token {self.server.seen['exchange']}", "expires_in": TOKEN_S, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class _Exchange(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        super().__init__(("127.0.0.1", 0), _Tokens)


class _Connection(asyncio.Protocol):
    """One HTTP/2 connection; each stream is one message."""

    def __init__(self, provider: FakeFcm, standing: set["_Connection"]) -> None:
        self.provider = provider
        self.standing = standing
        self.engine = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.streams: dict[int, tuple[dict[str, str], bytearray]] = {}
        self.gone = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport
        self.provider.seen["connection"] += 1
        self.standing.add(self)
        self.engine.initiate_connection()
        self._flush()

    def connection_lost(self, _error: Exception | None) -> None:
        self.standing.discard(self)
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        for event in self.engine.receive_data(data):
            if isinstance(event, h2.events.RequestReceived) and event.stream_id is not None:
                self.streams[event.stream_id] = ({str(key): str(value) for key, value in event.headers or ()}, bytearray())
            elif isinstance(event, h2.events.DataReceived) and event.stream_id is not None:
                self.streams[event.stream_id][1].extend(event.data or b"")
                self.engine.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded) and event.stream_id is not None:
                self._heard(event.stream_id, *self.streams.pop(event.stream_id))
        self._flush()

    def _heard(self, stream: int, headers: Mapping[str, str], body: bytearray) -> None:
        told = json.loads(bytes(body))
        message, dry = told["message"], bool(told.get("validate_only"))
        target = str(message.get("fid") or message.get("token"))
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        self.provider.asked.append(Asked(target, message, dry, bearer, len(body), time.monotonic(), chance.now_ms()))
        answer = self.provider.answers.get(target, TAKEN) if headers[":path"] == SEND else Answer(404, "NOT_FOUND")
        status = (answer.dry_status or answer.status) if dry else answer.status
        if answer.after_s:
            asyncio.get_running_loop().call_later(answer.after_s, self._tell, stream, answer, status)
        else:
            self._tell(stream, answer, status)

    def _tell(self, stream: int, answer: Answer, status: int) -> None:
        if self.transport is None:
            return
        if not status:
            self.transport.abort()
            return
        self.provider.seen["taken"] += status == 200
        body = answer.body(f"projects/{PROJECT}/messages/{len(self.provider.asked)}", status)
        headers = {":status": str(status), "content-type": "application/json", "content-length": str(len(body)), **answer.headers}
        self.engine.send_headers(stream, list(headers.items()))
        self.engine.send_data(stream, body, end_stream=True)
        self._flush()

    def _flush(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(self.engine.data_to_send())


@contextmanager
def fake_fcm(folder: Path) -> Iterator[FakeFcm]:
    """Serve; the files of the provider lie in `folder`."""
    file = certificate(folder)
    with _Exchange() as exchange:
        tokens = threading.Thread(target=exchange.serve_forever, name="token exchange")
        tokens.start()
        provider = FakeFcm("", file, service_account(f"http://127.0.0.1:{exchange.server_port}/token"), seen=exchange.seen)
        try:
            with _serving(provider):
                yield provider
        finally:
            exchange.shutdown()
            tokens.join()


@contextmanager
def _serving(provider: FakeFcm) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(provider.certificate)
    context.set_alpn_protocols(["h2"])
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake FCM")
    thread.start()
    standing: set[_Connection] = set()

    async def begin() -> asyncio.Server:
        return await loop.create_server(lambda: _Connection(provider, standing), "127.0.0.1", 0, ssl=context)

    async def end() -> None:
        server.close()
        for connection in tuple(standing):  # a loop that ends before them leaves them to whichever test collects the garbage
            if connection.transport is not None:
                connection.transport.abort()
            await connection.gone.wait()

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    provider.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
