"""Fields that the organisation defined itself, in the forms of visits, quotes and people: asked, corrected, cleared."""

from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from shared_schema.records.reference import FieldKind
from shared_schema.registry import BY_NAME
from tests.browser.flow_customer import give, kept, shown
from tests.browser.flow_quotes import add_line, catalogue, new_quote, submit
from tests.browser.handset import NewHandset
from tests.browser.house import House

BIRTHDAY: Final = 20_611
"""2026-06-07."""


def define(house: House, name: str, key: str, kind: FieldKind, label: str, **more: Any) -> None:
    """A custom field of a kind of record."""
    names = {"label_zh": label, "label_en": label}
    give(house, "field-definitions", {"entity": BY_NAME[name].number, "key": key, "kind": int(kind), **names, **more})


def sheet(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).click()
    return page.get_by_role("dialog")


def save(dialog: Locator) -> None:
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()


def extras(house: House, kind: str) -> list[dict[str, Any]]:
    """Custom fields of each record at the first customer, oldest first."""
    return [one["extra"] for one in sorted(kept(house, kind), key=lambda one: str(one["id"]))]


def flow_a_visit_asks_for_them_and_a_correction_clears_one(house: House, handset: NewHandset) -> None:
    define(house, "visit", "share", FieldKind.number, "Shelf share")
    define(house, "visit", "mood", FieldKind.choice, "Mood", choices=["good", "bad"])
    window = shown(house, handset)
    page = window.page
    dialog = sheet(page, "Check in")
    dialog.locator("[name=note]").fill("Stocked up")
    dialog.get_by_label("Shelf share").fill("half")
    dialog.locator("button.primary").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Shelf share takes a number")
    dialog.get_by_label("Shelf share").fill("12.5")
    dialog.get_by_label("Mood").select_option("good")
    save(dialog)
    window.settled()
    assert extras(house, "visit") == [{"share": 12_500, "mood": "good"}]
    page.locator("a", has_text="Stocked up").first.click()
    expect(page.locator("dl.facts div", has_text="Shelf share").locator("dd")).to_have_text("12.5")
    dialog = sheet(page, "Correct")
    expect(dialog.get_by_label("Mood")).to_have_value("good")
    dialog.get_by_label("Shelf share").fill("")
    dialog.get_by_label("Mood").select_option("bad")
    save(dialog)
    window.settled()
    assert extras(house, "visit") == [{"share": 12_500, "mood": "good"}, {"mood": "bad"}]
    expect(page.locator("dl.facts")).not_to_contain_text("Shelf share")
    expect(page.locator(".version")).to_contain_text("12.5 · good")


def flow_a_quote_carries_them_until_it_is_submitted(house: House, handset: NewHandset) -> None:
    catalogue(house)
    define(house, "quote", "project", FieldKind.text, "Project")
    window = shown(house, handset)
    page = window.page
    new_quote(page, "Spring order")
    dialog = sheet(page, "Edit")
    dialog.get_by_label("Project").fill("Harbour 3")
    save(dialog)
    expect(page.locator("dl.facts div", has_text="Project").locator("dd")).to_have_text("Harbour 3")
    add_line(page, "Green tea", "2")
    submit(window)
    window.settled()
    [quote] = kept(house, "quote")
    assert (quote["extra"], quote["title"], bool(quote["submitted_ms"])) == ({"project": "Harbour 3"}, "Spring order", True)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)


def flow_a_person_has_them_too(house: House, handset: NewHandset) -> None:
    define(house, "contact", "birthday", FieldKind.date, "Birthday")
    window = shown(house, handset)
    page = window.page
    dialog = sheet(page, "Add a person")
    dialog.get_by_label("Name").fill("Mei")
    dialog.get_by_label("Birthday").fill("2026-06-07")
    save(dialog)
    window.settled()
    assert extras(house, "contact") == [{"birthday": BIRTHDAY}]
    dialog = sheet(page, "Edit Mei")
    expect(dialog.get_by_label("Birthday")).to_have_value("2026-06-07")
    dialog.get_by_label("Birthday").fill("")
    save(dialog)
    window.settled()
    assert extras(house, "contact") == [{}]
