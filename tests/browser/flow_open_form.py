"""A form that is open while something arrives: its author answers for what stood there when it opened, and overwrites nothing unseen."""

from typing import Final

from playwright.sync_api import expect

from tests.browser.flow_inbox import by_name
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House

FULL: Final = "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"


def number_given(window: Window, number: str) -> None:
    """Open the number of the customer on the screen and write another, without saving."""
    window.page.get_by_role("button", name="Edit Phone").click()
    window.page.fill("dialog [name=phone]", number)


def person_saved(window: Window, name: str, phone: str) -> None:
    """Open or add the person and save."""
    window.page.fill("dialog [name=name]", name)
    window.page.fill("dialog [name=phone]", phone)
    window.page.click("dialog button.primary")
    expect(window.page.get_by_role("dialog")).to_have_count(0)


def flow_a_value_that_came_while_a_form_was_open_is_not_overwritten_unseen(house: House, handset: NewHandset) -> None:
    """P-330: the base of an entry is what its author saw when the form opened; the later value is parked as a card."""
    writing, other = handset().signed_in(), handset(house.office).signed_in()
    writing.show()
    other.show()
    number_given(writing, "021-1")
    other.edit_phone("021-2")
    other.settled()
    behind = writing.page.locator("main .facts button", has_text="Phone").first.locator(".value")
    expect(behind).to_have_text("021-2")
    writing.page.click("dialog button.primary")
    writing.settled()
    assert house.numbers() == ["021-2"]
    [card] = house.cards()
    [member] = card["members"]
    assert (member["mine"], member["theirs"]) == ({"phone": "021-1"}, {"phone": "021-2"})


def flow_a_person_that_was_changed_meanwhile_is_neither_overwritten_nor_deleted_unseen(house: House, handset: NewHandset) -> None:
    writing, other = handset().signed_in(), handset(house.office).signed_in()
    writing.show()
    writing.page.get_by_role("button", name="Add a person").click()
    person_saved(writing, "Wu", "1")
    writing.settled()
    other.show()
    for window in (writing, other):
        window.page.get_by_role("button", name="Edit Wu").click()
    person_saved(other, "Wu", "2")
    other.settled()
    expect(writing.page.locator(".person small")).to_have_text("2")
    person_saved(writing, "Wu", "3")
    writing.settled()
    expect(writing.page.locator(".person small")).to_have_text("2")
    assert [one["members"][0]["mine"]["phone"] for one in house.cards()] == ["3"]
    writing.page.get_by_role("button", name="Edit Wu").click()
    other.page.get_by_role("button", name="Edit Wu").click()
    person_saved(other, "Wu", "4")
    other.settled()
    expect(writing.page.locator(".person small")).to_have_text("4")
    writing.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    writing.settled()
    expect(writing.page.locator(".person small")).to_have_text("4")
    assert len(house.cards()) == 2


def flow_a_double_touch_takes_back_one_act_and_not_the_one_before_it(house: House, handset: NewHandset) -> None:
    window = handset(by_name(house)).signed_in()
    window.show()
    window.page.context.set_offline(True)
    window.edit_phone("021-1")
    window.edit_phone("021-2")
    window.waits(2, offline=True)
    window.mark.click()
    window.page.locator("details.act summary").first.click()
    button = window.page.get_by_role("button", name="Take back")
    button.evaluate("(button) => { button.click(); button.click(); }")
    expect(button).to_have_count(0)
    window.waits(1, offline=True)
    window.page.context.set_offline(False)
    window.settled()
    assert house.numbers() == ["021-1"]


def flow_a_touch_that_could_not_be_stored_says_so(house: House, handset: NewHandset) -> None:
    """A full phone: what is done by one touch has no form that could tell that it was not kept."""
    window = handset().signed_in()
    window.show()
    window.page.get_by_role("button", name="Add a tag").click()
    window.page.fill("dialog [name=tag]", "A1")
    window.page.click("dialog button.primary")
    window.settled()
    window.page.evaluate(FULL)
    window.page.get_by_role("button", name="Take A1 away").click()
    expect(window.page.locator(".toast")).to_contain_text("Something unexpected went wrong.")
    expect(window.page.get_by_role("button", name="Take A1 away")).to_be_visible()
