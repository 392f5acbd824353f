"""Around me: what this phone holds by distance, without a network too, while the position improves; and what the server knows beyond it."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.flow_pool import told
from tests.browser.flow_today import HERE, place
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House


def pooled(house: House, name: str, north_e6: int, **values: Any) -> None:
    """A customer in a pool, so many micro-degrees north of the phone."""
    pool = told(house, "/v1/desk/pools", {"name": f"Pool of {name}"})
    customer_id = place(house, name, north_e6, **values)
    told(house, f"/v1/desk/customers/{customer_id}/release", {"pool_id": pool["id"]})


def names(window: Window) -> Locator:
    return window.page.locator("main .long b")


def flow_what_is_around_stands_by_distance_while_the_position_improves(house: House, handset: NewHandset) -> None:
    """D-465: from today; in kilometres and miles; the position improves."""
    place(house, "Far Away", 90_000)
    place(house, "Next Door", 1_000, kind=1)
    pooled(house, "Harbour Depot", 4_000, industry="hardware")
    window = handset(**HERE).signed_in()
    page = window.page
    page.get_by_role("link", name="All around me").click()
    expect(page.locator("h1")).to_have_text("Around me")
    expect(names(window)).to_have_text(["Next Door", "Harbour Depot", "Far Away"])
    status = page.locator(".tools [role=status]")
    expect(status).to_have_text("3 customers · position within 12 m")
    page.context.set_geolocation({"latitude": 31.3200, "longitude": 121.4737, "accuracy": 5})
    expect(names(window)).to_have_text(["Far Away", "Harbour Depot", "Next Door"])
    expect(status).to_contain_text("within 5 m")
    expect(page.locator("a.row", has_text="Far Away").locator(".side")).to_have_text("44 m")
    page.get_by_role("button", name="In miles").click()
    expect(page.locator("a.row", has_text="Far Away").locator(".side")).to_have_text("146 ft")
    page.reload()
    expect(page.locator("a.row", has_text="Next Door").locator(".side")).to_have_text("6.1 mi")
    page.get_by_role("button", name="In miles").click()


def flow_without_a_network_it_shows_what_this_phone_holds(house: House, handset: NewHandset) -> None:
    """D-465: filters, a card that opens and is claimed, a customer."""
    place(house, "Next Door", 1_000, kind=1)
    pooled(house, "Harbour Depot", 4_000, industry="hardware")
    window = handset(**HERE).signed_in()
    page = window.page
    page.get_by_role("link", name="All around me").click()
    expect(names(window)).to_have_text(["Next Door", "Harbour Depot"])
    house.wire.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator(".tools [role=status]")).to_contain_text("offline: only what this phone holds")
    expect(page.get_by_role("button", name="Look further")).to_have_count(0)
    filters = page.locator(".filters")
    filters.get_by_role("button", name="hardware").click()
    expect(names(window)).to_have_text(["Harbour Depot"])
    filters.get_by_role("button", name="hardware").click()
    filters.get_by_role("button", name="Shop").click()
    expect(names(window)).to_have_text(["Next Door"])
    filters.get_by_role("button", name="Shop").click()
    page.locator("button.opens").click()
    expect(page.get_by_role("dialog")).to_contain_text("Harbour Depot")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Claim Harbour Depot").click()
    expect(page.locator(".long .chip")).to_have_text("claim waits")
    page.locator("a.row", has_text="Next Door").click()
    expect(page.locator("h1")).to_have_text("Next Door")
    house.wire.heal()
    window.network_is_back()
    window.settled()
    window.place("map")
    page.get_by_role("link", name="Around me").click()
    expect(page.locator("a.row b", has_text="Harbour Depot")).to_be_visible()


def flow_the_server_knows_further_ones_and_the_phone_fetches_them(house: House, handset: NewHandset) -> None:
    """D-465: a pooled customer outside the tiles of this phone."""
    place(house, "Next Door", 1_000)
    pooled(house, "Lonely Depot", 400_000)
    window = handset(house.office, **HERE).signed_in()
    page = window.page
    window.place("customers")
    page.get_by_role("button", name="Near me").click()
    page.get_by_role("link", name="With the pool").click()
    expect(names(window)).to_have_text(["Next Door"])
    page.get_by_role("button", name="Look further").click()
    beyond = page.locator("section.beyond .row")
    expect(beyond).to_have_text(re.compile(r"Lonely Depot.*44 km", re.DOTALL))
    beyond.get_by_role("button", name="Fetch").click()
    expect(names(window)).to_have_text(["Next Door", "Lonely Depot"])
    expect(beyond).to_have_count(0)
    expect(page.get_by_text("knows no further")).to_be_visible()
