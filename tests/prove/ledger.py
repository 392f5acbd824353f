"""What people entered, with what was on their screens; at the end each value must be somewhere. Merge is not done again here."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from shared_schema.records.inbox import InboxItem, Member, Value
from shared_schema.registry import EXTRA_PREFIX, Entity
from shared_schema.wire import Kind, Result
from sync.merge import value_of
from sync.state import WHOLE, Key
from tests.prove.store import Store, Taken

Alias = tuple[int, int, bytes]
"""(line, n, hash of the bytes): one mutation as sent; renumbered, it has another."""
EFFECTIVE = (Result.applied, Result.merged, Result.duplicate, Result.parked)
"""Parked too: of a patch in conflict, the other groups were taken; what of it waits is asked group by group."""


class Entry(Struct):
    """One mutation as its author meant it. `saw`: what stood in each slot on his screen, and on his card."""

    number: int
    phone: int
    kind: Kind
    entity: Entity
    id: bytes
    values: dict[str, Value]
    saw: dict[str, tuple[Value, ...]]
    group: tuple[int, ...]
    """Numbers of the entries of the same atomic group."""
    aliases: list[Alias]
    from_card: bool
    """Entered on a card, or as an undo: its bases are printed ones."""
    thrown_back: bool = False
    """Its phone was set back to a copy from before, or let go of its answered entry under a new line: it alone may forget it."""

    @property
    def key(self) -> Key:
        return self.entity.number, self.id

    def group_of(self, slot: str) -> str:
        return slot if slot.startswith(EXTRA_PREFIX) else self.entity.group_of.get(slot, WHOLE)


class Ledger:
    """All entries of one history."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.by_alias: dict[Alias, Entry] = {}

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.by_alias[entry.aliases[0]] = entry

    def again(self, old: Alias, new: Alias) -> None:
        """The same entry under a new number."""
        entry = self.by_alias.get(old)
        if entry is not None:
            entry.aliases.append(new)
            self.by_alias[new] = entry

    def lost(self, store: Store) -> Iterator[tuple[Entry, str]]:
        """Entries that never arrived, and values that nobody can find."""
        waiting = _waiting(store)
        taken = {entry.number: takings(store, entry) for entry in self.entries}
        effective = [one for one in self.entries if any(found.outcome.result in EFFECTIVE for found in taken[one.number])]
        by_key: dict[Key, list[Entry]] = {}
        for one in effective:
            by_key.setdefault(one.key, []).append(one)
        for entry in self.entries:
            if not taken[entry.number]:
                if not entry.thrown_back:
                    yield entry, "never arrived"
                continue
            for slot, value in entry.values.items():
                if is_unique(value) and not _found(store, entry, slot, waiting, by_key.get(entry.key, [])):
                    yield entry, slot


def takings(store: Store, entry: Entry) -> list[Taken]:
    """How the server consumed an entry: none, one, or several after a renumbering."""
    found = [store.taken.get((line_no, n)) for line_no, n, _ in entry.aliases]
    return [one for one, alias in zip(found, entry.aliases, strict=True) if one is not None and one.hash == alias[2]]


def is_unique(value: Value) -> bool:
    """Values that are entered once in a history."""
    return isinstance(value, str) and value.startswith("v")


Waiting = dict[tuple[bytes | int, int, Key, str], list[Member]]
"""(line or holder, n, record, group) → members. A whole mutation stands by holder: what joins an item may come from his other phone."""


def _waiting(store: Store) -> Waiting:
    """Everything that stands in an inbox item, open or decided."""
    found: Waiting = {}
    for item in (held.record for held in store.records.values()):
        if isinstance(item, InboxItem):
            for one in (*item.members, *item.earlier):
                whose = item.holder_id if one.group == WHOLE else item.line_no
                found.setdefault((whose, one.n, (one.entity, one.id), one.group), []).append(one)
    return found


def waits(entry: Entry, group: str, waiting: Waiting, store: Store) -> bool:
    """Whether this group of an entry stands in an inbox, with its values."""
    wanted = {slot: value for slot, value in entry.values.items() if group in (WHOLE, entry.group_of(slot))}
    for line_no, n, digest in entry.aliases:
        taken = store.taken.get((line_no, n))
        if taken is None or taken.hash != digest:
            continue
        holder_id = store.lines[line_no].user_id
        whole, part = waiting.get((holder_id, n, entry.key, WHOLE), []), waiting.get((line_no, n, entry.key, group), [])
        for one in (*whole, *part):
            if one.kind == entry.kind and wanted.items() <= one.mine.items():
                return True
    return False


def _found(store: Store, entry: Entry, slot: str, waiting: Waiting, effective: Iterable[Entry]) -> bool:
    held = store.records.get(entry.key)
    value, group = entry.values[slot], entry.group_of(slot)
    if (held is not None and value_of(held.record, slot) == value) or waits(entry, group, waiting, store):
        return True
    for other in effective:
        saw = value in other.saw.get(slot, ())
        if saw and other.kind == Kind.delete and not waits(other, WHOLE, waiting, store):
            return True
        if saw and slot in other.values and other is not entry and not waits(other, group, waiting, store):
            return True
    return False
