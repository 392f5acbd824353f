"""A visit from before a reclaim arrives late: it opens a contest, which a manager decides; nobody is overwritten (D-170 to D-174)."""

from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services.act import act
from server.store.convert import from_row
from shared_schema.problem import Code, Problem
from shared_schema.records.contest import Contest, ContestState, DecideContest
from shared_schema.records.customer import Standing, Transfer
from shared_schema.registry import BY_NAME
from tests.integration.test_duplicates import stranger
from tests.integration.test_reclaim import Scene, at, heard
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Phone, team_of, words

SKEW_MS: Final = 1_000
"""The devices of this world are so far behind the server."""
TABLE: Final = RECORD_TABLES["contest"]


@pytest.fixture
async def scene(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scene:
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return Scene(team, await pool_of(team), await admin(team))


async def contests(scene: Scene) -> list[Contest]:
    entity = BY_NAME["contest"]

    def read(conn: sa.Connection) -> list[Contest]:
        chosen = sa.select(*(TABLE.c[slot] for slot in entity.slots)).where(TABLE.c.org_id == scene.team.world.org_id)
        return [from_row(entity, tuple(row)) for row in conn.execute(chosen.order_by(TABLE.c.made_ms))]  # type: ignore[misc]

    return await scene.database.read(read)


async def fallen(scene: Scene, *, visited_ms: int | None, **terms: Any) -> None:
    """Ann's customer falls at the beginning of day 20; offline, she was in touch at this moment."""
    await scene.rule(**terms)
    await scene.tick(at(14), scene.team.ann)
    if visited_ms is not None:
        scene.team.world.now_ms = visited_ms
        scene.team.ann.create("contact_log", customer_id=scene.team.customer_id, device_ms=visited_ms, note="agreed on a sample")
    await scene.tick(at(20, 0))
    assert not await scene.is_owned()


async def comes_late(scene: Scene, at_ms: int) -> None:
    """Ann's phone finds a network."""
    scene.team.world.now_ms = at_ms
    assert words(await scene.team.ann.sync())[0] == ("applied", None), "what was told is never refused"
    await scene.team.ann.sync()


async def decide(scene: Scene, claims: Claims, said: str, reason: str = "") -> Contest:
    [known] = await contests(scene)
    asked = DecideContest(known.id, known.customer_id, said, reason)  # type: ignore[arg-type]
    found: Contest = await scene.database.write(act, claims, asked, scene.team.world.now_ms)
    return found


async def claimed_by(scene: Scene, user_id: bytes) -> None:
    moved = Transfer(scene.team.customer_id, user_id, None, "next")
    await scene.database.write(act, scene.desk, moved, scene.team.world.now_ms)


def told(phone: Phone, kind: str) -> list[dict[str, str]]:
    return [one.facts for one in heard(phone, kind)]


async def test_a_visit_in_time_that_arrives_late_opens_a_contest(scene: Scene) -> None:
    """D-170: the manager above the former owner is to decide; both hear of it; who has the customer does not change."""
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    [made] = await contests(scene)
    ann, manager = scene.team.ann, scene.team.manager
    assert (made.customer_id, made.claimant_id, made.decider_id) == (scene.team.customer_id, ann.user_id, manager.user_id)
    assert (made.occurred_ms, made.reclaimed_ms, made.state) == (at(15) + SKEW_MS, at(20, 0), ContestState.undecided)
    assert (made.customer_name, made.note) == ("Corner Shop", "agreed on a sample")
    assert not await scene.is_owned()
    await manager.sync()
    assert told(manager, "contested") == [{"actor": "ann", "customer": "Corner Shop"}]
    assert told(ann, "contest_opened") == [{"customer": "Corner Shop"}]
    assert (manager.view("contest", made.id), scene.team.bo.view("contest", made.id)) == (ann.view("contest", made.id), None)


async def test_restored_from_the_pool(scene: Scene) -> None:
    """D-172: the customer is the former owner's again, and the late contact counts as its touch; the same decision again is none."""
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    before = await scene.standing()
    closed = await decide(scene, scene.team.manager.claims, "restored")
    assert (closed.state, closed.decided_by) == (ContestState.restored, scene.team.manager.user_id)
    after = await scene.standing()
    assert (after.owner_id, after.pool_id, after.epoch) == (scene.team.ann.user_id, None, before.epoch + 1)
    await scene.team.ann.sync()
    seen = scene.team.ann.view("standing", scene.team.customer_id)
    assert isinstance(seen, Standing)
    assert (seen.last_contact_ms, seen.reclaimed_from_id) == (at(15) + SKEW_MS, None)
    assert len(told(scene.team.ann, "assigned")) == 1
    assert await decide(scene, scene.team.manager.claims, "restored") == closed
    assert (await scene.standing()).epoch == after.epoch
    with pytest.raises(Problem) as refused:
        await decide(scene, scene.team.manager.claims, "kept")
    assert refused.value.code is Code.state_wrong


async def test_claimed_meanwhile_nobody_is_overwritten_before_a_manager_decides(scene: Scene) -> None:
    """D-173: the manager above both decides; given back, the one who has it is told."""
    await fallen(scene, visited_ms=at(15))
    await claimed_by(scene, scene.team.bo.user_id)
    await comes_late(scene, at(21))
    assert (await scene.standing()).owner_id == scene.team.bo.user_id
    await decide(scene, scene.team.manager.claims, "restored", "Ann was there")
    assert (await scene.standing()).owner_id == scene.team.ann.user_id
    await scene.team.bo.sync()
    assert told(scene.team.bo, "unassigned")[-1] == {"customer": "Corner Shop", "reason": "Ann was there"}


async def test_a_manager_takes_no_customer_of_another_department(scene: Scene) -> None:
    """D-173: the contest began in the pool; by now a user of another department has the customer. An admin decides then."""
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    far = await stranger(scene.team)
    await claimed_by(scene, far.user_id)
    with pytest.raises(Problem) as refused:
        await decide(scene, scene.team.manager.claims, "restored")
    assert refused.value.code is Code.out_of_scope
    assert (await scene.standing()).owner_id == far.user_id
    await decide(scene, scene.desk, "restored")
    assert (await scene.standing()).owner_id == scene.team.ann.user_id


async def test_kept_the_former_owner_hears_why(scene: Scene) -> None:
    """D-172: nothing moves; the claimant hears the reason."""
    await fallen(scene, visited_ms=at(15))
    await claimed_by(scene, scene.team.bo.user_id)
    await comes_late(scene, at(21))
    await decide(scene, scene.team.manager.claims, "kept", "Bo has an order")
    assert (await scene.standing()).owner_id == scene.team.bo.user_id
    await scene.team.ann.sync()
    assert told(scene.team.ann, "contest_kept") == [{"customer": "Corner Shop", "reason": "Bo has an order"}]


@pytest.mark.parametrize(
    ("visited_ms", "arrives_ms", "terms"),
    [
        (None, at(21), {}),
        (at(0, 14), at(21), {}),  # before the fall, and yet it would not have kept the customer
        (at(15), at(20, 0) + 14 * 24 * 3_600_000 + 1, {}),
        (at(15), at(21), {"contest_days": 0}),
        (at(15), at(21), {"contests_monthly": 0}),
        (at(15), at(21), {"basis": 2}),  # a contact log is no visit
    ],
    ids=["none", "too early", "too late", "no contests", "too many", "no visit"],
)
async def test_what_opens_no_contest(scene: Scene, visited_ms: int | None, arrives_ms: int, terms: dict[str, Any]) -> None:
    """D-171: the fact is kept all the same."""
    await fallen(scene, visited_ms=visited_ms, **terms)
    if visited_ms is not None:
        await comes_late(scene, arrives_ms)
    assert await contests(scene) == []


async def test_one_reclaim_is_contested_once(scene: Scene) -> None:
    """D-174: a second late contact joins the first, and opens no contest again that was decided."""
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    closed = await decide(scene, scene.team.manager.claims, "kept", "no")
    scene.team.ann.create("contact_log", customer_id=scene.team.customer_id, device_ms=at(16))
    await comes_late(scene, at(22))
    assert await contests(scene) == [closed]
    assert len(told(scene.team.ann, "contest_opened")) == 1


async def test_a_user_opens_so_many_contests_in_a_month(scene: Scene) -> None:
    """D-171: one of two reclaims is contested where one a month is allowed; both contacts are kept."""
    other_id = scene.team.ann.create("customer", name="Other Shop")
    await scene.team.ann.sync()
    await scene.rule(contests_monthly=1)
    await scene.tick(at(14), scene.team.ann)
    scene.team.world.now_ms = at(15)
    for customer_id in (scene.team.customer_id, other_id):
        scene.team.ann.create("contact_log", customer_id=customer_id, device_ms=at(15))
    await scene.tick(at(20, 0))
    await comes_late(scene, at(21))
    assert len(await contests(scene)) == 1


async def test_a_stranger_decides_nothing(scene: Scene) -> None:
    """D-172: to a manager who is above neither, the contest does not exist."""
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    with pytest.raises(Problem) as refused:
        await decide(scene, await stranger(scene.team), "restored")
    assert refused.value.code is Code.not_found
