"""Business systems at the desk: the admin connects one, gives it a key that is shown once, and sees that the system uses it."""

from typing import Final

from playwright.sync_api import expect

from tests.browser.desk import WIDE, Desk
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, House
from tests.integration.fortress import bearer

NAME: Final = "用友 U8"


def flow_an_admin_connects_a_business_system_and_changes_its_key(house: House, handset: NewHandset) -> None:
    """D-495 to D-498, in Chinese: the key that the desk shows is the one that opens, for the overlap beside the new one."""
    desk = Desk(handset(**WIDE, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"]), "boss")
    page = desk.page
    desk.go("人员与设备")
    page.get_by_role("link", name="业务系统").click()
    page.get_by_role("button", name="接入业务系统").click()
    sheet = page.get_by_role("dialog", name="接入业务系统")
    sheet.get_by_label("名称").fill(NAME)
    sheet.get_by_label("读取：客户", exact=True).check()
    sheet.get_by_role("button", name="保存").click()
    first = made(desk)
    assert house.site.http.get("/v1/desk/customers", headers=bearer(first)).json()["items"][0]["name"] in NAMES
    assert house.site.http.get("/v1/desk/quotes", headers=bearer(first)).status_code == 403
    sheet = desk.open(NAME)
    expect(sheet).to_contain_text("有效至")
    sheet.get_by_role("button", name="生成新密钥").click()
    second = made(desk)
    assert [house.site.http.get("/v1/desk/customers", headers=bearer(key)).status_code for key in (first, second)] == [200, 200]
    page.reload()
    sheet = desk.open(NAME)
    expect(sheet).to_contain_text("最近使用：")
    sheet.get_by_text("否", exact=True).click()
    sheet.get_by_role("button", name="保存").click()
    expect(desk.row(NAME)).to_have_count(0)
    assert house.site.http.get("/v1/desk/customers", headers=bearer(second)).status_code == 401


def made(desk: Desk) -> str:
    """Make the key in the sheet that is open; its text."""
    sheet = desk.page.get_by_role("dialog", name=f"{NAME} 的新密钥")
    sheet.get_by_role("button", name="生成", exact=True).click()
    expect(sheet).to_contain_text("密钥只显示这一次")
    key = sheet.locator(".key").inner_text()
    sheet.get_by_role("button", name="复制").click()
    assert desk.page.evaluate("navigator.clipboard.readText()") == key
    sheet.get_by_role("button", name="完成").click()
    return key
