"""When a card closes by itself: wherever batches are cut, and without telling what its holder may not see (P-506, P-509)."""

import pytest

from server.database import Database
from shared_schema.records.contribution import Contribution
from shared_schema.records.customer import Contact
from shared_schema.records.inbox import InboxItem, ItemState, SendUp
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync import overlay
from sync.device import keep_tiles
from tests.integration.test_inbox_up import card, conflict, send
from tests.integration.test_sync_contributions import lost
from tests.integration.test_sync_pools import TILE, claimed, pool_of, put_into, whole_customer
from tests.tree import Tree, tree_of
from tests.world import START_MS, Entry, Phone, Team, team_of, words

CONTACT = BY_RECORD[Contact]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def waiting_group(team: Team) -> list[bytes]:
    """On another phone of Ann's a group of two contacts waits; these."""
    contact_ids = [team.ann.create("contact", customer_id=team.customer_id, name=name) for name in ("Lin", "Wu")]
    await team.step()
    for contact_id in contact_ids:
        team.bo.patch("contact", contact_id, phone="2")
    await team.bo.sync()
    group = [Entry(n, Kind.patch, "contact", one, {"phone": "3"}, {"phone": 1}, (1, n - 1, 2)) for n, one in enumerate(contact_ids, 1)]
    await (await team.world.phone(team.ann.user_id)).push(*(one.raw() for one in group))
    await team.step()
    return contact_ids


def states(phone: Phone) -> list[ItemState]:
    return [item.state for item in phone.inbox() if item.holder_id == phone.user_id]


@pytest.mark.parametrize(("who", "how"), [("ann", ItemState.used_mine), ("bo", ItemState.met)])
@pytest.mark.parametrize("requests", [1, 2])
async def test_a_group_closes_with_the_last_of_its_values(team: Team, who: str, how: ItemState, requests: int) -> None:
    """P-506, P-509: in one request or in two, by its author or by somebody else."""
    first_id, second_id = await waiting_group(team)
    phone: Phone = getattr(team, who)
    phone.patch("contact", first_id, phone="3")
    if requests == 2:
        await phone.sync()
    phone.patch("contact", second_id, phone="3")
    await phone.sync()
    await team.step()
    assert states(team.ann) == [how]


async def test_a_flood_of_groups_is_not_looked_at(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-509: what has no room stays open until its holder decides; nothing is refused for it."""
    monkeypatch.setattr("server.store.inbox.BESIDE_MAX", 1)
    for contact_id in await waiting_group(team):
        team.ann.patch("contact", contact_id, phone="3")
        assert words(await team.ann.sync()) == [("applied", None)]
    await team.step()
    assert states(team.ann) == [ItemState.open]


async def test_a_claim_that_judges_anew_closes_also_what_was_sent_up(team: Team) -> None:
    """P-511, P-506, P-532: the author entered the same twice, and sent up the first; both close, and the one above."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    await team.step()
    (contact,) = (one for one in overlay.views(team.ann.shelf, CONTACT) if isinstance(one, Contact) and one.customer_id == customer_id)
    await team.move(team.bo, customer_id)
    team.ann.patch("contact", contact.id, phone="late")
    await team.ann.sync()
    (first,) = team.ann.inbox()
    team.ann.command("inbox_item", first.id, SendUp())
    team.ann.patch("contact", contact.id, phone="late")
    assert words(await team.ann.sync()) == [("applied", None), ("parked", "moved")]
    await put_into(team, pool, customer_id)
    keep_tiles(team.ann.shelf, (TILE,))
    await team.step()
    claimed(team.ann, customer_id)
    assert words(await team.ann.sync()) == [("applied", None)]
    await team.step()
    assert sorted(states(team.ann)) == [ItemState.met, ItemState.judged_anew]
    assert states(team.manager) == [ItemState.met]


@pytest.mark.parametrize("guess", ["secret", "other"])
async def test_a_card_does_not_tell_what_stands_at_a_lost_customer(team: Team, guess: str) -> None:
    """P-506, P-424: a former holder asks by a group whether his guess stands; both answers are alike."""
    customer_id = await lost(team)
    team.bo.patch("customer", customer_id, phone="secret")
    await team.bo.sync()
    visit_id, visit = next(team.world.ids), {"customer_id": customer_id, "device_ms": START_MS}
    spy = await team.world.phone(team.ann.user_id)
    await spy.push(
        Entry(1, Kind.create, "visit", visit_id, visit, {}, (1, 0, 2)).raw(),
        Entry(2, Kind.patch, "customer", customer_id, {"phone": guess}, {"phone": 1}, (1, 1, 2)).raw(),
    )
    await spy.push(
        Entry(3, Kind.create, "visit", visit_id, visit).raw(),
        Entry(4, Kind.patch, "customer", customer_id, {"city": "x"}, {"city": 1}).raw(),
    )
    await team.ann.sync()
    assert {item.members[0].n: item.state for item in team.ann.inbox()}[1] == ItemState.open


async def test_who_leads_nobody_any_more_is_not_told_that_values_met(tree: Tree) -> None:
    """P-506: Nia was the manager when the card came up to her; by now she sees the shop no more."""
    shop_id = await conflict(tree)
    await send(tree, "ann")
    await tree.person("nia", Role.rep, "north")
    tree["ann"].patch("customer", shop_id, phone="ann")
    assert words(await tree["ann"].sync()) == [("applied", None)]
    await tree.step()
    assert card(tree, "nia").state == ItemState.open


async def test_a_card_about_somebody_elses_card_names_no_customer(team: Team) -> None:
    """P-424, P-504: Bo names Ann's card, whose id he can compute; he is told no more than of one that never was."""
    await waiting_group(team)
    (hers,) = (item for item in team.ann.inbox() if item.holder_id == team.ann.user_id)
    for item in (hers.id, next(team.world.ids)):
        team.bo.dismiss(InboxItem(item, 1, team.bo.user_id, 1, "", ItemState.open, 0, None, ()))
    assert words(await team.bo.sync()) == [("rejected", "out_of_scope")] * 2
    assert [one.customer_id for one in team.bo.inbox()] == [None, None]


async def test_what_was_deleted_meanwhile_stands_beside_its_customer_too(team: Team) -> None:
    """P-510: of a group about two lost customers, one of whose contacts is no more."""
    found = []
    for name in ("Near", "Far"):
        customer_id = team.ann.create("customer", name=name)
        found.append((customer_id, team.ann.create("contact", customer_id=customer_id, name="Lin")))
    await team.ann.sync()
    for customer_id, _ in found:
        await team.move(team.bo, customer_id)
    await team.bo.sync()
    team.bo.delete("contact", found[1][1])
    await team.bo.sync()
    group = [Entry(n, Kind.patch, "contact", one, {"phone": "3"}, {"phone": 1}, (1, n - 1, 2)) for n, (_, one) in enumerate(found, 1)]
    await (await team.world.phone(team.ann.user_id)).push(*(one.raw() for one in group))
    await team.bo.sync()
    beside = [one for one in overlay.views(team.bo.shelf, BY_RECORD[Contribution]) if isinstance(one, Contribution)]
    assert {one.customer_id: [each.mine for each in one.members] for one in beside} == {one: [{"phone": "3"}] for one, _ in found}
