"""SQL of erasing a user who has left: the account, its devices, and the name in notices of others (D-487)."""

from collections.abc import Collection
from typing import Final

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, account, attempt, change, device, enrolment_code, org, push_target, quarantine, robot
from server.store import identity, load, mentions
from shared_schema.records.notification import Notification, UserSettings
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER
from sync.forgetting import NOTHING
from sync.state import State

NOTICE: Final = BY_RECORD[Notification]
MENTIONS: Final = msgspec.msgpack.Decoder(dict[bytes, str])
FORMER: Final = "–"
"""In a notice of somebody else, in the place of the name."""


def erase(conn: sa.Connection, org_id: int, state: State, user_id: bytes, names: Collection[str]) -> None:
    """Empty what the tables of accounts and devices hold of a user, and the user's name in notices. The user is no longer active."""
    _account(conn, org_id, user_id)
    lines = mentions.lines_of(conn, org_id, user_id)
    mine = (device.c.org_id == org_id, device.c.user_id == user_id)
    conn.execute(sa.update(device).where(*mine).values(name="", app=""))
    conn.execute(sa.delete(push_target).where(push_target.c.org_id == org_id, push_target.c.user_id == user_id))
    conn.execute(sa.update(quarantine).where(quarantine.c.org_id == org_id, quarantine.c.line_no.in_(lines)).values(body=NOTHING))
    own = (change.c.org_id == org_id, change.c.entity == BY_RECORD[UserSettings].number, change.c.id == user_id)
    conn.execute(sa.update(change).where(*own).values(before=ENCODER.encode({}), after=ENCODER.encode({})))
    _mention(conn, org_id, user_id)
    _notices(conn, org_id, state, names)


def _account(conn: sa.Connection, org_id: int, user_id: bytes) -> None:
    """Nobody signs in with it any more; wrong attempts of the name go with it."""
    mine = (account.c.org_id == org_id, account.c.user_id == user_id)
    login = conn.execute(sa.select(account.c.login).where(*mine).with_for_update()).scalar_one_or_none()
    if login is not None:
        house = conn.execute(sa.select(org.c.login).where(org.c.org_id == org_id)).scalar_one()
        conn.execute(sa.delete(attempt).where(attempt.c.key == f"account:{house}/{login}"))
        identity.put_account(conn, org_id, user_id, new=False, login=f"erased-{user_id.hex()}", password_hash="")
    conn.execute(sa.delete(enrolment_code).where(enrolment_code.c.org_id == org_id, enrolment_code.c.user_id == user_id))


def _mention(conn: sa.Connection, org_id: int, user_id: bytes) -> None:
    """The robot knows the user by no name."""
    found = conn.execute(sa.select(robot.c.mentions).where(robot.c.org_id == org_id)).scalar_one_or_none()
    if found is not None:
        left = {key: value for key, value in MENTIONS.decode(found).items() if key != user_id}
        conn.execute(sa.update(robot).where(robot.c.org_id == org_id).values(mentions=ENCODER.encode(left)))


def _notices(conn: sa.Connection, org_id: int, state: State, names: Collection[str]) -> None:
    """Notices whose facts are the name: they say who did something."""
    table = RECORD_TABLES[NOTICE.name]
    found = conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id, mentions.names(table, names))).scalars()
    load.by_ids(conn, state, org_id, NOTICE, {bytes(one) for one in found})
    for held in list(state.held.values()):
        if isinstance(held.record, Notification) and not set(names).isdisjoint(held.record.facts.values()):
            facts = {key: FORMER if value in names else value for key, value in held.record.facts.items()}
            state.write(msgspec.structs.replace(held.record, facts=facts))
