"""A verified visit whose time is proven brings a customer that is still pooled back by rule; every other one waits for a manager (D-175 to
D-177)."""

from typing import Any, Final

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from server.database import Database
from server.models import RECORD_TABLES, ownership_event
from server.services.act import act
from shared_schema.places import Datum, Verdict
from shared_schema.records.contest import Contest, ContestState
from shared_schema.records.customer import CustomerKind, Standing
from shared_schema.records.hold import TakeHold
from tests.integration.test_contests import SKEW_MS, claimed_by, comes_late, contests, decide, told
from tests.integration.test_reclaim import Scene, at
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import START_MS, put, team_of

HERE: Final[dict[str, Any]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": int(Datum.wgs84)}
VISITED_MS: Final = at(15)
CARD: Final = RECORD_TABLES["pool_card"]
HOUR_MS: Final = 3_600_000


@pytest.fixture
async def scene(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The team's customer has a place."""
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    team.ann.patch("customer", team.customer_id, HERE)
    team.ann.patch("customer", team.customer_id, kind=int(CustomerKind.shop))
    await team.step()
    return Scene(team, await pool_of(team), await admin(team))


async def visited(scene: Scene, *, heard_day: int = 14, **more: Any) -> bytes:
    """Ann's phone pushes last on this day; then she is at the customer without a network, and the customer falls."""
    ann = scene.team.ann
    ann.boot = "b7"
    await scene.rule()
    await scene.tick(at(14), ann)
    await scene.tick(at(heard_day, 11), ann)
    scene.team.world.now_ms = VISITED_MS
    ran = {"uptime_ms": VISITED_MS - START_MS, "boot": "b7"}
    told_now = {"device_ms": VISITED_MS, "fix_ms": VISITED_MS - 2_000, "accuracy_mm": 12_000, "note": "new menu", **HERE, **ran, **more}
    visit_id = ann.create("visit", customer_id=scene.team.customer_id, **told_now)
    await scene.tick(at(20, 0))
    assert not await scene.is_owned()
    return visit_id


async def the_one(scene: Scene) -> Contest:
    [made] = await contests(scene)
    return made


async def events(scene: Scene) -> list[tuple[str, bytes | None, bytes]]:
    chosen = sa.select(ownership_event.c.kind, ownership_event.c.owner_id, ownership_event.c.by_user_id)
    ordered = chosen.where(ownership_event.c.customer_id == scene.team.customer_id).order_by(ownership_event.c.epoch)
    rows = await scene.database.read(lambda conn: conn.execute(ordered).all())
    return [(row.kind, row.owner_id and bytes(row.owner_id), bytes(row.by_user_id)) for row in rows]


async def test_a_proven_visit_brings_a_pooled_customer_back_at_once(scene: Scene) -> None:
    """D-175, D-176: the whole family is on the phone again, the visit is the last touch, both people hear of it, and nobody has to
    decide."""
    ann, manager = scene.team.ann, scene.team.manager
    await visited(scene)
    before = await scene.standing()
    await comes_late(scene, at(21))
    made = await the_one(scene)
    assert (made.state, made.decided_by, made.decided_ms, made.verdict) == (ContestState.restored, None, made.made_ms, Verdict.verified)
    assert made.proven_ms == VISITED_MS + SKEW_MS
    assert made.silent_from_ms is not None
    assert at(14, 11) <= made.silent_from_ms <= at(14, 12)
    after = await scene.standing()
    assert (after.owner_id, after.pool_id, after.epoch) == (ann.user_id, None, before.epoch + 1)
    assert (await events(scene))[-1] == ("given_back", ann.user_id, ann.user_id)
    seen = ann.view("standing", scene.team.customer_id)
    assert isinstance(seen, Standing)
    assert (seen.last_contact_ms, seen.last_visit_ms, seen.reclaimed_from_id) == (made.proven_ms, made.proven_ms, None)
    assert ann.customer(scene.team.customer_id).phone == "1"
    assert told(ann, "given_back") == [{"customer": "Corner Shop"}]
    assert told(ann, "contest_opened") == []
    await manager.sync()
    assert told(manager, "given_back_below") == [{"actor": "ann", "customer": "Corner Shop"}]
    assert told(manager, "contested") == []
    assert not await scene.database.read(lambda conn: conn.execute(sa.select(CARD.c.pooled)).scalar_one())
    await scene.tick(at(22))
    assert (await scene.standing()).owner_id == ann.user_id, "it does not fall again at once"


async def test_claimed_meanwhile_the_manager_sees_the_proof(scene: Scene) -> None:
    """D-177: nobody is overwritten; the contest bears the proven time."""
    await visited(scene)
    await claimed_by(scene, scene.team.bo.user_id)
    await comes_late(scene, at(21))
    made = await the_one(scene)
    assert (made.state, made.proven_ms, made.verdict) == (ContestState.undecided, VISITED_MS + SKEW_MS, Verdict.verified)
    assert (await scene.standing()).owner_id == scene.team.bo.user_id
    await decide(scene, scene.team.manager.claims, "restored", "Ann was there")
    assert (await scene.standing()).owner_id == scene.team.ann.user_id


UNPROVEN: Final[dict[str, dict[str, Any]]] = {
    "no uptime": {"uptime_ms": None, "boot": ""},
    "another start": {"boot": "b6"},
    "later than the push": {"uptime_ms": at(22) - START_MS},
    "not when the clock says": {"uptime_ms": VISITED_MS - START_MS + HOUR_MS},
    "it had pushed since": {"heard_day": 16},
}
FAR: Final[dict[str, dict[str, Any]]] = {
    "elsewhere": {"latitude_e6": 31_330_400},
    "no fix": {"latitude_e6": None, "longitude_e6": None, "fix_ms": None},
    "by hand": {"provider": 5},
}


@pytest.mark.parametrize("more", [*UNPROVEN.values(), *FAR.values()], ids=[*UNPROVEN, *FAR])
async def test_a_visit_that_proves_less_waits_for_the_manager(scene: Scene, more: dict[str, Any]) -> None:
    """D-175, D-177: what is missing accuses nobody: the contest opens as ever, and nothing goes back by itself."""
    if more.get("heard_day") == 16:
        await visited_before_a_push(scene)
    else:
        await visited(scene, **more)
    await comes_late(scene, at(21))
    made = await the_one(scene)
    assert (made.state, made.decider_id) == (ContestState.undecided, scene.team.manager.user_id)
    assert (made.proven_ms is None) == (more in UNPROVEN.values())
    assert not await scene.is_owned()


async def visited_before_a_push(scene: Scene) -> None:
    """The phone pushes on day 16, and says on day 21 that it had been there on day 15."""
    ann, world = scene.team.ann, scene.team.world
    ann.boot = "b7"
    await scene.rule()
    for day in (14, 16):
        await scene.tick(at(day), ann)
    await scene.tick(at(20, 0))
    ran: dict[str, Any] = {
        "uptime_ms": VISITED_MS - START_MS,
        "boot": "b7",
        "device_ms": VISITED_MS,
        "fix_ms": VISITED_MS - 2_000,
        "accuracy_mm": 12_000,
    }
    ann.create("visit", customer_id=scene.team.customer_id, **HERE, **ran)
    assert world.now_ms < at(21)


async def test_a_phone_that_tells_no_running_clock_restores_nothing(scene: Scene) -> None:
    """D-177, P-443: as a browser, which knows none."""
    await visited(scene)
    scene.team.ann.boot = ""
    await comes_late(scene, at(21))
    made = await the_one(scene)
    assert (made.state, made.proven_ms, made.silent_from_ms) == (ContestState.undecided, None, None)
    assert not await scene.is_owned()


async def test_a_customer_that_a_colleague_holds_waits_for_the_manager(scene: Scene) -> None:
    """D-177: a hold makes a claim certain; no rule takes it away."""
    await visited(scene)
    asked = TakeHold(scene.team.customer_id, next(scene.team.world.ids), (await scene.standing()).epoch, 8)
    await scene.database.write(act, scene.team.bo.claims, asked, scene.team.world.now_ms)
    await comes_late(scene, scene.team.world.now_ms + HOUR_MS)
    made = await the_one(scene)
    assert (made.state, made.proven_ms) == (ContestState.undecided, VISITED_MS + SKEW_MS)
    assert not await scene.is_owned()


async def test_the_limit_of_a_month_holds_for_what_goes_back_by_rule(scene: Scene) -> None:
    """D-176: beyond `contests_monthly` the visit is kept, and nothing goes back."""
    await visited(scene)
    used = Contest(b"c" * 16, 0, bytes(16), scene.team.ann.user_id, 4, bytes(16), 1, 2, at(20, 1), state=ContestState.restored)
    for number in range(5):
        opened = replace(used, id=bytes(15) + bytes([number]))
        await scene.database.write(put, scene.team.world.org_id, opened, at(20, 1))
    await comes_late(scene, at(21))
    assert len(await contests(scene)) == 5
    assert not await scene.is_owned()
