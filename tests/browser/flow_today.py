"""The first screen of the day, and finding a customer among all."""

import time
import uuid
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from mobile_api.phone.phone import Phone
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.agreed.days import local_day
from sync.device import Edit
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, REP, House
from tests.integration.site import PASSWORD

HERE: Final[dict[str, Any]] = {"permissions": ["geolocation"], "geolocation": {"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12}}
DAY_S: Final = 86_400


def place(house: House, name: str, north_e6: int, **values: Any) -> str:
    """A customer of the rep, so many micro-degrees north of the phone."""
    placed = {"latitude_e6": 31_230_400 + north_e6, "longitude_e6": 121_473_700, "datum": 1}
    body = {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": {"name": name, **placed, **values}}
    answer = house.boss.post("/v1/desk/customers", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def flow_today_leads_to_what_is_due_and_who_is_near(house: House, handset: NewHandset) -> None:
    place(house, "Far Away", 90_000)
    place(house, "Second Door", 4_000)
    place(house, "Next Door", 1_000)
    window = handset(house.office, **HERE).signed_in()
    page = window.page
    expect(page.locator("h1")).to_have_text("Today")
    expect(page.get_by_text(", Lin")).to_be_visible()
    near = page.locator("section", has_text="Near, not seen for long").locator("a.row b")
    expect(near).to_have_text(["Next Door", "Second Door"])
    near.first.click()
    expect(page.locator("h1")).to_have_text("Next Door")
    page.get_by_role("button", name="Plan").click()
    page.get_by_role("dialog").get_by_label("To do what").fill("call")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Move: call").click()
    page.get_by_role("dialog").get_by_label("Day", exact=True).fill(time.strftime("%Y-%m-%d", time.gmtime(time.time() - 2 * DAY_S)))
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    window.place("today")
    expect(page.locator(".figures a", has_text="due").locator("b")).to_have_text("1")
    due = page.locator("section", has_text="To follow up").locator("a.row")
    expect(due).to_have_count(1)
    expect(due.locator(".chip.hot")).to_be_visible()
    due.click()
    expect(page.locator("h1")).to_have_text("Next Door")


def flow_without_a_position_today_asks_for_one_once(house: House, handset: NewHandset) -> None:
    place(house, "Next Door", 1_000)
    window = handset(house.office, geolocation=HERE["geolocation"], locale="zh-CN").signed_in()
    page = window.page
    ask = page.get_by_role("button", name="显示附近很久没去的客户")
    expect(ask).to_be_visible()
    window.context_allows_position()
    ask.click()
    expect(page.locator("section", has_text="附近，很久没去").locator("a.row b")).to_have_text(["Next Door"])
    expect(ask).to_have_count(0)


@pytest.mark.parametrize(("words", "found"), [("dfbld", 0), ("hpyf", 3), ("0001", 1), ("上海 quay", 2), ("nm", 5)])
def flow_a_customer_is_found_by_initials_and_by_the_tail_of_its_number(house: House, handset: NewHandset, words: str, found: int) -> None:
    window = handset(house.office).signed_in()
    window.list()
    window.page.get_by_role("searchbox").fill(words)
    expect(window.rows).to_have_count(1)
    expect(window.rows).to_contain_text(NAMES[found])


def flow_filters_leave_those_that_are_wanted(house: House, handset: NewHandset) -> None:
    place(house, "Second Door", 4_000)
    place(house, "Next Door", 1_000)
    window = handset(house.office, **HERE).signed_in()
    page = window.page
    window.place("customers")
    every = len(NAMES) + 2
    expect(window.rows).to_have_count(every)
    page.get_by_role("button", name="Near me").click()
    expect(window.rows.locator("b").first).to_have_text("Next Door")
    expect(window.rows.nth(1)).to_contain_text("443 m")
    page.get_by_role("button", name="Shared").click()
    expect(page.get_by_text("No customer matches")).to_be_visible()
    page.get_by_role("button", name="Mine").click()
    expect(window.rows).to_have_count(every)
    page.get_by_role("button", name="Due").click()
    expect(page.get_by_text("No customer matches")).to_be_visible()
    expect(page.get_by_role("button", name="Due")).to_have_attribute("aria-pressed", "true")


def flow_a_contact_names_what_it_completes(house: House, handset: NewHandset, tmp_path: Path) -> None:
    """D-924: the sheet says which steps the server will take as done; one of tomorrow is not among them."""
    office = Phone(tmp_path / "lin.sqlite")
    office.sign_in(house.office, "alpha", REP, PASSWORD)
    today = local_day(time.time_ns() // 1_000_000, "Asia/Shanghai")
    for day, purpose in ((today - 1, "collect the money"), (today, "bring samples"), (today + 1, "sign")):
        values: Values = {"customer_id": uuid.UUID(house.customer_ids[0]).bytes, "due_day": day, "purpose": purpose}
        office.enter([Edit(Kind.create, BY_NAME["follow_up"], office.new_id(), values)])
    office.sync()
    office.close()
    window = handset().signed_in()
    page = window.page
    window.show()
    page.get_by_role("button", name="Log contact").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("Completed by this:")).to_have_text("Completed by this: collect the money · bring samples")
    sheet.get_by_label("What was said?").fill("both done")
    sheet.get_by_role("button", name="Save").click()
    window.settled()
    expect(page.locator(".step")).to_have_count(1)
    expect(page.locator(".step")).to_contain_text("sign")
    page.get_by_role("button", name="Log contact").click()
    expect(page.get_by_role("dialog").get_by_text("Completed by this:")).to_have_count(0)
