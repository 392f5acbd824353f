"""A first sync over 20 kbit/s that breaks all the time: the real phone and the real server, and between them a line in virtual time."""

import random
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from mobile_api.phone import pace
from mobile_api.phone.phone import Phone
from mobile_api.phone.transport import TIMEOUT_S, Reply, Transport, UnreachableError
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_RECORD
from shared_schema.wire import PAGE_BYTES, Kind
from sync.device import Edit
from tests.integration.site import PASSWORD, Site, site

CUSTOMER, CONTACT = BY_RECORD[Customer], BY_RECORD[Contact]
BYTES_PER_S = 20_000 // 8
CHUNK_BYTES = 8 * 1024
LOSS = 0.3
"""Of every begun chunk of a message: with it the message is lost, and the connection."""
HEAD_BYTES = 400
CUSTOMERS = 680
WRITES = 25
KILLS = 3


class Told(msgspec.Struct):
    """What the first sync went through."""

    crossed_bytes: int = 0
    losses: int = 0
    written: int = 0
    kills: int = 0
    complete: bool = False


class Time:
    """A clock that stands still but for what the line takes."""

    def __init__(self) -> None:
        self.now_ms = 1_780_000_000_000.0

    def __call__(self) -> int:
        return int(self.now_ms)


class Line(Transport):
    """The phone's own HTTP, but what it sends and gets crosses a bad line."""

    def __init__(self, url: str, time: Time, seed: int) -> None:
        super().__init__(url)
        self.time = time
        self.dice = random.Random(seed)
        self.crossed_bytes = 0
        self.losses = 0
        self._left_s = 0.0

    def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self._left_s = float(TIMEOUT_S)
        self._cross(len(body) + HEAD_BYTES)
        reply = super()._send(path, body, headers)
        self._cross(len(reply.body) + HEAD_BYTES)
        return reply

    def _cross(self, size_bytes: int) -> None:
        for at in range(0, size_bytes, CHUNK_BYTES):
            chunk_bytes = min(CHUNK_BYTES, size_bytes - at)
            self.crossed_bytes += chunk_bytes
            self._left_s -= chunk_bytes / BYTES_PER_S
            self.time.now_ms += chunk_bytes * 1_000 / BYTES_PER_S
            if self.dice.random() < LOSS or self._left_s < 0:
                self.losses += 1
                self.close()
                raise UnreachableError("the line broke")


@pytest.fixture
def served(migrated_url: str) -> Iterator[Site]:
    """Serve an organisation whose rep `lin` holds some 2,000 rows."""
    with site(migrated_url) as running:
        running.user(running.admin(), "lin")
        yield running


def signed_in(served: Site, path: Path, time: Time | None = None) -> Phone:
    phone = Phone(path, clock=time) if time is not None else Phone(path)
    if phone.session.tokens() is None:
        phone.sign_in(str(served.http.base_url), "alpha", "lin", PASSWORD, "test")
    return phone


def put_on(phone: Phone, served: Site, time: Time, seed: int) -> Line:
    """Put the phone on the bad line."""
    line = Line(str(served.http.base_url), time, seed)
    phone.session.close()
    line.tokens = phone.session.tokens()
    phone.session._transport = line
    return line


def fill(writer: Phone) -> list[bytes]:
    """Customers with a contact each; their notes do not compress away."""
    ids, dice = [writer.new_id() for _ in range(CUSTOMERS)], random.Random(7)
    for number, each in enumerate(ids):
        note = "".join(dice.choices(string.ascii_letters + string.digits, k=160))
        writer.enter([Edit(Kind.create, CUSTOMER, each, {"name": f"Harbour Books {number}", "note": note})])
        contact: dict[str, Value] = {"customer_id": each, "name": f"Lin {number}", "note": note[::-1]}
        writer.enter([Edit(Kind.create, CONTACT, writer.new_id(), contact)])
    assert writer.sync().complete
    return ids


def attempts(phone: Phone, line: Line, budget_bytes: int, page_bytes: int | None = None) -> Iterator[bool]:
    """One sync after the other, as a phone in the background does: whether it is complete, until it is or the bytes are spent."""
    complete = False
    while not complete and line.crossed_bytes < budget_bytes:
        try:
            complete = phone.sync(page_bytes=page_bytes).complete
        except UnreachableError:
            complete = False
        yield complete


def held(phone: Phone) -> tuple[list[Customer], int]:
    rows = sum(len(phone.shelf.rows(entity)) for entity in range(1, 30))
    return phone.views(Customer), rows


def test_a_first_sync_gets_through_a_bad_line_while_others_write_and_the_phone_is_killed(served: Site, tmp_path: Path) -> None:
    """P-210, P-613: the whole state for at most three times its bytes; a page of fixed size gets nowhere for as much."""
    writer, time = signed_in(served, tmp_path / "writer.db"), Time()
    ids = fill(writer)
    state_bytes = sum(len(body) for entity in range(1, 30) for _, body in writer.shelf.rows(entity))
    naive = signed_in(served, tmp_path / "naive.db", time)
    assert not any(attempts(naive, put_on(naive, served, time, 1), 3 * state_bytes, PAGE_BYTES)), "a line that bears this is no bad one"
    path, told = tmp_path / "phone.db", Told()
    phone = signed_in(served, path, time)
    while not told.complete:
        line = put_on(phone, served, time, 2 + told.kills)
        for complete in attempts(phone, line, 3 * state_bytes - told.crossed_bytes):
            told.complete = complete
            if told.written < WRITES:
                writer.enter([Edit(Kind.patch, CUSTOMER, ids[-1 - told.written * 20], {"note": f"written meanwhile {told.written}"})])
                writer.sync()
                told.written += 1
            if told.kills < KILLS and phone.reached()[0] > 300 * (told.kills + 1):
                break
        told.crossed_bytes += line.crossed_bytes
        told.losses += line.losses
        assert told.crossed_bytes <= 3 * state_bytes, f"{phone.reached()} reached"
        if not told.complete:  # killed: what is in the file is all there is
            told.kills += 1
            phone.close()
            phone = signed_in(served, path, time)
    phone.session.close()  # the last writes come on a good line
    phone.sync()
    writer.sync()
    assert held(phone) == held(writer)
    assert held(phone)[1] > 2_000
    assert (told.written, told.kills) == (WRITES, KILLS)
    assert told.losses > 10, (state_bytes, told)
    for each in (writer, naive, phone):
        each.close()


def test_the_pace_falls_with_losses_and_rises_with_quick_answers() -> None:
    """P-613."""
    asked = PAGE_BYTES
    for _ in range(10):
        asked = pace.after_loss(asked)
    assert asked == pace.PAGE_BYTES_MIN
    assert pace.after_answer(asked, pace.QUICK_MS) == asked
    assert pace.after_answer(2 * asked, pace.SLOW_MS + 1) == asked
    for _ in range(10):
        asked = pace.after_answer(asked, 100)
    assert asked == PAGE_BYTES
