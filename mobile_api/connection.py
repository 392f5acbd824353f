"""One connection: HTTP as uvicorn and httptools speak it, within bounds of bytes and seconds that neither of them has.

Between requests it may be silent for `idle_s`; a request is whole within `request_s` of its first byte, its head within `header_bytes_max`;
while the server answers, only the reader is timed. Memory is bounded by the parts that may wait: one head, a piece of a body, a few
requests that came before their turn. The application (`Edge`) answers every refusal, as any problem; then the connection ends.
"""

import asyncio
from collections import deque
from typing import Any, Final, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from mobile_api.doorkeeper import Doorkeeper
from server.domain.throttle import counted_address
from shared_schema.problem import Code, Problem

REFUSAL: Final = "outrider.refusal"
"""In the scope: the problem with which the connection refuses this request, from its head on or while its body is read."""
HEADERS_MAX: Final = 128
"""Headers of one request: each takes more memory than its bytes."""
EARLY_MAX: Final = 8
"""Requests that may wait for the answer to the one before them; with more the connection ends after the last of these."""
LINGER_S: Final = 2.0
"""After the last answer, bytes that still come are thrown away for this long: a reset would take the answer from its reader."""


class _Stopped(Exception):  # noqa: N818 - no error: it ends the parser's work from inside
    """Nothing more of this connection is read."""


class Connection(HttpToolsProtocol):
    """The protocol of `outrider serve`; the application it serves carries the process' `Doorkeeper`."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        app: Any = config.loaded_app
        self._keeper: Doorkeeper = app.state.doorkeeper
        self._settings = self._keeper.settings
        self._due_s: float | None = None
        """When this connection is over, unless something happens; None while the server has the word."""
        self._idle = self._between = True
        """Idle: nothing came since the last answer. Between: the parser is in no message."""
        self._deaf = self._lingers = self._in_body = self._body_came = False
        self._begun = 0
        self._room = self._settings.header_bytes_max
        """Bytes that may still come before the head ends; in a body, before a piece of it comes (chunks' own words, trailers)."""
        self._beyond: Problem | None = None
        self._proxied = False
        self._counted: deque[str | None] = deque()
        self._mouth = _Mouth(self)
        self._taken, self._taken_s = 0, 0.0

    # calls from the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client is not None else ""
        self._proxied = self._keeper.proxies.believed(host)
        try:
            self._beyond = self._keeper.enter(self, host)
        except ConnectionRefusedError:
            self._deaf = True
            transport.abort()
        self._due_s = self.loop.time() + (self._settings.idle_s if self._beyond is None else LINGER_S)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._deaf = True
        self._keeper.leave(self)
        while self._counted:
            self._uncount()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if self._idle:
            self._idle = False
            if self._beyond is None:
                self._due_s = self.loop.time() + self._settings.request_s
        while data:
            piece, data = (data, b"") if self._in_body or len(data) <= self._room else (data[: self._room], data[self._room :])
            if not self._fed(piece):
                return

    def _fed(self, piece: bytes) -> bool:
        """Let the parser read; False: nothing more is read."""
        was_between, was_in_body, self._begun, self._body_came = self._between, self._in_body, 0, False
        try:
            self.parser.feed_data(piece)
        except (
            httptools.HttpParserUpgrade
        ):  # only HTTP/1.1 is spoken here: the request is answered, and the bytes after it are not understood
            self.cycle.keep_alive, self._deaf = False, True
        except httptools.HttpParserError as error:
            if not isinstance(error.__context__, _Stopped):
                self._refuse(Problem(Code.request_malformed, "this is not HTTP/1.1"), "request_malformed")
        if self._deaf:
            return False
        if self._in_body:
            self._room = self._room - len(piece) if was_in_body and not self._body_came else self._settings.header_bytes_max
        elif not self._between and self._begun == was_between:
            self._room -= len(piece)
        if self._room <= 0:
            self._refuse_head()
        return not self._deaf

    # calls from the parser

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._between, self._room = False, self._settings.header_bytes_max
        self._begun += 1
        if self._due_s is None:
            self._due_s = self.loop.time() + self._settings.request_s

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are let go: nobody asks for them, and they could pretend to be headers."""
        if self._in_body:
            return
        if len(self.headers) >= HEADERS_MAX:
            self._refuse_head()
            raise _Stopped
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= EARLY_MAX:
            self.cycle.keep_alive, self._deaf, self._due_s = False, True, None
            raise _Stopped
        self._count()
        super().on_headers_complete()
        self._in_body, self.cycle.transport = True, self._mouth
        if self._beyond is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._body_came = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._between = False, True
        super().on_message_complete()
        self._due_s = None
        if self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        """As uvicorn's, without its timer for each answer."""
        self.server_state.total_requests += 1
        if self._counted:
            self._uncount()
        if self.transport.is_closing() or self._lingers:
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._between:
            self._rest()

    def _rest(self) -> None:
        self._idle, self._due_s = True, self.loop.time() + self._settings.idle_s

    # the client of the request

    def _count(self) -> None:
        """A request from behind a proxy counts for its client: it is the connection that the client has here."""
        address = None
        if self._proxied and self.client is not None:
            host = self._keeper.proxies.client(self.client[0], self.headers)
            self.scope["client"] = (host, 0)
            if not self._keeper.proxies.believed(host):
                address = counted_address(host)
        refusal = self._beyond or (self._keeper.begin(address) if address is not None else None)
        if refusal is not None:
            self.scope[REFUSAL] = refusal  # type: ignore[typeddict-unknown-key]
            address = None
        if self._proxied:
            self._counted.append(address)

    def _uncount(self) -> None:
        address = self._counted.popleft()
        if address is not None:
            self._keeper.end(address)

    # How it ends.

    def look(self, now_s: float) -> None:
        """End the connection if its time is over: called now and then."""
        waiting = self.transport.get_write_buffer_size()
        if waiting and self._mouth.written - waiting <= self._taken:
            if now_s - self._taken_s >= self._settings.idle_s:
                self._keeper.metrics.refused_connection("idle_s")
                self.transport.abort()
            return
        self._taken, self._taken_s = self._mouth.written - waiting, now_s
        if self._due_s is None or now_s < self._due_s or self.flow.read_paused:
            return
        if self._lingers or self.transport.is_closing():
            self.transport.abort()
        elif self._beyond is not None:
            self._refuse(self._beyond)
        elif self._between:
            self._due_s = now_s + LINGER_S
            self.transport.close()
        else:
            seconds = self._settings.request_s
            self._refuse(Problem(Code.request_timeout, f"the request took more than {seconds} seconds to arrive"), "request_s")

    def _refuse_head(self) -> None:
        detail = f"the head may have {self._settings.header_bytes_max} bytes and {HEADERS_MAX} headers"
        self._refuse(Problem(Code.headers_too_large, detail), "header_bytes_max")

    def _refuse(self, problem: Problem, bound: str | None = None) -> None:
        """Read nothing more, and answer if that can still be."""
        self._deaf, self._due_s = True, None
        if bound is not None:
            self._keeper.metrics.refused_connection(bound)
        cycle = cast(RequestResponseCycle | None, self.cycle)
        running = cycle is not None and not cycle.response_complete
        if not running and self._in_body:  # it was answered before it was whole
            self._mouth.close()
        elif not running:
            self._answer(problem)
        elif self._in_body and self.cycle.response_started:
            self.transport.abort()
        else:
            self.cycle.keep_alive = False
            if self._in_body:
                self.cycle.scope[REFUSAL] = problem  # type: ignore[typeddict-unknown-key]
                self.cycle.message_event.set()

    def _answer(self, problem: Problem) -> None:
        """Let the application refuse a request whose head never came whole."""
        if self._between:
            super().on_message_begin()
        self.url = b"/"
        self.scope[REFUSAL] = problem  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()
        self.cycle.transport, self.cycle.keep_alive = self._mouth, False

    def linger(self) -> None:
        """Close for writing, and for reading when the other end has closed too or some seconds later."""
        self._deaf = self._lingers = True
        self._due_s = self.loop.time() + LINGER_S
        self.flow.resume_reading()
        self.transport.write_eof()

    @property
    def whole(self) -> bool:
        """Whether all that came has been read."""
        return self._between and not self._deaf


class _Mouth(asyncio.Transport):
    """The transport as answers see it: counts the bytes written, and closes without a reset."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self.written = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += len(data)
        self._connection.transport.write(data)

    def is_closing(self) -> bool:
        return self._connection.transport.is_closing()

    def close(self) -> None:
        if self._connection.whole or self.is_closing():
            self._connection.transport.close()
        else:
            self._connection.linger()
