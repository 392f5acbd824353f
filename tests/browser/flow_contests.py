"""A contact that a rep wrote without a network comes after the reclaim: the manager decides about it at the desk, both sides in sight."""

import time
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from playwright.sync_api import expect

from server.store import load
from server.store.write import save
from shared_schema.records.contest import Contest
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor
from sync.state import State
from tests.browser.desk import LONDON, WIDE, Desk
from tests.browser.flow_countdown import ruled
from tests.browser.furnished_cases import reclaimed
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, REP, House

SHOP = NAMES[2]


@pytest.fixture
def led(house: House) -> House:
    """A rep below a manager, and a rule by which customers fall after twenty days."""
    department_id = house.boss.post("/v1/desk/departments", {"name": "East"}).json()["id"]
    below = {"id": house.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department_id}
    assert house.boss.post("/v1/desk/users", below).status_code == 200
    house.site.user(house.boss, "zhou", Role.manager, name="Zhou", department_id=department_id)
    ruled(house)
    return house


def written_in_time(led: House, window: Window, note: str, meanwhile: Callable[[], object] = lambda: None) -> None:
    """The rep logs a contact where no network is; then the customer falls, and the phone comes back."""
    page = window.page
    window.list()
    window.rows.filter(has_text=SHOP).click()
    led.wire.cut()
    page.get_by_role("button", name="Log contact").click()
    page.get_by_role("dialog").get_by_label("What was said?").fill(note)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    window.waits(1, offline=True)
    [pool] = led.boss.get("/v1/desk/pools").json()["items"]
    gone = {"pool_id": pool["id"], "reason": "nobody in touch"}
    assert led.boss.post(f"/v1/desk/customers/{led.customer_ids[2]}/release", gone).status_code == 200
    led.site.write(reclaimed, uuid.UUID(led.customer_ids[2]).bytes, uuid.UUID(led.rep_id).bytes)
    meanwhile()
    led.wire.heal()
    window.network_is_back()
    window.settled()


def flow_a_late_contact_brings_a_customer_back(led: House, handset: NewHandset) -> None:
    """D-170, D-172: the manager sees what the rep wrote and how the customer stands; given back, it is on the rep's phone again."""
    window = handset().signed_in()
    written_in_time(led, window, "agreed on a sample")
    desk = Desk(handset(led.office, **{**WIDE, **LONDON}), "zhou")
    desk.go("Decisions")
    card = desk.page.get_by_role("article", name=SHOP)
    for words in ("agreed on a sample", "on the day of the reclaim", "Nobody, in a pool", "No device proves its time"):
        expect(card).to_contain_text(words)
    card.get_by_role("button", name="Give back to Lin").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("Reason").fill("he was there")
    sheet.get_by_role("button", name="Give back to Lin").click()
    expect(desk.page.locator(".toast")).to_contain_text(f"{SHOP} is Lin's again")
    expect(card).to_have_count(0)
    window.list()
    expect(window.rows.filter(has_text=SHOP)).to_have_count(1)


def proven(conn: sa.Connection, org_id: int) -> None:
    """Say of the contest that its time is proven, as a phone of the reference client has it: a browser has not."""
    now_ms, state = time.time_ns() // 1_000_000, State(load.rev_floor(conn, org_id))
    load.every(conn, state, org_id, BY_RECORD[Contest])
    [known] = [held.record for held in state.held.values() if isinstance(held.record, Contest)]
    state.write(replace(known, proven_ms=known.occurred_ms, silent_from_ms=known.occurred_ms - 7_200_000))
    save(conn, state, Actor(org_id, bytes(16), 0, Role.unknown), now_ms)


@pytest.mark.parametrize(
    ("locale", "page", "words"),
    [("en-GB", "Decisions", "Proven by the phone's running clock"), ("zh-CN", "决定", "设备运行时钟证实")],
    ids=["en", "zh"],
)
def flow_a_manager_sees_the_proof(led: House, handset: NewHandset, locale: str, page: str, words: str) -> None:
    """D-177: what the time is worth stands beside the note, in words."""
    written_in_time(led, handset().signed_in(), "agreed on a sample")
    led.site.write(proven, led.boss.session["org_id"])
    desk = Desk(handset(led.office, **{**WIDE, **LONDON, "locale": locale}), "zhou")
    desk.go(page)
    card = desk.page.get_by_role("article", name=SHOP)
    expect(card).to_contain_text(words)


def flow_an_admin_decides_where_no_manager_is_above_both(led: House, handset: NewHandset) -> None:
    """D-173: the admin's list is the server's; decided, the contest leaves it."""
    below = {"id": led.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep)}
    assert led.boss.post("/v1/desk/users", below).status_code == 200
    window = handset().signed_in()
    written_in_time(led, window, "called in time")
    desk = Desk(handset(led.office, **{**WIDE, **LONDON}), "boss")
    desk.go("Contested reclaims")
    card = desk.page.get_by_role("article", name=SHOP)
    expect(card).to_contain_text("called in time")
    card.get_by_role("button", name="Leave it").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("Reason").fill("another plan")
    sheet.get_by_role("button", name="Leave it").click()
    expect(desk.page.locator("main")).to_contain_text("No contest waits for you")


def flow_a_manager_sees_no_contest_that_others_decide(led: House, handset: NewHandset) -> None:
    """D-173: another department has the customer by now; the manager of the former owner alone is no judge of it."""
    boss, window = led.boss, handset().signed_in()
    west = boss.post("/v1/desk/departments", {"name": "West"}).json()["id"]
    tao = led.site.user(boss, "tao", Role.rep, name="Tao", department_id=west)
    given = {"to_user_id": tao, "reason": "next"}
    written_in_time(led, window, "called", lambda: boss.post(f"/v1/desk/customers/{led.customer_ids[2]}/transfer", given))
    assert len(boss.get("/v1/desk/contests").json()["items"]) == 1
    desk = Desk(handset(led.office, **{**WIDE, **LONDON}), "zhou")
    desk.go("Decisions")
    expect(desk.page.locator("main")).to_contain_text("No quote waits for your decision")
    expect(desk.page.get_by_role("article", name=SHOP)).to_have_count(0)


def flow_a_contest_is_turned_down_in_chinese(led: House, handset: NewHandset) -> None:
    """D-172: on a phone, dark; a reason is asked for, and the rep reads it."""
    window = handset().signed_in()
    written_in_time(led, window, "called")
    desk = Desk(handset(led.office, locale="zh-CN", viewport={"width": 360, "height": 780}, color_scheme="dark"), "zhou")
    desk.go("决定")
    card = desk.page.get_by_role("article", name=SHOP)
    card.get_by_role("button", name="维持现状").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("原因").fill("已有订单")
    sheet.get_by_role("button", name="维持现状").click()
    expect(card).to_have_count(0)
    [kept] = [one for one in led.witness.get("/v1/records/notification").json()["items"] if one["kind"] == "contest_kept"]
    assert kept["facts"]["reason"] == "已有订单"
