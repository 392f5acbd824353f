"""Between two phones and the desk: a claim that two reps want, a customer that changes hands, a quote from offline to its approval."""

import re
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.flow_offline_day import quote
from tests.browser.flow_pool import POOLED, to_pool, town
from tests.browser.flow_quotes import catalogue
from tests.browser.flow_team import told
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

__all__ = ["town"]

PLACED: Final[dict[str, Any]] = {"geolocation": {"latitude": 31.23, "longitude": 121.52}, "permissions": ["geolocation"]}
CHINESE: Final = {"locale": "zh-CN"}


@pytest.fixture
def pair(house: House) -> House:
    """Two reps, Lin and Mei, below the manager Zhou."""
    department = told(house.boss, "/v1/desk/departments", {"name": "华东"})["id"]
    below = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "department_id": department}
    told(house.boss, "/v1/desk/users", below)
    house.site.user(house.boss, "mei", Role.rep, department_id=department, name="Mei")
    house.site.user(house.boss, "zhou", Role.manager, department_id=department, name="Zhou")
    return house


def of_mei(handset: NewHandset, server: str, **options: Any) -> Window:
    """The phone of the other rep."""
    window = handset(server, **options).open()
    window.sign_in({"account": "mei"})
    window.settled()
    return window


def flow_of_two_phones_that_claim_offline_one_wins_and_the_other_reads_who(town: House, handset: NewHandset) -> None:
    """D-124: both claim without a network; the second that gets one reads which customer it was, and who has it."""
    town.site.user(town.boss, "mei", name="Mei")
    lin, mei = handset(**PLACED).signed_in(), of_mei(handset, town.outdoors, **PLACED)
    mei.place("me")
    mei.page.get_by_role("link", name="Pool").click()
    mei.page.get_by_role("button", name="Ask for the pool around me").click()
    cards = [to_pool(lin), mei.page.locator(".long li", has_text=POOLED)]
    for card in cards:
        expect(card).to_be_visible()
    town.wire.cut()
    for window, card in zip((lin, mei), cards, strict=True):
        card.get_by_role("button", name=f"Claim {POOLED}").click()
        expect(card.locator(".chip")).to_have_text("claim waits")
        window.waits(1, offline=True)
        window.page.context.set_offline(True)  # the wire leads to both; each is let out on its own
    town.wire.heal()
    for window in (mei, lin):
        window.page.context.set_offline(False)
        window.network_is_back()
        window.settled()
    mei.place("customers")
    expect(mei.rows.filter(has_text=POOLED)).to_have_count(1)
    lin.place("customers")
    expect(lin.rows.filter(has_text=POOLED)).to_have_count(0)
    lin.place("inbox")
    lost = lin.page.locator("article.decision")
    expect(lost).to_have_count(1)
    for words in (POOLED, "Somebody else was first", "You wanted to: claim the customer", "Mei has claimed the customer."):
        expect(lost).to_contain_text(words)
    lin.mark.click()
    expect(lin.page.locator("details.act .chip")).to_have_text("not taken")
    expect(mei.page.locator(".tabs .badge")).to_have_count(0)


def flow_a_customer_changes_hands_at_the_desk_and_both_phones_show_it(pair: House, handset: NewHandset) -> None:
    """In Chinese: the old owner's phone says that it is gone, the new owner's brings it with all that happened."""
    lin, mei = handset(**CHINESE).signed_in(), of_mei(handset, pair.office, **CHINESE)
    lin.list()
    lin.rows.filter(has_text=NAMES[0]).click()
    lin.page.get_by_role("button", name="记联系").click()
    sheet = lin.page.get_by_role("dialog")
    sheet.locator("textarea").fill("谈了交期")
    sheet.get_by_role("button", name="保存").click()
    lin.settled()
    desk = Desk(handset(**WIDE, **CHINESE), "zhou")
    desk.go("客户")
    desk.page.get_by_role("checkbox", name=f"选择 {NAMES[0]}").click()
    desk.page.get_by_role("button", name="转给…").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("转给").select_option(label="Mei")
    sheet.get_by_label("原因").fill("片区调整")
    sheet.get_by_role("button", name="转给 Mei").click()
    expect(sheet).to_contain_text("已完成：1 位客户")
    expect(lin.page.locator(".empty")).to_contain_text("此客户已不在这部设备上：可能已转给他人或被删除。")
    lin.place("customers")
    expect(lin.rows).to_have_count(len(NAMES) - 1)
    mei.place("customers")
    mei.rows.filter(has_text=NAMES[0]).click()
    expect(mei.page.locator(".timeline li").filter(has_text="谈了交期")).to_contain_text("Lin")
    expect(mei.page.locator("section", has_text="负责人与协作").last).to_contain_text("Mei")


def flow_a_quote_that_was_submitted_offline_is_approved_at_the_desk(pair: House, handset: NewHandset) -> None:
    """In Chinese, from the phone without a network over the desk back to the phone."""
    catalogue(pair)
    lin = handset(**CHINESE).signed_in()
    desk = Desk(handset(pair.office, **WIDE, **CHINESE), "zhou")
    desk.go("决定")
    expect(desk.page.locator("main")).to_contain_text("没有等待批准的报价")
    lin.list()
    lin.rows.filter(has_text=NAMES[1]).click()
    pair.wire.cut()
    quote(lin.page)
    lin.waits(3, offline=True)
    expect(desk.page.locator("main")).to_contain_text("没有等待批准的报价")
    pair.wire.heal()
    lin.network_is_back()
    lin.settled()
    expect(lin.page.locator(".chips")).to_contain_text("等待审批")
    for event in ("offline", "online"):  # the desk asks at once, and not after half a minute
        desk.page.evaluate(f"dispatchEvent(new Event('{event}'))")
    card = desk.page.get_by_role("article").filter(has_text=NAMES[1])
    expect(card).to_contain_text(re.compile("五月.*Cups.*¥23.31", re.DOTALL))
    card.get_by_label("给作者的话").fill("同意")
    card.get_by_role("button", name="批准").click()
    expect(card).to_have_count(0)
    expect(lin.page.locator(".chips")).to_contain_text("已批准")
    expect(lin.page.locator("main")).to_contain_text("Zhou")
    expect(lin.page.get_by_role("button", name="修订")).to_be_visible()
