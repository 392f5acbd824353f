"""The desk without a network: what shows, since when, and what has to wait."""

import re

from playwright.sync_api import expect

from tests.browser.desk import Desk, opened
from tests.browser.flow_desk import figure, noon
from tests.browser.handset import Handset
from tests.browser.office import REPS, Office


def cut(profile: Handset, desk: Desk) -> None:
    """The network goes away."""
    profile.context.set_offline(True)
    desk.page.evaluate("dispatchEvent(new Event('offline'))")
    expect(desk.page.locator(".away")).to_contain_text("those of the last sync, just now")


def heal(profile: Handset, desk: Desk) -> None:
    """It comes back."""
    profile.context.set_offline(False)
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    expect(desk.page.locator(".away")).to_have_count(0)


def flow_without_a_network_the_desk_says_what_it_knows_and_since_when(profile: Handset, manned: Office) -> None:
    shop = manned.customer("wang", "Quay Books")
    manned.quote("wang", shop, "Spring")
    desk = opened(profile)
    expect(figure(desk, "Quotes to decide")).to_have_text("1")
    expect(figure(desk, "Visits today")).to_have_text("0")
    cut(profile, desk)
    expect(desk.page.locator("main .notice")).to_contain_text("There is no network. You see what was heard just now")
    expect(figure(desk, "Quotes to decide")).to_have_text("1")
    desk.go("Customers")
    expect(desk.page.locator("main")).to_contain_text("Quay Books")
    desk.go("A rep's day")
    expect(desk.page.locator("main .notice")).to_contain_text("only the server knows this")
    heal(profile, desk)
    expect(desk.page.locator("main .notice")).to_have_count(0)


def flow_a_board_that_never_heard_the_server_claims_nothing(profile: Handset, manned: Office) -> None:
    manned.visit("wang", manned.customer("wang", "Quay Books"), noon())
    desk = opened(profile)
    desk.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    desk.go("Customers")
    cut(profile, desk)
    desk.go("Board")
    row = desk.page.get_by_role("row").filter(has_text=REPS["wang"])
    expect(row.get_by_role("gridcell")).to_have_text(["1", "–", "–", "0", "0", "–"])
    expect(desk.page.locator("main")).not_to_contain_text("No visit with a position yet today")
    heal(profile, desk)
    expect(row.get_by_role("gridcell").nth(1)).to_contain_text("1")


def flow_what_needs_the_server_is_off_with_its_reason(profile: Handset, manned: Office) -> None:
    shop = manned.customer("wang", "Quay Books")
    manned.quote("wang", shop, "Spring")
    desk = opened(profile)
    why = re.compile("There is no network: this needs the server")
    desk.go("Decisions")
    approve = desk.page.get_by_role("button", name="Approve")
    expect(approve).to_be_enabled()
    cut(profile, desk)
    expect(approve).to_be_disabled()
    expect(approve).to_have_attribute("title", why)
    approve.press("Enter")
    expect(approve).to_be_focused()
    expect(approve).to_have_accessible_description(re.compile("what needs the server waits"))
    desk.go("Customers")
    desk.page.get_by_role("button", name="Quay Books").click()
    for name in ("New customer", "Edit", "Transfer…", "Into a pool…", "Add a collaborator", "Export to Excel"):
        expect(desk.page.get_by_role("button", name=name, exact=True).first).to_be_disabled()
    heal(profile, desk)
    for name in ("New customer", "Edit", "Transfer…", "Export to Excel"):
        expect(desk.page.get_by_role("button", name=name, exact=True).first).to_be_enabled()


def flow_a_form_keeps_what_was_written_until_the_network_is_back(profile: Handset, manned: Office) -> None:
    desk = opened(profile)
    desk.go("Customers")
    sheet = desk.new("New customer")
    sheet.get_by_label("Owner").select_option(label=REPS["li"])
    sheet.get_by_label("Name").fill("Harbour Books")
    cut(profile, desk)
    expect(sheet.locator(".notice")).to_contain_text("There is no network: this needs the server")
    expect(sheet.get_by_role("button", name="Make")).to_be_disabled()
    expect(sheet.get_by_role("button", name="Make")).to_have_accessible_description(re.compile("^There is no network"))
    sheet.get_by_role("button", name="Make").press("Enter")
    heal(profile, desk)
    sheet.get_by_role("button", name="Make").click()
    expect(desk.page.get_by_role("complementary").get_by_role("heading", name="Harbour Books")).to_be_visible()
    assert manned.manager.get("/v1/records/customer").json()["items"][0]["name"] == "Harbour Books"
