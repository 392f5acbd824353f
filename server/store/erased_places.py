"""SQL of where an erased user was: the records that still tell it, and the bytes of the user's own entries (D-487)."""

from typing import Final

import sqlalchemy as sa

from server.models import RECORD_TABLES, erasure, payload, retained
from server.store import mentions
from server.store import retained as retained_places
from server.store.retained import BATCH_MAX, GONE_MS
from shared_schema.entity import Entity
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.forgetting import TELLING
from sync.state import Key

ITEM: Final = BY_RECORD[InboxItem]
KINDS: Final = tuple(BY_NUMBER[number] for number in sorted(TELLING))


def waiting(conn: sa.Connection) -> list[tuple[int, bytes]]:
    """(organisation, user) of the erasures that are not complete."""
    found = sa.select(erasure.c.org_id, erasure.c.id).where(erasure.c.waits).order_by(erasure.c.org_id, erasure.c.at_ms)
    return [(row.org_id, bytes(row.id)) for row in conn.execute(found)]


def telling_of(conn: sa.Connection, org_id: int, user_id: bytes) -> list[Key]:
    """The next records that tell where the user was, BATCH_MAX at most."""
    found: list[Key] = []
    for entity in KINDS:
        table = RECORD_TABLES[entity.name]
        same = sa.and_(
            retained.c.org_id == table.c.org_id, retained.c.id == table.c.id, retained.c.entity == entity.number, retained.c.at_ms < GONE_MS
        )
        chosen = sa.select(table.c.id).join(retained, same).where(table.c.org_id == org_id, _of(conn, org_id, entity, user_id))
        found += [(entity.number, bytes(one)) for one in conn.execute(chosen.limit(BATCH_MAX - len(found))).scalars()]
        if len(found) >= BATCH_MAX:
            break
    return found


def _of(conn: sa.Connection, org_id: int, entity: Entity, user_id: bytes) -> sa.ColumnElement[bool]:
    """Whether the user entered the record, or what waits in it."""
    table = RECORD_TABLES[entity.name]
    if entity.author is not None:
        return table.c[entity.author] == user_id
    return table.c.id.in_(sorted(_cards(conn, org_id, user_id))) if entity is ITEM else mentions.bears(table, user_id)


def _cards(conn: sa.Connection, org_id: int, user_id: bytes) -> set[bytes]:
    """The cards of the user's entries, and those that went up from them, however far: a card that came up bears no device line."""
    table = RECORD_TABLES[ITEM.name]
    first = table.c.line_no.in_(mentions.lines_of(conn, org_id, user_id))
    found: set[bytes] = set()
    while new := {bytes(one) for one in conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id, first)).scalars()} - found:
        found |= new
        first = table.c.origin_id.in_(sorted(new))
    return found


def forget_bytes(conn: sa.Connection, org_id: int, user_id: bytes) -> int:
    """Take it out of the next of the user's entries that are kept as they came; how many."""
    return retained_places.forget_bytes(conn, org_id, payload.c.line_no.in_(mentions.lines_of(conn, org_id, user_id)))


def complete(conn: sa.Connection, org_id: int, user_id: bytes) -> None:
    """Nothing tells it any more."""
    conn.execute(sa.update(erasure).where(erasure.c.org_id == org_id, erasure.c.id == user_id).values(waits=False))
