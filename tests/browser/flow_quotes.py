"""A rep's quote from the first line without a network to the manager's decision, its revision, and its end."""

import uuid
from typing import Any, Final

from playwright.sync_api import Page, expect

from shared_schema.records.reference import Role
from tests.browser.flow_visits import told, visit_customer
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House
from tests.integration.site import Caller

TEA: Final = ("T-1", "Green tea", 1300, 1999, 1500, 1000)
"""Code, name, tax in basis points; price and floor in minor units, highest discount in basis points."""
CUPS: Final = ("C-1", "Cups", 600, 333, 0, 0)


def catalogue(house: House) -> None:
    """A price book of today with the prices of two products, and an older one."""
    boss = house.boss
    books = [
        _made(boss, "price-books", {"name": name, "currency": "CNY", "valid_from_day": day}) for name, day in (("Spring", 1), ("Autumn", 2))
    ]
    for code, name, tax_bps, price_minor, floor_minor, max_discount_bps in (TEA, CUPS):
        product = _made(boss, "products", {"code": code, "name": name, "unit": "box", "tax_bps": tax_bps})
        for book, more in zip(books, (111, 0), strict=True):
            bounds = {"floor_minor": floor_minor, "max_discount_bps": max_discount_bps}
            _made(boss, "prices", {"price_book_id": book, "product_id": product, "price_minor": price_minor + more, **bounds})


def _made(boss: Caller, what: str, body: dict[str, Any]) -> str:
    answer = boss.post(f"/v1/desk/{what}", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def manager(house: House) -> Caller:
    """A manager who has the rep among the reports."""
    department = _made(house.boss, "departments", {"name": "Sales"})
    house.site.user(house.boss, "mia", Role.manager, department_id=department)
    body = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "department_id": department}
    assert house.boss.post("/v1/desk/users", body).status_code == 200
    mia = house.site.caller("alpha", "mia")
    assert mia.log_in().status_code == 200
    return mia


def decide(mia: Caller, quote_id: str, decision: str, note: str = "") -> dict[str, Any]:
    """What the manager decides about the content that stands; the quote with its lines."""
    seen = mia.get(f"/v1/quotes/{quote_id}").json()
    body = {"decision": decision, "content_hash": seen["content_hash"], "note": note}
    answer = mia.post(f"/v1/quotes/{quote_id}/decisions", body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def new_quote(page: Page, title: str) -> None:
    """Make a quote for the customer on the screen."""
    page.get_by_role("button", name="New quote").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Price book")).to_contain_text("Autumn (CNY)")
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_role("button", name="Save").tap()
    expect(page.get_by_text("No product yet.")).to_be_visible()
    expect(page.locator("h1")).to_contain_text("Draft quote · today")


def add_line(page: Page, product: str, quantity: str, **numbers: str) -> None:
    """Add a product to the quote on the screen."""
    page.get_by_role("button", name="Add a product").tap()
    page.get_by_role("dialog").get_by_role("searchbox").fill(product[:3].lower())
    page.get_by_role("dialog").get_by_role("button", name=product).tap()
    dialog = page.get_by_role("dialog", name=product)
    dialog.get_by_label("Quantity").fill(quantity)
    for label, number in numbers.items():
        dialog.get_by_label(label.capitalize()).fill(number)
    dialog.get_by_role("button", name="Save").tap()
    expect(page.locator(".lines .row", has_text=product)).to_be_visible()


def submit(window: Window) -> None:
    """Submit the quote on the screen."""
    window.page.get_by_role("button", name="Submit").tap()
    window.page.get_by_role("dialog").get_by_role("button", name="Submit").tap()
    expect(window.page.get_by_role("dialog")).to_be_hidden()


def flow_a_quote_is_drafted_and_submitted_offline_and_its_totals_are_the_servers(house: House, handset: NewHandset) -> None:
    catalogue(house)
    mia = manager(house)
    window = handset().signed_in()
    page = window.page
    visit_customer(page, NAMES[0])
    house.wire.cut()
    new_quote(page, "tea for May")
    add_line(page, "Green tea", "12.5", discount="33.33")
    expect(page.locator(".lines .row")).to_contain_text("high discount")
    add_line(page, "Cups", "7")
    sums = [text.split()[-1] for text in page.locator(".sums dd").all_inner_texts()]
    expect(page.locator(".lines b").first).to_have_text("Green tea")
    page.get_by_role("button", name="Reorder").tap()
    page.get_by_role("button", name="Move up: Cups").tap()
    expect(page.locator(".lines b").first).to_have_text("Cups")
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("button", name="Add a product")).to_be_visible()
    submit(window)
    expect(page.locator(".chips")).to_contain_text("to be submitted")
    expect(page.get_by_role("button", name="Add a product")).to_be_hidden()
    house.wire.heal()
    window.network_is_back()
    window.settled()
    expect(page.locator(".chips")).to_contain_text("with the manager")
    [quote] = told(house, "quote", house.customer_ids[0])
    assert sums == [f"{quote[slot] / 100:.2f}" for slot in ("net_minor", "tax_minor", "gross_minor")]
    expect(page.locator("h1")).to_have_text(quote["number"])
    shown = mia.get(f"/v1/quotes/{quote['id']}").json()
    assert [(line["quantity_thousandths"], line["price_minor"], line["discount_bps"]) for line in shown["lines"]] == [
        (7000, 333, 0),
        (12500, 1999, 3333),
    ]


def flow_a_quote_that_came_back_is_changed_submitted_approved_and_revised(house: House, handset: NewHandset) -> None:
    catalogue(house)
    mia = manager(house)
    window = handset().signed_in()
    page = window.page
    visit_customer(page, NAMES[0])
    new_quote(page, "")
    add_line(page, "Green tea", "1", price="14.99")
    expect(page.locator(".lines .row")).to_contain_text("below floor")
    submit(window)
    expect(page.locator(".chips")).to_contain_text("with the manager")
    [quote] = told(house, "quote", house.customer_ids[0])
    decide(mia, quote["id"], "return_quote", "too cheap")
    expect(page.locator(".chips")).to_contain_text("came back")
    expect(page.locator(".trouble")).to_contain_text("Mia: too cheap")
    page.locator(".lines .row").tap()
    beside = page.get_by_role("dialog").get_by_role("status")
    expect(beside).to_contain_text("Below the floor of CNY 15.00")
    page.get_by_role("dialog").get_by_label("Price").fill("19.00")
    expect(beside).to_contain_text("Floor CNY 15.00")
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    submit(window)
    expect(page.locator(".chips")).to_contain_text("with the manager")
    window.settled()
    assert decide(mia, quote["id"], "approve")["quote"]["gross_minor"] == 1900
    page.get_by_role("button", name="Revise").tap()
    page.get_by_role("dialog").get_by_role("button", name="Revise").tap()
    page.get_by_role("link", name=f"{quote['number']}/2").tap()
    expect(page.locator(".chips")).to_contain_text("draft")
    page.locator(".lines .row").tap()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text(
        f"Last for this customer: CNY 19.00 ({quote['number']}, approved)"
    )


def flow_a_wrong_number_is_told_and_a_draft_goes_with_its_lines(house: House, handset: NewHandset) -> None:
    catalogue(house)
    window = handset().signed_in()
    page = window.page
    page.get_by_role("navigation").get_by_role("link", name="Me", exact=True).tap()
    page.get_by_role("link", name="Quotes").tap()
    page.get_by_role("button", name="New quote").tap()
    page.get_by_role("dialog").get_by_role("button", name=NAMES[2]).tap()
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    add_line(page, "Cups", "3")
    page.locator(".lines .row").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Quantity").fill("three")
    dialog.get_by_role("button", name="Save").tap()
    expect(dialog.get_by_role("alert")).to_contain_text("“Quantity” is not right.")
    dialog.get_by_role("button", name="Cancel").tap()
    window.settled()
    [quote] = told(house, "quote", house.customer_ids[2])
    assert quote["gross_minor"] == 999
    page.get_by_role("button", name="Delete the draft").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.locator("h1")).to_have_text(NAMES[2])
    window.settled()
    assert told(house, "quote", house.customer_ids[2]) == []
    assert house.cards() == []
    assert uuid.UUID(quote["id"]).version == 7
