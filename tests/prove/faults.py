"""What goes wrong: the network, the server, phones, clocks, copies, and requests that nobody honest sends."""

from typing import Final

import msgspec

from shared_schema.problem import Problem
from shared_schema.wire import ENCODER, REQUEST_DECODER, GroupPlace, Kind, Mutation, Result
from tests.prove.entries import create_customer, shown
from tests.prove.handset import Handset
from tests.prove.history import IN_FLIGHT_MAX, START_MS, History, Letter, Reply, broken_cursor
from tests.prove.watch import Break, need

TEN_YEARS_MS: Final = 10 * 365 * 86_400_000


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


def fork_phone(history: History, phone: Handset) -> bool:
    """A phone is set back to its copy and enters something else under a number it had used."""
    if phone.shelf.seat().forked:
        return False
    phone.save_copy()
    create_customer(history, phone)
    history.sync(phone)
    phone.restore_copy()
    create_customer(history, phone)
    history.sync(phone)
    return True


def lose_phone(history: History, phone: Handset) -> bool:
    phone.replace(history.open_line(phone.user.id))
    return True


def backup_server(history: History, _: Handset) -> bool:
    """What a backup holds needs no keeping on the phones."""
    history.server_copy = history.store.copy()
    for line_no, line in history.store.lines.items():
        history.store.lines[line_no] = msgspec.structs.replace(line, backed_up_n=line.last_n)
    history.side.backed_up(history.now_ms)
    return True


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
    history.serve(Letter(phone.number, line_no or phone.line_no, b"", ENCODER.encode(crafted), 0))
    history.passed.pop()


def foreign_cursor(history: History, phone: Handset) -> bool:
    """The cursor of another phone, of another epoch, or no cursor at all: never "nothing new"."""
    other = history.dice.choice([one for one in history.handsets if one is not phone])
    held = phone.shelf.seat().cursor
    cursor = history.dice.choice([other.shelf.seat().cursor, broken_cursor(held, history.store.key), held[:-1] + b"\x00"])
    request = msgspec.structs.replace(REQUEST_DECODER.decode(phone.ask(history.now_ms)), cursor=cursor, mutations=[])
    reply = history.serve(Letter(phone.number, phone.line_no, cursor, ENCODER.encode(request), 0))
    history.passed.pop()
    return reply.raw is not None
