"""SQL of how push stands in one organisation. It looks through the organisation's outbox, which holds 30 days: for an admin's screen."""

from typing import Final

import sqlalchemy as sa

from server.models import push
from server.store.hot import Row
from server.store.outbox import NOTIFICATION, READER
from server.store.targets import PERSON

DIED: Final = ("dead_gone", "dead_ended", "dead_invalid")
"""States of the pushes with which their target died."""
LAGS_MAX: Final = 2_000
DEAD_MAX: Final = 50
RECEIPTS: Final = ("delivered", "seen", "opened")


def tallies(conn: sa.Connection, org_id: int, since_ms: int, now_ms: int) -> list[Row]:
    """(channel, due, waiting, sent, accepted, failed): of the pushes to targets."""
    failed = push.c.state.like("dead\\_%", escape="\\")
    refused = sa.and_(push.c.state.in_(("due", "doubted")), push.c.fails > 0)
    accepted = push.c.state == "sent"
    lately = push.c.tried_ms > since_ms
    counted = {
        "due": sa.and_(push.c.due_ms <= now_ms, ~refused),
        "waiting": refused,
        "sent": sa.and_(lately, sa.or_(failed, refused, accepted)),
        "accepted": sa.and_(lately, accepted),
        "failed": sa.and_(lately, failed),
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.case((true, 1), else_=0)), 0).label(name) for name, true in counted.items()]
    mine = (push.c.org_id == org_id, push.c.line_no != READER, push.c.channel.is_not(None))
    return list(conn.execute(sa.select(push.c.channel, *sums).where(*mine).group_by(push.c.channel)))


def receipts(conn: sa.Connection, org_id: int, since_ms: int) -> list[Row]:
    """(channel, delivered, seen, opened): of the notices that a provider took since then."""
    mine = (push.c.org_id == org_id, push.c.line_no != READER, push.c.state == "sent", push.c.sent_ms > since_ms)
    told = sa.select(push.c.channel, *_received()).join(NOTIFICATION, _same())
    return list(conn.execute(told.where(*mine).group_by(push.c.channel)))


def made(conn: sa.Connection, org_id: int, since_ms: int) -> Row:
    """(made, delivered, seen, opened): of the notices that were made since then."""
    mine = (push.c.org_id == org_id, push.c.line_no == READER, push.c.made_ms > since_ms)
    told = sa.select(sa.func.count().label("made"), *_received()).select_from(push).join(NOTIFICATION, _same())
    return conn.execute(told.where(*mine)).one()


def lags(conn: sa.Connection, org_id: int, since_ms: int) -> list[Row]:
    """(channel, ms from when a push could have gone out until its provider took it): the latest ones since then."""
    mine = (push.c.org_id == org_id, push.c.line_no != READER, push.c.state == "sent", push.c.sent_ms > since_ms)
    late = sa.select(push.c.channel, (push.c.sent_ms - push.c.made_ms).label("lag_ms")).where(*mine)
    return list(conn.execute(late.order_by(push.c.sent_ms.desc()).limit(LAGS_MAX)))


def died(conn: sa.Connection, org_id: int, since_ms: int) -> list[Row]:
    """(line_no, user_id, name, channel, state, tried_ms): of the pushes with which a target died since then, the newest first."""
    whose = sa.and_(PERSON.c.org_id == push.c.org_id, PERSON.c.id == push.c.user_id)
    mine = (push.c.org_id == org_id, push.c.state.in_(DIED), push.c.tried_ms > since_ms)
    chosen = sa.select(push.c.line_no, push.c.user_id, PERSON.c.name, push.c.channel, push.c.state, push.c.tried_ms)
    return list(conn.execute(chosen.join(PERSON, whose).where(*mine).order_by(push.c.tried_ms.desc()).limit(DEAD_MAX)))


def _same() -> sa.ColumnElement[bool]:
    return sa.and_(NOTIFICATION.c.org_id == push.c.org_id, NOTIFICATION.c.id == push.c.notification_id)


def _received() -> list[sa.ColumnElement[int]]:
    """A notice counts once, to however many devices it went."""
    columns = {name: NOTIFICATION.c[f"{name}_ms"] for name in RECEIPTS}
    return [sa.func.count(sa.distinct(sa.case((at.is_not(None), NOTIFICATION.c.id)))).label(name) for name, at in columns.items()]
