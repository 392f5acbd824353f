"""Every value a person entered, with what stood on the screen then: the oracle asks at the end where each one is."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store.convert import columns, from_row
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, ItemState, Value
from shared_schema.registry import ENTITIES
from sync.merge import value_of
from sync.state import WHOLE, Key

Place = tuple[int, bytes, str]
"""(entity number, record id, slot)."""


class Entered(msgspec.Struct, frozen=True):
    """One value as it was entered by mutation n of a line; `saw`: what stood in this slot on the author's screen or card."""

    line_no: int
    n: int
    place: Place
    group: str
    value: Value
    saw: Value
    card: bool = False
    """Entered by use mine."""


class Removed(msgspec.Struct, frozen=True):
    """A deletion, and every value of the record that its author had on screen."""

    line_no: int
    n: int
    key: Key
    saw: dict[str, Value]


class Ledger:
    """What was entered in one history."""

    def __init__(self) -> None:
        self.entered: list[Entered] = []
        self.removed: list[Removed] = []

    def lost(self, conn: sa.Connection, org_id: int) -> list[Entered]:
        """Values that are neither current, nor in an inbox, nor replaced or deleted by a mutation that took effect and had seen them."""
        records = {(entity, record.id): record for entity, record in _records(conn, org_id)}
        waiting = set(_waiting(record for record in records.values() if isinstance(record, InboxItem)))
        standing = [one for one in self.entered if not _waits(one, waiting)]
        removed = [one for one in self.removed if not waiting & {(one.line_no, one.n, WHOLE)}]
        return [one for one in standing if not (_current(one, records) or _replaced(one, standing) or _deleted(one, removed))]


def _records(conn: sa.Connection, org_id: int) -> Iterable[tuple[int, Record]]:
    for entity in ENTITIES:
        table = RECORD_TABLES[entity.name]
        chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id)
        yield from ((entity.number, from_row(entity, tuple(row))) for row in conn.execute(chosen))


def _waiting(items: Iterable[InboxItem]) -> Iterable[tuple[int, int, str]]:
    """A card that was judged anew keeps nothing waiting: its entries stand, or wait on a new card."""
    for item in (one for one in items if one.state != ItemState.judged_anew):
        yield from ((item.line_no, one.n, one.group) for one in (*item.members, *item.earlier))


def _waits(one: Entered, waiting: set[tuple[int, int, str]]) -> bool:
    return not waiting.isdisjoint({(one.line_no, one.n, WHOLE), (one.line_no, one.n, one.group)})


def _current(one: Entered, records: dict[Key, Record]) -> bool:
    number, record_id, slot = one.place
    record = records.get((number, record_id))
    return record is not None and value_of(record, slot) == one.value


def _replaced(one: Entered, standing: Iterable[Entered]) -> bool:
    """By somebody who saw it. Who decides a card has it on screen beside his own waiting and earlier entries (P-402)."""
    others = (other for other in standing if other.place == one.place and other is not one)
    return any(other.saw == one.value or (other.card and other.line_no == one.line_no and other.n > one.n) for other in others)


def _deleted(one: Entered, removed: Iterable[Removed]) -> bool:
    number, record_id, slot = one.place
    return any(other.key == (number, record_id) and other.saw.get(slot) == one.value for other in removed)
