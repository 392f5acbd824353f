"""The pull half: what is new for this device, in one snapshot, as stored bytes (docs/protocol.md, P-2xx)."""

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from server.domain.tokens import Claims
from server.services.actors import arrived
from server.services.sync_push import Pushed, unchanged
from server.store import feed
from shared_schema.problem import Code
from shared_schema.wire import PROTOCOL, PROTOCOL_MIN, SCHEMA, SCHEMA_MIN, ScopePage, SyncRequest
from sync.cursor import Cursor, Wanted, after, owned, plan, seal, unseal
from sync.page import Rows, fill, more, order
from sync.rules import Actor


class Asked(msgspec.Struct, frozen=True):
    """What the device holds, and how much it takes at once."""

    cursor: bytes
    page_bytes: int
    protocol: int = PROTOCOL
    schema: int = SCHEMA


class Pulled(msgspec.Struct, frozen=True):
    """Pages of one snapshot, and the cursor that stands after them."""

    epoch: int
    cursor: bytes
    drop: list[int]
    pages: list[ScopePage]
    more: bool
    problem: str | None = None


def pull(conn: sa.Connection, claims: Claims, asked: Asked, key: bytes, now_ms: int) -> Pulled:
    """What a device is told after its push. Raises Problem of identity."""
    acting, line = arrived(conn, claims)
    return pages_for(conn, acting, asked, (key, line.epoch))


def idle(conn: sa.Connection, claims: Claims, request: SyncRequest, asked: Asked, how: tuple[bytes, int]) -> tuple[Pushed, Pulled] | None:
    """A whole sync of a device that entered nothing, in one snapshot; None when there is something to write down. `how`: (key, now_ms)."""
    key, now_ms = how
    acting, line = arrived(conn, claims)
    pushed = unchanged(line, request, now_ms)
    return None if pushed is None else (pushed, pages_for(conn, acting, asked, (key, line.epoch)))


def pages_for(conn: sa.Connection, acting: Actor, asked: Asked, how: tuple[bytes, int]) -> Pulled:
    """Read scope by scope until the page is full. `how`: (key of the cursor's MAC, epoch)."""
    key, epoch = how
    if asked.protocol < PROTOCOL_MIN or asked.schema < SCHEMA_MIN:
        word = Code.protocol_unknown.word if asked.protocol < PROTOCOL_MIN else Code.schema_unknown.word
        return Pulled(epoch, asked.cursor, [], [], False, word)
    cursor = _cursor(asked, key, epoch, acting)
    scopes = feed.scopes_of(conn, acting)
    wanted, drop = plan(cursor, sorted(scopes.values(), key=lambda scope: order(scope.lane, scope.number)))
    pages, places = fill(wanted, asked.page_bytes, _reader(conn, acting.org_id))
    issued = seal(after((epoch, acting.org_id, acting.user_id, acting.line_no), places), key)
    return Pulled(epoch, issued, drop, pages, more(wanted, places))


def _cursor(asked: Asked, key: bytes, epoch: int, acting: Actor) -> Cursor | None:
    return owned(unseal(asked.cursor, key), epoch, acting.org_id, acting.user_id, acting.line_no)


def _reader(conn: sa.Connection, org_id: int) -> Callable[[Wanted], tuple[Rows, bool]]:
    def read(one: Wanted) -> tuple[Rows, bool]:
        rows = feed.read(conn, org_id, one)
        return rows, len(rows) < feed.ROWS_MAX

    return read
