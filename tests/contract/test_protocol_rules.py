"""Rules of docs/protocol.md that no other test holds: the round trip over HTTP on JSON, and the small print of push, pull and history."""

import uuid
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES, change, feed
from shared_schema.records.inbox import Dismiss
from shared_schema.wire import ENCODER, Kind, Mutation
from tests.integration.site import Caller, Site
from tests.world import START_MS, Entry, Team, said, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def rep(here: Site) -> Caller:
    here.user(here.admin(), "ann")
    ann = here.caller("alpha", "ann")
    assert ann.log_in().status_code == 200
    return ann


def synced(who: Caller, **asked: Any) -> dict[str, Any]:
    body = {"protocol": 1, "schema": 1, "app": "test", "cursor": "", "acked_n": 0, "device_ms": START_MS, **asked}
    answer = who.post("/v1/sync", body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def entered(name: str) -> dict[str, Any]:
    group = {"first_n": 1, "index": 0, "count": 1}
    record_id = str(uuid.uuid4())
    return {"n": 1, "group": group, "kind": 1, "entity": 1, "id": record_id, "bases": {}, "body": {"name": name}, "device_ms": START_MS}


def test_one_round_trip_brings_the_outcome_and_what_it_shows(here: Site) -> None:
    """P-202, P-209, P-301: an empty cursor, one entry; the answer holds its outcome and its row, and ends at every head."""
    told = synced(rep(here), mutations=[entered("Corner Shop")])
    (outcome,) = told["outcomes"]
    assert (outcome["n"], outcome["result"], told["last_n"]) == (1, 1, 1)
    pages = {page["scope"]: page for page in told["pages"]}
    shown = pages[outcome["shows"]["scope"]]
    assert "Corner Shop" in [row["body"].get("name") for row in shown["rows"]]
    assert shown["begin"]
    assert shown["position"] >= outcome["shows"]["seq"]
    assert all((page["position"], page["done"]) == (page["head"], True) for page in pages.values())
    assert (told["more"], told["consistent"]) == (False, True)


def test_too_old_to_pull_may_push(here: Site) -> None:
    """P-213."""
    ann = rep(here)
    for level in ("protocol", "schema"):
        told = synced(ann, **{level: 0}, mutations=[entered("Corner Shop")] if level == "protocol" else [])
        assert (told["problem"], told["pages"], told["cursor"], told["consistent"]) == (f"{level}_unknown", [], "", False)
        assert told["last_n"] == 1
    assert [item["name"] for item in ann.get("/v1/records/customer").json()["items"]] == ["Corner Shop"]


async def test_a_page_of_one_byte_moves_on_by_one_row(team: Team) -> None:
    """P-209: not done, the position is the seq of the last row; `more` until every head is reached."""
    fresh = await team.world.phone(team.ann.user_id)
    first = await fresh.pull(b"", page_bytes=1)
    (page,) = first.pages
    rows = msgspec.msgpack.decode(page.rows)
    assert (len(rows), first.more, page.done) == (1, True, False)
    numbers = await team.world.database.read(seqs, page.scope)
    assert page.position == numbers[0]
    second = await fresh.pull(first.cursor, page_bytes=1)
    assert second.pages[0].position == numbers[1]


def seqs(conn: sa.Connection, scope_no: int) -> list[int]:
    return list(conn.execute(sa.select(feed.c.seq).where(feed.c.scope_no == scope_no).order_by(feed.c.seq)).scalars())


async def test_a_record_has_one_place_in_a_scope(team: Team) -> None:
    """P-130: a change moves the row, its earlier place is gone."""
    before = await team.world.database.read(places, team.customer_id)
    team.ann.patch("customer", team.customer_id, note="moved on")
    await team.ann.sync()
    after = await team.world.database.read(places, team.customer_id)
    assert after.keys() == before.keys()
    assert all(after[scope_no] > before[scope_no] for scope_no in before)


def places(conn: sa.Connection, customer_id: bytes) -> dict[int, int]:
    where = (feed.c.id == customer_id, feed.c.entity == 1)
    return {row.scope_no: row.seq for row in conn.execute(sa.select(feed.c.scope_no, feed.c.seq).where(*where))}


async def test_numbers_of_a_line_begin_at_one_without_gaps_and_bytes_stay(team: Team) -> None:
    """P-310."""
    line = await team.world.phone(team.bo.user_id)
    await line.sync()
    for note in ("one", "two"):
        line.patch("customer", team.customer_id, note=note)
    before = line.ask().mutations
    line.patch("customer", team.customer_id, note="three")
    asked = line.ask().mutations
    assert [msgspec.msgpack.decode(raw, type=Mutation).n for raw in asked] == [1, 2, 3]
    assert asked[:2] == before


async def test_a_fact_is_only_created(team: Team) -> None:
    """P-333."""
    log_id = team.ann.create("contact_log", customer_id=team.customer_id, device_ms=START_MS)
    await team.ann.sync()
    n = team.ann.shelf.seat().next_n
    base = {"": 1}
    pushed = await team.ann.push(
        Entry(n, Kind.patch, "contact_log", log_id, {"note": "other"}, base).raw(),
        Entry(n + 1, Kind.delete, "contact_log", log_id, {}, base).raw(),
    )
    assert pushed.counts["rejected"] == 2
    assert await team.world.database.read(logged, log_id) == [(1, "")]


def logged(conn: sa.Connection, record_id: bytes) -> list[tuple[int, str]]:
    table = RECORD_TABLES["contact_log"]
    return [(row.rev, row.note) for row in conn.execute(sa.select(table.c.rev, table.c.note).where(table.c.id == record_id))]


async def test_what_this_server_does_not_know_yet_asks_for_an_upgrade(team: Team) -> None:
    """P-334."""
    line = await team.world.phone(team.ann.user_id)
    raws = [Entry(n, Kind.create, "customer", next(team.world.ids), {"command": "dance"}).raw() for n in (1, 2, 3)]
    kinds = [(1, 200), (99, 1), (int(Kind.command), 1)]
    changed = [replaced(raw, kind, entity) for raw, (kind, entity) in zip(raws, kinds, strict=True)]
    pushed = await line.push(*changed)
    found = [(outcome[2], outcome[3]) for outcome in map(msgspec.msgpack.decode, pushed.outcomes)]
    assert found == [("entity_unknown", "upgrade"), ("kind_unknown", "upgrade"), ("command_unknown", "upgrade")]


def replaced(raw: bytes, kind: int, entity: int) -> bytes:
    return ENCODER.encode(msgspec.structs.replace(msgspec.msgpack.decode(raw, type=Mutation), kind=kind, entity=entity))


@pytest.mark.parametrize(
    ("entity", "values", "code", "field"),
    [
        ("customer", {"note": "x", "tier": 1}, "server_owned", "tier"),
        ("customer", {"note": "x", "rev": 9}, "server_owned", "rev"),
        ("contact", {"note": "x", "customer_id": bytes(16)}, "fixed_field", "customer_id"),
    ],
)
async def test_a_field_that_is_not_the_devices_is_refused_by_name(
    team: Team, entity: str, values: dict[str, object], code: str, field: str
) -> None:
    """P-430: and nothing else of the mutation is taken."""
    record_id = team.customer_id if entity == "customer" else team.ann.create("contact", customer_id=team.customer_id, name="Lin")
    await team.ann.sync()
    line = await team.world.phone(team.ann.user_id)
    pushed = await line.push(Entry(1, Kind.patch, entity, record_id, values, {"note": 9}).raw())
    assert msgspec.msgpack.decode(pushed.outcomes[0])[2:5:2] == [code, field]
    await team.ann.sync()
    seen = team.ann.view(entity, record_id)
    assert getattr(seen, "note", None) == ""


async def test_equal_values_take_no_rev_and_no_place(team: Team) -> None:
    """P-102, P-403: a higher rev for a change, none for nothing."""
    revs = []
    for note in ("one", "one", "two"):
        team.ann.patch("customer", team.customer_id, note=note)
        before = await team.world.database.read(places, team.customer_id)
        await team.ann.sync()
        after = await team.world.database.read(places, team.customer_id)
        revs.append((team.ann.customer(team.customer_id).rev, after != before))
    assert [moved for _, moved in revs] == [True, False, True]
    assert revs[0][0] == revs[1][0] < revs[2][0]


async def test_the_history_tells_each_group_once(team: Team) -> None:
    """P-450."""
    team.ann.patch("customer", team.customer_id, phone="2", note="knock")
    team.bo.patch("customer", team.customer_id, city="Suzhou")
    await team.step()
    contact_id = team.bo.create("contact", customer_id=team.customer_id, name="Lin")
    team.bo.delete("contact", contact_id)
    assert words(await team.bo.sync()) == [("applied", None)] * 2
    found = await team.world.database.read(told, team.customer_id)
    assert found == [
        ("", "created", team.ann.user_id, {}, {}),
        ("note", "applied", team.ann.user_id, {"note": ""}, {"note": "knock"}),
        ("phone", "applied", team.ann.user_id, {"phone": "1"}, {"phone": "2"}),
        ("address", "merged", team.bo.user_id, {"city": "", "address": ""}, {"city": "Suzhou", "address": ""}),
    ]
    assert [decision for _, decision, *_ in await team.world.database.read(told, contact_id)] == ["created", "deleted"]


def told(conn: sa.Connection, record_id: bytes) -> list[tuple[str, str, bytes, dict[str, Any], dict[str, Any]]]:
    rows = conn.execute(sa.select(change).where(change.c.id == record_id).order_by(change.c.rev, change.c.group_name))
    decode = msgspec.msgpack.decode
    return [(row.group_name, row.decision, row.user_id, decode(row.before), decode(row.after)) for row in rows]


async def test_a_refusal_is_read_and_dismissed(team: Team) -> None:
    """P-501, P-507: a rejected entry stands in the inbox with what was entered, until its author has read it."""
    team.ann.create("customer", **{"name": "Shop", "extra.unknown": "x"})
    (outcome,) = said(await team.ann.sync())
    assert (outcome.result.name, outcome.code, outcome.field) == ("rejected", "custom_field_unknown", "extra.unknown")
    (item,) = team.ann.inbox()
    assert item.members[0].mine.items() >= {"name": "Shop", "extra.unknown": "x"}.items()
    team.ann.command("inbox_item", item.id, Dismiss())
    assert words(await team.ann.sync()) == [("applied", None)]
    assert team.ann.inbox()[0].state.name == "dismissed"
