"""A contact's birthday from the form of the rep's app to the notice of the day before, which leads back to the customer."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import expect

from server.services.remind import remind
from tests.browser.flow_customer import kept, shown
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, House

ORGANISATION: Final = 1
AHEAD_DAYS: Final = 3


def flow_a_birthday_is_told_the_day_before_and_leads_to_the_customer(house: House, handset: NewHandset) -> None:
    """D-118, D-931: entered in Chinese; the scheduler's turn comes at noon of the eve."""
    day = datetime.now(UTC) + timedelta(days=AHEAD_DAYS)
    window = shown(house, handset, locale="zh-CN")
    page = window.page
    page.get_by_role("button", name="添加联系人").click()
    sheet = page.get_by_role("dialog")
    sheet.locator("[name=name]").fill("王芳")
    sheet.locator("[name=birth_month]").select_option(str(day.month))
    sheet.locator("[name=birth_day]").select_option(str(day.day))
    sheet.get_by_role("button", name="保存").click()
    expect(page.locator(".person", has_text="王芳")).to_contain_text(f"生日 {day.month}月{day.day}日")
    window.settled()
    [contact] = kept(house, "contact")
    assert contact["birthday"] == f"{day.month:02}-{day.day:02}"
    eve = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
    contact_id = uuid.UUID(contact["id"]).bytes
    assert house.site.write(remind, ORGANISATION, [("birthday", contact_id)], int(eve.timestamp()) * 1000) == 1
    page.reload()
    window.settled()
    page.locator("header .bell[href$=notices]").click()
    told = page.locator("main .heard", has_text="明天生日：王芳")
    expect(told).to_contain_text(f"{day.month}月{day.day}日，客户“{NAMES[0]}”的联系人")
    told.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(NAMES[0])
