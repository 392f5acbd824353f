"""Load the state which a batch folds into: families locked in order, then one query per kind of record."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from server.domain.needs import Rows
from server.domain.rules import of_author
from server.services import escalation, returns
from server.services.needs import Loader, of_entries
from server.store import families, history, inbox, load, retained
from shared_schema.entity import Entity
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem, SendUp
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import Kind
from sync.access import customer_named, family_of
from sync.awaited import awaited
from sync.decode import WHOLE_KINDS, Intent
from sync.fold import Sent
from sync.rules import Actor
from sync.state import Key, State

CUSTOMER = BY_NAME["customer"]
INBOX = BY_NAME["inbox_item"]


def load_state(conn: sa.Connection, actor: Actor, batch: Sequence[Sent], rev_floor: int, now_ms: int) -> State:
    """Lock the records that the batch touches, then read them."""
    state = _bare_state(actor, rev_floor)
    loader = Loader(conn, actor, state, now_ms)
    loader.ask(of_author(actor, _entities(batch)))
    intents = [sent.meant for sent in batch if isinstance(sent.meant, Intent)]
    wanted = of_entries(intents)
    loader.ask(wanted(loader.asking()))
    named, parents = families.named(batch), families.parents(batch)
    sent_up = {intent.mutation.id for intent in intents if isinstance(intent.command, SendUp)}
    _add(named, escalation.records_in(conn, actor.org_id, sent_up))
    about = _ids(named) | _ids(parents) | _ids(loader.by_id())
    waits = inbox.about(conn, actor.org_id, about)
    away = inbox.moved_with(waits, actor.user_id) | families.of_deleted(conn, actor.org_id, batch)
    _add(named, escalation.records_of(inbox.beside(waits)))
    customers = families.families(conn, actor.org_id, named, parents.get(CUSTOMER, set()) | away)
    families.lock_pools(conn, actor.org_id, loader.entering)
    customers = families.lock(conn, actor.org_id, customers)
    loader.families = customers
    _lock_own(loader, named, waits)
    load.standings(conn, state, actor.org_id, customers)
    load.by_ids(conn, state, actor.org_id, CUSTOMER, customers)
    load.former(conn, state, actor.org_id, actor.user_id, _not_held(state, actor, customers))
    _load_records(loader, customers, (named, parents))
    loader.rounds(wanted)
    asked = {(entity.number, one) for entity, ids in _all(named, loader.by_id()).items() for one in ids}
    came = {record_id for number, record_id in asked if (number, record_id) not in state.held}
    found = inbox.naming(conn, state, actor.org_id, inbox.Whose(actor.user_id, customers), about, came)
    if sent_up:
        state.above[actor.user_id] = escalation.above(conn, actor.org_id, actor.user_id)
    load.contributions(conn, state, actor.org_id, away)
    loader.load_moves()
    loader.load_people()
    found += returns.of_moved(conn, state, actor.org_id, loader.whole)
    _returns(loader, batch, found)
    escalation.load_origins(conn, state, actor.org_id)
    _load_gone(loader, asked)
    state.changed_ms.update(history.last_changes(conn, actor.org_id, _undone(batch)))
    loader.lock_counters()
    return state


def author_state(conn: sa.Connection, actor: Actor, batch: Sequence[Sent], rev_floor: int, now_ms: int) -> State:
    """A state for entries that must be refused whatever they name: nothing is read that could fail again, but for what says what may be
    kept of them."""
    state = _bare_state(actor, rev_floor)
    loader = Loader(conn, actor, state, now_ms)
    loader.ask(of_author(actor, _entities(batch)))
    loader.load()
    state.forgotten |= retained.gone(conn, actor.org_id, {(one.mutation.entity, one.mutation.id) for one in batch if one.mutation})
    return state


def _entities(batch: Sequence[Sent]) -> set[int]:
    return {sent.mutation.entity for sent in batch if sent.mutation is not None}


def _bare_state(actor: Actor, rev_floor: int) -> State:
    state = State(rev_floor)
    state.people[actor.user_id] = actor
    return state


def _lock_own(loader: Loader, named: Mapping[Entity, set[bytes]], waits: Sequence[InboxItem]) -> None:
    """Lock the records of no family that the batch touches, and cards of the actor's which it may join while somebody judges them anew."""
    joined = {item.id for item in waits if item.holder_id == loader.actor.user_id and awaited(item)}
    wanted = _all(named, loader.by_id(), {INBOX: joined})
    for entity in families.OWN_LOCKS:
        families.lock_rows(loader.conn, loader.actor.org_id, entity, wanted.get(entity, ()))
    loader.lock_ends()


def _load_records(loader: Loader, customers: set[bytes], asked: Sequence[Mapping[Entity, set[bytes]]]) -> None:
    """Note the records that the batch names, beside the customers and their holders, which are there already."""
    heads = (CUSTOMER, BY_NAME["standing"])  # of a customer that came after the lock nothing is read
    for entity in heads:
        loader.has(entity, customers)
    for entity, ids in _all(*asked).items():
        if entity not in heads:
            loader.ask([Rows(entity.record, frozenset(ids))])


def _load_gone(loader: Loader, asked: Collection[Key]) -> None:
    """Which of these records were deleted, and of which an entry has lost where its author was."""
    load.tombstones(loader.conn, loader.state, loader.actor, asked)
    loader.state.forgotten |= retained.gone(loader.conn, loader.actor.org_id, asked)


def _add(ids: dict[Entity, set[bytes]], more: Mapping[Entity, set[bytes]]) -> None:
    for entity, found in more.items():
        ids.setdefault(entity, set()).update(found)


def _all(*asked: Mapping[Entity, set[bytes]]) -> dict[Entity, set[bytes]]:
    found: dict[Entity, set[bytes]] = {}
    for one in asked:
        _add(found, one)
    return found


def _ids(asked: Mapping[Entity, set[bytes]]) -> set[bytes]:
    return {one for found in asked.values() for one in found}


def _undone(batch: Sequence[Sent]) -> set[Key]:
    """Records of which a change is taken back."""
    mutations = (sent.mutation for sent in batch if sent.mutation is not None)
    return {(one.entity, one.id) for one in mutations if one.kind == Kind.undo}


def _returns(loader: Loader, batch: Sequence[Sent], found: Sequence[InboxItem]) -> None:
    """Cards that wait for records which the batch makes or moves, with the families of the made records (P-512)."""
    if not found:
        return
    state = loader.state
    homes = {home for sent in batch if (home := _home(state, sent)) is not None}
    load.family(loader.conn, state, loader.actor.org_id, homes)
    holders = (state.holders(standing.record.id) for standing in state.held.values() if isinstance(standing.record, Standing))
    returns.load_waiting(loader, found, frozenset({loader.actor.user_id}).union(*holders))


def _home(state: State, sent: Sent) -> bytes | None:
    """The customer at which an entry may make a record: the one that it names, or itself; for a command the customer of its record."""
    making = sent.mutation
    if making is None or making.kind not in (*WHOLE_KINDS, Kind.command):
        return None
    held = state.held.get((making.entity, making.id))
    if making.kind == Kind.command:
        return (family_of(BY_NUMBER[making.entity], held.record) or None) if held is not None else None
    named = customer_named(making.entity, families.fields(making))
    return named if named is not None and len(named) == len(making.id) else making.id


def _not_held(state: State, actor: Actor, customers: set[bytes]) -> set[bytes]:
    """Customers for which only the past can speak for the actor."""
    standings = {customer_id: state.standing(customer_id) for customer_id in customers}
    return {customer_id for customer_id, standing in standings.items() if standing is not None and standing.owner_id != actor.user_id}
