"""Hands on what is large: two fingers and the wheel on the map, a table of many rows that is scrolled and chosen from."""

import re
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Locator, expect

from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.flow_team import told
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, REP, House

HERE: Final[dict[str, Any]] = {"permissions": ["geolocation"], "geolocation": {"latitude": 31.23, "longitude": 121.52}}
AWAY_E6: Final = 10_000
MANY: Final = 400
ROWS_IN_PAGE_MAX: Final = 60


def fingers(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Put fingers on the screen, move them, or lift them."""
    at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


def middle(one: Locator) -> tuple[float, float]:
    """The middle of what is on the screen."""
    box = one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def flow_two_fingers_and_the_wheel_bring_the_map_nearer(house: House, handset: NewHandset) -> None:
    """The point under the fingers or the wheel stays where it is; the others go away from it."""
    for at in range(2):
        place = {"latitude_e6": 31_230_000, "longitude_e6": 121_520_000 + at * AWAY_E6, "datum": 1}
        change = {"values": place, "bases": {"position": house.customer(at)["rev"]}}
        told(house.boss, f"/v1/desk/customers/{house.customer_ids[at]}", change)
    phone = handset(house.office, **HERE)
    window = phone.signed_in()
    page = window.page
    window.place("map")
    here, there = (page.get_by_role("button", name=f"{NAMES[at]}, customer") for at in range(2))
    expect(there).to_be_visible()
    (x, y), (first, _) = middle(here), middle(there)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    nearer = far_from(there, first)
    assert middle(here) == pytest.approx((x, y), abs=2)
    assert nearer - x == pytest.approx((first - x) * 1.65, rel=0.05)
    page.mouse.wheel(0, 200)
    back = far_from(there, nearer)
    assert back == pytest.approx(first, abs=3)
    session = phone.context.new_cdp_session(page)
    fingers(session, "touchStart", (x - 40, y), (x + 40, y))
    for apart in (50, 60, 70, 80):
        fingers(session, "touchMove", (x - apart, y), (x + apart, y))
    fingers(session, "touchEnd")
    pinched = far_from(there, back)
    assert middle(here) == pytest.approx((x, y), abs=3)
    assert pinched - x == pytest.approx((back - x) * 2, rel=0.1)


def far_from(one: Locator, before: float) -> float:
    """Where it is, as soon as it is no longer where it was."""
    for _ in range(100):
        now, _y = middle(one)
        if abs(now - before) > 1:
            break
        one.page.wait_for_timeout(50)
    one.page.wait_for_timeout(100)
    return middle(one)[0]


def flow_a_table_of_many_rows_holds_only_those_near_the_screen(house: House, handset: NewHandset) -> None:
    """In Chinese: hundreds of customers scrolled, filtered, and chosen as a whole."""
    department = told(house.boss, "/v1/desk/departments", {"name": "华东"})["id"]
    body = {"id": house.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department}
    told(house.boss, "/v1/desk/users", body)
    house.site.user(house.boss, "zhou", Role.manager, department_id=department)
    rows = [{"external_id": f"C-{n}", "name": f"客户{n:03}", "owner": REP, "city": "上海"} for n in range(MANY)]
    answer = house.boss.post("/v1/desk/imports/customers", {"rows": rows})
    assert answer.json()["taken"] == MANY, answer.text
    desk = Desk(handset(house.office, **WIDE, locale="zh-CN"), "zhou")
    page = desk.page
    desk.go("客户")
    every = MANY + len(NAMES)
    expect(page.locator(".tablecount")).to_have_text(f"{every} 行")
    lines = page.locator("tbody tr:not([aria-hidden])")
    expect(lines.first).to_be_visible()
    expect(page.locator("table.grid")).to_have_attribute("aria-rowcount", str(every + 1))
    assert lines.count() < ROWS_IN_PAGE_MAX
    page.mouse.move(640, 500)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("rowheader", name=re.compile(f"客户{MANY - 1}$"))).to_be_visible()
    assert lines.count() < ROWS_IN_PAGE_MAX
    expect(lines.last).to_have_attribute("aria-rowindex", str(every + 1))
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("checkbox", name="全选").click()
    expect(page.get_by_role("group", name=f"已选 {every} 行")).to_be_visible()
    page.get_by_label("筛选", exact=True).fill("客户39")
    expect(lines).to_have_count(10)
    expect(page.locator(".tablecount")).to_have_text(f"10 行，共 {every} 行")
