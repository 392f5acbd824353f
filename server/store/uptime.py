"""SQL of when the servers were up: what lies between two rows is an outage, in which no phone was heard."""

from typing import Final

import sqlalchemy as sa

from server.domain.outages import Outage
from server.models import uptime
from server.store.providers import SERVER

OFF_MS: Final = 10 * 60_000
"""A shorter break is none: a server that starts anew is back by then."""
NEWER_MS: Final = 30_000
"""A server that worked a moment ago need not be told again: of several servers one writes."""
KEPT_MAX: Final = 200
"""Of older breaks nobody knows: a server that is off each night remembers months."""
MINE: Final = uptime.c.org_id == SERVER


def beat(conn: sa.Connection, now_ms: int) -> None:
    """A server is up now. A clock that was set back forgets what was ahead of it."""
    conn.execute(sa.delete(uptime).where(MINE, uptime.c.from_ms > now_ms))
    conn.execute(sa.update(uptime).where(MINE, uptime.c.until_ms > now_ms).values(until_ms=now_ms))
    latest = conn.execute(sa.select(uptime).where(MINE).order_by(uptime.c.from_ms.desc()).limit(1)).one_or_none()
    if latest is None or now_ms - latest.until_ms > OFF_MS:
        conn.execute(sa.insert(uptime).values(org_id=SERVER, from_ms=now_ms, until_ms=now_ms))
        kept = sa.select(uptime.c.from_ms).where(MINE).order_by(uptime.c.from_ms.desc()).limit(KEPT_MAX)
        conn.execute(sa.delete(uptime).where(MINE, uptime.c.from_ms.not_in(kept)))
    elif now_ms > latest.until_ms:
        later = sa.and_(uptime.c.from_ms == latest.from_ms, uptime.c.until_ms < now_ms)
        conn.execute(sa.update(uptime).where(MINE, later).values(until_ms=now_ms))


def is_fresh(conn: sa.Connection, now_ms: int) -> bool:
    """Whether a server said just now that it is up."""
    latest = conn.execute(sa.select(sa.func.max(uptime.c.until_ms)).where(MINE)).scalar_one()
    return latest is not None and 0 <= now_ms - latest < NEWER_MS


def outages(conn: sa.Connection, now_ms: int) -> tuple[Outage, ...]:
    """The breaks, the oldest first; the last one may last still. None is known from before the first row."""
    rows = conn.execute(sa.select(uptime.c.from_ms, uptime.c.until_ms).where(MINE).order_by(uptime.c.from_ms)).all()
    found, reached = [], rows[0].until_ms if rows else now_ms
    for row in rows:
        if row.from_ms > reached:
            found.append((reached, row.from_ms))
        reached = max(reached, row.until_ms)
    return (*found, *([(reached, now_ms)] if now_ms - reached > OFF_MS else ()))
