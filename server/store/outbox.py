"""The outbox: notices leased by one worker at a time, one organisation after the other."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, account, notice, org
from server.store.hot import ByKey, Row

LEASE_MS = 60_000
TRIES_MAX = 8
NOTICES = ByKey(notice, ("id",), ("id", "user_id", "kind", "facts", "tries", "created_ms"))
ACTIVE = ByKey(RECORD_TABLES["person"], ("id",), ("id",), when="active")
ACCOUNTS = ByKey(account, ("user_id",), ("user_id", "language"))
FACTS_DECODER = msgspec.msgpack.Decoder(dict[str, str])


class Leased(msgspec.Struct, frozen=True):
    """One notice in the hands of a worker."""

    org_id: int
    id: bytes
    user_id: bytes
    kind: str
    facts: dict[str, str]
    tries: int
    created_ms: int
    language: str


def organisations(conn: sa.Connection) -> list[int]:
    """Every organisation, for jobs to visit one by one."""
    return list(conn.execute(sa.select(org.c.org_id).order_by(org.c.org_id)).scalars())


def lease(conn: sa.Connection, org_id: int, limit: int, now_ms: int) -> list[Leased]:
    """Take notices that are due, so that no other worker takes them for a minute; those of users who have left are dropped (D-002)."""
    due = sa.or_(notice.c.state == "queued", notice.c.state == "leased")
    where = (notice.c.org_id == org_id, due, notice.c.lease_until_ms <= now_ms)
    chosen = sa.select(notice.c.id).where(*where).order_by(notice.c.created_ms).limit(limit).with_for_update(skip_locked=True)
    ids = list(conn.execute(chosen).scalars())
    if not ids:
        return []
    taken = sa.update(notice).where(notice.c.org_id == org_id, notice.c.id == sa.bindparam("taken"))
    taken = taken.values(state="leased", lease_until_ms=now_ms + LEASE_MS, tries=notice.c.tries + 1)
    conn.execute(taken, [{"taken": each} for each in sorted(ids)])
    rows = NOTICES.run(conn, org_id, ids)
    active = {row.id for row in ACTIVE.run(conn, org_id, {row.user_id for row in rows})}
    languages = {row.user_id: row.language for row in ACCOUNTS.run(conn, org_id, active)}
    _drop(conn, org_id, [row.id for row in rows if row.user_id not in languages])
    return [_leased(org_id, row, languages[row.user_id]) for row in rows if row.user_id in languages]


def _leased(org_id: int, row: Row, language: str) -> Leased:
    return Leased(org_id, row.id, row.user_id, row.kind, FACTS_DECODER.decode(row.facts), row.tries, row.created_ms, language)


def _drop(conn: sa.Connection, org_id: int, ids: Collection[bytes]) -> None:
    gone = sa.update(notice).where(notice.c.org_id == org_id, notice.c.id == sa.bindparam("gone")).values(state="dropped_left")
    if ids:
        conn.execute(gone, [{"gone": each} for each in sorted(ids)])


def settle(conn: sa.Connection, one: Leased, state: str, again_ms: int) -> None:
    """Record the result of a notice: sent, dropped, or queued again for later."""
    where = (notice.c.org_id == one.org_id, notice.c.id == one.id)
    conn.execute(sa.update(notice).where(*where).values(state=state, lease_until_ms=again_ms))
