"""The pool and the map: masked cards by distance, claimed without a network, one winner of two phones, a release, points at true scale."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

HERE = {"latitude": 31.23, "longitude": 121.52}
POOLED = "Harbour Depot"
PLACES = ((31_230_000, 121_520_000), (31_232_000, 121_524_000), (31_250_000, 121_550_000))


@pytest.fixture
def town(house: House) -> House:
    """Three customers with a place, and one in a pool within a kilometre."""
    for at, (latitude, longitude) in enumerate(PLACES):
        place = {"latitude_e6": latitude, "longitude_e6": longitude, "datum": 1}
        change = {"values": place, "bases": {"position": house.customer(at)["rev"]}}
        told(house, f"/v1/desk/customers/{house.customer_ids[at]}", change)
    pool = told(house, "/v1/desk/pools", {"name": "East"})
    place = {"latitude_e6": 31_224_000, "longitude_e6": 121_524_000, "datum": 1}
    values = {"name": POOLED, "city": "上海", "industry": "hardware"} | place
    made = told(house, "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": values})
    told(house, f"/v1/desk/customers/{made['id']}/release", {"pool_id": pool["id"]})
    return house


def told(house: House, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the server answers to the admin."""
    answer = house.boss.post(path, body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def at_home(handset: NewHandset, server: str | None = None) -> Window:
    """A phone that knows where it is."""
    return handset(server, geolocation=HERE, permissions=["geolocation"]).signed_in()


def to_pool(window: Window, name: str = POOLED) -> Locator:
    """Go to the pool behind the last place of the bar; the card of this name."""
    window.place("me")
    window.page.get_by_role("link", name="Pool").click()
    return window.page.locator(".long li", has_text=name)


def flow_a_claim_waits_without_a_network_and_brings_the_customer(town: House, handset: NewHandset) -> None:
    window = at_home(handset)
    card = to_pool(window)
    expect(card).to_contain_text(re.compile(r"上海 · hardware · East.*about \d+ m", re.DOTALL))
    town.wire.cut()
    card.get_by_role("button", name=f"Claim {POOLED}").click()
    expect(card.locator(".chip")).to_have_text("claim waits")
    town.wire.heal()
    window.network_is_back()
    page = window.page
    expect(page.locator(".toast")).to_contain_text(f"You won the claim: {POOLED}")
    expect(page.locator(".toast").get_by_role("link", name="Open")).to_be_visible()
    window.settled()
    expect(card).to_have_count(0)
    won = page.locator("main .card a.row", has_text=POOLED)
    expect(won).to_contain_text("yours now")
    won.click()
    expect(page.locator("h1")).to_have_text(POOLED)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Pool")
    expect(won).to_have_count(0)
    window.place("customers")
    expect(window.rows.filter(has_text=POOLED)).to_have_count(1)


def flow_of_two_claims_one_wins_and_the_other_reads_which_customer(town: House, handset: NewHandset) -> None:
    town.site.user(town.boss, "mei")
    first, second = at_home(handset), handset(town.office, geolocation=HERE, permissions=["geolocation"]).open()
    second.sign_in({"account": "mei"})
    second.settled()
    card = to_pool(first)
    expect(card).to_be_visible()
    town.wire.cut()
    card.get_by_role("button", name="Claim").click()
    second.place("me")
    second.page.get_by_role("link", name="Pool").click()
    second.page.get_by_role("button", name="Ask for the pool around me").click()
    claim = second.page.get_by_role("button", name=f"Claim {POOLED}")
    claim.click()
    expect(claim).to_have_count(0)  # it is entered; before that all is sent too
    second.settled()
    town.wire.heal()
    first.network_is_back()
    first.settled()
    first.place("inbox")
    lost = first.page.locator("article.decision")
    expect(lost).to_contain_text(POOLED)
    expect(lost).to_contain_text("Somebody else was first")
    expect(lost).to_contain_text("You wanted to: claim the customer")
    lost.get_by_role("button", name="Dismiss").click()
    expect(lost).to_have_count(0)


def flow_an_own_customer_is_released_into_a_pool(town: House, handset: NewHandset) -> None:
    window = at_home(handset)
    window.show()
    window.page.get_by_role("button", name="Release").click()
    sheet = window.page.get_by_role("dialog")
    sheet.get_by_label("Reason").fill("moved away")
    sheet.get_by_role("button", name="Release").click()
    window.settled()
    expect(window.rows.filter(has_text=NAMES[0])).to_have_count(0)
    to_pool(window)
    expect(window.page.locator(".long li", has_text=NAMES[0])).to_be_visible()


def flow_a_released_customer_stays_in_sight_where_no_other_is(town: House, handset: NewHandset) -> None:
    """P-126: the phone asks for the tile of its card."""
    far = {"latitude_e6": 39_900_000, "longitude_e6": 116_400_000, "datum": 1}
    told(town, f"/v1/desk/customers/{town.customer_ids[3]}", {"values": far, "bases": {"position": town.customer(3)["rev"]}})
    window = at_home(handset)
    window.show(3)
    window.page.get_by_role("button", name="Release").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Release").click()
    window.settled()
    card = window.page.locator(".long li", has_text=NAMES[3])
    for _ in range(2):
        window.place("me")
        window.page.get_by_role("button", name="Sync now").click()
        window.settled()
        window.page.get_by_role("link", name="Pool").click()
        expect(card).to_be_visible()


def flow_the_map_shows_both_at_true_scale_and_opens_them(town: House, handset: NewHandset) -> None:
    window = at_home(handset)
    town.wire.cut()
    page = window.page
    window.place("map")
    picture = page.get_by_role("group", name=re.compile("Map of customers"))
    expect(picture.locator(".ring-word").first).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Nearer").click()
    own = page.get_by_role("button", name=f"{NAMES[1]}, customer")
    pooled = page.get_by_role("button", name=f"{POOLED}, pooled")
    expect(own).to_be_visible()
    pooled.press("Enter")
    expect(page.locator(".map-foot")).to_contain_text(POOLED)
    expect(page.get_by_role("button", name=f"Claim {POOLED}")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    before = own.bounding_box()
    picture.press("ArrowRight")
    after = own.bounding_box()
    assert before is not None
    assert after is not None
    assert round(before["x"] - after["x"]) == 80
    own.press("Enter")
    expect(page.locator(".map-foot")).to_contain_text(re.compile(r"4\d\d m"))
    page.locator(".map-foot a").click()
    expect(page.locator("h1")).to_have_text(NAMES[1])
