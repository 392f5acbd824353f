"""After a loss nothing is dropped: late edits stand beside the customer, go with it, and are judged anew when it returns."""

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.ownership import EXPIRE
from server.jobs.turn import due
from server.models import feed
from server.services import hand_over
from server.services.act import act, turn
from shared_schema.problem import Problem
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import Collaborate, Contact, GiveToPool, HandOverRequest
from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_sync_pools import pool_of
from tests.integration.test_sync_scopes import WHOLE_FAMILY, family, held, right
from tests.world import START_MS, Phone, Team, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def contributions(phone: Phone) -> list[Contribution]:
    """Those on the phone."""
    entity = BY_NAME["contribution"]
    return [entity.body_decoder.decode(body) for _, body in phone.shelf.rows(entity.number)]


def cards(phone: Phone) -> list[tuple[str, ItemState]]:
    return [(one.code, one.state) for one in phone.inbox()]


async def lost(team: Team) -> bytes:
    """A customer that Ann had on her phone and has lost to Bo without knowing."""
    customer_id = team.ann.create("customer", name="Lost", phone="1", note="old")
    await team.ann.sync()
    await team.move(team.bo, customer_id)
    await team.bo.sync()
    return customer_id


async def test_a_late_edit_stands_beside_the_customer(team: Team) -> None:
    """P-510, P-504: its author sees his own value, the new owner what was meant; the fact is taken as late."""
    customer_id = await lost(team)
    team.bo.patch("customer", customer_id, phone="bo's secret")
    await team.bo.sync()
    team.ann.patch("customer", customer_id, phone="2")
    team.ann.create("visit", customer_id=customer_id, device_ms=START_MS)
    assert words(await team.ann.sync()) == [("parked", "moved"), ("applied", None)]
    (card,) = team.ann.inbox()
    assert (card.members[0].mine, card.members[0].theirs, card.members[0].before) == ({"phone": "2"}, {}, {})
    assert contributions(team.ann) == []
    await team.bo.sync()
    (late,) = contributions(team.bo)
    assert (late.author_id, late.customer_id, late.state) == (team.ann.user_id, customer_id, ContributionState.open)
    assert [one.mine for one in late.members] == [{"phone": "2"}]
    team.ann.patch("customer", customer_id, phone="3")
    await team.ann.sync()
    await team.bo.sync()
    assert [[one.mine for one in each.members] for each in contributions(team.bo)] == [[{"phone": "2"}, {"phone": "3"}]]
    await right(team)


async def test_a_contribution_moves_with_its_customer_and_is_settled_once(team: Team) -> None:
    """P-510, D-130: no unseen byte of it stays with who had it in between."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, note="late word")
    await team.ann.sync()
    await team.bo.sync()
    await team.move(team.manager, customer_id)
    await team.bo.sync()
    await team.manager.sync()
    assert contributions(team.bo) == []
    (late,) = contributions(team.manager)
    team.manager.enter(
        Edit(Kind.patch, BY_NAME["customer"], customer_id, {"note": "late word"}),
        Edit(Kind.command, BY_NAME["contribution"], late.id, command=msgspec.msgpack.encode(Settle(taken=True))),
    )
    team.manager.command("contribution", late.id, Settle(taken=False))
    assert words(await team.manager.sync()) == [("applied", None), ("applied", None), ("parked", "state_wrong")]
    (late,) = contributions(team.manager)
    assert (late.state, late.decided_by_id) == (ContributionState.taken, team.manager.user_id)
    team.bo.command("contribution", late.id, Settle(taken=False))
    assert words(await team.bo.sync())[0][1] in {"moved", "out_of_scope"}
    assert cards(team.ann) == [("moved", ItemState.open)]


async def test_a_settled_contribution_opens_again_when_its_author_enters_more(team: Team) -> None:
    """D-130, P-510: nothing that he enters disappears behind a decision about something else."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, note="late word")
    await team.ann.sync()
    await team.bo.sync()
    (late,) = contributions(team.bo)
    team.bo.command("contribution", late.id, Settle(taken=False))
    assert words(await team.bo.sync()) == [("applied", None)]
    team.ann.patch("customer", customer_id, note="later word")
    await team.ann.sync()
    await team.bo.sync()
    (late,) = contributions(team.bo)
    assert (late.state, late.decided_by_id) == (ContributionState.open, None)
    assert [one.mine for one in late.members] == [{"note": "late word"}, {"note": "later word"}]


async def test_late_edits_of_a_pooled_customer_wait_for_who_claims_it(team: Team) -> None:
    """P-510, P-128: nobody holds them meanwhile, no scope has a byte of them."""
    customer_id = await lost(team)
    pool = await pool_of(team)
    await team.world.database.write(act, team.manager.claims, GiveToPool(customer_id, pool.id), team.world.now_ms)
    team.ann.patch("customer", customer_id, note="canary-late")
    await team.ann.sync()
    assert await team.world.database.read(_fed_as_contribution, team.world.org_id) == []
    await team.move(team.bo, customer_id)
    await team.bo.sync()
    assert [one.members[0].mine for one in contributions(team.bo)] == [{"note": "canary-late"}]
    await right(team)


def _fed_as_contribution(conn: sa.Connection, org_id: int) -> list[bytes]:
    where = (feed.c.org_id == org_id, feed.c.entity == BY_NAME["contribution"].number, feed.c.gone == 0)
    return list(conn.execute(sa.select(feed.c.body).where(*where)).scalars())


async def test_when_the_customer_returns_late_edits_are_judged_anew(team: Team) -> None:
    """P-511: what nobody touched meanwhile is taken, what somebody wrote is a conflict with a new card, of which nothing is lost."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, phone="2")
    team.ann.patch("customer", customer_id, note="mine")
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Ms Lin")
    await team.ann.sync()
    team.bo.patch("customer", customer_id, phone="9")
    await team.bo.sync()
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    standing = team.ann.customer(customer_id)
    assert (standing.phone, standing.note) == ("9", "mine")
    assert isinstance(team.ann.view("contact", contact_id), Contact)
    assert sorted(cards(team.ann)) == [("conflict", ItemState.open), ("moved", ItemState.judged_anew), ("moved", ItemState.judged_anew)]
    fresh = next(one for one in team.ann.inbox() if one.state == ItemState.open)
    assert (fresh.members[0].mine, fresh.members[0].theirs, fresh.members[0].before) == ({"phone": "2"}, {"phone": "9"}, {"phone": "1"})
    assert {one.state for one in contributions(team.ann)} == {ContributionState.returned}
    await team.move(team.bo, customer_id)
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert min(cards(team.ann)) == ("conflict", ItemState.open)
    await right(team)


async def test_lost_again_and_returned_again(team: Team) -> None:
    """P-511: a card that was opened anew may wait anew; each has an id of its own."""
    customer_id = await lost(team)
    for value in ("2", "3", "4"):
        team.ann.patch("customer", customer_id, phone=value)
        await team.ann.sync()
        await team.move(team.ann, customer_id)
        await team.move(team.bo, customer_id)
    await team.ann.sync()
    states = [one.state for one in team.ann.inbox()]
    assert states == [ItemState.judged_anew] * 3
    await team.bo.sync()
    assert team.bo.customer(customer_id).phone == "4"


async def test_a_collaboration_ends_in_time(team: Team) -> None:
    """D-108: by the server's clock alone; what comes late then is a contribution."""
    customer_id = await family(team, team.ann)
    until_ms = team.world.now_ms + 60_000
    asked = Collaborate(customer_id, team.bo.user_id, until_ms)
    await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    past = Collaborate(customer_id, team.manager.user_id, 5)
    with pytest.raises(Problem, match="lies in the future"):
        await team.world.database.write(act, team.manager.claims, past, team.world.now_ms)
    await team.bo.sync()
    (over,) = await team.world.database.read(due, team.world.org_id, EXPIRE, until_ms)
    assert not await team.world.database.write(turn, team.world.org_id, EXPIRE, over.id, until_ms - 1)
    assert held(team.bo, customer_id) == WHOLE_FAMILY
    team.bo.patch("customer", customer_id, note="late")
    assert await team.world.database.read(due, team.world.org_id, EXPIRE, until_ms - 1) == []
    assert await team.world.database.write(turn, team.world.org_id, EXPIRE, over.id, until_ms)
    assert not await team.world.database.write(turn, team.world.org_id, EXPIRE, over.id, until_ms)
    assert words(await team.bo.sync()) == [("parked", "moved")]
    assert held(team.bo, customer_id) == {}
    await team.ann.sync()
    assert len(contributions(team.ann)) == 1
    await right(team)


async def test_a_leaver_is_handed_over_customer_by_customer(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-109: what he owns goes, his collaborations end, asked again it goes on; a stranger's leaver is nobody's."""
    monkeypatch.setattr(hand_over, "CUSTOMERS_MAX", 2)
    mine = [await family(team, team.ann) for _ in range(3)]
    shared = await family(team, team.bo)
    await team.collaborate(team.ann, shared)
    await team.step()
    asked = HandOverRequest(to_user_id=team.bo.user_id, reason="leaves")
    done = [await hand_over.all_of(team.world.database, team.manager.claims, team.ann.user_id, asked, team.world.now_ms) for _ in range(2)]
    assert [(one.customers, one.collaborations, one.more) for one in done] == [(2, 1, True), (2, 0, False)]
    await team.step()
    for customer_id in (*mine, shared):
        assert (held(team.ann, customer_id), held(team.bo, customer_id)) == ({}, WHOLE_FAMILY)
    await right(team)
    stranger = await team.world.phone(await team.world.user("stranger", Role.manager))
    await team.world.database.write(_alone, stranger.user_id)
    with pytest.raises(Problem, match="not a user of yours"):
        await hand_over.all_of(team.world.database, stranger.claims, team.bo.user_id, asked, team.world.now_ms)


def _alone(conn: sa.Connection, user_id: bytes) -> None:
    conn.execute(sa.text("UPDATE person SET department_id = NULL WHERE id = :id"), {"id": user_id})


async def test_a_group_over_two_customers_shows_each_owner_his_own_part(team: Team) -> None:
    """P-510, P-511: nothing of a customer of Ann's reaches Bo; and the card stays open when one of the two returns."""
    theirs, hers = await lost(team), team.ann.create("customer", name="Hers")
    await team.ann.sync()
    customer = BY_NAME["customer"]
    team.ann.enter(Edit(Kind.patch, customer, theirs, {"note": "for Bo"}), Edit(Kind.patch, customer, hers, {"note": "hers alone"}))
    assert set(words(await team.ann.sync())) == {("parked", "moved")}
    await team.bo.sync()
    (late,) = contributions(team.bo)
    assert [one.mine for one in late.members] == [{"note": "for Bo"}]
    await team.move(team.ann, theirs)
    await team.ann.sync()
    (card,) = team.ann.inbox()
    assert card.state == ItemState.open


async def test_a_group_over_a_record_whose_creation_waits_belongs_to_its_customer(team: Team) -> None:
    """P-510, P-511: all of it stands beside the customer, and all of it is carried out when the customer returns."""
    customer_id = await lost(team)
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Ms Lin")
    customer, contact = BY_NAME["customer"], BY_NAME["contact"]
    team.ann.enter(Edit(Kind.patch, customer, customer_id, {"note": "hers"}), Edit(Kind.patch, contact, contact_id, {"note": "hers too"}))
    await team.ann.sync()
    await team.bo.sync()
    assert {tuple(one.mine.get("note", "") for one in late.members) for late in contributions(team.bo)} == {("",), ("hers", "hers too")}
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert cards(team.ann) == [("moved", ItemState.judged_anew)] * 2
    shown = team.ann.view("contact", contact_id)
    assert isinstance(shown, Contact)
    assert shown.note == "hers too"
