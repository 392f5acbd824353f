"""SQL of the robots of organisations."""

from typing import Any

import sqlalchemy as sa

from server.models import robot
from server.store.identity import Row


def find(conn: sa.Connection, org_id: int) -> Row | None:
    """The robot of an organisation."""
    return conn.execute(sa.select(robot).where(robot.c.org_id == org_id)).one_or_none()


def put(conn: sa.Connection, org_id: int, values: dict[str, Any]) -> None:
    """Make this the organisation's robot."""
    known = conn.execute(sa.update(robot).where(robot.c.org_id == org_id).values(values)).rowcount
    if not known:
        conn.execute(sa.insert(robot).values(org_id=org_id, **values))


def drop(conn: sa.Connection, org_id: int) -> None:
    """The organisation has no robot any more."""
    conn.execute(sa.delete(robot).where(robot.c.org_id == org_id))
