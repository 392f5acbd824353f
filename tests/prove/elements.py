"""Add-wins sets: what people do to them, and what must have become of every element (34): it stands, or a remove that names its tag,
a delete by somebody who saw it, or a card tells where it went; and what a remove took does not rise."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from shared_schema.elements import SetChange, TaggedWord
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_NAME
from shared_schema.rest import Event
from shared_schema.wire import MUTATION_DECODER, Kind
from sync import sets
from sync.device import Edit
from sync.overlay import understood
from sync.state import WHOLE, Change, Key
from sync.undo import undo_of
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.ledger import Entry, has_effect, takings
from tests.prove.store import Store
from tests.prove.watch import need

SLOTS: Final = {"customer": "tags", "contact": "phones"}
SET_LAWS: Final = "34 sets commute"
Place = tuple[Key, str, Any, int, int]
"""(record, slot, element, device line, n): one tag."""


def add_element(history: History, phone: Handset) -> bool:
    """A word comes; sometimes with a field of the same record, in one entry."""
    return _change(history, phone, adds=True)


def remove_element(history: History, phone: Handset) -> bool:
    """A word goes, with every tag of it that is on the screen; sometimes another comes in the same entry."""
    return _change(history, phone, adds=False)


def _change(history: History, phone: Handset, *, adds: bool) -> bool:
    near = [(name, one) for name in SLOTS for one in phone.shown(name) if adds or getattr(one, SLOTS[name])]
    if not near:
        return False
    name, record = history.dice.choice(near)
    slot = SLOTS[name]
    stood = getattr(record, slot)
    change = sets.adding(TaggedWord, _word(history, name, record.id) if adds else history.word())
    if not adds:
        element: str = history.dice.choice(sets.distinct(stood))
        again = (history.word(),) if history.dice.random() < 0.3 else ()
        change = msgspec.structs.replace(sets.removing(TaggedWord, stood, element), add=again)
    beside = {"note": history.word()} if history.dice.random() < 0.2 else {}
    phone.enter([Edit(Kind.patch, BY_NAME[name], record.id, {slot: change, **beside})], None, history.now_ms)
    return True


def _word(history: History, name: str, record_id: bytes) -> str:
    """A new word, or one that somebody else has added, seen or not: it then stands twice."""
    held = history.store.records.get((BY_NAME[name].number, record_id))
    standing = sets.distinct(getattr(held.record, SLOTS[name])) if held is not None else ()
    return str(history.dice.choice(standing)) if standing and history.dice.random() < 0.3 else history.word()


def undo_element(history: History, phone: Handset) -> bool:
    """Take back one's own operation on a set, as the history tells it."""
    near = _own(history, phone)
    if not near and not phone.shelf.seat().forked and add_element(history, phone):
        history.sync(phone)
        near = _own(history, phone)
    if not near:
        return False
    edit = undo_of(event_of(history, history.dice.choice(near), phone.user.id))
    if edit is None:
        return False
    phone.enter([edit], [{}], history.now_ms)
    return True


def _own(history: History, phone: Handset) -> list[Change]:
    """What the history tells of his own operations on sets of records on the screen."""
    visible = {(BY_NAME[name].number, one.id) for name in SLOTS for one in phone.shown(name)}
    own = [one for one in history.store.changes if one.user_id == phone.user.id and one.group in SLOTS.values()]
    return [one for one in own if one.decision in ("applied", "merged") and one.key in visible]


def event_of(history: History, one: Change, user_id: bytes) -> Event:
    """A line of the history as a phone reads it."""
    return Event(
        at_ms=history.now_ms, what=one.decision, user_id=user_id, entity=one.key[0], id=one.key[1], customer_id=one.customer_id,
        group=one.group, values=one.after, rev=one.rev, before=one.before,
    )  # fmt: skip


# what must have become of them


def judge(history: History) -> None:
    """34, at the end. Raises Break."""
    store = history.store
    taken = {entry.number: takings(store, entry) for entry in history.ledger.entries}
    effective = [one for one in history.ledger.entries if any(has_effect(store, each) for each in taken[one.number])]
    removed = {place for one in effective for place in _removed(history, one)}
    for entry in history.ledger.entries:
        for slot, element in _added(entry):
            history.counts[SET_LAWS] += bool(taken[entry.number])
            if taken[entry.number] and not _stands(store, entry, slot, element) and not _waits(store, entry, slot, element):
                tags = {(entry.key, slot, element, line_no, n) for line_no, n, _ in entry.aliases}
                gone = not tags.isdisjoint(removed) or any(_deletes(one, entry.key, slot, element) for one in effective)
                need(gone, SET_LAWS, f"{entry.entity.name}.{slot} lost {element}, entry {entry.number} of phone {entry.phone}")
    if store.epoch == 1:
        _nothing_rises(store, removed)


def _nothing_rises(store: Store, removed: Iterable[Place]) -> None:
    """A tag that a remove took is not there. After a restore the add may be sent again after the remove was."""
    for key, slot, element, line_no, n in removed:
        held = store.records.get(key)
        stood = getattr(held.record, slot) if held is not None else ()
        need(TaggedWord(element, line_no, n) not in stood, SET_LAWS, f"{element} was removed from {slot} and is there")


def _changes(entry: Entry) -> Iterator[tuple[str, SetChange]]:
    for slot in entry.entity.sets:
        value: Any = entry.values.get(slot)
        if sets.is_change(value):
            yield slot, value


def _added(entry: Entry) -> Iterator[tuple[str, Any]]:
    return ((slot, element) for slot, change in _changes(entry) for element in change.add)


def _removed(history: History, entry: Entry) -> Iterator[Place]:
    """The tags which an entry named, under every number it was sent; none while it waits on a card as a whole."""
    for alias in entry.aliases:
        taken = history.store.taken.get(alias[:2])
        raw = history.ledger.raws.get(alias)
        if taken is None or raw is None or taken.hash != alias[2] or not has_effect(history.store, taken):
            continue
        intent = understood(raw)
        if intent is None or _waits_whole(history.store, alias[0], MUTATION_DECODER.decode(raw).n):
            continue
        for values in intent.values.values():
            for slot, change in values.items():
                if sets.is_change(change):
                    yield from ((entry.key, slot, one.element, one.line_no, one.n) for one in change.remove)


def _waits_whole(store: Store, line_no: int, n: int) -> bool:
    """Whether an entry stands on a card as a whole; one that was judged anew took effect, or stands on another."""
    cards = (one.record for one in store.records.values() if isinstance(one.record, InboxItem) and one.record.line_no == line_no)
    waiting = [one for card in cards if card.state != ItemState.judged_anew for one in (*card.members, *card.earlier)]
    return any(one.n == n and one.group == WHOLE for one in waiting)


def _stands(store: Store, entry: Entry, slot: str, element: Any) -> bool:
    held = store.records.get(entry.key)
    record: Record | None = held.record if held is not None else None
    return record is not None and element in sets.distinct(getattr(record, slot))


def _waits(store: Store, entry: Entry, slot: str, element: Any) -> bool:
    """Whether a card, open or decided, holds the add."""
    for held in store.records.values():
        for one in (*getattr(held.record, "members", ()), *getattr(held.record, "earlier", ())):
            wanted = one.mine.get(slot)
            if (one.entity, one.id) == entry.key and isinstance(wanted, dict) and element in wanted.get(sets.ADD, ()):
                return True
    return False


def _deletes(one: Entry, key: Key, slot: str, element: Any) -> bool:
    """Whether somebody deleted the record with the element on his screen."""
    seen = (each for stood in one.saw.get(slot, ()) if isinstance(stood, tuple) for each in stood)
    return one.kind == Kind.delete and one.key == key and any(each.element == element for each in seen)
