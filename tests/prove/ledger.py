"""What people entered, with what was on their screens; at the end each value must be somewhere. Merge is not done again here."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from shared_schema.entity import EXTRA_PREFIX, Entity
from shared_schema.records.inbox import InboxItem, ItemState, Member, Value, Values
from shared_schema.wire import Kind, Result
from sync.forgetting import untold
from sync.merge import value_of
from sync.state import WHOLE, Key
from tests.prove.store import ITEM, Store, Taken

Alias = tuple[int, int, bytes]
"""(line, n, hash of the bytes): one mutation as sent; renumbered, it has another."""
EFFECTIVE = (Result.applied, Result.merged, Result.duplicate, Result.parked)
"""Parked too: of a patch in conflict, the other groups were taken; what of it waits is asked group by group. A refused one that waited
for its record has effect when it was judged anew."""


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
        self.raws: dict[Alias, bytes] = {}
        """The bytes of each mutation as sent."""

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.by_alias[entry.aliases[0]] = entry

    def again(self, old: Alias, new: Alias, raw: bytes) -> None:
        """The same entry under a new number."""
        self.raws[new] = raw
        entry = self.by_alias.get(old)
        if entry is not None:
            entry.aliases.append(new)
            self.by_alias[new] = entry

    def lost(self, store: Store) -> Iterator[tuple[Entry, str]]:
        """Entries that never arrived, and values that nobody can find."""
        waiting = _waiting(store)
        taken = {entry.number: takings(store, entry) for entry in self.entries}
        if store.epoch > 1:
            self._see_through()
        effective = [one for one in self.entries if any(has_effect(store, found) for found in taken[one.number])]
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

    def _see_through(self) -> None:
        """After a restore: who saw a value that is no more, saw what its author had seen and replaced; and one's own earlier is known."""
        seen: dict[tuple[Key, str, Value], tuple[Value, ...]] = {}
        own: dict[tuple[int, Key, str], tuple[Value, ...]] = {}
        for entry in self.entries:
            for slot in entry.saw.keys() - entry.entity.sets.keys():  # adds and removes replace nothing that somebody saw
                values = (*entry.saw[slot], *own.get((entry.phone, entry.key, slot), ()))
                words = [value for value in values if isinstance(value, str)]
                entry.saw[slot] = tuple({one: None for word in words for one in (word, *seen.get((entry.key, slot, word), ()))})
            for slot, value in entry.values.items():
                if slot in entry.entity.sets or isinstance(value, (list, tuple)):  # only words are told apart by what was seen
                    continue
                seen[entry.key, slot, value] = entry.saw.get(slot, ())
                own[entry.phone, entry.key, slot] = (*own.get((entry.phone, entry.key, slot), ()), value)


def takings(store: Store, entry: Entry) -> list[Taken]:
    """How the server consumed an entry: none, one, or several after a renumbering."""
    found = [store.taken.get((line_no, n)) for line_no, n, _ in entry.aliases]
    return [one for one, alias in zip(found, entry.aliases, strict=True) if one is not None and one.hash == alias[2]]


def has_effect(store: Store, taken: Taken) -> bool:
    """Whether an entry was carried out, or something of it."""
    card = store.records.get((ITEM.number, taken.outcome.item_id or b""))
    anew = card is not None and isinstance(card.record, InboxItem) and card.record.state == ItemState.judged_anew
    return taken.outcome.result in EFFECTIVE or anew


def is_unique(value: Value) -> bool:
    """Values that are entered once in a history."""
    return isinstance(value, str) and value.startswith("v")


Waiting = dict[tuple[int, Key, str], list[tuple[InboxItem, Member]]]
"""(n, record, group) → items and members."""


def _waiting(store: Store) -> Waiting:
    """Everything that stands in an inbox item, open or decided. What was judged anew stands, or waits on a new card."""
    found: Waiting = {}
    for item in (held.record for held in store.records.values()):
        if isinstance(item, InboxItem) and item.state != ItemState.judged_anew:
            for one in (*item.members, *item.earlier):
                found.setdefault((one.n, (one.entity, one.id), one.group), []).append((item, one))
    return found


def standings(entry: Entry, group: str, waiting: Waiting, store: Store) -> Iterator[tuple[Taken, bool]]:
    """Each time the server consumed this entry: how, and whether this group of it stands in an inbox, with its values."""
    wanted = {slot: value for slot, value in entry.values.items() if group in (WHOLE, entry.group_of(slot))}
    for line_no, n, digest in entry.aliases:
        taken = store.taken.get((line_no, n))
        if taken is None or taken.hash != digest:
            continue
        cards = [pair for name in {WHOLE, group} for pair in waiting.get((n, entry.key, name), ())]
        own = [one for item, one in cards if item.line_no == line_no or item.id == taken.outcome.item_id]
        yield taken, any(one.kind == entry.kind and _stands(entry.entity, wanted, one.mine) for one in own)


def _stands(entity: Entity, wanted: Values, mine: Values) -> bool:
    """Whether a card has these values; once it has lost where its author was, all others."""
    return wanted.items() <= mine.items() or (untold(entity, mine) == mine and untold(entity, wanted).items() <= mine.items())


def _found(store: Store, entry: Entry, slot: str, waiting: Waiting, others: Iterable[Entry]) -> bool:
    held = store.records.get(entry.key)
    value, group = entry.values[slot], entry.group_of(slot)
    current = held is not None and value_of(held.record, slot) == value
    if current or any(waits for _, waits in standings(entry, group, waiting, store)):
        return True
    for other in others:
        replaces = other.kind == Kind.delete or (slot in other.values and other is not entry)
        if replaces and value in other.saw.get(slot, ()):
            part = WHOLE if other.kind == Kind.delete else group
            if any(has_effect(store, taken) and not waits for taken, waits in standings(other, part, waiting, store)):
                return True
    return False
