"""Numbers of customers that phones entered: compared some moment after the push, in one transaction for a few pushes."""

import sqlalchemy as sa

from server.services import alike
from server.services.act import NOBODY, finished, loaded
from shared_schema.records.reference import Role
from sync.rules import Actor

PUSHES_MAX = 10
"""Pushes whose numbers are compared in one transaction."""


def compare(conn: sa.Connection, org_id: int, now_ms: int) -> int:
    """Compare a few pushes of an organisation, the earliest first; how many there were."""
    loader = loaded(conn, Actor(org_id, NOBODY, 0, Role.unknown), lambda _: (), now_ms)
    done = alike.compare(loader, PUSHES_MAX)
    finished(loader)
    return done
