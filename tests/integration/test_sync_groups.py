"""Atomic groups: whole or parked whole, never split, never in each other's way."""

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.rules import RULES
from server.models import RECORD_TABLES
from server.services import sync_push
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact
from shared_schema.records.inbox import ItemState, Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, OUTCOME_DECODER, Kind
from sync import device as reference
from sync import overlay
from sync.agreed.quotes import content_hash
from sync.device import Edit
from sync.state import State
from tests.world import Entry, Phone, Team, said, team_of, words

GOOD = ("applied", None)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def phone(team: Team) -> Phone:
    """A line of ann that has sent nothing yet."""
    return await team.world.phone(team.ann.user_id)


def quote(team: Team) -> Edit:
    return Edit(Kind.create, BY_NAME["quote"], next(team.world.ids), {"customer_id": team.customer_id, "currency": "CNY"})


def line(team: Team, quote_id: bytes, price_minor: int = 100) -> Edit:
    values: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
    values |= {"quantity_thousandths": 1000, "price_minor": price_minor}
    return Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), values)


def contact(team: Team, n: int, group: tuple[int, int, int]) -> bytes:
    return Entry(n, Kind.create, "contact", next(team.world.ids), {"customer_id": team.customer_id, "name": f"c{n}"}, {}, group).raw()


def results(pushed: sync_push.Pushed) -> list[tuple[str, str | None]]:
    return [(one.result.name, one.code) for one in map(OUTCOME_DECODER.decode, pushed.outcomes)]


def rows(conn: sa.Connection, entity: str) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(RECORD_TABLES[entity])).scalar_one())


async def test_a_whole_group_stands(team: Team) -> None:
    """P-303, P-304."""
    head = quote(team)
    team.ann.enter(head, line(team, head.id), line(team, head.id, 250))
    assert words(await team.ann.sync()) == [GOOD] * 3
    seen = team.ann.view("quote", head.id)
    assert isinstance(seen, Quote)
    assert seen.gross_minor == 350


async def test_one_bad_member_parks_the_whole_and_blocks_nobody(team: Team) -> None:
    """P-304, P-322."""
    head, other = quote(team), quote(team)
    team.ann.enter(head, line(team, head.id), line(team, next(team.world.ids)))  # the second line's quote never comes
    team.ann.enter(other)
    found = said(await team.ann.sync())
    assert [(one.result.name, one.code) for one in found] == [("parked", "rule_broken")] * 3 + [GOOD]
    assert len({one.item_id for one in found[:3]}) == 1
    (item,) = team.ann.inbox()
    assert [one.n for one in item.members] == [one.n for one in found[:3]]
    database = team.world.database
    assert (await database.read(rows, "quote"), await database.read(rows, "quote_line")) == (1, 0)


@pytest.mark.parametrize(
    "places",
    [
        [(1, 0, 3), (1, 1, 3)],  # incomplete
        [(1, 0, 2), (1, 0, 2)],  # the same index twice
        [(1, 1, 2), (1, 0, 2)],  # turned round
        [(2, 0, 2), (2, 1, 2)],  # another first number
        [(1, 0, 2), (1, 1, 3)],  # two counts
        [(1, 0, 2), (2, 0, 1)],  # a member that says it is alone
    ],
)
async def test_a_group_that_is_not_whole_is_refused_whole(team: Team, phone: Phone, places: list[tuple[int, int, int]]) -> None:
    """P-321."""
    pushed = await phone.push(*(contact(team, n, place) for n, place in enumerate(places, 1)), contact(team, 3, (3, 0, 1)))
    found = results(pushed)
    incomplete = ("rejected", "group_incomplete")
    expected = [incomplete, GOOD] if places[1] == (2, 0, 1) else [incomplete] * 2
    assert found == [*expected, GOOD]
    assert await team.world.database.read(rows, "contact") == len(found) - found.count(incomplete)
    await phone.sync()
    assert len(phone.inbox()) == found.count(incomplete)


async def test_a_group_never_spans_two_requests(team: Team, phone: Phone) -> None:
    """P-321."""
    raws = [contact(team, n, (1, n - 1, 2)) for n in (1, 2)]
    assert results(await phone.push(raws[0])) == [("rejected", "group_incomplete")]
    assert results(await phone.push(raws[1])) == [("rejected", "group_incomplete")]
    assert await team.world.database.read(rows, "contact") == 0


async def test_a_broken_envelope_refuses_its_group(team: Team, phone: Phone) -> None:
    """P-321, P-324."""
    broken = ENCODER.encode((2, (1, 1, 2), "?", 0, 0, 0, 0, 0))
    pushed = await phone.push(contact(team, 1, (1, 0, 2)), broken, contact(team, 3, (3, 0, 1)))
    assert [result for result, _ in results(pushed)] == ["rejected", "rejected", "applied"]
    assert await team.world.database.read(rows, "contact") == 1


async def test_later_entries_join_the_parked_create(team: Team) -> None:
    """P-505."""
    head = quote(team)
    team.ann.enter(head, line(team, bytes(16)))
    late = line(team, head.id)
    team.ann.enter(late)
    team.ann.patch("quote", head.id, title="spring")
    team.ann.patch("quote_line", late.id, note="joined itself")
    found = said(await team.ann.sync())
    assert [one.result.name for one in found] == ["parked"] * 5
    assert len({one.item_id for one in found}) == 1
    (item,) = team.ann.inbox()
    assert [(one.kind, one.mine.get("title")) for one in item.members[2:]] == [(1, None), (2, "spring"), (2, None)]


async def test_a_group_that_waits_for_a_parked_create_is_parked_whole(team: Team) -> None:
    """P-322, P-505."""
    head = quote(team)
    team.ann.enter(head, line(team, bytes(16)))
    team.ann.enter(
        Edit(Kind.create, BY_NAME["contact"], next(team.world.ids), {"customer_id": team.customer_id, "name": "x"}), line(team, head.id)
    )
    assert [one.result.name for one in said(await team.ann.sync())] == ["parked"] * 4
    assert [len(item.members) for item in team.ann.inbox()] == [2, 2]
    assert await team.world.database.read(rows, "contact") == 0


async def test_a_parked_group_is_judged_anew_when_the_customer_comes_back(team: Team) -> None:
    """Parked because the customer was with somebody else; it comes back, and so does the quote with its line and its title.

    P-505, P-511.
    """
    await team.move(team.bo)
    head = quote(team)
    added = line(team, head.id, 400)
    team.ann.enter(head, added)
    team.ann.patch("quote", head.id, title="spring")
    assert [one.result.name for one in said(await team.ann.sync())] == ["parked"] * 3
    await team.move(team.ann)
    await team.ann.sync()
    seen = team.ann.view("quote", head.id)
    assert isinstance(seen, Quote)
    assert (seen.title, seen.gross_minor) == ("spring", 400)
    assert [one.state for one in team.ann.inbox()] == [ItemState.judged_anew]


async def test_a_parked_group_takes_no_number(team: Team) -> None:
    """The counter of a group that is undone goes back with it: numbers have no gaps."""
    numbers = []
    for bad in (True, False):
        head = quote(team)
        added = line(team, head.id)
        team.ann.enter(head, added)
        shown = team.ann.view("quote", head.id)
        assert isinstance(shown, Quote)
        lines = [
            one for one in overlay.views(team.ann.shelf, BY_NAME["quote_line"]) if isinstance(one, QuoteLine) and one.quote_id == head.id
        ]
        submit = Edit(Kind.command, BY_NAME["quote"], head.id, command=ENCODER.encode(Submit(content_hash(shown, lines))))
        team.ann.enter(submit, *([line(team, bytes(16))] if bad else []))
        await team.ann.sync()
        stands = team.ann.view("quote", head.id)
        assert isinstance(stands, Quote)
        numbers.append(stands.number)
    assert numbers == ["", "Q2026-000001"]


async def test_a_server_exception_parks_the_whole_group(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-322, P-323."""

    def guard(state: State, entity: Entity, record: Record) -> None:
        if isinstance(record, Contact) and record.name == "Defect":
            raise ZeroDivisionError
        RULES.guard(state, entity, record)

    monkeypatch.setattr("server.services.sync_push.RULES", msgspec.structs.replace(RULES, guard=guard))
    values: dict[str, Value] = {"customer_id": team.customer_id}
    pair = [Edit(Kind.create, BY_NAME["contact"], next(team.world.ids), {**values, "name": name}) for name in ("Fine", "Defect")]
    team.ann.enter(*pair)
    team.ann.create("contact", customer_id=team.customer_id, name="After")
    answers = []
    for _ in range(8):
        request = team.ann.ask()
        try:
            answers.append(await team.ann.answer(request))
        except ZeroDivisionError:
            await team.world.database.write(sync_push.note_failure, team.ann.claims, request)
            continue
        assert reference.apply(team.ann.shelf, answers[-1])
        if not team.ann.ask().mutations:
            break
    assert words(answers) == [("parked", "server_error")] * 2 + [GOOD]
    assert await team.world.database.read(rows, "contact") == 1
    assert [[one.mine["name"] for one in item.members] for item in team.ann.inbox()] == [["Fine", "Defect"]]


async def test_a_command_that_waits_keeps_its_card_open(team: Team) -> None:
    """Use mine enters the quote again; the submit was of a screen that is gone: its author submits anew, and the card says so."""
    await team.move(team.bo)
    head = quote(team)
    team.ann.enter(head, line(team, head.id))
    team.ann.command("quote", head.id, Submit(bytes(32)))
    await team.ann.sync()
    await team.move(team.ann)
    await team.ann.sync()
    (card,) = team.ann.inbox()
    assert [one.kind for one in card.members] == [Kind.create, Kind.create, Kind.command]
    team.ann.use_mine(card)
    assert words(await team.ann.sync()) == [GOOD] * 2
    assert [one.state for one in team.ann.inbox()] == [ItemState.open]
