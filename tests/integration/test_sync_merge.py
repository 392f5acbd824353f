"""Merge by causality and field group: nobody overwrites what he has not seen, and nobody is told of conflicts that are none."""

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import FieldDefinition, FieldKind
from shared_schema.registry import BY_NAME
from shared_schema.wire import MUTATION_DECODER, Kind, SyncAnswer
from sync import device as reference
from sync.device import Edit
from sync.state import STAMPS_DECODER
from tests.world import Entry, Phone, Team, said, team_of, words

APPLIED, MERGED, CONFLICT = ("applied", None), ("merged", None), ("parked", "conflict")
CUSTOMER = BY_NAME["customer"]


@pytest.fixture
async def team(database: Database) -> Team:
    keys = [f"k{number}" for number in range(80)]
    made = (FieldDefinition(bytes([9]) * 15 + bytes([at]), 1, 1, key, FieldKind.text, key, key) for at, key in enumerate(keys))
    return await team_of(database, *made)


async def outcomes_without_rows(phone: Phone) -> SyncAnswer:
    """Push and hear the outcomes, but no rows yet: the page was too small for them."""
    asked = phone.ask()
    answer = await phone.answer(asked)
    assert reference.apply(
        phone.shelf, msgspec.structs.replace(answer, pages=[], drop=[], cursor=asked.cursor, more=True, consistent=False)
    )
    return answer


async def rows_only(phone: Phone) -> None:
    """Pull without sending what waits."""
    answer = await phone.answer(msgspec.structs.replace(phone.ask(), mutations=[]))
    assert reference.apply(phone.shelf, answer)


async def stands(team: Team) -> Customer:
    await team.manager.sync()
    return team.manager.customer(team.customer_id)


async def test_other_groups_and_custom_fields_survive_each_other(team: Team) -> None:
    """P-407."""
    team.ann.patch("customer", team.customer_id, {"extra.k1": "ann", "address": "1 Road"})
    team.bo.patch("customer", team.customer_id, {"extra.k2": "bo", "note": "n"})
    assert words(await team.ann.sync()) + words(await team.bo.sync()) == [APPLIED, MERGED]
    seen = await stands(team)
    assert (seen.extra, seen.address, seen.note) == ({"k1": "ann", "k2": "bo"}, "1 Road", "n")


async def test_one_custom_field_is_one_group(team: Team) -> None:
    """P-407."""
    team.ann.patch("customer", team.customer_id, {"extra.k1": "ann"})
    team.bo.patch("customer", team.customer_id, {"extra.k1": "bo", "extra.k2": "bo"})
    await team.ann.sync()
    assert words(await team.bo.sync()) == [CONFLICT]
    assert (await stands(team)).extra == {"k1": "ann", "k2": "bo"}
    (item,) = team.bo.inbox()
    assert (item.members[0].group, item.members[0].mine, item.members[0].theirs) == ("extra.k1", {"extra.k1": "bo"}, {"extra.k1": "ann"})


async def test_a_cleared_custom_field_conflicts_too(team: Team) -> None:
    """P-332, P-407."""
    team.ann.patch("customer", team.customer_id, {"extra.k1": "old"})
    await team.step()
    team.ann.patch("customer", team.customer_id, {"extra.k1": None})
    team.bo.patch("customer", team.customer_id, {"extra.k1": "bo"})
    await team.ann.sync()
    assert words(await team.bo.sync()) == [CONFLICT]
    assert (await stands(team)).extra == {}


async def test_fields_of_one_group_conflict_even_when_they_differ(team: Team) -> None:
    """Street and city are one address: half of each would be an address that nobody entered. P-401."""
    team.ann.patch("customer", team.customer_id, address="1 Road")
    team.bo.patch("customer", team.customer_id, city="Xiamen")
    await team.ann.sync()
    assert words(await team.bo.sync()) == [CONFLICT]
    seen = await stands(team)
    assert (seen.address, seen.city) == ("1 Road", "")


async def test_equal_values_converge_and_name_no_new_writer(team: Team) -> None:
    """P-403, P-410."""
    team.ann.patch("customer", team.customer_id, phone="same")
    team.bo.patch("customer", team.customer_id, phone="same")
    await team.ann.sync()
    before = await team.world.database.read(stamps, team.customer_id)
    assert words(await team.bo.sync()) == [APPLIED]
    assert await team.world.database.read(stamps, team.customer_id) == before
    assert team.bo.inbox() == []


def stamps(conn: sa.Connection, customer_id: bytes) -> dict[str, tuple[int, ...]]:
    table = RECORD_TABLES["customer"]
    packed = conn.execute(sa.select(table.c.field_revs).where(table.c.id == customer_id)).scalar_one()
    return {group: tuple(stamp) for group, stamp in STAMPS_DECODER.decode(packed).items()}


async def test_own_chained_edits_never_conflict(team: Team) -> None:
    """P-402."""
    for phone in ("2", "3"):
        team.ann.patch("customer", team.customer_id, phone=phone)
    await outcomes_without_rows(team.ann)
    team.ann.patch("customer", team.customer_id, phone="4")
    assert words(await team.ann.sync()) == [APPLIED]
    assert (await stands(team)).phone == "4"


async def test_an_own_edit_does_not_hide_anothers(team: Team) -> None:
    """Base not inherited: ann's second edit would name the rev of the row, and her first edit's base is what she saw. P-330."""
    team.ann.patch("customer", team.customer_id, phone="ann 1")
    await outcomes_without_rows(team.ann)
    await team.bo.sync()
    team.bo.patch("customer", team.customer_id, phone="bo")
    assert words(await team.bo.sync()) == [APPLIED]
    team.ann.patch("customer", team.customer_id, phone="ann 2")
    assert words(await team.ann.sync()) == [CONFLICT]
    assert (await stands(team)).phone == "bo"


async def test_a_base_is_never_taken_from_an_outcome(team: Team) -> None:
    """The outcome of another group names a rev in which somebody's phone number was changed, unseen. P-330."""
    team.ann.patch("customer", team.customer_id, phone="ann")
    await team.ann.sync()
    team.bo.patch("customer", team.customer_id, note="bo")
    found = said([await outcomes_without_rows(team.bo)])
    assert [one.result.name for one in found] == ["merged"]
    team.bo.patch("customer", team.customer_id, phone="bo")
    (raw,) = team.bo.ask().mutations
    assert MUTATION_DECODER.decode(raw).bases["phone"] < (found[0].rev or 0)
    assert words(await team.bo.sync()) == [CONFLICT]
    assert (await stands(team)).phone == "ann"


async def test_a_base_is_never_raised_by_a_rebase(team: Team) -> None:
    """News arrive under a waiting edit: the screen is drawn anew, base and bytes stay, and so does the base of the next edit.

    P-502, P-601.
    """
    team.bo.patch("customer", team.customer_id, phone="bo 1")
    waiting = team.bo.ask().mutations
    team.ann.patch("customer", team.customer_id, phone="ann")
    await team.ann.sync()
    await rows_only(team.bo)
    assert (team.bo.ask().mutations, team.bo.customer(team.customer_id).phone) == (waiting, "bo 1")
    team.bo.patch("customer", team.customer_id, phone="bo 2")
    assert words(await team.bo.sync()) == [CONFLICT] * 2
    assert (await stands(team)).phone == "ann"
    (item,) = team.bo.inbox()
    assert [one.mine for one in (*item.earlier, *item.members)] == [{"phone": "bo 1"}, {"phone": "bo 2"}]


async def test_a_second_phone_of_the_same_user_is_another_line(team: Team) -> None:
    """P-402."""
    second = await team.world.phone(team.ann.user_id)
    await second.sync()
    team.ann.patch("customer", team.customer_id, phone="first phone")
    second.patch("customer", team.customer_id, phone="second phone")
    await team.ann.sync()
    assert words(await second.sync()) == [CONFLICT]
    assert (await stands(team)).phone == "first phone"


async def contact(team: Team) -> bytes:
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin", phone="1")
    await team.step()
    return contact_id


async def test_a_delete_against_a_newer_edit_is_parked(team: Team) -> None:
    """P-421."""
    contact_id = await contact(team)
    team.ann.patch("contact", contact_id, phone="2")
    team.bo.delete("contact", contact_id)
    await team.ann.sync()
    assert words(await team.bo.sync()) == [CONFLICT]
    seen = team.bo.view("contact", contact_id)
    assert isinstance(seen, Contact)
    assert seen.phone == "2"
    (card,) = team.bo.inbox()
    assert (card.members[0].before, card.members[0].their_user_id) == ({"phone": "1"}, team.ann.user_id)
    empty = dict.fromkeys(("title", "email", "note", "birthday"), "")
    assert card.members[0].theirs == {"name": "Ms Lin", "phone": "2", "phones": [], "seniority": 0, **empty}


async def test_an_edit_against_a_delete_is_parked_and_nothing_rises(team: Team) -> None:
    """P-422."""
    contact_id = await contact(team)
    team.ann.delete("contact", contact_id)
    team.bo.patch("contact", contact_id, phone="2")
    await team.ann.sync()
    assert words(await team.bo.sync()) == [("parked", "gone")]
    assert [item.members[0].mine for item in team.bo.inbox()] == [{"phone": "2"}]
    team.bo.enter(Edit(Kind.create, BY_NAME["contact"], contact_id, {"customer_id": team.customer_id, "name": "again"}))
    assert words(await team.bo.sync()) == [("parked", "gone")]
    await team.step()
    assert [phone.view("contact", contact_id) for phone in (team.ann, team.bo, team.manager)] == [None] * 3


async def test_a_delete_without_base_is_refused(team: Team) -> None:
    """P-421."""
    contact_id = await contact(team)
    phone = await team.world.phone(team.ann.user_id)
    pushed = await phone.push(Entry(1, Kind.delete, "contact", contact_id).raw())
    assert pushed.counts == {"repeated": 0, "forked": 0, "rejected": 1}
    await team.step()
    assert team.bo.view("contact", contact_id) is not None


async def test_two_deletes_are_one(team: Team) -> None:
    """P-421."""
    contact_id = await contact(team)
    team.ann.delete("contact", contact_id)
    team.bo.delete("contact", contact_id)
    assert words(await team.ann.sync()) + words(await team.bo.sync()) == [APPLIED, ("duplicate", None)]


def undo(phone: Phone, customer_id: bytes, value: str) -> None:
    rev = phone.customer(customer_id).rev
    phone.enter(Edit(Kind.undo, CUSTOMER, customer_id, {"phone": value}, bases={"phone": rev}))


async def test_undo_restores_and_is_somebody_elses_to_the_others(team: Team) -> None:
    """P-410, P-423."""
    team.ann.patch("customer", team.customer_id, phone="wrong")
    await team.step()
    undo(team.bo, team.customer_id, "1")
    assert words(await team.bo.sync()) == [APPLIED]
    assert (await stands(team)).phone == "1"
    assert (await team.world.database.read(stamps, team.customer_id))["phone"][1] == team.bo.shelf.seat().line_no
    team.ann.patch("customer", team.customer_id, phone="not seen the undo")
    assert words(await team.ann.sync()) == [CONFLICT]


async def test_an_edit_after_ones_own_undo_meets_no_conflict(team: Team) -> None:
    """P-402, P-410: entered before the undo was answered, so its base is the undo's (P-330); others were at work elsewhere."""
    team.ann.patch("customer", team.customer_id, phone="wrong")
    await team.step()
    team.bo.patch("customer", team.customer_id, note="bo")
    await team.bo.sync()
    undo(team.ann, team.customer_id, "1")
    team.ann.patch("customer", team.customer_id, phone="right")
    assert words(await team.ann.sync()) == [("merged", None)] * 2
    assert ((await stands(team)).phone, team.ann.inbox()) == ("right", [])


async def test_undo_after_a_newer_change_is_refused(team: Team) -> None:
    """P-423."""
    team.ann.patch("customer", team.customer_id, phone="2")
    await team.step()
    team.ann.patch("customer", team.customer_id, phone="3")
    await team.ann.sync()
    undo(team.bo, team.customer_id, "1")
    assert words(await team.bo.sync()) == [CONFLICT]
    assert (await stands(team)).phone == "3"


async def test_an_undo_is_whole_or_nothing(team: Team) -> None:
    """One of its two groups changed again: the other is not undone alone."""
    team.ann.patch("customer", team.customer_id, phone="2", note="2")
    await team.step()
    team.ann.patch("customer", team.customer_id, phone="3")
    await team.ann.sync()
    rev = team.bo.customer(team.customer_id).rev
    team.bo.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"phone": "1", "note": ""}, bases={"phone": rev, "note": rev}))
    assert words(await team.bo.sync()) == [CONFLICT]
    seen = await stands(team)
    assert (seen.phone, seen.note) == ("3", "2")


async def test_guards_run_again_on_what_the_merge_made(team: Team) -> None:
    """Forty fields each, no conflict between them, and together more than a record may have: parked whole, with its other groups. P-420."""
    team.ann.patch("customer", team.customer_id, {f"extra.k{at}": "ann" for at in range(40)})
    team.bo.patch("customer", team.customer_id, {f"extra.k{at}": "bo" for at in range(40, 80)} | {"note": "bo"})
    await team.ann.sync()
    assert words(await team.bo.sync()) == [("parked", "rule_broken")]
    seen = await stands(team)
    assert (len(seen.extra), seen.note) == (40, "")
    assert len(team.bo.inbox()[0].members[0].mine) == 41


async def clash(team: Team) -> None:
    team.ann.patch("customer", team.customer_id, phone="ann")
    team.bo.patch("customer", team.customer_id, phone="bo")
    await team.ann.sync()
    await team.bo.sync()


async def test_keep_theirs_closes_and_changes_nothing(team: Team) -> None:
    """P-507."""
    await clash(team)
    team.bo.keep_theirs(team.bo.inbox()[0])
    assert words(await team.bo.sync()) == [APPLIED]
    assert ((await stands(team)).phone, [one.state for one in team.bo.inbox()]) == ("ann", [ItemState.kept_theirs])
    team.bo.keep_theirs(team.bo.inbox()[0])
    assert words(await team.bo.sync()) == [("parked", "state_wrong")]


async def test_use_mine_from_an_old_card_is_parked_again(team: Team) -> None:
    """P-503."""
    await clash(team)
    (card,) = team.bo.inbox()
    team.ann.patch("customer", team.customer_id, phone="ann again")
    await team.ann.sync()
    team.bo.use_mine(card)
    assert words(await team.bo.sync()) == [CONFLICT]
    assert (await stands(team)).phone == "ann again"
    assert [one.members[0].theirs for one in team.bo.inbox() if one.state == ItemState.open] == [{"phone": "ann again"}]


async def test_values_that_meet_close_the_card(team: Team) -> None:
    """P-506."""
    await clash(team)
    team.ann.patch("customer", team.customer_id, phone="bo")
    assert words(await team.ann.sync()) == [APPLIED]
    await team.bo.sync()
    assert [one.state for one in team.bo.inbox()] == [ItemState.met]


async def test_nobody_decides_anothers_card(team: Team) -> None:
    """P-507."""
    await clash(team)
    (card,) = team.bo.inbox()
    for phone in (team.ann, team.manager):
        phone.keep_theirs(card)
        assert words(await phone.sync()) == [("rejected", "out_of_scope")]
    await team.bo.sync()
    assert team.bo.inbox()[0].state == ItemState.open


async def test_a_refusal_is_dismissed(team: Team) -> None:
    """P-507."""
    team.ann.patch("customer", team.customer_id, {"extra.unknown": "x"})
    assert words(await team.ann.sync()) == [("rejected", "custom_field_unknown")]
    team.ann.dismiss(team.ann.inbox()[0])
    assert words(await team.ann.sync()) == [APPLIED]
    assert team.ann.inbox()[0].state == ItemState.dismissed


async def test_clocks_decide_nothing(team: Team) -> None:
    """A phone ten years ahead loses like any other that has not seen, and one ten years behind wins when it has. P-411."""
    team.bo.ahead_ms = 10 * 365 * 86_400_000
    team.ann.ahead_ms = -team.bo.ahead_ms
    await clash(team)
    assert (await stands(team)).phone == "ann"
    team.bo.use_mine(team.bo.inbox()[0])
    await team.bo.sync()
    await team.ann.sync()
    team.ann.patch("customer", team.customer_id, phone="ann later")
    assert words(await team.ann.sync()) == [APPLIED]
