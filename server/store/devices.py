"""SQL of device lines, their refresh tokens and the quarantine."""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from server.models import account, device, org, quarantine, refresh_token
from server.store.hot import ByKey, Hot
from server.store.identity import PERSON, Row

_STANDS: Final = ("last_n", "acked_n", "backed_up_n", "failed_n", "failed_tries", "seen_ms", "pushed_ms", "resets")
LINE_STANDS: Final = tuple(device.c[name] for name in _STANDS)
"""Where a line stands, in the order of `lines.LineRow`."""


def find(conn: sa.Connection, org_id: int, line_no: int, *, lock: bool = False) -> Row | None:
    """Find one device line; `lock` holds it until the transaction ends."""
    one = sa.select(device).where(device.c.org_id == org_id, device.c.line_no == line_no)
    return conn.execute(one.with_for_update() if lock else one).one_or_none()


def newest(conn: sa.Connection, org_id: int, installation_id: bytes, user_id: bytes) -> Row | None:
    """Find the latest line of one user on one installation."""
    same = (device.c.org_id == org_id, device.c.installation_id == installation_id, device.c.user_id == user_id)
    return conn.execute(sa.select(device).where(*same).order_by(device.c.line_no.desc()).limit(1)).one_or_none()


def listed(conn: sa.Connection, org_id: int, user_ids: frozenset[bytes] | None, after: int, limit: int) -> list[Row]:
    """Lines in order of their number after `after`; `user_ids` None = everybody's."""
    found = sa.select(device).where(device.c.org_id == org_id, device.c.line_no > after)
    if user_ids is not None:
        found = found.where(device.c.user_id.in_(sorted(user_ids)))
    return list(conn.execute(found.order_by(device.c.line_no).limit(limit)))


def put_line(conn: sa.Connection, org_id: int, line_no: int, *, new: bool, **values: Any) -> None:
    """Insert a line, or change whether a known one is let in: `state`, `wiped_ms`."""
    if new:
        conn.execute(sa.insert(device).values(org_id=org_id, line_no=line_no, **values))
    else:
        conn.execute(sa.update(device).where(device.c.org_id == org_id, device.c.line_no == line_no).values(**values))


def void_cursors(conn: sa.Connection, org_id: int, user_id: bytes | None) -> int:
    """Let the cursors of all lines, or of one user's, count as empty; how many lines."""
    whose = (device.c.org_id == org_id,) if user_id is None else (device.c.org_id == org_id, device.c.user_id == user_id)
    return conn.execute(sa.update(device).where(*whose).values(resets=device.c.resets + 1)).rowcount


def owner(conn: sa.Connection, org_id: int, line_no: int) -> Row | None:
    """One line with its user and its organisation: all that a request or a session needs to know, in one query."""
    return OWNER.run(conn, key_org=org_id, key_line=line_no).one_or_none()


def _owner() -> sa.Select[*tuple[Any, ...]]:
    person = sa.and_(PERSON.c.org_id == device.c.org_id, PERSON.c.id == device.c.user_id)
    same = sa.and_(account.c.org_id == device.c.org_id, account.c.user_id == device.c.user_id)
    who = (
        device.c.user_id,
        device.c.state,
        device.c.wiped_ms,
        device.c.session_id,
        PERSON.c.name,
        PERSON.c.role,
        PERSON.c.department_id,
        PERSON.c.active,
    )
    found = sa.select(*who, account.c.language, *LINE_STANDS, org.c.epoch, org.c.rev_floor)
    found = found.join(PERSON, person).join(account, same).join(org, org.c.org_id == device.c.org_id)
    mine = (
        device.c.org_id == sa.bindparam("key_org", type_=sa.BigInteger),
        device.c.line_no == sa.bindparam("key_line", type_=sa.BigInteger),
    )
    return found.where(*mine)


OWNER = Hot(_owner())


def family(conn: sa.Connection, org_id: int, family_id: bytes) -> list[Row]:
    """Living tokens of one family, oldest first."""
    where = (refresh_token.c.org_id == org_id, refresh_token.c.family_id == family_id)
    return list(conn.execute(sa.select(refresh_token).where(*where).order_by(refresh_token.c.issued_ms, refresh_token.c.hash)))


def insert_token(conn: sa.Connection, row: dict[str, Any]) -> None:
    """Keep the hash of a new refresh token."""
    conn.execute(sa.insert(refresh_token).values(row))


def drop_tokens(conn: sa.Connection, org_id: int, hashes: list[bytes]) -> None:
    """Forget tokens: presenting one while its session lives is reuse."""
    if hashes:
        one = sa.delete(refresh_token).where(refresh_token.c.org_id == org_id, refresh_token.c.hash == sa.bindparam("gone"))
        conn.execute(one, [{"gone": each} for each in sorted(hashes)])


def end_line(conn: sa.Connection, org_id: int, line_no: int) -> None:
    """End the session of one line."""
    put_session(conn, org_id, line_no, None)


def put_session(conn: sa.Connection, org_id: int, line_no: int, session_id: bytes | None) -> None:
    """Begin the one session of a line, or end it (None): every token of before is void from the commit on.

    The line is locked first: a refresh that is under way ends before its new token is looked for.
    """
    mine = (device.c.org_id == org_id, device.c.line_no == line_no)
    conn.execute(sa.update(device).where(*mine).values(session_id=session_id))
    conn.execute(sa.delete(refresh_token).where(refresh_token.c.org_id == org_id, refresh_token.c.line_no == line_no))


def end_user(conn: sa.Connection, org_id: int, user_id: bytes) -> None:
    """End every session of one user; the lines are locked first, as in `put_session`."""
    mine = (device.c.org_id == org_id, device.c.user_id == user_id)
    found = sa.select(device.c.line_no).where(*mine).order_by(device.c.line_no)
    lines = list(conn.execute(found.with_for_update()).scalars())
    conn.execute(sa.update(device).where(device.c.org_id == org_id, device.c.line_no.in_(lines)).values(session_id=None))
    conn.execute(sa.delete(refresh_token).where(refresh_token.c.org_id == org_id, refresh_token.c.line_no.in_(lines)))


def keep_upload(conn: sa.Connection, org_id: int, line_no: int, received_ms: int, body: bytes) -> None:
    """Put the last upload of a revoked device aside."""
    conn.execute(sa.insert(quarantine).values(org_id=org_id, line_no=line_no, received_ms=received_ms, body=body))


def last_seen(conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> dict[bytes, int]:
    """When a device of each of these users was last seen; users without an active device are missing."""
    return _latest(SEEN, conn, org_id, user_ids)


def last_spoke(conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> dict[bytes, int]:
    """When a device of each of these users last spoke to the server, also one that was revoked since; users without any are missing."""
    return _latest(SPOKE, conn, org_id, user_ids)


def _latest(query: ByKey, conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for row in query.run(conn, org_id, user_ids):
        found[bytes(row.user_id)] = max(found.get(bytes(row.user_id), 0), row.seen_ms)
    return found


def latest_ms(conn: sa.Connection, org_id: int) -> int | None:
    """When a device of the organisation was last seen or came; None: it has none yet."""
    last = sa.func.max(sa.case((device.c.seen_ms > device.c.created_ms, device.c.seen_ms), else_=device.c.created_ms))
    found: int | None = conn.execute(sa.select(last).where(device.c.org_id == org_id)).scalar_one()
    return found


SPOKE: Final = ByKey(device, ("user_id",), ("user_id", "seen_ms"))
SEEN: Final = ByKey(device, ("user_id",), ("user_id", "seen_ms"), when="state = 'active'")
