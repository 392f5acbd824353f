"""What one batch touches, as values: records with the stamps of their field groups, open inbox items, counters."""

from typing import Any, NamedTuple, TypeVar

import msgspec

from shared_schema.records.base import Record
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem, ItemState, Values
from shared_schema.records.quote import QuoteLine
from shared_schema.registry import BY_RECORD, Entity
from shared_schema.wire import Kind

R = TypeVar("R", bound=Record)
Key = tuple[int, bytes]
"""(entity number, record id)."""
WHOLE = ""
"""The group name that stands for the record as a whole: its creation, its deletion."""


class Stamp(NamedTuple):
    """Who wrote the value of a field group that stands now. Line 0: the server, a manager, an undo."""

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
        """The stamp of one group; what was never written since creation bears the creation's."""
        return self.stamps.get(group) or self.stamps[WHOLE]


class Change(msgspec.Struct, frozen=True):
    """One line of a record's history: a field group that took a new value, a creation or a deletion (P-450)."""

    key: Key
    rev: int
    group: str
    line_no: int
    n: int
    decision: str
    """created · applied · merged · undone · deleted · computed."""
    before: Values
    after: Values
    customer_id: bytes | None = None


class Buried(msgspec.Struct, frozen=True):
    """A deletion: the tombstone keeps id and rev for ever."""

    rev: int
    customer_id: bytes | None


class Heard(msgspec.Struct, frozen=True):
    """Something a person should hear about."""

    kind: str
    user_id: bytes
    subject_id: bytes


class State:
    """Everything a batch may read and the one place it writes to. Made by the store, changed only by the fold."""

    def __init__(self, rev_floor: int = 0) -> None:
        self.rev_floor = rev_floor
        self.held: dict[Key, Held] = {}
        self.tombstones: dict[Key, int] = {}
        self.foreign_tombstones: set[Key] = set()
        """Deleted records of customers the actor does not hold: answered like unknown ones, and never made again."""
        self.open_items: dict[bytes, InboxItem] = {}
        """Open inbox items of the actor, and of anybody on the families of the batch."""
        self.parked_creates: dict[tuple[bytes, Key], bytes] = {}
        """(holder, record) → the open item in which its create waits."""
        self.collaborators: dict[bytes, frozenset[bytes]] = {}
        self.former: frozenset[bytes] = frozenset()
        """Customers which the actor once held, by ownership events."""
        self.lines_of_quote: dict[bytes, set[bytes]] = {}
        self.definitions: dict[tuple[int, str], Any] = {}
        self.organisation: Any = None
        self.counters: dict[str, int] = {}
        self.created: set[Key] = set()
        self.touched: dict[Key, None] = {}
        self.buried: dict[Key, Buried] = {}
        self.changes: list[Change] = []
        self.heard: list[Heard] = []

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

    def next_rev(self, rev: int) -> int:
        """Every new rev lies above the floor, so that a restored server never issues one twice."""
        return max(rev, self.rev_floor) + 1

    def put(self, entity: Entity, held: Held) -> None:
        key = (entity.number, held.record.id)
        if key not in self.held:
            self.created.add(key)
        self.held[key] = held
        self.touched[key] = None
        self.index(held.record)

    def index(self, record: Record) -> None:
        """Keep the ways in: lines by quote, open items by id."""
        if isinstance(record, QuoteLine):
            self.lines_of_quote.setdefault(record.quote_id, set()).add(record.id)
        elif isinstance(record, InboxItem):
            self._index_item(record)

    def _index_item(self, item: InboxItem) -> None:
        creates = [(item.holder_id, (one.entity, one.id)) for one in item.members if one.kind == Kind.create]
        if item.state == ItemState.open:
            self.open_items[item.id] = item
            self.parked_creates.update(dict.fromkeys(creates, item.id))
        else:
            self.open_items.pop(item.id, None)
            for place in creates:
                self.parked_creates.pop(place, None)

    def bury(self, entity: Entity, record_id: bytes, rev: int, customer_id: bytes | None) -> None:
        key = (entity.number, record_id)
        record = self.held.pop(key).record
        self.touched.pop(key, None)
        self.tombstones[key] = rev
        self.buried[key] = Buried(rev, customer_id)
        if isinstance(record, QuoteLine):
            self.lines_of_quote[record.quote_id].discard(record_id)

    def load(self, entity: Entity, held: Held) -> None:
        """Take in a record as stored, before the fold."""
        self.held[entity.number, held.record.id] = held
        self.index(held.record)

    def lines(self, quote_id: bytes) -> list[QuoteLine]:
        """The lines of a quote by id."""
        found = (self.find(QuoteLine, line_id) for line_id in sorted(self.lines_of_quote.get(quote_id, ())))
        return [line for line in found if line is not None]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: set(inner) if isinstance(inner, set) else inner for key, inner in value.items()}
    return value.copy() if isinstance(value, (list, set)) else value
