"""Assignment rules on both databases: which rule fits, to whom it gives, and what the desk is told (D-182 to D-184)."""

from typing import Any

import msgspec
import pytest

from server.database import Database
from server.domain.tokens import Claims
from server.services import tables, users
from server.services.act import act
from server.store import reference
from shared_schema.problem import Code, Problem
from shared_schema.records.assignment import AssignmentRule, AssignmentRuleRequest, AssignmentTrial
from shared_schema.records.customer import CUSTOMER, Customer, CustomerKind, NewCustomer, Standing
from shared_schema.records.pool import PoolCard, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.records.region import CityRequest
from shared_schema.rest import UserRequest
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def boss(team: Team) -> Claims:
    return await admin(team)


async def kept(team: Team, boss: Claims, asked: Any) -> Any:
    return await team.world.database.write(tables.save, boss, asked, team.world.now_ms)


async def rule(team: Team, boss: Claims, name: str, **asked: Any) -> AssignmentRule:
    found = await kept(team, boss, AssignmentRuleRequest(name=name, **asked))
    assert isinstance(found, AssignmentRule)
    return found


async def refused(team: Team, boss: Claims, asked: Any) -> tuple[Code, str | None]:
    with pytest.raises(Problem) as raised:
        await (kept if isinstance(asked, AssignmentRuleRequest) else entered)(team, boss, asked)
    return raised.value.code, raised.value.field


def new(team: Team, **values: Any) -> NewCustomer:
    return NewCustomer(next(team.world.ids), CUSTOMER.create_type(**{"name": "Night Market"} | values))


async def entered(team: Team, who: Claims, asked: NewCustomer) -> Customer:
    return await team.world.database.write(act, who, asked, team.world.now_ms)


async def standing(team: Team, customer_id: bytes) -> Standing:
    found = await team.world.database.read(reference.find, team.world.org_id, Standing, customer_id)
    assert found is not None
    return found


async def owner(team: Team, who: Claims, **values: Any) -> bytes | None:
    return (await standing(team, (await entered(team, who, new(team, **values))).id)).owner_id


async def test_the_user_with_the_fewest_customers_gets_the_next(team: Team, boss: Claims) -> None:
    """D-183: ann owns one; then both own one, and the lower id is first. The new owner's phone has it, and hears of it."""
    ann, bo = team.ann.user_id, team.bo.user_id
    await rule(team, boss, "All", user_ids=(ann, bo, ann))
    asked = new(team)
    made = await entered(team, boss, asked)
    assert (await standing(team, made.id)).owner_id == bo
    assert [await owner(team, boss) for _ in range(3)] == [min(ann, bo), max(ann, bo), min(ann, bo)]
    await team.bo.sync()
    assert team.bo.customer(made.id) == made
    assert await entered(team, boss, asked) == made, "the same request again changes nothing"


async def test_conditions_and_priorities_choose_the_rule(team: Team, boss: Claims) -> None:
    """D-182: each condition that is not empty must be met; the lowest priority is asked first; one that is off counts for nothing."""
    ann, bo, mia = team.ann.user_id, team.bo.user_id, team.manager.user_id
    await kept(team, boss, CityRequest(name="上海", region="华东"))
    await rule(team, boss, "Rest", priority=9, user_ids=(mia,))
    await rule(team, boss, "East", priority=5, region=" 华东", user_ids=(ann,))
    await rule(team, boss, "Tea of Chengdu", priority=1, city="成都市", industry="茶", kind=CustomerKind.shop, user_ids=(bo,))
    off = await rule(team, boss, "Off", priority=0, active=False, user_ids=(bo,))
    wholly = {"city": "成都", "industry": "茶", "kind": CustomerKind.shop}
    assert await owner(team, boss, city="上海市") == ann
    assert await owner(team, boss, **wholly) == bo
    for slot, other in (("city", "上海县"), ("industry", "酒"), ("kind", CustomerKind.office)):
        assert await owner(team, boss, **{**wholly, slot: other}) == mia
    assert await owner(team, boss) == mia
    fields = {name: getattr(off, name) for name in AssignmentRuleRequest.__struct_fields__}
    await kept(team, boss, AssignmentRuleRequest(**{**fields, "active": True}))
    assert await owner(team, boss, city="上海市") == bo


async def test_where_no_rule_fits_the_desk_names_an_owner(team: Team, boss: Claims) -> None:
    """D-183."""
    asked = new(team, city="上海")
    assert await refused(team, boss, asked) == (Code.rule_broken, "owner_id")
    await rule(team, boss, "Chengdu", city="成都", user_ids=(team.ann.user_id,))
    assert await refused(team, boss, asked) == (Code.rule_broken, "owner_id")
    named = msgspec.structs.replace(asked, owner_id=team.bo.user_id)
    assert (await standing(team, (await entered(team, boss, named)).id)).owner_id == team.bo.user_id


async def test_a_rule_gives_into_a_pool_as_the_pool_masks(team: Team, boss: Claims) -> None:
    """D-182, D-122: the customer is nobody's, and its card stands in the pool. A pool out of use takes none."""
    pool = await kept(team, boss, PoolRequest(name="Open", hidden=("name",)))
    await rule(team, boss, "Pool", priority=1, pool_id=pool.id)
    await rule(team, boss, "Rest", priority=2, user_ids=(team.ann.user_id,))
    made = await entered(team, boss, new(team, city="上海"))
    found = await standing(team, made.id)
    assert (found.owner_id, found.pool_id) == (None, pool.id)
    card = await team.world.database.read(reference.find, team.world.org_id, PoolCard, made.id)
    assert card is not None
    assert (card.pool_id, card.pooled, card.name, card.city) == (pool.id, True, None, "上海")
    await kept(team, boss, PoolRequest(id=pool.id, name="Open", active=False))
    assert await owner(team, boss) == team.ann.user_id


async def test_a_user_who_left_gets_nothing(team: Team, boss: Claims) -> None:
    """D-182: the next rule decides where nobody of a rule is active."""
    gone = (await team.world.database.write(users.save, boss, UserRequest(login="g", name="G", role=Role.rep), "hash", 0)).id
    await rule(team, boss, "Gone", priority=1, user_ids=(gone,))
    await rule(team, boss, "Rest", priority=2, user_ids=(team.bo.user_id,))
    assert await owner(team, boss) == gone
    await team.world.database.write(users.save, boss, UserRequest(id=gone, login="g", name="G", role=Role.rep, active=False), "", 0)
    assert await owner(team, boss) == team.bo.user_id


async def test_a_manager_is_led_by_the_rules_beyond_the_own_department(team: Team, boss: Claims) -> None:
    """D-183: the rule may give to a user who is not the manager's; the same request again is answered as long as nothing was changed."""
    far = (await team.world.database.write(users.save, boss, UserRequest(login="far", name="Far", role=Role.rep), "hash", 0)).id
    await rule(team, boss, "Far", user_ids=(far,))
    asked = new(team)
    made = await entered(team, team.manager.claims, asked)
    assert (await standing(team, made.id)).owner_id == far
    assert await entered(team, team.manager.claims, asked) == made
    other = msgspec.structs.replace(asked, values=CUSTOMER.create_type(name="Other"))
    assert await refused(team, team.manager.claims, other) == (Code.id_taken, None)
    phone = await team.world.phone(far)
    await phone.sync()
    phone.patch("customer", made.id, phone="secret")
    await phone.sync()
    assert await refused(team, team.manager.claims, asked) == (Code.id_taken, None)


async def test_what_is_no_rule_is_refused_at_its_field(team: Team, boss: Claims) -> None:
    """D-182."""
    pool = await kept(team, boss, PoolRequest(name="Shut", active=False))
    ann = team.ann.user_id
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "user_ids"),
        ({"user_ids": (ann,), "pool_id": pool.id}, "user_ids"),
        ({"user_ids": (ann, b"n" * 16)}, "user_ids"),
        ({"user_ids": (boss.user_id,)}, "user_ids"),
        ({"pool_id": pool.id}, "pool_id"),
        ({"pool_id": b"n" * 16}, "pool_id"),
    ]
    for asked, field in wrong:
        assert await refused(team, boss, AssignmentRuleRequest(name="R", **asked)) == (Code.rule_broken, field)
    assert await refused(team, team.manager.claims, AssignmentRuleRequest(name="R", user_ids=(ann,))) == (Code.forbidden, None)


async def test_a_customer_that_a_rep_enters_stays_the_reps(team: Team, boss: Claims) -> None:
    """D-184."""
    await rule(team, boss, "All", user_ids=(team.bo.user_id,))
    shop_id = team.ann.create("customer", name="Corner")
    await team.ann.sync()
    assert (await standing(team, shop_id)).owner_id == team.ann.user_id


async def test_an_admin_tries_the_rules_and_writes_nothing(team: Team, boss: Claims) -> None:
    """D-185: the answer is where a customer entered now goes; without a fitting rule it names nobody."""
    await kept(team, boss, CityRequest(name="上海", region="华东"))
    east = await rule(team, boss, "East", region="华东", user_ids=(team.ann.user_id, team.bo.user_id))

    async def tried(**values: Any) -> tuple[bytes | None, bytes | None, bytes | None]:
        told = await team.world.database.write(act, boss, AssignmentTrial(**values), team.world.now_ms)
        return told.rule_id, told.user_id, told.pool_id

    assert await tried(city="北京") == (None, None, None)
    found = await tried(city="上海市")
    assert found == await tried(city="上海市") == (east.id, team.bo.user_id, None)
    made = await entered(team, boss, new(team, city="上海市"))
    assert (await standing(team, made.id)).owner_id == found[1]
    pool = await kept(team, boss, PoolRequest(name="West"))
    west = await rule(team, boss, "West", city="成都", pool_id=pool.id)
    assert await tried(city="成都", industry="tea", kind=CustomerKind.shop) == (west.id, None, pool.id)
    with pytest.raises(Problem):
        await team.world.database.write(act, team.manager.claims, AssignmentTrial(), team.world.now_ms)
