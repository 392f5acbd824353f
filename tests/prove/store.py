"""The server's data in memory: what the database holds, as dicts; a transaction is a copy that is kept or thrown away."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Raw, Struct

from server.store import families, load
from server.store.feed import FeedRow, Reader, gone_rows, rows_for
from shared_schema.policy import Lane
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem
from shared_schema.records.quote import QuoteLine
from shared_schema.records.reference import FieldDefinition, Organisation, Role
from shared_schema.registry import BY_NUMBER, BY_RECORD, Entity
from shared_schema.wire import Outcome, Reason
from sync.cursor import ScopeHead
from sync.fold import Sent
from sync.line import Answered
from sync.rules import Actor
from sync.scope import Audience, audience, family_audience
from sync.state import Buried, Held, Key, State

ORG_ID = 1
REP_LANES = (Lane.now, Lane.work, Lane.history)
STANDING = BY_RECORD[Standing]
PARENT_SLOT = {entity.number: "customer_id" for entity in BY_NUMBER.values() if "customer_id" in entity.slots}


class User(NamedTuple):
    """Somebody of the organisation."""

    id: bytes
    role: Role
    report_ids: frozenset[bytes]


class LineRow(Struct, frozen=True):
    """A device line."""

    user_id: bytes
    last_n: int = 0
    acked_n: int = 0
    backed_up_n: int = 0


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
        self.rev_floor = 0
        self.users: dict[bytes, User] = {}
        self.lines: dict[int, LineRow] = {}
        self.answered: dict[int, dict[int, Answered]] = {}
        self.taken: dict[tuple[int, int], Taken] = {}
        self.payloads: dict[tuple[int, int], bytes] = {}
        self.records: dict[Key, Held] = {}
        self.tombstones: dict[Key, Buried] = {}
        self.events: list[tuple[bytes, int, str, bytes | None]] = []
        """(customer, epoch, kind, user): replaying them gives the standing."""
        self.scopes: dict[Reader, ScopeHead] = {}
        self.feed: dict[int, dict[Key, Told]] = {}
        self.purged: dict[int, int] = {}
        """Scope → seq of the last removal that was forgotten."""
        self.counters: dict[str, int] = {}

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
            self.add_scope((user.id, lane))

    def add_scope(self, reader: Reader) -> None:
        number = len(self.scopes) + 1
        self.scopes[reader] = ScopeHead(number, int(reader[1]), 0, 0)
        self.feed[number] = {}

    def actor(self, line_no: int) -> Actor:
        user = self.users[self.lines[line_no].user_id]
        return Actor(ORG_ID, user.id, line_no, user.role, user.report_ids)

    def scopes_of(self, acting: Actor) -> list[ScopeHead]:
        """The scopes which the actor may hold now."""
        found = []
        for (user_id, lane), head in self.scopes.items():
            if user_id in (None, acting.user_id) or (user_id in acting.report_ids and lane == Lane.now):
                found.append(head)
        return found


def open_state(store: Store, acting: Actor, batch: Sequence[Sent]) -> State:
    """What a batch folds into. Everything is loaded, but open items only as the real load does it: the actor's, the families'."""
    state = State(store.rev_floor)
    state.held = dict(store.records)
    state.tombstones = {key: buried.rev for key, buried in store.tombstones.items()}
    state.counters = dict(store.counters)
    near = _families(store, batch)
    for held in store.records.values():
        record = held.record
        if isinstance(record, QuoteLine):
            state.index(record)
        elif isinstance(record, InboxItem):
            if record.holder_id == acting.user_id or record.customer_id in near:
                state.index(record)
        elif isinstance(record, FieldDefinition):
            state.definitions[record.entity, record.key] = record
        elif isinstance(record, Organisation):
            state.organisation = record
    load.index_collaborators(state)
    state.foreign_tombstones = {key for key, buried in store.tombstones.items() if not _sees(state, acting, buried.customer_id)}
    state.former = frozenset(customer_id for customer_id, _, _, user_id in store.events if user_id == acting.user_id)
    return state


def _sees(state: State, acting: Actor, customer_id: bytes | None) -> bool:
    """As `server/store/visible.py`: somebody whose records the actor sees follows up the customer."""
    standing = state.standing(customer_id) if customer_id is not None else None
    return standing is not None and not {standing.owner_id, *state.collaborators.get(standing.id, ())}.isdisjoint(
        {acting.user_id, *acting.report_ids}
    )


def _families(store: Store, batch: Sequence[Sent]) -> set[bytes]:
    found = set(families.parents(batch)["customer_id"])
    for entity, record_ids in families.named(batch).items():
        for record_id in record_ids:
            held = store.records.get((entity.number, record_id))
            found.add(customer_of(entity, held) or record_id if held is not None else record_id)
    return found


def customer_of(entity: Entity, held: Held) -> bytes | None:
    """The customer of a record, itself if it is one; None for what belongs to no family."""
    if entity.in_family:
        return getattr(held.record, "customer_id", held.record.id)
    return None


def save(store: Store, state: State) -> dict[tuple[int, int, bytes], int]:
    """Write a folded state and publish it; the seq given to each (scope, entity, id)."""
    store.counters.update(state.counters)
    rows: list[FeedRow] = []
    for key in state.touched:
        held = state.held[key]
        store.records[key] = held
        if key in state.created and isinstance(held.record, Standing):
            store.events.append((held.record.id, held.record.epoch, "created", held.record.owner_id))
        rows += live_rows(store, key, held, audience(state, BY_NUMBER[key[0]], held.record))
    for key, buried in state.buried.items():
        store.records.pop(key, None)
        store.tombstones[key] = buried
        lane = BY_NUMBER[key[0]].lane
        readers: Audience = family_audience(state, buried.customer_id, lane) if buried.customer_id is not None else frozenset()
        rows += removals(store, key, readers, Reason.deleted)
    return publish(store, rows)


def live_rows(store: Store, key: Key, held: Held, readers: Audience) -> list[FeedRow]:
    """A record for those who may hold it."""
    return rows_for(BY_NUMBER[key[0]], held.record, readers, _numbers(store, readers))


def removals(store: Store, key: Key, readers: Audience, reason: Reason) -> list[FeedRow]:
    """The news that a record has left."""
    return gone_rows(key, readers, reason, _numbers(store, readers))


def _numbers(store: Store, readers: Audience) -> dict[Reader, int]:
    return {reader: store.scopes[reader].number for reader in readers if reader in store.scopes}


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
