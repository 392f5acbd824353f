"""Moves at the desk: what a manager's screen showed, who may receive, and what a customer takes along."""

import pytest

from server.database import Database
from server.services import hand_over, tables
from server.services.act import act
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborate, Collaborator, EndCollaboration, GiveToPool, HandOverRequest, Transfer
from shared_schema.records.inbox import ItemState
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync import device, overlay
from tests.integration.test_inbox_up import conflict
from tests.integration.test_sync_pools import admin, card_of, pool_of, put_into
from tests.integration.test_sync_scopes import right
from tests.tree import tree_of
from tests.world import Phone, Team, World, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def refused(team: Team, move: Transfer, by: Phone | None = None) -> Code:
    """Why a transfer is refused; nothing moves."""
    claims = by.claims if by is not None else team.manager.claims
    with pytest.raises(Problem) as told:
        await team.world.database.write(act, claims, move, team.world.now_ms)
    return told.value.code


async def test_a_transfer_from_an_older_screen_or_to_the_owner_moves_nothing(team: Team) -> None:
    """D-107: what was seen meanwhile was decided by somebody else; what stands already is no move."""
    stale = Transfer(team.customer_id, team.bo.user_id, epoch=1)
    assert await refused(team, stale) is Code.stale_epoch  # a collaborator came: epoch 2
    assert await refused(team, Transfer(team.customer_id, team.bo.user_id, epoch=3)) is Code.stale_epoch
    assert await refused(team, Transfer(team.customer_id, team.ann.user_id, epoch=2)) is Code.state_wrong
    before = team.ann.holds()
    await team.step()
    assert team.ann.holds() == before
    moved = await team.world.database.write(
        act, team.manager.claims, Transfer(team.customer_id, team.bo.user_id, epoch=2), team.world.now_ms
    )
    assert moved.epoch == 3


async def test_who_receives_a_customer_is_an_active_rep_or_manager_of_the_organisation(team: Team) -> None:
    """D-107: not even the admin gives to the desk, or to a user of somebody else."""
    desk = await admin(team)
    elsewhere = await World(team.world.database, org_id=2).open()
    strangers = ((await team.world.user("finance", Role.finance), Code.out_of_scope), (await elsewhere.user("eve"), Code.not_found))
    for stranger, code in strangers:
        with pytest.raises(Problem) as told:
            await team.world.database.write(act, desk, Transfer(team.customer_id, stranger), team.world.now_ms)
        assert told.value.code is code


async def test_an_owner_is_no_collaborator_of_his_own_customer(team: Team) -> None:
    """D-107: a collaborator who becomes the owner loses the customer whole when it moves on."""
    await team.move(team.bo)
    await team.step()
    assert collaborations(team.bo) == collaborations(team.manager) == []
    await team.move(team.ann)
    await team.step()
    assert team.bo.holds().keys() & {(1, team.customer_id), (2, team.customer_id)} == set()
    await right(team)


def collaborations(phone: Phone) -> list[bytes]:
    return [one.user_id for one in overlay.views(phone.shelf, BY_RECORD[Collaborator]) if isinstance(one, Collaborator)]


async def test_a_customer_that_is_assigned_out_of_a_pool_leaves_its_tile(team: Team) -> None:
    """D-107, P-127: on every phone that held the card."""
    pool = await pool_of(team)
    device.keep_tiles(team.bo.shelf, (0,))
    await put_into(team, pool, team.customer_id)
    await team.bo.sync()
    assert card_of(team.bo, team.customer_id) is not None
    await team.move(team.ann)
    await team.bo.sync()
    assert card_of(team.bo, team.customer_id) is None
    await right(team)


async def test_a_hand_over_goes_to_somebody_else(team: Team) -> None:
    """D-109."""
    asked = HandOverRequest(to_user_id=team.ann.user_id, reason="")
    with pytest.raises(Problem) as told:
        await hand_over.all_of(team.world.database, team.manager.claims, team.ann.user_id, asked, team.world.now_ms)
    assert told.value.code is Code.rule_broken


async def test_a_collaboration_needs_an_owner_a_newcomer_and_an_end_to_come(team: Team) -> None:
    """D-107, D-108, D-125."""
    third = await team.world.phone(await team.world.user("third"))

    async def asked(user_id: bytes, until_ms: int | None = None) -> Code | None:
        wanted = Collaborate(team.customer_id, user_id, until_ms)
        try:
            await team.world.database.write(act, team.manager.claims, wanted, team.world.now_ms)
        except Problem as problem:
            return problem.code
        return None

    assert [await asked(user_id) for user_id in (team.ann.user_id, team.bo.user_id)] == [Code.state_wrong] * 2
    assert await asked(third.user_id, team.world.now_ms) is Code.rule_broken
    assert await asked(third.user_id, team.world.now_ms + 1) is None
    await put_into(team, await pool_of(team), team.customer_id)
    assert await asked(third.user_id) is Code.state_wrong


async def test_a_manager_has_no_say_over_pools_and_users_of_others(database: Database) -> None:
    """D-107: south's manager and a customer in north's pool; then south's manager and a collaboration of two reps of north."""
    tree = await tree_of(database)
    await tree.joins("sue", Role.manager, "south")
    shop_id, other_id = tree["ann"].create("customer", name="Pooled"), tree["ann"].create("customer", name="Shared")
    await tree.step()
    asked = PoolRequest(name="North", department_id=tree.departments["north"])
    pool = await database.write(tables.save, tree.boss.claims, asked, tree.world.now_ms)
    await database.write(act, tree["nia"].claims, GiveToPool(shop_id, pool.id), tree.world.now_ms)
    wanted = Collaborate(other_id, tree["bo"].user_id)
    await database.write(act, tree["nia"].claims, wanted, tree.world.now_ms)
    with pytest.raises(Problem, match="not a customer of yours"):
        await database.write(act, tree["sue"].claims, Transfer(shop_id, tree["cy"].user_id), tree.world.now_ms)
    end = (tree["sue"].claims, EndCollaboration(other_id, tree["bo"].user_id), tree.world.now_ms)
    with pytest.raises(Problem, match="not a customer of yours"):
        await database.write(act, *end)
    for who in ("sue", "nia", "ann", "fay"):
        with pytest.raises(Problem) as told:
            await database.write(tables.save, tree[who].claims, PoolRequest(name="Mine"), tree.world.now_ms)
        assert told.value.code is Code.forbidden


async def test_a_leavers_cards_go_up_with_the_last_of_his_customers(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-109, P-533: as long as a hand-over has more to do the leaver may still decide."""
    monkeypatch.setattr(hand_over, "CUSTOMERS_MAX", 1)
    tree = await tree_of(database)
    await conflict(tree)
    tree["ann"].create("customer", name="Another")
    await tree.step()
    asked = HandOverRequest(to_user_id=tree["bo"].user_id, reason="leaves")
    for more in (True, False):
        done = await hand_over.all_of(database, tree["nia"].claims, tree["ann"].user_id, asked, tree.world.now_ms)
        await tree.step()
        assert (done.customers, done.more) == (1, more)
        holds = tree["ann" if more else "nia"].user_id
        assert {one.holder_id for one in tree["nia"].inbox() if one.state == ItemState.open} == {holds}
