"""Exactly once per (line, n): lost answers, other content under a used number, gaps, poison, and a server that fails."""

import asyncio
import uuid
from collections.abc import Iterator

import msgspec
import pytest
import sqlalchemy as sa

from server import chance
from server.database import Database, open_database
from server.domain.proven_time import NOTED_MS
from server.domain.rules import RULES
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, answered, device, feed, payload
from server.services import sync_push
from shared_schema.entity import Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.wire import ANSWER_DECODER, ENCODER, OUTCOME_DECODER, PROTOCOL, SCHEMA, Kind, Outcome, SyncAnswer, SyncRequest
from sync import device as reference
from sync.shelf import MemoryShelf, Pending
from sync.state import State
from tests.integration.site import Site, site
from tests.world import KEY, START_MS, Entry, Phone, Team, World, team_of, words

MEDIA = "application/vnd.msgpack"


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def phone(team: Team) -> Phone:
    """A line of ann that has sent nothing yet."""
    return await team.world.phone(team.ann.user_id)


def log(world: World, n: int, customer_id: bytes, note: str = "") -> Entry:
    values = {"customer_id": customer_id, "device_ms": START_MS, "note": note}
    return Entry(n, Kind.create, "contact_log", next(world.ids), values)


def results(pushed: sync_push.Pushed) -> list[tuple[str, str | None]]:
    return [(one.result.name, one.code) for one in map(OUTCOME_DECODER.decode, pushed.outcomes)]


def outcomes(pushed: sync_push.Pushed) -> list[Outcome]:
    return [OUTCOME_DECODER.decode(one) for one in pushed.outcomes]


def everything(conn: sa.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row that a push may write, but the line's own bookkeeping."""
    tables = (*RECORD_TABLES.values(), feed, answered, payload)
    return {table.name: [tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key))] for table in tables}


def rows(conn: sa.Connection, entity: str) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(RECORD_TABLES[entity])).scalar_one())


async def test_a_lost_answer_is_repeated_byte_for_byte_on_any_connection(team: Team, phone: Phone, migrated_url: str) -> None:
    """P-311."""
    raws = [log(team.world, n, team.customer_id).raw() for n in (1, 2)]
    raws.append(Entry(3, Kind.patch, "customer", team.customer_id, {"phone": "x", "extra": {"nope": 1}}, {"phone": 9}).raw())
    first = await phone.push(*raws)
    database = team.world.database
    before = await database.read(everything)
    again = await phone.push(*raws)
    other = open_database(migrated_url)
    try:
        elsewhere = SyncRequest(PROTOCOL, SCHEMA, "test", b"", 0, 0, [msgspec.Raw(raw) for raw in raws])
        third = await other.write(sync_push.push, phone.claims, elsewhere, KEY, START_MS)
    finally:
        await other.close()
    assert first.outcomes == again.outcomes == third.outcomes
    assert [one.n for one in outcomes(first)] == [1, 2, 3]
    assert await database.read(everything) == before


async def test_a_repetition_and_news_in_one_request(team: Team, phone: Phone) -> None:
    """P-311."""
    raws = [log(team.world, n, team.customer_id).raw() for n in (1, 2, 3)]
    first = await phone.push(*raws[:2])
    second = await phone.push(*raws)
    assert second.outcomes[:2] == first.outcomes
    assert (second.last_n, await team.world.database.read(rows, "contact_log")) == (3, 3)


async def test_other_content_under_a_used_number_is_never_acknowledged(team: Team, phone: Phone) -> None:
    """P-312."""
    first = log(team.world, 1, team.customer_id, "first")
    await phone.push(first.raw())
    other = log(team.world, 1, team.customer_id, "other")
    pushed = await phone.push(other.raw())
    assert (results(pushed), pushed.last_n) == ([("forked", "forked")], 1)
    assert await team.world.database.read(rows, "contact_log") == 1


async def test_a_confirmed_number_is_forked_even_with_the_same_bytes(team: Team, phone: Phone) -> None:
    """Its outcome is forgotten: nobody can say that it is the same. P-312."""
    raws = [log(team.world, n, team.customer_id).raw() for n in (1, 2)]
    await phone.push(*raws)
    await phone.push(acked_n=2)
    assert await team.world.database.read(_count_answered, phone.shelf.seat().line_no) == 0
    assert results(await phone.push(raws[0])) == [("forked", "forked")]
    assert await team.world.database.read(rows, "contact_log") == 2


async def test_outcomes_stay_until_they_are_confirmed(team: Team, phone: Phone) -> None:
    """P-316."""
    raws = [log(team.world, n, team.customer_id).raw() for n in (1, 2, 3)]
    first = await phone.push(*raws)
    await phone.push(acked_n=1)
    assert (await phone.push(*raws[1:], acked_n=1)).outcomes == first.outcomes[1:]
    await phone.push(acked_n=3)
    assert await team.world.database.read(_count_answered, phone.shelf.seat().line_no) == 0


def _count_answered(conn: sa.Connection, line_no: int) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(answered).where(answered.c.line_no == line_no)).scalar_one())


class Door:
    """A rep's device at the real door, by HTTP, under the cursor it was told last."""

    def __init__(self, here: Site) -> None:
        self.here, self.who = here, here.caller("alpha", "ann")
        here.user(here.admin(), "ann")
        assert self.who.log_in().status_code == 200
        self.cursor = b""

    def sync(self, *raws: bytes, acked_n: int = 0) -> SyncAnswer:
        asked = SyncRequest(PROTOCOL, SCHEMA, "test", self.cursor, acked_n, START_MS, [msgspec.Raw(raw) for raw in raws])
        headers = {"authorization": f"Bearer {self.who.session['access_token']}", "content-type": MEDIA, "accept": MEDIA}
        told = self.here.http.post("/v1/sync", content=ENCODER.encode(asked), headers=headers)
        assert told.status_code == 200, told.text
        answer = ANSWER_DECODER.decode(told.content)
        self.cursor = answer.cursor
        return answer

    def seen_ms(self) -> int:
        return self.here.write(_seen_ms, self.who.claims)

    def was_seen(self, seen_ms: int) -> None:
        self.here.write(_was_seen, self.who.claims, seen_ms)


def _line(claims: Claims) -> sa.ColumnElement[bool]:
    return sa.and_(device.c.org_id == claims.org_id, device.c.line_no == claims.line_no)


def _seen_ms(conn: sa.Connection, claims: Claims) -> int:
    return int(conn.execute(sa.select(device.c.seen_ms).where(_line(claims))).scalar_one())


def _was_seen(conn: sa.Connection, claims: Claims, seen_ms: int) -> None:
    conn.execute(sa.update(device).where(_line(claims)).values(seen_ms=seen_ms))


@pytest.fixture
def door(migrated_url: str) -> Iterator[Door]:
    with site(migrated_url) as here:
        yield Door(here)


def test_who_only_asks_confirms_outcomes(door: Door) -> None:
    """P-316: nothing else is entered, and what the server kept for the device goes."""
    door.sync(Entry(1, Kind.create, "customer", uuid.uuid4().bytes, {"name": "Corner Shop"}).raw())
    line_no = door.who.claims.line_no
    assert (door.sync().last_n, door.here.write(_count_answered, line_no)) == (1, 1)
    assert (door.sync(acked_n=1).last_n, door.here.write(_count_answered, line_no)) == (1, 0)


def test_who_only_asks_is_noted_as_seen_every_five_minutes(door: Door) -> None:
    """The desk sees that a silent rep's device is alive; in between an idle sync writes nothing."""
    door.sync()
    for ago_ms, noted in ((NOTED_MS - 60_000, False), (NOTED_MS + 60_000, True)):
        before_ms = chance.now_ms() - ago_ms
        door.was_seen(before_ms)
        door.sync()
        assert (door.seen_ms() >= before_ms + ago_ms) == noted


async def test_a_gap_asks_for_what_is_missing(team: Team, phone: Phone) -> None:
    """P-313."""
    raws = [log(team.world, n, team.customer_id).raw() for n in (1, 2, 3, 4)]
    await phone.push(raws[0])
    gap = await phone.push(raws[2], raws[3])
    assert (gap.outcomes, gap.resend_from, gap.last_n) == ([], 2, 1)
    turned = await phone.push(raws[1], raws[3], raws[2])
    assert (results(turned), turned.resend_from, turned.last_n) == ([("applied", None)], 3, 2)


async def test_a_server_that_forgot_says_so_even_to_an_empty_queue(team: Team, phone: Phone) -> None:
    """P-314."""
    await phone.push(log(team.world, 1, team.customer_id).raw())
    asked = await phone.push(acked_n=5)
    assert (asked.resend_from, asked.outcomes, asked.last_n) == (2, [], 1)


async def test_poison_is_consumed_alone_and_its_bytes_are_kept(team: Team, phone: Phone) -> None:
    """P-324."""
    broken = ENCODER.encode((2, (2, 0, 1), "no kind", None, 7, [], {}, -1))
    raws = [log(team.world, 1, team.customer_id).raw(), broken, log(team.world, 3, team.customer_id).raw()]
    raws.append(Entry(4, Kind.create, "customer", next(team.world.ids), {"name": "tab\x07"}).raw())
    raws.append(log(team.world, 5, team.customer_id).raw())
    pushed = await phone.push(*raws)
    good = ("applied", None)
    assert results(pushed) == [good, ("rejected", "field_wrong"), good, ("rejected", "text_unclean"), good]
    kept = await team.world.database.read(lambda conn: dict(tuple(row) for row in conn.execute(sa.select(payload.c.n, payload.c.body))))
    assert kept == {2: raws[1], 4: raws[3]}
    await phone.sync()
    assert sorted(item.members[0].n for item in phone.inbox() if item.line_no == phone.shelf.seat().line_no) == [2, 4]


@pytest.mark.parametrize("raw", [b"\xc1", b"\x93\x01\x02\x03", ENCODER.encode(("one", 2)), b"\xc0"])
async def test_a_mutation_without_a_readable_number_fails_its_request_and_changes_nothing(team: Team, phone: Phone, raw: bytes) -> None:
    """P-324."""
    before = await team.world.database.read(everything)
    with pytest.raises(Problem) as refused:
        await phone.push(log(team.world, 1, team.customer_id).raw(), raw)
    assert refused.value.code == Code.field_wrong
    assert await team.world.database.read(everything) == before


class FailingRuleError(Exception):
    """What a defect of the server looks like."""


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails on the customer called Defect."""
    rules = RULES

    def guard(state: State, entity: Entity, record: Record) -> None:
        if isinstance(record, Customer) and record.name == "Defect":
            raise FailingRuleError
        rules.guard(state, entity, record)

    monkeypatch.setattr("server.services.sync_push.RULES", msgspec.structs.replace(rules, guard=guard))


@pytest.mark.usefixtures("failing")
async def test_a_server_exception_is_consumed_on_the_third_try(team: Team) -> None:
    """P-323."""
    ann = team.ann
    good = ann.create("customer", name="Good")
    bad = ann.create("customer", name="Defect")
    last = ann.create("customer", name="Last")
    failures, answers = 0, []
    for _ in range(12):
        request = ann.ask()
        try:
            answers.append(await ann.answer(request))
        except FailingRuleError:
            failures += 1
            await team.world.database.write(sync_push.note_failure, ann.claims, request)
            continue
        assert reference.apply(ann.shelf, answers[-1])
        if not ann.ask().mutations:
            break
    assert words(answers) == [("applied", None), ("rejected", "server_error"), ("applied", None)]
    assert failures >= 3
    kept = await team.world.database.read(lambda conn: list(conn.execute(sa.select(payload.c.body)).scalars()))
    assert [raw for raw in kept if b"Defect" in raw]
    assert [one.members[0].mine["name"] for one in ann.inbox()] == ["Defect"]
    assert (ann.view("customer", bad), ann.customer(good).name, ann.customer(last).name) == (None, "Good", "Last")


async def test_effects_and_last_n_stand_or_fall_together(team: Team, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-302."""

    def fail(*_: object) -> None:
        raise FailingRuleError

    before = await team.world.database.read(everything)
    raw = log(team.world, 1, team.customer_id).raw()
    with monkeypatch.context() as patched:
        patched.setattr("server.store.device_lines.store", fail)
        with pytest.raises(FailingRuleError):
            await phone.push(raw)
    assert await team.world.database.read(everything) == before
    where = device.c.line_no == phone.shelf.seat().line_no
    assert await team.world.database.read(lambda conn: conn.execute(sa.select(device.c.last_n).where(where)).scalar_one()) == 0
    assert results(await phone.push(raw)) == [("applied", None)]


async def test_a_forked_phone_takes_a_new_line_and_sends_again(team: Team) -> None:
    """Restored from yesterday's backup: the server knows another history of the line. P-312, P-610."""
    ann = team.ann
    backup = msgspec.msgpack.encode(ann.shelf.pendings())
    seat = ann.shelf.seat()
    ann.create("contact_log", customer_id=team.customer_id, device_ms=START_MS, note="after the backup")
    await ann.sync()
    shelf = MemoryShelf()
    shelf.put_seat(seat)
    for one in msgspec.msgpack.decode(backup, type=list[Pending]):
        shelf.put_pending(one)
    ann.shelf = shelf
    note_id = ann.create("contact_log", customer_id=team.customer_id, device_ms=START_MS, note="on the restored phone")
    answers = [await ann.answer(ann.ask())]
    assert words(answers) == [("forked", "forked")]
    assert reference.apply(shelf, answers[0])
    assert not ann.ask().mutations
    fresh = await team.world.phone(ann.user_id)
    reference.take_new_line(shelf, team.world.org_id, ann.user_id, fresh.shelf.seat().line_no)
    assert words(await ann.sync()) == [("applied", None)]
    assert await team.world.database.read(rows, "contact_log") == 2
    assert ann.view("contact_log", note_id) is not None


async def test_a_late_answer_changes_nothing(team: Team) -> None:
    """A request is answered after its successor: the phone has moved on. P-604."""
    ann, bo = team.ann, team.bo
    ann.patch("customer", team.customer_id, phone="2")
    late = await ann.answer(ann.ask())
    bo.patch("customer", team.customer_id, note="n")
    await bo.sync()
    await ann.sync()
    held, seat = ann.holds(), ann.shelf.seat()
    assert not reference.apply(ann.shelf, late)
    assert (ann.holds(), ann.shelf.seat()) == (held, seat)


async def test_a_late_answer_of_the_old_line_does_not_answer_the_new_one(team: Team) -> None:
    """P-611."""
    phone = await team.world.phone(team.ann.user_id)
    phone.create("contact_log", customer_id=team.customer_id, device_ms=START_MS, note="old")
    late = await phone.answer(phone.ask())
    fresh = await team.world.phone(team.ann.user_id)
    reference.take_new_line(phone.shelf, team.world.org_id, phone.user_id, fresh.shelf.seat().line_no)
    assert not reference.apply(phone.shelf, late)
    assert phone.ask().mutations


async def test_two_phones_create_one_id_at_once_and_no_text_is_lost(team: Team) -> None:
    """On PostgreSQL both connections insert at once: the loser's transaction runs again and reads the winner's row. P-320."""
    record_id = next(team.world.ids)
    phones = [await team.world.phone(team.ann.user_id) for _ in range(4)]
    values = {"customer_id": team.customer_id, "device_ms": START_MS}
    entries = [Entry(1, Kind.create, "contact_log", record_id, {**values, "note": f"text {index}"}) for index in range(4)]
    pushed = await asyncio.gather(*(phone.push(entry.raw()) for phone, entry in zip(phones, entries, strict=True)))
    assert sorted(word for one in pushed for word in results(one)) == [("applied", None)] + [("rejected", "id_taken")] * 3
    await team.ann.sync()
    refused = [item.members[0].mine["note"] for item in team.ann.inbox()]
    stands = team.ann.view("contact_log", record_id)
    assert isinstance(stands, ContactLog)
    assert sorted([*refused, stands.note]) == [f"text {index}" for index in range(4)]
