"""A conflict of two phones in Chinese: told in words, decided without a network, undone; refusals of other kinds; sent to the manager."""

from typing import Final

import pytest
from playwright.sync_api import expect

from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.flow_inbox import to_inbox
from tests.browser.flow_team import told
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, PHONE, House

MINE, THEIRS = "021-1", "021-2"
CHINESE: Final = {"locale": "zh-CN"}


def edit(window: Window, field: str, slot: str, text: str) -> None:
    """Write one fact of the customer on the screen."""
    window.page.get_by_role("button", name=f"修改 {field}").click()
    window.page.fill(f"dialog [name={slot}]", text)
    window.page.click("dialog button.primary")
    expect(window.page.get_by_role("dialog")).to_have_count(0)


def shown(window: Window, at: int = 0) -> Window:
    """Go to a customer."""
    window.list()
    window.rows.filter(has_text=NAMES[at]).click()
    return window


@pytest.fixture
def led(house: House) -> House:
    """The rep below a manager."""
    department = told(house.boss, "/v1/desk/departments", {"name": "华东"})["id"]
    body = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "department_id": department}
    told(house.boss, "/v1/desk/users", body)
    house.site.user(house.boss, "zhou", Role.manager, department_id=department, name="Zhou")
    return house


@pytest.fixture
def conflict(led: House, handset: NewHandset) -> Window:
    """The rep's phone outdoors wrote a number without a network, and the rep's other one another."""
    outdoors, office = shown(handset(**CHINESE).signed_in()), shown(handset(led.office, **CHINESE).signed_in())
    led.wire.cut()
    edit(outdoors, "电话", "phone", MINE)
    edit(office, "电话", "phone", THEIRS)
    office.settled()
    led.wire.heal()
    outdoors.network_is_back()
    outdoors.settled()
    return outdoors


def flow_a_conflict_of_two_phones_is_decided_offline_and_undone_in_chinese(led: House, conflict: Window) -> None:
    card, page = to_inbox(conflict), conflict.page
    expect(card.locator("header")).to_contain_text("你已在另一台设备上修改过")
    expect(card.locator(".versus h3")).to_have_text(["电话"])
    expect(card.locator(".versus .mine")).to_contain_text(f"你的{MINE}")
    expect(card.locator(".versus p").nth(1)).to_contain_text(f"你在另一台设备上的{THEIRS}")
    expect(card.locator(".versus .saw")).to_contain_text(f"{PHONE}0000")
    led.wire.cut()
    card.get_by_role("button", name="用我的").click()
    expect(page.locator("article.decision")).to_have_count(0)
    conflict.waits(1, offline=True)
    decided = page.locator("details.decided")
    expect(decided.locator(".chip")).to_have_text("等待发送")
    assert led.numbers() == [THEIRS]
    led.wire.heal()
    conflict.network_is_back()
    conflict.settled()
    expect(decided.locator(".chip")).to_have_text("用了你的")
    decided.locator("summary").click()
    decided.get_by_role("button", name="撤销我的决定").click()
    expect(page.locator(".toast")).to_contain_text("已撤销")
    conflict.settled()
    assert led.numbers() == [THEIRS, MINE, THEIRS]
    shown(conflict)
    expect(page.get_by_role("button", name="修改 电话").locator(".value")).to_have_text(THEIRS)


def flow_a_card_is_given_to_the_manager_who_decides_at_the_desk(led: House, conflict: Window, handset: NewHandset) -> None:
    desk = Desk(handset(led.office, **WIDE, **CHINESE), "zhou")
    desk.go("决定")
    card = to_inbox(conflict)
    card.get_by_role("button", name="交给经理").click()
    expect(conflict.page.locator("article.decision")).to_have_count(0)
    conflict.settled()
    expect(conflict.page.locator("details.decided .chip")).to_have_text("由经理决定")
    above = desk.page.locator("article.decision").filter(has_text=NAMES[0])
    for words in ("由 Lin 提交给你", MINE, THEIRS, f"{PHONE}0000"):
        expect(above).to_contain_text(words)
    above.get_by_role("button", name="用 Lin 的").click()
    expect(above).to_have_count(0)
    shown(conflict)
    expect(conflict.page.get_by_role("button", name="修改 电话").locator(".value")).to_have_text(MINE)
    assert led.numbers() == [THEIRS, MINE]
    conflict.page.locator(".mark").click()
    expect(conflict.page.locator("details.act .chip")).to_have_text(["已生效", "已处理"])


def flow_a_deletion_against_a_change_asks_with_what_was_changed(led: House, handset: NewHandset) -> None:
    """The person at the customer's was deleted on one phone and got another number on the other."""
    outdoors, office = shown(handset(**CHINESE).signed_in()), shown(handset(led.office, **CHINESE).signed_in())
    outdoors.page.get_by_role("button", name="添加联系人").click()
    outdoors.page.fill("dialog [name=name]", "王芳")
    outdoors.page.click("dialog button.primary")
    outdoors.settled()
    person = office.page.get_by_role("button", name="修改 王芳")
    expect(person).to_be_visible()
    led.wire.cut()
    outdoors.page.get_by_role("button", name="修改 王芳").click()
    outdoors.page.get_by_role("dialog").get_by_role("button", name="删除").click()
    person.click()
    office.page.fill("dialog [name=phone]", "139-1")
    office.page.click("dialog button.primary")
    office.settled()
    led.wire.heal()
    outdoors.network_is_back()
    outdoors.settled()
    card = to_inbox(outdoors)
    expect(card).to_contain_text("联系人: 你要删除这条记录，但此前已被修改：")
    expect(card.locator(".versus h3")).to_have_text(["电话"])
    expect(card).to_contain_text("139-1")
    card.get_by_role("button", name="用我的").click()
    outdoors.settled()
    expect(outdoors.page.locator("article.decision")).to_have_count(0)
    shown(office)
    expect(person).to_have_count(0)


def flow_entries_for_a_customer_who_went_are_one_card_each_and_are_put_away(led: House, handset: NewHandset) -> None:
    """A person with a change to that person, and a plan with its contact: each stays together, and says what it was."""
    led.site.user(led.boss, "mei", name="Mei")
    window = shown(handset(**CHINESE).signed_in())
    page = window.page
    led.wire.cut()
    page.get_by_role("button", name="添加联系人").click()
    page.fill("dialog [name=name]", "王芳")
    page.fill("dialog [name=title]", "店长")
    page.click("dialog button.primary")
    page.get_by_role("button", name="修改 王芳").click()
    page.fill("dialog [name=phone]", "139-1")
    page.click("dialog button.primary")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="签到").click()
    page.get_by_role("dialog").get_by_text("一周后").click()
    page.get_by_role("dialog").get_by_role("button", name="在此签到").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    window.waits(4, offline=True)
    mei = next(one["id"] for one in led.boss.get("/v1/desk/users").json()["items"] if one["login"] == "mei")
    told(led.boss, f"/v1/desk/customers/{led.customer_ids[0]}/transfer", {"to_user_id": mei})
    led.wire.heal()
    window.network_is_back()
    window.settled()
    expect(page.locator("main, .empty").first).to_contain_text("此客户已不在这部设备上")
    to_inbox(window)
    expect(page.locator("article.decision header b")).to_have_text([NAMES[0]] * 2)
    for kind, others in (("联系人", ("王芳", "职务", "店长", "139-1", "修改联系人")), ("拜访", ("新建跟进",))):
        card = page.locator("article.decision").filter(has_text=f"新建{kind}")
        for words in ("客户已转给他人", "由新负责人决定", *others):
            expect(card).to_contain_text(words)
    window.mark.click()
    expect(page.locator("details.act .chip")).to_have_text(["待你决定"] * 3)
    expect(page.locator("details.act").first).to_contain_text("共 2 项")
    for left in (1, 0):
        to_inbox(window).get_by_role("button", name="不再处理").click()
        expect(page.locator("article.decision")).to_have_count(left)
    window.settled()
    assert [one["state"] for one in led.cards()] == [ItemState.kept_theirs] * 2
    expect(page.locator("details.decided .chip")).to_have_text(["不再处理"] * 2)
