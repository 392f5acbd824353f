"""What an admin sets up at the desk, and what comes of it on a phone: prices, custom fields, the organisation, pools, leavers, devices."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import WIDE, Desk
from tests.browser.flow_team import told
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import NAMES, House

CHINESE: Final = {"locale": "zh-CN"}
DAY_MS: Final = 86_400_000


@pytest.fixture
def desk(handset: NewHandset) -> Desk:
    """Sign the admin in at a wide screen."""
    return Desk(handset(**WIDE), "boss")


def write(page: Page, fields: dict[str, str]) -> None:
    """Fill the fields of the open sheet in, by the names of what they hold."""
    for name, text in fields.items():
        page.get_by_role("dialog").locator(f"[name={name}]").fill(text)


def a_product_is_made_and_leads_to_its_price(desk: Desk) -> None:
    """Make one more product; the toast leads to the prices."""
    desk.go("Catalogue and settings")
    desk.new("New product")
    write(desk.page, {"name": "Green tea", "code": "T-1", "unit": "box"})
    desk.save()
    desk.page.locator(".toast").get_by_role("button", name="Write it").click()


def flow_a_price_book_and_its_prices_reach_a_quote(desk: Desk, house: House, handset: NewHandset) -> None:
    told(house.boss, "/v1/desk/products", {"code": "T-2", "name": "Black tea", "unit": "box"})
    page = desk.page
    desk.go("Catalogue and settings", "Prices")
    expect(page.locator("main")).to_contain_text("Make a price book first")
    desk.go("Catalogue and settings", "Price books")
    sheet = desk.new("New price book")
    write(page, {"name": "Spring", "currency": "JPY", "valid_from_day": "2026-01-01"})
    desk.save()
    expect(desk.row("Spring")).to_contain_text("JPY")
    desk.go("Catalogue and settings", "Prices")
    expect(page.get_by_role("button", name="New price")).to_be_visible()
    a_product_is_made_and_leads_to_its_price(desk)
    sheet = desk.new("New price")
    expect(sheet.get_by_label("Product").locator("option:checked")).to_have_text("Green tea")
    write(page, {"price_minor": "12.5"})
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("holds no such number")
    write(page, {"price_minor": "1250", "floor_minor": "1000", "max_discount_bps": "7.5"})
    desk.save()
    expect(desk.row("Green tea")).to_contain_text("1,2501,0007.50")
    sheet = desk.new("New price")
    expect(sheet.get_by_label("Product").locator("option:checked")).to_have_text("Black tea")
    sheet.get_by_role("button", name="Cancel").click()
    sheet = desk.open("Green tea")
    write(page, {"floor_minor": "900"})
    desk.save()
    [price] = house.boss.get("/v1/desk/prices").json()["items"]
    assert [price[slot] for slot in ("price_minor", "floor_minor", "max_discount_bps")] == [1250, 900, 750]
    window = handset(house.office).signed_in()
    window.show()
    window.page.get_by_role("button", name="New quote").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    window.page.get_by_role("button", name="Add a product").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Green tea").click()
    line = window.page.get_by_role("dialog", name="Green tea")
    expect(line.get_by_label("Price")).to_have_value("1250")
    line.get_by_label("Discount").fill("8")
    expect(line.get_by_role("status")).to_contain_text("7.5")


def flow_a_field_that_the_admin_makes_is_asked_on_the_phone(house: House, handset: NewHandset) -> None:
    """In Chinese: a field of choices; one that is switched off is asked no more."""
    profile = handset(**WIDE, **CHINESE)
    profile.refusals.add(422)
    desk = Desk(profile, "boss")
    window = handset(house.office, **CHINESE).signed_in()
    window.list()
    window.rows.filter(has_text=NAMES[0]).click()
    page = desk.page
    desk.go("目录与设置", "自定义字段")
    sheet = desk.new("新建字段")
    sheet.locator("[name=label_zh]").fill("付款")
    sheet.locator("[name=label_en]").fill("Payment")
    sheet.locator("[name=key]").fill("Pay it")
    sheet.locator("[name=kind]").select_option(label="选项")
    sheet.locator("[name=choices]").fill("现金\n月结")
    sheet.get_by_role("button", name="保存").click()
    expect(sheet.get_by_role("alert")).to_contain_text("字段")
    sheet.locator("[name=key]").fill("pay")
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_have_count(0)
    expect(desk.row("付款")).to_contain_text("现金、月结")
    window.page.get_by_role("button", name="修改 付款").click()
    window.page.get_by_role("dialog").get_by_label("付款").select_option("月结")
    window.page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(window.page.get_by_role("button", name="修改 付款").locator(".value")).to_have_text("月结")
    window.settled()
    assert house.customer()["extra"] == {"pay": "月结"}
    desk.row("付款").get_by_role("button", name="付款", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("创建后不可更改")
    page.get_by_role("dialog").get_by_text("否", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(desk.row("付款")).to_have_count(0)
    expect(window.page.get_by_role("button", name="修改 付款")).to_have_count(0)
    page.get_by_role("button", name="全部", exact=True).click()
    expect(desk.row("付款")).to_contain_text("否")


def flow_the_name_of_the_organisation_is_changed(desk: Desk, house: House, complaints: list[Handset]) -> None:
    complaints[0].refusals.add(422)
    page = desk.page
    desk.go("Catalogue and settings", "Organisation")
    expect(page.locator("main")).to_contain_text("decided when it was founded")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Name").fill("Harbour Trading")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Saved")
    stands = house.boss.get("/v1/desk/organisation").json()
    assert (stands["name"], stands["time_zone"]) == ("Harbour Trading", "Asia/Tokyo")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Harbour Trading")


def flow_the_quiet_hours_of_the_organisation_are_those_of_whoever_set_none(desk: Desk, house: House, handset: NewHandset) -> None:
    """D-905: half of them is not taken."""
    page = desk.page
    desk.go("Catalogue and settings", "Organisation")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Saved")
    stands = house.boss.get("/v1/desk/organisation").json()
    assert (stands["quiet_from"], stands["quiet_until"]) == (1_320, 420)
    window = handset(house.office).signed_in()
    window.place("me")
    window.page.locator("main").get_by_role("link", name="Notice settings").click()
    expect(window.page.get_by_label("The organisation's (22:00 to 07:00)")).to_be_checked()
    window.page.locator("label", has_text="None").click()
    window.page.get_by_role("button", name="Save").click()
    window.settled()
    [one] = house.witness.get("/v1/records/user_settings").json()["items"]
    assert (one["quiet_from"], one["quiet_until"]) == (0, 0)


def flow_an_admin_finds_the_customer_of_an_instruction_at_the_server(desk: Desk, house: House) -> None:
    """An admin's desk holds no customers."""
    page = desk.page
    desk.go("Instructions")
    sheet = desk.new("Give an instruction")
    sheet.get_by_label("What to do").fill("Bring samples")
    sheet.get_by_text("The customer's owner and collaborators", exact=True).click()
    sheet.get_by_role("button", name="Choose a customer").click()
    picker = page.get_by_role("dialog", name="Choose a customer")
    picker.get_by_role("searchbox").fill(NAMES[1])
    expect(picker.locator(".picks button")).to_have_count(1)
    picker.get_by_role("button", name=NAMES[1]).click()
    expect(sheet.get_by_role("button", name=NAMES[1])).to_be_visible()
    sheet.get_by_role("button", name="Give an instruction").click()
    expect(page.locator("tbody tr", has_text="Bring samples")).to_contain_text(NAMES[1])
    [given] = house.boss.get("/v1/desk/instructions").json()["items"]
    assert given["customer_id"] == house.customer_ids[1]


def flow_a_pool_is_made_hides_and_is_switched_off(desk: Desk, house: House, handset: NewHandset) -> None:
    page = desk.page
    desk.go("Pools")
    sheet = desk.new("New pool")
    write(page, {"name": "Shore"})
    sheet.locator(".choices label", has_text="Name").click()
    desk.save()
    expect(desk.row("Shore")).to_contain_text("(everybody)")
    [pool] = house.boss.get("/v1/desk/pools").json()["items"]
    assert (pool["hidden"], pool["active"]) == (["name"], True)
    told(house.boss, f"/v1/desk/customers/{house.customer_ids[0]}/release", {"pool_id": pool["id"]})
    window = handset(house.office, permissions=["geolocation"], geolocation={"latitude": 31.2, "longitude": 121.4}).signed_in()
    window.place("me")
    window.page.get_by_role("link", name="Pool").click()
    expect(window.page.locator(".long li")).to_contain_text("Name hidden")
    sheet = desk.open("Shore")
    expect(sheet).to_contain_text("Members: ")
    sheet.locator(".choices label", has_text="Name").click()
    sheet.get_by_text("No", exact=True).click()
    desk.save()
    expect(window.page.locator(".long li")).to_contain_text(NAMES[0])
    expect(desk.row("Shore")).to_have_count(0)
    [pool] = house.boss.get("/v1/desk/pools").json()["items"]
    assert (pool["hidden"], pool["active"]) == ([], False)
