"""What people do on their phones: they enter, change, delete, undo, and decide about their cards."""

from collections.abc import Mapping
from typing import Final

import msgspec

from shared_schema.places import Datum
from shared_schema.records.base import Record
from shared_schema.records.inbox import Dismiss, InboxItem, KeepTheirs, Member, SendUp, Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, Kind, Result
from sync import decisions
from sync.agreed.quotes import content_hash
from sync.device import Edit
from tests.prove.handset import Handset
from tests.prove.history import PLACES, START_MS, History
from tests.prove.ledger import Entry, is_unique, takings

SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("phone", "note", "address", "city", "industry", "extra.grade"),
    "contact": ("phone", "note", "email", "title"),
    "follow_up": ("purpose",),
    "preference": ("wish",),
    "quote": ("title", "note"),
    "quote_line": ("note", "position"),
}
NOWHERE_SHARE: Final = 0.5
RIVAL_SHARE: Final = 0.4
CHILDREN: Final[Mapping[str, dict[str, Value]]] = {
    "contact": {"name": "", "birthday": "02-29"},
    "contact_log": {"device_ms": START_MS, "note": ""},
    "visit": {"device_ms": START_MS, "note": ""},
    "follow_up": {"due_day": 20_000, "purpose": ""},
    "preference": {"subject": ""},
}


def shown(history: History, phone: Handset, name: str) -> Record | None:
    """One of the records of a kind on the phone's screen."""
    found = phone.shown(name)
    return history.dice.choice(found) if found else None


def create_customer(history: History, phone: Handset) -> bool:
    values: dict[str, Value] = {"name": history.word(), "phone": history.word(), **_place(history)}
    phone.enter([Edit(Kind.create, BY_NAME["customer"], history.new_id(), values)], None, history.now_ms)
    return True


def _place(history: History) -> dict[str, Value]:
    """Where a customer is, and so in which tile it may come to stand."""
    if history.dice.random() < NOWHERE_SHARE:
        return {}
    latitude_e6, longitude_e6 = history.dice.choice(PLACES)
    return {"latitude_e6": latitude_e6, "longitude_e6": longitude_e6, "datum": Datum.wgs84, "city": history.word()}


def create_child(history: History, phone: Handset) -> bool:
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    tell_about(history, phone, customer.id)
    return True


def tell_about(history: History, phone: Handset, customer_id: bytes) -> None:
    """Enter something that hangs on a customer."""
    name = history.dice.choice(sorted(CHILDREN))
    values = {slot: value if value != "" else history.word() for slot, value in CHILDREN[name].items()}
    phone.enter([Edit(Kind.create, BY_NAME[name], history.new_id(), {"customer_id": customer_id, **values})], None, history.now_ms)


def create_quote(history: History, phone: Handset) -> bool:
    """A quote with one or two lines as one group; some name another quote and so break a rule."""
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    quote_id = history.new_id()
    edits = [Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": customer.id, "currency": "CNY", "title": history.word()})]
    for _ in range(history.dice.randint(1, 2)):
        parent = history.new_id() if history.dice.random() < 0.1 else quote_id
        edits.append(_line(history, customer.id, parent))
    phone.enter(edits, None, history.now_ms)
    return True


def _line(history: History, customer_id: bytes, quote_id: bytes) -> Edit:
    values: dict[str, Value] = {"customer_id": customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
    values |= {"quantity_thousandths": 1_000, "price_minor": 5, "note": history.word()}
    return Edit(Kind.create, BY_NAME["quote_line"], history.new_id(), values)


def add_line(history: History, phone: Handset) -> bool:
    quote = shown(history, phone, "quote")
    if not isinstance(quote, Quote):
        return False
    phone.enter([_line(history, quote.customer_id, quote.id)], None, history.now_ms)
    return True


def patch(history: History, phone: Handset) -> bool:
    name = history.dice.choice(["customer", "customer", "customer", *sorted(SLOTS)])
    record = shown(history, phone, name)
    if record is None:
        return False
    slots = history.dice.sample(SLOTS[name], min(len(SLOTS[name]), history.dice.randint(1, 2)))
    phone.enter([Edit(Kind.patch, BY_NAME[name], record.id, {slot: history.word() for slot in slots})], None, history.now_ms)
    return True


def repeat_create(history: History, phone: Handset) -> bool:
    """A create of one's own comes a second time under a new number, as from an app that forgot: nothing rises from it."""
    own = [one for one in history.ledger.entries if one.phone == phone.number and one.kind == Kind.create and len(one.group) == 1]
    if not own:
        return False
    entry = history.dice.choice(own)
    phone.enter([Edit(Kind.create, entry.entity, entry.id, dict(entry.values))], [entry.values], history.now_ms)
    return True


def _rival(history: History, phone: Handset) -> tuple[bytes, str, str] | None:
    """Somebody else changes a slot of a customer that both hold, and syncs; (customer, another slot, that slot)."""
    mine = {one.id for one in phone.shown("customer")}
    shared = [(other, one.id) for other in history.handsets if other is not phone for one in other.shown("customer") if one.id in mine]
    if not shared or phone.shelf.seat().forked:
        return None
    other, customer_id = history.dice.choice(shared)
    first, second = history.dice.sample(["phone", "note", "industry", "city"], 2)
    _change(history, other, customer_id, second)
    history.sync(other)
    return customer_id, first, second


def _change(history: History, phone: Handset, customer_id: bytes, slot: str) -> None:
    if any(one.id == customer_id for one in phone.shown("customer")):
        phone.enter([Edit(Kind.patch, BY_NAME["customer"], customer_id, {slot: history.word()})], None, history.now_ms)


def edit_after_outcome(history: History, phone: Handset) -> bool:
    """The outcome of an edit is here, the record not yet; the user edits on what he still sees."""
    found = _rival(history, phone)
    if found is None:
        return False
    customer_id, first, second = found
    _change(history, phone, customer_id, first)
    phone.page_bytes = 1
    history.exchange(phone)
    _change(history, phone, customer_id, second)
    return True


def edit_over_own(history: History, phone: Handset) -> bool:
    """While a request is under way the user edits, its answer slips somebody's value under his, and he edits again."""
    found = _rival(history, phone)
    if found is None:
        return False
    customer_id, _, second = found
    phone.page_bytes = 100_000
    letter = history.send(phone)
    _change(history, phone, customer_id, second)
    history.arrive(history.serve(letter))
    _change(history, phone, customer_id, second)
    return True


def patch_group(history: History, phone: Handset) -> bool:
    """A customer and one of its records, changed together: they stand or wait together."""
    customer = shown(history, phone, "customer")
    others = [one for one in phone.shown("contact") if customer is not None and getattr(one, "customer_id", None) == customer.id]
    if customer is None or not others:
        return False
    first = Edit(Kind.patch, BY_NAME["customer"], customer.id, {"note": history.word()})
    second = Edit(Kind.patch, BY_NAME["contact"], history.dice.choice(others).id, {"note": history.word()})
    phone.enter([first, second], None, history.now_ms)
    return True


def refused(history: History, phone: Handset) -> bool:
    """What no server takes: a custom field which nobody defined."""
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    phone.enter([Edit(Kind.patch, BY_NAME["customer"], customer.id, {"extra.unknown": history.word()})], None, history.now_ms)
    return True


def delete(history: History, phone: Handset) -> bool:
    """Now and then somebody else changes the record just before, and the author does not see it: then his delete must wait."""
    name = history.dice.choice(["contact", "contact", "quote_line", "follow_up", "quote"])
    record = shown(history, phone, name)
    if record is None:
        return False
    others = [one for one in history.handsets if one is not phone and any(each.id == record.id for each in one.shown(name))]
    if others and history.dice.random() < RIVAL_SHARE and not phone.shelf.seat().forked:
        other = history.dice.choice(others)
        values = {history.dice.choice(SLOTS[name]): history.word()}
        other.enter([Edit(Kind.patch, BY_NAME[name], record.id, values)], None, history.now_ms)
        history.sync(other)
    phone.enter([Edit(Kind.delete, BY_NAME[name], record.id)], None, history.now_ms)
    return True


def submit(history: History, phone: Handset) -> bool:
    quote = shown(history, phone, "quote")
    if not isinstance(quote, Quote):
        return False
    lines = [one for one in phone.shown("quote_line") if isinstance(one, QuoteLine) and one.quote_id == quote.id]
    command = ENCODER.encode(Submit(content_hash(quote, lines)))
    phone.enter([Edit(Kind.command, BY_NAME["quote"], quote.id, command=command)], None, history.now_ms)
    return True


def undo(history: History, phone: Handset) -> bool:
    """Take back one's own change: the earlier values, and the rev which it made."""
    done = []
    for entry in history.ledger.entries:
        if entry.phone == phone.number and entry.kind == Kind.patch and not entry.from_card:
            outcomes = [one.outcome for one in takings(history.store, entry)]
            if entry.values.keys() & entry.entity.sets.keys():
                continue
            if outcomes and outcomes[-1].result in (Result.applied, Result.merged) and entry.values.keys() <= entry.saw.keys():
                done.append((entry, outcomes[-1].rev))
    if not done:
        return False
    entry, rev = history.dice.choice(done)
    bases = {entry.group_of(slot): rev or 0 for slot in entry.values}
    earlier = {slot: entry.saw[slot][0] for slot in entry.values}
    phone.enter([Edit(Kind.undo, entry.entity, entry.id, earlier, bases=bases)], [entry.values], history.now_ms)
    return True


# decisions


def use_mine(history: History, phone: Handset) -> bool:
    """The card is the screen: what it prints as theirs was seen."""
    return _redo(history, phone, fresh=False)


def edit_mine(history: History, phone: Handset) -> bool:
    """Neither mine nor theirs: a third value, entered on the card."""
    return _redo(history, phone, fresh=True)


def _redo(history: History, phone: Handset, *, fresh: bool) -> bool:
    item = _card(history, phone)
    if item is None:
        return False
    members = [one for one in item.members if one.kind != Kind.command]
    if not members or any(one.entity not in BY_NUMBER for one in members):
        return False
    (group,) = decisions.use_mine(phone.shelf, item)  # the words of a history are short
    pairs = list(zip(group, members, strict=True))
    edits = [msgspec.structs.replace(edit, values=_renewed(history, edit)) if fresh else edit for edit, _ in pairs]
    phone.enter(edits, [_printed(edit, one) for edit, one in pairs], history.now_ms)
    _remember(history, item, [one for _, one in pairs])
    return True


def _remember(history: History, item: InboxItem, members: list[Member]) -> None:
    """Who decides about an own refused edit sees it on the card, and saw what stood when it was entered, also on another phone."""
    entries = history.ledger.entries[-len(members) :]
    for now, one in zip(entries, members, strict=True):
        for alias, earlier in history.ledger.by_alias.items():
            if alias[:2] == (item.line_no, one.n) and _person(history, earlier) == _person(history, now) and earlier.key == now.key:
                now.saw |= {slot: (*now.saw.get(slot, ()), *values) for slot, values in earlier.saw.items()}
                now.saw |= {slot: (*now.saw.get(slot, ()), value) for slot, value in earlier.values.items()}


def _person(history: History, entry: Entry) -> bytes:
    return history.handsets[entry.phone].user.id


def _renewed(history: History, edit: Edit) -> dict[str, Value]:
    return {slot: history.word() if is_unique(value) else value for slot, value in edit.values.items()}


def _printed(edit: Edit, one: Member) -> dict[str, Value]:
    slots = one.theirs if edit.kind == Kind.delete else edit.values
    return {slot: one.theirs.get(slot) for slot in slots if slot not in edit.entity.sets}


def keep_theirs(history: History, phone: Handset) -> bool:
    return _decide(history, phone, ENCODER.encode(KeepTheirs()))


def send_up(history: History, phone: Handset) -> bool:
    """Let the manager decide; now and then he does so at once."""
    manager = history.handsets[3]
    if not _decide(history, phone, ENCODER.encode(SendUp())):
        return False
    if history.dice.random() < 0.7 and not (phone.shelf.seat().forked or manager.shelf.seat().forked):
        history.sync(phone)
        history.sync(manager)
        history.dice.choice([use_mine, edit_mine, keep_theirs, dismiss])(history, manager)
    return True


def dismiss(history: History, phone: Handset) -> bool:
    return _decide(history, phone, ENCODER.encode(Dismiss()))


def _decide(history: History, phone: Handset, command: bytes) -> bool:
    item = _card(history, phone)
    if item is None:
        return False
    phone.enter([decisions.decision(item, command)], None, history.now_ms)
    return True


def _card(history: History, phone: Handset) -> InboxItem | None:
    cards = phone.cards()
    return history.dice.choice(cards) if cards else None
