"""The lock of what comes: who brings something and who waits for what is not there never overlook each other (P-512).

A card waits for a record that is not there; whoever makes the record looks for such cards. Of two transactions at once each would read
what stood before the other. Mostly the family keeps them apart: what a card names must come at the one customer that the card is about,
and who brings anything there holds that customer's lock, as did who opened the card. Where a card is about no customer, or about one
that is not there, no row can be locked. So whoever may make records or move customers shares this lock of the organisation, from before
it reads anything; and whoever finds at the end that such a card began to wait (`sync.awaited.unguarded`) is undone and runs again with
the lock for itself: what came before is read, and what comes later finds the card.

Before pools and families and after the device line: nobody asks for it who holds what comes after it, so nobody waits in a circle.
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
"""How long who wants it alone waits for those who share it."""
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
    """For who may make records or move customers: before any pool or family. Shared, but for who runs apart. SQLite has one writer."""
    if conn.dialect.name != "postgresql":
        return
    if apart(conn):
        _close(conn, org_id)
    else:
        SHARE.run(conn, key_org=org_id)


def _close(conn: sa.Connection, org_id: int) -> None:
    """Wait until all who share it are done. Whoever comes later queues behind, so where one of them hangs this gives up after a while."""
    before = BOUND.run(conn, bound=f"{CLOSE_MS}ms").one()[0]
    CLOSE.run(conn, key_org=org_id)
    UNBOUND.run(conn, before=before)


def watch(conn: sa.Connection, state: State) -> None:
    """Before anything is written. Raises ApartError where a card began to wait for what may be coming just now."""
    if conn.dialect.name == "postgresql" and not apart(conn) and unguarded(state):
        raise ApartError
