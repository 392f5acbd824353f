"""A day without a network, in Chinese: eighteen kinds of entry, an app that is killed in the evening, a server that has each once."""

import re
import time
import uuid
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Geolocation, Locator, Page, Playwright, expect

from mobile_api.phone.phone import Phone
from shared_schema.records.instruction import InstructionState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.flow_quotes import catalogue
from tests.browser.flow_team import told
from tests.browser.handset import Handset, Window
from tests.browser.house import NAMES, House
from tests.browser.office import of
from tests.browser.witness import Witness
from tests.integration.site import PASSWORD

HERE: Final[Geolocation] = {"latitude": 31.23, "longitude": 121.52, "accuracy": 10}
SHOP_PLACE: Final = {"latitude_e6": 31_230_000, "longitude_e6": 121_520_000, "datum": 1}
POOL_PLACE: Final = {"latitude_e6": 31_224_000, "longitude_e6": 121_524_000, "datum": 1}
POOLED: Final = "临港仓库"
NEWCOMER: Final = "湖滨旅馆"
ALL_ENTRIES: Final = 19
"""Eighteen kinds, and that a note which was opened is read."""


@pytest.fixture
def morning(house: House, tmp_path: Path) -> House:
    """What the rep finds: a price book, a field of the organisation, a customer with a place, one in a pool, a note, an instruction."""
    boss = house.boss
    catalogue(house)
    told(boss, "/v1/desk/field-definitions", {"entity": 1, "key": "shelf", "kind": 2, "label_zh": "货架", "label_en": "Shelf"})
    told(boss, "/v1/desk/instructions", {"id": str(uuid.uuid4()), "rep_id": house.rep_id, "text": "清点货架", "priority": 1})
    own = {"values": SHOP_PLACE, "bases": {"position": house.customer()["rev"]}}
    told(boss, f"/v1/desk/customers/{house.customer_ids[0]}", own)
    pool = told(boss, "/v1/desk/pools", {"name": "公共"})["id"]
    values = {"name": POOLED, "city": "上海"} | POOL_PLACE
    pooled = told(boss, "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": values})["id"]
    told(boss, f"/v1/desk/customers/{pooled}/release", {"pool_id": pool})
    _note(house, tmp_path / "mia.sqlite")
    return house


def _note(house: House, path: Path) -> None:
    """The rep's manager writes to the department."""
    department = told(house.boss, "/v1/desk/departments", {"name": "华东"})["id"]
    below = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "department_id": department}
    told(house.boss, "/v1/desk/users", below)
    house.site.user(house.boss, "mia", Role.manager, department_id=department)
    mia = Phone(path)
    mia.sign_in(house.office, "alpha", "mia", PASSWORD)
    mia.sync()
    values: dict[str, Any] = {"department_id": of(department), "device_ms": time.time_ns() // 1_000_000, "text": "周一有展会"}
    mia.enter([Edit(Kind.create, BY_NAME["team_note"], mia.new_id(), values)])
    mia.sync()
    mia.close()


def saved(page: Page, button: str, fields: dict[str, str], save: str = "保存") -> None:
    """Open a sheet by its button, fill its fields in, save."""
    page.get_by_role("button", name=re.compile(f"^{button}")).click()
    fill(page.get_by_role("dialog"), fields, save)


def fill(sheet: Locator, fields: dict[str, str], save: str = "保存") -> None:
    """Fill the fields of an open sheet in, save it."""
    for label, value in fields.items():
        sheet.locator("label", has_text=re.compile(f"^{label}")).locator("input, textarea").fill(value)
    sheet.get_by_role("button", name=save, exact=True).click()
    expect(sheet).to_be_hidden()


def at_the_shop(window: Window) -> None:
    """A visit and its correction, a contact, a plan, and what the shop tells of itself."""
    page = window.page
    window.list()
    window.rows.filter(has_text=NAMES[0]).click()
    saved(page, "签到", {"这次谈了什么": "两箱"}, "在此签到")
    page.locator(".timeline a.row", has_text="两箱").click()
    saved(page, "更正", {"这次谈了什么": "三箱"})
    page.get_by_role("button", name="返回").click()
    saved(page, "记联系", {"说了什么": "确认交期"})
    saved(page, "安排下次跟进", {"要做什么": "送样品"})
    saved(page, "修改 电话", {"电话": "021-9"})
    saved(page, "添加联系人", {"姓名": "王芳", "电话": "139-1"})
    saved(page, "添加标签", {"标签": "老客户"})
    saved(page, "添加偏好", {"关于": "送货", "希望": "九点以前"})
    saved(page, "修改 货架", {"货架": "12.5"})
    page.get_by_role("button", name="添加样品").click()
    page.get_by_role("dialog").get_by_role("button", name="Cups").click()
    fill(page.get_by_role("dialog", name="登记Cups"), {"数量": "3"})


def quote(page: Page) -> None:
    """A quote for the shop with one line, submitted."""
    saved(page, "新建报价", {"标题": "五月"})
    page.get_by_role("button", name="添加产品").click()
    page.get_by_role("dialog").get_by_role("button", name="Cups").click()
    fill(page.get_by_role("dialog", name="Cups"), {"数量": "7"})
    page.get_by_role("button", name="提交审批").click()
    page.get_by_role("dialog").get_by_role("button", name="提交审批").click()
    expect(page.locator(".chips")).to_contain_text("待提交")


def elsewhere(window: Window) -> None:
    """A new customer where the rep stands, another one given away, one claimed; the note and the instruction answered."""
    page = window.page
    window.place("customers")
    page.get_by_role("link", name="新建客户").click()
    page.get_by_label("名称").fill(NEWCOMER)
    expect(page.locator(".check")).to_contain_text("已定位")
    page.get_by_role("button", name="保存客户").click()
    expect(page.locator("h1")).to_have_text(NEWCOMER)
    window.place("customers")
    window.rows.filter(has_text=NAMES[5]).click()
    page.get_by_role("button", name="释放").click()
    fill(page.get_by_role("dialog"), {"原因": "搬走了"}, "释放")
    more(window, "公海")
    page.get_by_role("button", name=f"领取 {POOLED}").click()
    more(window, "团队通知")
    page.get_by_role("button", name="确认收到").click()
    more(window, "工作指令")
    page.locator("a.row", has_text="清点货架").click()
    page.get_by_role("button", name="确认收到").click()
    expect(page.locator(".toast")).to_contain_text("已确认收到")  # said when it is on the disk; the mark counts it before that


def more(window: Window, name: str) -> None:
    """Go to a place behind the last one of the bar."""
    window.place("me")
    window.page.get_by_role("link", name=name).click()


def flow_a_day_of_all_kinds_of_entry_is_killed_offline_and_arrives_once(
    morning: House, complaints: list[Handset], witness: Witness, playwright: Playwright, found_chromium: Chromium, tmp_path: Path
) -> None:
    def started(running: chromium.Running) -> Handset:
        context = playwright.chromium.connect_over_cdp(running.endpoint).contexts[0]
        context.grant_permissions(["geolocation"])
        context.set_geolocation(HERE)
        complaints.append(Handset(context, morning, witness))
        return complaints[-1]

    with chromium.running(found_chromium, tmp_path / "profile") as running:
        window = started(running).open()
        window.page.get_by_role("button", name="中文").click()
        window.sign_in()
        window.settled()
        window.can_start_alone()
        morning.wire.cut()
        at_the_shop(window)
        quote(window.page)
        elsewhere(window)
        window.waits(ALL_ENTRIES, offline=True)
        running.kill()
    with chromium.running(found_chromium, tmp_path / "profile") as running:
        window = started(running).open()
        window.waits(ALL_ENTRIES, offline=True)
        tells_each(window, re.compile("等待发送|待答复"))
        morning.wire.heal()
        window.network_is_back()
        window.settled()
        expect(window.mark).to_have_text("已全部发送")
        tells_each(window, re.compile("已生效"))
        running.kill()
    has_each_once(morning)


def tells_each(window: Window, fate: re.Pattern[str]) -> None:
    """The outbox tells what each act was, in words, and its fate."""
    window.mark.click()
    acts = window.page.locator("details.act")
    expect(acts.locator(".chip")).to_have_text([fate] * ALL_ENTRIES)
    kinds = "".join(acts.locator("b").all_inner_texts())
    lines = "\n".join(acts.locator("small").all_inner_texts())
    for word in ("拜访", "联系记录", "跟进", "联系人", "客户", "偏好", "样品", "报价", "领取", "释放", "回执", "指令"):
        assert word in kinds, (word, kinds)
    for words in ("两箱", "三箱", "货架 12.5", "3 × Cups", "7 box × ¥3.33", "+老客户", "搬走了", "湖滨旅馆"):
        assert words in lines, (words, lines)
    assert not re.search(r"[a-z]+_[a-z]+|[\w-]{20}|未知", kinds + lines, re.ASCII)


def has_each_once(house: House) -> None:
    """What the server has of the day."""
    shop = house.customer_ids[0]

    def of_shop(kind: str, *slots: str) -> list[tuple[Any, ...]]:
        items = house.witness.get(f"/v1/records/{kind}?customer_id={shop}").json()["items"]
        return sorted((tuple(one[slot] for slot in slots) for one in items), key=str)

    assert house.entered() == [ALL_ENTRIES]
    assert house.cards() == []
    assert house.numbers() == ["021-9"]
    customer = house.customer()
    assert ([one["element"] for one in customer["tags"]], customer["extra"]) == (["老客户"], {"shelf": 12_500})
    assert of_shop("visit", "note", "verdict") == [("三箱", 1), ("两箱", 1)]
    assert of_shop("contact_log", "note") == [("确认交期",)]
    assert of_shop("follow_up", "purpose") == [("送样品",)]
    assert of_shop("contact", "name", "phone") == [("王芳", "139-1")]
    assert of_shop("preference", "subject", "wish") == [("送货", "九点以前")]
    assert of_shop("sample_count", "quantity") == [(3,)]
    assert of_shop("quote", "title", "status", "gross_minor") == [("五月", 2, 2331)]
    names = [one["name"] for one in house.witness.get("/v1/records/customer").json()["items"]]
    assert sorted(names) == sorted([*NAMES[:5], NEWCOMER, POOLED])
    [instruction] = house.boss.get("/v1/desk/instructions").json()["items"]
    assert instruction["state"] == InstructionState.acknowledged
    [receipt] = house.witness.get("/v1/records/receipt").json()["items"]
    assert receipt["level"] == 3
