"""From a notice to the provider: planned for its reader, leased for each target, looked at once more, sent, settled (D-941, D-942)."""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from notifications.plan import HOUR_MS, PUSHES_AN_HOUR_MAX
from notifications.push import ChannelName
from notifications.reaction import Said, Word
from server.database import Database
from server.domain.notice_kinds import WEEK_MS
from server.jobs.push import Sender
from server.models import RECORD_TABLES, device, push, push_target
from server.services.act import act
from server.services.push_plan import plan
from server.store import outbox, providers
from shared_schema.records.customer import Transfer
from shared_schema.records.inbox import Value
from shared_schema.records.notification import NoticeDone, NoticeSeen
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.push.ear import Ear, reach
from tests.world import START_MS, Phone, Team, team_of

ALL = frozenset(ChannelName)
PERSON, SETTINGS, NOTICE = (RECORD_TABLES[name] for name in ("person", "user_settings", "notification"))


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = await team_of(database)
    team.world.now_ms = START_MS + 3 * HOUR_MS
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


async def drain(team: Team, ear: Ear, ways: frozenset[ChannelName] = ALL) -> int:
    return await Sender(team.world.database, ear, ways).drain()


async def states(team: Team) -> dict[str, int]:
    """State → how many rows of the outbox are in it."""
    found = await team.world.database.read(lambda conn: list(conn.execute(sa.select(push.c.state)).scalars()))
    return {state: found.count(state) for state in set(found)}


async def set_slots(team: Team, table: sa.Table, record_id: bytes, **values: Any) -> None:
    change = sa.update(table).where(table.c.id == record_id).values(**values)
    assert await team.world.database.write(lambda conn: conn.execute(change).rowcount) == 1


async def moved(team: Team, count: int) -> list[bytes]:
    """So many customers of Ann's go to Bo, each with a notice for Bo."""
    ids = [team.ann.create("customer", name=f"角落小店 {at}") for at in range(count)]
    await team.ann.sync()
    for customer_id in ids:
        await team.move(team.bo, customer_id)
    return ids


async def quiet(phone: Phone, begin_ms: int, end_ms: int) -> None:
    """The phone's user wants quiet between these moments, in UTC."""
    day = [at_ms // 60_000 % 1_440 for at_ms in (begin_ms, end_ms)]
    wishes: dict[str, Value] = {"user_id": phone.user_id, "time_zone": "UTC", "quiet_from": day[0], "quiet_until": day[1]}
    phone.enter(Edit(Kind.create, BY_NAME["user_settings"], phone.user_id, wishes))
    await phone.sync()


async def test_a_notice_goes_to_each_device_of_its_reader_and_without_one_to_the_log(team: Team) -> None:
    other = await team.world.phone(team.bo.user_id)
    addresses = {await reach(team.bo), await reach(other)}
    await team.move(team.bo)
    ear = Ear()
    assert await drain(team, ear) == 5
    assert {one.address for one in ear.heard if one.kind == "assigned"} == addresses
    assert [one.channel for one in ear.heard if one.kind == "unassigned"] == [ChannelName.log]
    assert await drain(team, ear) == 0
    assert await states(team) == {"planned": 2, "sent": 3}


async def test_a_push_holds_ids_and_a_line_and_no_word_of_the_customer(team: Team) -> None:
    """D-942: within 4,096 bytes."""
    await reach(team.bo)
    await moved(team, 1)
    ear = Ear()
    await drain(team, ear)
    (one,) = [each for each in ear.heard if each.kind == "assigned"]
    said = json.dumps([one.push.title, one.push.body, one.push.tag, dict(one.push.data)], ensure_ascii=False)
    assert "角落" not in said
    assert len(said.encode()) < 1_000
    (shop,) = {each.subject_id for each in await rows(team) if each.kind == "assigned"}
    assert one.push.data["to"] == f"customers/{UUID(bytes=shop)}"
    assert one.push.tag == one.push.data["tag"] == f"standing {UUID(bytes=shop)}"
    assert 0 < one.push.life_s <= WEEK_MS // 1_000


async def rows(team: Team) -> list[Any]:
    return await team.world.database.read(lambda conn: list(conn.execute(sa.select(NOTICE))))


async def test_who_has_left_hears_nothing(team: Team) -> None:
    """D-002, D-941. The row says why; the notices of the others go out with the same lease."""
    await team.move(team.bo)
    await set_slots(team, PERSON, team.ann.user_id, active=False)
    ear = Ear()
    await drain(team, ear)
    assert [one.kind for one in ear.heard] == ["assigned"]
    assert await states(team) == {"planned": 1, "sent": 1, "cancelled_left": 1}


@pytest.mark.parametrize(("command", "state"), [(NoticeSeen(), "cancelled_seen"), (NoticeDone(), "cancelled_done")])
async def test_what_was_seen_on_another_device_is_not_sent(team: Team, command: Any, state: str) -> None:
    """D-941: before it is planned, and between two tries."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear({"phone": [Said(Word.ill)]})
    await drain(team, ear)
    await team.bo.sync()
    (mine,) = [one for one in await rows(team) if one.user_id == team.bo.user_id]
    team.bo.command("notification", bytes(mine.id), command)
    await team.bo.sync()
    await moved(team, 1)
    team.world.now_ms += 3 * HOUR_MS
    ear.answers = {}
    await drain(team, ear)
    assert (await states(team))[state] == 1
    assert mine.id not in {one.id for one in ear.heard}


async def test_a_target_that_ended_is_not_sent_to_and_the_notice_takes_the_next_way(team: Team) -> None:
    """P-810: signed out between plan and send."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear({"phone": [Said(Word.ill)]})
    await drain(team, ear)
    ended = sa.update(device).where(device.c.line_no == team.bo.claims.line_no).values(session_id=None)
    await team.world.database.write(lambda conn: conn.execute(ended).rowcount)
    team.world.now_ms += HOUR_MS
    await drain(team, ear)
    assert ear.asked["phone"] == 1
    assert [one.channel for one in ear.heard if one.kind == "assigned"] == [ChannelName.log]


async def test_news_of_the_week_before_last_is_not_sent(team: Team) -> None:
    """D-941."""
    await team.move(team.bo)
    team.world.now_ms += WEEK_MS + 1
    ear = Ear()
    await drain(team, ear)
    assert ear.heard == []
    assert await states(team) == {"cancelled_late": 2}


async def test_quiet_hours_hold_back_and_end_in_one_push_that_says_how_many(team: Team) -> None:
    """D-905, D-943."""
    await reach(team.bo, "phone")
    await quiet(team.bo, team.world.now_ms - HOUR_MS, team.world.now_ms + HOUR_MS)
    ids = await moved(team, 4)
    ear = Ear()
    await drain(team, ear)
    assert [one.kind for one in ear.heard if one.address == "phone"] == []
    await team.move(team.ann, ids[0])  # over before the quiet ends
    team.world.now_ms += HOUR_MS + 60_000
    await drain(team, ear)
    (one,) = [each for each in ear.heard if each.address == "phone" and each.kind != "unassigned"]
    assert (one.kind, one.push.data["count"], one.push.data["to"]) == ("digest", "3", "notices")
    assert "3" in one.push.body
    assert (await states(team))["digested"] == 2
    assert (await states(team))["cancelled_done"] == 1
    await drain(team, ear)
    assert sorted(each.kind for each in ear.heard if each.address == "phone") == ["digest", "unassigned"]


async def test_a_retry_that_falls_into_quiet_hours_waits_for_their_end(team: Team) -> None:
    """D-943."""
    await reach(team.bo, "phone")
    await quiet(team.bo, team.world.now_ms + 60_000, team.world.now_ms + HOUR_MS)
    await team.move(team.bo)
    ear = Ear({"phone": [Said(Word.ill), Said(Word.taken)]})
    await drain(team, ear)
    team.world.now_ms += 70_000
    await drain(team, ear)
    assert ear.asked["phone"] == 1
    team.world.now_ms += HOUR_MS
    await drain(team, ear)
    assert [one.kind for one in ear.heard if one.address == "phone"] == ["assigned"]


async def test_groups_that_come_in_the_list_alone_are_not_pushed_and_critical_ones_always_are(team: Team) -> None:
    """D-905."""
    await reach(team.bo, "phone")
    wishes: dict[str, Value] = {"user_id": team.bo.user_id, "listed": ("customers",)}
    team.bo.enter(Edit(Kind.create, BY_NAME["user_settings"], team.bo.user_id, wishes))
    await team.bo.sync()
    await moved(team, 2)
    first = next(one for one in await rows(team) if one.user_id == team.bo.user_id)
    await set_slots(team, NOTICE, bytes(first.id), urgency=3)
    ear = Ear()
    await drain(team, ear)
    assert [one.id for one in ear.heard if one.address == "phone"] == [first.id]
    assert (await states(team))["listed"] == 1


async def wants(phone: Phone, **wishes: Value) -> None:
    """The phone's user says how to be told."""
    phone.enter(Edit(Kind.create, BY_NAME["user_settings"], phone.user_id, {"user_id": phone.user_id, **wishes}))
    await phone.sync()


@pytest.mark.parametrize("critical", [False, True])
async def test_a_group_comes_by_the_channels_that_its_reader_wants_and_critical_ones_by_each(team: Team, critical: bool) -> None:
    """D-905: bo wants no news of customers on the phone; another group is pushed there; a critical notice comes all the same."""
    await reach(team.bo, "phone")
    await wants(team.bo, muted=("fcm:customers", "robot:customers", "webpush:quotes"))
    await moved(team, 1)
    (first,) = [one for one in await rows(team) if one.user_id == team.bo.user_id]
    if critical:
        await set_slots(team, NOTICE, bytes(first.id), urgency=3)
    ear = Ear()
    await drain(team, ear)
    told = [(one.channel, one.address) for one in ear.heard if one.kind == "assigned"]
    assert told == ([(ChannelName.fcm, "phone")] if critical else [(ChannelName.log, "")])


async def test_the_hours_of_the_organisation_are_quiet_for_users_without_their_own(team: Team) -> None:
    """D-905: bo has none, cleo other ones, dora none by her own word."""
    minute = team.world.now_ms // 60_000 % 1_440
    hours = {"quiet_from": minute, "quiet_until": (minute + 60) % 1_440}
    organisation = RECORD_TABLES["organisation"]
    change = sa.update(organisation).where(organisation.c.org_id == team.world.org_id).values(time_zone="UTC", **hours)
    assert await team.world.database.write(lambda conn: conn.execute(change).rowcount) == 1
    phones = {"bo": team.bo} | {name: await team.world.phone(await team.world.user(name)) for name in ("cleo", "dora")}
    await wants(phones["cleo"], quiet_from=(minute + 90) % 1_440, quiet_until=(minute + 120) % 1_440)
    await wants(phones["dora"], quiet_from=0, quiet_until=0)
    for name, phone in phones.items():
        await reach(phone, name)
        await moved_to(team, phone)
    ear = Ear()
    await drain(team, ear)
    assert sorted(one.address for one in ear.heard if one.kind == "assigned") == ["cleo", "dora"]
    team.world.now_ms += HOUR_MS
    await drain(team, ear)
    assert sorted(one.address for one in ear.heard if one.kind == "assigned") == ["bo", "cleo", "dora"]


async def moved_to(team: Team, phone: Phone) -> None:
    """A new customer of Ann's goes to the phone's user."""
    customer_id = team.ann.create("customer", name="Shop")
    await team.ann.sync()
    await team.move(phone, customer_id)


async def test_an_hour_holds_a_number_of_pushes_and_the_rest_comes_as_one(team: Team) -> None:
    """D-943."""
    await reach(team.bo, "phone")
    await moved(team, PUSHES_AN_HOUR_MAX + 3)
    ear = Ear()
    await drain(team, ear)
    assert len([one for one in ear.heard if one.address == "phone"]) == PUSHES_AN_HOUR_MAX
    team.world.now_ms += HOUR_MS + 60_000
    await drain(team, ear)
    assert [one.push.data.get("count") for one in ear.heard if one.address == "phone"][PUSHES_AN_HOUR_MAX:] == ["3"]


async def test_a_dead_worker_s_lease_ends(team: Team) -> None:
    """A worker that died between lease and settle: nobody takes its push for a minute, then somebody does, with the same id."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear()
    ear.gate = asyncio.Event()
    dying = asyncio.create_task(drain(team, ear))
    await ear.busy.wait()
    second = Ear()
    team.world.now_ms += outbox.LEASE_MS - 1
    await drain(team, second)
    assert second.asked["phone"] == 0
    team.world.now_ms += 1
    await drain(team, second)
    assert second.asked["phone"] == 1
    ear.gate.set()  # it was only slow: what it settles late changes nothing
    await dying
    assert (await states(team)).get("sent", 0) == 2
    assert {one.id for one in ear.heard if one.address == "phone"} == {one.id for one in second.heard if one.address == "phone"}


async def test_a_push_that_is_not_taken_is_tried_ever_more_rarely_until_its_time_is_over(team: Team) -> None:
    """D-944."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear, waits = Ear({"phone": [Said(Word.ill)]}), []
    await drain(team, ear)
    while (due_ms := await team.world.database.read(outbox.next_due_ms)) is not None:
        waits.append((due_ms - team.world.now_ms) / 1_000)
        team.world.now_ms = due_ms
        await drain(team, ear)
    for at, wait in enumerate(waits[:10]):
        assert min(10 * 2**at, 3_600) <= wait <= min(10 * 2**at, 3_600) * 1.1
    assert WEEK_MS * 0.9 < team.world.now_ms - (START_MS + 3 * HOUR_MS) < WEEK_MS + 4_000_000
    assert (await states(team))["cancelled_late"] == 1


async def test_retry_after_is_honoured_within_a_tenth_and_a_pause_is_for_the_whole_provider(team: Team) -> None:
    """D-944."""
    other = await team.world.phone(team.ann.user_id)
    await reach(team.bo, "busy")
    await reach(other, "calm")
    await team.move(team.bo)
    ear = Ear({"busy": [Said(Word.too_much, 90), Said(Word.taken)]})
    began_ms = team.world.now_ms
    await drain(team, ear)
    calm = ear.asked["calm"]
    await team.move(team.ann)  # news for both, while the provider wants to be left alone
    team.world.now_ms = began_ms + 89_000
    await drain(team, ear)
    assert (ear.asked["busy"], ear.asked["calm"]) == (1, calm)
    team.world.now_ms = began_ms + 99_000
    await drain(team, ear)
    assert ear.asked["busy"] >= 2
    assert ear.asked["calm"] > calm


async def targets(team: Team) -> int:
    return int(await team.world.database.read(lambda conn: conn.execute(sa.select(sa.func.count()).select_from(push_target)).scalar_one()))


@pytest.mark.parametrize("word", [Word.invalid, Word.unauthenticated, Word.forbidden, Word.not_found, Word.ended, Word.other_sender])
async def test_no_storm_of_refusals_deletes_a_target(team: Team, word: Word) -> None:
    """D-944: the breaker opens instead, and says so; what had to be sent is sent when the storm is over."""
    for phone in (team.bo, team.ann, *[await team.world.phone(team.bo.user_id) for _ in range(6)]):
        await reach(phone)
    await team.move(team.bo)
    ear = Ear(dry=Said(word))
    said = {address: [Said(word)] for address in (f"phone {at}" for at in range(20))}
    ear.answers = dict(said)
    for _ in range(8):
        await drain(team, ear)
        team.world.now_ms += 2 * 60_000
    assert await targets(team) == 8
    assert ear.heard == [] or {one.channel for one in ear.heard} == {ChannelName.log}
    (standing,) = [one for (_, name), one in (await team.world.database.read(providers.standings)).items() if name == "fcm"]
    assert (standing.breaker.is_ill, standing.word, standing.retired) == (True, word.value, 0)
    sent = sum(ear.asked[address] for address in said)
    assert sent < 8 * 8, "an open breaker lets few through"
    ear.answers = {}
    team.world.now_ms += HOUR_MS
    await drain(team, ear)
    assert len([one for one in ear.heard if one.channel is ChannelName.fcm]) == (0 if word is Word.other_sender else 8)


async def test_a_target_that_its_provider_names_as_gone_goes_unless_it_was_said_anew(team: Team) -> None:
    """D-944, P-811; the notice then takes the next way."""
    await reach(team.bo, "gone")
    await reach(team.ann, "anew")
    await team.move(team.bo)
    ear = Ear({"gone": [Said(Word.gone)], "anew": [Said(Word.gone)]})
    ear.gate, ear.wanted = asyncio.Event(), 2
    working = asyncio.create_task(drain(team, ear))
    await ear.busy.wait()
    team.world.now_ms += 1_000
    await reach(team.ann, "anew")
    ear.gate.set()
    await working
    left = await team.world.database.read(lambda conn: list(conn.execute(sa.select(push_target.c.address)).scalars()))
    assert left == ["anew"]
    assert {one.channel for one in ear.heard} == {ChannelName.log}


async def test_a_target_is_doubted_thrice_and_goes_only_if_others_are_served_between(team: Team) -> None:
    """D-944: an empty message is refused as well, each time."""
    await reach(team.bo, "bad")
    await reach(team.ann, "good")
    ear = Ear({"bad": [Said(Word.invalid)]}, dry=Said(Word.invalid))
    await team.move(team.bo)
    for turn in range(3):
        assert await targets(team) == 2, turn
        await drain(team, ear)
        team.world.now_ms += 1_000
        await team.move(team.ann if turn % 2 == 0 else team.bo)
        await drain(team, ear)
        team.world.now_ms += 3 * 60_000
    assert await targets(team) == 1


async def test_a_message_at_fault_is_given_up_and_its_target_stays(team: Team) -> None:
    """D-944."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear({"phone": [Said(Word.invalid)]})
    await drain(team, ear)
    assert (ear.asked["phone"], ear.asked["dry"], await targets(team)) == (1, 1, 1)
    assert (await states(team))["dead_taken"] == 1


class Choking(Ear):
    """A provider that raises on one target."""

    async def send(self, name: ChannelName, push: Any, *, dry: bool = False) -> Said:
        if push.target.address == "bad":
            raise RuntimeError("no such token")
        return await super().send(name, push, dry=dry)


async def test_one_push_that_a_channel_chokes_on_holds_up_no_other(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    await reach(team.bo, "bad")
    await reach(team.ann, "good")
    await team.move(team.bo)
    ear = Choking()
    with caplog.at_level(logging.ERROR, "outrider.push"):
        await drain(team, ear)
    assert [one.address for one in ear.heard] == ["good"]
    assert len(caplog.records) == 1


async def test_two_workers_send_nothing_twice(team: Team) -> None:
    await reach(team.bo, "phone")
    await moved(team, 10)
    one, two = Ear(), Ear()
    await asyncio.gather(drain(team, one), drain(team, two))
    await drain(team, one)
    ids = [heard.id for heard in (*one.heard, *two.heard)]
    assert len(ids) == len(set(ids)) == 20


async def test_the_organisations_with_something_due_are_found_without_looking_at_the_others(team: Team) -> None:
    await team.move(team.bo)
    plan = await team.world.database.read(explained)
    assert await team.world.database.read(outbox.due_organisations, team.world.now_ms, ()) == [team.world.org_id]
    assert await team.world.database.read(outbox.due_organisations, team.world.now_ms - HOUR_MS, ()) == []
    assert team.world.database.dialect == "postgresql" or "push_due_ms_org_id_idx" in plan


def explained(conn: sa.Connection) -> str:
    """How SQLite finds them."""
    if conn.dialect.name != "sqlite":
        return ""
    asked = sa.select(push.c.org_id, push.c.due_ms).where(push.c.due_ms <= 1).order_by(push.c.due_ms).limit(500)
    text = str(asked.compile(conn, compile_kwargs={"literal_binds": True}))
    return " ".join(str(row) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))


async def test_a_transfer_and_back_is_sent_once_if_it_is_over_before(team: Team) -> None:
    """D-904, D-941: a reminder whose cause is done at the same moment is sent before or not at all."""
    await reach(team.bo, "phone")
    asked = Transfer(team.customer_id, team.bo.user_id)
    await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    await team.move(team.ann)
    ear = Ear()
    await drain(team, ear)
    assert [one.kind for one in ear.heard if one.address == "phone"] == ["unassigned"]


async def test_a_parked_edit_is_heard(team: Team) -> None:
    await reach(team.ann, "phone")
    team.ann.patch("customer", team.customer_id, phone="1")
    team.bo.patch("customer", team.customer_id, phone="2")
    await team.bo.sync()
    await team.ann.sync()
    ear = Ear()
    await drain(team, ear)
    assert [(one.kind, one.push.data["to"]) for one in ear.heard if one.address == "phone"] == [("parked", "inbox")]


async def test_what_is_settled_after_the_lease_changes_nothing(team: Team, database: Database) -> None:
    """Another worker has it by then."""
    await team.move(team.bo)
    org_id, now_ms = team.world.org_id, team.world.now_ms
    await database.write(plan, org_id, 10, now_ms, ALL)
    first, *_ = await database.write(outbox.lease, org_id, 10, now_ms, outbox.Skipped())
    again, *_ = await database.write(outbox.lease, org_id, 10, now_ms + outbox.LEASE_MS, outbox.Skipped())
    assert (first.notification_id, first.tries, again.tries) == (again.notification_id, 0, 1)
    late = {"place": (first.notification_id, first.line_no), "tries": 1, "state": "sent", "due_ms": None, "fails": 0, "sent_ms": 1}
    await database.write(outbox.settle, org_id, [late])
    assert "sent" not in await states(team)
    await database.write(outbox.settle, org_id, [{**late, "tries": 2}])
    assert (await states(team))["sent"] == 1
