"""More time with a customer between the rep's phone and the manager's desk: asked without a network, granted, refused; and the lock."""

import re
import time
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from shared_schema.records.reference import Role
from sync.agreed.days import local_day
from tests.browser.desk import LONDON, WIDE, Desk
from tests.browser.flow_countdown import NARROW, SOON, ZONE, had_for, line, ruled
from tests.browser.handset import NewHandset, Window
from tests.browser.house import REP, House

GRANTED: Final = 2


@pytest.fixture
def led(house: House) -> House:
    """A rep below a manager, with a customer that falls in two days."""
    boss = house.boss
    department_id = boss.post("/v1/desk/departments", {"name": "East"}).json()["id"]
    below = {"id": house.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department_id}
    assert boss.post("/v1/desk/users", below).status_code == 200
    house.site.user(boss, "zhou", Role.manager, department_id=department_id)
    had_for(house, SOON, 18)
    ruled(house, exempt=["extended", "locked"])
    return house


def desk_of(led: House, handset: NewHandset, **options: Any) -> Desk:
    """The manager at the desk, whose network never fails."""
    return Desk(handset(led.office, **{**WIDE, **LONDON, **options}), "zhou")


def at_customer(led: House, handset: NewHandset, **options: Any) -> Window:
    """The rep at the page of the customer that may fall."""
    window = handset(**options).signed_in()
    window.place("customers")
    window.rows.filter(has_text=SOON).click()
    expect(window.page.locator("h1")).to_have_text(SOON)
    assert led.rep_id
    return window


def date(days: int) -> str:
    """A day ahead by the organisation's calendar, as the browser's field takes it."""
    today: Final = local_day(time.time_ns() // 1_000_000, ZONE)
    return time.strftime("%Y-%m-%d", time.gmtime((today + days) * 86_400))


def asks(page: Page, words: tuple[str, str, str, str], days: int, reason: str) -> None:
    """Ask for more time by the form. `words`: of the button, the day, the reason, the end."""
    page.get_by_role("button", name=words[0]).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label(words[1]).fill(date(days))
    sheet.get_by_label(words[2]).fill(reason)
    sheet.get_by_role("button", name=words[3], exact=True).click()


def stands(page: Page) -> Locator:
    """What the customer's page says about more time."""
    return page.locator("main .more-time")


ZH: Final = ("申请延期", "保留至", "原因", "提交申请")
EN: Final = ("Ask for more time", "Keep it until", "Reason", "Ask")


def flow_more_time_is_asked_without_a_network_and_granted(led: House, handset: NewHandset) -> None:
    """D-161, D-162: the form refuses a day too far; the request waits, is sent, decided at the desk, and moves the countdown."""
    window = at_customer(led, handset, **NARROW)
    page = window.page
    led.wire.cut()
    asks(page, ZH, 91, "秋季招标")
    expect(page.get_by_role("dialog")).to_contain_text("最多 90 天")
    page.get_by_role("dialog").get_by_label("保留至").fill(date(40))
    page.get_by_role("dialog").get_by_role("button", name="提交申请", exact=True).click()
    expect(stands(page)).to_contain_text("尚未发送")
    expect(page.get_by_role("button", name="申请延期")).to_have_count(0)
    led.wire.heal()
    window.network_is_back()
    window.settled()
    expect(stands(page)).to_contain_text("等待经理审批")
    desk = desk_of(led, handset, locale="en-GB")
    desk.go("Decisions")
    card = desk.page.get_by_role("article", name=SOON)
    for words in ("Lin", "秋季招标"):
        expect(card).to_contain_text(words)
    card.get_by_role("button", name="Grant").click()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet.get_by_label("Until")).to_have_value(date(40))
    sheet.get_by_label("Until").fill(date(30))
    sheet.get_by_label("A word to the rep").fill("thirty days")
    sheet.get_by_role("button", name="Grant", exact=True).click()
    expect(card).to_have_count(0)
    [one] = led.boss.get("/v1/desk/extensions").json()["items"]
    assert (one["state"], one["reply"]) == (GRANTED, "thirty days")
    page.reload()
    window.settled()
    expect(stands(page)).to_contain_text("延期已批准")
    expect(stands(page)).to_contain_text("thirty days")
    expect(line(page)).to_contain_text("还剩 30 天")
    expect(page.get_by_role("button", name="申请延期")).to_be_visible()


def flow_a_customer_that_is_left_alone_waits_with_its_days(led: House, handset: NewHandset) -> None:
    """D-133, D-142: the rep sees until when nobody is in touch; the days count from then on, and from today when the word is taken back."""
    (soon,) = [one for one in led.witness.get("/v1/records/customer").json()["items"] if one["name"] == SOON]
    path = f"/v1/desk/customers/{soon['id']}/do-not-disturb"
    today: Final = local_day(time.time_ns() // 1_000_000, ZONE)
    assert led.boss.post(path, {"until_day": today + 8}).status_code == 200
    page = at_customer(led, handset, **NARROW).page
    expect(stands(page)).to_contain_text("免打扰至")
    expect(line(page)).to_contain_text("还剩 28 天")
    assert led.boss.post(path, {}).status_code == 200
    expect(line(page)).to_contain_text("还剩 20 天")
    expect(stands(page)).not_to_contain_text("免打扰至")


def flow_a_refusal_says_why(led: House, handset: NewHandset) -> None:
    """D-162: in Chinese at the desk, in English on the phone."""
    window = at_customer(led, handset)
    page = window.page
    asks(page, EN, 20, "harvest")
    window.settled()
    expect(stands(page)).to_contain_text("your manager has not decided yet")
    desk = desk_of(led, handset, locale="zh-CN", viewport={"width": 360, "height": 780}, color_scheme="dark")
    desk.go("决定")
    card = desk.page.get_by_role("article", name=SOON)
    card.get_by_role("button", name="拒绝").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("给申请人的话").fill("先去拜访")
    sheet.get_by_role("button", name="拒绝", exact=True).click()
    expect(card).to_have_count(0)
    page.reload()
    window.settled()
    expect(stands(page)).to_contain_text("refused")
    expect(stands(page)).to_contain_text("先去拜访")
    expect(line(page)).to_contain_text("2 days left")


@pytest.mark.parametrize("language", ["zh", "en"])
def flow_an_admin_reads_who_asks_about_whom_and_grants_a_shorter_time(led: House, handset: NewHandset, language: str) -> None:
    """D-162: an admin holds no customer, and still reads the name, the reason and the day on which the customer falls otherwise."""
    window = at_customer(led, handset)
    asks(window.page, EN, 40, "harvest")
    window.settled()
    zh = language == "zh"
    narrow = {"locale": "zh-CN", "viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    desk = Desk(handset(led.office, **({**WIDE, **LONDON, **narrow} if zh else {**WIDE, **LONDON, "locale": "en-GB"})), "boss")
    desk.go("延期申请" if zh else "Requests for more time")
    card = desk.page.get_by_role("article", name=SOON)
    for words in ("Lin", "harvest", "Zhou"):
        expect(card).to_contain_text(words)
    falls = card.locator("dl div", has_text="当前回收日" if zh else "Falls on").locator("dd")
    expect(falls).to_contain_text(re.compile(r"\d"))
    card.get_by_role("button", name="批准" if zh else "Grant").click()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet.get_by_role("heading")).to_contain_text(SOON)
    sheet.get_by_label("保留至" if zh else "Until").fill(date(10))
    sheet.get_by_role("button", name="批准" if zh else "Grant", exact=True).click()
    expect(card).to_have_count(0)
    window.page.reload()
    window.settled()
    expect(line(window.page)).to_contain_text("10 days left")


def flow_the_manager_locks_and_unlocks_a_customer(led: House, handset: NewHandset) -> None:
    """D-160, D-178, D-179: desk and phone say until when and why; without a day it is unlocked, and the timelines tell of both."""
    desk = desk_of(led, handset, locale="en-GB")
    desk.go("Customers")
    desk.page.get_by_role("button", name=SOON).click()
    pane = desk.page.get_by_role("complementary")
    pane.get_by_role("button", name="Lock…").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("Locked until").fill(date(60))
    sheet.get_by_label("Reason").fill("a tender runs")
    desk.save()
    expect(pane).to_contain_text("Locked until")
    expect(pane).to_contain_text("a tender runs")
    window = at_customer(led, handset)
    expect(stands(window.page)).to_contain_text("it stays yours")
    expect(stands(window.page)).to_contain_text("a tender runs")
    expect(line(window.page)).to_contain_text("60 days left")
    told = window.page.locator(".timeline li", has_text="a tender runs")
    expect(told).to_contain_text(re.compile(r"Lock · Zhou.*until .*a tender runs", re.DOTALL))
    pane.get_by_role("button", name="Unlock…").click()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet.get_by_label("Locked until")).to_have_value(date(60))
    sheet.get_by_label("Locked until").fill("")
    sheet.get_by_label("Reason").fill("we lost it")
    desk.save()
    expect(pane).not_to_contain_text("Locked until")
    lines = pane.locator("ol.feed li")
    expect(lines.filter(has_text="Lock taken off")).to_contain_text(re.compile(r"Zhou.*we lost it", re.DOTALL))
    expect(lines.filter(has_text="a tender runs")).to_contain_text(re.compile(r"Zhou.*Locked.*until .*a tender runs", re.DOTALL))
    window.page.reload()
    window.settled()
    expect(told).to_contain_text(re.compile(r"a tender runs · taken off .*, Zhou, we lost it"))
    expect(line(window.page)).to_contain_text("2 days left")


@pytest.mark.parametrize("language", ["zh", "en"])
def flow_a_lock_promises_no_more_than_the_rule_in_force(led: House, handset: NewHandset, language: str) -> None:
    """D-143, D-160: a rule that does not list locks and extensions takes the customer all the same, and both apps say so."""
    ruled(led, exempt=["quote"])
    zh = language == "zh"
    desk = desk_of(led, handset, locale="zh-CN" if zh else "en-GB")
    desk.go("客户" if zh else "Customers")
    desk.page.get_by_role("button", name=SOON).click()
    pane = desk.page.get_by_role("complementary")
    pane.get_by_role("button", name="锁定…" if zh else "Lock…").click()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet).to_contain_text("现行回收规则不考虑锁定" if zh else "does not count locks")
    sheet.get_by_label("锁定至" if zh else "Locked until").fill(date(60))
    sheet.get_by_role("button", name="保存" if zh else "Save", exact=True).click()
    expect(pane).to_contain_text("现行规则仍会回收" if zh else "the rule in force takes it all the same")
    window = at_customer(led, handset, locale="zh-CN" if zh else "en-GB")
    expect(stands(window.page)).to_contain_text("现行规则仍会回收" if zh else "the rule in force takes it all the same")
    expect(stands(window.page)).to_contain_text("现行规则不考虑延期" if zh else "counts no extension")
    expect(line(window.page)).to_contain_text("还剩 2 天" if zh else "2 days left")


def flow_without_a_rule_nobody_needs_more_time(house: House, handset: NewHandset) -> None:
    """D-141: where no customer falls, the page says why it offers no request."""
    window = handset().signed_in()
    window.show()
    expect(stands(window.page)).to_contain_text("No rule takes customers now")
    expect(window.page.get_by_role("button", name="Ask for more time")).to_have_count(0)
