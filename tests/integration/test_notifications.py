"""Notices reach their reader's devices by sync, and no one else's; receipts and ends reach every device (D-901 to D-906)."""

import asyncio
from typing import Final

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.notifications import risen
from server.jobs.compact import retire_notices
from server.models import RECORD_TABLES, push
from server.services.notices import tell
from server.store import load
from shared_schema.policy import Lane
from shared_schema.records.notification import NoticeDelivered, NoticeOpened, NoticeSeen, Notification, NotificationState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from sync import receipts
from sync.rules import Actor
from sync.state import State
from tests.world import Phone, Team, team_of, words

NUMBER: Final = BY_NAME["notification"].number
TABLE: Final = RECORD_TABLES["notification"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def notices(phone: Phone) -> list[Notification]:
    found = [phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NUMBER)]
    return [one for one in found if isinstance(one, Notification)]


async def told(team: Team) -> Notification:
    """Bo gets the customer, and the phone has the notice."""
    await team.move(team.bo)
    await team.bo.sync()
    (one,) = notices(team.bo)
    return one


async def test_only_the_reader_holds_a_notice(team: Team) -> None:
    """D-901, D-906: the manager holds the reps' other scopes, and not their notices."""
    one = await told(team)
    assert (one.kind, one.user_id, one.state, one.subject_id) == ("assigned", team.bo.user_id, NotificationState.made, team.customer_id)
    assert one.facts == {"actor": "manager", "customer": "Corner Shop"}
    await team.manager.sync()
    await team.ann.sync()
    assert notices(team.manager) == []
    assert [each.kind for each in notices(team.ann)] == ["unassigned"]
    lanes = {page.lane for answer in [await team.bo.answer(team.bo.ask())] for page in answer.pages}
    assert Lane.notice not in lanes


async def test_the_device_says_by_itself_that_it_holds_a_notice(team: Team) -> None:
    """D-902, P-630. Once: an idle device says nothing more, on this phone and on the reader's other one."""
    one = await told(team)
    (receipt,) = receipts.due(team.bo.shelf)
    assert (receipt.id, receipts.due(team.ann.shelf)) == (one.id, [])
    team.bo.enter(receipt)
    assert receipts.due(team.bo.shelf) == []
    assert words(await team.bo.sync()) == [("applied", None)]
    (after,) = notices(team.bo)
    assert (after.state, after.delivered_ms) == (NotificationState.delivered, team.world.now_ms)
    second = await team.world.phone(team.bo.user_id)
    await second.sync()
    assert receipts.due(second.shelf) == receipts.due(team.bo.shelf) == []


async def test_a_receipt_of_somebody_else_is_refused_and_makes_no_card(team: Team) -> None:
    """P-630, D-902."""
    one = await told(team)
    team.ann.command("notification", one.id, NoticeSeen())
    assert words(await team.ann.sync()) == [("rejected", "out_of_scope")]
    assert team.ann.inbox() == []
    await team.bo.sync()
    assert [each.state for each in notices(team.bo)] == [NotificationState.made]


async def test_a_notice_ends_on_every_device_with_its_cause(team: Team) -> None:
    """D-904."""
    await told(team)
    other = await team.world.phone(team.bo.user_id)
    await other.sync()
    await team.move(team.ann)
    for phone in (team.bo, other):
        await phone.sync()
        assert {one.kind: one.state for one in notices(phone)}["assigned"] is NotificationState.done


async def test_receipts_and_an_end_at_once_lose_nothing(team: Team, database: Database) -> None:
    """D-902, D-904: the reader opens the notice on two phones while the manager moves the customer on; whatever comes first."""
    one = await told(team)
    other = await team.world.phone(team.bo.user_id)
    await other.sync()
    for turn in range(8):
        team.bo.command("notification", one.id, NoticeDelivered() if turn % 2 else NoticeSeen())
        other.command("notification", one.id, NoticeOpened())
        await asyncio.gather(team.bo.sync(), other.sync(), team.move(team.ann if turn % 2 == 0 else team.bo))
        await other.sync()
        found = await database.read(lambda conn: conn.execute(sa.select(TABLE).where(TABLE.c.id == one.id)).one())
        assert found.state == NotificationState.done
        assert None not in (found.opened_ms, found.done_ms, found.seen_ms)
        shown = next(each for each in notices(other) if each.id == one.id)
        assert (shown.state, shown.opened_ms, shown.seen_ms) == (found.state, found.opened_ms, found.seen_ms)


async def test_the_outbox_has_each_notice_once(team: Team, database: Database) -> None:
    """D-901."""
    await told(team)
    kept = await database.read(lambda conn: conn.execute(sa.select(push.c.user_id, push.c.state)).all())
    assert sorted(map(tuple, kept)) == sorted([(team.bo.user_id, "due"), (team.ann.user_id, "due")])


async def test_a_parked_edit_is_heard_until_it_is_decided(team: Team) -> None:
    """D-901, D-904: the notice names the customer, and ends with the card."""
    other = await team.world.phone(team.ann.user_id)
    await other.sync()
    team.ann.patch("customer", team.customer_id, phone="1-1")
    other.patch("customer", team.customer_id, phone="1-2")
    await team.ann.sync()
    assert words(await other.sync()) == [("parked", "conflict")]
    (one,) = notices(other)
    (card,) = other.inbox()
    assert (one.kind, one.subject_id, one.facts) == ("parked", card.id, {"record": "Corner Shop"})
    other.keep_theirs(card)
    await other.sync()
    assert [each.state for each in notices(other)] == [NotificationState.done]


async def test_a_notice_that_was_read_leaves_after_its_days(team: Team, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-907: one that nobody saw stays."""
    read = await told(team)
    await team.ann.sync()
    team.bo.command("notification", read.id, NoticeSeen())
    await team.bo.sync()
    for days, left in ((89, 0), (91, 1), (91, 0)):
        monkeypatch.setattr("server.chance.now_ms", lambda days=days: team.world.now_ms + days * 86_400_000)
        assert await retire_notices(database, 90) == left
    await team.bo.sync()
    await team.ann.sync()
    assert (notices(team.bo), [one.kind for one in notices(team.ann)]) == ([], ["unassigned"])
    fresh = await team.world.phone(team.bo.user_id)
    await fresh.sync()
    assert notices(fresh) == []


async def test_a_receipt_of_a_notice_that_left_meanwhile_brings_it_to_nobody(team: Team, database: Database) -> None:
    """D-907: it was read before the notice left, and is written after."""
    one = await told(team)

    def receipt_after_it_left(conn: sa.Connection) -> set[int]:
        state = State()
        load.by_ids(conn, state, team.world.org_id, BY_NAME["notification"], {one.id})
        state.write(risen(one, NotificationState.opened, team.world.now_ms))
        conn.execute(sa.delete(TABLE).where(TABLE.c.org_id == team.world.org_id, TABLE.c.id == one.id))
        tell(conn, Actor(team.world.org_id, team.bo.user_id, 1, Role.rep), state, team.world.now_ms)
        return {number for number, _ in state.touched}

    assert await database.write(receipt_after_it_left) == set()
