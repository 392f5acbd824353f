"""A customer at the desk: contacts added, changed and removed, custom fields, by the desk's own line; also without a network."""

import re

from playwright.sync_api import Locator, expect

from shared_schema.records.reference import FieldKind
from shared_schema.registry import BY_NAME
from tests.browser.desk import CALM, Desk, opened
from tests.browser.handset import Handset
from tests.browser.office import Office


def pane(desk: Desk, name: str) -> Locator:
    """The customer's pane beside the table."""
    desk.go("Customers")
    desk.page.get_by_role("rowheader", name=re.compile(name)).get_by_role("button").click()
    return desk.page.get_by_role("complementary")


def contacts(manned: Office) -> list[tuple[str, str]]:
    """Name and number of each contact, as the server has them."""
    return sorted((one["name"], one["phone"]) for one in manned.manager.get("/v1/records/contact").json()["items"])


def flow_a_contact_is_added_changed_and_removed_at_the_desk(profile: Handset, manned: Office) -> None:
    manned.customer("wang", "Quay Books")
    desk = opened(profile)
    beside, page = pane(desk, "Quay Books"), desk.page
    for name in ("Ada", "Ben"):
        beside.get_by_role("button", name="Add a person").click()
        page.get_by_role("dialog").get_by_label("Name").fill(name)
        desk.save()
    beside.get_by_role("button", name="Edit Ada").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Phone", exact=True).fill("021-1")
    for part, value in (("month", "12"), ("day", "30"), ("calendar", "lunar")):
        sheet.locator(f"[name=birth_{part}]").select_option(value)
    desk.save()
    expect(beside).to_contain_text("021-1 · birthday lunar month 12, day 30")
    beside.get_by_role("button", name="Edit Ben").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".mark")).to_have_class(CALM)
    assert contacts(manned) == [("Ada", "021-1")]


def flow_what_the_manager_writes_without_a_network_is_sent_later(profile: Handset, manned: Office) -> None:
    manned.customer("wang", "Quay Books")
    body = {
        "entity": BY_NAME["customer"].number,
        "key": "size",
        "label_zh": "面积",
        "label_en": "Floor space",
        "kind": int(FieldKind.number),
    }
    assert manned.boss.post("/v1/desk/field-definitions", body).status_code == 200
    desk = opened(profile)
    beside, page = pane(desk, "Quay Books"), desk.page
    profile.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    beside.get_by_role("button", name="Edit Floor space").click()
    page.get_by_role("dialog").get_by_label("Floor space").fill("120.5")
    desk.save()
    expect(beside.get_by_role("button", name="Edit Floor space")).to_contain_text("120.5")
    expect(page.locator(".mark")).to_contain_text("1 waiting")
    profile.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".mark")).to_have_class(CALM)
    held = manned.manager.get("/v1/records/customer").json()["items"]
    assert [one["extra"] for one in held] == [{"size": 120_500}]
