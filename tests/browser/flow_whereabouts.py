"""The rep's app asks before it takes the first position of a visit, keeps a no, and rounds where the organisation wants no more."""

from typing import Any, Final

from playwright.sync_api import expect

from geo.grid import masked
from tests.browser.flow_visits import LATITUDE, LONGITUDE, told
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

HERE: Final[dict[str, Any]] = {
    "permissions": ["geolocation"],
    "geolocation": {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 8},
}


def stranger(house: House, handset: NewHandset) -> Window:
    """The phone of a rep whom nobody has asked yet, with the customers of the other one."""
    house.boss.post(f"/v1/desk/users/{house.rep_id}/hand-over", {"to_user_id": house.site.user(house.boss, "wu"), "reason": "moved"})
    window = handset(**HERE).open()
    window.sign_in({"account": "wu"})
    window.settled()
    return window


def to_customer(window: Window, name: str) -> None:
    """Open the screen of a customer."""
    window.page.get_by_role("link", name="Customers").first.click()
    window.page.get_by_text(name).first.click()
    window.page.get_by_role("button", name="Check in").wait_for()


def check_in(window: Window, name: str) -> None:
    """Open the sheet at a customer."""
    to_customer(window, name)
    window.page.get_by_role("button", name="Check in").click()


def flow_the_app_asks_in_words_and_keeps_a_no(house: House, handset: NewHandset) -> None:
    """D-471, D-472: nothing is measured before the answer; a no stands on every device, and is changed under Me."""
    window = stranger(house, handset)
    page = window.page
    to_customer(window, NAMES[0])
    page.evaluate("() => { navigator.geolocation.watchPosition = () => { window.measured = true; return 1; }; }")
    page.get_by_role("button", name="Check in").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("group", name="May your visits bear your position?")).to_contain_text("between them")
    expect(dialog.locator(".consent")).to_contain_text("After 180 days the server deletes where you were")
    dialog.get_by_role("button", name="I do not agree").click()
    expect(dialog.locator(".fix")).to_contain_text("you did not agree")
    dialog.get_by_label("What was it about?").fill("two boxes")
    dialog.get_by_role("button", name="Save the visit").click()
    window.settled()
    assert page.evaluate("window.measured") is None
    caller = house.site.caller("alpha", "wu")
    assert caller.log_in().status_code == 200
    [visit] = caller.get(f"/v1/records/visit?customer_id={house.customer_ids[0]}").json()["items"]
    assert (visit["note"], visit["latitude_e6"], visit["verdict"], visit["flags"]) == ("two boxes", None, 4, 0)
    [said] = [one for one in house.boss.get("/v1/desk/consents").json()["items"] if one["user_id"] != house.rep_id]
    assert (said["answer"], said["asked_in"]) == (2, 1)
    assert said["received_ms"] > 0


def flow_the_answer_is_changed_under_me(house: House, handset: NewHandset) -> None:
    """D-471, D-474: there the person reads at any time for how many days the organisation keeps it."""
    profile = house.boss.get("/v1/desk/organisation").json()
    kept = {name: value for name, value in profile.items() if name not in ("id", "rev", "currency", "prices_include_tax")}
    assert house.boss.post("/v1/desk/organisation", {**kept, "visit_days": 90}).status_code == 200
    window = handset(**HERE).signed_in()
    page = window.page
    page.evaluate("() => { history.pushState(null, '', '/app/whereabouts'); dispatchEvent(new PopStateEvent('popstate')); }")
    expect(page.get_by_role("status").filter(has_text="You agreed")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("After 90 days the server deletes where you were")
    page.get_by_role("button", name="I do not agree").click()
    expect(page.get_by_role("status").filter(has_text="You did not agree")).to_be_visible()
    window.settled()
    check_in(window, NAMES[0])
    expect(page.get_by_role("dialog").locator(".fix")).to_contain_text("you did not agree")


def flow_a_rounding_organisation_hears_a_square_alone(house: House, handset: NewHandset) -> None:
    """D-473: what leaves the phone is rounded already, and the accuracy says so."""
    profile = house.boss.get("/v1/desk/organisation").json()
    kept = {name: value for name, value in profile.items() if name not in ("id", "rev", "currency", "prices_include_tax")}
    answer = house.boss.post("/v1/desk/organisation", {**kept, "visit_precision": 2})
    assert answer.status_code == 200, answer.text
    window = handset(**HERE).signed_in()
    page = window.page
    sent: list[bytes] = []
    page.on("request", lambda one: sent.append(one.post_data_buffer or b"") if one.url.endswith("/v1/sync") else None)
    check_in(window, NAMES[0])
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".fix")).to_contain_text("± 158 m")
    dialog.get_by_role("button", name="Save the visit").click()
    window.settled()
    [visit] = told(house, "visit", house.customer_ids[0])
    exact = (round(LATITUDE * 1e6), round(LONGITUDE * 1e6))
    assert (visit["latitude_e6"], visit["longitude_e6"]) == masked(*exact) != exact
    assert not any(exact[0].to_bytes(4, "big") in one for one in sent)
    assert any(masked(*exact).latitude_e6.to_bytes(4, "big") in one for one in sent)
