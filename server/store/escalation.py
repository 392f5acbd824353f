"""SQL of inbox items that go up: open ones of a holder, and the managers of departments."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store import load
from server.store.identity import PERSON
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_RECORD
from sync.state import State

ITEM: Final = BY_RECORD[InboxItem]
TABLE: Final = RECORD_TABLES[ITEM.name]
ITEMS_MAX: Final = 500
"""Items of one leaver that move in one transaction; the job takes the rest."""
Place = tuple[int, bytes]
"""(created_ms, id) of an item: where a page of them ends."""


def items(conn: sa.Connection, org_id: int, item_ids: Collection[bytes]) -> list[InboxItem]:
    """Inbox items by id."""
    found = State()
    load.by_ids(conn, found, org_id, ITEM, item_ids)
    return [one.record for one in found.held.values() if isinstance(one.record, InboxItem)]


def open_of(conn: sa.Connection, org_id: int, holder_id: bytes, after: Place | None = None) -> list[Place]:
    """Places of the open items of a holder behind `after`, the oldest first: at most ITEMS_MAX."""
    where = [TABLE.c.org_id == org_id, TABLE.c.holder_id == holder_id, TABLE.c.state == int(ItemState.open)]
    if after is not None:
        created_ms, item_id = after
        later = sa.and_(TABLE.c.created_ms == created_ms, TABLE.c.id > item_id)
        where.append(sa.or_(TABLE.c.created_ms > created_ms, later))
    chosen = sa.select(TABLE.c.created_ms, TABLE.c.id).where(*where).order_by(TABLE.c.created_ms, TABLE.c.id).limit(ITEMS_MAX)
    return [(row.created_ms, bytes(row.id)) for row in conn.execute(chosen)]


def leavers(conn: sa.Connection, org_id: int) -> list[bytes]:
    """Users who are no longer active and still hold open items."""
    gone = sa.and_(PERSON.c.org_id == TABLE.c.org_id, PERSON.c.id == TABLE.c.holder_id, ~PERSON.c.active)
    where = (TABLE.c.org_id == org_id, TABLE.c.state == int(ItemState.open))
    return list(
        conn.execute(sa.select(TABLE.c.holder_id).join(PERSON, gone).where(*where).distinct().order_by(TABLE.c.holder_id)).scalars()
    )
