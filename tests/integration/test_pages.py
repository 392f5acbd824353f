"""Lists by REST: cut into pages anywhere they are the same list, they hold what was asked for, and a history begins with the newest."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.feature import Listing
from server.domain.tokens import Claims
from server.services import devices, records, tables, users
from server.services.records import Since, Wanted
from shared_schema.problem import Problem
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.reference import Product, ProductRequest
from tests.integration.test_sync_pools import admin
from tests.world import Team, World, team_of

COUNT = 5
PRODUCTS = Listing(Product, "")
NEWEST = Listing(Customer, "", newest="rev")
List = Callable[[sa.Connection, Claims, Any, int], tuple[list[Any], Any]]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def _users(conn: sa.Connection, claims: Claims, after: Any, now_ms: int) -> tuple[list[Any], Any]:
    page = users.listed(conn, claims, after, now_ms)
    return page.items, page.after


def _devices(conn: sa.Connection, claims: Claims, after: Any, now_ms: int) -> tuple[list[Any], Any]:
    page = devices.listed(conn, claims, after or 0, now_ms)
    return page.items, page.after


def _products(conn: sa.Connection, claims: Claims, after: Any, now_ms: int) -> tuple[list[Any], Any]:
    return records.desk_list(conn, claims, PRODUCTS, {}, after, now_ms)


def _newest(conn: sa.Connection, claims: Claims, after: Any, now_ms: int) -> tuple[list[Any], Any]:
    return records.desk_list(conn, claims, NEWEST, {}, after, now_ms)


def _customers(conn: sa.Connection, claims: Claims, after: Any, now_ms: int) -> tuple[list[Any], Any]:
    return records.listed(conn, claims, Wanted("customer", after), now_ms)


READS = [(users, _users), (devices, _devices), (records, _products), (records, _customers), (records, _newest)]


@pytest.mark.parametrize(("service", "read"), READS)
async def test_pages_are_the_list_cut_in_pieces(team: Team, service: Any, read: List, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a gap nor a repetition, and the page that ends the list says so, also a full one."""
    desk = await admin(team)
    for at in range(COUNT):
        await team.world.phone(await team.world.user(f"rep{at}"))
        team.ann.create("customer", name=f"Shop {at}")
        asked = ProductRequest(code=f"P{at}", name="Tea", unit="box")
        await team.world.database.write(tables.save, desk, asked, team.world.now_ms)
    await team.ann.sync()
    claims = team.ann.claims if read is _customers else desk
    whole, end = await team.world.database.read(read, claims, None, team.world.now_ms)
    assert (len(whole) >= COUNT, end) == (True, None)
    for size in (1, 2, len(whole) - 1, len(whole)):
        monkeypatch.setattr(service, "PAGE_ITEMS", size)
        found: list[Any] = []
        sizes: list[int] = []
        after: Any = None
        while not sizes or after is not None:
            items, after = await team.world.database.read(read, claims, after, team.world.now_ms)
            found += items
            assert len(found) <= len(whole), "a page is told again"
            sizes.append(len(items))
        assert found == whole
        assert sizes == [size] * (len(whole) // size) + ([len(whole) % size] if len(whole) % size else [])


async def test_the_newest_come_first(team: Team) -> None:
    """Of those that hold the same, the higher id."""
    made = [team.ann.create("customer", name=f"Shop {at}") for at in range(COUNT)]
    await team.ann.sync()
    team.ann.patch("customer", made[1], phone="1")
    await team.ann.sync()
    found, _ = await team.world.database.read(_newest, team.manager.claims, None, team.world.now_ms)
    expected = sorted({*made, team.customer_id} - {made[1]}, reverse=True)
    assert [one.id for one in found] == [made[1], *expected]


async def test_records_of_one_customer_are_its_own(team: Team) -> None:
    other = team.ann.create("customer", name="Other")
    for customer_id in (team.customer_id, other):
        team.ann.create("contact", customer_id=customer_id, name="Ms Lin")
    await team.ann.sync()
    cases: list[tuple[bytes | None, set[bytes]]] = [(other, {other}), (None, {other, team.customer_id})]
    for asked_id, expected in cases:
        found, _ = await team.world.database.read(records.listed, team.ann.claims, Wanted("contact", None, asked_id), team.world.now_ms)
        assert {one.customer_id for one in found if isinstance(one, Contact)} == expected


async def test_a_collaborator_reads_by_rest_what_the_owner_reads(team: Team) -> None:
    """P-121."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    await team.ann.sync()
    asked = ("contact", contact_id, team.world.now_ms)
    assert await team.world.database.read(records.one, team.bo.claims, *asked) is not None
    await team.part(team.bo)
    with pytest.raises(Problem, match="no such record"):
        await team.world.database.read(records.one, team.bo.claims, *asked)


async def test_a_timeline_is_of_what_was_asked_for_and_keeps_the_newest(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a moment on, of one customer, cut at its end."""
    other = team.ann.create("customer", name="Other")
    await team.ann.sync()
    await team.move(team.bo, other)
    await team.step()
    since_ms = team.world.now_ms = team.world.now_ms + 10_000
    for at in range(3):
        team.ann.patch("customer", team.customer_id, phone=f"{at}")
        await team.ann.sync()
    team.bo.patch("customer", other, phone="9")
    await team.bo.sync()
    await team.move(team.ann, other)

    async def told(since: Since) -> list[tuple[int, str, bytes | None]]:
        events = await team.world.database.read(records.timeline, team.manager.claims, since, team.world.now_ms)
        return [(one.at_ms, one.what, one.customer_id) for one in events]

    everything = await told(Since(since_ms))
    assert everything == sorted(everything, key=lambda one: -one[0])
    assert [one[2] for one in everything if one[1] == "transferred"] == [other]
    assert {at_ms >= since_ms for at_ms, _, _ in everything} == {True}
    assert {customer_id for _, _, customer_id in everything} == {team.customer_id, other}
    assert {customer_id for _, _, customer_id in await told(Since(0, other))} == {other}
    monkeypatch.setattr(records, "TIMELINE_MAX", 2)
    assert await told(Since(since_ms)) == everything[:2]


async def test_a_history_begins_with_the_newest_and_ends_at_its_bound(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is that of this record alone, also where another organisation has one of the same id."""
    elsewhere = await World(team.world.database, org_id=2).open()
    eve = await elsewhere.phone(await elsewhere.user("eve"))
    elsewhere.ids = (one for one in (team.customer_id,))
    eve.create("customer", name="Elsewhere")
    await eve.sync()
    for at in range(3):
        team.ann.patch("customer", team.customer_id, phone=f"{at}")
        eve.patch("customer", team.customer_id, phone=f"eve {at}")
        await team.ann.sync()
        await eve.sync()
    asked = ("customer", team.customer_id, team.world.now_ms)
    whole = await team.world.database.read(records.changes, team.ann.claims, *asked)
    assert [one.after["phone"] for one in whole if one.group == "phone"][:3] == ["2", "1", "0"]
    assert not [one for one in whole if "eve" in str(one.after)]
    monkeypatch.setattr(records, "PAGE_ITEMS", 2)
    assert await team.world.database.read(records.changes, team.ann.claims, *asked) == whole[:2]
