"""Whether a database can be written: asked by a write."""

from typing import Final

import sqlalchemy as sa

from server.models import attempt

_KEY: Final = "probe:" + "." * 4_096
"""More than fits on the pages at hand, so that a full disk is noticed; PostgreSQL compresses it in the index."""


def write_nothing(conn: sa.Connection) -> None:
    """Change no row: enough to notice a lock, and a PostgreSQL that can only be read; costs no disk."""
    conn.execute(sa.delete(attempt).where(attempt.c.key == _KEY))


def write_something(conn: sa.Connection) -> None:
    """Write a row and take it back, so that the disk must take it."""
    write_nothing(conn)
    conn.execute(sa.insert(attempt).values(key=_KEY, count=0, window_ms=0))
    write_nothing(conn)
