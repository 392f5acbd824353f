"""A quote on a screen of its own at the desk, reached from its customer, decided there with its history; and the desk's own Me."""

import re

from playwright.sync_api import expect

from tests.browser.desk import opened
from tests.browser.handset import Handset
from tests.browser.office import Office


def flow_a_quote_is_read_and_decided_from_its_customer(profile: Handset, manned: Office) -> None:
    """In Chinese, which the manager chooses on the desk's own screen."""
    quote = manned.quote("wang", manned.customer("wang", "书店"), "春茶")
    desk = opened(profile)
    page = desk.page
    desk.go("Me")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("我的")
    desk.go("客户")
    page.get_by_role("button", name="书店").click()
    page.get_by_role("complementary").get_by_role("link", name=re.compile("春茶")).click()
    number = manned.record("quote", quote)["number"]
    expect(page.locator("h1")).to_have_text(number)
    card = page.get_by_role("article")
    for words in ("书店", "春茶", "龙井礼盒", "¥1,200.00"):
        expect(card).to_contain_text(words)
    card.get_by_role("button", name="拒绝").click()
    expect(card).to_contain_text("请写明原因")
    card.get_by_label("给作者的话").fill("太便宜")
    card.get_by_role("button", name="拒绝").click()
    expect(card).to_contain_text(re.compile("被拒绝.*周敏.*太便宜", re.DOTALL))
    expect(card.get_by_role("button", name="批准")).to_have_count(0)
    card.get_by_role("button", name="历史").click()
    expect(card.get_by_role("list")).to_contain_text("王芳")
    page.get_by_role("button", name="返回").click()
    expect(page.locator("h1")).to_have_text(re.compile("客户|决定"))
    assert (manned.record("quote", quote)["status"], manned.record("quote", quote)["decision_note"]) == (4, "太便宜")
    desk.go("我的")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("form button.primary")).to_have_text("登录")
