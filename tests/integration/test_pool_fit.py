"""Which pool a customer goes into where nobody chose one: release, hand-over, the rules of assignment and reclaim (D-195, D-196)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.tokens import Claims
from server.services import hand_over
from server.services.act import act
from server.store import reference
from shared_schema.problem import Code, Problem
from shared_schema.records.assignment import AssignmentRuleRequest
from shared_schema.records.customer import CUSTOMER, GiveToPool, HandOverRequest, NewCustomer, Standing, Transfer
from shared_schema.records.pool import Pool, PoolCard, PoolRequest
from shared_schema.records.reclaim import ReclaimPreview, ReclaimPreviewed
from shared_schema.records.region import CityRequest
from tests.integration.test_assignment import kept
from tests.integration.test_reclaim import DAYS, TODAY, Scene, at
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Team, team_of

EAST_TEA, EAST, REST, NOWHERE = ("上海市", "茶"), ("杭州", "酒"), ("成都", "茶"), ("", "")
WHERE = (EAST_TEA, EAST, REST, NOWHERE)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def boss(team: Team) -> Claims:
    return await admin(team)


async def pools_of(team: Team, boss: Claims) -> dict[str, Pool]:
    """A pool for tea of the east, one for the east, and one for all that nobody asks before the others."""
    for name in ("上海", "杭州"):
        await kept(team, boss, CityRequest(name=name, region="华东"))
    asked = (
        PoolRequest(name="Rest", priority=9),
        PoolRequest(name="East", regions=(" 华东", "华东"), priority=5),
        PoolRequest(name="Tea", regions=("华东",), industries=("茶", ""), priority=1),
    )
    return {one.name: await kept(team, boss, one) for one in asked}


async def shops(team: Team) -> list[bytes]:
    """Customers of Ann's at each of the places."""
    ids = [team.ann.create("customer", name=f"Shop {number}", city=city, industry=what) for number, (city, what) in enumerate(WHERE)]
    await team.ann.sync()
    return ids


async def into(team: Team, customer_id: bytes) -> bytes | None:
    found = await team.world.database.read(reference.find, team.world.org_id, Standing, customer_id)
    card = await team.world.database.read(reference.find, team.world.org_id, PoolCard, customer_id)
    assert found is not None
    assert (card.pool_id if card is not None and card.pooled else None) == found.pool_id
    return found.pool_id


async def released(team: Team, customer_id: bytes, **asked: Any) -> bytes | None:
    await team.world.database.write(act, team.manager.claims, GiveToPool(customer_id, **asked), team.world.now_ms)
    return await into(team, customer_id)


async def test_the_fitting_pool_with_the_lowest_priority_takes_a_release(team: Team, boss: Claims) -> None:
    """D-195: region and industry, each only where the pool names some; a pool out of use fits nobody."""
    pools = await pools_of(team, boss)
    assert (pools["East"].regions, pools["Tea"].industries) == (("华东",), ("茶",))
    ids = await shops(team)
    names = {pool.id: name for name, pool in pools.items()}
    assert [names[await released(team, one, pool_by_fit=True) or b""] for one in ids] == ["Tea", "East", "Rest", "Rest"]
    await kept(team, boss, PoolRequest(id=pools["Tea"].id, name="Tea", regions=("华东",), industries=("茶",), priority=1, active=False))
    await team.world.database.write(act, team.manager.claims, Transfer(ids[0], team.ann.user_id), team.world.now_ms)
    assert await released(team, ids[0], pool_by_fit=True) == pools["East"].id


async def test_a_pool_that_somebody_chose_stands(team: Team, boss: Claims) -> None:
    """D-196: whatever fits; and beside the fit it is the pool of the customers that fit none."""
    pools = await pools_of(team, boss)
    ids = await shops(team)
    assert await released(team, ids[0], pool_id=pools["Rest"].id) == pools["Rest"].id
    assert await released(team, ids[2], pool_id=pools["Tea"].id) == pools["Tea"].id
    shut = await kept(team, boss, PoolRequest(id=pools["Rest"].id, name="Rest", active=False))
    with pytest.raises(Problem) as refused:
        await released(team, ids[3], pool_by_fit=True)
    assert (refused.value.code, refused.value.field) == (Code.rule_broken, "pool_id")
    with pytest.raises(Problem, match="no such pool"):
        await released(team, ids[3], pool_id=shut.id)
    assert await released(team, ids[3], pool_id=pools["Tea"].id, pool_by_fit=True) == pools["Tea"].id
    assert await released(team, ids[1], pool_id=pools["Tea"].id, pool_by_fit=True) == pools["East"].id


async def test_a_leavers_customers_go_each_into_the_pool_that_fits(team: Team, boss: Claims) -> None:
    """D-196, D-109."""
    pools = await pools_of(team, boss)
    ids = await shops(team)
    asked = HandOverRequest(pool_by_fit=True, reason="leaves")
    done = await hand_over.all_of(team.world.database, team.manager.claims, team.ann.user_id, asked, team.world.now_ms)
    assert (done.customers, done.more) == (len(ids) + 1, False)
    assert [await into(team, one) for one in ids] == [pools[name].id for name in ("Tea", "East", "Rest", "Rest")]


async def test_an_assignment_rule_leaves_the_pool_to_the_fit(team: Team, boss: Claims) -> None:
    """D-196, D-182: where no pool fits and none is named the rule fits nobody, and the next one decides."""
    pools = await pools_of(team, boss)
    await kept(team, boss, PoolRequest(id=pools["Rest"].id, name="Rest", active=False))
    await kept(team, boss, AssignmentRuleRequest(name="Fit", priority=1, pool_by_fit=True))
    await kept(team, boss, AssignmentRuleRequest(name="Ann", priority=2, user_ids=(team.ann.user_id,)))
    found = []
    for city, industry in WHERE:
        asked = NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="New", city=city, industry=industry))
        made = await team.world.database.write(act, boss, asked, team.world.now_ms)
        found.append(await into(team, made.id))
    assert found == [pools["Tea"].id, pools["East"].id, None, None]
    with pytest.raises(Problem) as refused:
        await kept(team, boss, AssignmentRuleRequest(name="Both", pool_by_fit=True, user_ids=(team.ann.user_id,)))
    assert refused.value.field == "user_ids"


async def test_a_preview_names_the_pools_into_which_customers_fall(team: Team, boss: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-149, D-196: each falls into the pool that the preview told; the rule's own pool takes those that fit none."""
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    pools = await pools_of(team, boss)
    await kept(team, boss, PoolRequest(id=pools["Rest"].id, name="Rest", regions=("西北",)))
    other = await pool_of(team, "Other")
    await kept(team, boss, PoolRequest(id=other.id, name="Other", regions=("西北",)))
    ids = [*await shops(team), team.customer_id]
    scene = Scene(team, other, boss)
    asked = ReclaimPreview(effective_from_day=TODAY, pool_id=other.id, pool_by_fit=True, **DAYS)
    told: ReclaimPreviewed = await scene.database.write(act, boss, asked, team.world.now_ms)
    goals = {one.customer_id: one.pool_id for one in told.items}
    assert [goals[one] for one in ids] == [pools["Tea"].id, pools["East"].id, other.id, other.id, other.id]
    await scene.rule(pool_by_fit=True)
    await scene.tick(at(13), team.ann)
    await scene.tick(at(20, 0))
    assert {one: await into(team, one) for one in ids} == goals


async def test_a_rule_that_leaves_the_pool_to_the_fit_names_one_for_the_rest(team: Team, boss: Claims) -> None:
    """D-196: else nobody could say where the customers fall that fit none."""
    scene = Scene(team, await pool_of(team), boss)
    with pytest.raises(Problem) as refused:
        await scene.rule(pool_id=None, pool_by_fit=True)
    assert (refused.value.code, refused.value.field) == (Code.rule_broken, "pool_id")
