"""A neglected customer falls into a pool, its owner warned before, and never after a touch that came first (D-141 to D-149)."""

import asyncio
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.local_times import DAY_MS
from server.domain.tokens import Claims
from server.jobs import remind, sweep
from server.models import RECORD_TABLES, device, due, ownership_event
from server.services.act import act
from server.store import dues
from shared_schema.problem import Problem
from shared_schema.records.customer import Standing
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import NewReclaimRule, ReclaimBasis, ReclaimPreview, ReclaimPreviewed, ReclaimRule
from shared_schema.registry import BY_NAME
from sync import receipts
from tests.integration.site import code, site
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import START_MS, Phone, Team, team_of

HOUR_MS: Final = 3_600_000
TODAY: Final = (START_MS + 8 * HOUR_MS) // DAY_MS
STANDING: Final = RECORD_TABLES["standing"]
NOTIFICATION: Final = BY_NAME["notification"].number
DAYS: Final[dict[str, Any]] = {"unknown_days": 20, "a_days": 20, "b_days": 20, "c_days": 20}


def at(days: int, hour: int = 12) -> int:
    """Noon in Shanghai, or another hour there, on a day after the one on which the world begins."""
    return (TODAY + days) * DAY_MS + (hour - 8) * HOUR_MS


class Scene:
    """A team, its pool, and the admin who makes the rules."""

    def __init__(self, team: Team, pool: Pool, desk: Claims) -> None:
        self.team, self.pool, self.desk = team, pool, desk
        self.database = team.world.database
        self.made = 0

    async def rule(self, days: int = 0, **terms: Any) -> ReclaimRule:
        """A version that begins in so many days."""
        self.made += 1
        today = (self.team.world.now_ms + 8 * HOUR_MS) // DAY_MS
        asked = NewReclaimRule(
            id=bytes(15) + bytes([self.made]), effective_from_day=today + days, **{"pool_id": self.pool.id, **DAYS, **terms}
        )
        found: ReclaimRule = await self.database.write(act, self.desk, asked, self.team.world.now_ms)
        return found

    async def tick(self, at_ms: int, *hearing: Phone) -> None:
        """The scheduler's and the sweep's turns at a moment, twice over; then these phones sync and give their receipts."""
        self.team.world.now_ms = at_ms
        for _ in range(2):
            await remind.run(self.database)
            await sweep.run(self.database)
        for phone in hearing:
            await hear(phone)

    async def standing(self, customer_id: bytes | None = None) -> Standing:
        one = sa.select(STANDING.c.owner_id, STANDING.c.pool_id, STANDING.c.epoch, STANDING.c.last_owner_id).where(
            STANDING.c.id == (customer_id or self.team.customer_id)
        )
        row = await self.database.read(lambda conn: conn.execute(one).one())
        return Standing(customer_id or self.team.customer_id, 0, row.owner_id, row.pool_id, row.epoch, last_owner_id=row.last_owner_id)

    async def is_owned(self, customer_id: bytes | None = None) -> bool:
        return (await self.standing(customer_id)).owner_id is not None


async def hear(phone: Phone) -> None:
    """The phone syncs and says which notices it has."""
    await phone.sync()
    for receipt in receipts.due(phone.shelf):
        phone.enter(receipt)
    await phone.sync()


def heard(phone: Phone, kind: str) -> list[Notification]:
    found = [phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NOTIFICATION)]
    return sorted((one for one in found if isinstance(one, Notification) and one.kind == kind), key=lambda one: one.made_ms)


@pytest.fixture
async def scene(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scene:
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return Scene(team, await pool_of(team), await admin(team))


async def test_a_neglected_customer_is_warned_in_stages_and_falls(scene: Scene) -> None:
    """D-142, D-144, D-147, D-148: warned at 7, 3 and 1 days, by the organisation's clock; the owner loses it at the midnight of the day."""
    await scene.rule()
    for day, days in ((13, ["7"]), (14, ["7"]), (17, ["7", "3"]), (19, ["7", "3", "1"])):
        await scene.tick(at(day), scene.team.ann)
        assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == days
    before = await scene.standing()
    await scene.tick(at(20, 0) - 1, scene.team.ann)
    assert await scene.is_owned()
    await scene.tick(at(20, 0))
    after = await scene.standing()
    assert (after.owner_id, after.pool_id, after.epoch) == (None, scene.pool.id, before.epoch + 1)
    assert after.last_owner_id == scene.team.ann.user_id
    await hear(scene.team.ann)
    await hear(scene.team.bo)
    assert heard(scene.team.ann, "reclaimed")[0].facts == {"customer": "Corner Shop", "pool": "East"}
    assert len(heard(scene.team.bo, "reclaimed")) == 1, "a collaborator is told too"
    assert {one.state for one in heard(scene.team.ann, "reclaim_warning")} == {NotificationState.done}
    assert scene.team.ann.view("customer", scene.team.customer_id) is None
    kinds = await scene.database.read(
        lambda conn: conn.execute(sa.select(ownership_event.c.kind).order_by(ownership_event.c.epoch)).scalars().all()
    )
    assert kinds[-1] == "reclaimed"
    await scene.tick(at(40), scene.team.ann)
    assert len(heard(scene.team.ann, "reclaimed")) == 1
    rows = await scene.database.read(lambda conn: conn.execute(sa.select(due.c.rule)).scalars().all())
    assert not [one for one in rows if one.startswith("reclaim")]


async def test_a_touch_ends_the_warnings_and_moves_the_day(scene: Scene) -> None:
    """D-142, D-904: also one made offline before the fall that arrives in time; the warnings of before count no more."""
    await scene.rule()
    await scene.tick(at(14), scene.team.ann)
    scene.team.world.now_ms = at(15)
    scene.team.ann.create("contact_log", customer_id=scene.team.customer_id, device_ms=at(15))
    scene.team.world.now_ms = at(16)
    await scene.team.ann.sync()
    assert [one.state for one in heard(scene.team.ann, "reclaim_warning")] == [NotificationState.done]
    for day in (20, 21, 27):
        await scene.tick(at(day), scene.team.ann)
        assert await scene.is_owned()
        assert len(heard(scene.team.ann, "reclaim_warning")) == 1
    await scene.tick(at(28), scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["6", "7"]
    await scene.tick(at(35, 0))
    assert not await scene.is_owned()


async def test_a_touch_that_moves_the_day_a_little_leaves_out_no_stage(scene: Scene) -> None:
    """D-144: the stages of the new day come on their mornings, also where the stage of the old day would have come later."""
    await scene.rule()
    await scene.tick(at(14), scene.team.ann)
    scene.team.ann.create("contact_log", customer_id=scene.team.customer_id, device_ms=at(2))
    await scene.team.ann.sync()
    await scene.tick(at(15, 8) - 1, scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["6"]
    await scene.tick(at(15, 8), scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["6", "7"]


async def test_nobody_falls_before_a_device_of_the_owner_had_the_warning(scene: Scene) -> None:
    """D-145: fetched by no device, it counts for nothing; the fall comes `min_warning_hours` after the receipt."""
    await scene.rule()
    for day in (13, 17, 19, 20, 22):
        await scene.tick(at(day))
        await scene.database.write(seen, scene.team.ann.user_id, at(day))  # the owner's phone is online, and says nothing
    assert await scene.is_owned()
    await hear(scene.team.ann)
    await scene.tick(at(23) - 1)
    assert await scene.is_owned()
    await scene.tick(at(23) + HOUR_MS)
    assert not await scene.is_owned()


def seen(conn: sa.Connection, user_id: bytes, at_ms: int) -> None:
    conn.execute(sa.update(device).where(device.c.user_id == user_id).values(seen_ms=at_ms))


async def test_of_a_silent_owner_the_manager_is_warned_and_it_goes_on(scene: Scene) -> None:
    """D-146: six days of silence take no customer; on the eighth the manager was warned, and a day later it falls."""
    await scene.rule()
    await scene.database.write(seen, scene.team.ann.user_id, at(14))
    for day in (13, 19, 20):
        await scene.tick(at(day), scene.team.manager)
        assert await scene.is_owned()
        assert heard(scene.team.manager, "reclaim_warning_below") == []
    await scene.tick(at(22), scene.team.manager)
    (told,) = heard(scene.team.manager, "reclaim_warning_below")
    assert (told.facts["rep"], told.facts["customer"]) == ("ann", "Corner Shop")
    assert await scene.is_owned()
    await scene.tick(told.made_ms + 24 * HOUR_MS + HOUR_MS)
    assert not await scene.is_owned()


async def test_a_tightened_rule_warns_first(scene: Scene) -> None:
    """D-143, D-145: a warning of a later day is none of an earlier one; nobody falls on the day of the change."""
    await scene.rule()
    await scene.tick(at(13), scene.team.ann)
    await scene.tick(at(15), scene.team.ann)
    await scene.rule(unknown_days=3)
    await scene.tick(at(15) + HOUR_MS, scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["7", "2"]
    await scene.tick(at(17, 0) - 1)
    assert await scene.is_owned()
    await scene.tick(at(17, 0))
    assert not await scene.is_owned()


async def test_a_version_counts_from_its_day_on_and_is_never_edited(scene: Scene) -> None:
    """D-141: the highest version whose day has come; the same request twice is one version, another content under its id is refused."""
    first = await scene.rule()
    scene.made -= 1
    assert await scene.rule() == first
    scene.made -= 1
    with pytest.raises(Problem, match="other content"):
        await scene.rule(unknown_days=30)
    scene.made += 1
    later = await scene.rule(16, pool_id=None)
    assert (first.version, later.version, later.made_by_id) == (1, 2, scene.desk.user_id)
    await scene.tick(at(14), scene.team.ann)
    assert len(heard(scene.team.ann, "reclaim_warning")) == 1
    await scene.tick(at(25))
    assert await scene.is_owned(), "from day 16 on nobody falls"


async def test_a_version_lets_all_customers_be_judged_a_page_at_a_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-145, D-147: the version itself writes one row; nobody falls unwarned before the pass has come to a customer, nobody is left out."""
    ids = [scene.team.customer_id, *(scene.team.ann.create("customer", name=f"Shop {number}") for number in range(6))]
    await scene.team.ann.sync()
    await scene.tick(at(1))
    await scene.database.write(lambda conn: conn.execute(sa.delete(due)))
    monkeypatch.setattr("server.store.dues.PAGE_MAX", 2)
    turn = scene.team.world.org_id, ("all reclaim", b"")
    await scene.rule(unknown_days=40)
    assert await of_reclaim(scene) == [turn[1]]
    assert await scene.database.write(dues.go_on, *turn) == 3
    assert await scene.database.write(dues.go_on, *turn) == 0, "another worker was first"
    await scene.rule(unknown_days=3)
    assert sorted(await of_reclaim(scene)) == [turn[1], ("all reclaim", ids[1]), ("reclaim", ids[0]), ("reclaim", ids[1])]
    assert await sweep.run(scene.database) == 0
    await scene.tick(at(2), scene.team.ann)
    assert len(heard(scene.team.ann, "reclaim_warning")) == len(ids)
    await scene.tick(at(3, 11), scene.team.ann)
    assert await scene.is_owned(ids[0])
    await scene.tick(at(3, 13))
    assert [await scene.is_owned(one) for one in ids] == [False] * len(ids)


async def of_reclaim(scene: Scene) -> list[tuple[str, bytes]]:
    """The rows of the due index that are about reclaim."""
    chosen = sa.select(due.c.rule, due.c.subject_id).where(due.c.rule.like("%reclaim"))
    return [(row.rule, bytes(row.subject_id)) for row in await scene.database.read(lambda conn: conn.execute(chosen).all())]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"days": -1}, "effective_from_day"),
        ({"basis": ReclaimBasis.unknown}, "basis"),
        ({"exempt": ("luck",)}, "exempt"),
        ({"warn_days": (1,)}, "warn_days"),
        ({"b_days": 1}, "b_days"),
        ({"pool_id": b"?" * 16}, "pool_id"),
    ],
)
async def test_a_version_that_cannot_be_is_refused(scene: Scene, terms: dict[str, Any], field: str) -> None:
    """D-141."""
    with pytest.raises(Problem) as refused:
        await scene.rule(**terms)
    assert refused.value.field == field


async def test_a_quote_that_awaits_its_decision_keeps_the_customer(scene: Scene) -> None:
    """D-143: no warning meanwhile; after the decision the owner is warned first."""
    await scene.rule()
    quote_id = scene.team.ann.create("quote", customer_id=scene.team.customer_id, currency="CNY")
    await scene.team.ann.sync()
    await scene.database.write(lambda conn: conn.execute(sa.update(RECORD_TABLES["quote"]).values(status=2)))
    for day in (13, 19, 21):
        await scene.tick(at(day), scene.team.ann)
    assert await scene.is_owned()
    assert heard(scene.team.ann, "reclaim_warning") == []
    await scene.database.write(lambda conn: conn.execute(sa.update(RECORD_TABLES["quote"]).values(status=3)))
    await scene.tick(at(22), scene.team.ann)
    assert await scene.is_owned()
    assert len(heard(scene.team.ann, "reclaim_warning")) == 1
    await scene.tick(at(23) + HOUR_MS)
    assert not await scene.is_owned()
    assert quote_id


async def test_a_preview_tells_who_falls_when(scene: Scene) -> None:
    """D-149: the day of each; nothing is written."""
    asked = ReclaimPreview(effective_from_day=TODAY, pool_id=scene.pool.id, **DAYS)
    answer: ReclaimPreviewed = await scene.database.write(act, scene.desk, asked, scene.team.world.now_ms)
    assert [(one.name, one.due_day, one.owner_id) for one in answer.items] == [("Corner Shop", TODAY + 20, scene.team.ann.user_id)]
    assert answer.next is None
    count = sa.select(sa.func.count()).select_from(RECORD_TABLES["reclaim_rule"])
    assert await scene.database.read(lambda conn: conn.execute(count).scalar_one()) == 0


ROUNDS: Final = 50


async def test_a_touch_that_came_first_keeps_the_customer(scene: Scene) -> None:
    """D-147: a sweep beside a touch; who was owner when the touch was taken stays owner, and a touch after the fall is late."""
    await scene.rule()
    ids = [scene.team.ann.create("customer", name=f"Shop {number}") for number in range(ROUNDS)]
    await scene.team.ann.sync()
    await scene.tick(at(13), scene.team.ann)
    await scene.tick(at(19), scene.team.ann)
    scene.team.world.now_ms = at(20, 0)
    await remind.run(scene.database)
    logs = {}

    async def touch() -> None:
        for customer_id in reversed(ids):  # the sweep begins at the other end: both meet on the way
            logs[customer_id] = scene.team.ann.create("contact_log", customer_id=customer_id, device_ms=scene.team.world.now_ms)
            await scene.team.ann.sync()

    _, *fell = await asyncio.gather(touch(), sweep.run(scene.database), sweep.run(scene.database))
    table = RECORD_TABLES["contact_log"]
    chosen = sa.select(table.c.id, table.c.late)
    taken = {bytes(row.id): row.late for row in await scene.database.read(lambda conn: conn.execute(chosen).all())}
    owned = {one: await scene.is_owned(one) for one in ids}
    assert all(taken[logs[one]] is not owned[one] for one in ids if logs[one] in taken)
    assert len(taken) == ROUNDS
    assert sum(fell) == ROUNDS + 1 - sum(owned.values()), "each falls once; the customer that nobody touched too"


@pytest.mark.parametrize("path", ["/v1/desk/reclaim-rules", "/v1/desk/reclaim/preview"])
def test_a_pool_of_another_organisation_is_no_pool(migrated_url: str, path: str) -> None:
    """D-141, P-121: the matrix lets an admin ask these routes of the own organisation; a foreign pool is refused there."""
    with site(migrated_url) as here:
        theirs = here.admin().post("/v1/desk/pools", {"name": "Theirs"}).json()["id"]
        boss = here.caller("beta", "boss")
        assert boss.log_in().status_code == 200
        asked = {"effective_from_day": 100_000, "pool_id": theirs} | ({"id": str(uuid4())} if path.endswith("rules") else {})
        assert code(boss.post(path, asked)) == "not_found"
