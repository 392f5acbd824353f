"""Who disposes of customers: by their owner, also when he is no longer active; and a leaver's manager hands over what he left."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server.database import Database, async_url, open_database
from server.models import RECORD_TABLES
from server.services import hand_over, tables
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.customer import Collaborate, EndCollaboration, GiveToPool, HandedOver, HandOverRequest, Standing, Transfer
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import Role
from tests.tree import Tree, tree_of
from tests.world import Phone

STANDING = RECORD_TABLES["standing"]


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def hand(tree: Tree, who: str, leaver: str, to: str) -> HandedOver:
    """A hand-over at the desk."""
    asked = HandOverRequest(to_user_id=tree[to].user_id, reason="leaves")
    return await hand_over.all_of(tree.world.database, tree[who].claims, tree[leaver].user_id, asked, tree.world.now_ms)


async def transfer(tree: Tree, who: str, customer_id: bytes, to: str) -> None:
    asked = Transfer(customer_id, tree[to].user_id)
    await tree.world.database.write(act, tree[who].claims, asked, tree.world.now_ms)


async def collaborate(tree: Tree, who: str, customer_id: bytes, user: str) -> None:
    asked = Collaborate(customer_id, tree[user].user_id)
    await tree.world.database.write(act, tree[who].claims, asked, tree.world.now_ms)


def owner(phone: Phone, customer_id: bytes) -> bytes | None:
    standing = phone.view("standing", customer_id)
    return standing.owner_id if isinstance(standing, Standing) else None


@pytest.mark.parametrize("who", ["nia", "hal", "boss"])
async def test_a_leavers_manager_hands_over_after_the_end(tree: Tree, who: str) -> None:
    """D-107, D-109: the managers of his department and of those above it, and the admin; what he owned and what he shared."""
    mine, shared = tree["ann"].create("customer", name="Mine"), tree["bo"].create("customer", name="Shared")
    await tree.step()
    tree.phones["boss"] = tree.boss
    await collaborate(tree, "nia", shared, "ann")
    await tree.person("ann", Role.rep, "east", active=False)
    done = await hand(tree, who, "ann", "bo")
    assert (done.customers, done.collaborations, done.more) == (1, 1, False)
    await tree["bo"].sync()
    assert owner(tree["bo"], mine) == owner(tree["bo"], shared) == tree["bo"].user_id


async def test_a_stranger_hands_over_nobody_who_left(tree: Tree) -> None:
    """D-109: south's manager does not lead east, and nobody receives who is no longer active."""
    await tree.joins("sue", Role.manager, "south")
    mine = tree["ann"].create("customer", name="Mine")
    await tree.step()
    await tree.person("ann", Role.rep, "east", active=False)
    with pytest.raises(Problem, match="not a user of yours"):
        await hand(tree, "sue", "ann", "cy")
    with pytest.raises(Problem, match="not a customer of yours"):
        await transfer(tree, "sue", mine, "cy")
    with pytest.raises(Problem, match="not an active user of yours"):
        await transfer(tree, "nia", mine, "ann")
    await transfer(tree, "nia", mine, "bo")


async def test_a_collaborators_manager_does_not_dispose_of_the_customer(tree: Tree) -> None:
    """D-107: cy of south follows up a customer of north's ann; that gives south's manager an eye on it, and no hand."""
    await tree.joins("sue", Role.manager, "south")
    shop_id = tree["ann"].create("customer", name="Shop")
    await tree.step()
    await collaborate(tree, "hal", shop_id, "cy")
    await tree.step()
    assert owner(tree["sue"], shop_id) == tree["ann"].user_id
    with pytest.raises(Problem, match="not a customer of yours"):
        await transfer(tree, "sue", shop_id, "cy")
    with pytest.raises(Problem, match="not a customer of yours"):
        await collaborate(tree, "sue", shop_id, "sue")
    with pytest.raises(Problem, match="not a customer of yours"):
        await tree.world.database.write(act, tree["sue"].claims, GiveToPool(shop_id, bytes(16)), tree.world.now_ms)
    end = (tree["sue"].claims, EndCollaboration(shop_id, tree["cy"].user_id), tree.world.now_ms)
    await tree.world.database.write(act, *end)
    with pytest.raises(Problem, match="not a customer of yours"):
        await tree.world.database.write(act, *end)


async def test_a_hand_over_looks_in_its_own_organisation_alone(tree: Tree) -> None:
    """D-109: the same id may name a user of another organisation, with customers of his own."""
    mine = tree["ann"].create("customer", name="Mine")
    await tree.step()
    database, leaver_id = tree.world.database, tree["ann"].user_id
    foreign = next(tree.world.ids)
    await database.write(_copied_elsewhere, mine, foreign)
    asked = HandOverRequest(to_user_id=tree["bo"].user_id)
    found = await database.read(hand_over.left, tree["hal"].claims, leaver_id, asked, tree.world.now_ms)
    assert found.owned == [mine]


def _copied_elsewhere(conn: sa.Connection, customer_id: bytes, foreign_id: bytes) -> None:
    standing = conn.execute(sa.select(hand_over.STANDING).where(hand_over.STANDING.c.id == customer_id)).mappings().one()
    conn.execute(sa.insert(hand_over.STANDING).values({**standing, "org_id": standing["org_id"] + 1, "id": foreign_id}))


async def test_a_hand_over_leaves_what_changed_hands_meanwhile(tree: Tree) -> None:
    """D-109: between the look at what a leaver holds and the turn of a customer, another manager may have moved it."""
    mine, shared = tree["ann"].create("customer", name="Mine"), tree["bo"].create("customer", name="Shared")
    await tree.step()
    await collaborate(tree, "nia", shared, "ann")
    database, claims, leaver_id, now_ms = tree.world.database, tree["hal"].claims, tree["ann"].user_id, tree.world.now_ms
    found = await database.read(hand_over.left, claims, leaver_id, HandOverRequest(to_user_id=tree["bo"].user_id), now_ms)
    assert (found.owned, found.shared) == ([mine], [shared])
    await transfer(tree, "hal", mine, "cy")
    await database.write(act, claims, EndCollaboration(shared, leaver_id), now_ms)
    move = Transfer(mine, tree["bo"].user_id)
    assert await database.write(hand_over.give, claims, move, leaver_id, now_ms) is None
    assert await database.write(hand_over.part, claims, shared, leaver_id, now_ms) is None
    await tree.step()
    assert owner(tree["cy"], mine) == tree["cy"].user_id


async def test_a_hand_over_waits_for_a_move_under_way(migrated_postgres_url: str) -> None:
    """D-109: the move has written and not committed; the hand-over looks at the owner only after that."""
    database, engine = open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url))
    try:
        tree = await tree_of(database)
        mine = tree["ann"].create("customer", name="Mine")
        await tree.step()
        acting = (tree["hal"].claims, Transfer(mine, tree["bo"].user_id), tree["ann"].user_id, tree.world.now_ms)
        async with engine.begin() as under_way:
            await under_way.run_sync(act, tree["hal"].claims, Transfer(mine, tree["cy"].user_id), tree.world.now_ms)
            handing = asyncio.create_task(database.write(hand_over.give, *acting))
            while not await database.read(waiting):
                assert not handing.done()
        assert await handing is None
        await tree.step()
        assert owner(tree["cy"], mine) == tree["cy"].user_id
    finally:
        await database.close()
        await engine.dispose()


def waiting(conn: sa.Connection) -> int:
    """How many transactions of this database wait for a row."""
    mine = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    return int(conn.execute(mine).scalar_one())


async def owned(tree: Tree, *names: str) -> list[int]:
    """How many customers each of these users owns."""
    counted = [sa.select(sa.func.count()).where(STANDING.c.owner_id == tree[name].user_id) for name in names]
    return await tree.world.database.read(lambda conn: [conn.execute(one).scalar_one() for one in counted])


async def test_a_leavers_customers_are_divided_so_that_all_end_even(tree: Tree) -> None:
    """D-109: each customer goes to the user of the list who owns the fewest by then."""
    await tree.joins("di", Role.rep, "east")
    tree["bo"].create("customer", name="Bo's own"), tree["bo"].create("customer", name="Bo's other")
    for number in range(6):
        tree["ann"].create("customer", name=f"Shop {number}")
    await tree.step()
    asked = HandOverRequest(to_user_ids=(tree["bo"].user_id, tree["di"].user_id), reason="leaves")
    done = await hand_over.all_of(tree.world.database, tree["nia"].claims, tree["ann"].user_id, asked, tree.world.now_ms)
    assert (done.customers, done.more) == (6, False)
    assert await owned(tree, "ann", "bo", "di") == [0, 4, 4]


async def test_a_leavers_customers_go_into_a_pool(tree: Tree) -> None:
    """D-109, D-125: as a manager releases them, one by one; asked again, none is left."""
    tree["ann"].create("customer", name="One"), tree["ann"].create("customer", name="Two")
    await tree.step()
    pool = await tree.world.database.write(tables.save, tree.boss.claims, PoolRequest(name="Left"), tree.world.now_ms)
    asked = HandOverRequest(pool_id=pool.id, reason="leaves")
    for customers in (2, 0):
        done = await hand_over.all_of(tree.world.database, tree["nia"].claims, tree["ann"].user_id, asked, tree.world.now_ms)
        assert (done.customers, done.more) == (customers, False)
    inside = sa.select(STANDING.c.pool_id).where(STANDING.c.pool_id.is_not(None))
    found = await tree.world.database.read(lambda conn: [bytes(one) for one in conn.execute(inside).scalars()])
    assert found == [pool.id, pool.id]


async def test_a_hand_over_names_one_goal(tree: Tree) -> None:
    """D-109."""
    bo, pool_id = tree["bo"].user_id, bytes(16)
    for asked in (HandOverRequest(), HandOverRequest(to_user_id=bo, pool_id=pool_id), HandOverRequest(to_user_id=bo, to_user_ids=(bo,))):
        with pytest.raises(Problem, match="one user, a list of users, or a pool"):
            await hand_over.all_of(tree.world.database, tree["nia"].claims, tree["ann"].user_id, asked, tree.world.now_ms)
    tree["ann"].create("customer", name="Shop")
    await tree.step()
    with pytest.raises(Problem, match="no such pool"):
        await hand_over.all_of(
            tree.world.database, tree["nia"].claims, tree["ann"].user_id, HandOverRequest(pool_id=pool_id), tree.world.now_ms
        )
