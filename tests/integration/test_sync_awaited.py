"""What waits for a record in a real database: all of it is found when the record comes, and nobody else's push looks at it."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES, item_record
from server.services.act import act
from server.store.write import OF_RECORD_MAX
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CUSTOMER, Contact, NewCustomer
from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_card_flood import looked_at
from tests.integration.test_sync_contributions import cards
from tests.world import START_MS, Entry, Phone, Team, team_of, words

__all__ = ["looked_at"]
MANY = OF_RECORD_MAX + 10
WAITED = ("out_of_scope", ItemState.judged_anew)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def visited(phone: Phone, customer_id: bytes, count: int = 1) -> None:
    """Visits with a customer whom the server does not know, or not as this user's; each is refused."""
    for _ in range(count):
        phone.create("visit", customer_id=customer_id, device_ms=START_MS)
    assert set(words(await phone.sync())) == {("rejected", "out_of_scope")}


def visits(phone: Phone) -> int:
    return len(list(phone.shelf.rows(BY_NAME["visit"].number)))


async def test_all_that_waits_is_carried_out_however_much_it_is(team: Team) -> None:
    """P-512, P-509: of another phone of the author's, of his manager's; in the transaction that brings the customer."""
    second, customer_id = await team.world.phone(team.ann.user_id), next(team.world.ids)
    await visited(second, customer_id, MANY)
    await visited(team.manager, customer_id)
    team.ann.enter(Edit(Kind.create, BY_NAME["customer"], customer_id, {"name": "Back"}))
    await team.ann.sync()
    assert visits(team.ann) == MANY + 1
    await team.manager.sync()
    assert cards(team.ann) == [WAITED] * MANY
    assert [one.state for one in team.manager.inbox() if one.holder_id == team.manager.user_id] == [ItemState.judged_anew]
    assert await team.world.database.read(kept) == 0


def kept(conn: sa.Connection) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(item_record)).scalar_one()


async def test_a_stranger_s_cards_slow_nobody_down_and_stay(team: Team, looked_at: list[int]) -> None:
    """P-509, P-512, P-424."""
    customer_id = team.ann.create("customer", name="Ann's")
    await team.ann.sync()
    await visited(team.bo, customer_id, MANY)
    before = team.bo.inbox()
    looked_at.clear()
    team.ann.create("visit", customer_id=customer_id, device_ms=START_MS)
    team.ann.patch("customer", customer_id, note="x")
    await team.ann.sync()
    assert looked_at == [0]
    await team.move(team.manager, customer_id)
    await team.bo.sync()
    assert team.bo.inbox() == before


async def test_a_grant_of_the_desk_brings_what_waited(team: Team) -> None:
    """P-512: by the customer's id, by that of a contact of his, and of one that waited itself; it keeps when it came."""
    customer_id = team.ann.create("customer", name="Ann's")
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Lin")
    await team.ann.sync()
    await visited(team.bo, customer_id)
    at_ms = team.world.now_ms
    own_id = team.bo.create("contact", customer_id=customer_id, name="Wu")
    team.bo.enter(Edit(Kind.patch, BY_NAME["contact"], contact_id, {"phone": "2"}, bases={"phone": 1}))
    await team.bo.sync()
    team.world.now_ms += 86_400_000
    await team.collaborate(team.bo, customer_id)
    await team.bo.sync()
    assert cards(team.bo) == [WAITED] * 3
    contact = team.bo.view("contact", contact_id)
    assert isinstance(contact, Contact)
    assert contact.phone == "2"
    assert team.bo.view("contact", own_id) is not None
    (visit,) = (BY_NAME["visit"].read(body) for _, body in team.bo.shelf.rows(BY_NAME["visit"].number))
    assert isinstance(visit, Visit)
    assert (visit.late, visit.received_ms) == (False, at_ms)


async def test_a_customer_of_the_desk_brings_what_waited(team: Team) -> None:
    """P-512, D-112: the desk enters the customer that the rep visited."""
    boss = await team.world.phone(await team.world.user("boss", Role.admin))
    customer_id = next(team.world.ids)
    await visited(team.bo, customer_id)
    asked = NewCustomer(customer_id, CUSTOMER.create_type(name="Entered"), team.bo.user_id)
    await team.world.database.write(act, boss.claims, asked, team.world.now_ms)
    await team.bo.sync()
    assert (visits(team.bo), cards(team.bo)) == (1, [WAITED])


async def test_a_dismissed_card_waits_for_nothing(team: Team) -> None:
    """P-512, P-507."""
    second, customer_id = await team.world.phone(team.ann.user_id), next(team.world.ids)
    await visited(second, customer_id)
    (item,) = second.inbox()
    second.dismiss(item)
    await second.sync()
    await team.ann.push(Entry(team.ann.shelf.seat().next_n, Kind.create, "customer", customer_id, {"name": "Back"}).raw())
    assert await team.world.database.read(told) == 0


def told(conn: sa.Connection) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(RECORD_TABLES["visit"])).scalar_one()
