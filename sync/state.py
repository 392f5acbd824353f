"""The records that one batch touches, as values: with the stamps of their field groups, open inbox items, counters."""

from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, FollowUp, Standing
from shared_schema.records.inbox import InboxItem, ItemState, Values
from shared_schema.records.reference import FieldDefinition, Organisation
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.beside import Beside
from sync.erasing import Erasing
from sync.heard import Heard

R = TypeVar("R", bound=Record)
Key = tuple[int, bytes]
"""(entity number, record id)."""
Child = tuple[int, str, bytes]
"""(entity number, slot, the record that stands in it)."""
Author = tuple[int, int]
"""(device line, n) of the entry whose words a record bears."""
INDEXED: Final = frozenset({Collaborator, FollowUp, InboxItem, FieldDefinition, Organisation})
WHOLE = ""
"""The group name that stands for the record as a whole: its creation, its deletion."""


class Stamp(NamedTuple):
    """The writer of the value of a field group that stands now. Line 0: the server, the desk, or an import."""

    rev: int
    line_no: int
    n: int


Stamps = dict[str, Stamp]
"""Field group → stamp; the entry WHOLE stands for every group not named."""
STAMPS_DECODER = msgspec.msgpack.Decoder(dict[str, Stamp])


class Held(msgspec.Struct, frozen=True):
    """A record as the server holds it."""

    record: Record
    stamps: Stamps

    def stamp(self, group: str) -> Stamp:
        """The stamp of one group; a group not written since creation bears the creation's."""
        return self.stamps.get(group) or self.stamps[WHOLE]


class Change(msgspec.Struct, frozen=True):
    """One line of a record's history: a field group that took a new value, a creation or a deletion (P-450)."""

    key: Key
    rev: int
    group: str
    line_no: int
    n: int
    decision: str
    """created · applied · merged · undone · deleted · restored · imported · the name of a command."""
    before: Values
    after: Values
    user_id: bytes
    customer_id: bytes | None = None


class Buried(msgspec.Struct, frozen=True):
    """A deletion: the tombstone keeps id and rev until a restore names them."""

    rev: int
    customer_id: bytes | None


class OwnershipEvent(msgspec.Struct, frozen=True):
    """One line about a holder of a customer; replaying the lines gives the standing. Line 0: the desk or the server."""

    customer_id: bytes
    epoch: int
    kind: str
    """created · claimed · released · transferred · collaborator · collaborator_ended · reclaimed · archived · unarchived · given_back."""
    owner_id: bytes | None
    by_user_id: bytes
    reason: str = ""
    line_no: int = 0
    n: int = 0
    pool_id: bytes | None = None  # into which the customer came by a release, a reclaim, or as a new one


class State:
    """Everything a batch may read and the one place it writes to. Made by the store, changed only by the fold."""

    def __init__(self, rev_floor: int = 0) -> None:
        self.rev_floor = rev_floor
        self.held: dict[Key, Held] = {}
        self.tombstones: dict[Key, int] = {}
        self.tombstone_customers: dict[Key, bytes | None] = {}  # to which customer a deleted record belonged
        self.erased: set[Key] = set()  # persons who were erased: nothing of them comes back
        self.foreign_tombstones: set[Key] = set()
        # of customers the actor does not hold: answered like unknown ones, and never made again
        self.forgotten: set[Key] = set()  # records of which an entry that waited has lost where its author was
        self.open_items: dict[bytes, InboxItem] = {}  # of the actor, and of anybody on the families of the batch
        self.parked_creates: dict[tuple[bytes, Key], set[bytes]] = {}
        """(holder, record) → the open items in which its create waits: one for each time it was entered."""
        self.collaborators: dict[bytes, frozenset[bytes]] = {}
        self.former: frozenset[bytes] = frozenset()  # customers which the actor once held, by ownership events
        self._people()
        self.changed_ms: dict[tuple[Key, str], int] = {}
        # when each (record, field group) last changed, by the server's clock; loaded only for groups that an undo names
        self.above: dict[bytes, tuple[Any, ...]] = {}
        # holder of an item that goes up → the managers above the holder (`sync.rules.Actor`), the nearest first
        self.people: dict[bytes, Any] = {}  # holders of open items, as the actors (`sync.rules.Actor`) they are
        self.children: dict[Child, set[bytes]] = {}
        self.plans: dict[bytes, set[bytes]] = {}  # customer → its follow-ups that are loaded
        self.definitions: dict[tuple[int, str], FieldDefinition] = {}  # (entity, key) → the custom field
        self.organisation: Organisation | None = None
        self.counters: dict[str, int] = {}
        self.many: dict[tuple[int, str, bytes], int] = {}  # (entity, slot, id) → how many stored records name it there
        self.epochs_after: dict[tuple[bytes, int, int], int] = {}
        """(customer, device line, n) of a command that changed the customer's holders → the epoch to which it led."""
        self.payloads: dict[tuple[int, int], bytes] = {}  # (device line, n) → bytes of an entry that waits and may be judged anew
        self.arrived: dict[tuple[int, int], tuple[int, int]] = {}
        """(device line, n) → when such an entry arrived, and how far its device's clock was ahead; missing for very old ones."""
        self._begin()

    def _people(self) -> None:
        """People around the actor and others; loaded only where a decision asks for them."""
        self.superiors: tuple[bytes, ...] = ()  # the managers above the actor, the nearest first
        self.leaders: dict[bytes, tuple[bytes, ...]] = {}  # user → the managers above, the nearest first
        self.seen_ms: dict[bytes, int] = {}  # user → when the user's active devices were last seen
        self.spoke_ms: dict[bytes, int] = {}  # user → when any device of the user last spoke, also one that was revoked since
        self.outages: tuple[tuple[int, int], ...] = ()  # from when until when no server heard phones, the oldest first
        self.admins: tuple[bytes, ...] = ()  # the active ones, by their ids
        self.leavers: frozenset[bytes] = frozenset()  # users below the actor who are no longer active

    def _begin(self) -> None:
        """The results of the batch: none yet."""
        self.created: set[Key] = set()
        self.appeared: list[Key] = []  # records that stand now and did not stand just before, in order
        self.originals: dict[Key, Held] = {}
        # the versions before this batch, of records that it changed or buried
        self.holders_before: dict[bytes, frozenset[bytes]] = {}
        self.holders_meanwhile: dict[bytes, frozenset[bytes]] = {}  # at some moment of this batch, before the holders changed
        self.beside = Beside()
        self.touched: dict[Key, None] = {}
        self.buried: dict[Key, Buried] = {}
        self.unburied: set[Key] = set()  # restored records: their stored tombstones go
        self.changes: list[Change] = []
        self.events: list[OwnershipEvent] = []
        self.again_of = b""  # the card whose entries are judged anew just now; empty otherwise
        self.notices: list[Heard] = []
        self.erasing: dict[Key, Erasing] = {}

    def copy(self) -> "State":
        """A trial for an atomic group: dropped whole if one member fails."""
        trial = State.__new__(State)
        trial.__dict__.update({name: _copied(value) for name, value in self.__dict__.items()})
        return trial

    def get(self, entity: Entity, record_id: bytes) -> Held | None:
        return self.held.get((entity.number, record_id))

    def find(self, record: type[R], record_id: bytes) -> R | None:
        """The record of a known type, or None."""
        held = self.held.get((BY_RECORD[record].number, record_id))
        return held.record if held is not None else None  # type: ignore[return-value]

    def standing(self, customer_id: bytes) -> Standing | None:
        return self.find(Standing, customer_id)

    def next_rev(self, rev: int = 0) -> int:
        """After `rev`, 0 for a new record. Every new rev lies above the floor, so that a restored server never issues one twice."""
        return max(rev, self.rev_floor) + 1

    def put(self, entity: Entity, held: Held) -> None:
        key = (entity.number, held.record.id)
        if key in self.held:
            self.originals.setdefault(key, self.held[key])
        else:
            self.appeared.append(key)
        # one that was deleted in this batch is stored as it was before: its row or none
        if key not in self.held and key not in self.buried:
            self.created.add(key)
        if isinstance(held.record, (Standing, Collaborator)):
            self._remember(held.record)
        self.held[key] = held
        self.touched[key] = None
        self.index(held.record)

    def write(self, record: Record, author: Author = (0, 0)) -> int:
        """Put a record that the server itself writes: the rev rises, stamps stay. Returns the new rev. `author`: of the
        entry whose words it copies."""
        entity = BY_RECORD[type(record)]
        known = self.get(entity, record.id)
        rev = self.next_rev(known.record.rev) if known else self.next_rev()
        self.put(entity, Held(msgspec.structs.replace(record, rev=rev), known.stamps if known else {WHOLE: Stamp(rev, *author)}))
        return rev

    def keep(self, record: R) -> R:
        """Write a record that the desk keeps for every device, unless it stands there already. Returns the record as it stands.

        The rev given does not count: an equal record keeps its own, and no device is told.
        """
        known = self.find(type(record), record.id)
        if known is not None and msgspec.structs.replace(record, rev=known.rev) == known:
            return known
        return msgspec.structs.replace(record, rev=self.write(record))

    def holders(self, customer_id: bytes) -> frozenset[bytes]:
        """The users who follow up a customer now: its owner and its collaborators; none for a customer that is not loaded (D-101)."""
        standing = self.standing(customer_id)
        if standing is None:
            return frozenset()
        owner = () if standing.owner_id is None else (standing.owner_id,)
        return self.collaborators.get(customer_id, frozenset()).union(owner)

    def _remember(self, record: Standing | Collaborator) -> None:
        """The holders of a customer before its holders may change: the move is told from the difference."""
        customer_id = record.customer_id if isinstance(record, Collaborator) else record.id
        holders = self.holders(customer_id)
        self.holders_before.setdefault(customer_id, holders)
        self.holders_meanwhile[customer_id] = self.holders_meanwhile.get(customer_id, holders) | holders

    def disclose(self, people: frozenset[bytes]) -> None:
        """The holders of a customer changed: its deleted records are foreign exactly if none of these people holds the customer now.

        `people`: the actor and the users who report to the actor.
        """
        moved = {key for key in self.tombstones if (self.tombstone_customers.get(key) or b"") in self.holders_before}
        foreign = {key for key in moved if self.holders(self.tombstone_customers[key] or b"").isdisjoint(people)}
        self.foreign_tombstones = (self.foreign_tombstones - moved) | foreign

    def index(self, record: Record) -> None:
        """Keep the indexes: children by parent, collaborators by customer, open items by id, custom fields by key."""
        entity = BY_RECORD[type(record)]
        for slot in entity.searched_parents:
            self.children.setdefault((entity.number, slot, getattr(record, slot)), set()).add(record.id)
        if type(record) not in INDEXED:
            return
        if isinstance(record, Collaborator):
            self.collaborators[record.customer_id] = self.collaborators.get(record.customer_id, frozenset()) | {record.user_id}
        elif isinstance(record, FollowUp):
            self.plans.setdefault(record.customer_id, set()).add(record.id)
        elif isinstance(record, InboxItem):
            self._index_item(record)
        elif isinstance(record, FieldDefinition):
            self.definitions[record.entity, record.key] = record
        elif isinstance(record, Organisation):
            self.organisation = record

    def _index_item(self, item: InboxItem) -> None:
        creates = [(item.holder_id, (one.entity, one.id)) for one in item.members if one.kind == Kind.create]
        if item.state == ItemState.open:
            self.open_items[item.id] = item
            for place in creates:
                self.parked_creates.setdefault(place, set()).add(item.id)
        else:
            self.open_items.pop(item.id, None)
            for place in creates:
                self.parked_creates.get(place, set()).discard(item.id)

    def bury(self, entity: Entity, record_id: bytes, rev: int, customer_id: bytes | None) -> None:
        key = (entity.number, record_id)
        record = self.held[key].record
        self.originals.setdefault(key, self.held[key])
        if isinstance(record, Collaborator):
            self._remember(record)
            self.collaborators[record.customer_id] -= {record.user_id}
        del self.held[key]
        self.touched.pop(key, None)
        self.tombstones[key] = rev
        self.tombstone_customers[key] = customer_id
        self.buried[key] = Buried(rev, customer_id)

    def unbury(self, key: Key) -> None:
        """A deleted record that was put again stands: its tombstone goes."""
        del self.tombstones[key]
        if self.buried.pop(key, None) is None:
            self.unburied.add(key)

    def load(self, entity: Entity, held: Held) -> None:
        """Take in a record as stored; a record that was written or buried here stands already."""
        key = (entity.number, held.record.id)
        if key in self.touched or key in self.buried:
            return
        self.held[key] = held
        self.index(held.record)

    def children_of(self, record: type[R], slot: str, parent_id: bytes) -> list[R]:
        """The records of a kind that name this parent in a slot that is searched, by id."""
        found = (self.find(record, one) for one in sorted(self.children.get((BY_RECORD[record].number, slot, parent_id), ())))
        return [one for one in found if one is not None]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: set(inner) if isinstance(inner, set) else inner for key, inner in value.items()}
    return value.copy() if isinstance(value, (list, set)) else value
