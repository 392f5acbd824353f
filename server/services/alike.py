"""Customers that get a number are compared with those that bear it: what a phone entered some moment after its push, what the desk and
imports enter in their own transaction (docs/architecture.md, Locks)."""

import sqlalchemy as sa

from server.domain.alike import Written, changed, renumbered, settle
from server.domain.rules import ALIKE
from server.services.needs import Loader
from server.store import alike
from sync.rules import Actor, Moment
from sync.state import State


def note(conn: sa.Connection, acting: Actor, state: State) -> None:
    """Let the numbers that a phone's push changes wait to be compared: the push writes one row, and takes no lock."""
    written = changed(state, acting, ALIKE.numbers)
    if written:
        alike.put_off(conn, acting.org_id, acting.line_no, written)


def flag(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> None:
    """Compare the numbers that the desk or an import changes, behind all that phones entered before, and write what follows when customers
    met.

    Called once, after the decision: the lock of numbers comes after those of counters, and before those of notices.
    """
    own = changed(state, acting, ALIKE.numbers)
    if own:
        alike.lock(conn, acting.org_id)
        _compared(Loader(conn, acting, state, now_ms), [*alike.take(conn, acting.org_id), own])


def compare(loader: Loader, pushes_max: int) -> int:
    """Compare the numbers of so many pushes that wait, the earliest first; how many there were."""
    alike.lock(loader.conn, loader.actor.org_id)
    waiting = alike.take(loader.conn, loader.actor.org_id, pushes_max)
    _compared(loader, waiting)
    return len(waiting)


def _compared(loader: Loader, batches: list[list[Written]]) -> None:
    """Keep the index of numbers, and write what follows when customers met there."""
    conn, org_id = loader.conn, loader.actor.org_id
    region = alike.region(conn, org_id)
    news = [[renumbered(one, ALIKE.numbers, region) for one in batch] for batch in batches]
    wanted = {number for batch in news for one in batch for number in one.got}
    settled = settle(news, alike.bearers(conn, org_id, wanted))
    alike.put(conn, org_id, settled.rows)
    if settled.met:
        loader.ask(ALIKE.wants(loader.asking(), settled.met))
        loader.rounds(lambda asking: ALIKE.wants(asking, settled.met))
        loader.load_people()
        loader.lock_counters()
        ALIKE.flag(loader.state, settled.met, Moment(loader.now_ms))
