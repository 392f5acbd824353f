"""The admin's first screen: what the server can tell of people, devices, pools and prices, each with the way to it."""

from playwright.sync_api import Locator, expect

from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.handset import NewHandset
from tests.browser.house import REP, House

NAME = REP.capitalize()


def matter(desk: Desk, word: str) -> Locator:
    """One line of what asks for the admin."""
    return desk.page.get_by_role("list", name="To do").get_by_role("listitem").filter(has_text=word)


def untidy(house: House, handset: NewHandset) -> str:
    """One of each thing that asks for an admin; the department that nobody leads."""
    boss = house.boss

    def made(noun: str, **body: object) -> str:
        answer = boss.post(f"/v1/desk/{noun}", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    east, west = made("departments", name="East"), made("departments", name="West")
    made("users", login="mei", name="Mei", role=int(Role.rep), department_id=east)
    priced, _ = made("products", code="T", name="Tea"), made("products", code="S", name="Salt")
    made("prices", price_book_id=made("price-books", name="2026"), product_id=priced, price_minor=1)
    made("pools", name="Shore", department_id=west)
    handset().signed_in().page.close()
    line = next(one["line_no"] for one in house.devices() if one["app"].startswith("outrider-app"))
    assert boss.post(f"/v1/desk/devices/{line}/revoke", {}).status_code == 200
    return east


def flow_the_admins_board_leads_to_what_asks_for_something(house: House, handset: NewHandset) -> None:
    east, boss = untidy(house, handset), house.boss
    desk = Desk(handset(**WIDE), "boss")
    for word, name in {
        "Users who cannot sign in yet": "Mei",
        "Reps and managers without a department": NAME,
        "Departments without a manager": "East",
        "Products without a price": "Salt",
        "Pools without a member": "Shore",
        "Revoked and not erased yet": NAME,
    }.items():
        expect(matter(desk, word)).to_contain_text(name)
        expect(matter(desk, word)).to_contain_text("1")
    expect(matter(desk, "wait for approval")).to_have_count(0)
    for place in ("Decisions", "A rep's day"):  # no quote, card or visit ever shows to an admin
        expect(desk.page.locator("nav.tabs").get_by_role("link", name=place)).to_have_count(0)
    users = desk.page.locator(".figure", has_text="Users").locator("b")
    expect(users).to_have_text(str(len([one for one in boss.get("/v1/desk/users").json()["items"] if one["active"]])))
    matter(desk, "Reps and managers without a department").get_by_role("link").click()
    expect(desk.page.get_by_role("rowheader", name=NAME, exact=True)).to_be_visible()
    expect(desk.page.get_by_role("rowheader", name="Mei", exact=True)).to_have_count(0)
    desk.go("Board")
    matter(desk, "Revoked").get_by_role("link").click()
    expect(desk.page.locator("tbody tr[data-at]")).to_have_count(1)
    expect(desk.page.locator("tbody")).to_contain_text("revoked")
    desk.page.get_by_label("Filter", exact=True).fill("")
    expect(desk.page.locator("tbody tr[data-at]").nth(1)).to_be_visible()
    assert (
        boss.post(
            "/v1/desk/users", {"id": house.rep_id, "login": REP, "name": NAME, "role": int(Role.rep), "department_id": east}
        ).status_code
        == 200
    )
    desk.go("Board")
    expect(matter(desk, "Departments without a manager")).to_be_visible()
    expect(matter(desk, "without a department")).to_have_count(0)
