"""A customer goes into the archive at the desk and comes back; the rep's app tells why it is no longer there (D-164 to D-167)."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import WIDE, Desk, opened
from tests.browser.flow_contests import led as led  # noqa: PLC0414 - the fixture
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import NAMES, House
from tests.browser.office import REPS, Office
from tests.integration.site import Caller

CLOSED = "Closed down"


def archived(boss: Caller) -> list[tuple[str, str]]:
    """(name, reason) of what the archive holds now."""
    items = boss.get("/v1/desk/archivals?state=1").json()["items"]
    return sorted((one["customer_name"], one["reason"]) for one in items)


def flow_several_customers_are_archived_and_one_comes_back(profile: Handset, manned: Office) -> None:
    shops = manned.customers("wang", 3)
    names = [manned.record("customer", shop)["name"] for shop in shops]
    desk = opened(profile)
    page = desk.page
    desk.go("Customers")
    expect(page.locator("tbody tr")).to_have_count(3)
    for name in names[:2]:
        page.get_by_role("checkbox", name=f"Choose {name}").click()
    page.get_by_role("button", name="Archive…").click()
    sheet = page.get_by_role("dialog", name="Archive")
    expect(sheet).to_contain_text("nothing that was entered is lost")
    sheet.get_by_role("button", name="Archive", exact=True).click()
    expect(sheet).not_to_contain_text("Done")
    sheet.get_by_label("Reason").fill(CLOSED)
    sheet.get_by_role("button", name="Archive", exact=True).click()
    expect(sheet).to_contain_text("Done: 2 customers.")
    sheet.get_by_role("button", name="Close").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert archived(manned.boss) == sorted((name, CLOSED) for name in names[:2])
    page.get_by_label("State").select_option(label="archived")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(desk.row(names[0])).to_contain_text(CLOSED)
    expect(desk.row(names[0])).to_contain_text(REPS["wang"])
    page.get_by_role("checkbox", name=f"Choose {names[0]}").click()
    page.get_by_role("button", name="Bring back…").click()
    sheet = page.get_by_role("dialog", name="Bring back from the archive")
    sheet.get_by_role("combobox").select_option(label=REPS["li"])
    sheet.get_by_role("button", name="Bring back", exact=True).click()
    expect(sheet).to_contain_text("Done: 1 customer.")
    sheet.get_by_role("button", name="Close").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert manned.record("standing", shops[0])["owner_id"] == manned.rep_ids["li"]
    page.get_by_label("State").select_option(label="State: all")
    desk.row(names[0]).get_by_role("button", name=names[0]).click()
    feed = page.get_by_role("complementary").locator(".feed")
    expect(feed).to_contain_text("Back from the archive")
    expect(feed).to_contain_text("Archived")


def flow_the_open_customer_is_archived_and_goes_into_a_pool_in_chinese(led: House, handset: NewHandset) -> None:
    pool_id = led.boss.post("/v1/desk/pools", {"name": "华东公海"}).json()["id"]
    desk = Desk(handset(led.office, **WIDE, locale="zh-CN"), "zhou")
    page = desk.page
    desk.go("客户")
    desk.row(NAMES[0]).get_by_role("button", name=NAMES[0]).click()
    pane = page.get_by_role("complementary")
    pane.get_by_role("button", name="归档…").click()
    sheet = page.get_by_role("dialog", name="归档")
    sheet.get_by_label("原因").fill("店铺关闭")
    sheet.get_by_role("button", name="归档", exact=True).click()
    expect(sheet).to_contain_text("已完成：1 位客户。")
    sheet.get_by_role("button", name="关闭").click()
    expect(pane).to_contain_text("归档此客户。原因：店铺关闭")
    pane.get_by_role("button", name="恢复…").click()
    sheet = page.get_by_role("dialog", name="从归档恢复")
    sheet.get_by_role("combobox").select_option(label="公海: 华东公海")
    sheet.get_by_role("button", name="恢复", exact=True).click()
    expect(sheet).to_contain_text("已完成：1 位客户。")
    assert archived(led.boss) == []
    cards = led.witness.get("/v1/records/pool_card").json()["items"]
    assert [(one["id"], one["pool_id"]) for one in cards] == [(led.customer_ids[0], pool_id)]


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "archived this customer"), ("zh-CN", "已将此客户归档")])
def flow_the_reps_app_says_that_a_customer_was_archived(house: House, handset: NewHandset, locale: str, words: str) -> None:
    """The one that is open: its page tells who archived it and why."""
    window = handset(house.office, locale=locale).signed_in()
    window.show()
    expect(window.page.get_by_role("heading", name=NAMES[0])).to_be_visible()
    answer = house.boss.post(f"/v1/desk/customers/{house.customer_ids[0]}/archive", {"reason": CLOSED})
    assert answer.status_code == 200, answer.text
    expect(window.page.locator("body")).to_contain_text(words)
    expect(window.page.locator("body")).to_contain_text(CLOSED)
