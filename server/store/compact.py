"""Forget old removals: a scope's `gone` rows go, and its floor rises to the last of them (P-1xx)."""

import sqlalchemy as sa

from server.models import feed, scope


def scopes(conn: sa.Connection, org_id: int, before_ms: int) -> list[int]:
    """The scopes of an organisation that hold removals written before a moment, by number."""
    old = (feed.c.org_id == org_id, feed.c.gone > 0, feed.c.written_ms < before_ms)
    return list(conn.execute(sa.select(feed.c.scope_no).where(*old).distinct().order_by(feed.c.scope_no)).scalars())


def purge(conn: sa.Connection, org_id: int, scope_no: int, before_ms: int) -> int:
    """Drop the removals written before a moment and raise the floor; how many went. The scope row is locked first, like a publish."""
    whose = (scope.c.org_id == org_id, scope.c.number == scope_no)
    conn.execute(sa.select(scope.c.head).where(*whose).with_for_update())
    old = (feed.c.org_id == org_id, feed.c.scope_no == scope_no, feed.c.gone > 0, feed.c.written_ms < before_ms)
    last = conn.execute(sa.select(sa.func.max(feed.c.seq)).where(*old)).scalar_one()
    if last is None:
        return 0
    conn.execute(sa.update(scope).where(*whose, scope.c.floor < last).values(floor=last))
    return conn.execute(sa.delete(feed).where(*old)).rowcount
