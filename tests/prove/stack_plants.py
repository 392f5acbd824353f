"""Bugs planted in the server's SQL and services alone: what the store in memory does not share, and the stack must notice."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.database import sqlite
from server.domain.branch import Stand, branched
from server.models import feed as feed_table
from server.models import scope
from server.services import actors, restore
from server.store import compact, device_lines, feed, inbox, load, write
from server.store.feed import FeedRow
from shared_schema.entity import Entity
from shared_schema.registry import BY_NAME, FAMILY
from shared_schema.wire import Reason
from sync.state import WHOLE, Held, State
from tests.prove import plants
from tests.prove.plants import Plant, Put


def deletions_unfed(put: Put) -> None:
    """A deletion stands in the tables and enters no feed."""
    publish = feed.publish

    def publishing(conn: sa.Connection, org_id: int, rows: Iterable[FeedRow], now_ms: int) -> dict[feed.Place, int]:
        return publish(conn, org_id, [row for row in rows if row.reason != Reason.deleted], now_ms)

    put(feed, "publish", publishing)


def head_by_one(put: Put) -> None:
    """However many rows a scope gets at once, its head moves by one."""
    advance = feed._advance
    put(feed, "_advance", lambda conn, org_id, number, size: advance(conn, org_id, number, 1) + size - 1)


def other_tenants_fed(put: Put) -> None:
    """A pull reads the scope of that number of every organisation."""
    found = {name: text.replace("org_id =", "0 <", 1) for name, text in feed.READ_BY_DIALECT.items()}
    put(feed, "READ_BY_DIALECT", found)


def open_items_forgotten(put: Put) -> None:
    """A batch does not know the open cards of its author."""
    put(inbox, "naming", lambda *_: [])


def former_forgotten(put: Put) -> None:
    """Nobody knows who held a customer before."""
    put(load, "former", lambda *_: None)


def collaborators_forgotten(put: Put) -> None:
    """A batch knows the owner of a customer and not its collaborators."""

    def standings(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> None:
        load.by_ids(conn, state, org_id, BY_NAME["standing"], customer_ids)

    put(load, "standings", standings)


def quote_lines_forgotten(put: Put) -> None:
    """A batch prices a quote from the lines it names."""
    among = load.among

    def named_alone(conn: sa.Connection, state: State, org_id: int, entity: Entity, column: str, ids: Collection[bytes]) -> None:
        if (entity.name, column) != ("quote_line", "quote_id"):
            among(conn, state, org_id, entity, column, ids)

    put(load, "among", named_alone)


def stamps_forgotten(put: Put) -> None:
    """A record is read without who wrote which of its groups."""
    held = load.held

    def bare(*row: Any) -> Held:
        found = held(*row)
        return Held(found.record, {WHOLE: found.stamp(WHOLE)})

    put(load, "held", bare)


def outcomes_forgotten(put: Put) -> None:
    """What a phone has not confirmed is forgotten with what it has."""
    confirm = device_lines.confirm
    put(device_lines, "confirm", lambda conn, org_id, line_no, acked_n: confirm(conn, org_id, line_no, acked_n + 3))


def payloads_dropped(put: Put) -> None:
    """The bytes of what was refused are not kept."""
    put(device_lines, "keep_payloads", lambda *_: None)


def history_unwritten(put: Put) -> None:
    """No change leaves a line of history, so no card says who wrote what stands."""
    put(write, "_save_changes", lambda *_: None)


def counter_unsaved(put: Put) -> None:
    """Two quotes get one number."""
    put(write, "save_counter", lambda *_: None)


def floor_unmoved(put: Put) -> None:
    """Removals are forgotten, and nobody who missed them is told to begin anew."""
    purge = compact.purge

    def purging(conn: sa.Connection, org_id: int, scope_no: int, before_ms: int) -> int:
        whose = (scope.c.org_id == org_id, scope.c.number == scope_no)
        floor = conn.execute(sa.select(scope.c.floor).where(*whose)).scalar_one()
        gone = purge(conn, org_id, scope_no, before_ms)
        conn.execute(sa.update(scope).where(*whose).values(floor=floor))
        return gone

    put(compact, "purge", purging)


def live_row_purged(put: Put) -> None:
    """With the removals of a scope its oldest record is forgotten."""
    purge = compact.purge

    def purging(conn: sa.Connection, org_id: int, scope_no: int, before_ms: int) -> int:
        gone = purge(conn, org_id, scope_no, before_ms)
        whose = (feed_table.c.org_id == org_id, feed_table.c.scope_no == scope_no)
        first = conn.execute(sa.select(sa.func.min(feed_table.c.seq)).where(*whose)).scalar_one()
        if gone:
            conn.execute(sa.delete(feed_table).where(*whose, feed_table.c.seq == first))
        return gone

    put(compact, "purge", purging)


def children_left_behind(put: Put) -> None:
    """A transfer moves the customer without its contacts and what was told of it."""
    left = ("contact", "contact_log", "visit", "follow_up", "preference")
    put(load, "FAMILY", tuple(entity for entity in FAMILY if entity.name not in left))


def team_forgotten(put: Put) -> None:
    """Whoever was once in a team stays in it: everybody of the organisation reports to every manager."""
    put(actors, "subtree", lambda parents, _department_id: frozenset(parents))


def crash_half_kept(put: Put) -> None:
    """On SQLite, what a unit wrote before it failed stays."""

    def attempt(conn: sa.Connection, job: Any) -> Any:
        try:
            return sqlite._Settled(job.future, job.run(conn))
        except Exception as error:  # noqa: BLE001 - as the honest one: the caller hears of it
            return sqlite._Settled(job.future, error=error)

    put(sqlite, "_attempt", attempt)


def numbers_reused(put: Put) -> None:
    """After a restore device lines, scopes and quotes get numbers that were given out since the backup."""

    def branching(saved: Stand, replaced: Stand | None, now_ms: int) -> Stand:
        return msgspec.structs.replace(branched(saved, replaced, now_ms), counters=saved.counters)

    put(restore, "branched", branching)


STACK_PLANTS: Final[Mapping[str, Plant]] = {
    one.__name__: one
    for one in (
        *(deletions_unfed, head_by_one, other_tenants_fed, open_items_forgotten, former_forgotten, collaborators_forgotten),
        *(quote_lines_forgotten, stamps_forgotten, outcomes_forgotten, payloads_dropped, history_unwritten, counter_unsaved),
        *(floor_unmoved, live_row_purged, children_left_behind, team_forgotten, crash_half_kept, numbers_reused),
    )
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Put one of these bugs in place for a while."""
    with plants.planted(name, STACK_PLANTS):
        yield
