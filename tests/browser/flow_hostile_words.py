"""Words without end, without a space, or a script, as people may enter them: no screen runs one, and none grows wider than its window."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.handset import PHONE, Handset
from tests.browser.house import House
from tests.browser.office import DAY_MS, LIST_MINOR, MANAGER, Office, office
from tests.browser.witness import Witness
from tests.integration.site import PASSWORD

SCRIPT: Final = "<img src=x onerror=alert(1)>"
NAME: Final = f"Überaus{'langer' * 12}{SCRIPT}"
NARROW: Final = (360, 740)
DESK: Final = (1_024, 768)
WIDER: Final = "document.scrollingElement.scrollWidth - innerWidth"


@pytest.fixture
def manned(migrated_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office in which everything that can be written is written at full length."""
    with office(migrated_url, tmp_path) as made:
        yield made


def filled(manned: Office) -> dict[str, str]:
    """The ids of what was entered, by its kind."""
    customer, other = manned.customer("wang", NAME), manned.customer("wang", "客" * 60, 1)
    now_ms = time.time_ns() // 1_000_000
    manned.visit("wang", customer, now_ms - 60_000, note="W" * 1_500)
    manned.talk("wang", customer, now_ms - 50_000, f"<script>alert(1)</script>{SCRIPT}" * 10)
    manned.follow_up("wang", customer, now_ms // DAY_MS, "P" * 100)
    quote = manned.quote("wang", customer, "T" * 100, [LIST_MINOR, 99_999_999_99])
    manned.card("wang", other, "A" * 150, "B" * 150)
    return {"customer": customer, "other": other, "quote": quote}


@contextmanager
def signed_in(browser: Browser, manned: Office, witness: Witness, app: str, size: tuple[int, int]) -> Iterator[Page]:
    """The rep's app or the manager's desk in a window of this size; nothing that somebody entered ran in it, and its console was quiet."""
    width, height = size
    options = {**PHONE, "viewport": {"width": width, "height": height}, "is_mobile": width < 500, "has_touch": width < 500}
    phone = Handset(browser.new_context(**options), cast(House, manned), witness, manned.url)
    page = phone.context.new_page()

    def ran(dialog: Dialog) -> None:
        phone.complaints.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", ran)
    page.goto(f"{manned.url}/{app}/")
    for name, value in {"organisation": "alpha", "account": "wang" if app == "app" else MANAGER, "password": PASSWORD}.items():
        page.fill(f"[name={name}]", value)
    page.click("form button.primary")
    expect(page.locator(".mark.calm").first).to_be_visible()
    yield page
    phone.context.close()
    assert phone.complaints == []


def beyond(page: Page, address: str) -> int:
    """By how many pixels a screen is wider than its window."""
    page.goto(address)
    expect(page.locator("main")).not_to_be_empty()
    page.wait_for_load_state("load")
    over: int = page.evaluate(WIDER)
    return over


def flow_no_word_breaks_a_screen_of_the_rep(browser: Browser, manned: Office, witness: Witness) -> None:
    ids = filled(manned)
    customer = f"customers/{ids['customer']}"
    paths = ["today", "customers", "map", "inbox", "outbox", "quotes", customer, f"customers/{ids['other']}", f"quotes/{ids['quote']}"]
    with signed_in(browser, manned, witness, "app", NARROW) as page:
        assert {path: over for path in paths if (over := beyond(page, f"{manned.url}/app/{path}")) > 0} == {}


def flow_no_word_breaks_a_screen_of_the_desk(browser: Browser, manned: Office, witness: Witness) -> None:
    ids = filled(manned)
    records = [f"customers/{ids['customer']}", f"customers/{ids['other']}", f"quotes/{ids['quote']}"]
    paths = ["board", "decisions", "customers", "days", "instructions", *records]
    with signed_in(browser, manned, witness, "desk", DESK) as page:
        assert {path: over for path in paths if (over := beyond(page, f"{manned.url}/desk/{path}")) > 0} == {}


def flow_a_column_without_a_width_of_its_own_keeps_its_room(browser: Browser, manned: Office, witness: Witness) -> None:
    """At the narrowest desk the other columns once took all of it, and the customers had no names."""
    manned.customer("wang", "Quay Books")
    with signed_in(browser, manned, witness, "desk", DESK) as page:
        page.goto(f"{manned.url}/desk/customers")
        box = page.get_by_role("rowheader", name="Quay Books").bounding_box()
    assert box is not None
    assert box["width"] > 140
