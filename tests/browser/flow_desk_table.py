"""The table of the desk: walked and chosen from by keyboard, also where only rows near the screen are in the page; its columns."""

from io import BytesIO
from pathlib import Path
from typing import Final

import openpyxl
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk, opened
from tests.browser.handset import Handset
from tests.browser.office import REPS, Office

MANY: Final = 260


def customers(profile: Handset) -> Desk:
    """The manager at the table of customers."""
    desk = opened(profile)
    desk.go("Customers")
    expect(desk.page.locator("tbody tr[data-at]").first).to_be_visible()
    return desk


def at(desk: Desk, place: int) -> Locator:
    """The row at a place of the table, from 0."""
    return desk.page.locator(f"tbody tr[data-at='{place}']")


def flow_rows_are_walked_chosen_and_opened_by_keyboard(profile: Handset, manned: Office) -> None:
    manned.customers("wang", 5)
    desk = customers(profile)
    keys = desk.page.keyboard
    desk.page.get_by_role("columnheader", name="Last contact").get_by_role("button").focus()
    keys.press("Tab")
    expect(at(desk, 0)).to_be_focused()
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", 4), ("ArrowDown", 4), ("Home", 0), ("ArrowDown", 1)):
        keys.press(key)
        expect(at(desk, place)).to_be_focused()
    keys.press(" ")
    expect(desk.page.get_by_role("group", name="1 chosen")).to_be_visible()
    expect(at(desk, 1)).to_have_attribute("aria-selected", "true")
    keys.press("End")
    keys.press("Shift+ ")
    expect(desk.page.get_by_role("group", name="4 chosen")).to_be_visible()
    name = at(desk, 4).get_by_role("rowheader").inner_text().split("\n")[-1]
    keys.press("Enter")
    expect(desk.page.get_by_role("complementary").get_by_role("heading", name=name)).to_be_visible()
    desk.page.get_by_role("columnheader", name="Customers").get_by_role("button").press("Enter")
    expect(desk.page.locator(".tablecount")).to_have_text("5 rows, sorted by “Customers”, ascending")
    expect(at(desk, 4)).to_have_attribute("aria-selected", "true")


def flow_of_many_rows_the_current_one_keeps_the_focus(profile: Handset, manned: Office) -> None:
    rows = [{"external_id": f"C-{n}", "name": f"Shop {n:03}", "owner": "wang", "city": "Shanghai"} for n in range(MANY)]
    assert manned.boss.post("/v1/desk/imports/customers", {"rows": rows}).json()["taken"] == MANY
    desk = customers(profile)
    keys, inside = desk.page.keyboard, desk.page.locator("tbody tr[data-at]")
    at(desk, 0).focus()
    keys.press("End")
    expect(at(desk, MANY - 1)).to_be_focused()
    expect(at(desk, MANY - 1)).to_be_in_viewport()
    expect(at(desk, MANY - 1)).to_have_attribute("aria-rowindex", str(MANY + 1))
    assert inside.count() < 100
    keys.press("PageUp")
    keys.press("ArrowUp")
    expect(at(desk, MANY - 12)).to_be_focused()
    desk.page.evaluate("scrollTo(0, 0)")
    expect(at(desk, 0)).to_be_in_viewport()
    expect(at(desk, MANY - 12)).to_be_focused()
    assert inside.count() < 100
    keys.press(" ")
    expect(desk.page.get_by_role("group", name="1 chosen")).to_be_visible()
    keys.press("ArrowDown")
    expect(at(desk, MANY - 11)).to_be_focused()
    expect(at(desk, MANY - 11)).to_be_in_viewport()
    keys.press("Home")
    expect(at(desk, 0)).to_be_focused()
    expect(at(desk, 0)).to_contain_text("Shop 000")
    desk.page.get_by_label("Filter", exact=True).fill("Shop 25")
    expect(inside).to_have_count(13)
    expect(desk.page.locator(".tablecount")).to_contain_text("13 of 260 rows")


def flow_columns_are_chosen_remembered_and_exported_as_they_show(profile: Handset, manned: Office) -> None:
    manned.customers("wang", 3)
    manned.customer("li", "Quay Books", 1)
    desk = customers(profile)
    page = desk.page
    page.get_by_text("Columns", exact=True).click()
    for name in ("City", "State", "Next due", "Last contact"):
        page.get_by_role("checkbox", name=name, exact=True).uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="City")).to_have_count(0)
    page.reload()
    heads = page.get_by_role("columnheader")
    expect(heads.filter(has_text="Owner")).to_be_visible()
    expect(page.get_by_role("columnheader", name="City")).to_have_count(0)
    page.get_by_role("columnheader", name="Owner").get_by_role("button").press("Enter")
    page.get_by_label("Filter", exact=True).fill("上海")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export to Excel").click()
    told = list(openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes())).worksheets[0].values)
    assert [row[:2] for row in told] == [("Customers", "Owner"), ("上海鑫源五金商行", REPS["wang"])]
    assert len(told[0]) == 3
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("button", name="As usual").click()
    expect(page.get_by_role("columnheader", name="City")).to_be_visible()
