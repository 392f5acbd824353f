"""The rep at customers': check-in with and without a position, corrections, contacts, and what is planned next."""

import re
import uuid
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

SHOP: Final = "Corner Shop"
LATITUDE, LONGITUDE = 31.230416, 121.473701
SHOP_PHONE: Final[dict[str, Any]] = {
    "permissions": ["geolocation"],
    "geolocation": {"latitude": LATITUDE + 0.002, "longitude": LONGITUDE, "accuracy": 90},
}
TAPS: Final = "addEventListener('pointerdown', () => (window.taps = (window.taps ?? 0) + 1), true)"
CHECK_IN_TAPS: Final = 8
LOG_TAPS: Final = 4


def shop(house: House) -> str:
    """A customer of the rep with a position."""
    placed = {"latitude_e6": round(LATITUDE * 1e6), "longitude_e6": round(LONGITUDE * 1e6), "datum": 1, "kind": 1}
    body = {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": {"name": SHOP, "city": "上海", **placed}}
    answer = house.boss.post("/v1/desk/customers", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def told(house: House, kind: str, customer_id: str) -> list[dict[str, Any]]:
    """What happened at a customer's, by kind, oldest first."""
    answer = house.witness.get(f"/v1/records/{kind}?customer_id={customer_id}")
    assert answer.status_code == 200, answer.text
    return sorted(answer.json()["items"], key=lambda one: str(one["id"]))


def visit_customer(page: Page, name: str) -> None:
    """Go to a customer through the list."""
    page.get_by_role("navigation").get_by_role("link", name="Customers").tap()
    page.locator(".long a.row", has_text=name).tap()
    expect(page.locator("h1")).to_have_text(name)


def taps(window: Window) -> int:
    counted: int = window.page.evaluate("window.taps")
    return counted


def flow_the_first_visit_takes_few_taps_and_its_position_gets_better(house: House, handset: NewHandset) -> None:
    customer_id = shop(house)
    phone = handset(**SHOP_PHONE)
    window = phone.open()
    page = window.page
    page.evaluate(TAPS)
    for name, value in house.credentials.items():
        if page.locator(f"[name={name}]").evaluate("(one) => one !== document.activeElement"):
            page.locator(f"[name={name}]").tap()
        page.keyboard.type(value)
    page.get_by_role("button", name="Sign in").tap()
    window.settled()
    visit_customer(page, SHOP)
    page.get_by_role("button", name="Check in").tap()
    place = page.get_by_role("dialog").get_by_role("status")
    expect(place).to_contain_text("222 m from the customer")
    expect(place).to_contain_text("± 90 m")
    expect(place).to_contain_text("you are not there")
    phone.context.set_geolocation({"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 8})
    expect(place).to_contain_text("0 m from the customer")
    expect(place).to_contain_text("It seems that you are there")
    page.keyboard.type("three boxes of the blue ones")
    page.get_by_role("button", name="Save the visit").tap()
    expect(page.locator(".toast")).to_contain_text("The visit is saved")
    window.settled()
    assert 4 < taps(window) <= CHECK_IN_TAPS
    [visit] = told(house, "visit", customer_id)
    seen = {slot: visit[slot] for slot in ("note", "datum", "accuracy_mm", "distance_mm", "verdict")}
    assert seen == {"note": "three boxes of the blue ones", "datum": 1, "accuracy_mm": 8000, "distance_mm": 0, "verdict": 1}


def flow_a_visit_without_a_position_is_saved_offline_with_the_next_contact(house: House, handset: NewHandset) -> None:
    window = handset(permissions=[]).signed_in()
    page = window.page
    visit_customer(page, NAMES[0])
    house.wire.cut()
    page.get_by_role("button", name="Check in").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("No position: the browser does not allow it")
    dialog.get_by_label("What was it about?").fill("closed")
    dialog.get_by_text("In a week").tap()
    dialog.get_by_label("To do what").fill("come back")
    dialog.get_by_role("button", name="Save the visit").tap()
    window.waits(2, offline=True)
    expect(page.get_by_role("button", name="Move: come back")).to_be_visible()
    house.wire.heal()
    window.network_is_back()
    window.settled()
    [visit] = told(house, "visit", house.customer_ids[0])
    [plan] = told(house, "follow_up", house.customer_ids[0])
    assert (visit["note"], visit["latitude_e6"], visit["verdict"]) == ("closed", None, 4)
    assert (plan["purpose"], plan["done"]) == ("come back", False)


def flow_a_visit_is_corrected_and_withdrawn_and_nothing_is_lost(house: House, handset: NewHandset) -> None:
    window = handset(**SHOP_PHONE).signed_in()
    page = window.page
    visit_customer(page, NAMES[0])
    page.get_by_role("button", name="Check in").tap()
    page.get_by_role("dialog").get_by_label("What was it about?").fill("two boxes")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("no position yet")
    page.get_by_role("dialog").get_by_role("button", name="Save the visit").tap()
    window.settled()
    [first] = told(house, "visit", house.customer_ids[0])
    page.evaluate(
        "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }", f"/app/visits/{first['id']}"
    )
    expect(page.locator("dl")).to_contain_text("two boxes")
    page.get_by_role("button", name="Correct").tap()
    page.get_by_role("dialog").get_by_label("What was it about?").fill("three boxes")
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    expect(page.locator("dl")).to_contain_text("three boxes")
    page.get_by_role("button", name="Withdraw").tap()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").tap()
    expect(page.locator("main > .chips")).to_contain_text("withdrawn")
    expect(page.locator("main section")).to_contain_text(re.compile("three boxes.*two boxes", re.DOTALL))
    window.settled()
    facts = told(house, "visit", house.customer_ids[0])
    assert sorted((one["note"], one["withdrawn"], one["amends_id"] == first["id"]) for one in facts) == [
        ("three boxes", False, True),
        ("three boxes", True, True),
        ("two boxes", False, False),
    ]
    assert {(one["device_ms"], one["latitude_e6"]) for one in facts} == {(first["device_ms"], first["latitude_e6"])}


def flow_a_contact_takes_few_taps_from_today_and_a_plan_is_moved_and_done(house: House, handset: NewHandset) -> None:
    window = handset().signed_in()
    page = window.page
    page.evaluate(TAPS)
    visit_customer(page, NAMES[1])
    page.get_by_role("button", name="Log contact").tap()
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    expect(page.locator(".toast")).to_contain_text("The contact is saved")
    assert taps(window) == LOG_TAPS
    page.get_by_role("button", name="Plan the next contact").tap()
    page.get_by_role("dialog").get_by_label("To do what").fill("call again")
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    page.get_by_role("button", name="Move: call again").tap()
    page.get_by_role("dialog").get_by_label("Day", exact=True).fill("2030-05-01")
    page.get_by_role("dialog").get_by_role("button", name="Save").tap()
    expect(page.get_by_role("button", name="Move: call again")).to_contain_text("1 May")
    page.get_by_role("button", name="Done: call again").tap()
    expect(page.get_by_text("No next step is planned.")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("button", name="Move: call again")).to_be_visible()
    page.get_by_role("button", name="Done: call again").tap()
    window.settled()
    [log] = told(house, "contact_log", house.customer_ids[1])
    [plan] = told(house, "follow_up", house.customer_ids[1])
    assert (log["channel"], plan["done"], plan["due_day"]) == (1, True, 22035)


def flow_a_position_without_an_accuracy_is_no_proof_and_says_so(house: House, handset: NewHandset) -> None:
    """The phone guesses as the server judges (D-203): an accuracy of 0 is none."""
    shop(house)
    exact: dict[str, Any] = {"permissions": ["geolocation"], "geolocation": {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 0}}
    window = handset(**exact).signed_in()
    page = window.page
    visit_customer(page, SHOP)
    page.get_by_role("button", name="Check in").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("the device told no accuracy")
    expect(dialog.locator(".fix.good")).to_have_count(0)
    dialog.get_by_role("button", name="Save the visit").tap()
    window.settled()
    page.locator("ul.timeline a", has_text="Visit").tap()
    expect(page.locator("dl", has_text="Verdict")).to_contain_text("unverified")
    expect(page.locator("dl", has_text="Remarks")).to_contain_text("the device told no accuracy")


def flow_a_check_out_says_how_long_and_how_far_and_the_verdict_stands(house: House, handset: NewHandset) -> None:
    """D-213: the likely verdict with its fence before, the server's after; the check-out is no correction."""
    customer_id = shop(house)
    here: dict[str, Any] = {"permissions": ["geolocation"], "geolocation": {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 9}}
    phone = handset(**here)
    window = phone.signed_in()
    page = window.page
    visit_customer(page, SHOP)
    expect(page.get_by_role("button", name="Check out")).to_have_count(0)
    page.get_by_role("button", name="Check in").tap()
    place = page.get_by_role("dialog").get_by_role("status")
    expect(place).to_contain_text("It seems that you are there")
    expect(place).to_contain_text("counts within 100 m")
    page.get_by_role("button", name="Save the visit").tap()
    window.settled()
    phone.context.set_geolocation({"latitude": LATITUDE + 0.0004, "longitude": LONGITUDE, "accuracy": 7})
    page.get_by_role("button", name="Check out").tap()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("44 m from the customer")
    expect(page.get_by_role("dialog").get_by_role("status")).not_to_contain_text("It seems")
    page.get_by_role("dialog").get_by_role("button", name="Check out").tap()
    expect(page.get_by_role("button", name="Check out")).to_have_count(0)
    window.settled()
    line = page.locator("ul.timeline a", has_text="Visit")
    expect(line).to_contain_text("verified")
    expect(line).not_to_contain_text("corrected")
    line.tap()
    facts = page.locator("dl")
    expect(facts).to_contain_text("0 m from the customer · Accurate to ± 9 m · counts within 100 m")
    expect(facts).to_contain_text("left 44 m from the check-in")
    expect(facts).to_contain_text("left within two minutes")
    expect(page.locator("main section")).to_contain_text("As first entered")
    told_visits = told(house, "visit", customer_id)
    assert [(one["leaving"], one["verdict"], one["provider"], one["mocked"], one["fence_m"]) for one in told_visits] == [
        (False, 1, 4, 0, 100),
        (True, 1, 4, 0, 100),
    ]
    assert all(one["uptime_ms"] is None and one["boot"] == "" for one in told_visits)
