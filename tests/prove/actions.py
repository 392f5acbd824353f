"""What may happen in a history. A new action joins by standing in ACTIONS: a function that says whether it did anything."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from shared_schema.commands import Dismiss, KeepTheirs, Submit
from shared_schema.policy import Lane
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, Member, Value
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, REQUEST_DECODER, GroupPlace, Kind, Mutation, Result
from sync import device
from sync.device import Edit
from sync.quotes import content_hash
from tests.prove import desk
from tests.prove.handset import Handset
from tests.prove.history import IN_FLIGHT_MAX, START_MS, History, Letter, Reply, broken_cursor
from tests.prove.ledger import is_unique, takings
from tests.prove.store import Store, User, purge
from tests.prove.watch import Break, need

Action = Callable[[History, Handset], bool]
TEN_YEARS_MS: Final = 10 * 365 * 86_400_000
SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("phone", "note", "address", "city", "industry", "extra.grade"),
    "contact": ("phone", "note", "email", "title"),
    "follow_up": ("purpose",),
    "preference": ("wish",),
    "quote": ("title", "note"),
    "quote_line": ("note", "position"),
}
CHILDREN: Final[Mapping[str, dict[str, Value]]] = {
    "contact": {"name": ""},
    "contact_log": {"device_ms": START_MS, "note": ""},
    "visit": {"device_ms": START_MS, "note": ""},
    "follow_up": {"due_day": 20_000, "purpose": ""},
    "preference": {"subject": ""},
}


def shown(history: History, phone: Handset, name: str) -> Record | None:
    """One of the records of a kind on the phone's screen."""
    found = phone.shown(name)
    return history.dice.choice(found) if found else None


# entries


def create_customer(history: History, phone: Handset) -> bool:
    values: dict[str, Value] = {"name": history.word(), "phone": history.word()}
    phone.enter([Edit(Kind.create, BY_NAME["customer"], history.new_id(), values)], None, history.now_ms)
    return True


def create_child(history: History, phone: Handset) -> bool:
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    name = history.dice.choice(sorted(CHILDREN))
    values = {slot: value if value != "" else history.word() for slot, value in CHILDREN[name].items()}
    phone.enter([Edit(Kind.create, BY_NAME[name], history.new_id(), {"customer_id": customer.id, **values})], None, history.now_ms)
    return True


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
    name = history.dice.choice(["contact", "contact", "quote_line", "follow_up", "quote"])
    record = shown(history, phone, name)
    if record is None:
        return False
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
        if entry.phone == phone.number and entry.kind == Kind.patch:
            outcomes = [one.outcome for one in takings(history.store, entry)]
            if outcomes and outcomes[-1].result in (Result.applied, Result.merged) and set(entry.saw) == set(entry.values):
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
    pairs = list(zip(device.use_mine(phone.shelf, item), members, strict=True))
    edits = [msgspec.structs.replace(edit, values=_renewed(history, edit)) if fresh else edit for edit, _ in pairs]
    phone.enter(edits, [_printed(edit, one) for edit, one in pairs], history.now_ms)
    _remember(history, item, [one for _, one in pairs])
    return True


def _remember(history: History, item: InboxItem, members: list[Member]) -> None:
    """Whoever decides about his own refused edit sees it on the card, and saw what stood when he entered it."""
    entries = history.ledger.entries[-len(members) :]
    for now, one in zip(entries, members, strict=True):
        for alias, earlier in history.ledger.by_alias.items():
            if alias[:2] == (item.line_no, one.n) and earlier.phone == now.phone and earlier.key == now.key:
                now.saw |= {slot: (*now.saw.get(slot, ()), *values) for slot, values in earlier.saw.items()}
                now.saw |= {slot: (*now.saw.get(slot, ()), value) for slot, value in earlier.values.items()}


def _renewed(history: History, edit: Edit) -> dict[str, Value]:
    return {slot: history.word() if is_unique(value) else value for slot, value in edit.values.items()}


def _printed(edit: Edit, one: Member) -> dict[str, Value]:
    return {slot: one.theirs.get(slot) for slot in (one.theirs if edit.kind == Kind.delete else edit.values)}


def keep_theirs(history: History, phone: Handset) -> bool:
    return _decide(history, phone, ENCODER.encode(KeepTheirs()))


def dismiss(history: History, phone: Handset) -> bool:
    return _decide(history, phone, ENCODER.encode(Dismiss()))


def _decide(history: History, phone: Handset, command: bytes) -> bool:
    item = _card(history, phone)
    if item is None:
        return False
    phone.enter([device.decision(item, command)], None, history.now_ms)
    return True


def _card(history: History, phone: Handset) -> InboxItem | None:
    cards = phone.cards()
    return history.dice.choice(cards) if cards else None


# the network


def sync(history: History, phone: Handset) -> bool:
    """Everything goes well."""
    phone.page_bytes = history.dice.choice([300, 2_000, 100_000])
    history.sync(phone)
    return True


def small_page(history: History, phone: Handset) -> bool:
    """A page of one byte, then the network is gone."""
    phone.page_bytes = 1
    history.exchange(phone)
    return True


def send(history: History, phone: Handset) -> bool:
    """A request leaves and is under way for long."""
    if len(history.up) >= IN_FLIGHT_MAX:
        return False
    history.up.append(history.send(phone))
    return True


def reach(history: History, _: Handset) -> bool:
    """One of the requests under way arrives, in any order; its answer is under way then."""
    if not history.up:
        return False
    history.down.append(history.serve(history.up.pop(history.dice.randrange(len(history.up)))))
    return True


def hear(history: History, _: Handset) -> bool:
    """One of the answers under way arrives, in any order, often late."""
    if not history.down:
        return False
    history.arrive(history.down.pop(history.dice.randrange(len(history.down))))
    return True


def lose_request(history: History, _: Handset) -> bool:
    if not history.up:
        return False
    history.up.pop(history.dice.randrange(len(history.up)))
    return True


def lose_answer(history: History, phone: Handset) -> bool:
    """The server answers and the phone never hears it."""
    return history.serve(history.send(phone)).raw is not None


def duplicate_request(history: History, _: Handset) -> bool:
    """The bytes of an old request arrive again."""
    if not history.passed:
        return False
    reply = history.serve(history.dice.choice(history.passed))
    if history.dice.random() < 0.7:
        history.arrive(reply)
    return True


def cut_request(history: History, phone: Handset) -> bool:
    """A request arrives cut short: refused whole, nothing changed."""
    letter = history.send(phone)
    before = history.store
    try:
        history.serve(msgspec.structs.replace(letter, raw=letter.raw[: history.dice.randrange(len(letter.raw))]))
    except Problem:
        history.passed.pop()
        need(history.store is before, "5 truncated", "half a request was taken")
        return True
    raise Break("5 truncated", "half a request was read")


def cut_answer(history: History, phone: Handset) -> bool:
    """An answer arrives cut short: the phone changes nothing."""
    reply = history.serve(history.send(phone))
    if reply.raw is None:
        return False
    before = phone.shelf.copy()
    taken = history.arrive(Reply(reply.letter, reply.raw[: history.dice.randrange(len(reply.raw))], reply.snapshot))
    need(not taken and phone.shelf.same(before), "5 truncated", f"phone {phone.number} took in half an answer")
    return True


def crash_before_commit(history: History, phone: Handset) -> bool:
    return history.crash(history.send(phone), commit=False)


def crash_after_commit(history: History, phone: Handset) -> bool:
    return history.crash(history.send(phone), commit=True)


def kill_phone(history: History, phone: Handset) -> bool:
    """The phone dies between any two writes of taking in an answer."""
    if phone.shelf.seat().forked:
        history.fork(phone)
    history.arrive(history.serve(history.send(phone)), history.dice.randrange(30))
    return True


# clocks, copies, other histories


def clock(history: History, phone: Handset) -> bool:
    ahead_ms = history.dice.choice([-TEN_YEARS_MS, 0, TEN_YEARS_MS])
    phone.ahead_ms = ahead_ms if history.clocks else 0
    return True


def copy_phone(_: History, phone: Handset) -> bool:
    phone.save_copy()
    return True


def restore_phone(_: History, phone: Handset) -> bool:
    return phone.restore_copy()


def backup_server(history: History, _: Handset) -> bool:
    """What a backup holds needs no keeping on the phones."""
    history.server_copy = history.store.copy()
    for line_no, line in history.store.lines.items():
        history.store.lines[line_no] = msgspec.structs.replace(line, backed_up_n=line.last_n)
    return True


def restore_server(history: History, _: Handset) -> bool:
    """The copy comes back under a new epoch, with a floor above every rev that was given out."""
    if history.server_copy is None or history.dice.random() < 0.5:
        return False
    lost = history.store
    back = history.server_copy.copy()
    back.epoch, back.rev_floor = lost.epoch + 1, floor_above(lost)
    history.store = back
    history.confirmed = {line_no: line.acked_n for line_no, line in back.lines.items()}
    return True


def floor_above(lost: Store) -> int:
    """A rev above all that were given out."""
    revs = [held.record.rev for held in lost.records.values()]
    return max([lost.rev_floor, *revs, *(buried.rev for buried in lost.tombstones.values())]) + 10


def forge(history: History, phone: Handset) -> bool:
    """A number that was used, with other content."""
    used = [n for line_no, n in history.store.taken if line_no == phone.line_no]
    if not used:
        return False
    n = history.dice.choice(used)
    mutation = Mutation(n, GroupPlace(n, 0, 1), int(Kind.delete), 3, history.new_id(), {"": 1}, msgspec.Raw(b"\xc0"), START_MS)
    _by_hand(history, phone, [ENCODER.encode(mutation)])
    return True


def poison(history: History, phone: Handset) -> bool:
    """A line of its own sends what cannot be understood between two that can: each is consumed, one by one."""
    line_no = history.open_line(phone.user.id)
    customer = shown(history, phone, "customer")
    body = ENCODER.encode({"customer_id": customer.id if customer is not None else bytes(16), "name": "x"})
    good = [Mutation(n, GroupPlace(n, 0, 1), 1, 3, history.new_id(), {}, msgspec.Raw(body), START_MS) for n in (1, 3)]
    changed: dict[str, object] = history.dice.choice(
        [{"entity": 99}, {"kind": 77}, {"body": msgspec.Raw(b"\x01")}, {"bases": {}, "kind": 4}]
    )
    bad = msgspec.structs.replace(good[0], n=2, group=GroupPlace(2, 0, 1), **changed)
    raws = [ENCODER.encode(one) for one in (good[0], bad, good[1])]
    _by_hand(history, phone, raws, line_no)
    results = [history.store.taken[line_no, n].outcome.result for n in (1, 2, 3)]
    need(results[1] == Result.rejected, "26 poison is consumed", f"{results}")
    need(history.store.payloads[line_no, 2] == raws[1], "26 poison is kept", "its bytes are gone")
    history.counts["26 poison is consumed"] += 1
    return True


def _by_hand(history: History, phone: Handset, raws: list[bytes], line_no: int = 0) -> None:
    request = REQUEST_DECODER.decode(phone.ask(history.now_ms))
    acked_n = 0 if line_no else request.acked_n
    crafted = msgspec.structs.replace(request, cursor=b"", acked_n=acked_n, mutations=[msgspec.Raw(raw) for raw in raws])
    history.serve(Letter(phone.number, line_no or phone.line_no, b"", ENCODER.encode(crafted)))
    history.passed.pop()


def foreign_cursor(history: History, phone: Handset) -> bool:
    """The cursor of another phone, of another epoch, or no cursor at all: never "nothing new"."""
    other = history.dice.choice([one for one in history.handsets if one is not phone])
    held = phone.shelf.seat().cursor
    cursor = history.dice.choice([other.shelf.seat().cursor, broken_cursor(held), held[:-1] + b"\x00"])
    request = msgspec.structs.replace(REQUEST_DECODER.decode(phone.ask(history.now_ms)), cursor=cursor, mutations=[])
    reply = history.serve(Letter(phone.number, phone.line_no, cursor, ENCODER.encode(request)))
    history.passed.pop()
    return reply.raw is not None


# the desk


def transfer(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and _desk(history, lambda store: desk.transfer(store, customer_id, user_id))


def collaborate(history: History, _: Handset) -> bool:
    customer_id, user_id, record_id = _customer(history), _rep(history), history.new_id()
    return customer_id is not None and _desk(history, lambda store: desk.collaborate(store, customer_id, user_id, record_id))


def part(history: History, _: Handset) -> bool:
    customer_id, user_id = _customer(history), _rep(history)
    return customer_id is not None and _desk(history, lambda store: desk.part(store, customer_id, user_id))


def revoke_and_grant(history: History, _: Handset) -> bool:
    """A customer goes away and comes back while nobody looks: as if nothing had happened."""
    customer_id, user_id = _customer(history), _rep(history)
    if customer_id is None:
        return False
    owner_id = next((one.id for one in history.store.users.values() if _owns(history, customer_id, one.id)), None)
    moved = _desk(history, lambda store: desk.transfer(store, customer_id, user_id))
    return moved and owner_id is not None and _desk(history, lambda store: desk.transfer(store, customer_id, owner_id))


def _owns(history: History, customer_id: bytes, user_id: bytes) -> bool:
    held = history.store.records.get((BY_NAME["standing"].number, customer_id))
    return held is not None and getattr(held.record, "owner_id", None) == user_id


def _desk(history: History, service: Callable[[Store], bool]) -> bool:
    after = history.store.copy()
    done = service(after)
    if done:
        history.store = after
    return done


def _customer(history: History) -> bytes | None:
    found = [key[1] for key in history.store.records if key[0] == BY_NAME["customer"].number]
    return history.dice.choice(found) if found else None


def _rep(history: History) -> bytes:
    return history.dice.choice(history.handsets[:3]).user.id


def regroup(history: History, _: Handset) -> bool:
    """A rep leaves the manager's team or joins it: whole scopes go from the manager's phone, or come."""
    after, manager = history.store.copy(), history.handsets[3].user
    rep_id = _rep(history)
    report_ids = after.users[manager.id].report_ids ^ {rep_id}
    after.users[manager.id] = User(manager.id, manager.role, report_ids)
    history.store = after
    return True


def purge_removals(history: History, _: Handset) -> bool:
    """Ninety days pass: removals of some scopes are forgotten, their floors rise."""
    after = history.store.copy()
    done = [purge(after, scope, reader) for reader, scope in history.store.scopes.items() if reader[1] != Lane.reference]
    history.store = after
    return any(done)


ACTIONS: Final[tuple[Action, ...]] = (
    *[create_customer] * 3,
    *[create_child] * 6,
    *[create_quote] * 3,
    add_line,
    *[patch] * 14,
    *[patch_group] * 2,
    refused,
    *[delete] * 4,
    *[submit] * 2,
    *[undo] * 2,
    *[use_mine] * 4,
    *[edit_mine] * 3,
    keep_theirs,
    dismiss,
    *[sync] * 16,
    *[small_page] * 2,
    *[send] * 5,
    *[reach] * 5,
    *[hear] * 4,
    lose_request,
    *[lose_answer] * 3,
    *[duplicate_request] * 2,
    cut_request,
    cut_answer,
    crash_before_commit,
    crash_after_commit,
    *[kill_phone] * 2,
    clock,
    *[copy_phone] * 2,
    *[restore_phone] * 3,
    backup_server,
    *[restore_server] * 2,
    forge,
    poison,
    foreign_cursor,
    *[transfer] * 3,
    *[collaborate] * 3,
    *[part] * 2,
    revoke_and_grant,
    regroup,
    *[purge_removals] * 2,
)
BY_ACTION: Final = {act.__name__: act for act in ACTIONS}
NAMES: Final = tuple(act.__name__ for act in ACTIONS)
