"""Delete where a user was who is erased: a batch of visits and kept entries in each transaction (D-487)."""

import sqlalchemy as sa

from server.services.forget import forget
from server.store import erased_places, owed


def places(conn: sa.Connection, org_id: int, user_id: bytes, now_ms: int) -> int:
    """Delete it from the next batch; how much it was. Once nothing is left the erasure is complete."""
    keys = erased_places.telling_of(conn, org_id, user_id)
    done = forget(conn, org_id, keys, 0, now_ms) if keys else 0
    if emptied := erased_places.forget_bytes(conn, org_id, user_id):
        owed.note(conn, org_id, now_ms)
    done += emptied
    if not keys and not done:
        erased_places.complete(conn, org_id, user_id)
    return done


def all_places(conn: sa.Connection, now_ms: int) -> int:
    """Delete it for everybody, in one transaction: before a restored database serves anybody."""
    total = 0
    for org_id, user_id in erased_places.waiting(conn):
        while done := places(conn, org_id, user_id, now_ms):
            total += done
    return total
