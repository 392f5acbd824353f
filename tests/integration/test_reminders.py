"""Reminders come at their moment in the reader's zone, once, and end with their cause on every device (D-921 to D-924)."""

import asyncio
from datetime import date
from typing import Final

import pytest
import sqlalchemy as sa
from msgspec import structs

from server.database import Database
from server.domain.dues import REMINDERS
from server.domain.festivals import of_year
from server.domain.local_times import DAY_MS, EPOCH
from server.domain.reminder import Occasion
from server.jobs.remind import run
from server.models import RECORD_TABLES, due
from server.services import tables
from server.services.act import act
from server.store import load
from shared_schema.problem import Problem
from shared_schema.records.customer import Collaborate, EndCollaboration, FollowUp
from shared_schema.records.inbox import Value
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.quote import DecideQuote, Quote, QuoteLine, Submit
from shared_schema.records.reference import OrganisationRequest, Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync import receipts
from sync.agreed.quotes import content_hash
from sync.device import Edit
from sync.rules import Actor
from sync.state import State
from tests.world import START_MS, Phone, Team, team_of, words

NUMBER: Final = BY_NAME["notification"].number
TODAY: Final = START_MS // DAY_MS


def at(text: str, days: int = 0) -> int:
    """A moment in ms of UTC: hours and minutes of the day on which the world begins, or of another."""
    hour, minute = map(int, text.split(":"))
    return (TODAY + days) * DAY_MS + (hour * 60 + minute) * 60_000


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    made = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: made.world.now_ms)
    return made


async def tick(team: Team, at_ms: int) -> None:
    """The scheduler's turn at a moment: three times over, as after a crash or beside another worker."""
    team.world.now_ms = at_ms
    for _ in range(3):
        await run(team.world.database)


async def every(phone: Phone) -> list[Notification]:
    """The reminders on the phone, in order."""
    await phone.sync()
    found = [phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NUMBER)]
    ours = (one for one in found if isinstance(one, Notification) and one.kind.startswith("follow_up"))
    return sorted(ours, key=lambda one: one.made_ms)


async def told(phone: Phone) -> list[tuple[str, str]]:
    """(kind, facts: days) of each that is not done."""
    return [(one.kind, one.facts["days"]) for one in await every(phone) if one.state != NotificationState.done]


async def plan(team: Team, days: int, phone: Phone | None = None) -> bytes:
    """Ann plans a follow-up at her customer."""
    phone = phone if phone is not None else team.ann
    made = phone.create("follow_up", customer_id=team.customer_id, due_day=TODAY + days, purpose="Samples")
    await phone.sync()
    return made


async def rows(team: Team) -> list[tuple[str, int]]:
    found = await team.world.database.read(lambda conn: conn.execute(sa.select(due.c.rule, due.c.at_ms).order_by(due.c.at_ms)).all())
    return [(row[0], row[1]) for row in found if row[0] == "follow_up"]


async def test_a_follow_up_reminds_at_each_of_its_moments(team: Team) -> None:
    """D-921, D-922, D-923: in Shanghai, UTC+8; three turns over the same minute tell once."""
    await plan(team, 2)
    for moment, expected in (
        (at("09:59", 1), []),
        (at("10:00", 1), [("follow_up_tomorrow", "0")]),
        (at("23:59", 1), [("follow_up_tomorrow", "0")]),
        (at("00:00", 2), [("follow_up_tomorrow", "0"), ("follow_up_today", "0")]),
        (at("00:00", 3), [("follow_up_overdue", "1")]),
        (at("00:00", 5), [("follow_up_overdue", "3")]),
        (at("00:00", 9), [("follow_up_at_risk", "7")]),
    ):
        await tick(team, moment)
        heard = await told(team.ann)
        assert heard[-len(expected) :] == expected if expected else heard == []
    assert len(await told(team.ann)) == 5
    assert await told(team.manager) == [("follow_up_overdue_below", "3"), ("follow_up_at_risk_below", "7")]
    assert await rows(team) == []


async def test_another_follower_ends_what_the_manager_heard_of_the_one_before(team: Team) -> None:
    """D-923: it names a rep who has nothing to do with the customer any more, and may be another manager's by now."""
    await plan(team, 2)
    await tick(team, at("00:00", 5))
    assert await told(team.manager) == [("follow_up_overdue_below", "3")]
    await team.move(team.bo)
    assert await told(team.manager) == []
    await tick(team, at("00:00", 9))
    [last] = [one for one in await every(team.manager) if one.state != NotificationState.done]
    assert (last.kind, last.facts["rep"]) == ("follow_up_at_risk_below", "bo")


async def test_a_plan_of_the_past_is_told_from_its_next_moment_on(team: Team) -> None:
    """D-922: what a rep enters at noon for today does not ring at once."""
    team.world.now_ms = at("04:00", 1)
    await plan(team, 1)
    await tick(team, at("04:00", 1))
    assert await told(team.ann) == []
    await tick(team, at("23:59", 1))
    assert await told(team.ann) == []
    await tick(team, at("00:00", 2))
    assert await told(team.ann) == [("follow_up_overdue", "1")]


async def test_a_contact_completes_a_follow_up_and_its_notice_ends(team: Team) -> None:
    """D-924, D-904: also one that was made offline before the notice, and arrives after it; one of the day before completes nothing."""
    follow_up_id = await plan(team, 2)
    team.world.now_ms = at("15:59", 1)  # 23:59 in Shanghai
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await team.ann.sync()
    team.world.now_ms = at("23:00", 1)
    await team.bo.sync()
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await tick(team, at("00:00", 2))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_today"]
    await team.bo.sync()
    assert await told(team.ann) == []
    done = team.ann.view("follow_up", follow_up_id)
    assert isinstance(done, FollowUp)
    assert done.done
    await tick(team, at("00:00", 9))
    assert await told(team.ann) == [] == await told(team.manager)
    assert await rows(team) == []


async def test_an_organisation_may_want_follow_ups_to_be_ticked_off(team: Team) -> None:
    """D-924: then a contact completes none."""
    organisation = BY_NAME["organisation"]
    await team.world.database.write(lambda conn: conn.execute(sa.update(RECORD_TABLES[organisation.name]).values(follow_up_by_visit=False)))
    follow_up_id = await plan(team, 0)
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await team.ann.sync()
    left = team.ann.view("follow_up", follow_up_id)
    assert isinstance(left, FollowUp)
    assert not left.done


async def test_another_day_ends_the_notice_and_is_told_on_its_own(team: Team) -> None:
    """D-923: a notice of an older plan is over."""
    follow_up_id = await plan(team, 2)
    await tick(team, at("00:00", 2))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_today"]
    team.ann.patch("follow_up", follow_up_id, due_day=TODAY + 4)
    await team.ann.sync()
    assert await told(team.ann) == []
    await tick(team, at("10:00", 3))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow"]


async def test_a_nearer_day_is_told_in_time(team: Team) -> None:
    """D-921, D-923."""
    follow_up_id = await plan(team, 9)
    await tick(team, at("00:00", 1))
    team.ann.patch("follow_up", follow_up_id, due_day=TODAY + 2)
    await team.ann.sync()
    await tick(team, at("10:00", 1))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow"]


async def test_a_new_owner_in_the_east_is_reminded_in_time(team: Team) -> None:
    """D-921, D-923: the old owner's next moment is half a day later."""
    await set_zone(team.ann, "America/New_York")
    await set_zone(team.bo, "Asia/Tokyo")
    await team.part(team.bo)
    await plan(team, 2)
    await tick(team, at("22:00", 1))  # 18:00 in New York
    await team.move(team.bo)
    await tick(team, at("23:00", 1))  # 08:00 in Tokyo
    assert [kind for kind, _ in await told(team.bo)] == ["follow_up_today"]


async def test_reminders_go_on_to_the_new_owner(team: Team) -> None:
    """D-923: the old owner's notices end, the new owner hears from the next moment on."""
    await team.part(team.bo)
    await plan(team, 2)
    await tick(team, at("00:00", 2))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_today"]
    await team.move(team.bo)
    assert await told(team.ann) == []
    await tick(team, at("00:00", 3))
    assert await told(team.ann) == []
    assert await told(team.bo) == [("follow_up_overdue", "1")]


async def test_the_author_is_reminded_while_following_the_customer_up(team: Team) -> None:
    """D-923."""
    await plan(team, 2, team.bo)
    await tick(team, at("00:00", 2))
    assert await told(team.ann) == []
    assert [kind for kind, _ in await told(team.bo)] == ["follow_up_today"]
    await team.part(team.bo)
    assert await told(team.bo) == []
    await tick(team, at("00:00", 3))
    assert await told(team.ann) == [("follow_up_overdue", "1")]


async def set_zone(phone: Phone, zone: str) -> None:
    if phone.view("user_settings", phone.user_id) is None:
        phone.enter(Edit(Kind.create, BY_NAME["user_settings"], phone.user_id, {"user_id": phone.user_id, "time_zone": zone}))
    else:
        phone.patch("user_settings", phone.user_id, time_zone=zone)
    await phone.sync()


async def test_a_user_who_flies_west_is_not_reminded_twice(team: Team) -> None:
    """D-921, D-922: 08:00 of Shanghai, then at noon the user is in Paris, where it is not yet 08:00."""
    await set_zone(team.ann, "Asia/Shanghai")
    await plan(team, 2)
    await tick(team, at("00:00", 2))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_today"]
    team.world.now_ms = at("04:00", 2)
    await set_zone(team.ann, "Europe/Paris")
    await tick(team, at("06:00", 2))  # 08:00 in Paris
    assert len(await every(team.ann)) == 1
    await tick(team, at("00:00", 3))
    assert len(await every(team.ann)) == 1
    await tick(team, at("06:00", 3))
    assert [kind for kind, _ in await told(team.ann)][-1] == "follow_up_overdue"


async def test_a_user_who_flies_east_is_reminded_in_time(team: Team) -> None:
    """D-921: the rows of the user become early again."""
    await set_zone(team.ann, "America/New_York")
    await plan(team, 2)
    await tick(team, at("05:00", 1))  # it is 18:00 at the eastern end of the Earth: judged for the first time
    await set_zone(team.ann, "Asia/Tokyo")
    await tick(team, at("09:00", 1))  # 18:00 in Tokyo
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow"]
    await tick(team, at("22:59", 1))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow"]
    await tick(team, at("23:00", 1))  # 08:00 in Tokyo
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow", "follow_up_today"]


async def test_an_organisation_that_moves_east_is_reminded_in_time(team: Team) -> None:
    """D-921: of users without a zone of their own."""
    asked = OrganisationRequest(name="Test", time_zone="America/New_York")
    admin = Actor(team.world.org_id, team.manager.user_id, 0, Role.admin)
    await team.world.database.write(tables.put, admin, asked, team.world.now_ms)
    await plan(team, 2)
    await tick(team, at("05:00", 1))
    await team.world.database.write(tables.put, admin, structs.replace(asked, time_zone="Asia/Tokyo"), team.world.now_ms)
    await tick(team, at("09:00", 1))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow"]
    await tick(team, at("23:00", 1))
    assert [kind for kind, _ in await told(team.ann)] == ["follow_up_tomorrow", "follow_up_today"]


async def test_a_user_who_has_left_hears_nothing_and_the_next_follower_does(team: Team) -> None:
    """D-922."""
    await team.part(team.bo)
    await plan(team, 2)
    person = RECORD_TABLES["person"]
    await team.world.database.write(
        lambda conn: conn.execute(sa.update(person).where(person.c.id == team.ann.user_id).values(active=False))
    )
    await tick(team, at("00:00", 2))
    assert await team.world.database.read(lambda conn: conn.execute(sa.select(RECORD_TABLES["notification"].c.kind)).all()) == []
    await team.move(team.bo)
    await tick(team, at("00:00", 3))
    assert await told(team.bo) == [("follow_up_overdue", "1")]


async def test_a_cause_that_is_done_at_the_same_moment(team: Team) -> None:
    """D-922, D-924: it is told before or not at all, and is over on every device afterwards."""
    for day in range(2, 14):
        await plan(team, day)
        team.world.now_ms = at("00:00", day)
        team.bo.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
        await asyncio.gather(run(team.world.database), team.bo.sync(), run(team.world.database))
        assert await told(team.ann) == []
        await tick(team, at("10:00", day))
        assert await told(team.ann) == []
    await tick(team, at("00:00", 30))
    assert await rows(team) == []
    assert {one.state for one in await every(team.ann)} <= {NotificationState.done}


async def test_a_record_that_cannot_be_judged_holds_up_no_other(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-922: it is tried again at the next turn."""
    bad = await plan(team, 2)
    await plan(team, 2)
    rule = REMINDERS["follow_up"]

    def choking(state: State, record: FollowUp, now_ms: int) -> list[Occasion]:
        if record.id == bad:
            raise RuntimeError("a bad record")
        return list(rule.occasions(state, record, now_ms))

    with monkeypatch.context() as broken:
        broken.setitem(REMINDERS, "follow_up", structs.replace(rule, occasions=choking))
        await tick(team, at("00:00", 2))
    assert len(await every(team.ann)) == 1
    await tick(team, at("00:01", 2))
    assert len(await every(team.ann)) == 2


def kinds(found: list[Notification], *, left: bool = True) -> list[str]:
    return [one.kind for one in found if not (left and one.state == NotificationState.done)]


async def all_of(phone: Phone) -> list[Notification]:
    """All notices on the phone, in order."""
    await phone.sync()
    found = [phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NUMBER)]
    return sorted((one for one in found if isinstance(one, Notification)), key=lambda one: one.made_ms)


async def test_a_customer_without_a_contact_is_told_to_its_owner(team: Team) -> None:
    """D-925: 45 days by default, from the day in Shanghai on which Ann got it; a contact ends it, and it begins again from there."""
    await tick(team, at("23:59", 45))
    assert kinds(await all_of(team.ann)) == []
    await tick(team, at("00:00", 46))
    assert kinds(await all_of(team.ann)) == ["no_contact"]
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await team.bo.sync()
    assert kinds(await all_of(team.ann)) == []
    await tick(team, at("23:59", 90))
    assert kinds(await all_of(team.ann)) == []
    await tick(team, at("00:00", 91))
    assert kinds(await all_of(team.ann)) == ["no_contact"]
    await tick(team, at("00:00", 136))
    assert [one.facts["days"] for one in await all_of(team.ann) if one.state != NotificationState.done] == ["45", "90"]


async def test_a_shorter_cadence_counts_at_once(team: Team) -> None:
    """D-925: the rows become earlier with it."""
    await tick(team, at("00:00", 20))
    admin = Actor(team.world.org_id, team.manager.user_id, 0, Role.admin)
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", cadence_days=14)
    await team.world.database.write(tables.put, admin, asked, team.world.now_ms)
    await tick(team, at("23:59", 21))
    assert kinds(await all_of(team.ann)) == []
    await tick(team, at("00:00", 22))
    assert kinds(await all_of(team.ann)) == ["no_contact"]


async def submitted(team: Team, last_day: int) -> bytes:
    quote_id = team.ann.create("quote", customer_id=team.customer_id, currency="CNY", valid_until_day=last_day)
    line: dict[str, Value] = {"customer_id": team.customer_id, "quote_id": quote_id, "product_id": next(team.world.ids), "unit": "t"}
    team.ann.create("quote_line", **line, quantity_thousandths=1000, price_minor=100)
    await team.ann.sync()
    quote = team.ann.view("quote", quote_id)
    lines = [team.ann.view("quote_line", record_id) for record_id, _ in team.ann.shelf.rows(BY_NAME["quote_line"].number)]
    assert isinstance(quote, Quote)
    shown = content_hash(quote, [one for one in lines if isinstance(one, QuoteLine)])
    team.ann.command("quote", quote_id, Submit(shown))
    assert words(await team.ann.sync()) == [("applied", None)]
    return quote_id


async def test_a_quote_asks_for_approval_and_tells_of_its_last_day(team: Team) -> None:
    """D-328, D-926: the managers hear at once; the decision ends it, and the end of its validity is for the author."""
    quote_id = await submitted(team, TODAY + 5)
    (asked,) = await all_of(team.manager)
    assert (asked.kind, asked.subject_id, asked.facts["rep"]) == ("quote_submitted", quote_id, "ann")
    await tick(team, at("23:59", 1))
    assert kinds(await all_of(team.ann)) == []
    await tick(team, at("00:00", 2))
    assert kinds(await all_of(team.ann)) == ["quote_expiring"]
    await tick(team, at("00:00", 6))
    assert kinds(await all_of(team.ann)) == ["quote_expiring", "quote_expired"]
    state = State()
    await team.world.database.read(lambda conn: load.every(conn, state, team.world.org_id, BY_NAME["quote"]))
    await team.world.database.read(lambda conn: load.every(conn, state, team.world.org_id, BY_NAME["quote_line"]))
    quote = state.find(Quote, quote_id)
    assert quote is not None
    lines = [held.record for held in state.held.values() if isinstance(held.record, QuoteLine)]
    decision = DecideQuote(quote_id, "reject", content_hash(quote, lines))
    await team.world.database.write(act, team.manager.claims, decision, team.world.now_ms)
    assert kinds(await all_of(team.manager)) == ["device_silent"]
    assert kinds(await all_of(team.ann)) == ["quote_rejected"]


async def test_a_collaboration_tells_of_its_end(team: Team) -> None:
    """D-927, D-904: three days before; the end closes it."""
    shop_id = team.ann.create("customer", name="Shop")
    await team.ann.sync()
    until_ms = at("12:00", 10)
    await team.world.database.write(act, team.manager.claims, Collaborate(shop_id, team.bo.user_id, until_ms), team.world.now_ms)
    await tick(team, at("11:59", 7))
    assert kinds(await all_of(team.bo)) == []
    await tick(team, at("12:00", 7))
    assert kinds(await all_of(team.bo)) == ["collaboration_ending"]
    await team.world.database.write(act, team.manager.claims, EndCollaboration(shop_id, team.bo.user_id), team.world.now_ms)
    assert kinds(await all_of(team.bo)) == []


async def test_a_device_that_is_silent_with_something_due_is_told_to_the_manager(team: Team) -> None:
    """D-928: once for all that waits, and until it comes back."""
    await plan(team, 2)
    await plan(team, 2)
    await tick(team, at("00:00", 2))
    await tick(team, at("23:59", 2))
    assert kinds(await all_of(team.manager)) == []
    await tick(team, at("00:00", 3))
    await tick(team, at("10:00", 3))
    assert kinds(await all_of(team.manager)) == ["device_silent"]
    await team.ann.sync()
    for receipt in receipts.due(team.ann.shelf):
        team.ann.enter(receipt)
    await team.ann.sync()
    assert kinds(await all_of(team.manager)) == []


async def test_a_festival_is_told_the_day_before(team: Team) -> None:
    """D-929: Dragon Boat is on 2026-06-19; from when the organisation names the calendar."""
    await tick(team, at("00:00", 1))
    admin = Actor(team.world.org_id, team.manager.user_id, 0, Role.admin)
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", festivals="CN")
    with pytest.raises(Problem) as refused:
        await team.world.database.write(tables.put, admin, structs.replace(asked, festivals="XX"), team.world.now_ms)
    assert refused.value.field == "festivals"
    await team.world.database.write(tables.put, admin, asked, team.world.now_ms)
    eve = (date(2026, 6, 18) - EPOCH).days * DAY_MS
    await tick(team, eve - 1)
    assert kinds(await all_of(team.ann)) == []
    await tick(team, eve)
    for phone in (team.ann, team.bo, team.manager):
        assert [one.facts["festival"] for one in await all_of(phone)] == ["端午节 · Dragon Boat Festival"]
    await tick(team, eve + DAY_MS)
    assert kinds(await all_of(team.ann)) == ["festival"]


def test_a_festival_is_one_day_and_no_day_that_moves_work() -> None:
    """D-929."""
    names = [name.split(" · ")[0] for _, name in of_year("CN", 2026)]
    assert names == ["元旦", "农历除夕", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]


async def test_a_contact_completes_a_follow_up_of_its_own_request(team: Team) -> None:
    """D-924: in one request as in two."""
    made = team.ann.create("follow_up", customer_id=team.customer_id, due_day=TODAY, purpose="Samples")
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await team.ann.sync()
    follow_up = team.ann.view("follow_up", made)
    assert isinstance(follow_up, FollowUp)
    assert follow_up.done
