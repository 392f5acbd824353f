"""The rights of persons at the desk: what is held about a user and about a contact of a customer is saved as a file (D-480 to D-483)."""

import zipfile
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import WIDE, Desk, opened
from tests.browser.flow_contests import led as led  # noqa: PLC0414 - the fixture
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import House
from tests.browser.office import Office


def saved(page: Page, sheet: Locator, word: str) -> tuple[str, zipfile.ZipFile]:
    """The name of the file that the desk saves, and its content."""
    with page.expect_download() as told:
        sheet.get_by_role("button", name=word, exact=True).click()
    return told.value.suggested_filename, zipfile.ZipFile(Path(told.value.path()))


def flow_an_admin_saves_what_is_held_about_a_user(house: House, handset: NewHandset) -> None:
    """D-481: in Chinese."""
    desk = Desk(handset(**WIDE, locale="zh-CN"), "boss")
    desk.go("人员与设备")
    desk.open("Lin").get_by_role("button", name="我们保存的信息", exact=True).click()
    sheet = desk.page.get_by_role("dialog", name="我们保存的关于 Lin 的信息")
    name, packed = saved(desk.page, sheet, "导出文件")
    assert name == "Lin.zip"
    assert b'"Lin"' in packed.read("records/person.jsonl")
    assert house.rep_id.encode() in packed.read("tables/account.jsonl")


def flow_a_manager_saves_what_is_held_about_a_contact(profile: Handset, manned: Office) -> None:
    """D-482: from the pane of the manager's customer."""
    (shop,) = manned.customers("wang", 1)
    contact = {"id": "00000000-0000-4000-8000-00000000c0de", "values": {"customer_id": shop, "name": "Zhao Min", "phone": "13900001111"}}
    assert manned.manager.post("/v1/desk/contacts", contact).status_code == 200
    desk = opened(profile)
    desk.go("Customers")
    name = manned.record("customer", shop)["name"]
    desk.row(name).get_by_role("button", name=name).click()
    desk.page.get_by_role("complementary").get_by_role("button", name="Zhao Min What we hold").click()
    sheet = desk.page.get_by_role("dialog", name="What we hold about Zhao Min")
    told, packed = saved(desk.page, sheet, "Save the file")
    assert told == "Zhao Min.zip"
    assert b"13900001111" in packed.read("records/contact.jsonl")


def flow_a_contact_is_erased_with_the_name_typed(profile: Handset, manned: Office) -> None:
    """D-484, D-486: another name erases nobody; then the person is gone from the pane, and the admin sees the line."""
    (shop,) = manned.customers("wang", 1)
    contact = {"id": "00000000-0000-4000-8000-00000000c0de", "values": {"customer_id": shop, "name": "Zhao Min", "phone": "13900001111"}}
    assert manned.manager.post("/v1/desk/contacts", contact).status_code == 200
    desk = opened(profile)
    page = desk.page
    desk.go("Customers")
    name = manned.record("customer", shop)["name"]
    desk.row(name).get_by_role("button", name=name).click()
    page.get_by_role("complementary").get_by_role("button", name="Zhao Min What we hold").click()
    page.get_by_role("button", name="Erase this person…").click()
    sheet = page.get_by_role("dialog", name="Erase Zhao Min")
    expect(sheet).to_contain_text("There is no way back")
    sheet.get_by_label("Type the name to go on").fill("Zhao Mei")
    sheet.get_by_role("button", name="Erase for good").click()
    expect(sheet).to_contain_text("This is another name")
    sheet.get_by_label("Type the name to go on").fill("Zhao Min")
    sheet.get_by_role("button", name="Erase for good").click()
    expect(page.locator(".toast")).to_contain_text("Erased for good")
    expect(page.get_by_role("complementary")).not_to_contain_text("Zhao Min")
    items = manned.boss.get("/v1/desk/erasures").json()["items"]
    assert [(one["kind"], one["id"], one["by_user_id"]) for one in items] == [("contact", contact["id"], manned.manager_id)]


def flow_a_user_who_has_left_is_erased(house: House, handset: NewHandset) -> None:
    """D-487, in Chinese: an active one is not; then a former colleague stands there."""
    desk = Desk(handset(**WIDE, locale="zh-CN"), "boss")
    page = desk.page
    mei = house.site.user(house.boss, "mei", name="Mei")
    desk.go("人员与设备")
    desk.open("Mei").get_by_role("button", name="我们保存的信息", exact=True).click()
    sheet = page.get_by_role("dialog", name="我们保存的关于 Mei 的信息")
    expect(sheet).to_contain_text("请先停用账号")
    house.site.user(house.boss, "mei", id=mei, name="Mei", active=False)
    page.reload()
    page.get_by_role("button", name="全部", exact=True).click()
    desk.open("Mei").get_by_role("button", name="我们保存的信息", exact=True).click()
    page.get_by_role("button", name="永久删除此人…").click()
    sheet = page.get_by_role("dialog", name="永久删除 Mei")
    expect(sheet).to_contain_text("前同事")
    sheet.get_by_label("请输入此人的姓名以确认").fill("Mei")
    sheet.get_by_role("button", name="永久删除", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("已永久删除")
    named = {one["id"]: (one["name"], one["login"]) for one in house.boss.get("/v1/desk/users").json()["items"]}
    assert named[mei][0] == "前同事 Former colleague"
    assert "mei" not in named[mei][1]
    desk.go("人员与设备", "删除记录")
    expect(page.get_by_role("grid")).to_contain_text(mei)
