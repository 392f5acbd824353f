"""Undo within 30 days of the server's clock, and of what the history says."""

from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import change
from server.services import records
from server.services.records import Since
from shared_schema.registry import BY_NAME
from shared_schema.rest import Event
from shared_schema.wire import Kind
from sync.device import Edit
from sync.steps import DAY_MS, UNDO_DAYS
from sync.undo import undo_of, undoable
from tests.world import Phone, Team, team_of, words

APPLIED = ("applied", None)
EXPIRED = ("rejected", "undo_expired")
CONFLICT = ("parked", "conflict")
CUSTOMER = BY_NAME["customer"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def history(phone: Phone, customer_id: bytes) -> list[Event]:
    """What the phone is told when it asks for the timeline of one customer."""
    world = phone.world
    return await world.database.read(records.timeline, phone.claims, Since(0, customer_id), world.now_ms)


async def mine(phone: Phone, customer_id: bytes) -> list[Event]:
    """What the user may take back, newest first."""
    return undoable(await history(phone, customer_id), phone.user_id, phone.world.now_ms)


def taken_back(phone: Phone, event: Event) -> None:
    edit = undo_of(event)
    assert edit is not None
    phone.enter(edit)


async def changed(team: Team, **values: Any) -> None:
    team.ann.patch("customer", team.customer_id, values)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()


@pytest.mark.parametrize(("more_ms", "outcome"), [(0, APPLIED), (1, EXPIRED)])
async def test_an_undo_is_refused_after_thirty_days(team: Team, more_ms: int, outcome: tuple[str, str | None]) -> None:
    """P-425: to the millisecond of the server's clock, however the phone's goes."""
    await changed(team, phone="2")
    at_ms = await team.world.database.read(last_ms, team.customer_id)
    (event, *_) = await mine(team.ann, team.customer_id)
    team.ann.ahead_ms = -40 * DAY_MS
    taken_back(team.ann, event)
    team.world.now_ms = at_ms + UNDO_DAYS * DAY_MS + more_ms - 1_000  # the push moves the clock by a second
    assert words(await team.ann.sync()) == [outcome]
    await team.step()
    assert team.bo.customer(team.customer_id).phone == ("1" if outcome == APPLIED else "2")


def last_ms(conn: sa.Connection, record_id: bytes) -> int:
    return int(conn.execute(sa.select(sa.func.max(change.c.at_ms)).where(change.c.id == record_id)).scalar_one())


async def test_an_expired_undo_takes_nothing(team: Team) -> None:
    """P-425: one of its groups is too old, so the other is not taken back either."""
    await changed(team, phone="2")
    team.world.now_ms += (UNDO_DAYS + 1) * DAY_MS
    await changed(team, note="new")
    rev = team.ann.customer(team.customer_id).rev
    team.ann.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"phone": "1", "note": ""}, bases={"phone": rev, "note": rev}))
    assert words(await team.ann.sync()) == [EXPIRED]
    await team.step()
    assert (team.bo.customer(team.customer_id).phone, team.bo.customer(team.customer_id).note) == ("2", "new")
    team.ann.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"note": ""}, bases={"note": rev}))
    assert words(await team.ann.sync()) == [APPLIED]


async def test_what_never_changed_is_not_taken_back(team: Team) -> None:
    """P-425: the creation is no change of a group; and where nothing would change, nothing is judged."""
    rev = team.ann.customer(team.customer_id).rev
    team.ann.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"phone": "never"}, bases={"phone": rev}))
    team.ann.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"phone": "1"}, bases={"phone": rev}))
    assert words(await team.ann.sync()) == [CONFLICT, APPLIED]
    await team.step()
    assert team.bo.customer(team.customer_id).phone == "1"


@pytest.mark.parametrize("together", [True, False])
async def test_request_boundaries_do_not_matter_to_an_undo(team: Team, together: bool) -> None:
    """P-303, P-425: a change and its undo in one request are judged as in two."""
    rev = team.ann.customer(team.customer_id).rev
    team.ann.patch("customer", team.customer_id, phone="2")
    if not together:
        await team.ann.sync()
    team.ann.enter(Edit(Kind.undo, CUSTOMER, team.customer_id, {"phone": "1"}, bases={"phone": rev + 1}))
    assert words(await team.ann.sync())[-1] == APPLIED
    await team.step()
    assert team.bo.customer(team.customer_id).phone == "1"


async def test_the_history_of_a_customer_offers_what_can_be_undone(team: Team) -> None:
    """P-423: one's own, the last of each place, with custom fields and the undo itself; each undo restores."""
    await changed(team, phone="2")
    await changed(team, phone="3", note="n")
    team.bo.patch("customer", team.customer_id, note="bo's")
    await team.bo.sync()
    await team.step()
    (event,) = await mine(team.ann, team.customer_id)
    assert (event.group, event.before, event.values) == ("phone", {"phone": "2"}, {"phone": "3"})
    assert [(one.group, one.before) for one in await mine(team.bo, team.customer_id)] == [("note", {"note": "n"})]
    taken_back(team.ann, event)
    assert words(await team.ann.sync()) == [("merged", None)]
    (again,) = await mine(team.ann, team.customer_id)
    assert (again.what, again.before) == ("undone", {"phone": "3"})
    taken_back(team.ann, again)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    assert team.bo.customer(team.customer_id).phone == "3"


async def test_a_deletion_is_undone_by_a_restore(team: Team) -> None:
    """P-426: and what the record had been changed before is offered no more."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Lin", phone="1")
    await team.ann.sync()
    team.ann.patch("contact", contact_id, phone="2")
    await team.step()
    team.ann.delete("contact", contact_id)
    await team.ann.sync()
    (event,) = await mine(team.ann, team.customer_id)
    assert (event.what, event.before["phone"]) == ("deleted", "2")
    taken_back(team.ann, event)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    assert getattr(team.bo.view("contact", contact_id), "phone", "") == "2"
    assert await mine(team.ann, team.customer_id) == []


async def test_nobody_is_told_the_history_of_a_foreign_customer(team: Team) -> None:
    """P-121."""
    await changed(team, phone="2")
    stranger = await team.world.phone(await team.world.user("eve"))
    assert await history(stranger, team.customer_id) == []
    assert len(await history(team.manager, team.customer_id)) > 1
