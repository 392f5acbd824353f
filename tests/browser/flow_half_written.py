"""What is half written in a form outlives a touch beside it, the way back, a killed window; it is one user's alone, and goes when saved."""

from playwright.sync_api import Locator, expect

from tests.browser.flow_shared_phone import DOOR, OTHER, other_id, sign_out, signed_in_as, waits_until_gone
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House

__all__ = ["other_id"]

WORDS = "Wants a price for twelve boxes"
AFRESH = "Start afresh"


def visit(window: Window) -> Locator:
    """Open the form of a check-in at the customer on the screen; its note."""
    window.page.get_by_role("button", name="Check in").click()
    return window.page.locator("dialog [name=note]")


def begun(window: Window) -> None:
    """Write half of a check-in: a note, and a plan whose fields appear when it is chosen."""
    visit(window).fill(WORDS)
    window.page.locator("dialog [name=plan][value=week]").check(force=True)
    window.page.fill("dialog [name=plan_purpose]", "Call again")


def is_back(window: Window) -> None:
    expect(visit(window)).to_have_value(WORDS)
    expect(window.page.locator("dialog [name=plan][value=week]")).to_be_checked()
    expect(window.page.locator("dialog [name=plan_purpose]")).to_have_value("Call again")
    expect(window.page.get_by_role("dialog")).to_contain_text("What you had begun to write is back")


def flow_a_half_written_visit_is_there_again_after_each_way_out(house: House, handset: NewHandset) -> None:
    phone = handset()
    window = phone.signed_in()
    window.can_start_alone()
    window.show()
    begun(window)
    window.page.keyboard.press("Escape")
    is_back(window)
    window.page.mouse.click(200, 5)
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    is_back(window)
    window.page.go_back()
    window.show()
    is_back(window)
    address = window.page.url
    house.wire.cut()
    window.page.close()
    window = phone.open(address.removeprefix(phone.app))
    is_back(window)
    window.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    window.waits(2, offline=True)
    expect(visit(window)).to_have_value("")
    house.wire.heal()
    window.network_is_back()
    window.page.keyboard.press("Escape")
    window.settled()


def flow_what_is_cancelled_or_begun_afresh_is_gone_and_a_form_of_another_customer_is_empty(house: House, handset: NewHandset) -> None:
    window = handset().signed_in()
    window.show()
    begun(window)
    window.page.keyboard.press("Escape")
    window.show(1)
    expect(visit(window)).to_have_value("")
    window.page.keyboard.press("Escape")
    window.show()
    is_back(window)
    window.page.get_by_role("button", name=AFRESH).click()
    expect(window.page.locator("dialog [name=note]")).to_have_value("")
    expect(window.page.locator("dialog [name=plan][value=none]")).to_be_checked()
    window.page.locator("dialog [name=note]").fill(WORDS)
    window.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(visit(window)).to_have_value("")


def flow_a_touch_at_the_edge_within_a_sheet_closes_nothing(house: House, handset: NewHandset) -> None:
    """The room around the fields is the sheet's own; a pointer that began in a field and ends beside the sheet only marks a text."""
    window = handset().signed_in()
    window.show()
    note = visit(window)
    note.fill(WORDS)
    sheet, field = window.page.get_by_role("dialog").bounding_box(), note.bounding_box()
    assert sheet is not None
    assert field is not None
    window.page.mouse.click(sheet["x"] + 6, field["y"] + 4)
    expect(note).to_have_value(WORDS)
    window.page.mouse.move(field["x"] + 40, field["y"] + 10)
    window.page.mouse.down()
    window.page.mouse.move(40, 5)
    window.page.mouse.up()
    expect(note).to_be_visible()


def flow_half_written_words_are_their_users_alone(house: House, handset: NewHandset, other_id: str) -> None:
    window = handset().signed_in()
    window.show()
    begun(window)
    window.page.keyboard.press("Escape")
    sign_out(window)
    signed_in_as(window, OTHER)
    window.place("customers")
    window.rows.click()
    expect(visit(window)).to_have_value("")
    window.page.keyboard.press("Escape")
    sign_out(window)
    signed_in_as(window, "lin")
    window.show()
    is_back(window)
    window.page.keyboard.press("Escape")
    window.place("me")
    window.page.get_by_role("button", name="Erase this device").click()
    window.page.get_by_role("button", name="Erase all").click()
    waits_until_gone(window, [DOOR])
    assert WORDS not in window.page.evaluate("JSON.stringify(localStorage)")
