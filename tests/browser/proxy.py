"""A bad network between a browser and its server: a wire on loopback that is cut, silent, slow, or loses an answer, and heals again."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

CHUNK_BYTES: Final = 64 * 1024
SLICES_PER_S: Final = 20
END_S: Final = 10
RESET: Final = struct.pack("ii", 1, 0)


class State(Enum):
    """What the wire does with bytes."""

    whole = "whole"
    silent = "silent"
    cut = "cut"


class Passage:
    """One connection through the wire: the browser's socket, the server's socket, and whether its answer is to be lost."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near = near
        self.far = far
        self.loses = False
        self.open = True
        self._ended = 0

    def end_one_way(self, target: socket.socket) -> bool:
        """One side has said all: tell the other. True when both have, and the passage is over."""
        self._ended += 1
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        if self._ended == 2:
            self._close()
        return self._ended == 2

    def reset(self) -> None:
        """Break it off, so that neither side takes it for an end."""
        if self.open:
            for each in (self.near, self.far):
                with contextlib.suppress(OSError):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    each.shutdown(socket.SHUT_RD)  # wakes the thread that waits in recv
            self._close()

    def _close(self) -> None:
        self.open = False
        self.near.close()
        self.far.close()


class Wire:
    """One port on loopback that leads to a server. Connections that are under way feel each change at once."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._changed = threading.Condition()
        self._state = State.whole
        self._bytes_per_s = 0
        self._lose = b""
        self._cuts_after = False
        self._lost = 0
        self._passages: set[Passage] = set()
        self._threads: list[threading.Thread] = []
        self._kept = _bound(0)  # never listens: it keeps the port while nobody does, and connections are refused
        self.port: int = self._kept.getsockname()[1]
        self._door: socket.socket | None = None
        self._listen()

    @property
    def url(self) -> str:
        """Where the browser goes."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """No network: connections are refused, and those under way are reset."""
        if self._door is not None:
            self._door.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept; close alone does not
            self._door.close()
            self._door = None
        with self._changed:
            self._state = State.cut
            for each in self._passages:
                each.reset()
            self._passages.clear()
            self._changed.notify_all()

    def silence(self) -> None:
        """The worse network: connections are taken, and nothing passes in either direction. What was sent arrives when the wire heals."""
        with self._changed:
            self._state = State.silent

    def slow(self, bytes_per_s: int) -> None:
        """Each connection carries so many bytes a second in each direction."""
        with self._changed:
            self._bytes_per_s = bytes_per_s

    def lose_answer(self, request: str, cuts_after: bool = False) -> None:
        """Lose one answer: the server carries out the next request that begins so (`POST /v1/sync`); then its connection is reset.
        With `cuts_after` the whole wire is cut in the same moment: the browser cannot be quicker with its next request."""
        with self._changed:
            self._lose, self._cuts_after, self._lost = request.encode(), cuts_after, 0

    def wait_lost(self, timeout_s: float = END_S) -> bool:
        """Wait until that answer was lost; false if it never came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._lost > 0, timeout_s)

    def heal(self) -> None:
        """A whole, quick network again. An answer that is still to be lost is lost all the same."""
        with self._changed:
            self._state, self._bytes_per_s = State.whole, 0
            self._changed.notify_all()
        if self._door is None:
            self._listen()

    def close(self) -> None:
        """Reset what is under way and give the port back."""
        self.cut()
        self._kept.close()
        for thread in self._threads:
            thread.join(END_S)

    def _listen(self) -> None:
        self._door = door = _bound(self.port)
        door.listen(128)
        self._start(lambda: self._accept(door))

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="wire", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            try:
                passage = Passage(near, socket.create_connection(self._to))
            except OSError:
                near.close()
                continue
            with self._changed:
                if self._state is State.cut:
                    passage.reset()
                    return
                self._passages.add(passage)
            self._start(lambda one=passage: self._up(one))  # type: ignore[misc]  # a lambda's default has no type of its own
            self._start(lambda one=passage: self._down(one))  # type: ignore[misc]

    def _up(self, passage: Passage) -> None:
        for data in _read(passage.near):
            with self._changed:
                if self._lose and data.startswith(self._lose):
                    self._lose, passage.loses = b"", True
            if not self._send(passage, passage.far, data):
                return
        self._end(passage, passage.far)

    def _down(self, passage: Passage) -> None:
        for data in _read(passage.far):
            if passage.loses:
                if self._cuts_after:
                    self.cut()
                with self._changed:
                    passage.reset()
                    self._passages.discard(passage)
                    self._lost += 1
                    self._changed.notify_all()
                return
            if not self._send(passage, passage.near, data):
                return
        self._end(passage, passage.near)

    def _send(self, passage: Passage, target: socket.socket, data: bytes) -> bool:
        """Pass bytes on as the state of the wire allows; false if the passage is gone."""
        at = 0
        while at < len(data):
            with self._changed:
                self._changed.wait_for(lambda: self._state is not State.silent or not passage.open)
                slice_bytes = self._bytes_per_s // SLICES_PER_S
            try:
                target.sendall(data[at : at + (slice_bytes or len(data))])
            except OSError:
                return False
            at += slice_bytes or len(data)
            if slice_bytes:
                self._pace()
        return True

    def _pace(self) -> None:
        """Wait for the time of a slice, or until the wire is quick again."""
        until = time.monotonic() + 1 / SLICES_PER_S
        with self._changed:
            while self._bytes_per_s and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _end(self, passage: Passage, target: socket.socket) -> None:
        with self._changed:
            if passage.open and passage.end_one_way(target):
                self._passages.discard(passage)


def _read(source: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            yield data


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


@contextmanager
def wire(host: str, port: int) -> Iterator[Wire]:
    """A wire to a server until the block ends."""
    made = Wire(host, port)
    try:
        yield made
    finally:
        made.close()
