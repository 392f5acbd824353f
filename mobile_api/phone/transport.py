"""HTTP of the phone: msgpack and zstd both ways, a refusal as Problem, patience with a busy server, and faults on demand."""

import gzip
import http.client
import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import zstandard

from server import chance
from shared_schema.problem import CODES, Code, Problem, Remedy
from shared_schema.rest import Done, EnrolRequest, Event, LoginRequest, RefreshRequest, SignedIn, Timeline, Wake
from shared_schema.twin import id_text
from shared_schema.wire import SyncAnswer, SyncRequest

T = TypeVar("T")
MSGPACK: Final = "application/vnd.msgpack"
TIMEOUT_S: Final = 60
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
COMPRESS_FROM_BYTES: Final = 512
TRIES_MAX: Final = 6
WAIT_S_MAX: Final = 10
"""A server that asks for more patience than this is told to the user instead."""
_PATIENT: Final = (429, 500, 503)
"""A 500 too: the server counts its failures on one entry, and takes it out of the way on the third."""


class UnreachableError(ConnectionError):
    """No answer came: the server may or may not have taken the request; the same request again is safe."""


class Faults(msgspec.Struct):
    """Faults of the next sync, on purpose: rehearsals and tests set these."""

    lose_answer_once: bool = False
    die_before_send: bool = False
    die_after_answer: bool = False


class Reply(NamedTuple):
    """One HTTP answer, its body still compressed."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class _Told(msgspec.Struct):
    """The fields that we read of a problem document."""

    code: str = ""
    detail: str = ""
    title: str = ""
    errors: list[dict[str, Any]] = []
    retry_at_ms: int | None = None


class Transport:
    """A connection to one server. `tokens`: the session; `keep(tokens)` stores new ones before they are used.

    `busy(wait_s)` is told before each wait for a busy server.
    """

    def __init__(self, url: str, language: str = "en", wait: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Problem(Code.parameter_wrong, f"{url!r} is not an address such as http://127.0.0.1:8080", field="url")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
        self._prefix = parts.path.rstrip("/")
        self._language = language
        self._wait = wait
        self.tokens: SignedIn | None = None
        self.keep: Callable[[SignedIn], None] = lambda _: None
        self.busy: Callable[[float], None] = lambda _: None
        self.faults = Faults()
        self.bytes_up = self.bytes_down = 0
        self.waited_ms = 0
        """Waited for a busy server, in all."""

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._connection.close()

    def login(self, asked: LoginRequest) -> SignedIn:
        """Sign in with a password. Raises Problem(login_wrong | device_pending | device_revoked | too_many_attempts)."""
        return self._keep(self._call("/v1/login", asked, SignedIn, {}))

    def enrol(self, asked: EnrolRequest) -> SignedIn:
        """Sign in with a one-time code. Raises Problem(code_wrong | too_many_attempts)."""
        return self._keep(self._call("/v1/enrol", asked, SignedIn, {}))

    def refresh(self) -> SignedIn:
        """Exchange the refresh token. Raises Problem(signed_out | refresh_reused | device_revoked)."""
        asked = RefreshRequest(refresh_token=self._session().refresh_token)
        return self._keep(self._call("/v1/refresh", asked, SignedIn, {}))

    def logout(self) -> None:
        """End the session on the server."""
        self._call("/v1/logout", RefreshRequest(refresh_token=self._session().refresh_token), Done, {})

    def fork(self) -> SignedIn:
        """Close this device line and open a new one of the same phone and user."""
        return self._keep(self._with_token("/v1/device/fork", {}, SignedIn))

    def sync(self, asked: SyncRequest) -> SyncAnswer:
        """Push and pull. Raises UnreachableError, and Problem for a request refused as a whole."""
        _die_if(self.faults.die_before_send)
        answer = self._with_token("/v1/sync", asked, SyncAnswer)
        _die_if(self.faults.die_after_answer)
        if self.faults.lose_answer_once:
            self.faults.lose_answer_once = False
            raise UnreachableError("the answer was lost on its way")
        return answer

    def wake(self, mark: str, wait_s: int) -> Wake:
        """Wait for a hint that there is something to sync, `wait_s` seconds at most (P-805). Raises as `sync`."""
        return self._with_token(f"/v1/wake?{urlencode({'wait_s': wait_s, 'mark': mark})}", None, Wake)

    def timeline(self, customer_id: bytes, since_ms: int) -> list[Event]:
        """Events on one customer since a moment, newest first. Raises UnreachableError, Problem(signed_out)."""
        path = f"/v1/desk/timeline?since_ms={since_ms}&customer_id={id_text(customer_id)}"
        return self._with_token(path, None, Timeline).items

    def ask(self, path: str, asked: object, gives: type[T]) -> T:
        """Ask a verb of the desk. Raises UnreachableError, and the Problems of the verb."""
        return self._with_token(path, asked, gives)

    def _session(self) -> SignedIn:
        if self.tokens is None:
            raise Problem(Code.signed_out, "no user is signed in on this phone")
        return self.tokens

    def _keep(self, tokens: SignedIn) -> SignedIn:
        self.keep(tokens)
        self.tokens = tokens
        return tokens

    def _with_token(self, path: str, asked: object, type_: type[T]) -> T:
        """Call with the access token; one that has to be refreshed is exchanged once (P-005)."""
        try:
            return self._call(path, asked, type_, self._bearer())
        except Problem as problem:
            if problem.code.remedy is not Remedy.refresh:
                raise
        self.refresh()
        return self._call(path, asked, type_, self._bearer())

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._session().access_token}"}

    def _call(self, path: str, asked: object, type_: type[T], headers: Mapping[str, str]) -> T:
        """One exchange, again while the server asks for a little patience; asked for nothing (None), it is a GET."""
        body = msgspec.msgpack.encode(asked) if asked is not None else b""
        for _ in range(TRIES_MAX - 1):
            reply = self._exchange(path, body, headers)
            wait_s = _wait_s(reply) if reply.status in _PATIENT else None
            if wait_s is None:
                return _read(reply, type_)
            self.busy(wait_s)
            self._wait(wait_s)
            self.waited_ms += round(wait_s * 1_000)
        return _read(self._exchange(path, body, headers), type_)

    def _exchange(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        sent = {"Content-Type": MSGPACK, "Accept": MSGPACK, "Accept-Encoding": "zstd, gzip", "Accept-Language": self._language, **headers}
        if len(body) >= COMPRESS_FROM_BYTES:
            body = zstandard.compress(body, 3)
            sent["Content-Encoding"] = "zstd"
        idle = self._connection.sock is not None
        try:
            reply = self._send(path, body, sent)
        except UnreachableError as error:
            if not (idle and isinstance(error.__cause__, ConnectionError)):
                raise
            reply = self._send(path, body, sent)  # the server had closed a connection that idled
        self.bytes_up += len(body)
        self.bytes_down += len(reply.body)
        return reply

    def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            self._connection.request("POST" if body else "GET", self._prefix + path, body or None, dict(headers))
            answer = self._connection.getresponse()
            reply = Reply(answer.status, answer.msg, answer.read(ANSWER_BYTES_MAX))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise UnreachableError(str(error) or type(error).__name__) from error
        if answer.length:
            self._connection.close()
            raise UnreachableError(f"the answer stopped {answer.length} bytes early")
        return reply


def _die_if(wanted: bool) -> None:
    """A phone that is killed has no time to tidy up."""
    if wanted:
        os.kill(os.getpid(), signal.SIGKILL)


def _wait_s(reply: Reply) -> float | None:
    """How long the server asks to wait, and up to a second more, so that phones told the same do not come together (P-709).

    None when that is more than a user should watch.
    """
    asked = reply.headers.get("Retry-After", "1")
    if not asked.isdecimal() or len(asked) > 3 or int(asked) > WAIT_S_MAX:
        return None
    return int(asked) + chance.up_to(1_000) / 1_000


def _read(reply: Reply, type_: type[T]) -> T:
    body = _inflated(reply)
    if reply.status >= 400:
        raise _problem(reply.status, body)
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise UnreachableError(f"the answer is not what this app understands: {error}") from None


def _inflated(reply: Reply) -> bytes:
    encoding = reply.headers.get("Content-Encoding", "identity")
    try:
        if encoding == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(reply.body) as reader:
                return reader.read(ANSWER_BYTES_MAX)
        return gzip.decompress(reply.body) if encoding == "gzip" else reply.body
    except (zstandard.ZstdError, OSError, EOFError) as error:
        raise UnreachableError(f"the answer was damaged on its way: {error}") from None


def _problem(status: int, body: bytes) -> Problem:
    """The refusal as the server meant it. An answer that is no problem document came from something in between, and tells nothing of the
    request.

    Raises UnreachableError: the same request again will tell whether the server took it.
    """
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeError):
        told = _Told()
    if not told.code:
        raise UnreachableError(f"HTTP status {status} from something between this phone and the server")
    code = CODES.get(told.code, Code.busy if status in (429, 503) else Code.server_error if status >= 500 else Code.parameter_wrong)
    field = next((error.get("field") for error in told.errors), None)
    return Problem(code, told.detail or told.title or f"HTTP status {status}", field, told.retry_at_ms)
