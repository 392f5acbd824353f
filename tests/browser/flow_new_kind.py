"""A kind of record that no feature describes shows in timeline, outbox, inbox, decisions and feed, in words, and none of them is touched.

The server and the apps are real ones in which the kind was declared (`cold_case.py`); a feature of two buttons enters it.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from mobile_api.phone.day.desk import Desk as Line
from tests.browser.desk import LONDON, WIDE, opened
from tests.browser.handset import NewHandset, Window
from tests.browser.office import REPS
from tests.browser.proxy import Wire, wire
from tests.integration.site import PASSWORD

REP: Final = "wang"
SHOP: Final = "Quay Hardware"
NUMBER: Final = 63
PATCH: Final = 2
MINE, THEIRS = "door is bent", "lamp is dark"
RAW: Final = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b|undefined|\[object|\b63\b|\b21000\b|\b21,000\b")
"""What only machines say: names of the protocol, the number of the kind, a day as it is counted."""
END_S: Final = 60


class Elsewhere:
    """An office that another process opened: its server knows one more kind of record than this process."""

    def __init__(self, told: dict[str, Any], line: Wire) -> None:
        self.url: str = told["url"]
        self.customer_id: str = told["customer_id"]
        self.wire = line
        self.credentials = {"organisation": "alpha", "account": REP, "password": PASSWORD}

    @property
    def outdoors(self) -> str:
        """The server through the bad network."""
        return self.wire.url


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[Elsewhere]:
    """Open that office; it ends with its input."""
    command = [sys.executable, "-m", "tests.browser.cold_case", migrated_url, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        host, _, port = told["url"].removeprefix("http://").partition(":")
        with wire(host, int(port)) as line:
            yield Elsewhere(told, line)
        process.stdin.close()
        assert process.wait(END_S) == 0


def changed_elsewhere(house: Elsewhere, remark: str) -> None:
    """Another phone of the rep writes the same field."""
    phone = Line(house.url, "alpha", REP, PASSWORD)
    (fridge,) = phone.pages("/v1/records/cold_case")
    group = {"first_n": 1, "index": 0, "count": 1}
    mutation = {"n": 1, "group": group, "kind": PATCH, "entity": NUMBER, "id": fridge["id"], "device_ms": 1}
    mutation |= {"bases": {"last_remark": fridge["rev"]}, "body": {"last_remark": remark}}
    asked = {"protocol": 1, "schema": 1, "app": "test 1", "cursor": "", "acked_n": 0, "device_ms": 1, "page_bytes": 1}
    told = phone.post("/v1/sync", {**asked, "mutations": [mutation]})
    assert [one["result"] for one in told["outcomes"]] == [1], told["outcomes"]
    phone.close()


def remark(house: Elsewhere) -> str:
    """What the server has in the field about which they disagree."""
    phone = Line(house.url, "alpha", REP, PASSWORD)
    (fridge,) = phone.pages("/v1/records/cold_case")
    phone.close()
    return str(fridge["last_remark"])


def at_the_shop(window: Window) -> None:
    """Go to the customer's screen."""
    window.place("customers")
    window.rows.filter(has_text=SHOP).click()
    expect(window.page.locator("h1")).to_have_text(SHOP)


def back_on_line(house: Elsewhere, window: Window) -> None:
    """The network is there again, and everything is sent."""
    house.wire.heal()
    window.network_is_back()
    window.settled()


def without_codes(page: Page) -> None:
    """Nothing on the screen is a word of machines."""
    text = page.locator("main").inner_text()
    assert not RAW.search(text), text


@pytest.fixture
def disagreed(house: Elsewhere, handset: NewHandset) -> Window:
    """A rep's phone that lent a fridge without a network, then inspected it while another phone did; timeline and outbox are looked at."""
    window = handset().signed_in()
    page = window.page
    house.wire.cut()
    at_the_shop(window)
    page.get_by_role("button", name="Lend").click()
    line = page.locator(".timeline li").first
    expect(line).to_contain_text("Fridge")
    expect(line).to_contain_text("waiting")
    expect(line).to_contain_text("K-700 · at the customer's · to be fetched on ")
    without_codes(page)
    window.mark.click()
    entry = page.locator("details.act").first
    expect(entry).to_contain_text("New: The fridge")
    expect(entry).to_contain_text(f"{SHOP} · K-700 · at the customer's")
    without_codes(page)
    back_on_line(house, window)
    expect(entry.locator(".chip")).to_have_text("stored")
    house.wire.cut()
    at_the_shop(window)
    page.get_by_role("button", name="Inspect").click()
    expect(line).to_contain_text(MINE)
    changed_elsewhere(house, THEIRS)
    back_on_line(house, window)
    return window


def flow_a_new_kind_shows_everywhere_without_a_feature_of_its_own(house: Elsewhere, disagreed: Window, handset: NewHandset) -> None:
    page = disagreed.page
    disagreed.mark.click()
    expect(page.locator("details.act").first).to_contain_text("Change: The fridge")
    expect(page.locator("details.act").first.locator(".chip")).to_have_text("your decision")
    disagreed.place("inbox")
    card = page.locator("article.decision").first
    expect(card).to_contain_text("Change: The fridge")
    expect(card.locator(".versus h3")).to_have_text(["condition"])
    expect(card.locator(".versus .mine")).to_contain_text(MINE)
    expect(card).to_contain_text(THEIRS)
    without_codes(page)
    card.get_by_role("button", name="To my manager").click()
    disagreed.settled()
    desk = opened(handset(house.url, **WIDE, **LONDON)).page
    feed = desk.get_by_role("list", name="What happens")
    expect(feed).to_contain_text("New: Fridge")
    expect(feed).to_contain_text(f"condition: {THEIRS}")
    without_codes(desk)
    desk.locator("nav.tabs").get_by_role("link", name=re.compile("^Decisions")).click()
    sent_up = desk.locator("main").filter(has_text=MINE)
    expect(sent_up).to_contain_text(THEIRS)
    without_codes(desk)
    desk.get_by_role("button", name=f"Use {REPS[REP]}'s").click()
    expect(desk.locator("main")).to_contain_text("'s was used")
    without_codes(desk)
    disagreed.settled()
    at_the_shop(disagreed)
    expect(page.locator(".timeline li").first).to_contain_text(MINE)
    assert remark(house) == MINE


def flow_a_new_kind_is_told_in_chinese_too(house: Elsewhere, disagreed: Window, handset: NewHandset) -> None:
    assert disagreed.page.locator(".mark").is_visible()
    window = handset(locale="zh-CN").signed_in()
    at_the_shop(window)
    line = window.page.locator(".timeline li").first
    expect(line).to_contain_text("冰柜")
    expect(line).to_contain_text("K-700 · 在客户处 · 取回日期 ")
    without_codes(window.page)
    window.place("inbox")
    card = window.page.locator("article.decision").first
    expect(card).to_contain_text("冰柜")
    expect(card.locator(".versus h3")).to_have_text(["状况"])
    without_codes(window.page)
