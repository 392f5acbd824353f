"""An operator tries a push: a notice for one user, sent as any other."""

import sqlalchemy as sa
from msgspec import Struct

from server import chance
from server.domain import notifications
from server.services.act import NOBODY, Deciding, carried_out
from server.store import identity, outbox
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from sync.rules import Actor
from sync.state import State


class Made(Struct, frozen=True):
    """The notice that was made."""

    org_id: int
    id: bytes


class Tested(Struct, frozen=True):
    """What became of it. `line_no` 0: for its reader; above: for a device; below: for the robot or the log. `channel` empty: none."""

    line_no: int
    channel: str
    state: str


def put(conn: sa.Connection, organisation: str, account: str) -> Made:
    """Make a notice for a user. Raises Problem(not_found)."""
    org = identity.org_by_login(conn, organisation.lower())
    found = identity.account_by_login(conn, org.org_id, account.lower()) if org is not None else None
    if org is None or found is None:
        raise Problem(Code.not_found, "there is no such organisation or account")
    now_ms = chance.now_ms()
    heard = notifications.tried(bytes(found.user_id), chance.new_id(), organisation)

    def decide(state: State) -> None:
        state.notices.append(heard)

    carried_out(conn, Actor(org.org_id, NOBODY, 0, Role.unknown), Deciding(lambda _: (), decide), now_ms)
    return Made(org.org_id, notifications.key_of(heard, now_ms))


def outcome(conn: sa.Connection, made: Made) -> list[Tested]:
    """What became of it, its reader's row first."""
    rows = outbox.rows_of(conn, made.org_id, made.id)
    return [
        Tested(row.line_no, row.channel or "", row.state)
        for row in sorted(rows, key=lambda row: (row.line_no != outbox.READER, row.line_no))
    ]
