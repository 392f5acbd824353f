"""How server rows enter and leave the shelf: by scope and page, with mark and sweep (P-6xx)."""

import msgspec

from shared_schema.wire import ROWS_DECODER, Row, ScopePage
from sync.shelf import HeldScope, Shelf
from sync.state import Key

EVERY_GENERATION = 2**53
"""Above every generation that a scope reaches."""
ID_AND_REV = msgspec.msgpack.Decoder(list[object])


def doubt(shelf: Shelf) -> None:
    """The cursor is void: every scope begins anew. A scope that has not begun by the end of the chain no longer belongs to the device
    (P-611)."""
    for scope in shelf.scopes().values():
        scope.filling = True
        shelf.put_scope(scope)


def doubted(shelf: Shelf) -> list[int]:
    """Scopes that did not begin anew; asked when every scope has reached its head."""
    return [number for number, scope in shelf.scopes().items() if scope.filling]


def take(shelf: Shelf, page: ScopePage) -> None:
    """One page of one scope; when its fill is done, records that it did not name are swept."""
    scope = shelf.scopes().get(page.scope) or HeldScope(page.scope, page.lane)
    if page.begin:
        scope.generation += 1
        scope.filling = True
    for row in ROWS_DECODER.decode(page.rows):
        _take_row(shelf, scope, row)
    scope.position, scope.head = page.position, page.head
    if page.done and scope.filling:
        scope.filling = False
        for key in shelf.sweep(scope.scope, scope.generation):
            shelf.drop_row(key)
    shelf.put_scope(scope)


def _take_row(shelf: Shelf, scope: HeldScope, row: Row) -> None:
    if row.reason:
        key = (row.entity, msgspec.msgpack.decode(row.body, type=bytes))
        if shelf.release(scope.scope, key):
            shelf.drop_row(key)
        return
    key, rev = _identity(row.entity, bytes(row.body))
    held = shelf.row(key)
    if held is None or scope.filling or rev >= _identity(row.entity, held)[1]:
        shelf.put_row(key, bytes(row.body))
    shelf.hold(scope.scope, key, scope.generation)


def _identity(entity: int, body: bytes) -> tuple[Key, int]:
    """Key and rev of a body, also of an entity or with slots that this app does not know."""
    slots = ID_AND_REV.decode(body)
    return (entity, slots[0]), slots[1]  # type: ignore[return-value]


def drop(shelf: Shelf, scope: int) -> None:
    """Let go of a whole scope."""
    for key in shelf.sweep(scope, EVERY_GENERATION):
        shelf.drop_row(key)
    shelf.drop_scope(scope)
