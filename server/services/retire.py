"""Notices that were read long ago leave their reader's lane (D-907)."""

import sqlalchemy as sa

from server.domain.notifications import ENTITY
from server.models import RECORD_TABLES
from server.store import feed
from server.store.feed import FeedRow
from server.store.write import put_rows
from shared_schema.policy import Lane
from shared_schema.records.notification import NotificationState
from shared_schema.wire import Reason
from sync.scope import Reader

BATCH_MAX = 500
TABLE = RECORD_TABLES[ENTITY.name]


def retire(conn: sa.Connection, org_id: int, before_ms: int, now_ms: int) -> int:
    """Forget a batch of notices that were made before a moment and were read; how many. Devices let go of them at their next sync."""
    read = (TABLE.c.org_id == org_id, TABLE.c.state >= int(NotificationState.seen), TABLE.c.made_ms < before_ms)
    chosen = sa.select(TABLE.c.id, TABLE.c.user_id).where(*read).order_by(TABLE.c.id).limit(BATCH_MAX).with_for_update()
    readers = {bytes(row.id): Reader(Lane.notice, bytes(row.user_id)) for row in conn.execute(chosen)}
    put_rows(conn, org_id, ENTITY, gone=sorted(readers))
    numbers = feed.scope_numbers(conn, org_id, set(readers.values()))
    left = int(Reason.left)
    rows = [
        FeedRow(numbers[reader], ENTITY.number, notice_id, left, feed.gone((ENTITY.number, notice_id), left))
        for notice_id, reader in readers.items()
        if reader in numbers
    ]
    feed.publish(conn, org_id, rows, now_ms)
    return len(readers)
