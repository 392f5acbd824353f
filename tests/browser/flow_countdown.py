"""The countdown of a customer that may fall: on its page, in the list, on the first screen; a visit without a network moves the day."""

import re
import time
import uuid
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from server import clock
from sync.agreed.days import local_day
from tests.browser.flow_offline_day import HERE, saved
from tests.browser.flow_pool import told
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House

ZONE: Final = "Asia/Shanghai"
DAY_MS: Final = 86_400_000
SOON, THEN, LATER = "东方茶庄", "Harbour Cafe", "沪西仓库"
NARROW: Final[dict[str, Any]] = {
    "locale": "zh-CN",
    "viewport": {"width": 360, "height": 780},
    "color_scheme": "dark",
    "permissions": ["geolocation"],
    "geolocation": HERE,
}


def ruled(house: House, **terms: Any) -> None:
    """A rule of 20 days, from today on."""
    pool = told(house, "/v1/desk/pools", {"name": "East"})["id"]
    days = dict.fromkeys(("unknown_days", "a_days", "b_days", "c_days"), 20)
    today = local_day(time.time_ns() // 1_000_000, ZONE)
    told(house, "/v1/desk/reclaim-rules", {"id": str(uuid.uuid4()), "effective_from_day": today, "pool_id": pool, **days, **terms})


def had_for(house: House, name: str, days: int) -> None:
    """A customer that the rep has had for so many days: the server's clock is behind while it is made."""
    clock.simulate(-days * DAY_MS)
    try:
        told(house, "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": {"name": name, "city": "上海"}})
    finally:
        clock.simulate(0)


@pytest.fixture
def neglected(house: House) -> House:
    """One customer falls in two days, one in six, one in ten, and all others in twenty."""
    for name, days in ((SOON, 18), (THEN, 14), (LATER, 10)):
        had_for(house, name, days)
    return house


def at(window: Window, name: str) -> Locator:
    """Go to a customer through the list; its countdown."""
    window.place("customers")
    window.rows.filter(has_text=name).click()
    expect(window.page.locator("h1")).to_have_text(name)
    return line(window.page)


def badge(window: Window, name: str) -> Locator:
    """The days that are left beside a customer in the list."""
    return window.rows.filter(has_text=name).locator(".chip")


def line(page: Page) -> Locator:
    """The countdown on a customer's page."""
    return page.locator("main .countdown")


def flow_a_visit_without_a_network_moves_the_day(neglected: House, handset: NewHandset) -> None:
    """D-156, D-157: red at two days, in words what keeps the customer; the visit counts here at once, and when it is sent."""
    ruled(neglected)
    window = handset(**NARROW).signed_in()
    page = window.page
    falling = page.locator("section", has_text="即将退回公海").locator("a.row")
    expect(falling.locator("b")).to_have_text([SOON, THEN])
    falling.first.click()
    expect(line(page)).to_contain_text("还剩 2 天")
    expect(line(page)).to_contain_text("联系或拜访一次，可保留到")
    expect(line(page)).to_have_class("card countdown hot")
    neglected.wire.cut()
    saved(page, "签到", {"这次谈了什么": "两箱"}, "在此签到")
    expect(line(page)).to_contain_text("还剩 20 天")
    expect(line(page)).not_to_contain_text("联系或拜访")
    window.place("today")
    expect(falling.locator("b")).to_have_text([THEN])
    neglected.wire.heal()
    window.network_is_back()
    window.settled()
    expect(at(window, SOON)).to_contain_text("还剩 20 天")


def flow_the_list_shows_who_may_fall_first(neglected: House, handset: NewHandset) -> None:
    """D-156: a badge within seven days; the filter sorts by the day."""
    ruled(neglected)
    window = handset(neglected.office).signed_in()
    window.place("customers")
    expect(badge(window, SOON)).to_have_text("2 d left")
    expect(badge(window, SOON)).to_have_class("chip hot")
    expect(badge(window, THEN)).to_have_text("6 d left")
    expect(badge(window, THEN)).to_have_class("chip wait")
    expect(badge(window, LATER)).to_have_count(0)
    window.page.get_by_role("button", name="May fall").click()
    expect(window.rows.locator("b")).to_have_text([SOON, THEN])


def flow_a_visit_that_must_be_judged_does_not_move_the_day(neglected: House, handset: NewHandset) -> None:
    """D-157: until the server has judged it."""
    ruled(neglected, basis=2)
    window = handset(**NARROW).signed_in()
    expect(at(window, SOON)).to_contain_text("经核实的拜访可保留到")
    neglected.wire.cut()
    saved(window.page, "签到", {"这次谈了什么": "两箱"}, "在此签到")
    expect(line(window.page)).to_contain_text("你的拜访由服务器核实后生效")
    expect(line(window.page)).to_contain_text("还剩 2 天")
    neglected.wire.heal()


def flow_without_a_rule_nothing_is_told(neglected: House, handset: NewHandset) -> None:
    """D-156."""
    window = handset(neglected.office).signed_in()
    expect(window.page.get_by_text("About to fall into the pool")).to_have_count(0)
    window.place("customers")
    expect(window.page.get_by_role("button", name="May fall")).to_have_count(0)
    expect(window.rows.locator(".chip")).to_have_count(0)
    expect(at(window, SOON)).to_have_count(0)


def flow_a_locked_customer_says_until_when(neglected: House, handset: NewHandset) -> None:
    """D-143, D-156: the lock moves the day, and is named while it lasts."""
    ruled(neglected)
    (soon,) = [one for one in neglected.witness.get("/v1/records/customer").json()["items"] if one["name"] == SOON]
    until = local_day(time.time_ns() // 1_000_000, ZONE) + 6
    told(neglected, f"/v1/desk/customers/{soon['id']}/lock", {"until_day": until, "reason": "contract"})
    window = handset(**NARROW).signed_in()
    expect(window.page.locator("section", has_text="即将退回公海").locator("a.row", has_text=SOON)).to_contain_text("已锁定")
    expect(at(window, SOON)).to_contain_text(re.compile("还剩 6 天.*已锁定，至 .* 00:00"))
    expect(line(window.page)).to_have_class("card countdown wait")
