"""The pull half: the new rows for this device, in one snapshot, as stored bytes (docs/protocol.md, P-2xx)."""

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from server.domain.tokens import Claims
from server.services.actors import arrived, owner_of
from server.services.sync_push import Pushed, told_by, unchanged
from server.services.tiles import readers
from server.store import feed
from shared_schema.policy import Lane
from shared_schema.problem import Code
from shared_schema.wire import PROTOCOL, PROTOCOL_MIN, SCHEMA, SCHEMA_MIN, Beyond, ScopePage, SyncRequest
from sync.cursor import Owner, ScopeHead, Wanted, accepted, after, plan, seal
from sync.page import Rows, fill, more, order
from sync.rules import Actor


class Asked(msgspec.Struct, frozen=True):
    """The cursor and tiles of the device, and how much it takes at once."""

    cursor: bytes
    page_bytes: int
    protocol: int = PROTOCOL
    schema: int = SCHEMA
    tiles: tuple[int, ...] = ()


class Pulled(msgspec.Struct, frozen=True):
    """Pages of one snapshot, and the cursor that stands after them."""

    epoch: int
    cursor: bytes
    drop: list[int]
    pages: list[ScopePage]
    more: bool
    problem: str | None = None
    anew: bool = False
    """The cursor counted as empty."""
    beyond: Beyond | None = None


def pull(conn: sa.Connection, claims: Claims, asked: Asked, key: bytes, now_ms: int) -> Pulled:
    """The answer to a device after its push. Raises Problem of identity."""
    acting, line = arrived(conn, claims)
    return pages_for(conn, acting, asked, key, owner_of(acting, line))


def idle(conn: sa.Connection, claims: Claims, request: SyncRequest, asked: Asked, key: bytes, now_ms: int) -> tuple[Pushed, Pulled] | None:
    """A whole sync of a device that entered nothing, in one snapshot; None when there is something to write down.

    `key`: of the cursor's MAC.
    """
    acting, line = arrived(conn, claims)
    pushed = unchanged(line, request, told_by(acting, line, request, key), now_ms)
    return None if pushed is None else (pushed, pages_for(conn, acting, asked, key, owner_of(acting, line)))


def pages_for(conn: sa.Connection, acting: Actor, asked: Asked, key: bytes, owner: Owner) -> Pulled:
    """Read scope by scope until the page is full. `key`: of the cursor's MAC. `owner`: of the cursor that is accepted."""
    cursor = accepted(asked.cursor, key, owner)
    if asked.protocol < PROTOCOL_MIN or asked.schema < SCHEMA_MIN:
        word = Code.protocol_unknown.word if asked.protocol < PROTOCOL_MIN else Code.schema_unknown.word
        kept = asked.cursor if cursor is not None or not asked.cursor else seal(after(owner, ()), key)  # a void one would be void for ever
        return Pulled(owner[0], kept, [], [], False, word, cursor is None)
    scopes, beyond = _held(conn, acting, asked.tiles)
    wanted, drop = plan(cursor, sorted(scopes.values(), key=lambda scope: order(scope.lane, scope.number)))
    pages, places = fill(wanted, asked.page_bytes, _reader(conn, acting.org_id))
    issued = seal(after(owner, places), key)
    return Pulled(owner[0], issued, drop, pages, more(wanted, places), anew=cursor is None, beyond=beyond)


def _held(conn: sa.Connection, acting: Actor, tiles: tuple[int, ...]) -> tuple[dict[int, ScopeHead], Beyond | None]:
    """The scopes of a device, and the number of those that exceed the limit of one device (P-135)."""
    scopes = feed.scopes_of(conn, acting)
    near, left_out = feed.tiles_within(conn, acting.org_id, readers(conn, acting, tiles), feed.SCOPES_MAX - len(scopes))
    reports = sum(scope.lane == Lane.now for scope in scopes.values()) - 1
    unheld = len(acting.report_ids) - reports if len(scopes) == feed.SCOPES_MAX else 0
    scopes.update((scope.number, scope) for scope in near)
    return scopes, Beyond(left_out, unheld) if left_out or unheld else None


def _reader(conn: sa.Connection, org_id: int) -> Callable[[Wanted], tuple[Rows, bool]]:
    def read(one: Wanted) -> tuple[Rows, bool]:
        rows = feed.read(conn, org_id, one)
        return rows, len(rows) < feed.ROWS_MAX

    return read
