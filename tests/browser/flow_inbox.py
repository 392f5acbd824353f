"""The inbox and the outbox: both values of a conflict in words, decided without a network, undone; each entry with its fate."""

import re

import pytest
from playwright.sync_api import Locator, expect

from shared_schema.records.inbox import ItemState
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, PHONE, House

MINE, THEIRS = "021-1", "021-2"


def by_name(house: House) -> str:
    """The server under a name of this machine that is not a loopback address: there the app believes a browser that knows no network."""
    return house.outdoors.replace("127.0.0.1", "rep.localhost")


def to_inbox(window: Window) -> Locator:
    """Go to the inbox by the bar; its first open card."""
    window.place("inbox")
    return window.page.locator("article.decision").first


def to_outbox(window: Window) -> Locator:
    """Go to the outbox by the mark in the corner; its rows."""
    window.mark.click()
    expect(window.page.locator("h1")).to_have_text(re.compile("Outbox|发件箱"))
    return window.page.locator("details.act")


@pytest.fixture
def conflict(house: House, handset: NewHandset) -> Window:
    """A phone on which a number waits that another user has changed meanwhile."""
    window = handset(by_name(house)).signed_in()
    window.show()
    house.wire.cut()
    window.edit_phone(MINE)
    change = {"values": {"phone": THEIRS}, "bases": {"phone": house.customer()["rev"]}}
    answer = house.boss.post(f"/v1/desk/customers/{house.customer_ids[0]}", change)
    assert answer.status_code == 200, answer.text
    house.wire.heal()
    window.network_is_back()
    window.shows_phone(THEIRS)
    window.settled()
    return window


def flow_a_conflict_is_decided_without_a_network_and_undone(house: House, conflict: Window) -> None:
    card = to_inbox(conflict)
    expect(conflict.page.locator(".tabs .badge")).to_have_text("1")
    expect(card.locator("header")).to_contain_text(NAMES[0])
    expect(card.locator(".versus h3")).to_have_text(["phone"])
    expect(card.locator(".versus .mine")).to_contain_text(MINE)
    expect(card.locator(".versus p").nth(1)).to_contain_text(re.compile(f"Admin.*{THEIRS}", re.DOTALL))
    expect(card.locator(".versus .saw")).to_contain_text(f"{PHONE}0000")
    house.wire.cut()
    card.get_by_role("button", name="Use mine").click()
    expect(conflict.page.locator("article.decision")).to_have_count(0)
    expect(conflict.page.locator(".tabs .badge")).to_have_count(0)
    decided = conflict.page.locator("details.decided")
    expect(decided.locator(".chip")).to_have_text("waits to be sent")
    house.wire.heal()
    conflict.network_is_back()
    conflict.settled()
    expect(decided.locator(".chip")).to_have_text("yours was used")
    assert house.customer()["phone"] == MINE
    decided.locator("summary").click()
    decided.get_by_role("button", name="Undo my decision").click()
    expect(conflict.page.locator(".toast")).to_contain_text("Taken back")
    conflict.settled()
    assert house.customer()["phone"] == THEIRS


@pytest.mark.parametrize("way", ["keep", "edit", "back"])
def flow_the_other_ways_with_a_conflict(house: House, conflict: Window, way: str) -> None:
    page, card = conflict.page, to_inbox(conflict)
    if way == "edit":
        card.get_by_role("button", name="Edit, then use").click()
        page.get_by_role("dialog").get_by_label("phone").fill("021-3")
        page.get_by_role("dialog").get_by_role("button", name="Use this").click()
        expect(card).to_have_count(0)
        conflict.settled()
        assert house.customer()["phone"] == "021-3"
        return
    conflict.page.context.set_offline(True)
    card.get_by_role("button", name="Keep theirs").click()
    if way == "back":
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(card.get_by_role("button", name="Keep theirs")).to_be_visible()
    conflict.page.context.set_offline(False)
    conflict.settled()
    assert [one["state"] for one in house.cards()] == [ItemState.open if way == "back" else ItemState.kept_theirs]
    assert house.customer()["phone"] == THEIRS
    if way == "keep":
        page.locator("details.decided summary").click()
        page.get_by_role("button", name="Use mine after all").click()
        conflict.settled()
        assert house.customer()["phone"] == MINE


def flow_a_card_reads_in_both_languages_and_names_nothing_in_code(conflict: Window) -> None:
    page = conflict.page
    conflict.place("me")
    page.get_by_role("button", name="中文").click()
    card = to_inbox(conflict)
    expect(card).to_contain_text("你的")
    expect(card).to_contain_text("电话")
    expect(card.get_by_role("button", name="用我的")).to_be_visible()
    assert not re.search(r"[a-z]+_[a-z]+", page.locator("main").inner_text())


def flow_the_outbox_tells_each_fate_and_takes_back_the_newest(house: House, handset: NewHandset) -> None:
    window = handset(by_name(house)).signed_in()
    window.show()
    window.page.context.set_offline(True)
    window.edit_phone(MINE)
    window.edit_phone(THEIRS)
    window.waits(2, offline=True)
    acts = to_outbox(window)
    expect(acts).to_have_count(2)
    expect(acts.locator(".chip")).to_have_text(["waiting", "waiting"])
    expect(acts.first).to_contain_text(re.compile(f"Change: customer.*{NAMES[0]}.*{THEIRS}", re.DOTALL))
    acts.last.locator("summary").click()
    expect(acts.last.get_by_role("button", name="Take back")).to_have_count(0)
    acts.first.locator("summary").click()
    acts.first.get_by_role("button", name="Take back").click()
    expect(acts).to_have_count(1)
    window.waits(1, offline=True)
    window.page.context.set_offline(False)
    window.settled()
    assert house.numbers() == [MINE]


def flow_an_entry_that_waits_for_a_decision_leads_to_its_card(house: House, conflict: Window) -> None:
    acts = to_outbox(conflict)
    expect(acts.locator(".chip")).to_have_text(["your decision"])
    acts.first.locator("summary").click()
    acts.first.get_by_role("link", name="See the card").click()
    expect(conflict.page.locator("article.decision")).to_have_count(1)
