"""The outbox: what must be sent of each notification, first to its reader, then to each target, which one worker leases at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, account, org, push
from server.store.hot import ByKey, Row
from server.store.providers import SERVER, Name
from shared_schema.records.notification import Facts, Notification, NotificationState, UserSettings
from shared_schema.registry import BY_RECORD

LEASE_MS: Final = 60_000
"""Longer than any send takes: a worker that died leaves a lease that ends."""
READER: Final = 0
"""The line number of a push that is for its reader, and not yet for one of the reader's devices."""
ROBOT: Final = -1
LOG: Final = -2
HORIZON: Final = 500
"""So many due rows are looked at to find the organisations that have any."""
WINDOW: Final = 4
"""So many due rows are looked at for each that may be leased: a target has one push under way at a time."""
NOTIFICATION: Final = RECORD_TABLES["notification"]
OPEN_ABOUT: Final = ByKey(NOTIFICATION, ("subject_id",), ("id",), when=f"state < {int(NotificationState.done)}")
OPEN_OF: Final = ByKey(NOTIFICATION, ("user_id",), ("kind", "subject_id"), when=f"state < {int(NotificationState.done)}")
TOLD_SLOTS: Final = ("id", "user_id", "kind", "subject_entity", "subject_id", "urgency", "state", "made_ms", "deadline_ms")
TOLD: Final = ByKey(NOTIFICATION, ("id",), TOLD_SLOTS)
ACTIVE: Final = ByKey(RECORD_TABLES["person"], ("id",), ("id",), when="active")
ACCOUNTS: Final = ByKey(account, ("user_id",), ("user_id", "language"))
WISHES: Final = ByKey(
    RECORD_TABLES[BY_RECORD[UserSettings].name], ("id",), ("id", "time_zone", "language", "quiet_from", "quiet_until", "listed", "muted")
)
LINES: Final = ByKey(push, ("notification_id",), ("notification_id", "line_no", "state"))
ALIVE: Final = ("due", "doubted", "sent")
"""States of a push to a target that is under way or was taken."""
FACTS_DECODER: Final = msgspec.msgpack.Decoder(Facts)
Place = tuple[bytes, int]
"""(notification, line number) of a row."""


class Skipped(msgspec.Struct, frozen=True):
    """What a worker does not lease now: channels that are closed, and lines that have a push under way."""

    closed: Collection[str] = ()
    busy: Collection[int] = ()


# from a decision


def organisations(conn: sa.Connection) -> list[int]:
    """Every organisation, for jobs to visit one by one."""
    return list(conn.execute(sa.select(org.c.org_id).order_by(org.c.org_id)).scalars())


def about(conn: sa.Connection, org_id: int, subject_ids: Collection[bytes]) -> set[bytes]:
    """The notifications about these records that are not done."""
    return {bytes(row.id) for row in OPEN_ABOUT.run(conn, org_id, subject_ids)}


def subjects_of(conn: sa.Connection, org_id: int, reader_ids: Collection[bytes], kinds: Collection[str]) -> set[bytes]:
    """The records about which these readers have a notification of these kinds that is not done."""
    return {bytes(row.subject_id) for row in OPEN_OF.run(conn, org_id, reader_ids) if row.kind in kinds and row.subject_id is not None}


def put(conn: sa.Connection, org_id: int, made: Iterable[Notification], now_ms: int) -> None:
    """Keep that these notifications must be sent."""
    rows = [
        {"org_id": org_id, "notification_id": one.id, "line_no": READER, "user_id": one.user_id, "state": "due",
         "due_ms": now_ms, "tries": 0, "made_ms": now_ms}
        for one in made
    ]  # fmt: skip
    if rows:
        conn.execute(sa.insert(push), rows)


# what is due


def due_organisations(conn: sa.Connection, now_ms: int, closed: Collection[Name], busy: Collection[tuple[int, int]] = ()) -> list[int]:
    """The organisations that have something due, those with the oldest first; by one index, however many organisations there are.

    `closed`: channels to which nothing may go now, the server's and those of organisations. `busy`: (organisation, line) of targets that
    have a push under way. What waits for either is passed over: it would hide what another organisation has due.
    """
    free = [push.c.due_ms <= now_ms, _open([name for org_id, name in closed if org_id == SERVER])]
    robots = sorted(one for one in closed if one[0] != SERVER)
    if robots:
        free.append(sa.or_(push.c.channel.is_(None), sa.tuple_(push.c.org_id, push.c.channel).not_in(robots)))
    if busy:
        free.append(sa.tuple_(push.c.org_id, push.c.line_no).not_in(sorted(busy)))
    oldest = sa.select(push.c.org_id, push.c.due_ms).where(*free).order_by(push.c.due_ms).limit(HORIZON)
    return list(dict.fromkeys(row.org_id for row in conn.execute(oldest)))


def next_due_ms(conn: sa.Connection) -> int | None:
    """When the next push is due; None without one."""
    found: int | None = conn.execute(sa.select(sa.func.min(push.c.due_ms))).scalar_one()
    return found


def due_count(conn: sa.Connection, now_ms: int) -> int:
    """How many are due and wait, up to 10,000; for the operator."""
    due = sa.select(push.c.org_id).where(push.c.due_ms <= now_ms).limit(10_000).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(due)).scalar_one())


def _open(closed: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.or_(push.c.channel.is_(None), push.c.channel.not_in(sorted(closed))) if closed else sa.true()


def readers(conn: sa.Connection, org_id: int, limit: int, now_ms: int) -> list[Row]:
    """Lock the rows of readers that are due, and with each that was held back all that are due of the same reader."""
    mine = (push.c.org_id == org_id, push.c.line_no == READER, push.c.due_ms <= now_ms)
    chosen = sa.select(push.c.notification_id, push.c.user_id, push.c.state, push.c.made_ms, push.c.due_ms).where(*mine)
    first = list(conn.execute(chosen.order_by(push.c.due_ms).limit(limit).with_for_update(skip_locked=True)))
    users = {bytes(row.user_id) for row in first if row.state == "held"}
    if not users:
        return first
    known = {bytes(row.notification_id) for row in first}
    more = chosen.where(push.c.user_id.in_(sorted(users)), push.c.state == "held").with_for_update(skip_locked=True)
    return first + [row for row in conn.execute(more) if bytes(row.notification_id) not in known]


def planned_since(conn: sa.Connection, org_id: int, user_ids: Collection[bytes], since_ms: int) -> list[Row]:
    """(user, moment) of each push that was planned since then."""
    planned = (push.c.line_no == READER, push.c.state == "planned")
    mine = (push.c.org_id == org_id, push.c.user_id.in_(sorted(user_ids)), push.c.sent_ms > since_ms, *planned)
    return list(conn.execute(sa.select(push.c.user_id, push.c.sent_ms).where(*mine)))


def decide(conn: sa.Connection, org_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of readers' rows: each a map of `notification_id`, `state`, `due_ms`, `sent_ms`, `stands_for`."""
    if rows:
        mine = (push.c.org_id == org_id, push.c.notification_id == sa.bindparam("key_id"), push.c.line_no == READER)
        values = {name: sa.bindparam(f"to_{name}", type_=push.c[name].type) for name in ("state", "due_ms", "sent_ms", "stands_for")}
        given = [{"key_id": row["notification_id"], **{f"to_{name}": row[name] for name in values}} for row in rows]
        conn.execute(sa.update(push).where(*mine).values(values), given)


def insert(conn: sa.Connection, org_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep that these go to their targets: each a map of `notification_id`, `line_no`, `user_id`, `channel`, `due_ms`, `made_ms`,
    `stands_for`."""
    if rows:
        conn.execute(sa.insert(push), [{"org_id": org_id, "state": "due", "tries": 0, **row} for row in rows])


def rows_of(conn: sa.Connection, org_id: int, notification_id: bytes) -> list[Row]:
    """All rows of one notification."""
    mine = (push.c.org_id == org_id, push.c.notification_id == notification_id)
    return list(conn.execute(sa.select(push).where(*mine)))


# leases


def lease(conn: sa.Connection, org_id: int, limit: int, now_ms: int, skipped: Skipped) -> list[Row]:
    """Take pushes to targets that are due, so that no other worker takes them for a minute; one of each target.

    The rows hold `tried_ms` of the lease before.
    """
    mine = (push.c.org_id == org_id, push.c.due_ms <= now_ms, push.c.line_no != READER, _open(skipped.closed))
    free = (push.c.line_no.not_in(sorted(skipped.busy)),) if skipped.busy else ()
    chosen = sa.select(push).where(*mine, *free).order_by(push.c.due_ms, push.c.notification_id).limit(limit * WINDOW)
    rows = _one_each(conn.execute(chosen.with_for_update(skip_locked=True)).all())[:limit]
    if not rows:
        return []
    places = sa.tuple_(push.c.notification_id, push.c.line_no).in_([(row.notification_id, row.line_no) for row in rows])
    taken = sa.update(push).where(push.c.org_id == org_id, push.c.due_ms <= now_ms, places)
    taken = taken.values(due_ms=now_ms + LEASE_MS, tried_ms=now_ms, tries=push.c.tries + 1)
    ours = {(bytes(row[0]), row[1]) for row in conn.execute(taken.returning(push.c.notification_id, push.c.line_no))}
    return [row for row in rows if (bytes(row.notification_id), row.line_no) in ours]


def _one_each(rows: Sequence[Row]) -> list[Row]:
    """The first row of each device; the robot and the log take any number."""
    lines: set[int] = set()
    return [row for row in rows if row.line_no < READER or (row.line_no not in lines and not lines.add(row.line_no))]  # type: ignore[func-returns-value]


def settle(conn: sa.Connection, org_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of leased pushes: each a map of `place`, `tries` of the lease, `state`, `due_ms`, `fails`, `sent_ms`.

    A row that another worker leased since is left alone.
    """
    if rows:
        mine = (push.c.org_id == org_id, push.c.notification_id == sa.bindparam("key_id"), push.c.line_no == sa.bindparam("key_line"))
        same = push.c.tries == sa.bindparam("key_tries")
        values = {name: sa.bindparam(f"to_{name}", type_=push.c[name].type) for name in ("state", "due_ms", "fails", "sent_ms")}
        given = [
            {"key_id": row["place"][0], "key_line": row["place"][1], "key_tries": row["tries"]}
            | {f"to_{name}": row[name] for name in values}
            for row in rows
        ]
        conn.execute(sa.update(push).where(*mine, same).values(values), given)


def plan_again(conn: sa.Connection, org_id: int, ids: Collection[bytes], now_ms: int) -> None:
    """The readers of these notifications are looked at anew where no push of theirs is under way or was taken; with one that stands for
    several, all for which it stands.

    The row of the reader is locked first: of two workers that give up the last two pushes at once, the second sees what the first did.
    """
    of_readers = (push.c.org_id == org_id, push.c.line_no == READER)
    planned = sa.select(push.c.notification_id, push.c.user_id, push.c.sent_ms, push.c.stands_for).where(
        *of_readers, push.c.notification_id.in_(sorted(set(ids))), push.c.state == "planned"
    )
    rows = list(conn.execute(planned.order_by(push.c.notification_id).with_for_update())) if ids else []
    read = LINES.run(conn, org_id, {bytes(row.notification_id) for row in rows}) if rows else []
    alive = {bytes(row.notification_id) for row in read if row.line_no != READER and row.state in ALIVE}
    for row in (one for one in rows if bytes(one.notification_id) not in alive):
        state = "held" if (row.stands_for or 1) > 1 else "due"
        itself = push.c.notification_id == row.notification_id
        hidden = sa.and_(push.c.user_id == row.user_id, push.c.sent_ms == row.sent_ms, push.c.state == "digested")
        mine = sa.or_(itself, hidden) if state == "held" else itself
        conn.execute(sa.update(push).where(*of_readers, mine).values(state=state, due_ms=now_ms))


def forget(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Forget pushes that nobody will send and that were made before then; how many."""
    old = (push.c.org_id == org_id, push.c.due_ms.is_(None), push.c.made_ms < before_ms)
    return conn.execute(sa.delete(push).where(*old)).rowcount
