"""Today's route: who is to be visited, in which order, by whose hand, and how the rep gets there."""

import re
import time
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from geo.datum import from_wgs84
from shared_schema.places import Datum
from tests.browser.flow_today import HERE, place
from tests.browser.handset import NewHandset, Window
from tests.browser.house import House

TODAY: Final = "%Y-%m-%d"
NORTH_E6: Final[dict[str, int]] = {"Third Door": 9_000, "First Door": 1_000, "Second Door": 4_000}


def planned(window: Window, name: str) -> None:
    """Plan a step of today with this customer."""
    page = window.page
    window.place("customers")
    window.rows.filter(has_text=name).click()
    page.get_by_role("button", name="Plan").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("To do what").fill("bring samples")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Move: bring samples").click()
    sheet.get_by_label("Day", exact=True).fill(time.strftime(TODAY, time.gmtime(time.time() + 8 * 3_600)))
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()


def at_the_route(house: House, handset: NewHandset, **options: Any) -> Window:
    """A rep with three customers to the north, each with a step of today, looks at the route."""
    for name, north_e6 in NORTH_E6.items():
        place(house, name, north_e6, phone="021-5550100")
    window = handset(house.office, **{**HERE, **options}).signed_in()
    for name in NORTH_E6:
        planned(window, name)
    window.place("today")
    window.page.get_by_role("link", name="Today's route").click()
    expect(window.page.locator("h1")).to_have_text("Route")
    return window


def names(page: Page) -> Locator:
    return page.locator("ol.way .head b")


def grip(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Move {name}")


def flow_the_route_goes_from_here_to_the_nearest_and_on(house: House, handset: NewHandset) -> None:
    """D-450, D-454, D-456."""
    window = at_the_route(house, handset)
    page = window.page
    expect(names(page)).to_have_text(["First Door", "Second Door", "Third Door"])
    expect(page.locator("ol.way .side small")).to_have_text(["111 m", "333 m", "554 m"])
    expect(page.locator("ol.way .head small").first).to_have_text("Follow-up today: bring samples")
    expect(page.locator("main > p.lead").first).to_have_text("3 stops · 998 m as the crow flies, about 1.3 km by road (estimate)")
    expect(page.locator(".route-map text")).to_have_text(["3", "2", "1"])
    window.place("map")
    page.get_by_role("link", name="Today's route").click()
    expect(names(page)).to_have_count(3)


def flow_what_the_rep_puts_somewhere_stays_there(house: House, handset: NewHandset) -> None:
    """D-455, D-457: by the keyboard, by buttons and by hand; it is still so after the app was opened anew."""
    window = at_the_route(house, handset)
    page = window.page
    expect(names(page)).to_have_text(["First Door", "Second Door", "Third Door"])
    grip(page, "First Door").press("ArrowDown")
    expect(names(page)).to_have_text(["Second Door", "First Door", "Third Door"])
    expect(grip(page, "First Door")).to_be_focused()
    expect(page.locator("ol.way .chip")).to_have_count(1)
    page.locator(".head", has_text="Third Door").click()
    page.get_by_role("button", name="Earlier").click()
    expect(names(page)).to_have_text(["Second Door", "Third Door", "First Door"])
    drag(page, "Second Door", "First Door")
    expect(names(page)).to_have_text(["Third Door", "First Door", "Second Door"])
    page.reload()
    expect(names(page)).to_have_text(["Third Door", "First Door", "Second Door"])
    page.get_by_role("button", name="Start again from here").click()
    expect(names(page)).to_have_text(["Third Door", "First Door", "Second Door"])
    page.get_by_role("button", name="Forget my order").click()
    expect(names(page)).to_have_text(["First Door", "Second Door", "Third Door"])
    expect(page.locator("ol.way .chip")).to_have_count(0)


def drag(page: Page, name: str, onto: str) -> None:
    """Draw a stop by its handle onto another one."""
    from_, to = grip(page, name).bounding_box(), grip(page, onto).bounding_box()
    assert from_ is not None
    assert to is not None
    page.mouse.move(from_["x"] + 22, from_["y"] + 22)
    page.mouse.down()
    for part in range(1, 6):
        page.mouse.move(from_["x"] + 22, from_["y"] + 22 + (to["y"] + 12 - from_["y"]) * part / 5)
    page.mouse.up()


def flow_a_finger_draws_a_stop_to_its_place(house: House, handset: NewHandset) -> None:
    """D-457: by touch, without an end of the way and with nothing scrolled meanwhile; and nothing is put where the touch is taken away."""
    window = at_the_route(house, handset, has_touch=True)
    page = window.page
    expect(names(page)).to_have_text(["First Door", "Second Door", "Third Door"])
    touched(page, "First Door", "Third Door")
    expect(names(page)).to_have_text(["Second Door", "Third Door", "First Door"])
    expect(page.locator("ol.way .chip")).to_have_count(1)
    touched(page, "Second Door", "First Door", ending="touchCancel")
    expect(names(page)).to_have_text(["Second Door", "Third Door", "First Door"])
    assert page.evaluate("scrollY") == 0


def touched(page: Page, name: str, onto: str, ending: str = "touchEnd") -> None:
    """Draw a stop by its handle onto another one, with a finger. Both are in sight."""
    grip(page, name).scroll_into_view_if_needed()
    from_, to = grip(page, name).bounding_box(), grip(page, onto).bounding_box()
    assert from_ is not None
    assert to is not None
    finger = page.context.new_cdp_session(page)

    def at(part: int) -> list[dict[str, float]]:
        return [{"x": from_["x"] + 22, "y": from_["y"] + 22 + (to["y"] + 12 - from_["y"]) * part / 5}]

    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at(0)})
    for part in range(1, 6):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at(part)})
    finger.send("Input.dispatchTouchEvent", {"type": ending, "touchPoints": []})
    finger.detach()


def flow_a_stop_is_left_out_for_today_and_ends_with_a_visit(house: House, handset: NewHandset) -> None:
    """D-451, D-453, D-457: without a network."""
    window = at_the_route(house, handset)
    page = window.page
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.locator(".head", has_text="Second Door").click()
    page.get_by_role("button", name="Not today").click()
    expect(names(page)).to_have_text(["First Door", "Third Door"])
    page.locator(".head", has_text="First Door").click()
    page.get_by_role("button", name="Check in").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(names(page)).to_have_text(["Third Door"])
    page.get_by_role("button", name="Put back").click()
    expect(names(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Put back")).to_have_count(0)


def flow_a_map_app_gets_the_coordinates_in_its_own_datum(house: House, handset: NewHandset) -> None:
    """D-458: and no customer's name, but for the map on the phone itself."""
    window = at_the_route(house, handset)
    page = window.page
    page.locator(".head", has_text="First Door").click()
    expect(page.locator(".acts").get_by_role("link", name="Call")).to_have_attribute("href", "tel:021-5550100")
    page.get_by_role("button", name="Navigate").click()
    links = page.get_by_role("dialog").locator("a")
    expect(links).to_have_count(5)
    phone, amap, baidu, apple, google = (urlsplit(str(one.get_attribute("href"))) for one in links.all())
    wgs, gcj, bd = (from_wgs84(datum, 31_231_400, 121_473_700) for datum in (Datum.wgs84, Datum.gcj02, Datum.bd09))
    told = f"{wgs.latitude_e6 / 1e6},{wgs.longitude_e6 / 1e6}"
    assert (phone.scheme, phone.path, parse_qs(phone.query)["q"]) == ("geo", told, [f"{told}(First Door)"])
    assert parse_qs(amap.query)["to"] == [f"{gcj.longitude_e6 / 1e6},{gcj.latitude_e6 / 1e6},Destination"]
    assert parse_qs(baidu.query)["location"] == [f"{bd.latitude_e6 / 1e6},{bd.longitude_e6 / 1e6}"]
    assert parse_qs(apple.query)["daddr"] == [f"{gcj.latitude_e6 / 1e6},{gcj.longitude_e6 / 1e6}"]
    assert parse_qs(google.query)["destination"] == [told]
    for one in links.all()[1:]:
        expect(one).to_have_attribute("rel", re.compile("noreferrer"))
        assert "Door" not in str(one.get_attribute("href"))


def flow_every_target_of_the_route_is_large_enough(house: House, handset: NewHandset) -> None:
    window = at_the_route(house, handset)
    page = window.page
    page.locator(".head", has_text="Second Door").click()
    boxes = [one.bounding_box() for one in page.locator("main :is(a, button)").all()]
    assert len(boxes) >= 13
    assert [box for box in boxes if box is None or box["height"] < 44 or box["width"] < 44] == []
