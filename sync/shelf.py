"""The memory of the reference device, behind one small interface: in memory for simulators, in an SQLite file for phones."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from shared_schema.wire import Outcome
from sync.state import Key


class Seat(msgspec.Struct, array_like=True):
    """The line of the device, and how far it came."""

    org_id: int = 0
    user_id: bytes = b""
    line_no: int = 0
    cursor: bytes = b""
    epoch: int = 0
    next_n: int = 1
    acked_n: int = 0
    """Outcomes up to here are stored on this device."""
    backed_up_n: int = 0
    forked: bool = False
    """The server knows another history of this line: enrol a new one."""
    tiles: tuple[int, ...] = ()
    """Tiles whose pooled customers this device keeps (P-126)."""


class HeldScope(msgspec.Struct, array_like=True):
    """One scope on the device. Rows of an older generation are swept when a fill is done."""

    scope: int
    lane: int
    position: int = 0
    head: int = 0
    generation: int = 0
    filling: bool = False


class Pending(msgspec.Struct, array_like=True):
    """One own mutation: bytes frozen when the user acted; kept until it is visible, acknowledged and backed up."""

    n: int
    raw: bytes
    outcome: Outcome | None = None
    overlay: bool = True
    """Still drawn over the server's rows."""


class Shelf(Protocol):
    """Storage of one device line. The caller wraps each device operation in one local transaction."""

    def seat(self) -> Seat: ...
    def put_seat(self, seat: Seat) -> None: ...
    def scopes(self) -> dict[int, HeldScope]: ...
    def put_scope(self, scope: HeldScope) -> None: ...
    def drop_scope(self, scope: int) -> None: ...
    def row(self, key: Key) -> bytes | None: ...
    def rows(self, entity: int) -> Iterable[tuple[bytes, bytes]]:
        """(id, body) of every held record of one entity, by id."""
        ...

    def put_row(self, key: Key, body: bytes) -> None: ...
    def drop_row(self, key: Key) -> None: ...
    def hold(self, scope: int, key: Key, generation: int) -> None: ...
    def release(self, scope: int, key: Key) -> bool:
        """Let go of a record in one scope; True when no scope holds it any more."""
        ...

    def sweep(self, scope: int, generation: int) -> list[Key]:
        """Let go of everything in this scope of an older generation; the keys which no scope holds any more."""
        ...

    def pendings(self) -> list[Pending]:
        """Own mutations by n."""
        ...

    def put_pending(self, pending: Pending) -> None: ...
    def drop_pending(self, n: int) -> None: ...


class MemoryShelf:
    """A shelf in memory."""

    def __init__(self) -> None:
        self._seat = Seat()
        self._scopes: dict[int, HeldScope] = {}
        self._rows: dict[Key, bytes] = {}
        self._holds: dict[int, dict[Key, int]] = {}
        self._pendings: dict[int, Pending] = {}

    def seat(self) -> Seat:
        return msgspec.structs.replace(self._seat)

    def put_seat(self, seat: Seat) -> None:
        self._seat = seat

    def scopes(self) -> dict[int, HeldScope]:
        return {number: msgspec.structs.replace(scope) for number, scope in self._scopes.items()}

    def put_scope(self, scope: HeldScope) -> None:
        self._scopes[scope.scope] = scope

    def drop_scope(self, scope: int) -> None:
        self._scopes.pop(scope, None)

    def row(self, key: Key) -> bytes | None:
        return self._rows.get(key)

    def rows(self, entity: int) -> list[tuple[bytes, bytes]]:
        return sorted((key[1], body) for key, body in self._rows.items() if key[0] == entity)

    def put_row(self, key: Key, body: bytes) -> None:
        self._rows[key] = body

    def drop_row(self, key: Key) -> None:
        self._rows.pop(key, None)

    def hold(self, scope: int, key: Key, generation: int) -> None:
        self._holds.setdefault(scope, {})[key] = generation

    def release(self, scope: int, key: Key) -> bool:
        self._holds.get(scope, {}).pop(key, None)
        return not any(key in held for held in self._holds.values())

    def sweep(self, scope: int, generation: int) -> list[Key]:
        stale = [key for key, held in self._holds.get(scope, {}).items() if held < generation]
        return [key for key in stale if self.release(scope, key)]

    def pendings(self) -> list[Pending]:
        return [msgspec.structs.replace(self._pendings[n]) for n in sorted(self._pendings)]

    def put_pending(self, pending: Pending) -> None:
        self._pendings[pending.n] = pending

    def drop_pending(self, n: int) -> None:
        self._pendings.pop(n, None)
