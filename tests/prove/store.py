"""The server's data in memory: what the database holds, as dicts; a transaction is a copy that is kept or thrown away."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from server.domain import pools
from server.domain.needs import Asking, Rows
from server.domain.retention import noted
from server.domain.rules import wants
from server.domain.tree import Parents, line_up, subtree
from server.store import families, feed
from server.store.feed import FeedRow, rows_of
from server.store.history import VALUES_DECODER
from server.store.retained import GONE_MS
from server.store.write import MADE_ON_DEMAND
from shared_schema.entity import Entity
from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Customer, FollowUp, Standing
from shared_schema.records.inbox import InboxItem, ItemState, Values
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.quote import QuoteLine
from shared_schema.records.reference import Department, FieldDefinition, Organisation, Person, Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, Outcome
from sync.admission import Answered
from sync.awaited import awaited
from sync.contribution import concerned, entries
from sync.cursor import ScopeHead
from sync.decode import Intent
from sync.fold import Sent
from sync.history import completed, earlier_of, has_bare, is_bare
from sync.news import news
from sync.rules import Actor
from sync.scope import Reader
from sync.state import Buried, Change, Held, Key, OwnershipEvent, State

ORG_ID = 1
REP_LANES = (Lane.now, Lane.work, Lane.history)
STANDING = BY_RECORD[Standing]
ITEM = BY_RECORD[InboxItem]
CUSTOMER = BY_RECORD[Customer]
CARD = BY_RECORD[PoolCard]
PERSON = BY_RECORD[Person]
PARENT_SLOT = {entity.number: str(entity.about) for entity in BY_NUMBER.values() if entity.about not in (None, "id")}


class User(NamedTuple):
    """Somebody of the organisation."""

    id: bytes
    role: Role
    report_ids: frozenset[bytes]
    org_id: int = ORG_ID


class LineRow(Struct, frozen=True):
    """A device line."""

    user_id: bytes
    last_n: int = 0
    acked_n: int = 0
    backed_up_n: int = 0
    resets: int = 0


class Told(NamedTuple):
    """One feed row; `reason` 0 while the record is there."""

    seq: int
    reason: int
    body: bytes


class Taken(NamedTuple):
    """The oracle's own log of a consumed mutation, never forgotten before a restore: bytes' hash, outcome, times folded."""

    hash: bytes
    outcome: Outcome
    answer: bytes
    times: int


class Store:
    """Everything that a backup holds."""

    def __init__(self) -> None:
        self.epoch = 1
        self.key = bytes(32)
        """Of the cursors' MAC."""
        self.rev_floor = 0
        self.users: dict[bytes, User] = {}
        self.lines: dict[int, LineRow] = {}
        self.answered: dict[int, dict[int, Answered]] = {}
        self.taken: dict[tuple[int, int], Taken] = {}
        self.payloads: dict[tuple[int, int], bytes] = {}
        self.arrived: dict[tuple[int, int], tuple[int, int]] = {}
        """When what was refused came, and how far the clock was ahead."""
        self.records: dict[Key, Held] = {}
        self.tombstones: dict[Key, Buried] = {}
        self.graves: dict[Key, Values] = {}
        """What the history keeps of each deleted record."""
        self.changed_ms: dict[tuple[Key, str], int] = {}
        """When each (record, field group) last changed."""
        self.events: list[OwnershipEvent] = []
        """Replaying them gives the standings."""
        self.parents: dict[bytes, bytes | None] = {}
        """The department tree."""
        self.teams: dict[tuple[Role, bytes], Teams] = {}
        """What a place in the tree gives, as far as it was asked."""
        self.regrouped_ms = 0
        """When somebody last changed his department."""
        self.pools: dict[bytes, Pool] = {}
        self.scope_no = 0
        """The last number that a scope was given."""
        self.scopes: dict[Reader, ScopeHead] = {}
        self.feed: dict[int, dict[Key, Told]] = {}
        self.purged: dict[int, int] = {}
        """Scope → seq of the last removal that was forgotten."""
        self.counters: dict[str, int] = {}
        self.changes: list[Change] = []
        """(who, what): the field history, in order."""
        self.dues: dict[tuple[str, bytes, bytes], tuple[int, int]] = {}
        """(rule, record, reader) → (when it is judged again, since when)."""
        self.retained: dict[Key, int] = {}
        """Records that tell where somebody was → since when."""

    def copy(self) -> "Store":
        """A transaction's own view; keep it to commit."""
        copied = Store.__new__(Store)
        copied.__dict__.update({name: value.copy() if isinstance(value, (dict, list)) else value for name, value in self.__dict__.items()})
        copied.feed = {number: rows.copy() for number, rows in self.feed.items()}
        copied.answered = {line_no: given.copy() for line_no, given in self.answered.items()}
        return copied

    # people

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        for lane in REP_LANES:
            self.add_scope(Reader(lane, user.id))

    def add_scope(self, reader: Reader) -> None:
        self.scope_no += 1
        self.scopes[reader] = ScopeHead(self.scope_no, int(reader.lane), 0, 0)
        self.feed[self.scope_no] = {}

    def actor(self, line_no: int) -> Actor:
        return self.actor_of(self.lines[line_no].user_id, line_no)

    def actor_of(self, user_id: bytes, line_no: int) -> Actor:
        """A user as he acts; line 0: at the desk."""
        user = self.users[user_id]
        alone = Actor(user.org_id, user.id, line_no, user.role, user.report_ids)
        person = self.records[PERSON.number, user_id].record
        assert isinstance(person, Person)
        if person.department_id is None:
            return alone
        place = (user.role, person.department_id)
        if place not in self.teams:
            self.teams[place] = teams_of(user.role, self.parents, person.department_id)
        led, team_ids = self.teams[place]
        return msgspec.structs.replace(alone, team_ids=team_ids, addressed_ids=led, department_id=person.department_id)

    def above(self, user_id: bytes) -> tuple[Actor, ...]:
        """As `server/services/escalation.py`: the managers of his department and of each above it, the nearest first, without himself."""
        upwards = line_up(self.parents, self.actor_of(user_id, 0).department_id or b"")
        leaders = [self.actor_of(user.id, 0) for user in self.users.values() if user.role is Role.manager and user.id != user_id]
        found = [one for one in leaders if one.department_id in upwards]
        return tuple(sorted(found, key=lambda one: (upwards.index(one.department_id or b""), one.user_id)))

    def scopes_of(self, acting: Actor, tiles: Collection[int] = ()) -> list[ScopeHead]:
        """The scopes which the actor may hold now, if his phone asks for these tiles."""
        own = [head for reader, head in self.scopes.items() if reader.subject_id not in self.pools and feed.is_held_by(acting, reader)]
        return own + [self.scopes[reader] for reader in self.readers(acting, tiles) if reader in self.scopes]

    def readers(self, acting: Actor, tiles: Collection[int]) -> list[Reader]:
        """As `server/services/tiles.py`: the tiles in every pool of which the actor is a member, if it is in use or has a customer."""
        mine = [pool for pool in self.pools.values() if tiles and pools.is_member(pool, acting, self.parents)]
        return [Reader(Lane.tile, pool.id, tile) for pool in mine if pool.active or self._is_left(pool) for tile in tiles]

    def _is_left(self, pool: Pool) -> bool:
        cards = [held.record for held in self.records.values() if isinstance(held.record, PoolCard)]
        return any(card.pooled and card.pool_id == pool.id for card in cards)


Teams = tuple[frozenset[bytes], frozenset[bytes]]
"""Departments to which somebody may write, and those whose notes he holds."""


def teams_of(role: Role, parents: Parents, department_id: bytes) -> Teams:
    """As `server/services/actors.py`; whom he leads is known already."""
    led = subtree(parents, department_id) if role is Role.manager else frozenset({department_id})
    return led, led.union(line_up(parents, department_id))


def open_state(store: Store, acting: Actor, batch: Sequence[Sent]) -> State:
    """What a batch folds into. Everything is loaded, but open items only as the real load does it: the actor's, the families'."""
    state = State(store.rev_floor)
    state.held = dict(store.records)
    state.tombstones = {key: buried.rev for key, buried in store.tombstones.items()}
    state.tombstone_customers = {key: buried.customer_id for key, buried in store.tombstones.items()}
    state.forgotten = {key for key, at_ms in store.retained.items() if at_ms == GONE_MS}
    state.counters = dict(store.counters)
    state.changed_ms = dict(store.changed_ms)
    state.payloads = {place: raw for place, raw in store.payloads.items() if raw}
    state.arrived = dict(store.arrived)
    near = _families(store, batch)
    waits = {item.id for item in awaiting(store, _may_come(store, acting, batch, near))}
    for held in store.records.values():
        record = held.record
        if isinstance(record, (QuoteLine, Collaborator, FollowUp)):
            state.index(record)
        elif isinstance(record, InboxItem):
            if record.holder_id == acting.user_id or record.customer_id in near or record.id in waits:
                state.index(record)
        elif isinstance(record, (FieldDefinition, Organisation)):
            index_reference(state, record)
    people = frozenset({acting.user_id}).union(*(state.holders(customer_id) for customer_id in near))
    for card in beside(store, state, people):
        state.index(card)
    state.above[acting.user_id] = store.above(acting.user_id)
    state.superiors = tuple(one.user_id for one in state.above[acting.user_id])
    state.leaders = {user_id: tuple(one.user_id for one in store.above(user_id)) for user_id in store.users}
    state.people = {item.holder_id: store.actor_of(item.holder_id, 0) for item in state.open_items.values()}
    state.foreign_tombstones = {key for key, buried in store.tombstones.items() if not _sees(state, acting, buried.customer_id)}
    state.former = frozenset(event.customer_id for event in store.events if event.owner_id == acting.user_id)
    state.epochs_after = {(one.customer_id, one.line_no, one.n): one.epoch for one in store.events if one.n}
    return state


def awaiting(store: Store, ids: Collection[bytes]) -> list[InboxItem]:
    """As `server/services/returns.py`: open cards that wait for one of these records, and those that wait for what such a card makes."""
    found: list[InboxItem] = []
    cards = [one.record for one in store.records.values() if isinstance(one.record, InboxItem)]
    left = [item for item in cards if awaited(item)]
    wanted = set(ids)
    while hit := [item for item in left if not wanted.isdisjoint(awaited(item))]:
        found += hit
        left = [item for item in left if item not in hit]
        wanted = {one.id for item in hit for one in entries(item)}
    return found


def beside(store: Store, state: State, people: frozenset[bytes]) -> list[InboxItem]:
    """As `server/services/returns.py`: beside each loaded card that may be judged anew, because one of these people holds its customer, the
    open cards about the same records, of the same holder or about the customers of those."""
    near = [
        item
        for item in state.open_items.values()
        if awaited(item) and not people.isdisjoint({item.holder_id, *store.users[item.holder_id].report_ids})
    ]
    customers = {concerned(state, item) for item in near} - {None}
    named = {(item.holder_id, one.id) for item in near for one in entries(item)}
    cards = [one.record for one in store.records.values() if isinstance(one.record, InboxItem) and one.record.state == ItemState.open]
    return [
        card
        for card in cards
        if any(
            (holder_id, one.id) in named and (card.holder_id == holder_id or card.customer_id in customers)
            for holder_id in {item.holder_id for item in near}
            for one in entries(card)
        )
    ]


def _may_come(store: Store, acting: Actor, batch: Sequence[Sent], near: set[bytes]) -> set[bytes]:
    """What a batch may make, and what may change hands with its commands."""
    named = {(entity.number, one) for entity, found in families.named(batch).items() for one in found} | _wanted(store, acting, batch)
    moving = {record_id for number, record_id in named if number in (STANDING.number, CARD.number)} & near
    family = {key[1] for key, held in store.records.items() if customer_of(BY_NUMBER[key[0]], held) in moving}
    return {record_id for number, record_id in named if (number, record_id) not in store.records} | family


def _wanted(store: Store, acting: Actor, batch: Sequence[Sent]) -> set[Key]:
    """What the features ask for by id: with nothing loaded, and with everything."""
    intents = [sent.meant for sent in batch if isinstance(sent.meant, Intent)]
    full = State()
    full.held = dict(store.records)
    for held in store.records.values():
        full.index(held.record)
    needs = [need for state in (State(), full) for intent in intents for need in wants(Asking(acting, state, 0), intent)]
    return {(BY_RECORD[need.record].number, one) for need in needs if isinstance(need, Rows) and need.by == "id" for one in need.ids}


def index_reference(state: State, record: FieldDefinition | Organisation) -> None:
    """What rules look up by key."""
    if isinstance(record, FieldDefinition):
        state.definitions[record.entity, record.key] = record
    else:
        state.organisation = record


def _sees(state: State, acting: Actor, customer_id: bytes | None) -> bool:
    """As `server/store/visible.py`: somebody whose records the actor sees follows up the customer."""
    return customer_id is not None and not state.holders(customer_id).isdisjoint({acting.user_id, *acting.report_ids})


def _families(store: Store, batch: Sequence[Sent]) -> set[bytes]:
    found = set(families.parents(batch).get(CUSTOMER, ()))
    for entity, record_ids in families.named(batch).items():
        for record_id in record_ids:
            held = store.records.get((entity.number, record_id))
            found.add(customer_of(entity, held) or record_id if held is not None else record_id)
    return found


def customer_of(entity: Entity, held: Held) -> bytes | None:
    """The customer whom a record is about, itself if it is one; None for what is about none."""
    found: bytes | None = getattr(held.record, entity.about) if entity.about is not None else None
    return found


def fill_before(store: Store, state: State) -> None:
    """As `server/store/history.py`: what a new card's author had on his screen, and who wrote what the card prints as theirs."""
    items = [item for item in (state.held[key].record for key in state.touched) if isinstance(item, InboxItem)]
    bare = [item for item in items if has_bare(item)]
    changes = [*store.changes, *state.changes] if bare else []
    for item in bare:
        members, earlier = (
            tuple(completed(one, earlier_of(one, changes)) if is_bare(one) else one for one in several)
            for several in (item.members, item.earlier)
        )
        state.held[ITEM.number, item.id] = Held(msgspec.structs.replace(item, members=members, earlier=earlier), {})


def _stored(change: Change) -> Change:
    """A line of history as the database gives it back: a set is a list of lists."""
    before, after = (VALUES_DECODER.decode(ENCODER.encode(values)) for values in (change.before, change.after))
    return msgspec.structs.replace(change, before=before, after=after)


def save(store: Store, state: State) -> dict[tuple[int, int, bytes], int]:
    """Write a folded state and publish it; the seq given to each (scope, entity, id)."""
    store.counters.update(state.counters)
    store.changed_ms.update(state.changed_ms)
    store.graves.update({one.key: _stored(one).before for one in state.changes if one.decision == "deleted"})
    for key in state.unburied:
        del store.tombstones[key]
    store.changes += [_stored(change) for change in state.changes]
    for key in state.touched:
        held = state.held[key]
        store.records[key] = held
        _index_reference(store, held.record)
    store.events += [*_births(state), *state.events]
    whereabouts = noted(state, lambda card_id: store.retained.get((ITEM.number, card_id)))
    store.retained.update(whereabouts.since_ms)
    for key in whereabouts.silent:
        store.retained.pop(key, None)
    for key in whereabouts.lost:
        store.retained.setdefault(key, GONE_MS)
    for key, buried in state.buried.items():
        store.records.pop(key, None)
        store.tombstones[key] = buried
    told = news(state)
    for reader in sorted({one.reader for one in told if one.reader.lane in MADE_ON_DEMAND} - store.scopes.keys()):
        store.add_scope(reader)
    return publish(store, rows_of(told, {reader: scope.number for reader, scope in store.scopes.items()}))


def _births(state: State) -> Iterable[OwnershipEvent]:
    """As `server/store/write.py`: the first event of a new customer, who is its author's."""
    for key in sorted(state.created):
        first = state.originals.get(key, state.held[key]).record if key[0] == STANDING.number else None
        if isinstance(first, Standing):
            yield OwnershipEvent(first.id, first.epoch, "created", first.owner_id, first.owner_id or b"", pool_id=first.pool_id)


def _index_reference(store: Store, record: Record) -> None:
    if isinstance(record, Department):
        store.parents[record.id] = record.parent_id
        store.teams = {}
    elif isinstance(record, Pool):
        store.pools[record.id] = record


def publish(store: Store, rows: Iterable[FeedRow]) -> dict[tuple[int, int, bytes], int]:
    """Move the heads, write the rows: one row per (scope, record), moved to its new seq."""
    readers = {head.number: reader for reader, head in store.scopes.items()}
    seqs = {}
    for row in sorted(rows, key=lambda row: row.scope_no):
        old = store.scopes[readers[row.scope_no]]
        moved = ScopeHead(old.number, old.lane, old.head + 1, old.floor)
        store.scopes[readers[row.scope_no]] = moved
        told = store.feed[row.scope_no]
        told.pop((row.entity, row.id), None)
        told[row.entity, row.id] = Told(moved.head, row.reason, row.body)
        seqs[row.scope_no, row.entity, row.id] = moved.head
    return seqs


def rows_after(store: Store, scope_no: int, position: int, base: int) -> list[tuple[int, bytes]]:
    """(seq, body) after a position; removals only after `base`. The dict is in order of seq."""
    return [(told.seq, told.body) for told in store.feed[scope_no].values() if told.seq > position and (not told.reason or told.seq > base)]


def purge(store: Store, scope: ScopeHead, reader: Reader) -> bool:
    """Forget the removals of one scope and raise its floor to the last of them; whether there was one."""
    told = store.feed[scope.number]
    old = [key for key, row in told.items() if row.reason]
    if not old:
        return False
    last = max(told.pop(key).seq for key in old)
    store.scopes[reader] = ScopeHead(scope.number, scope.lane, scope.head, max(scope.floor, last))
    store.purged[scope.number] = last
    return True


def raw_bytes(mutations: Iterable[Raw]) -> list[bytes]:
    return [bytes(one) for one in mutations]
