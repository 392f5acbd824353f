"""SQL of the targets of push: where the devices of a user are reached."""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from server.domain.devices import ACTIVE
from server.models import RECORD_TABLES, device, push_target
from server.store.identity import Row

PERSON: Final = RECORD_TABLES["person"]


def put(conn: sa.Connection, org_id: int, line_no: int, values: dict[str, Any]) -> None:
    """Make this the target of the line; an address that stood on another line leaves it."""
    of_org = push_target.c.org_id == org_id
    elsewhere = sa.delete(push_target).where(of_org, push_target.c.hash == values["hash"], push_target.c.line_no != line_no)
    conn.execute(elsewhere)
    known = conn.execute(sa.update(push_target).where(of_org, push_target.c.line_no == line_no).values(values)).rowcount
    if not known:
        conn.execute(sa.insert(push_target).values(org_id=org_id, line_no=line_no, **values))


def keep_newest(conn: sa.Connection, org_id: int, user_id: bytes, most: int) -> None:
    """Let the user's oldest targets go beyond so many."""
    mine = sa.select(push_target.c.line_no).where(push_target.c.org_id == org_id, push_target.c.user_id == user_id)
    by_age = mine.order_by(push_target.c.since_ms.desc(), push_target.c.line_no.desc())
    beyond = list(conn.execute(by_age.offset(most).limit(1_000)).scalars())
    if beyond:
        conn.execute(sa.delete(push_target).where(push_target.c.org_id == org_id, push_target.c.line_no.in_(beyond)))


def drop(conn: sa.Connection, org_id: int, line_no: int) -> None:
    """The line has no target any more."""
    conn.execute(sa.delete(push_target).where(push_target.c.org_id == org_id, push_target.c.line_no == line_no))


def retire(conn: sa.Connection, org_id: int, line_no: int, since_ms: int) -> int:
    """Let a target go that its provider named as gone, unless the device said anew where it is; 1 if it went."""
    same = (push_target.c.org_id == org_id, push_target.c.line_no == line_no, push_target.c.since_ms == since_ms)
    return conn.execute(sa.delete(push_target).where(*same)).rowcount


def living(conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> list[Row]:
    """The targets of these users that count: line active, session the one that registered it, user active."""
    line = (device.c.org_id == push_target.c.org_id, device.c.line_no == push_target.c.line_no)
    whose = (PERSON.c.org_id == push_target.c.org_id, PERSON.c.id == push_target.c.user_id)
    chosen = (push_target.c.line_no, push_target.c.kind, push_target.c.address, push_target.c.user_id, push_target.c.since_ms)
    found = sa.select(*chosen).join(device, sa.and_(*line)).join(PERSON, sa.and_(*whose))
    same = (device.c.state == ACTIVE, device.c.session_id == push_target.c.session_id, device.c.user_id == push_target.c.user_id)
    mine = (push_target.c.org_id == org_id, push_target.c.user_id.in_(sorted(user_ids)), PERSON.c.active)
    return list(conn.execute(found.where(*mine, *same).order_by(push_target.c.user_id, push_target.c.line_no)))


def counts(conn: sa.Connection, org_id: int) -> dict[str, int]:
    """Kind of target → how many of the organisation count."""
    line = (device.c.org_id == push_target.c.org_id, device.c.line_no == push_target.c.line_no)
    same = (device.c.state == ACTIVE, device.c.session_id == push_target.c.session_id, device.c.user_id == push_target.c.user_id)
    whose = (PERSON.c.org_id == push_target.c.org_id, PERSON.c.id == push_target.c.user_id, PERSON.c.active)
    found = sa.select(push_target.c.kind, sa.func.count()).join(device, sa.and_(*line)).join(PERSON, sa.and_(*whose))
    return {row[0]: row[1] for row in conn.execute(found.where(push_target.c.org_id == org_id, *same).group_by(push_target.c.kind))}


def since(conn: sa.Connection, org_id: int, line_nos: Collection[int]) -> dict[int, int]:
    """Line → when its target was registered."""
    mine = (push_target.c.org_id == org_id, push_target.c.line_no.in_(sorted(line_nos)))
    return {row.line_no: row.since_ms for row in conn.execute(sa.select(push_target.c.line_no, push_target.c.since_ms).where(*mine))}


def purge(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Let the targets go whose device said nothing since then; how many."""
    old = (push_target.c.org_id == org_id, push_target.c.since_ms < before_ms)
    spoke = sa.exists().where(device.c.org_id == org_id, device.c.line_no == push_target.c.line_no, device.c.seen_ms >= before_ms)
    return conn.execute(sa.delete(push_target).where(*old, ~spoke)).rowcount
