"""An inbox item goes up to a manager: what he sees, what his decision does to its author's card, and who leaves."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.jobs.escalate import hand
from server.models import RECORD_TABLES
from server.services.act import act
from server.services.escalation import hand_items
from server.store import escalation as stored
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import InboxItem, ItemState, KeepTheirs, SendUp
from shared_schema.records.reference import Role
from shared_schema.wire import ENCODER
from sync import decisions
from tests.tree import Tree, tree_of
from tests.world import words

NOTIFICATION = RECORD_TABLES["notification"]


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def conflict(tree: Tree) -> bytes:
    """Ann's telephone number waits in her inbox: her manager wrote another one. The customer."""
    shop_id = tree["ann"].create("customer", name="Corner Shop", phone="0")
    await tree.step()
    tree["nia"].patch("customer", shop_id, phone="manager")
    await tree["nia"].sync()
    tree["ann"].patch("customer", shop_id, phone="ann")
    assert words(await tree["ann"].sync()) == [("parked", "conflict")]
    return shop_id


def card(tree: Tree, name: str) -> InboxItem:
    """The one card that somebody holds himself."""
    (found,) = (item for item in tree[name].inbox() if item.holder_id == tree[name].user_id)
    return found


async def send(tree: Tree, name: str) -> list[tuple[str, str | None]]:
    tree[name].command("inbox_item", card(tree, name).id, SendUp())
    told = words(await tree[name].sync())
    await tree.step()
    return told


async def test_the_manager_gets_an_item_of_his_own_and_the_authors_is_sent(tree: Tree) -> None:
    """P-531: with what the author entered, and what stands against it now."""
    shop_id = await conflict(tree)
    assert await send(tree, "ann") == [("applied", None)]
    mine, his = card(tree, "ann"), card(tree, "nia")
    assert (mine.state, his.state, his.origin_id) == (ItemState.sent, ItemState.open, mine.id)
    (member,) = his.members
    assert (member.mine, member.before, member.theirs) == ({"phone": "ann"}, {"phone": "0"}, {"phone": "manager"})
    assert (his.customer_id, member.their_user_id, his.code) == (shop_id, tree["nia"].user_id, "conflict")
    told = await tree.world.database.read(heard, tree["nia"].user_id)
    assert told == ["handed"]


def heard(conn: sa.Connection, user_id: bytes) -> list[str]:
    return list(conn.execute(sa.select(NOTIFICATION.c.kind).where(NOTIFICATION.c.user_id == user_id)).scalars())


@pytest.mark.parametrize(
    ("verb", "state"), [("use_mine", ItemState.used_mine), ("keep_theirs", ItemState.kept_theirs), ("dismiss", ItemState.dismissed)]
)
async def test_the_managers_decision_closes_the_authors_item_too(tree: Tree, verb: str, state: ItemState) -> None:
    """P-532."""
    shop_id = await conflict(tree)
    await send(tree, "ann")
    getattr(tree["nia"], verb)(card(tree, "nia"))
    assert words(await tree["nia"].sync()) == [("applied", None)]
    await tree.step()
    assert (card(tree, "nia").state, card(tree, "ann").state) == (state, state)
    assert tree["ann"].customer(shop_id).phone == ("ann" if verb == "use_mine" else "manager")


async def test_values_that_meet_close_both(tree: Tree) -> None:
    """P-532, P-506: the author himself writes it again after having seen what stands."""
    shop_id = await conflict(tree)
    await send(tree, "ann")
    tree["ann"].patch("customer", shop_id, phone="ann")
    assert words(await tree["ann"].sync()) == [("applied", None)]
    await tree.step()
    assert (card(tree, "nia").state, card(tree, "ann").state) == (ItemState.met, ItemState.met)


async def test_a_sent_item_is_not_decided_by_its_author(tree: Tree) -> None:
    """P-531, P-507."""
    await conflict(tree)
    await send(tree, "ann")
    item = card(tree, "ann")
    for command in ("keep_theirs", "dismiss"):
        getattr(tree["ann"], command)(item)
    tree["ann"].command("inbox_item", item.id, SendUp())
    assert words(await tree["ann"].sync()) == [("parked", "state_wrong")] * 3
    tree["bo"].command("inbox_item", item.id, SendUp())
    assert words(await tree["bo"].sync()) == [("rejected", "out_of_scope")]


async def test_a_manager_sends_on_and_the_last_decision_closes_all(tree: Tree) -> None:
    """P-531, P-532: up to headquarters; above it there is nobody."""
    await conflict(tree)
    await send(tree, "ann")
    assert await send(tree, "nia") == [("applied", None)]
    top = card(tree, "hal")
    assert (top.origin_id, card(tree, "nia").origin_id) == (card(tree, "nia").id, card(tree, "ann").id)
    tree["hal"].command("inbox_item", top.id, SendUp())
    assert words(await tree["hal"].sync()) == [("parked", "rule_broken")]
    tree["hal"].keep_theirs(top)
    await tree.step()
    assert [card(tree, name).state for name in ("ann", "nia")] == [ItemState.kept_theirs] * 2


async def test_two_managers_of_one_department_do_not_send_an_item_to_and_fro(tree: Tree) -> None:
    """D-504: whoever had it is passed over."""
    await tree.joins("ned", Role.manager, "north")
    await conflict(tree)
    await send(tree, "ann")
    for name in ("nia", "ned"):
        tree[name].command("inbox_item", card(tree, name).id, SendUp())
        assert words(await tree[name].sync()) == [("applied", None)]
        await tree.step()
    assert card(tree, "hal").state == ItemState.open


async def test_a_manager_who_may_not_see_the_record_gets_the_authors_value_alone(tree: Tree) -> None:
    """P-531: nothing of what stands, nor whose customer it is."""
    shop_id = tree["cy"].create("customer", name="Foreign Shop", phone="secret")
    await tree.step()
    tree["ann"].patch("customer", shop_id, phone="guess")
    assert words(await tree["ann"].sync()) == [("rejected", "out_of_scope")]
    await send(tree, "ann")
    his = card(tree, "nia")
    (member,) = his.members
    assert (member.mine, member.theirs, member.before, member.their_rev) == ({"phone": "guess"}, {}, {}, 0)
    assert his.customer_id is None


async def test_decisions_taken_at_once_stand_or_fall_alone(tree: Tree) -> None:
    """P-534: one was taken on another phone meanwhile; the others close all the same."""
    shop_id = await conflict(tree)
    for slot in ("note", "city"):
        tree["ann"].patch("customer", shop_id, {slot: "ann"})
        tree["nia"].patch("customer", shop_id, {slot: "manager"})
    await tree["nia"].sync()
    await tree["ann"].sync()
    items = [item for item in tree["ann"].inbox() if item.state == ItemState.open]
    assert len(items) == 3
    second = await tree.world.phone(tree["ann"].user_id)
    await second.sync()
    second.keep_theirs(items[1])
    await second.sync()
    for edits in decisions.decide_each(items, ENCODER.encode(KeepTheirs())):
        tree["ann"].enter(*edits)
    assert sorted(words(await tree["ann"].sync())) == [("applied", None), ("applied", None), ("parked", "state_wrong")]


async def test_a_leavers_open_items_go_to_his_manager(tree: Tree) -> None:
    """P-533: in the transaction that ends him; the decision closes his card as well."""
    await conflict(tree)
    leaver = card(tree, "ann")
    await tree.person("ann", Role.rep, "east", active=False)
    tree.phones.pop("ann")
    await tree.step()
    his = card(tree, "nia")
    assert (his.origin_id, his.state, his.members[0].mine) == (leaver.id, ItemState.open, {"phone": "ann"})
    tree["nia"].keep_theirs(his)
    await tree.step()
    assert await tree.world.database.read(state_of, leaver.id) == ItemState.kept_theirs


async def test_a_leaving_managers_items_go_up_with_those_that_came_to_him(tree: Tree) -> None:
    """P-533, P-532."""
    await conflict(tree)
    await send(tree, "ann")
    await tree.person("nia", Role.manager, "north", active=False)
    tree.phones.pop("nia")
    await tree.step()
    tree["hal"].dismiss(card(tree, "hal"))
    await tree.step()
    assert card(tree, "ann").state == ItemState.dismissed


async def test_a_page_of_a_leavers_cards_leaves_the_card_that_one_of_them_is_about(tree: Tree) -> None:
    """P-533: nobody was above Ann when she sent her card up. The card about that goes with its page, the first waits for its own."""
    await conflict(tree)
    first = card(tree, "ann")
    for name in ("hal", "nia"):
        await tree.person(name, Role.manager, "south")
    tree["ann"].command("inbox_item", first.id, SendUp())
    assert words(await tree["ann"].sync()) == [("parked", "rule_broken")]
    await tree.joins("new", Role.manager, "north")
    place = (first.created_ms, first.id)
    assert await tree.world.database.write(hand_items, tree.world.org_id, tree["ann"].user_id, tree.world.now_ms, place) == 1
    assert await tree.world.database.read(state_of, first.id) == ItemState.open
    assert await tree.world.database.write(hand_items, tree.world.org_id, tree["ann"].user_id, tree.world.now_ms) == 1
    await tree.step()
    seen = [item.members[0].theirs for item in tree["new"].inbox() if item.origin_id == first.id]
    assert seen == [{"phone": "manager"}]


async def test_without_a_manager_a_leavers_items_wait_until_there_is_one(tree: Tree) -> None:
    """P-533: nothing expires."""
    await conflict(tree)
    leaver = card(tree, "ann")
    await tree.person("hal", Role.manager, "south")
    await tree.person("nia", Role.manager, "south")
    await tree.person("ann", Role.rep, "east", active=False)
    tree.phones.pop("ann")
    assert await tree.world.database.read(state_of, leaver.id) == ItemState.open
    await tree.joins("new", Role.manager, "north")
    assert [await hand(tree.world.database) for _ in range(2)] == [1, 0]
    await tree.step()
    assert card(tree, "new").origin_id == leaver.id


async def test_items_that_cannot_go_up_hold_back_none_behind_them(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-533: the only manager above has had the leaver's oldest items, more than a transaction takes, and none of his later ones."""
    monkeypatch.setattr(stored, "ITEMS_MAX", 2)
    await tree.person("hal", Role.manager, "south")
    await tree.joins("ned", Role.manager, "north")
    for _ in range(3):
        tree["ann"].patch("customer", next(tree.world.ids), phone="ann")
    await tree["ann"].sync()
    for name in ("ann", "nia"):
        for item in (one for one in tree[name].inbox() if one.holder_id == tree[name].user_id):
            tree[name].command("inbox_item", item.id, SendUp())
        await tree.step()
    for _ in range(3):
        tree.world.now_ms += 1_000
        tree["ned"].patch("customer", next(tree.world.ids), phone="ned")
        await tree["ned"].sync()
    await tree.person("ned", Role.manager, "north", active=False)
    tree.phones.pop("ned")
    assert [await hand(tree.world.database) for _ in range(2)] == [3, 0]
    await tree.step()
    came = [item.members[0].mine for item in tree["nia"].inbox() if item.holder_id == tree["nia"].user_id and item.state == ItemState.open]
    assert came == [{"phone": "ned"}] * 3


def state_of(conn: sa.Connection, item_id: bytes) -> ItemState:
    (item,) = stored.items(conn, 1, [item_id])
    return item.state


@pytest.mark.parametrize("follows", [True, False])
async def test_values_that_meet_by_a_move_at_the_desk_close_both(tree: Tree, follows: bool) -> None:
    """P-532, P-506, P-511: whether the manager follows the customer up himself or leads who does."""
    shop_id, world = await conflict(tree), tree.world
    if follows:
        asked = Collaborate(shop_id, tree["nia"].user_id)
        await world.database.write(act, tree.boss.claims, asked, world.now_ms)
    await send(tree, "ann")
    tree["ann"].patch("customer", shop_id, phone="ann")
    await world.database.write(act, tree.boss.claims, Transfer(shop_id, tree["bo"].user_id), world.now_ms)
    assert words(await tree["ann"].sync()) == [("parked", "moved")]
    await world.database.write(act, tree.boss.claims, Transfer(shop_id, tree["ann"].user_id), world.now_ms)
    await tree.step()
    own = [item.state for item in tree["ann"].inbox() if item.holder_id == tree["ann"].user_id]
    assert (card(tree, "nia").state, sorted(own)) == (ItemState.met, [ItemState.met, ItemState.judged_anew])
