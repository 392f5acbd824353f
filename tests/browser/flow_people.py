"""People and their devices at the desk: a leaver hands over, a device waits for approval, one has long been silent; Me on a rep's phone."""

import re
import time
from typing import Final

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from server.models import RECORD_TABLES
from server.models.identity import device
from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, House

CHINESE: Final = {"locale": "zh-CN"}
DAY_MS: Final = 86_400_000


@pytest.fixture
def desk(handset: NewHandset) -> Desk:
    """Sign the admin in at a wide screen."""
    return Desk(handset(**WIDE), "boss")


def flow_a_leaver_hands_over_and_leaves(house: House, handset: NewHandset) -> None:
    """In Chinese: all that Lin holds goes to Mei, and both phones show it."""
    house.site.user(house.boss, "mei", name="Mei")
    phone = handset(**CHINESE)
    phone.refusals = {401}
    lin = phone.signed_in()
    lin.list()
    desk = Desk(handset(**WIDE, **CHINESE), "boss")
    page = desk.page
    desk.go("人员与设备")
    sheet = desk.open("Lin")
    sheet.get_by_role("button", name="移交客户").click()
    sheet = page.get_by_role("dialog", name="移交 Lin 的客户")
    expect(sheet).to_contain_text("Lin 的手机上将不再保留它们")
    sheet.get_by_label("移交给").select_option(label="Mei")
    sheet.get_by_label("原因").fill("离职")
    sheet.get_by_role("button", name="移交客户").click()
    expect(page.locator(".toast")).to_contain_text(f"已移交 {len(NAMES)} 位客户")
    expect(lin.page.locator("main")).to_contain_text("这里还没有客户")
    mei = handset(house.office, **CHINESE).open()
    mei.sign_in({"account": "mei"})
    mei.settled()
    mei.list()
    desk.open("Lin").get_by_text("否", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="保存", exact=True).click()
    expect(desk.row("Lin")).to_have_count(0)
    lin.network_is_back()
    expect(lin.page.locator(".notice")).to_contain_text("你已退出登录")
    assert house.witness.get("/v1/records/customer").status_code == 401
    back = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "active": True}
    assert house.boss.post("/v1/desk/users", back).status_code == 200  # the house rings the rep's phones when it closes


def flow_a_leavers_customers_are_divided_and_the_rest_pooled(house: House, desk: Desk) -> None:
    """The admin divides Lin's customers among two reps so that both end even, then puts what one of them has into a pool."""
    for login, name in (("mei", "Mei"), ("tao", "Tao")):
        house.site.user(house.boss, login, name=name)
    assert house.boss.post("/v1/desk/pools", {"name": "East"}).status_code == 200
    desk.go("People")
    desk.open("Lin").get_by_role("button", name="Hand over customers").click()
    sheet = desk.page.get_by_role("dialog", name="Hand over what Lin holds")
    sheet.get_by_text("To several, evenly").click()
    sheet.get_by_label("Mei").check()
    sheet.get_by_label("Tao").check()
    sheet.get_by_role("button", name="Hand over customers").click()
    expect(desk.page.locator(".toast")).to_contain_text(f"{len(NAMES)} customers handed over")
    owned = {name: house.site.write(_owned, name) for name in ("Mei", "Tao")}
    assert sorted(owned.values()) == [len(NAMES) // 2, len(NAMES) - len(NAMES) // 2]
    desk.open("Mei").get_by_role("button", name="Hand over customers").click()
    sheet = desk.page.get_by_role("dialog", name="Hand over what Mei holds")
    sheet.get_by_text("Into a pool").click()
    sheet.get_by_role("combobox").select_option(label="East")
    sheet.get_by_role("button", name="Hand over customers").click()
    expect(desk.page.locator(".toast")).to_contain_text(f"{owned['Mei']} customers handed over")
    assert house.site.write(_owned, "Mei") == 0


def _owned(conn: sa.Connection, name: str) -> int:
    """How many customers a user owns."""
    standing, person = RECORD_TABLES["standing"], RECORD_TABLES["person"]
    of = (standing.c.owner_id == person.c.id, standing.c.org_id == person.c.org_id, person.c.name == name)
    return conn.execute(sa.select(sa.func.count()).select_from(standing, person).where(*of)).scalar_one()


def flow_a_device_that_was_revoked_waits_until_it_is_approved(house: House, handset: NewHandset) -> None:
    phone = handset()
    phone.refusals = {403}
    window = phone.signed_in()
    house.revoke()
    window.network_is_back()
    expect(window.page.get_by_role("alert")).to_contain_text("This device was revoked")
    window.page.get_by_role("button", name="Password").click()
    window.sign_in()
    expect(window.page.get_by_role("alert").last).to_contain_text("Ask your admin to approve it")
    desk = Desk(handset(**WIDE), "boss")
    desk.go("People", "Devices")
    waits = desk.page.get_by_role("row").filter(has_text="waits for approval")
    expect(waits).to_have_count(1)
    waits.get_by_role("button").click()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet).to_contain_text("this device receives the data of Lin")
    sheet.get_by_role("button", name="Approve").click()
    expect(desk.page.get_by_role("row").filter(has_text="waits for approval")).to_have_count(0)
    window.sign_in()
    window.settled()
    window.list()


def last_seen(conn: sa.Connection, line_no: int, ms: int) -> None:
    """Let a phone have been heard at a moment of the past."""
    conn.execute(sa.update(device).where(device.c.line_no == line_no).values(seen_ms=ms))


def flow_a_silent_device_stands_out(desk: Desk, house: House, handset: NewHandset) -> None:
    phone = handset()
    phone.signed_in()
    phone.context.close()
    [line] = house.devices()
    house.site.write(last_seen, line["line_no"], time.time_ns() // 1_000_000 - 8 * DAY_MS)
    desk.go("People", "Devices")
    silent = desk.page.locator("tbody tr").filter(has=desk.page.locator(".chip.silent"))
    expect(silent).to_have_count(1)
    expect(silent).to_contain_text(re.compile("Lin.*8 days ago · silent for more than 7 days", re.DOTALL))
    desk.page.get_by_label("Filter", exact=True).fill("silent")
    expect(desk.page.locator("tbody tr")).to_have_count(1)


def flow_me_tells_of_this_phone_and_warns_before_signing_out(house: House, handset: NewHandset) -> None:
    """The language, how safe the data are, the version; what waits is told at the door, and sent by the next sign-in."""
    window = handset().signed_in()
    page = window.page
    window.show()
    house.wire.cut()
    window.edit_phone("021-1")
    window.waits(1, offline=True)
    window.place("me")
    facts = page.locator("dl.own-device")
    for words in ("1 waiting", "device no. ", "records", "Not protected: the browser may clear the data here"):
        expect(facts).to_contain_text(words)
    page.get_by_role("button", name="Ask for protection").click()
    expect(facts).to_contain_text("The browser does not agree yet")
    expect(facts.locator("div", has_text="Version").locator("dd")).to_have_text(re.compile(r"\S+"))
    expect(page.locator("main")).to_contain_text("your data and what waits (1) stay on this device for you alone")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("我的")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator(".notice")).to_contain_text("这部设备上还有未发送的内容")
    page.reload()
    expect(page.locator("form button.primary")).to_have_text("登录")
    house.wire.heal()
    window.sign_in()
    window.settled()
    assert house.numbers() == ["021-1"]
    window.place("me")
    expect(page.locator("main")).to_contain_text("没有，全部已送达")
    expect(page.locator("main")).to_contain_text("退出后，你的数据仍保留在这部设备上")
