"""Carry out the desk's requests and the records that are due: locks, needs, decision, entries that waited, write, feed, tell, in one
transaction."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from server.domain.desk import VERB_OF, decided, wants_of, write
from server.domain.feature import Job
from server.domain.needs import Asking, DeskNeed
from server.domain.tokens import Claims
from server.services import actors, alike, returns
from server.services.needs import Loader, Wanted
from server.services.notices import tell
from server.store import comings, families, load
from server.store.write import save
from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER, BY_RECORD, CARD, PLACE
from sync.rules import Actor, Entered, Moment
from sync.state import State

NOBODY = bytes(16)
"""The author of the clock's work."""
CUSTOMER = BY_NAME["customer"]


class Deciding(msgspec.Struct, frozen=True):
    """The needs of a decision, and the decision itself: it writes into the state, or raises Problem."""

    wanted: Wanted
    decide: Callable[[State], None]


def act(conn: sa.Connection, claims: Claims, asked: msgspec.Struct, now_ms: int) -> Any:
    """The answer of a verb. Raises Problem(forbidden), the Problems of `actors.actor` and those of the verb.

    The desk names no device line, so no user takes its work for an own edit.
    """
    verb = VERB_OF[type(asked)]
    acting = msgspec.structs.replace(actors.entitled(conn, claims, now_ms, verb.route), line_no=0)
    deciding = Deciding(wants_of(asked), lambda state: decided(acting, state, asked, Moment(now_ms)))
    state, counts = carried_out(conn, acting, deciding, now_ms)
    return verb.answer(state, asked, counts)


def operate(conn: sa.Connection, org_id: int, asked: msgspec.Struct, now_ms: int) -> Any:
    """The same for the operator at the machine, who is no user: as an admin might ask. Raises the Problems of the verb."""
    verb = VERB_OF[type(asked)]
    acting = actors.reaching(conn, Actor(org_id, NOBODY, 0, Role.admin), verb.route)
    deciding = Deciding(wants_of(asked), lambda state: decided(acting, state, asked, Moment(now_ms)))
    state, counts = carried_out(conn, acting, deciding, now_ms)
    return verb.answer(state, asked, counts)


def carried_out(conn: sa.Connection, acting: Actor, deciding: Deciding, now_ms: int) -> tuple[State, Mapping[str, int]]:
    """Carry out a decision; the state behind it, and how many records of each kind somebody gained, lost or sees changed."""
    loader = loaded(conn, acting, deciding.wanted, now_ms)
    deciding.decide(loader.state)
    return finished(loader)


def turn(conn: sa.Connection, org_id: int, job: Job[Any], record_id: bytes, now_ms: int) -> int:
    """Carry out one piece of a job, if it is still due under the lock; how many pieces that were."""
    acting = Actor(org_id, NOBODY, 0, Role.unknown)
    comings.lock(conn, org_id)
    known = State()
    load.by_ids(conn, known, org_id, BY_RECORD[job.record], {record_id})
    first = known.find(job.record, record_id)
    if first is None:
        return 0
    loader = loaded(conn, acting, lambda asking: job.wants(asking, first), now_ms)
    due: Record | None = loader.state.find(job.record, record_id)
    if due is None or not job.takes(loader.state, due, now_ms):
        return 0
    write(loader.state, job.decide(acting, loader.state, due, Entered(Moment(now_ms))))
    finished(loader)
    return 1


def early(conn: sa.Connection, job: Job[Any], org_id: int, ids: Collection[bytes], now_ms: int) -> list[bytes]:
    """Which of these records must not wait for their time; read without a lock, so each is judged again by `turn`."""
    state = State()
    load.by_ids(conn, state, org_id, BY_RECORD[job.record], ids)
    found = [record for record_id in ids if (record := state.find(job.record, record_id)) is not None]

    def wanted(asking: Asking) -> Iterable[DeskNeed]:
        return (need for record in found for need in job.wants(asking, record))

    loader = Loader(conn, Actor(org_id, NOBODY, 0, Role.unknown), state, now_ms)
    loader.ask(wanted(loader.asking()))
    loader.rounds(wanted)
    return [one.id for one in found if job.takes(state, one, now_ms)]


def loaded(conn: sa.Connection, acting: Actor, wanted: Wanted, now_ms: int) -> Loader:
    """Lock and load the needs: coming records, pools, families, then records; children are searched only after the lock."""
    comings.lock(conn, acting.org_id)
    loader = Loader(conn, acting, State(load.rev_floor(conn, acting.org_id)), now_ms)
    loader.ask(wanted(loader.asking()))
    loader.lock_turns()
    named = {entity: set(ids) for entity, ids in loader.by_id().items()}
    customers = families.families(conn, acting.org_id, named, loader.whole)
    if loader.enters_any:
        loader.entering |= families.places(conn, acting.org_id)
    families.lock_pools(conn, acting.org_id, loader.entering)
    inside = families.lock_places(conn, acting.org_id, loader.changing.get(PLACE, ()))
    customers = families.lock(conn, acting.org_id, customers | inside)
    for entity in families.OWN_LOCKS:
        families.lock_rows(conn, acting.org_id, entity, named.get(entity, ()))
    for entity in sorted(loader.changing.keys() - {PLACE}, key=lambda entity: entity.number):
        families.lock_rows(conn, acting.org_id, entity, loader.changing[entity])
    loader.lock_ends()
    state = loader.state
    load.standings(conn, state, acting.org_id, customers)
    load.by_ids(conn, state, acting.org_id, CUSTOMER, customers)
    load.by_ids(conn, state, acting.org_id, CARD, inside)
    load.former(conn, state, acting.org_id, acting.user_id, customers)
    loader.rounds(wanted)
    loader.load_moves()
    loader.load_people()
    load.tombstones(conn, state, acting, {(entity.number, one) for entity, ids in named.items() for one in ids})
    loader.lock_counters()
    return loader


def finished(loader: Loader) -> tuple[State, Mapping[str, int]]:
    """Judge anew the entries that waited for this, write, feed and tell; then how many records of each kind somebody gained, lost or
    sees changed."""
    conn, acting, now_ms = loader.conn, loader.actor, loader.now_ms
    state = returns.judged(conn, acting, loader.state, now_ms)
    alike.flag(conn, acting, state, now_ms)
    tell(conn, acting, state, now_ms)
    told = save(conn, state, acting, now_ms).seqs
    changed = sorted({place[1:] for place in told if BY_NUMBER[place[1]].lane is not Lane.notice})
    return state, Counter(BY_NUMBER[number].name for number, record_id in changed if (number, record_id) in state.held)
