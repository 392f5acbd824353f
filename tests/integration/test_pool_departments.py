"""What departments may own before a pool refuses their claims, and what the admins of a pool may do (D-197, D-198)."""

import asyncio
from typing import Any

import pytest

from server.database import Database
from server.services import tables
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.customer import GiveToPool, Transfer
from shared_schema.records.pool import Pool, PoolRequest
from shared_schema.records.reference import Role
from sync import device
from tests.integration.test_claim_rules import WON, looking, newest, rep, ruled, shops
from tests.integration.test_reclaim import Scene, at, heard, seen
from tests.integration.test_sync_pools import admin, card_of, claimed
from tests.integration.test_sync_scopes import right
from tests.tree import Tree, tree_of
from tests.world import Team, team_of, words

FULL = ("rejected", "capacity_full")


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def pool_in(tree: Tree, **rules: Any) -> Pool:
    asked = PoolRequest(name="Pool", **rules)
    return await tree.world.database.write(tables.save, tree.boss.claims, asked, tree.world.now_ms)


async def pooled(tree: Tree, pool: Pool, count: int) -> list[bytes]:
    """Customers of Cy's, whose manager is far from north, in the pool; the phones of north see them."""
    ids = [tree["cy"].create("customer", name=f"Shop {number}") for number in range(count)]
    await tree["cy"].sync()
    for customer_id in ids:
        await tree.world.database.write(act, tree.boss.claims, GiveToPool(customer_id, pool.id), tree.world.now_ms)
    for name in ("nia", "ann", "bo", "cy"):
        await looking(tree[name])
    return ids


async def test_twelve_reps_of_one_department_win_exactly_its_capacity(team: Team) -> None:
    """D-197: each claims another customer at once; Ann's counts too. A claim that is refused costs nothing, and a release makes room."""
    pool = await ruled(team, department_capacity=5, claim_daily_limit=1)
    ids = await shops(team, pool, 12)
    phones = [await rep(team, f"rep{number}") for number in range(12)]
    for phone, customer_id in zip(phones, ids, strict=True):
        claimed(phone, customer_id)
    answers = await asyncio.gather(*(phone.sync() for phone in phones))
    told = [words(given)[0] for given in answers]
    assert sorted(map(str, told)) == sorted(map(str, [WON] * 4 + [FULL] * 8))
    loser, lost = next((phone, one) for phone, one, word in zip(phones, ids, told, strict=True) if word == FULL)
    assert newest(loser).field == "department_capacity"
    await team.world.database.write(act, team.manager.claims, GiveToPool(team.customer_id, pool.id), team.world.now_ms)
    claimed(loser, lost)
    assert words(await loser.sync()) == [WON]
    await right(team)


async def test_a_department_counts_with_those_below_it(tree: Tree) -> None:
    """D-197: north's manager counts east and west; a rep of east counts east alone, and the batch counts what it won itself."""
    pool = await pool_in(tree, department_capacity=3)
    first, second, third, fourth, fifth = await pooled(tree, pool, 5)
    for customer_id in (first, second):
        claimed(tree["ann"], customer_id)
    assert words(await tree["ann"].sync()) == [WON] * 2
    claimed(tree["bo"], third)
    assert words(await tree["bo"].sync()) == [WON]
    await tree["nia"].sync()
    claimed(tree["nia"], fourth)
    assert words(await tree["nia"].sync()) == [FULL]
    for customer_id in (fourth, fifth):
        claimed(tree["ann"], customer_id)
    assert words(await tree["ann"].sync()) == [WON, FULL]


async def test_the_customers_of_a_leaver_count_until_they_are_handed_over(tree: Tree) -> None:
    """D-197."""
    pool = await pool_in(tree, department_capacity=1)
    first, second = await pooled(tree, pool, 2)
    claimed(tree["ann"], first)
    await tree["ann"].sync()
    await tree.person("ann", Role.rep, "east", active=False)
    eve = await looking(await tree.joins("eve", Role.rep, "east"))
    claimed(eve, second)
    assert words(await eve.sync()) == [FULL]
    await tree.world.database.write(act, tree.boss.claims, Transfer(first, tree["bo"].user_id), tree.world.now_ms)
    claimed(eve, second)
    assert words(await eve.sync()) == [WON]


async def test_a_manager_who_looks_after_a_pool_is_a_member_of_it(tree: Tree) -> None:
    """D-198: sees its cards, gives its customers away and claims, wherever the manager stands; and no longer when another one does."""
    sue = await tree.joins("sue", Role.manager, "south")
    rules = {"department_id": tree.departments["north"]}
    pool = await pool_in(tree, **rules, admin_ids=(sue.user_id,))
    first, second, third = await pooled(tree, pool, 3)
    device.keep_tiles(sue.shelf, (0,))
    await sue.sync()
    assert card_of(sue, first) is not None
    assert card_of(tree["cy"], first) is None, "a rep of the same department is no member"
    await tree.world.database.write(act, sue.claims, Transfer(first, tree["cy"].user_id), tree.world.now_ms)
    claimed(sue, second)
    assert words(await sue.sync()) == [WON]
    await pool_in(tree, **rules, id=pool.id)
    await sue.sync()
    assert card_of(sue, third) is None
    with pytest.raises(Problem, match="not a customer of yours"):
        await tree.world.database.write(act, sue.claims, Transfer(third, tree["cy"].user_id), tree.world.now_ms)


async def test_who_looks_after_the_pool_is_warned_where_no_manager_is(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-146, D-198: of a silent owner without a manager; an admin who has left hears nothing, and another pool's admin neither."""
    monkeypatch.setattr("server.chance.now_ms", lambda: tree.world.now_ms)
    nia = tree["nia"]
    lone = await tree.joins("lone", Role.rep, None)
    gone = await tree.joins("gone", Role.manager, "south")
    shop = lone.create("customer", name="Shop")
    await lone.sync()
    pool = await pool_in(tree, admin_ids=(gone.user_id, nia.user_id))
    await pool_in(tree, admin_ids=(tree["hal"].user_id,))
    await tree.person("gone", Role.manager, "south", active=False)
    scene = Scene(Team(tree.world, nia, lone, tree["bo"], shop), pool, await admin(Team(tree.world, nia, lone, lone, shop)))
    await scene.rule()
    await scene.database.write(seen, lone.user_id, at(12))
    await scene.tick(at(20), nia, tree["hal"])
    (told,) = heard(nia, "reclaim_warning_below")
    assert (told.facts["rep"], told.facts["customer"]) == ("lone", "Shop")
    assert heard(tree["hal"], "reclaim_warning_below") == []
    await scene.tick(at(22))
    assert not await scene.is_owned(shop)
