"""The inbox: what could not be applied stands there, is decided there, and harms nobody else."""

import pytest

from server.database import Database
from shared_schema.records.customer import Contact
from shared_schema.records.inbox import ItemState
from shared_schema.records.quote import Submit
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.world import Entry, Team, said, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.mark.parametrize("values", [{"bogus": 1}, {"tier": 1}, {"extra": {"x": 1.5}}, {"phone": 7}, {"a\0b": "x"}, {"extra": 5}])
async def test_a_refused_field_harms_no_later_edit(team: Team, values: dict[str, object]) -> None:
    """A value which the record has no place for waits in the inbox and nobody stumbles over it. P-501."""
    bad = Entry(1, Kind.patch, "customer", team.customer_id, values, {"phone": 9})
    phone = await team.world.phone(team.ann.user_id)
    await phone.push(bad.raw())
    team.bo.patch("customer", team.customer_id, note="good")
    assert words(await team.bo.sync()) == [("applied", None)]


async def test_custom_fields_where_there_are_none_are_consumed(team: Team) -> None:
    preference_id = team.ann.create("preference", customer_id=team.customer_id, subject="tea")
    await team.ann.sync()
    phone = await team.world.phone(team.ann.user_id)
    pushed = await phone.push(Entry(1, Kind.patch, "preference", preference_id, {"extra": {"x": 1}}, {}).raw())
    assert pushed.counts["rejected"] == 1


async def test_a_parked_entry_is_judged_anew_when_its_customer_comes_back(team: Team) -> None:
    """P-505, P-511."""
    await team.move(team.bo)
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    team.ann.patch("contact", contact_id, phone="5")
    assert words(await team.ann.sync()) == [("parked", "moved"), ("parked", "record_waits")]
    (item,) = team.ann.inbox()
    assert [one.kind for one in item.members] == [Kind.create, Kind.patch]
    await team.move(team.ann)
    await team.ann.sync()
    contact = team.ann.view("contact", contact_id)
    assert isinstance(contact, Contact)
    assert contact.phone == "5"
    assert [one.state for one in team.ann.inbox()] == [ItemState.judged_anew]


async def test_a_parked_delete_closes_when_it_is_used(team: Team) -> None:
    """P-503, P-506."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    await team.step()
    team.ann.delete("contact", contact_id)
    team.bo.patch("contact", contact_id, phone="7")
    await team.bo.sync()
    assert words(await team.ann.sync()) == [("parked", "conflict")]
    team.ann.use_mine(team.ann.inbox()[0])
    assert words(await team.ann.sync()) == [("applied", None)]
    assert [one.state for one in team.ann.inbox()] == [ItemState.used_mine]
    assert team.ann.view("contact", contact_id) is None


async def test_a_parked_command_is_not_closed_by_an_edit(team: Team) -> None:
    """P-506."""
    quote_id = team.ann.create("quote", customer_id=team.customer_id, currency="CNY")
    team.ann.command("quote", quote_id, Submit(bytes(32)))
    assert said(await team.ann.sync())[1].code == "rule_broken"
    team.ann.patch("quote", quote_id, title="x")
    await team.ann.sync()
    assert [one.state for one in team.ann.inbox()] == [ItemState.open]


async def test_delete_after_an_own_edit_is_no_conflict(team: Team) -> None:
    """P-330, P-402."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    await team.step()
    team.bo.patch("contact", contact_id, phone="7")
    team.bo.delete("contact", contact_id)
    assert words(await team.bo.sync()) == [("applied", None)] * 2
    assert Edit(Kind.delete, BY_NAME["contact"], contact_id).bases is None


async def test_a_former_holder_is_not_told_that_the_values_met(team: Team) -> None:
    """His card would say what stands in a record that he may no longer see."""
    await team.part(team.bo)
    team.bo.patch("customer", team.customer_id, phone="guess")
    assert words(await team.bo.sync()) == [("parked", "moved")]
    team.ann.patch("customer", team.customer_id, phone="guess")
    await team.ann.sync()
    await team.bo.sync()
    assert [one.state for one in team.bo.inbox()] == [ItemState.open]


async def test_a_card_keeps_naming_who_wrote_what_it_prints(team: Team) -> None:
    """Whoever changes the record after the card was written is not on it, however often the card is touched."""
    team.ann.patch("customer", team.customer_id, phone="ann")
    await team.ann.sync()
    phone = await team.world.phone(team.bo.user_id)
    await phone.push(Entry(1, Kind.patch, "customer", team.customer_id, {"phone": "blind"}, {"phone": 0}).raw())
    team.manager.patch("customer", team.customer_id, note="manager")
    await team.manager.sync()
    await team.manager.sync()
    team.manager.patch("customer", team.customer_id, phone="manager")
    await team.manager.sync()
    await team.bo.sync()
    team.bo.keep_theirs(team.bo.inbox()[0])
    await team.bo.sync()
    (card,) = team.bo.inbox()
    assert (card.members[0].theirs, card.members[0].their_user_id) == ({"phone": "ann"}, team.ann.user_id)


async def test_a_waiting_delete_of_a_stranger_closes_when_the_record_goes(team: Team) -> None:
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    await team.step()
    team.bo.delete("contact", contact_id)
    team.ann.patch("contact", contact_id, phone="7")
    await team.ann.sync()
    assert words(await team.bo.sync()) == [("parked", "conflict")]
    team.ann.delete("contact", contact_id)
    await team.ann.sync()
    await team.bo.sync()
    assert [one.state for one in team.bo.inbox()] == [ItemState.met]


@pytest.mark.parametrize("together", [True, False])
async def test_a_card_is_the_same_wherever_a_batch_ends(team: Team, together: bool) -> None:
    """What two entries in one place print as before, and as whose, does not hang on the request they came in. P-303, P-502."""
    team.bo.patch("customer", team.customer_id, phone="2")
    await team.bo.sync()
    for value in ("3", "4"):
        team.ann.patch("customer", team.customer_id, phone=value)
        if not together:
            await team.ann.answer(team.ann.ask())
    await team.ann.sync()
    (item,) = team.ann.inbox()
    printed = [(one.before, one.theirs, one.mine["phone"], one.their_user_id) for one in (*item.earlier, *item.members)]
    assert printed == [({"phone": "1"}, {"phone": "2"}, value, team.bo.user_id) for value in ("3", "4")]


async def test_a_card_does_not_close_over_a_field_that_it_cannot_show(team: Team) -> None:
    """P-506, P-334: a newer app's field of another shape waits too, though the rest of the entry stands by now."""
    hours: dict[str, object] = {"phone": "7", "opening_hours": [[1, 540, 1080], [2, 540, 1080]]}
    await team.ann.push(Entry(team.ann.shelf.seat().next_n, Kind.patch, "customer", team.customer_id, hours, {"phone": 1}).raw())
    await team.bo.sync()
    team.bo.patch("customer", team.customer_id, phone="7")
    await team.bo.sync()
    fresh = await team.world.phone(team.ann.user_id)
    await fresh.sync()
    (card,) = fresh.inbox()
    assert (card.code, card.state, card.members[0].mine) == ("field_unknown", ItemState.open, {"phone": "7", "opening_hours": None})
