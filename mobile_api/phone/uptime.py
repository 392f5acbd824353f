"""The clock that nobody sets: how long this machine has run, in which start, and the server's clock when it was heard in this start."""

import time
from pathlib import Path
from typing import Final

import msgspec

from mobile_api.phone.file import FileShelf
from shared_schema.records.inbox import Value
from shared_schema.wire import SyncRequest

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Where there is one, the clock that goes on while the machine sleeps."""
_HEARD: Final = "heard"


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """The server's clock in its last answer, how long this machine had run then, and in which start."""

    server_ms: int
    uptime_ms: int
    boot: str


def running(shelf: FileShelf) -> dict[str, Value]:
    """The slots of a visit that tell of it; none where the machine names no start."""
    start = _boot()
    if not start:
        return {}
    told: dict[str, Value] = {"uptime_ms": _uptime_ms(), "boot": start}
    note = shelf.note(_HEARD)
    heard = msgspec.msgpack.decode(note, type=Heard) if note is not None else None
    if heard is not None and heard.boot == start:
        told |= {"heard_ms": heard.server_ms, "heard_uptime_ms": heard.uptime_ms}
    return told


def timed(asked: SyncRequest, *, real: bool) -> SyncRequest:
    """The request with this machine's running clock, if its start has a name; not of a phone whose clock is another (`real`)."""
    start = _boot() if real else ""
    return msgspec.structs.replace(asked, uptime_ms=_uptime_ms(), boot=start) if start else asked


def hear(shelf: FileShelf, server_ms: int) -> None:
    """Note what the server's clock says now."""
    shelf.put_note(_HEARD, msgspec.msgpack.encode(Heard(server_ms, _uptime_ms(), _boot())))


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


def _uptime_ms() -> int:
    return time.clock_gettime_ns(_CLOCK) // 1_000_000
