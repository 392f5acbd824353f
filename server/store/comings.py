"""The lock of coming records: a writer that brings a record and a card that waits for it never overlook each other (P-512).

A card waits for a record that is not there; the writer that makes the record looks for such cards. Two transactions at once would each read
the state before the other. Mostly the family keeps them apart: the records that a card names must come at the one customer that the card is
about. A writer that brings a record there holds that customer's lock, and so did the writer that opened the card. If a card is about no
customer, or about one that is not there, no row can be locked. So every writer that may make records or move customers shares this lock of
the organisation, from before it reads anything. A writer that finds at the end that such a card began to wait (`sync.awaited.unguarded`) is
undone and runs again with the lock for itself: it reads every record that came before, and every later one finds the card.

The lock comes before pools and families and after the device line: no holder of a later lock asks for it, so no circle of waiting can form.
"""

from typing import Any, Final

import sqlalchemy as sa

from server.database.apart import ApartError, apart
from server.database.failures import WAIT_S
from server.store.hot import Hot
from sync.awaited import unguarded
from sync.state import State

SPACE: Final = 0x636F6D65
"""Names ours among PostgreSQL's advisory locks of two numbers: the letters `come`."""
NUMBER_MAX: Final = 0x7FFFFFFF
CLOSE_MS: Final = WAIT_S * 1000
"""How long a writer that wants it alone waits for those that share it."""
_ORG: Final = sa.bindparam("key_org", type_=sa.BigInteger)


def shared(org_id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Hold it together with others until the commit, as a column of a statement."""
    return sa.func.pg_advisory_xact_lock_shared(SPACE, _number(org_id))


def _number(org_id: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Two organisations so far apart that they have one number share a lock, which is right, only slower."""
    return sa.cast(org_id.op("&")(NUMBER_MAX), sa.Integer)


SHARE: Final = Hot(sa.select(shared(_ORG)))
CLOSE: Final = Hot(sa.select(sa.func.pg_advisory_xact_lock(SPACE, _number(_ORG))))
PATIENCE: Final = "lock_timeout"
BOUND: Final = Hot(
    sa.select(sa.func.current_setting(PATIENCE), sa.func.set_config(PATIENCE, sa.bindparam("bound", type_=sa.Text), sa.true()))
)
UNBOUND: Final = Hot(sa.select(sa.func.set_config(PATIENCE, sa.bindparam("before", type_=sa.Text), sa.true())))


def lock(conn: sa.Connection, org_id: int) -> None:
    """For a writer that may make records or move customers: before any pool or family. Shared, except for one that runs apart. SQLite
    has one writer."""
    if conn.dialect.name != "postgresql":
        return
    if apart(conn):
        _close(conn, org_id)
    else:
        SHARE.run(conn, key_org=org_id)


def _close(conn: sa.Connection, org_id: int) -> None:
    """Wait until all that share it are done. Later writers queue behind, so this gives up after a while if one of those hangs."""
    before = BOUND.run(conn, bound=f"{CLOSE_MS}ms").one()[0]
    CLOSE.run(conn, key_org=org_id)
    UNBOUND.run(conn, before=before)


def watch(conn: sa.Connection, state: State) -> None:
    """Before anything is written. Raises ApartError where a card began to wait for a record that may be coming at this moment."""
    if conn.dialect.name == "postgresql" and not apart(conn) and unguarded(state):
        raise ApartError
