"""Imports of departments, users, products and prices on both databases (D-708 to D-710)."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.imports.frame import ROWS_AT_ONCE
from server.models import account, scope
from server.services import tables, users
from server.store import reference
from shared_schema.records.reference import (
    Department,
    Person,
    Price,
    PriceBook,
    PriceBookRequest,
    PriceRequest,
    Product,
    ProductRequest,
    Role,
)
from shared_schema.rest import UserRequest
from tests.integration.test_imports import Desk, counts, reasons, rows_of
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of

PEOPLE = "账号,姓名,角色,部门,语言\n"
PRICES = "price_book,product,price,floor,max_discount,currency,valid_from\n"


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def desk(team: Team) -> Desk:
    return Desk(team.world, await admin(team))


async def test_parents_may_stand_later_and_circles_are_refused(team: Team, desk: Desk) -> None:
    """D-710, D-704. The order of lines does not matter; twice is once; notes to a new department reach its people."""
    text = "部门编号,名称,上级部门\nD-3,三组,D-2\nD-2,二部,D-1\nD-1,总部,\nD-4,四组,Sales\nD-8,八,D-9\nD-9,九,D-8\nD-7,七,D-0\n"
    report = await desk.take("departments", text)
    assert counts(report) == (4, 0, 0, 3)
    assert {(line, name) for line, _, name in reasons(report)} == {(line, "no_department") for line in (6, 7, 8)}
    before = await rows_of(team.world)
    assert counts(await desk.take("departments", text)) == (0, 0, 4, 3)
    assert await rows_of(team.world) == before
    found = {one.id: one for one in await team.world.database.read(reference.page, team.world.org_id, Department, None, 100)}
    above = {one.name: found[one.parent_id].name for one in found.values() if one.parent_id is not None}
    assert above == {"三组": "二部", "二部": "总部", "四组": "Sales"}
    circle = await desk.take("departments", "external_id,name,parent\nD-1,总部,D-3\n")
    assert [name for _, _, name in reasons(circle)] == ["department_circle"]
    lanes = await team.world.database.read(_scopes, desk.id_of("departments", "D-3"))
    assert lanes == [5]


def _scopes(conn: sa.Connection, subject_id: bytes) -> list[int]:
    return sorted(conn.execute(sa.select(scope.c.lane).where(scope.c.subject_id == subject_id)).scalars())


async def test_users_come_without_password_and_none_ends(team: Team, desk: Desk) -> None:
    """D-709, D-710. One made at the desk is known by account; the new one has lanes, and a role in either language."""
    made = UserRequest(login="mei", name="Mei", role=Role.rep, active=False)
    known = await team.world.database.write(users.save, desk.claims, made, "hash", team.world.now_ms)
    text = (
        PEOPLE
        + "LIN,林静,业务员,Sales,\nmei,梅,Manager,,en\nann,Ann,rep,nowhere,\nBad Name,x,rep,,\nbo,Bo,chief,,\nnew,New,rep,,not a language\n"
    )
    report = await desk.take("users", text)
    assert counts(report) == (1, 1, 0, 4)
    assert [name for _, _, name in reasons(report)] == ["no_department", "text_form", "not_choice", "not_language"]
    before = await rows_of(team.world)
    assert counts(await desk.take("users", text)) == (0, 0, 2, 4)
    assert await rows_of(team.world) == before
    world = team.world
    lin, mei = desk.id_of("users", "lin"), known.id
    people = {one.id: one for one in await world.database.read(reference.page, world.org_id, Person, None, 100)}
    assert (people[lin].name, people[lin].role, people[lin].department_id, people[lin].active) == (
        "林静",
        Role.rep,
        world.department_id,
        True,
    )
    assert (people[mei].name, people[mei].role, people[mei].active) == ("梅", Role.manager, False)
    accounts = await world.database.read(_accounts)
    assert (accounts[lin], accounts[mei]) == (("lin", "", "zh"), ("mei", "hash", "en"))
    assert await world.database.read(_scopes, lin) == [1, 2, 3]
    phone = await world.phone(lin)
    await phone.sync()
    taken = await desk.take("customers", "external_id,name,owner\nC-1,One,Lin\n")
    assert counts(taken) == (1, 0, 0, 0)
    await phone.sync()
    assert phone.customer(desk.id_of("customers", "C-1")).name == "One"


def _accounts(conn: sa.Connection) -> dict[bytes, tuple[str, str, str]]:
    return {bytes(row.user_id): (row.login, row.password_hash, row.language) for row in conn.execute(sa.select(account))}


async def test_no_admin_takes_the_desk_from_himself(team: Team, desk: Desk) -> None:
    """D-709."""
    login = next(login for user_id, (login, _, _) in (await team.world.database.read(_accounts)).items() if user_id == desk.claims.user_id)
    report = await desk.take("users", PEOPLE + f"{login},Me,rep,,\n")
    assert reasons(report) == [(2, "角色 Role", "self_demoted")]
    assert counts(await desk.take("users", PEOPLE + f"{login},Me,admin,,\n")) == (0, 1, 0, 0)


async def test_prices_name_product_codes_and_make_their_book(team: Team, desk: Desk) -> None:
    """D-708, D-710. Money is exact: minor units of the book's currency, nothing rounded."""
    world = team.world
    made = ProductRequest(code="TEA", name="Tea", tax_bps=600)
    tea = await world.database.write(tables.save, desk.claims, made, world.now_ms)
    book = await world.database.write(tables.save, desk.claims, PriceBookRequest(name="Old"), world.now_ms)
    asked = PriceRequest(price_book_id=book.id, product_id=tea.id, price_minor=1)
    old = await world.database.write(tables.save, desk.claims, asked, world.now_ms)
    products = await desk.take(
        "products",
        "代码,名称,单位,税率,启用\nＴＥＡ,绿茶,盒,13%,是\nCUP,杯,,0.5,no\nMUG,缸,,,\nJUG,罐,,,\nBOX,箱,,,\nBAG,袋,,,\nPOT,壶,,13.333,\n",
    )
    assert (counts(products), reasons(products)) == ((5, 1, 0, 1), [(8, "税率", "decimals_many")])
    text = PRICES + 'Old,TEA,"1,234.50",,10%,,\nNew,TEA,4980,,,JPY,2026/1/1\nNew,CUP,0.5,,,JPY,2026-01-01\nOld,POT,1,,,,\nOld,CUP,-1,,,,\n'
    text += "Old,MUG,9.999,,,,\nOld,TEA,5,,,,\nNew,JUG,7,8,,,\nOld,BOX,1e3,,,,\nNew,BAG,7,,,CNY,\n"
    report = await desk.take("prices", text)
    assert counts(report) == (1, 1, 0, 8)
    assert [name for _, _, name in reasons(report)] == [
        "decimals_many", "no_product", "number_range", "decimals_many", "key_twice", "floor_above", "not_number", "book_other",
    ]  # fmt: skip
    before = await rows_of(world)
    assert counts(await desk.take("prices", text)) == (0, 0, 2, 8)
    assert await rows_of(world) == before
    prices = {one.id: one for one in await world.database.read(reference.page, world.org_id, Price, None, 100)}
    assert (prices[old.id].price_minor, prices[old.id].max_discount_bps) == (123_450, 1_000)
    new = prices[desk.id_of("prices", "New", "TEA")]
    books = {one.id: one for one in await world.database.read(reference.page, world.org_id, PriceBook, None, 100)}
    made_book = books[new.price_book_id]
    assert (new.price_minor, made_book.name, made_book.currency, made_book.valid_from_day) == (4_980, "New", "JPY", 20_454)
    known = {one.code: one for one in await world.database.read(reference.page, world.org_id, Product, None, 100)}
    assert (known["TEA"].id, known["TEA"].name, known["TEA"].tax_bps, known["CUP"].active) == (tea.id, "绿茶", 1_300, False)
    await team.ann.sync()
    assert (25, old.id) in team.ann.holds()


async def test_a_dry_run_remembers_what_earlier_chunks_would_have_changed(team: Team, desk: Desk) -> None:
    """D-707, D-710: a circle that closes over three chunks and a department which the file does not name."""
    await desk.take("departments", "external_id,name,parent\nD-2,Two,\nD-3,Three,D-2\nD-1,One,\n")
    fill = "".join(f"E-{at},Filler {at},\n" for at in range(2 * ROWS_AT_ONCE))
    text = f"external_id,name,parent\nD-1,One,D-3\n{fill}D-2,Two,D-1\n"
    dry = await desk.take("departments", text, dry_run=True)
    assert [name for _, _, name in reasons(dry)] == ["department_circle"]
    assert await desk.take("departments", text) == dry
