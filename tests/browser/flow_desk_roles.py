"""The desk of an assistant and of finance: the places of the role, and the customers that it reaches (D-491 to D-494)."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shared_schema.records.reference import Role
from tests.browser.desk import Desk
from tests.browser.handset import Handset
from tests.browser.office import Office


@pytest.fixture
def peopled(manned: Office) -> Office:
    """Two reps with customers, one of them in another department; an assistant beside the other, and finance."""
    north = manned.site.user(manned.boss, "far", Role.rep, name="远 Far")
    manned.customers("wang", 2)
    manned.site.user(manned.boss, "asa", Role.assistant, name="沈 Asa", department_id=manned.department_id)
    manned.site.user(manned.boss, "fay", Role.finance, name="冯 Fay")
    far = {"id": "019e7044-8800-7000-8000-00000000f001", "owner_id": north, "values": {"name": "远方客户 Faraway", "city": "广州"}}
    assert manned.boss.post("/v1/desk/customers", far).status_code == 200
    return manned


def places(desk: Desk) -> list[str]:
    return [one.split("\n")[0].strip() for one in desk.page.locator("nav.tabs a").all_inner_texts()]


def shot(desk: Desk, name: str) -> None:
    """A picture for whoever wants to look: `OUTRIDER_SHOTS=folder`."""
    if folder := os.environ.get("OUTRIDER_SHOTS"):
        desk.page.screenshot(path=Path(folder) / f"{name}.png")


def flow_an_assistant_finds_enters_and_corrects_customers_of_the_department(profile: Handset, peopled: Office) -> None:
    desk = Desk(profile, "asa")
    page = desk.page
    expect(page.locator("main.board")).to_contain_text("customers and contacts of your department")
    shot(desk, "assistant-board")
    assert {"Decisions", "Days", "People", "Pools", "Instructions"}.isdisjoint(places(desk))
    assert {"Customers", "Import"} <= set(places(desk))
    desk.go("Customers")
    rows = page.locator("main .list a.row")
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("Faraway")
    expect(page.get_by_text("No customer found.")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(rows).to_have_count(2)
    shot(desk, "assistant-customers")
    page.get_by_role("button", name="New customer").click()
    sheet = page.get_by_role("dialog", name="New customer")
    sheet.get_by_label("Name").fill("新店 New Shop")
    sheet.get_by_role("button", name="Make").click()
    expect(page.get_by_role("heading", name="新店 New Shop").last).to_be_visible()
    expect(page.get_by_role("button", name="Transfer…")).to_have_count(0)
    page.get_by_role("button", name="Add contact").click()
    sheet = page.get_by_role("dialog", name="Add contact")
    sheet.get_by_label("Name").fill("王芳")
    sheet.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("王芳")
    page.get_by_role("button", name="Edit").first.click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("City").fill("苏州")
    sheet.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("苏州")
    shot(desk, "assistant-customer")
    desk.go("Import")
    expect(page.get_by_role("radio")).to_have_count(2)
    shot(desk, "assistant-import")


def flow_finance_reads_the_whole_organisation_and_imports_the_books_alone(profile: Handset, peopled: Office) -> None:
    desk = Desk(profile, "fay")
    page = desk.page
    desk.go("Import")
    expect(page.get_by_role("radio", name="Customers")).to_have_count(0)
    expect(page.get_by_role("radio", name="Receivables")).to_have_count(1)
    desk.go("Customers")
    expect(page.locator("main .list a.row")).to_have_count(3)
    expect(page.get_by_role("button", name="New customer")).to_have_count(0)
    page.get_by_role("searchbox").fill("faraway")
    expect(page.locator("main .list a.row")).to_have_count(1)
    page.locator("main .list a.row").click()
    expect(page.get_by_role("heading", name="远方客户 Faraway").last).to_be_visible()
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    expect(page.get_by_role("button", name="Add contact")).to_have_count(0)
    shot(desk, "finance-customer")
    desk.go("Products and prices")
    expect(page.get_by_role("button", name="New product")).to_have_count(0)
    shot(desk, "finance-catalogue")


def flow_an_admin_finds_any_customer(profile: Handset, peopled: Office) -> None:
    desk = Desk(profile, "boss")
    desk.go("Customers")
    expect(desk.page.locator("main .list a.row")).to_have_count(3)
    shot(desk, "admin-customers")
