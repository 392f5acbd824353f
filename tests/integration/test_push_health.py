"""How push stands, as an admin reads it: of the own organisation, of the last 24 hours (D-946)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile_api.metrics import Metrics
from notifications.breaker import Breaker
from notifications.push import ChannelName
from notifications.reaction import Said, Word
from server.database import Database
from server.domain.tokens import Claims
from server.jobs.push import Sender
from server.services import push_health, sync_push
from server.store import providers, targets
from server.store.providers import Standing
from shared_schema.problem import Problem
from shared_schema.push_health import ChannelHealth, PushHealth
from shared_schema.records.notification import NoticeOpened, NoticeSeen, Notification
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from sync import overlay
from tests.integration.site import Site, code, site
from tests.operator import outrider
from tests.push.ear import Ear, reach
from tests.world import KEY, START_MS, Team, World, team_of

ALL = frozenset(ChannelName)
HOUR_MS = 3_600_000
PATH = "/v1/desk/push/health"


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = await team_of(database)
    team.world.now_ms = START_MS + 3 * HOUR_MS
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


async def admin(world: World) -> Claims:
    return (await world.phone(await world.user("admin", Role.admin))).claims


async def health(team: Team, boss: Claims, ways: frozenset[ChannelName] = ALL) -> PushHealth:
    return await team.world.database.read(push_health.told, boss, ways, team.world.now_ms)


def of(told: PushHealth, name: ChannelName) -> ChannelHealth:
    return next(one for one in told.channels if one.channel == name)


async def drain(team: Team, ear: Ear) -> None:
    sender = Sender(team.world.database, ear, ALL)
    await sender.drain()
    await sender.idle()  # a breaker that opened is told on its own


async def test_each_way_tells_what_became_of_its_pushes_and_of_their_notices(team: Team) -> None:
    """D-946: a notice on two devices counts once; the notice that only the log heard counts among those made."""
    boss = await admin(team.world)
    tablet = await team.world.phone(team.bo.user_id)
    for phone in (team.bo, tablet):
        await reach(phone)
    await team.move(team.bo)
    team.world.now_ms += 2_000
    before = of(await health(team, boss), ChannelName.fcm)
    assert (before.targets, before.due, before.sent, before.lag_half_ms) == (2, 0, 0, None)  # the plan for the reader comes first
    await drain(team, Ear())
    await team.bo.sync()
    held = [one for one in overlay.views(team.bo.shelf, BY_NAME["notification"]) if isinstance(one, Notification)]
    [notice] = [one for one in held if one.kind == "assigned"]
    team.bo.command("notification", notice.id, NoticeSeen())
    team.bo.command("notification", notice.id, NoticeOpened())
    await team.bo.sync()
    told = await health(team, boss, ALL - {ChannelName.webpush})
    fcm, log = of(told, ChannelName.fcm), of(told, ChannelName.log)
    assert (fcm.on, fcm.due, fcm.waiting, fcm.sent, fcm.accepted, fcm.failed) == (True, 0, 0, 2, 2, 0)
    assert (fcm.seen, fcm.opened, fcm.lag_half_ms, fcm.lag_most_ms, fcm.breaker) == (1, 1, 2_000, 2_000, "closed")
    assert (log.accepted, log.targets, log.seen) == (1, 0, 0)
    assert (told.made, told.seen, told.opened) == (2, 1, 1)
    assert not of(told, ChannelName.webpush).on
    assert not of(told, ChannelName.robot).on
    team.world.now_ms += 25 * HOUR_MS
    later = await health(team, boss)
    assert (later.made, of(later, ChannelName.fcm).sent, of(later, ChannelName.fcm).targets) == (0, 0, 2)


async def test_an_ill_provider_says_since_when_and_how_its_device_died(team: Team) -> None:
    """D-944, D-946: five refusals of our keys open the breaker; a device that was named as gone stands with its user's name."""
    boss = await admin(team.world)
    for at in range(5):
        await reach(await team.world.phone(team.bo.user_id), f"refused {at}")
    await reach(team.bo, "gone")
    answers = {"gone": [Said(Word.gone)], **{f"refused {at}": [Said(Word.forbidden)] for at in range(5)}}
    await team.move(team.bo)
    await drain(team, Ear(answers))
    began_ms = team.world.now_ms
    team.world.now_ms += 10_000
    told = await health(team, boss)
    fcm = of(told, ChannelName.fcm)
    assert (fcm.waiting, fcm.sent, fcm.failed, fcm.targets) == (5, 6, 1, 5)
    assert (fcm.breaker, fcm.since_ms, fcm.until_ms, fcm.word) == ("open", began_ms, began_ms + 60_000, "forbidden")
    dead = [(one.user_id, one.name, one.channel, one.word, one.at_ms, one.again) for one in told.dead]
    assert dead == [(team.bo.user_id, "bo", "fcm", "gone", began_ms, False)]
    await reach(team.bo, "anew")
    assert [one.again for one in (await health(team, boss)).dead] == [True]
    assert (await team.world.database.read(targets.counts, team.world.org_id)) == {"fcm_fid": 6}


async def test_keys_that_the_platform_does_not_know_are_told_until_a_push_is_taken(team: Team) -> None:
    """D-944, D-946: five targets in a row whose platform refuses our keys; other pushes go on, and one that is taken ends it."""
    boss = await admin(team.world)
    for at in range(5):
        await reach(await team.world.phone(team.bo.user_id), f"refused {at}")
    await team.move(team.bo)
    await drain(team, Ear({f"refused {at}": [Said(Word.third_party)] for at in range(5)}))
    began_ms = team.world.now_ms
    fcm = of(await health(team, boss), ChannelName.fcm)
    assert (fcm.breaker, fcm.since_ms, fcm.until_ms, fcm.word) == ("platform", began_ms, None, "third_party")
    team.world.now_ms += 60_000
    await drain(team, Ear({}))
    assert of(await health(team, boss), ChannelName.fcm).breaker == "closed"


async def test_another_organisation_and_a_manager_read_nothing_of_it(team: Team) -> None:
    """D-946: counts, people and lags are of the organisation; the breaker is of the server."""
    await reach(team.bo, "gone")
    await team.move(team.bo)
    await drain(team, Ear({"gone": [Said(Word.gone)]}))
    with pytest.raises(Problem, match="needs the role admin"):
        await health(team, team.manager.claims)
    other = await World(team.world.database, 2).open()
    told = await health(team, await admin(other))
    assert (told.made, told.dead, {one.targets + one.sent + one.due for one in told.channels}) == (0, [], {0})


async def test_the_metrics_count_what_a_receipt_told_anew(team: Team) -> None:
    """D-902: the second device that saw it tells nothing new."""
    tablet = await team.world.phone(team.bo.user_id)
    await team.move(team.bo)
    counted = []
    for phone in (team.bo, tablet):
        await phone.sync()
        held = [one for one in overlay.views(phone.shelf, BY_NAME["notification"]) if isinstance(one, Notification)]
        phone.command("notification", held[0].id, NoticeSeen())
        pushed = await team.world.database.write(sync_push.push, phone.claims, phone.ask(), KEY, team.world.now_ms)
        counted.append(pushed.receipts)
    assert counted == [{("notification", "see"): 1}, {}]
    metrics = Metrics()
    metrics.pushed({}, counted[0])
    assert 'outrider_receipts_total{receipt="see",record="notification"} 1.0' in metrics.text().decode()


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as running:
        yield running


def test_an_admin_asks_over_http(here: Site) -> None:
    """D-946."""
    here.user(here.admin(), "ann")
    assert code(asked(here, "ann")) == "forbidden"
    told = asked(here, "boss")
    assert told.status_code == 200, told.text
    assert [one["channel"] for one in told.json()["channels"]] == ["fcm", "webpush", "robot", "log"]


def asked(here: Site, account: str) -> Any:
    who = here.caller("alpha", account)
    assert who.log_in().status_code == 200
    return who.get(PATH)


def test_the_doctor_names_the_provider_that_refuses(tmp_path: Path, here: Site) -> None:
    """D-944: an open breaker and a provider behind the provider, each with the way to mend it; one that is well with its numbers."""
    standings = {
        (providers.SERVER, "fcm"): Standing(Breaker(refusals=7, openings=1, open_until_ms=1), sent=9, taken=2, word="forbidden"),
        (providers.SERVER, "webpush"): Standing(Breaker(platform_refusals=5), sent=5, word="third_party"),
        (1, "robot"): Standing(sent=3, taken=3, lags_ms=(10, 20, 1_500)),
    }
    here.write(providers.add, standings)
    told = " ".join(outrider(tmp_path, here.url, "doctor").stdout.split())
    assert "fcm refused the last 7 pushes (forbidden)" in told
    assert "check its keys and project" in told
    assert "the provider behind webpush refuses the keys (third_party)" in told
    assert "upload the key of Apple, or of the browsers, to the project" in told
    assert "the robot of organisation 1: 3 of 3 pushes taken, half of the last ones within 20 ms" in told
