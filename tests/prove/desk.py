"""What managers do: transfer, pools and collaboration, by the rules of `server/services/ownership.py`, on the store in memory."""

import msgspec
from msgspec import Struct

from server.domain import pools
from server.domain.pools import end_collaborations
from server.domain.rules import RULES
from server.services import ownership
from server.services.ownership import Collaborate, Move
from shared_schema.commands import Decision, Release
from shared_schema.problem import Problem
from shared_schema.records.customer import Collaborator, Customer, Standing
from shared_schema.records.inbox import InboxItem
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Department, FieldDefinition, Organisation, Role
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.anew import Happened, judge_anew
from sync.decode import understand
from sync.fold import Sent
from sync.handing import manager_for, send
from sync.inbox import ITEM
from sync.rules import Actor, Entered, Moment
from sync.state import WHOLE, Held, Stamp, State
from sync.steps import Step
from tests.prove.store import PERSON, Store, awaiting, customer_of, fill_before, index_reference, open_state, save

ALWAYS = (Pool, Department)
"""What says who is a member of which pool."""


class Part(Struct, frozen=True):
    """End a collaboration."""

    customer_id: bytes
    user_id: bytes


class Regroup(Struct, frozen=True):
    """Put a rep into another department: the manager's, or one that is not his."""

    user_id: bytes
    manager_id: bytes
    department_id: bytes


class Enter(Struct, frozen=True):
    """Give a customer to a pool."""

    customer_id: bytes
    pool_id: bytes


class Expire(Struct, frozen=True):
    """The time of a collaboration is over, or not yet."""

    customer_id: bytes
    user_id: bytes


class HandOver(Struct, frozen=True):
    """All that a leaver holds goes to somebody else, his open cards go up."""

    leaver_id: bytes
    to_user_id: bytes


class Mask(Struct, frozen=True):
    """A pool hides other fields from now on, and is in use or not."""

    pool_id: bytes
    hidden: tuple[str, ...]
    active: bool = True


class Decide(Struct, frozen=True):
    """The director decides about a quote."""

    director_id: bytes
    quote_id: bytes
    command: Decision


def director(store: Store) -> Actor:
    """Whom all report to: he acts at the desk."""
    leaders = [user for user in store.users.values() if user.role is Role.manager]
    return store.actor_of(max(leaders, key=lambda user: len(user.report_ids)).id, 0)


def _disposed(store: Store, state: State, customer_id: bytes) -> Standing | None:
    """The standing, if the director may dispose of it: his own or his users' customer, or one in a pool of his (D-107)."""
    acting, standing = director(store), state.standing(customer_id)
    if standing is None:
        return None
    if standing.owner_id is not None:
        return standing if ownership._leads(acting, standing.owner_id) else None
    pool = store.pools.get(standing.pool_id or b"")
    return standing if pool is not None and pools.is_member(pool, acting, store.parents) else None


def transfer(store: Store, asked: Move, now_ms: int) -> bool:
    """Make another user the owner; False when he is it, or there is no such customer of the director's."""
    state = family(store, asked.customer_id)
    standing = _disposed(store, state, asked.customer_id)
    if standing is None or standing.owner_id == asked.to_user_id:
        return False
    ownership._withdraw(state, standing)
    after = msgspec.structs.replace(standing, owner_id=asked.to_user_id, pool_id=None, owned_since_ms=now_ms)
    ownership._stand(director(store), state, after, ("transferred", asked.to_user_id, asked.reason))
    end_collaborations(state, asked.customer_id, {asked.to_user_id})
    _finish(store, state, now_ms)
    return True


def release(store: Store, asked: Enter, now_ms: int) -> bool:
    """Give a customer to a pool; False when it may not be."""
    state = family(store, asked.customer_id)
    standing = _disposed(store, state, asked.customer_id)
    if standing is None:
        return False
    try:
        given = pools.release(director(store), state, standing, Release(asked.pool_id), Entered(Moment(now_ms)))
    except Problem:
        return False
    for record in given:
        state.write(record)
    _finish(store, state, now_ms)
    return True


def mask(store: Store, asked: Mask, _: int) -> bool:
    """Another mask for every card of a pool, as `server/services/pools.py`."""
    state, pool = State(store.rev_floor), msgspec.structs.replace(store.pools[asked.pool_id], hidden=asked.hidden, active=asked.active)
    state.held = dict(store.records)
    if pool == store.pools[pool.id]:
        return True
    state.write(pool)
    for known in [held.record for held in state.held.values() if isinstance(held.record, PoolCard) and held.record.pool_id == pool.id]:
        customer, standing = state.find(Customer, known.id), state.standing(known.id)
        if known.pooled and customer is not None and standing is not None:
            fresh = pools.card(customer, standing, pool, known.pooled_ms)
            if pools.differs(known, fresh):
                state.write(fresh)
    save(store, state)
    return True


def collaborate(store: Store, asked: Collaborate, now_ms: int) -> bool:
    """Let another user follow up too; False when he does, or the customer is nobody's."""
    customer_id, user_id = asked.customer_id, asked.user_id
    state = family(store, customer_id)
    standing = _disposed(store, state, customer_id)
    if standing is None or standing.owner_id is None or user_id in state.holders(customer_id):
        return False
    state.write(Collaborator(asked.id, 0, customer_id, user_id, asked.until_ms))
    ownership._stand(director(store), state, standing, ("collaborator", user_id, ""))
    _finish(store, state, now_ms)
    return True


def part(store: Store, asked: Part, now_ms: int) -> bool:
    """End a collaboration; False when there is none."""
    customer_id, user_id = asked.customer_id, asked.user_id
    state = family(store, customer_id)
    standing = state.standing(customer_id) if ownership._leads(director(store), user_id) else _disposed(store, state, customer_id)
    if standing is None or user_id not in state.collaborators.get(customer_id, frozenset()):
        return False
    end_collaborations(state, customer_id, {user_id})
    ownership._stand(director(store), state, standing, ("collaborator_ended", user_id, ""))
    _finish(store, state, now_ms)
    return True


def expire(store: Store, asked: Expire, now_ms: int) -> bool:
    """End a collaboration whose time is over; False when it is not."""
    customer_id, user_id = asked.customer_id, asked.user_id
    state = family(store, customer_id)
    standing = state.standing(customer_id)
    own = [one.record for one in state.held.values() if isinstance(one.record, Collaborator) and one.record.user_id == user_id]
    if standing is None or not any(0 < (one.until_ms or 0) <= now_ms for one in own):
        return False
    end_collaborations(state, customer_id, {user_id})
    nobody = Actor(director(store).org_id, ownership.NOBODY, 0, Role.unknown)
    ownership._stand(nobody, state, standing, ("collaborator_ended", user_id, ""))
    _finish(store, state, now_ms)
    return True


def hand_over(store: Store, asked: HandOver, now_ms: int) -> bool:
    """As `server/services/hand_over.py`: customer by customer, then the collaborations, then the cards."""
    records = [held.record for held in store.records.values()]
    owned = sorted(one.id for one in records if isinstance(one, Standing) and one.owner_id == asked.leaver_id)
    shared = sorted(one.customer_id for one in records if isinstance(one, Collaborator) and one.user_id == asked.leaver_id)
    for customer_id in owned:
        transfer(store, Move(customer_id, asked.to_user_id), now_ms)
    for customer_id in shared:
        part(store, Part(customer_id, asked.leaver_id), now_ms)
    _hand_items(store, asked.leaver_id, now_ms)
    return True


def _hand_items(store: Store, leaver_id: bytes, now_ms: int) -> None:
    """As `server/services/handing.py`."""
    state = open_state(store, store.actor_of(leaver_id, 0), [])
    state.former = frozenset()
    waiting = sorted((item for item in state.open_items.values() if item.holder_id == leaver_id), key=lambda item: item.id)
    for item in [one for one in waiting if manager_for(state, one) is not None]:
        send(state, RULES, item, Moment(now_ms))
    fill_before(store, state)
    save(store, state)


def regroup(store: Store, asked: Regroup, now_ms: int) -> bool:
    """A rep changes his department, and his manager's phone what it holds; the directory says so to everybody."""
    state = State(store.rev_floor)
    held = store.records[PERSON.number, asked.user_id]
    state.load(PERSON, held)
    rev = state.next_rev(held.record.rev)
    moved = msgspec.structs.replace(held.record, rev=rev, department_id=asked.department_id)
    state.put(PERSON, Held(moved, {WHOLE: Stamp(rev, 0, 0)}))
    save(store, state)
    store.regrouped_ms = now_ms
    manager = store.users[asked.manager_id]
    store.users[manager.id] = manager._replace(report_ids=manager.report_ids ^ {asked.user_id})
    return True


def decide(store: Store, asked: Decide, now_ms: int) -> bool:
    """Approve, reject or return a quote, as `server/services/quotes.py`; False when it may not be."""
    acting = store.actor_of(asked.director_id, 0)
    body = msgspec.Raw(ENCODER.encode(asked.command))
    mutation = Mutation(0, GroupPlace(0, 0, 1), int(Kind.command), BY_NAME["quote"].number, asked.quote_id, {}, body, now_ms)
    state = open_state(store, acting, [Sent(0, b"", mutation)])
    try:
        Step(state, acting, RULES, Moment(now_ms), understand(mutation)).run()
    except Problem:
        return False
    save(store, state)
    return True


def family(store: Store, customer_id: bytes) -> State:
    """The customer, every child, its card; and what pools there are."""
    state = State(store.rev_floor)
    for (number, record_id), held in store.records.items():
        entity = BY_NUMBER[number]
        card = entity.record is PoolCard and record_id == customer_id
        if card or entity.record in ALWAYS or (entity.name != "inbox_item" and customer_of(entity, held) == customer_id):
            state.load(entity, held)
    return state


def _finish(store: Store, state: State, now_ms: int) -> None:
    """As `server/services/moving.py`: what waited for this is judged anew, then everything is written and fed."""
    waits = {item.id for item in awaiting(store, {record_id for _, record_id in state.held})}
    for held in store.records.values():
        record = held.record
        if isinstance(record, InboxItem) and (record.id in waits or record.customer_id in state.stood):
            state.load(ITEM, held)
        elif isinstance(record, (Organisation, FieldDefinition)):
            index_reference(state, record)
    state.people = {item.holder_id: store.actor_of(item.holder_id, 0) for item in state.open_items.values()}
    state.changed_ms = dict(store.changed_ms)
    state.payloads = dict(store.payloads)
    state.arrived = dict(store.arrived)
    state.changed_ms = dict(store.changed_ms)
    state.tombstones = {key: buried.rev for key, buried in store.tombstones.items()}
    state.tombstone_customers = {key: buried.customer_id for key, buried in store.tombstones.items()}

    moved = {customer_id for customer_id, before in state.stood.items() if state.holders(customer_id) - before}
    judged = judge_anew(state, Happened(moved), RULES, Moment(now_ms))
    fill_before(store, judged)
    save(store, judged)
