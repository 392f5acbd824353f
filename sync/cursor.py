"""The cursor: where a device stands in each scope. Opaque to the device, and sealed with a MAC (P-2xx)."""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from shared_schema.wire import ENCODER, SCHEMA

FORMAT: Final = 1
MAC_BYTES: Final = 16
DIGEST_BYTES: Final = 8
UNSEALED_MAX: Final = 32
"""Cursors that are remembered: one request looks at its own up to four times, for different questions."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Position in one scope. `base`: the head when the device began the scope; below it there are no news of removals."""

    scope: int
    position: int
    base: int


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The epoch of the server's history, the schema, the device line, and a place per scope."""

    format: int
    epoch: int
    schema: int
    org_id: int
    user_id: bytes
    line_no: int
    places: list[Place]
    resets: int = 0
    """How often the server had told this line to begin anew."""


Owner = tuple[int, int, bytes, int, int]
"""The cursor that is accepted now: (epoch, org_id, user_id, line_no, resets of the line)."""


class ScopeHead(msgspec.Struct, frozen=True):
    """One scope that the actor may hold now. Rows at or below `floor` may have lost their tombstones."""

    number: int
    lane: int
    head: int
    floor: int


class Wanted(msgspec.Struct, frozen=True):
    """The part of one scope to read next. `begin`: the device starts it anew and sweeps."""

    scope: ScopeHead
    begin: bool
    position: int
    base: int
    held: Place | None = None
    """The place where the device stands now. The cursor names the scope until the device has begun it anew, so that a loss meanwhile is
    still told."""


_DECODER: Final = msgspec.msgpack.Decoder(Cursor)


def seal(cursor: Cursor, key: bytes) -> bytes:
    """Bytes of the cursor with its MAC."""
    body = ENCODER.encode(cursor)
    return hmac.digest(key, body, hashlib.sha256)[:MAC_BYTES] + body


@lru_cache(UNSEALED_MAX)
def unseal(raw: bytes, key: bytes) -> Cursor | None:
    """The cursor, or None when it was not made by this server or in this format: the device then begins anew (P-204)."""
    mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not hmac.compare_digest(mac, hmac.digest(key, body, hashlib.sha256)[:MAC_BYTES]):
        return None
    try:
        cursor = _DECODER.decode(body)
    except (msgspec.DecodeError, ValueError):
        return None
    return cursor if cursor.format == FORMAT else None


def digest(raw: bytes) -> bytes:
    """Names a cursor in an answer, so that a late answer is recognised."""
    return hashlib.sha256(raw).digest()[:DIGEST_BYTES]


def accepted(raw: bytes, key: bytes, owner: Owner) -> Cursor | None:
    """The cursor if it belongs to this device in this epoch, else None: reset, never "nothing new" (P-204, P-205, P-215)."""
    cursor = unseal(raw, key)
    if cursor is None or (cursor.epoch, cursor.org_id, cursor.user_id, cursor.line_no, cursor.resets) != owner:
        return None
    return cursor


def speaks_of_now(raw: bytes, key: bytes, owner: Owner) -> bool:
    """Whether a request speaks of outcomes of this server's history (P-317). A device that sends no cursor keeps nothing of another
    history."""
    return not raw or accepted(raw, key, owner) is not None


def plan(cursor: Cursor | None, scopes: Iterable[ScopeHead]) -> tuple[list[Wanted], list[int]]:
    """The part of each scope to read, and the scopes that the device drops (P-206). Order as given."""
    places = {place.scope: place for place in cursor.places} if cursor else {}
    wanted = [_wanted(scope, places.pop(scope.number, None)) for scope in scopes]
    return wanted, sorted(places)


def _wanted(scope: ScopeHead, place: Place | None) -> Wanted:
    if place is None or place.position > scope.head:
        return Wanted(scope, True, 0, scope.head)
    if max(place.position, place.base) < scope.floor:
        return Wanted(scope, True, 0, scope.head, place)
    return Wanted(scope, False, place.position, place.base, place)


def after(owner: Owner, places: Iterable[Place]) -> Cursor:
    """The cursor which an answer issues."""
    epoch, org_id, user_id, line_no, resets = owner
    return Cursor(FORMAT, epoch, SCHEMA, org_id, user_id, line_no, sorted(places, key=lambda place: place.scope), resets)
