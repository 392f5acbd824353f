"""A manager's or admin's desk in a browser: signed in, at a screen, with what every screen has."""

import re
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.handset import Handset
from tests.browser.office import MANAGER
from tests.integration.site import PASSWORD

WIDE: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 800}, "is_mobile": False, "has_touch": False}
LONDON: Final[dict[str, Any]] = {"timezone_id": "Etc/UTC"}
CALM: Final = re.compile(r"\bcalm\b")


class Desk:
    """The desk in one profile."""

    def __init__(self, handset: Handset, account: str) -> None:
        self.address = handset.app.replace("/app/", "/desk/")
        self.page: Page = handset.context.new_page()
        self.page.goto(self.address)
        for name, value in {"organisation": "alpha", "account": account, "password": PASSWORD}.items():
            self.page.fill(f"[name={name}]", value)
        self.page.click("form button.primary")
        expect(self.page.get_by_role("navigation").first).to_be_visible()

    def go(self, place: str, part: str | None = None) -> None:
        """Go to a place of the bar, and to a part of it."""
        self.page.locator("nav.tabs").get_by_role("link", name=re.compile(rf"^{place}( ?\d+\+?)?$")).click()
        if part is not None:
            self.page.locator("nav.parts").get_by_role("link", name=part, exact=True).click()

    def row(self, name: str) -> Locator:
        """The row of the table on the screen that bears this name."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name, exact=True))

    def open(self, name: str) -> Locator:
        """Open the record of a row; its sheet."""
        self.row(name).get_by_role("button", name=name, exact=True).click()
        return self.page.get_by_role("dialog")

    def new(self, word: str) -> Locator:
        """Begin a new record; its sheet."""
        self.page.get_by_role("button", name=word, exact=True).click()
        return self.page.get_by_role("dialog", name=word)

    def save(self) -> None:
        """Save the form of the sheet, which closes."""
        self.page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)


def opened(profile: Handset, account: str = MANAGER) -> Desk:
    """Sign in at the desk, and wait until it is in step."""
    desk = Desk(profile, account)
    expect(desk.page.locator(".mark")).to_have_class(CALM)
    return desk
