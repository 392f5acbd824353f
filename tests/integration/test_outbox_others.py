"""What is wrong with one push, one target or one organisation takes nothing from the others (D-943, D-944)."""

import asyncio
import json

import pytest

from notifications.breaker import Breaker
from notifications.plan import HOUR_MS
from notifications.push import ChannelName, TargetKind
from notifications.reaction import Said, Word
from server.database import Database
from server.jobs.push import Sender
from server.store import outbox, providers
from server.store.providers import Standing
from tests.integration.test_outbox import ALL, drain, moved, quiet, targets
from tests.push.ear import Ear, reach
from tests.world import START_MS, Team, team_of


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = await team_of(database)
    team.world.now_ms = START_MS + 3 * HOUR_MS
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


def heard(ear: Ear, kind: str) -> list[str | None]:
    """How many notices each push of this kind to the phone stands for."""
    return [one.push.data.get("count") for one in ear.heard if one.address == "phone" and one.kind == kind]


async def held_back(team: Team, count: int) -> list[bytes]:
    """So many notices for Bo wait for the end of the quiet hours; it has just come."""
    await reach(team.bo, "phone")
    await quiet(team.bo, team.world.now_ms - HOUR_MS, team.world.now_ms + HOUR_MS)
    ids = await moved(team, count)
    await drain(team, Ear())
    team.world.now_ms += HOUR_MS + 60_000
    return ids


async def test_one_push_for_several_goes_on_for_the_others_when_its_own_notice_is_over(team: Team) -> None:
    """D-943: the provider was ill, and meanwhile the newest customer went elsewhere."""
    ids = await held_back(team, 4)
    ear = Ear({"phone": [Said(Word.ill), Said(Word.taken)]})
    await drain(team, ear)
    assert ear.asked["phone"] == 1
    await team.move(team.ann, ids[-1])
    team.world.now_ms += 60_000
    await drain(team, ear)
    assert heard(ear, "digest") == ["3"]
    team.world.now_ms += HOUR_MS
    await drain(team, ear)
    assert (heard(ear, "digest"), heard(ear, "assigned")) == (["3"], [])


async def test_one_push_for_several_takes_the_next_way_as_one(team: Team) -> None:
    """D-943, D-944: its target is gone."""
    await held_back(team, 3)
    ear = Ear({"phone": [Said(Word.gone)]})
    await drain(team, ear)
    (one,) = [each for each in ear.heard if each.channel is ChannelName.log and each.kind != "unassigned"]
    assert (one.kind, one.push.data["count"]) == ("digest", "3")


async def refused_among_served(team: Team, ear: Ear, bad: str, good: str, kind: TargetKind) -> None:
    """Bo's one notice is tried four times at a bad target, and between two tries the good target of another user is served."""
    carl = await team.world.phone(await team.world.user("carl"))
    await reach(team.bo, bad, kind)
    await reach(carl, good, kind)
    customer_id = team.ann.create("customer", name="Shop")
    await team.ann.sync()
    await team.move(team.bo)
    for turn in range(4):
        await drain(team, ear)
        team.world.now_ms += 1_000
        await team.move(team.ann if turn % 2 else carl, customer_id)
        await drain(team, ear)
        team.world.now_ms += 3 * 60_000
    assert ear.asked[good] == 4


@pytest.mark.parametrize("words", [(Word.ill, Word.ill, Word.ended), (Word.ended, Word.unheard, Word.ended)])
async def test_only_doubts_in_a_row_prove_that_a_target_is_gone(team: Team, words: tuple[Word, ...]) -> None:
    """D-944: what was ill or unheard speaks against no target."""
    ear = Ear({"bad": [Said(word) for word in (*words, Word.taken)]})
    await refused_among_served(team, ear, "bad", "good", TargetKind.fcm_fid)
    assert (ear.asked["bad"], await targets(team)) == (4, 2)


@pytest.mark.parametrize(("host", "left"), [("updates.push.services.mozilla.com", 2), ("web.push.apple.com", 1)])
async def test_a_service_that_is_well_proves_nothing_of_another_one(team: Team, host: str, left: int) -> None:
    """D-944: 404 from one maker's service, as behind a proxy that shuts it out, while another maker's takes what comes."""
    keys = {"p256dh": "BA", "auth": "AA"}
    bad, good = (json.dumps({"endpoint": f"https://{each}", "keys": keys}) for each in ("web.push.apple.com/a", f"{host}/b"))
    await refused_among_served(team, Ear({bad: [Said(Word.ended)]}), bad, good, TargetKind.webpush)
    assert await targets(team) == left


@pytest.mark.parametrize("word", [Word.invalid, Word.ended, Word.forbidden, Word.unauthenticated, Word.not_found, Word.other_sender])
async def test_a_bad_target_with_much_due_opens_no_breaker(team: Team, word: Word) -> None:
    """D-944: of refusals, one of each target counts: a browser whose subscription is under another key is refused for ever."""
    await reach(team.bo, "bad")
    carl = await team.world.phone(await team.world.user("carl"))
    await reach(carl, "good")
    ids = await moved(team, 6)
    ear = Ear({"bad": [Said(word)]}, dry=Said(word))
    await drain(team, ear)
    assert ear.asked["bad"] == 6
    await team.move(carl, ids[0])
    await drain(team, ear)
    assert ear.asked["good"] == 1


async def test_a_robot_that_wants_to_be_left_alone_hides_no_other_organisation_s_pushes(team: Team) -> None:
    """A group takes 20 messages a minute: what waits for it is older than all that others have due."""
    elsewhere, long_ago_ms = team.world.org_id + 1, team.world.now_ms - HOUR_MS
    keys = (at.to_bytes(16, "big") for at in range(1, outbox.HORIZON + 1))
    waits = {"line_no": outbox.ROBOT, "user_id": bytes(16), "due_ms": long_ago_ms, "made_ms": long_ago_ms, "channel": "robot"}
    await team.world.database.write(outbox.insert, elsewhere, [{"notification_id": key, **waits} for key in keys])
    paused = Standing(Breaker(paused_until_ms=team.world.now_ms + 60_000))
    await team.world.database.write(providers.add, {(elsewhere, "robot"): paused})
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear()
    await drain(team, ear)
    assert heard(ear, "assigned") == [None]


async def test_a_slow_target_with_much_due_hides_no_other_organisation_s_pushes(team: Team) -> None:
    """A target has one push under way: what else is due for it is passed over meanwhile."""
    await reach(team.bo, "phone")
    await team.move(team.bo)
    ear = Ear()
    ear.gate = asyncio.Event()
    sender = Sender(team.world.database, ear, ALL)
    await sender.turn()
    await ear.busy.wait()
    keys = [at.to_bytes(16, "big") for at in range(1, outbox.HORIZON + 1)]
    waits = {"line_no": team.bo.claims.line_no, "user_id": team.bo.user_id, "due_ms": 1, "made_ms": 1, "channel": "fcm"}
    await team.world.database.write(outbox.insert, team.world.org_id, [{"notification_id": key, **waits} for key in keys])
    elsewhere = team.world.org_id + 1
    await team.world.database.write(outbox.insert, elsewhere, [{"notification_id": keys[0], **waits, "due_ms": 2}])
    await sender.turn()
    ear.gate.set()
    await sender.idle()
    (row,) = await team.world.database.read(outbox.rows_of, elsewhere, keys[0])
    assert row.tries == 1
