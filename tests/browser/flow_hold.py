"""A rep holds a pooled customer: a colleague sees it and waits, the claim without a network wins, the desk ends a hold."""

import re

from playwright.sync_api import expect

from server.domain.holds import EXPIRE
from server.jobs.turn import run
from tests.browser.desk import WIDE, Desk
from tests.browser.flow_pool import HERE, POOLED, at_home, to_pool, told, town
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House
from tests.integration.site import beside

__all__ = ["town"]


def hold(window: Window, hours: str = "8 h") -> None:
    """Open the card and hold it."""
    window.page.get_by_role("button", name=f"Card of {POOLED}").click()
    sheet = window.page.get_by_role("dialog")
    sheet.get_by_text(hours, exact=True).click()
    sheet.get_by_role("button", name="Hold", exact=True).click()
    expect(sheet).to_have_count(0)


def flow_a_held_customer_is_claimed_without_a_network_though_a_colleague_tried(town: House, handset: NewHandset) -> None:
    """D-190 to D-192"""
    town.site.user(town.boss, "mei")
    first, second = at_home(handset), handset(town.office, geolocation=HERE, permissions=["geolocation"]).open()
    second.sign_in({"account": "mei"})
    second.settled()
    second.place("me")
    second.page.get_by_role("link", name="Pool").click()
    second.page.get_by_role("button", name="Ask for the pool around me").click()
    card = to_pool(first)
    hold(first)
    expect(first.page.locator(".holds .row", has_text=POOLED)).to_contain_text(re.compile(r"\d h \d+ min left"))
    expect(card).to_contain_text(re.compile(r"held for you until .*\d\d:\d\d"))
    second.network_is_back()
    theirs = second.page.locator(".long li", has_text=POOLED)
    expect(theirs).to_contain_text(re.compile(r"held by .* until .*\d\d:\d\d"))
    expect(theirs.get_by_role("button", name=f"Claim {POOLED}")).to_have_count(0)
    theirs.get_by_role("button", name=f"Card of {POOLED}").click()
    expect(second.page.get_by_role("dialog")).to_contain_text("While a colleague holds it")
    second.page.get_by_role("button", name="Close").click()
    town.wire.cut()
    card.get_by_role("button", name=f"Claim {POOLED}").click()
    expect(card.locator(".chip")).to_have_text("claim waits")
    town.wire.heal()
    first.network_is_back()
    first.settled()
    expect(first.page.locator("main .card a.row", has_text=POOLED)).to_contain_text("yours now")
    expect(first.page.locator(".holds")).to_have_count(0)


def flow_a_card_is_free_for_the_members_when_its_holder_is_none_any_more(town: House, handset: NewHandset) -> None:
    """D-193: the pool is another department's now; the colleague there claims at once, and the holder reads why."""
    south = told(town, "/v1/desk/departments", {"name": "South"})
    town.site.user(town.boss, "mei", department_id=south["id"])
    first, second = at_home(handset), handset(town.office, geolocation=HERE, permissions=["geolocation"]).open()
    second.sign_in({"account": "mei"})
    second.settled()
    to_pool(first)
    hold(first, "24 h")
    theirs = to_pool(second)
    second.page.get_by_role("button", name="Ask for the pool around me").click()
    expect(theirs).to_contain_text(re.compile(r"held by .* until .*\d\d:\d\d"))
    pools = town.boss.get("/v1/desk/pools").json()["items"]
    told(town, "/v1/desk/pools", {"id": pools[0]["id"], "name": "East", "department_id": south["id"]})
    assert beside(town.site.url, lambda database: run(database, EXPIRE)) == 1
    second.network_is_back()
    expect(theirs).to_contain_text(re.compile(r"about \d+ m"))
    theirs.get_by_role("button", name=f"Claim {POOLED}").click()
    expect(second.page.locator(".toast")).to_contain_text(f"You won the claim: {POOLED}")
    first.network_is_back()
    expect(first.page.locator(".holds")).to_have_count(0)
    first.page.click("header .bell[href$=notices]")
    expect(first.page.locator("main")).to_contain_text("You are no longer a member of the pool East")


def flow_a_hold_needs_the_network_and_ends_by_hand(town: House, handset: NewHandset) -> None:
    """D-190, D-193: without a network the sheet says why, and keeps nothing for later."""
    window = at_home(handset)
    card = to_pool(window)
    town.wire.cut()
    window.page.evaluate("dispatchEvent(new Event('offline'))")
    window.page.get_by_role("button", name=f"Card of {POOLED}").click()
    expect(window.page.get_by_role("dialog")).to_contain_text("A hold needs the network")
    window.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    town.wire.heal()
    window.network_is_back()
    hold(window, "2 h")
    window.page.locator(".holds").get_by_role("button", name="End hold").click()
    expect(window.page.locator(".holds")).to_have_count(0)
    expect(card).to_contain_text(re.compile(r"about \d+ m"))


def flow_the_desk_sees_a_hold_and_ends_it(town: House, handset: NewHandset) -> None:
    """D-193, D-194"""
    window = at_home(handset)
    to_pool(window)
    hold(window, "24 h")
    desk = Desk(handset(**WIDE), "boss")
    desk.go("Pools")
    desk.page.get_by_role("link", name="Holds").click()
    row = desk.page.locator(".list .row")
    expect(row).to_contain_text(POOLED)
    expect(row).to_contain_text(re.compile(r"East · .* holds it until .*\d\d:\d\d"))
    row.get_by_role("button", name="End hold").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="End hold").click()
    expect(row.locator(".chip")).to_have_text("ended by the desk")
    window.settled()
    expect(window.page.locator(".holds")).to_have_count(0)
