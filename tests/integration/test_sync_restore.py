"""A deleted record comes back only by a restore that names the rev of its deletion."""

from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.jobs.compact import purge
from server.models import change, tombstone
from server.store.history import VALUES_DECODER
from shared_schema.records.customer import Contact
from shared_schema.records.inbox import ItemState
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.world import Entry, Phone, Team, team_of, words

APPLIED = ("applied", None)
CONTACT = BY_NAME["contact"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def graves(conn: sa.Connection, record_id: bytes) -> list[int]:
    return list(conn.execute(sa.select(tombstone.c.rev).where(tombstone.c.id == record_id)).scalars())


def story(conn: sa.Connection, record_id: bytes) -> list[tuple[int, str]]:
    where = change.c.id == record_id
    return [(row.rev, row.decision) for row in conn.execute(sa.select(change).where(where).order_by(change.c.rev, change.c.group_name))]


def last_values(conn: sa.Connection, record_id: bytes) -> dict[str, Any]:
    """What the history keeps of the newest deletion."""
    where = (change.c.id == record_id, change.c.decision == "deleted")
    return VALUES_DECODER.decode(
        conn.execute(sa.select(change.c.before).where(*where).order_by(change.c.rev.desc())).scalars().first() or b""
    )


async def contact(team: Team) -> bytes:
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Lin", phone="1")
    await team.step()
    return contact_id


async def deleted(team: Team) -> tuple[bytes, int, dict[str, Any]]:
    """A contact that everybody saw, deleted by Ann, everybody in step; its id, the deletion's rev, its values."""
    contact_id = await contact(team)
    team.ann.delete("contact", contact_id)
    await team.step()
    (rev,) = await team.world.database.read(graves, contact_id)
    return contact_id, rev, await team.world.database.read(last_values, contact_id)


def restore(phone: Phone, record_id: bytes, rev: int, values: dict[str, Any], entity: str = "contact") -> None:
    phone.enter(Edit(Kind.restore, BY_NAME[entity], record_id, values, bases={"": rev}))


async def test_a_deletion_keeps_all_that_people_entered(team: Team) -> None:
    """P-450: fixed fields too, else no restore could name them."""
    contact_id, _, values = await deleted(team)
    empty = dict.fromkeys(("title", "email", "note", "birthday"), "")
    assert values == {"customer_id": team.customer_id, "name": "Lin", "phone": "1", "phones": [], "seniority": 0, **empty}
    assert await team.world.database.read(story, contact_id) == [(1, "created"), (2, "deleted")]


async def test_a_restored_record_stands_everywhere_above_its_deletion(team: Team) -> None:
    """P-426, P-427."""
    contact_id, rev, values = await deleted(team)
    restore(team.bo, contact_id, rev, values)
    assert team.bo.view("contact", contact_id) is not None
    assert words(await team.bo.sync()) == [APPLIED]
    await team.step()
    for phone in (team.ann, team.bo, team.manager):
        assert phone.view("contact", contact_id) == Contact(contact_id, rev + 1, team.customer_id, "Lin", phone="1")
    assert await team.world.database.read(graves, contact_id) == []
    assert await team.world.database.read(story, contact_id) == [(1, "created"), (2, "deleted"), (3, "restored")]


async def test_a_restored_record_is_changed_and_deleted_as_any_other(team: Team) -> None:
    """P-427."""
    contact_id, rev, values = await deleted(team)
    restore(team.bo, contact_id, rev, values)
    team.bo.patch("contact", contact_id, phone="2")
    assert words(await team.bo.sync()) == [APPLIED, APPLIED]
    await team.step()
    team.ann.delete("contact", contact_id)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    (again,) = await team.world.database.read(graves, contact_id)
    restore(team.ann, contact_id, again, values)
    assert words(await team.ann.sync()) == [APPLIED]
    assert again > rev


async def test_a_restore_names_the_deletion(team: Team) -> None:
    """P-426. Without a rev it is refused, with another it waits, and its card names the right one."""
    contact_id, rev, values = await deleted(team)
    for wrong in (0, rev - 1, rev + 1):
        restore(team.bo, contact_id, wrong, values)
        assert words(await team.bo.sync()) == [("parked", "gone")]
    assert team.bo.view("contact", contact_id) is None
    (card, *_) = team.bo.inbox()
    assert (card.members[0].their_rev, card.members[0].mine) == (rev, values)
    team.bo.use_mine(card)
    assert words(await team.bo.sync()) == [APPLIED]
    assert {item.state for item in team.bo.inbox()} == {ItemState.used_mine}
    line = await team.world.phone(team.ann.user_id)
    pushed = await line.push(Entry(1, Kind.restore, "contact", contact_id, values).raw())
    assert pushed.counts == {"repeated": 0, "forked": 0, "rejected": 1}


async def test_what_stands_is_not_restored(team: Team) -> None:
    """P-426, P-320: the same content is known already, other content waits."""
    contact_id = await contact(team)
    values: dict[str, Any] = {"customer_id": team.customer_id, "name": "Lin", "phone": "1"}
    restore(team.bo, contact_id, 1, values)
    assert words(await team.bo.sync()) == [("duplicate", None)]
    restore(team.bo, contact_id, 1, {**values, "phone": "9"})
    assert words(await team.bo.sync()) == [("parked", "conflict")]
    await team.step()
    assert getattr(team.ann.view("contact", contact_id), "phone", "") == "1"


async def test_two_restores_are_one(team: Team) -> None:
    """P-426: both named the same deletion; the second finds what the first brought back."""
    contact_id, rev, values = await deleted(team)
    restore(team.ann, contact_id, rev, values)
    restore(team.bo, contact_id, rev, {**values, "phone": "2"})
    assert words(await team.ann.sync()) + words(await team.bo.sync()) == [APPLIED, ("parked", "conflict")]
    await team.step()
    assert getattr(team.bo.view("contact", contact_id), "phone", "") == "1"


async def test_only_what_was_deleted_and_only_in_its_place(team: Team) -> None:
    """P-426, P-424: unknown and foreign answer alike; no other customer; no fact."""
    contact_id, rev, values = await deleted(team)
    mine = team.ann.create("customer", name="Other shop")
    await team.ann.sync()
    restore(team.ann, contact_id, rev, {**values, "customer_id": mine})
    assert words(await team.ann.sync()) == [("rejected", "fixed_field")]
    stranger = await team.world.phone(await team.world.user("eve"))
    own = stranger.create("customer", name="Eve's")
    await stranger.sync()
    for record_id in (contact_id, next(team.world.ids)):
        restore(stranger, record_id, rev, {**values, "customer_id": own})
        restore(stranger, record_id, rev, values)
        assert words(await stranger.sync()) == [("rejected", "out_of_scope")] * 2
    assert {one.their_rev for item in stranger.inbox() for one in item.members} == {0}
    visit: dict[str, Any] = {"customer_id": team.customer_id, "device_ms": 1}
    team.ann.enter(Edit(Kind.restore, BY_NAME["visit"], next(team.world.ids), visit, bases={"": 1}))
    team.ann.enter(Edit(Kind.restore, BY_NAME["standing"], team.customer_id, {}, bases={"": 1}))
    assert words(await team.ann.sync()) == [("rejected", "immutable"), ("rejected", "server_owned")]
    assert await team.world.database.read(graves, contact_id) == [rev]


async def test_who_lost_the_customer_restores_nothing(team: Team) -> None:
    """P-426, P-305."""
    contact_id, rev, values = await deleted(team)
    restore(team.bo, contact_id, rev, values)
    await team.part(team.bo)
    assert [code for _, code in words(await team.bo.sync())] == ["moved"]
    await team.step()
    assert team.ann.view("contact", contact_id) is None


async def test_deleted_and_restored_in_one_request(team: Team) -> None:
    """P-426, P-303: in any request boundaries the record stands, and its stored row is one."""
    contact_id = await contact(team)
    values: dict[str, Any] = {"customer_id": team.customer_id, "name": "Lin", "phone": "1"}
    new_id = next(team.world.ids)
    team.ann.delete("contact", contact_id)
    restore(team.ann, contact_id, 2, values)
    team.ann.patch("contact", contact_id, phone="2")
    team.ann.enter(Edit(Kind.create, CONTACT, new_id, values))
    team.ann.delete("contact", new_id)
    restore(team.ann, new_id, 2, values)
    assert words(await team.ann.sync()) == [APPLIED] * 6
    await team.step()
    assert [getattr(team.bo.view("contact", one), "phone", "") for one in (contact_id, new_id)] == ["2", "1"]
    team.bo.delete("contact", contact_id)
    await team.bo.sync()
    restore(team.bo, contact_id, 5, values)
    team.bo.delete("contact", contact_id)
    assert words(await team.bo.sync()) == [APPLIED] * 2
    assert await team.world.database.read(graves, contact_id) == [7]


async def test_old_cursors_and_purged_removals_meet_the_restored_record(team: Team) -> None:
    """P-427, P-134: a phone that slept through deletion, purge and restore, one that began anew, and an old cursor sent again."""
    contact_id = await contact(team)
    asleep = await team.world.phone(team.ann.user_id)
    await asleep.sync()
    cursor = team.bo.shelf.seat().cursor
    team.ann.delete("contact", contact_id)
    await team.ann.sync()
    values = await team.world.database.read(last_values, contact_id)
    await purge(team.world.database, -1)
    await team.bo.sync()
    assert team.bo.view("contact", contact_id) is None
    restore(team.bo, contact_id, 2, {**values, "note": "back"})
    assert words(await team.bo.sync()) == [APPLIED]
    await purge(team.world.database, -1)
    for phone in (asleep, team.ann, team.manager, await team.world.phone(team.bo.user_id)):
        await phone.sync()
        assert getattr(phone.view("contact", contact_id), "note", "") == "back"
    assert any(page.rows for page in (await team.bo.pull(cursor)).pages)


async def test_a_line_does_not_stand_without_its_quote(team: Team) -> None:
    """P-427, D-327: first the quote, then its lines; who restores the quote is its author."""
    quote_id = team.ann.create("quote", customer_id=team.customer_id, currency="CNY", title="Spring")
    amount: dict[str, Any] = {"product_id": bytes(16), "unit": "box", "quantity_thousandths": 1_000, "price_minor": 5}
    line_id = team.ann.create("quote_line", customer_id=team.customer_id, quote_id=quote_id, **amount)
    await team.step()
    team.ann.delete("quote_line", line_id)
    team.ann.delete("quote", quote_id)
    await team.step()
    of = {
        one: (await team.world.database.read(graves, one), await team.world.database.read(last_values, one)) for one in (line_id, quote_id)
    }
    ((line_rev,), line_values), ((quote_rev,), quote_values) = of[line_id], of[quote_id]
    restore(team.bo, line_id, line_rev, line_values, "quote_line")
    assert words(await team.bo.sync()) == [("parked", "rule_broken")]
    restore(team.bo, quote_id, quote_rev, quote_values, "quote")
    restore(team.bo, line_id, line_rev, line_values, "quote_line")
    assert words(await team.bo.sync()) == [APPLIED, ("duplicate", None)]  # what waited was judged anew with its quote (P-512)
    await team.step()
    quote, line = team.ann.view("quote", quote_id), team.ann.view("quote_line", line_id)
    assert isinstance(quote, Quote)
    assert isinstance(line, QuoteLine)
    assert (quote.title, quote.gross_minor, quote.author_id, line.price_minor) == ("Spring", 5, team.bo.user_id, 5)


async def test_a_parked_create_does_not_swallow_a_restore(team: Team) -> None:
    """P-426, P-505: the create of a deleted id waits; the restore of it is judged for itself."""
    contact_id, rev, values = await deleted(team)
    team.bo.enter(Edit(Kind.create, CONTACT, contact_id, values))
    assert words(await team.bo.sync()) == [("parked", "gone")]
    restore(team.bo, contact_id, rev, values)
    assert words(await team.bo.sync()) == [APPLIED]
    assert [item.state for item in team.bo.inbox()] == [ItemState.used_mine]


async def test_a_restore_unburies_its_record_alone(team: Team) -> None:
    """P-134, P-426: that others were deleted stays known."""
    other_id, other_rev, _ = await deleted(team)
    contact_id, rev, values = await deleted(team)
    restore(team.ann, contact_id, rev, values)
    assert words(await team.ann.sync()) == [APPLIED]
    assert await team.world.database.read(graves, contact_id) == []
    assert await team.world.database.read(graves, other_id) == [other_rev]
