"""Cards that wait for a record or for its customer: found when it comes, locked, and loaded with all that judging them anew asks for."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from server.domain.rules import RULES
from server.services import escalation
from server.services.needs import Loader, of_entries
from server.store import families, history, inbox, load, retained
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.access import family_of
from sync.admission import numbered
from sync.asked import asks
from sync.awaited import ENTERED, awaited
from sync.contribution import concerned, entries
from sync.decode import Intent
from sync.rejudge import Happened, judge_anew
from sync.rules import Actor, Moment
from sync.state import State

ITEM = BY_RECORD[InboxItem]


def judged(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> State:
    """Carry out the entries that waited for customers that the desk gave to somebody, or made; their families are locked and loaded."""
    gained = {customer_id for customer_id, before in state.holders_before.items() if state.holders(customer_id) - before}
    people = frozenset(user_id for customer_id in gained for user_id in state.holders(customer_id))
    load_waiting(Loader(conn, acting, state, now_ms), of_moved(conn, state, acting.org_id, gained), people)
    done = judge_anew(state, Happened(gained), RULES, Moment(now_ms))
    RULES.follow(acting, done, {one for one, before in done.holders_before.items() if done.holders(one) != before}, Moment(now_ms))
    history.fill_before(conn, acting.org_id, done)
    return done


def of_moved(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> list[InboxItem]:
    """Open cards that wait for one of these customers, whose whole families are loaded, or for records that were patched or corrected in
    them."""
    if not customer_ids:
        return []
    held = ((BY_NUMBER[number], one.record) for (number, _), one in state.held.items())
    entered = {record.id for entity, record in held if entity.policy in ENTERED and family_of(entity, record) in customer_ids}
    return [*inbox.moved(conn, org_id, customer_ids), *inbox.awaiting(conn, org_id, entered)]


def load_waiting(loader: Loader, found: Iterable[InboxItem], people: frozenset[bytes]) -> None:
    """Take in these cards, and those that wait for records which they make. Their needs are loaded only for authors who may come to hold a
    customer.

    `people`: the users who follow up one of the customers by the end. The families are locked and loaded. A card bears no family that a
    lock could name, so each card is locked, and read after it.
    """
    conn, state, org_id = loader.conn, loader.state, loader.actor.org_id
    waits = {item.id: item for item in found}
    left = list(waits.values())
    while left:
        made = {one.id for item in left for one in entries(item)}
        left = [item for item in inbox.awaiting(conn, org_id, made) if item.id not in waits]
        waits |= {item.id: item for item in left}
    if not waits:
        return
    families.lock_rows(conn, org_id, ITEM, waits)
    load.by_ids(conn, state, org_id, ITEM, waits)
    escalation.load_origins(conn, state, org_id)
    locked = (state.open_items[one] for one in sorted(waits) if one in state.open_items)
    near = [item for item in locked if awaited(item) and _may_hold(state, item, people)]
    customers = {customer_id for customer_id in (concerned(state, item) for item in near) if customer_id is not None}
    for holder_id in sorted({item.holder_id for item in near}):
        about = {one.id for item in near if item.holder_id == holder_id for one in entries(item)}
        inbox.naming(conn, state, org_id, inbox.Whose(holder_id, customers), about)
    if near:
        escalation.load_origins(conn, state, org_id)
        load.entries(conn, state, org_id, near)
        state.forgotten |= retained.gone(conn, org_id, {(one.entity, one.id) for item in near for one in entries(item)})
        for item in near:
            _load_wanted(loader, item)
        loader.load_people()


def _load_wanted(loader: Loader, item: InboxItem) -> None:
    """The needs of a card's entries, by their bytes, as when they came; a claim among them is not carried out again (P-513)."""
    raws = (loader.state.payloads.get((item.line_no, one.n)) for one in entries(item))
    intents = [
        sent.meant for sent in numbered(raw for raw in raws if raw is not None) if isinstance(sent.meant, Intent) and not asks(sent.meant)
    ]
    author = loader.state.people[item.holder_id]
    loader.ask(of_entries(intents)(loader.asking(author)))
    loader.rounds(of_entries(intents), author)


def _may_hold(state: State, item: InboxItem, people: frozenset[bytes]) -> bool:
    holder = state.people[item.holder_id]
    return not people.isdisjoint({holder.user_id, *holder.report_ids})
