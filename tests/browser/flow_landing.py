"""The page at `/` in a real browser: its policy lets its own style in and nothing else, and it leads into both apps in either language."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.handset import NewHandset
from tests.browser.house import House
from tests.browser.screens import ASK_AXE, AXE

WORDS: Final = {"zh-CN": ("业务员应用", "经理工作台", "English"), "en-GB": ("For the rep", "For the manager", "中文")}
ACCENT: Final = {"light": "rgb(10, 107, 80)", "dark": "rgb(76, 199, 157)"}


def well_shown(page: Page, scheme: str) -> None:
    """The style is there, nothing is cut, each link is large enough for a thumb, and axe finds no fault of any weight."""
    expect(page.locator(".other")).to_have_css("color", ACCENT[scheme])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = [link.bounding_box() for link in page.locator("a").all()]
    assert min(box["height"] for box in boxes if box is not None) >= 44
    assert len(boxes) == 4
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(ASK_AXE) == []


@pytest.mark.parametrize("scheme", ACCENT)
@pytest.mark.parametrize("locale", WORDS)
def flow_the_landing_page_leads_into_both_apps(house: House, handset: NewHandset, locale: str, scheme: str) -> None:
    phone = handset(house.office, locale=locale, color_scheme=scheme, viewport={"width": 360, "height": 640})
    page = phone.context.new_page()
    rep, manager, other = WORDS[locale]
    for name in (rep, manager):
        page.goto(house.office)
        well_shown(page, scheme)
        page.get_by_role("link", name=name).click()
        expect(page.locator("input[name=organisation]")).to_be_visible()
    page.goto(house.office)
    page.get_by_role("link", name=other).click()
    expect(page.get_by_role("link", name=next(words[0] for words in WORDS.values() if words[0] != rep))).to_be_visible()
    well_shown(page, scheme)
