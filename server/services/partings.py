"""A user who leaves lets go of the records that features declare: a page in the transaction that ends the user, the rest by a job."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from server.domain.desk import PARTINGS, write
from server.domain.feature import Parting
from server.domain.needs import Asking, DeskNeed
from server.models import RECORD_TABLES
from server.services.needs import Loader
from server.services.notices import tell
from server.store import families, load, partings
from server.store.write import save
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor, Entered, Moment
from sync.state import State


def let_go(conn: sa.Connection, leaver: Actor, state: State, now_ms: int) -> int:
    """Decide about a page of each kind in this state, which the caller tells and saves; how many records changed."""
    return sum(_let_go(conn, leaver, state, one, now_ms) for one in PARTINGS)


def turn(conn: sa.Connection, org_id: int, user_id: bytes, now_ms: int) -> int:
    """The job's page for a user who has left; how many records changed."""
    leaver, state = Actor(org_id, user_id, 0, Role.unknown), State(load.rev_floor(conn, org_id))
    went = let_go(conn, leaver, state, now_ms)
    tell(conn, leaver, state, now_ms)
    save(conn, state, leaver, now_ms)
    return went


def leavers(conn: sa.Connection, org_id: int) -> list[bytes]:
    """Users who are no longer active and still hold such records."""
    return sorted({user_id for one in PARTINGS for user_id in partings.leavers(conn, org_id, _wanted(one))})


def _wanted(one: Parting[Any]) -> partings.Wanted:
    return partings.Wanted(BY_RECORD[one.record], RECORD_TABLES[BY_RECORD[one.record].name], one.by, one.state, one.open)


def _let_go(conn: sa.Connection, leaver: Actor, state: State, one: Parting[Any], now_ms: int) -> int:
    entity = BY_RECORD[one.record]
    ids = partings.open_of(conn, leaver.org_id, _wanted(one), leaver.user_id)
    families.lock_rows(conn, leaver.org_id, entity, ids)
    load.by_ids(conn, state, leaver.org_id, entity, ids)
    found = [record for record_id in ids if (record := state.find(one.record, record_id)) is not None]

    def wanted(asking: Asking) -> Iterable[DeskNeed]:
        return (need for record in found for need in one.wants(asking, record))

    loader = Loader(conn, leaver, state, now_ms)
    loader.ask(wanted(loader.asking()))
    loader.rounds(wanted)
    loader.load_people()
    changed = [each for record in found for each in one.decide(leaver, state, record, Entered(Moment(now_ms)))]
    write(state, changed)
    return len(changed)
