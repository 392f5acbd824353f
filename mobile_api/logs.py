"""Structured logs: one JSON object a line, without bodies, tokens, queries or the words of an exception."""

import atexit
import json
import logging
import os
import select
import sys
import threading
import traceback
from typing import Any, Final, NamedTuple

import msgspec

from server import chance

FRAMES_MAX: Final = 12
BACKLOG_BYTES_MAX: Final = 1_048_576
"""Lines that wait for a slow reader; lines beyond are left out, and their number is told."""
END_S: Final = 2.0
"""A process that ends gives a slow reader this long."""


class Lines:
    """One stream of lines, for loggers and the access log alike, so that they keep their order; no call waits for a slow reader.

    A line is written at once, by one system call, while the stream takes it. When it does not (a pipe that nobody empties), lines wait in
    memory and a thread writes them, in order, until none is left.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._ready = _poll(handle)
        self._lock = threading.Lock()
        self._waiting = bytearray()
        self._lost = 0
        self._writer: threading.Thread | None = None

    def write(self, line: bytes) -> None:
        """Write one line, its end included."""
        with self._lock:
            if self._writer is None and self._ready.poll(0):
                line = line[_written(self._handle, line) :]
            if not line:
                return
            if len(self._waiting) + len(line) > BACKLOG_BYTES_MAX:
                self._lost += 1
                return
            self._waiting += line
            if self._writer is None:
                self._writer = threading.Thread(target=self._drain, name="log", daemon=True)
                self._writer.start()

    def finish(self) -> None:
        """Give the reader a moment to take the waiting lines."""
        if (writer := self._writer) is not None:
            writer.join(END_S)

    def _drain(self) -> None:
        ready = _poll(self._handle)
        while True:
            with self._lock:
                if self._lost:
                    self._waiting += _told({"level": "warning", "logger": "outrider.logs", "message": "lines lost", "lost": self._lost})
                    self._lost = 0
                if not self._waiting:
                    self._writer = None
                    return
                lines = bytes(self._waiting)
                self._waiting.clear()
            while lines:
                ready.poll()
                lines = lines[_written(self._handle, lines) :]


def _poll(handle: int) -> select.poll:
    found = select.poll()
    found.register(handle, select.POLLOUT)
    return found


def _written(handle: int, lines: bytes) -> int:
    """How many bytes were taken. All, when nobody will ever read them: a log is no reason to fail."""
    try:
        return os.write(handle, lines)
    except BlockingIOError:
        return 0
    except OSError:
        return len(lines)


class JsonLines(logging.Formatter):
    """A record as one JSON line. The facts of `extra={"facts": {…}}` are merged in."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time_ms": int(record.created * 1000), "level": record.levelname.lower(), "logger": record.name}
        line["message"] = record.getMessage()
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line.update(trace(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


class _Handler(logging.Handler):
    """The words of loggers, as lines of the stream."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.write(self.format(record).encode("utf-8", "replace") + b"\n")
        except Exception:  # noqa: BLE001 - the machinery's own way for a record that cannot be told
            self.handleError(record)


class Served(NamedTuple):
    """A request that was answered."""

    method: str
    route: str
    status: int


class Caller(NamedTuple):
    """The organisation and the device line of a request."""

    org: int
    line: int


NOBODY: Final = (None, None)


class _Access(msgspec.Struct, omit_defaults=True):
    """A line of the access log."""

    time_ms: int
    level: str
    logger: str
    message: str
    method: str
    route: str
    status: int
    ms: float
    org: int | None = None
    line: int | None = None


class AccessLog:
    """One line for each request, past the machinery of `logging`, whose records cost more than the rest of an empty pull's edge."""

    def __init__(self) -> None:
        self.lines: Lines | None = None
        """None: nothing is told."""
        self._encode = msgspec.json.Encoder().encode

    def tell(self, request: Served, seconds: float, caller: Caller | None) -> None:
        """Tell of a request and of its caller."""
        if self.lines is not None:
            org, line = caller or NOBODY
            told = _Access(chance.now_ms(), "info", "outrider.access", "request", *request, round(seconds * 1000, 1), org, line)
            self.lines.write(self._encode(told) + b"\n")


ACCESS: Final = AccessLog()
"""That of this process; silent until `configure`."""


def _told(facts: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"time_ms": chance.now_ms(), **facts}) + b"\n"


def trace(error: BaseException) -> dict[str, Any]:
    """Types and places of an exception and its causes. Never its words: a database quotes values and statements in them."""
    types: list[str] = []
    frames: list[str] = []
    current = error
    while len(types) < FRAMES_MAX:
        types.append(type(current).__qualname__)
        frames += [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(current.__traceback__)
        ]
        cause = current.__cause__ or current.__context__
        if cause is None:
            break
        current = cause
    return {"error": types, "at": frames[-FRAMES_MAX:]}


def configure(level: str) -> None:
    """Send every logger of this process, and the access log, to standard error as JSON lines. `level` is a name such as `info`."""
    lines = Lines(sys.stderr.fileno())
    atexit.register(lines.finish)
    root = logging.getLogger()
    root.handlers[:] = [_Handler(lines)]
    root.setLevel(level.upper())
    ACCESS.lines = lines if root.isEnabledFor(logging.INFO) else None
    # They tell of every request and every look at the schema; httpx even with its query.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
