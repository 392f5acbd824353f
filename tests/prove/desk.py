"""What the desk and the clock do, on the store in memory: every verb by its pure half, and what is no verb yet."""

from collections.abc import Collection

import msgspec
from msgspec import Struct

from server.domain.claims import HELD
from server.domain.desk import JOBS, decided, keep, write
from server.domain.reminder import judged
from server.domain.retention import without
from server.domain.rules import RULES
from server.services import remind as scheduler
from server.services.act import NOBODY
from server.store.retained import BATCH_MAX, DAY_MS, Kept
from shared_schema.problem import Problem
from shared_schema.records.customer import Collaborator, EndCollaboration, Standing, Transfer
from shared_schema.records.inbox import InboxItem
from shared_schema.records.notification import Notification
from shared_schema.records.reference import FieldDefinition, Organisation, Role
from shared_schema.registry import BY_NUMBER
from sync.escalation import manager_for, send
from sync.forgetting import forgotten_bytes
from sync.inbox import ITEM
from sync.rejudge import Happened, judge_anew
from sync.rules import Actor, Entered, Moment
from sync.state import WHOLE, Held, Stamp, State
from tests.prove.reminded import note, replace, tell, waiting
from tests.prove.store import ORG_ID, PERSON, Store, awaiting, beside, customer_of, fill_before, index_reference, open_state, save


class Regroup(Struct, frozen=True):
    """Put a rep into another department: the manager's, or one that is not his."""

    user_id: bytes
    manager_id: bytes
    department_id: bytes


class Expire(Struct, frozen=True):
    """The time of a record is over, or not yet. `job`: the one that ends it."""

    id: bytes
    job: str = "expire"


class Own(Struct, frozen=True):
    """A request that a user makes with the network, in the user's own name."""

    user_id: bytes
    asked: Struct


class Remind(Struct, frozen=True):
    """The scheduler's turn."""


class Forget(Struct, frozen=True):
    """The daily turn of who forgets where people were."""


class HandOver(Struct, frozen=True):
    """All that a leaver holds goes to somebody else, his open cards go up."""

    leaver_id: bytes
    to_user_id: bytes


def director(store: Store) -> Actor:
    """Whom all report to: he acts at the desk."""
    leaders = [user for user in store.users.values() if user.role is Role.manager]
    return store.actor_of(max(leaders, key=lambda user: len(user.report_ids)).id, 0)


def _opened(store: Store, acting: Actor, now_ms: int) -> State:
    """All that there is; cards come in when it is known what happened."""
    state = open_state(store, acting, [])
    state.open_items, state.parked_creates, state.people = {}, {}, {}
    for (number, _), held in store.records.items():
        if isinstance(held.record, HELD.record) and getattr(held.record, HELD.ahead) <= now_ms:
            continue
        for slot in BY_NUMBER[number].searched:
            named = number, slot, getattr(held.record, slot)
            state.many[named] = state.many.get(named, 0) + 1
    return state


def ask(store: Store, asked: Struct, now_ms: int) -> bool:
    """Whatever a verb of the desk asks, of the director; False when it is refused."""
    return _asked(store, director(store), asked, now_ms)


def own(store: Store, asked: Own, now_ms: int) -> bool:
    """Whatever a user asks with the network, beside syncing; False when it is refused."""
    return _asked(store, store.actor_of(asked.user_id, 0), asked.asked, now_ms)


def _asked(store: Store, acting: Actor, asked: Struct, now_ms: int) -> bool:
    state = _opened(store, acting, now_ms)
    try:
        decided(acting, state, asked, Moment(now_ms))
    except Problem:
        return False
    _finish(store, state, acting, now_ms)
    return True


def put(store: Store, asked: Struct, _: int) -> bool:
    """Whatever a table of the desk takes, of an admin, with the id of the record; False when it is refused."""
    state, record_id = State(store.rev_floor), msgspec.structs.asdict(asked)["id"]
    state.held = dict(store.records)
    try:
        keep(state, asked, record_id)
    except Problem:
        return False
    save(store, state)
    return True


def expire(store: Store, asked: Expire, now_ms: int) -> bool:
    """A job whose record may be due; False when it is not."""
    nobody = Actor(ORG_ID, NOBODY, 0, Role.unknown)
    state = _opened(store, director(store), now_ms)
    job = next(one for one in JOBS if one.name == asked.job)
    due = state.find(job.record, asked.id)
    if due is None or not job.takes(state, due, now_ms):
        return False
    write(state, job.decide(nobody, state, due, Entered(Moment(now_ms))))
    _finish(store, state, nobody, now_ms)
    return True


def remind(store: Store, _: Remind, now_ms: int) -> bool:
    """As `server/services/remind.py`: the records whose time may have come are judged again; False when there are none."""
    rows = waiting(store, now_ms)
    if not rows:
        return False
    state = _opened(store, director(store), now_ms)
    found = {subject: scheduler._occasions(state, subject, now_ms) for subject in rows}
    readers = {one.heard.user_id for occasions in found.values() for one in occasions}
    zones = {reader_id: scheduler._zone(state, reader_id) for reader_id in readers}
    results = [judged(found[subject], zones, scheduler._merged(of), now_ms) for subject, of in rows.items()]
    scheduler._hear(state, results)
    replace(store, rows, [row for one in results for row in one.rows])
    _finish(store, state, Actor(ORG_ID, NOBODY, 0, Role.unknown), now_ms)
    return True


def forget(store: Store, _: Forget, now_ms: int) -> bool:
    """As `server/services/forget.py`, in its batches; False when nothing is due."""
    organisation = next(one.record for one in store.records.values() if isinstance(one.record, Organisation))
    assert isinstance(organisation, Organisation)
    days = organisation.visit_days
    due = sorted(Kept(since_ms, *key) for key, since_ms in store.retained.items() if since_ms < now_ms - days * DAY_MS)
    for at in range(0, len(due), BATCH_MAX):
        state = open_state(store, director(store), [])
        for number, record_id in sorted(one.key for one in due[at : at + BATCH_MAX]):
            state.write(without(state.held[number, record_id].record, days))
        save(store, state)
    old = [place for place, (came_ms, _) in store.arrived.items() if came_ms < now_ms - days * DAY_MS and place in store.payloads]
    store.payloads.update({place: forgotten_bytes(store.payloads[place]) for place in old})
    return bool(due)


def hand_over(store: Store, asked: HandOver, now_ms: int) -> bool:
    """As `server/services/hand_over.py`: customer by customer, then the collaborations, then the cards."""
    records = [held.record for held in store.records.values()]
    owned = sorted(one.id for one in records if isinstance(one, Standing) and one.owner_id == asked.leaver_id)
    shared = sorted(one.customer_id for one in records if isinstance(one, Collaborator) and one.user_id == asked.leaver_id)
    for customer_id in owned:
        ask(store, Transfer(customer_id, asked.to_user_id), now_ms)
    for customer_id in shared:
        ask(store, EndCollaboration(customer_id, asked.leaver_id), now_ms)
    _hand_items(store, asked.leaver_id, now_ms)
    return True


def _hand_items(store: Store, leaver_id: bytes, now_ms: int) -> None:
    """As `server/services/escalation.py`."""
    state = open_state(store, store.actor_of(leaver_id, 0), [])
    state.former = frozenset()
    waiting = sorted((item for item in state.open_items.values() if item.holder_id == leaver_id), key=lambda item: item.id)
    for item in [one for one in waiting if manager_for(state, one) is not None]:
        send(state, RULES, item, Moment(now_ms))
    fill_before(store, state)
    tell(store, state, (), now_ms)
    note(store, state, now_ms)
    save(store, state)


def regroup(store: Store, asked: Regroup, now_ms: int) -> bool:
    """A rep changes his department, and his manager's phone what it holds; the directory says so to everybody."""
    state = State(store.rev_floor)
    state.held = dict(store.records)
    held = store.records[PERSON.number, asked.user_id]
    rev = state.next_rev(held.record.rev)
    moved = msgspec.structs.replace(held.record, rev=rev, department_id=asked.department_id)
    state.put(PERSON, Held(moved, {WHOLE: Stamp(rev, 0, 0)}))
    save(store, state)
    store.regrouped_ms = now_ms
    manager = store.users[asked.manager_id]
    store.users[manager.id] = manager._replace(report_ids=manager.report_ids ^ {asked.user_id})
    _heard_above(store, now_ms)
    return True


def _heard_above(store: Store, now_ms: int) -> None:
    """Every notice of those above is looked at again: the server looks at those that may have another reader."""
    state = open_state(store, director(store), [])
    records = (held.record for held in store.records.values())
    tell(store, state, {one.subject_id for one in records if isinstance(one, Notification) and one.subject_id is not None}, now_ms)
    save(store, state)


def _of_families(store: Store, customer_ids: Collection[bytes]) -> set[bytes]:
    """Records of families that may have changed hands."""
    return {key[1] for key, held in store.records.items() if customer_of(BY_NUMBER[key[0]], held) in customer_ids}


def _finish(store: Store, state: State, acting: Actor, now_ms: int) -> None:
    """As `server/services/act.py`: what waited for this is judged anew, then everything is written and fed."""
    waits = {item.id for item in awaiting(store, _of_families(store, state.holders_before))}
    for held in store.records.values():
        record = held.record
        if isinstance(record, InboxItem) and (record.id in waits or record.customer_id in state.holders_before):
            state.load(ITEM, held)
        elif isinstance(record, (Organisation, FieldDefinition)):
            index_reference(state, record)
    gained = {customer_id for customer_id, before in state.holders_before.items() if state.holders(customer_id) - before}
    for card in beside(store, state, frozenset().union(*map(state.holders, gained))):
        state.load(ITEM, store.records[ITEM.number, card.id])
    state.people = {item.holder_id: store.actor_of(item.holder_id, 0) for item in state.open_items.values()}
    state.changed_ms = dict(store.changed_ms)
    state.payloads = {place: raw for place, raw in store.payloads.items() if raw}
    state.arrived = dict(store.arrived)
    state.tombstones = {key: buried.rev for key, buried in store.tombstones.items()}
    state.tombstone_customers = {key: buried.customer_id for key, buried in store.tombstones.items()}

    moved = {customer_id for customer_id, before in state.holders_before.items() if state.holders(customer_id) - before}
    anew = judge_anew(state, Happened(moved), RULES, Moment(now_ms))
    changed = {customer_id for customer_id, before in anew.holders_before.items() if anew.holders(customer_id) != before}
    RULES.follow(acting, anew, changed, Moment(now_ms))
    fill_before(store, anew)
    tell(store, anew, (), now_ms)
    note(store, anew, now_ms)
    save(store, anew)
