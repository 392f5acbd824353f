"""The admin at the desk: who agreed to positions, and how exactly and for how long the organisation keeps them (D-471, D-473, D-474)."""

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.flow_desk_admin import desk as desk  # noqa: PLC0414 - the fixture
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import House

DAYS = "Days for which places of visits are kept"


def flow_the_admin_reads_the_answers_and_answers_for_nobody(desk: Desk, house: House) -> None:
    """D-471: the rep agreed; a user whom nobody asked has not; no button changes that."""
    house.site.user(house.boss, "wu")
    desk.go("People", "Consent")
    main = desk.page.get_by_role("main")
    expect(main).to_contain_text("Each person decides whether visits bear a position")
    expect(desk.row("Lin")).to_contain_text("Agreed")
    expect(desk.row("Wu")).to_contain_text("Not asked yet")
    expect(desk.row("Wu").get_by_role("button")).to_have_count(0)


def flow_an_admin_sets_how_exactly_and_how_long(desk: Desk, house: House, handset: NewHandset, complaints: list[Handset]) -> None:
    """D-473, D-474: a number out of bounds is refused in words; what is saved stands, and the rep's phone names it."""
    window = handset().signed_in()
    complaints[0].refusals.add(422)
    page = desk.page
    desk.go("Catalogue and settings", "Organisation")
    days = page.get_by_label(DAYS)
    expect(days).to_have_value("180")
    expect(page.get_by_role("main")).to_contain_text("30 to 730 days; then the places of visits are deleted, their verdicts stay")
    days.fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert house.boss.get("/v1/desk/organisation").json()["visit_days"] == 180
    days.fill("60")
    page.get_by_label("to about 200 m").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Saved")
    stands = house.boss.get("/v1/desk/organisation").json()
    assert (stands["visit_days"], stands["visit_precision"]) == (60, 2)
    window.settled()
    window.page.evaluate("() => { history.pushState(null, '', '/app/whereabouts'); dispatchEvent(new PopStateEvent('popstate')); }")
    expect(window.page.get_by_role("main")).to_contain_text("After 60 days the server deletes where you were")
    expect(window.page.get_by_role("main")).to_contain_text("rounded to about 200 m")
