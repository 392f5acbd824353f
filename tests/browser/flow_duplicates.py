"""Possible duplicates at the manager's desk: side by side, decided, filtered; no fact that is out of sight shows (D-154)."""

from typing import Any, Final

from playwright.sync_api import Locator, expect

from server import chance
from server.services.compare import compare
from shared_schema.problem import Code
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.browser.desk import Desk, opened
from tests.browser.handset import Handset
from tests.browser.office import Office, text

NUMBER: Final = "021-5550000"
"""The telephone number of the first customer of an office."""
FIRST: Final = "鑫源五金商行"
SECOND: Final = "鑫源五金(浦东)"
OVERFLOW: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def entered(manned: Office, login: str, name: str = SECOND, number: str = NUMBER) -> str:
    """A rep enters a customer, whatever bears that number already, and the server compares it."""
    phone = manned.phones[login]
    record_id = phone.new_id()
    phone.enter([Edit(Kind.create, BY_NAME["customer"], record_id, {"name": name, "city": "上海", "phone": number})])
    report = phone.sync()
    assert {one.outcome.result.name for one in report.answered} == {"applied"}
    while manned.site.write(compare, manned.boss.session["org_id"], chance.now_ms()):
        pass  # else by itself, within a few seconds
    return text(record_id)


def pairs(manned: Office) -> list[dict[str, Any]]:
    answer = manned.manager.get("/v1/desk/duplicates")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def pair(desk: Desk) -> Locator:
    """The only pair on the screen of those that wait."""
    desk.go("Duplicates")
    found = desk.page.get_by_role("article")
    expect(found).to_have_count(1)
    return found


def side(found: Locator, word: str) -> Locator:
    return found.locator(".alike-side", has=found.page.get_by_role("heading", name=word))


def flow_a_pair_is_read_side_by_side_and_the_same_goes_to_the_owner_of_the_first(profile: Handset, manned: Office) -> None:
    """D-154: the facts of both, then the second one is where the first one is, and the pair says who decided."""
    manned.customer("wang", FIRST)
    second = entered(manned, "li")
    desk = opened(profile)
    expect(desk.page.locator("nav.tabs a[href$='duplicates'] .badge")).to_have_text("1")
    found = pair(desk)
    expect(found).to_contain_text("same telephone number")
    for word, facts in {"Was there first": (FIRST, NUMBER, "王芳", "Admin"), "Came after": (SECOND, NUMBER, "李强")}.items():
        for fact in facts:
            expect(side(found, word)).to_contain_text(fact)
    expect(found).to_contain_text(f"If they are the same, {SECOND} goes to 王芳 Wang Fang.")
    found.get_by_label("Reason").fill("one shop, two names")
    found.get_by_role("button", name="They are the same").click()
    expect(desk.page.get_by_text("No possible duplicate waits")).to_be_visible()
    expect(desk.page.locator("nav.tabs a[href$='duplicates'] .badge")).to_have_count(0)
    assert manned.record("standing", second)["owner_id"] == manned.rep_ids["wang"]
    desk.page.get_by_label("State").select_option(label="the same")
    expect(found).to_contain_text("decided by 周敏 Zhou Min, just now · one shop, two names")
    expect(found.get_by_role("button")).to_have_count(0)


def flow_different_customers_stay_and_are_found_by_state_and_author(profile: Handset, manned: Office) -> None:
    """D-154: nothing moves, and the list by author shows who enters what exists."""
    manned.customer("wang", FIRST)
    second = entered(manned, "li")
    desk = opened(profile)
    pair(desk).get_by_role("button", name="They are different").click()
    expect(desk.page.get_by_text("No possible duplicate waits")).to_be_visible()
    assert manned.record("standing", second)["owner_id"] == manned.rep_ids["li"]
    assert [one["state"] for one in pairs(manned)] == [3]
    found, page = desk.page.get_by_role("article"), desk.page
    page.get_by_label("State").select_option(label="State: all")
    for author, count in (("王芳 Wang Fang", 0), ("李强 Li Qiang", 1)):
        page.get_by_label("Entered by").select_option(label=author)
        expect(page.locator(".tablecount")).to_have_text(f"{count} {'pair' if count == 1 else 'pairs'}")
        expect(found).to_have_count(count)


def flow_a_pair_whose_first_is_in_a_pool_wants_a_pool(profile: Handset, manned: Office) -> None:
    """D-154: without a pool the server refuses, the manager reads why; with one the second customer is in it."""
    profile.refusals.add(Code.rule_broken.status)
    pool_id = manned.pool("East")
    first = manned.customer("wang", FIRST)
    assert manned.boss.post(f"/v1/desk/customers/{first}/release", {"pool_id": pool_id}).status_code == 200
    second = entered(manned, "li")
    found = pair(opened(profile))
    same = found.get_by_role("button", name="They are the same")
    same.click()
    expect(found.get_by_role("alert")).to_have_text("The first customer is in a pool: choose the pool.")
    expect(found.get_by_label("Into the pool")).to_be_focused()
    assert [one["state"] for one in pairs(manned)] == [1]
    found.get_by_label("Into the pool").select_option(label="East")
    same.click()
    expect(found).to_have_count(0)
    (standing,) = manned.boss.get(f"/v1/desk/duplicates?second_id={second}").json()["items"]
    assert standing["state"] == 2
    assert manned.manager.get(f"/v1/records/customer/{second}").status_code == 404, "it left the team for the pool"


def flow_the_first_customer_of_another_team_stays_hidden(profile: Handset, manned: Office) -> None:
    """In Chinese, on a narrow screen: the manager decides, and reads nothing of a customer that is out of sight."""
    other = manned.site.user(manned.boss, "far", Role.rep, name="远方 Far")
    body = {"id": text(bytes(15) + b"7"), "owner_id": other, "values": {"name": "Hidden Shop", "city": "北京", "phone": NUMBER}}
    assert manned.boss.post("/v1/desk/customers", body).status_code == 200
    entered(manned, "li")
    desk = opened(profile)
    page = desk.page
    page.set_viewport_size({"width": 360, "height": 780})
    desk.go("Me")
    page.get_by_role("button", name="中文").click()
    (known,) = pairs(manned)
    page.goto(f"{desk.address}duplicates/{known['id']}")
    found = page.get_by_role("article")
    expect(side(found, "先有").get_by_text("这位客户不在你可见的范围内")).to_be_visible()
    assert (side(found, "先有").bounding_box() or {"height": 0})["height"] > 60
    expect(side(found, "后录入")).to_contain_text(SECOND)
    for secret in ("Hidden Shop", "北京", "远方"):
        expect(page.locator("body")).not_to_contain_text(secret)
    assert page.evaluate(OVERFLOW) == 0
    found.get_by_role("button", name="不同客户").click()
    expect(found).to_contain_text("周敏 Zhou Min 于 刚刚 判断")


def flow_an_admin_reads_the_names_of_both_and_decides(profile: Handset, manned: Office) -> None:
    """D-154: an admin holds no customer; the list names both and says where each one is, and no more."""
    manned.customer("wang", FIRST)
    second = entered(manned, "li")
    found = pair(opened(profile, "boss"))
    for word, facts in {"Was there first": (FIRST, "王芳"), "Came after": (SECOND, "李强")}.items():
        for fact in facts:
            expect(side(found, word)).to_contain_text(fact)
        expect(side(found, word)).not_to_contain_text(NUMBER)
    found.get_by_role("button", name="They are the same").click()
    expect(found).to_have_count(0)
    assert manned.record("standing", second)["owner_id"] == manned.rep_ids["wang"]
