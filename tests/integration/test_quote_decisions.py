"""Quotes are decided at the desk and by phone, revised offline, and everybody sees the same."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.quotes import LOOK
from server.models import RECORD_TABLES, change
from server.services import records
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Approve, DecideQuote, Quote, QuoteLine, QuoteShown, QuoteStatus, Reject, Revise, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync import overlay
from sync.agreed.quotes import content_hash, copied_id
from sync.device import Edit
from tests.integration.site import site
from tests.world import Phone, Team, team_of, words

NOTIFICATION = RECORD_TABLES["notification"]

APPLIED = ("applied", None)
QUOTE = BY_NAME["quote"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def lines_of(phone: Phone, quote_id: bytes) -> list[QuoteLine]:
    found = overlay.views(phone.shelf, BY_NAME["quote_line"])
    return [line for line in found if isinstance(line, QuoteLine) and line.quote_id == quote_id]


def quote_on(phone: Phone, quote_id: bytes) -> Quote:
    found = phone.view("quote", quote_id)
    assert isinstance(found, Quote)
    return found


def hash_on(phone: Phone, quote_id: bytes) -> bytes:
    return content_hash(quote_on(phone, quote_id), lines_of(phone, quote_id))


async def submitted(team: Team) -> bytes:
    """A quote of Ann's with two lines, submitted, everybody in step."""
    quote_id = next(team.world.ids)
    header: dict[str, Value] = {"customer_id": team.customer_id, "currency": "CNY", "title": "Spring"}
    edits = [Edit(Kind.create, QUOTE, quote_id, header)]
    for price in (100, 200):
        values: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
        amount: dict[str, Value] = {"quantity_thousandths": 1_000, "price_minor": price, "position": str(price)}
        edits.append(Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), {**values, **amount}))
    team.ann.enter(*edits)
    await team.step()
    team.ann.command("quote", quote_id, Submit(hash_on(team.ann, quote_id)))
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    return quote_id


async def look(team: Team, quote_id: bytes, who: Phone | None = None) -> QuoteShown:
    return await team.world.database.read(records.look, (who or team.manager).claims, LOOK, quote_id, team.world.now_ms)


async def decide(team: Team, quote_id: bytes, decision: str, seen: QuoteShown, who: Phone | None = None) -> QuoteShown | str:
    """The decided quote, or the code of the refusal."""
    asked = msgspec.convert(
        {"quote_id": quote_id, "decision": decision, "content_hash": seen.content_hash, "note": "as agreed"}, DecideQuote
    )
    try:
        return await team.world.database.write(act, (who or team.manager).claims, asked, team.world.now_ms)
    except Problem as problem:
        return problem.code.word


async def approved(team: Team) -> bytes:
    quote_id = await submitted(team)
    assert isinstance(await decide(team, quote_id, "approve", await look(team, quote_id)), QuoteShown)
    await team.step()
    return quote_id


def told(conn: sa.Connection, user_id: bytes) -> list[tuple[str, dict[str, str]]]:
    rows = conn.execute(
        sa.select(NOTIFICATION).where(NOTIFICATION.c.user_id == user_id).order_by(NOTIFICATION.c.made_ms, NOTIFICATION.c.kind)
    )
    return [(row.kind, msgspec.msgpack.decode(row.facts)) for row in rows if row.kind.startswith("quote")]


def decisions(conn: sa.Connection, record_id: bytes) -> list[tuple[str, int | None]]:
    rows = conn.execute(sa.select(change).where(change.c.id == record_id).order_by(change.c.rev, change.c.group_name))
    return [(row.decision, row.line_no) for row in rows]


async def test_a_manager_decides_at_the_desk_and_the_phones_see_it(team: Team) -> None:
    """D-321, D-322, D-326. The desk names no device line."""
    quote_id = await submitted(team)
    seen = await look(team, quote_id)
    assert (seen.content_hash, len(seen.lines)) == (hash_on(team.ann, quote_id), 2)
    decided = await decide(team, quote_id, "approve", seen)
    assert isinstance(decided, QuoteShown)
    assert decided.content_hash == seen.content_hash
    await team.step()
    for phone in (team.ann, team.bo):
        quote = quote_on(phone, quote_id)
        assert (quote.status, quote.decided_by_id, quote.decision_note) == (QuoteStatus.approved, team.manager.user_id, "as agreed")
    facts = {"number": quote_on(team.ann, quote_id).number, "customer": "Corner Shop", "note": "as agreed"}
    assert await team.world.database.read(told, team.ann.user_id) == [("quote_approved", facts)]
    assert await team.world.database.read(told, team.bo.user_id) == []
    assert (await team.world.database.read(decisions, quote_id))[-1] == ("approve", 0)


async def test_of_two_decisions_the_first_stands(team: Team) -> None:
    """D-320. Both managers had the same screen; the second hears what stands by now."""
    quote_id = await submitted(team)
    other = await team.world.phone(await team.world.user("other boss", Role.manager))
    seen = await look(team, quote_id)
    answers = await asyncio.gather(
        *(decide(team, quote_id, what, seen, who) for what, who in (("approve", other), ("reject", team.manager)))
    )
    assert sorted(one if isinstance(one, str) else "" for one in answers) == ["", "state_wrong"]
    winner = next(one for one in answers if isinstance(one, QuoteShown))
    assert (await look(team, quote_id)).quote == winner.quote


async def test_who_may_not_decide_is_refused(team: Team) -> None:
    """D-321, D-491, P-424."""
    quote_id = await submitted(team)
    seen = await look(team, quote_id)
    elsewhere = await team.world.phone(await team.world.user("admin", Role.admin))
    assert await decide(team, quote_id, "approve", seen, team.ann) == "forbidden"
    assert await decide(team, quote_id, "approve", seen, elsewhere) == "forbidden"
    assert await decide(team, next(team.world.ids), "approve", seen) == "out_of_scope"
    stale = msgspec.structs.replace(seen, content_hash=bytes(32))
    assert await decide(team, quote_id, "approve", stale) == "content_changed"
    assert (await look(team, quote_id)).quote == seen.quote
    team.ann.command("quote", quote_id, Approve(seen.content_hash))
    assert words(await team.ann.sync()) == [("rejected", "forbidden")]


async def test_a_decision_about_a_deleted_draft_is_gone(team: Team) -> None:
    """P-422: at the desk as by phone, a quote of the manager's reps that was deleted is not one that nobody knows."""
    quote_id = team.ann.create("quote", customer_id=team.customer_id, currency="CNY", title="Draft")
    await team.step()
    seen = await look(team, quote_id)
    team.ann.delete("quote", quote_id)
    assert words(await team.ann.sync()) == [APPLIED]
    assert await decide(team, quote_id, "approve", seen) == "gone"


async def test_a_quote_is_shown_with_its_lines_in_order(team: Team) -> None:
    """D-310: by position, then id, as their hash takes them; the line that was entered first stands last."""
    quote_id = team.ann.create("quote", customer_id=team.customer_id, currency="CNY")
    line: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
    amount: dict[str, Value] = {"quantity_thousandths": 1_000, "price_minor": 5}
    line_ids = [team.ann.create("quote_line", **line, **amount, position=place) for place in "caab"]
    await team.step()
    last, first, second, third = line_ids
    assert [line.id for line in (await look(team, quote_id)).lines] == [first, second, third, last]


async def test_a_managers_own_quote_is_decided_by_another(team: Team) -> None:
    """D-321. As soon as there is one above him; the second manager of a department is above the first."""
    customer_id = team.manager.create("customer", name="Mine")
    quote_id = team.manager.create("quote", customer_id=customer_id, currency="CNY")
    amount: dict[str, Value] = {"product_id": bytes(16), "unit": "box", "quantity_thousandths": 1_000, "price_minor": 5}
    team.manager.enter(
        Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), {"customer_id": customer_id, "quote_id": quote_id, **amount})
    )
    await team.manager.sync()
    team.manager.command("quote", quote_id, Submit(hash_on(team.manager, quote_id)))
    await team.manager.sync()
    other = await team.world.phone(await team.world.user("other boss", Role.manager))
    seen = await look(team, quote_id)
    assert await decide(team, quote_id, "approve", seen) == "forbidden"
    assert isinstance(await decide(team, quote_id, "return_quote", seen, other), QuoteShown)
    assert await team.world.database.read(told, team.manager.user_id) != []


async def test_a_manager_without_one_above_decides_about_his_own(team: Team) -> None:
    """D-321."""
    customer_id = team.manager.create("customer", name="Mine")
    quote_id = team.manager.create("quote", customer_id=customer_id, currency="CNY")
    amount: dict[str, Value] = {"product_id": bytes(16), "unit": "box", "quantity_thousandths": 1_000, "price_minor": 5}
    line: dict[str, Value] = {"customer_id": customer_id, "quote_id": quote_id, **amount}
    team.manager.enter(Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), line))
    await team.manager.sync()
    team.manager.command("quote", quote_id, Submit(hash_on(team.manager, quote_id)))
    team.manager.command("quote", quote_id, Approve(hash_on(team.manager, quote_id)))
    assert words(await team.manager.sync()) == [APPLIED, APPLIED]
    assert quote_on(team.manager, quote_id).status is QuoteStatus.approved


async def test_an_edit_of_an_approved_quote_waits_with_its_author(team: Team) -> None:
    """D-323. Bo was offline while it was approved: what he entered stands in his inbox, the quote as it was."""
    quote_id = await submitted(team)
    (first, _) = lines_of(team.bo, quote_id)
    assert isinstance(await decide(team, quote_id, "approve", await look(team, quote_id)), QuoteShown)
    before = await look(team, quote_id)
    team.bo.patch("quote", quote_id, title="Cheaper")
    team.bo.patch("quote_line", first.id, note="half price")
    team.bo.delete("quote_line", first.id)
    team.bo.delete("quote", quote_id)
    codes = [("parked", "state_wrong")] * 3 + [("parked", "rule_broken")]
    assert words(await team.bo.sync()) == codes
    assert await look(team, quote_id) == before
    assert {"title": "Cheaper"} in [item.members[0].mine for item in team.bo.inbox()]


async def test_a_returned_quote_goes_round_again(team: Team) -> None:
    """D-311, D-322, D-326. Twice on one day, and each time the author hears."""
    quote_id = await submitted(team)
    number = quote_on(team.ann, quote_id).number
    for title in ("Cheaper", "Cheapest"):
        assert isinstance(await decide(team, quote_id, "return_quote", await look(team, quote_id)), QuoteShown)
        await team.ann.sync()
        team.ann.patch("quote", quote_id, title=title)
        await team.ann.sync()
        team.ann.command("quote", quote_id, Submit(hash_on(team.ann, quote_id), QuoteStatus.returned))
        assert words(await team.ann.sync()) == [APPLIED]
    assert (quote_on(team.ann, quote_id).number, quote_on(team.ann, quote_id).status) == (number, QuoteStatus.submitted)
    assert [kind for kind, _ in await team.world.database.read(told, team.ann.user_id)] == ["quote_returned"] * 2


async def test_a_revision_is_made_and_edited_offline_and_supersedes(team: Team) -> None:
    """D-324, D-325. In one atomic group: the revision, and an edit of a copy whose id the phone works out itself."""
    quote_id = await approved(team)
    new_id = next(team.world.ids)
    (first, second) = lines_of(team.ann, quote_id)
    copy = copied_id(new_id, first.id)
    line = {slot: getattr(first, slot) for slot in BY_NAME["quote_line"].groups["line"]}
    team.ann.enter(
        Edit(Kind.command, QUOTE, quote_id, command=ENCODER.encode(Revise(new_id, hash_on(team.ann, quote_id)))),
        Edit(Kind.patch, BY_NAME["quote_line"], copy, {**line, "price_minor": 90}),
    )
    assert words(await team.ann.sync()) == [APPLIED, APPLIED]
    await team.step()
    for phone in (team.ann, team.bo):
        new = quote_on(phone, new_id)
        assert (new.revises_id, new.revision, new.status, new.gross_minor) == (quote_id, 2, QuoteStatus.draft, 290)
        assert {line.id for line in lines_of(phone, new_id)} == {copy, copied_id(new_id, second.id)}
        assert quote_on(phone, quote_id).status is QuoteStatus.approved
    team.ann.command("quote", new_id, Submit(hash_on(team.ann, new_id)))
    await team.ann.sync()
    team.manager.command("quote", new_id, Approve((await look(team, new_id)).content_hash))
    assert words(await team.manager.sync()) == [APPLIED]
    await team.step()
    assert [quote_on(team.bo, one).status for one in (quote_id, new_id)] == [QuoteStatus.superseded, QuoteStatus.approved]
    told = await team.world.database.read(records.timeline, team.ann.claims, records.Since(0), team.world.now_ms)
    happened = Counter((one.what, one.id) for one in told if one.what in ("revise", "approve", "superseded", "submit"))
    expected = {
        ("submit", quote_id),
        ("approve", quote_id),
        ("revise", new_id),
        ("submit", new_id),
        ("approve", new_id),
        ("superseded", quote_id),
    }
    assert happened == dict.fromkeys(expected, 1), "each happening once, whatever it moved"


async def test_a_revision_sent_again_under_a_new_line_is_known(team: Team) -> None:
    """D-324, P-312. And the id of anything else is refused, also where only a copy's id is in use."""
    quote_id = await approved(team)
    new_id = next(team.world.ids)
    revise = Revise(new_id, hash_on(team.ann, quote_id))
    team.ann.command("quote", quote_id, revise)
    assert words(await team.ann.sync()) == [APPLIED]
    again = await team.world.phone(team.ann.user_id)
    again.command("quote", quote_id, revise)
    again.command("quote", quote_id, Revise(quote_id, revise.content_hash))
    other_id = next(team.world.ids)
    line: dict[str, Value] = {
        "customer_id": team.customer_id,
        "quote_id": new_id,
        "product_id": bytes(16),
        "unit": "x",
        "quantity_thousandths": 1_000,
    }
    taken = copied_id(other_id, lines_of(team.ann, quote_id)[0].id)
    again.enter(Edit(Kind.create, BY_NAME["quote_line"], taken, {**line, "price_minor": 1}))
    again.command("quote", quote_id, Revise(other_id, revise.content_hash))
    assert words(await again.sync()) == [("duplicate", None), ("rejected", "id_taken"), APPLIED, ("rejected", "id_taken")]
    assert (len(lines_of(again, new_id)), again.view("quote", other_id)) == (3, None)


async def test_a_revision_whose_lines_were_given_before_is_refused(team: Team) -> None:
    """P-320: a line that came in an earlier sync has the id of a copy."""
    quote_id = await approved(team)
    new_id, draft_id = next(team.world.ids), team.ann.create("quote", customer_id=team.customer_id, currency="CNY", title="Other")
    first = lines_of(team.ann, quote_id)[0]
    line: dict[str, Value] = {slot: getattr(first, slot) for slot in BY_NAME["quote_line"].groups["line"]}
    named: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": draft_id}
    team.ann.enter(Edit(Kind.create, BY_NAME["quote_line"], copied_id(new_id, first.id), {**line, **named}))
    assert words(await team.ann.sync()) == [APPLIED] * 2
    team.ann.command("quote", quote_id, Revise(new_id, hash_on(team.ann, quote_id)))
    assert words(await team.ann.sync()) == [("rejected", "id_taken")]


async def test_a_revision_whose_draft_was_deleted_is_gone(team: Team) -> None:
    """D-324, P-422."""
    quote_id = await approved(team)
    new_id = next(team.world.ids)
    revise = Revise(new_id, hash_on(team.ann, quote_id))
    team.ann.command("quote", quote_id, revise)
    await team.ann.sync()
    for line in lines_of(team.ann, new_id):
        team.ann.delete("quote_line", line.id)
    team.ann.delete("quote", new_id)
    team.ann.command("quote", quote_id, revise)
    assert words(await team.ann.sync()) == [APPLIED] * 3 + [("parked", "gone")]
    team.ann.command("quote", quote_id, Reject(revise.content_hash))
    assert words(await team.ann.sync()) == [("rejected", "forbidden")]


def mutation(n: int, kind: int, entity: int, record_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """One mutation on the JSON twin."""
    place = {"first_n": n, "index": 0, "count": 1}
    return {"n": n, "group": place, "kind": kind, "entity": entity, "id": record_id, "bases": {}, "body": body, "device_ms": 1}


def test_a_decision_over_http_speaks_json(migrated_url: str) -> None:
    """D-321. What the desk's page does: read the quote with its hash, decide, and hear why not."""
    with site(migrated_url) as here:
        boss = here.admin()
        department = boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        for name, role in (("ann", Role.rep), ("mia", Role.manager)):
            here.user(boss, name, role, department_id=department)
        ann, mia = here.caller("alpha", "ann"), here.caller("alpha", "mia")
        assert [who.log_in().status_code for who in (ann, mia)] == [200, 200]
        ids = [str(uuid.UUID(int=number + (7 << 76) + (2 << 62))) for number in range(1, 4)]
        bodies: tuple[tuple[int, dict[str, Any]], ...] = (
            (1, {"name": "Shop"}),
            (6, {"customer_id": ids[0], "currency": "CNY"}),
            (
                7,
                {"customer_id": ids[0], "quote_id": ids[1], "product_id": ids[0], "unit": "x", "quantity_thousandths": 1, "price_minor": 9},
            ),
        )
        entered = [mutation(n, 1, entity, ids[n - 1], body) for n, (entity, body) in enumerate(bodies, 1)]
        asked = {"protocol": 1, "schema": 1, "app": "t", "cursor": "", "acked_n": 0, "device_ms": 1}
        assert [one["result"] for one in ann.post("/v1/sync", {**asked, "mutations": entered}).json()["outcomes"]] == [1, 1, 1]
        seen = mia.get(f"/v1/quotes/{ids[1]}").json()
        assert (seen["quote"]["status"], [line["price_minor"] for line in seen["lines"]]) == (1, [9])
        verdict = {"decision": "approve", "content_hash": seen["content_hash"], "note": "fine"}
        early = mia.post(f"/v1/quotes/{ids[1]}/decisions", verdict)
        assert (early.status_code, early.json()["code"], early.json()["detail"]) == (409, "state_wrong", "the quote is draft by now")
        submit = {"command": "submit", "content_hash": seen["content_hash"], "expected": 1}
        assert ann.post("/v1/sync", {**asked, "mutations": [mutation(4, 4, 6, ids[1], submit)]}).json()["outcomes"][0]["result"] == 1
        assert mia.post(f"/v1/quotes/{ids[1]}/decisions", {**verdict, "note": "a\u0000"}).json()["code"] == "text_unclean"
        assert mia.post(f"/v1/quotes/{ids[1]}/decisions", {**verdict, "decision": "submit"}).status_code == 422
        decided = mia.post(f"/v1/quotes/{ids[1]}/decisions", verdict)
        assert (decided.status_code, decided.json()["quote"]["status"], decided.json()["quote"]["decision_note"]) == (200, 3, "fine")
        assert ann.get(f"/v1/quotes/{ids[1]}").json() == decided.json()
        assert ann.post(f"/v1/quotes/{ids[1]}/decisions", verdict).json()["code"] == "forbidden"
