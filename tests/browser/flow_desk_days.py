"""A rep's day at the desk, also one long ago: only that day is asked for, with its corrections."""

import json
import time
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import openpyxl
from playwright.sync_api import expect

from tests.browser.desk import opened
from tests.browser.flow_desk import DAY_MS, MINUTE_MS, noon
from tests.browser.handset import Handset
from tests.browser.office import Office, of

YEAR_DAYS: Final = 365


def flow_a_day_a_year_ago_is_asked_for_alone(profile: Handset, manned: Office) -> None:
    shop, then = manned.customer("wang", "Quay Books"), noon() - YEAR_DAYS * DAY_MS
    first = manned.visit("wang", shop, then, note="The first order")
    corrected: dict[str, Any] = {"amends_id": of(first)}
    manned.visit("wang", shop, then + MINUTE_MS, note="The first order: ten boxes", **corrected)
    manned.visit("wang", shop, then - 3 * DAY_MS, note="Before that")
    manned.visit("wang", shop, noon(), note="Today")
    desk = opened(profile)
    desk.page.goto(f"{desk.address}days/{manned.rep_ids['wang']}")
    expect(desk.page.locator(".step")).to_contain_text("Today")
    bounds = f"since_ms={(then // DAY_MS - 1) * DAY_MS}&until_ms={(then // DAY_MS + 2) * DAY_MS}"
    with desk.page.expect_response(lambda one: "/v1/desk/visits?author_id" in one.url and one.url.endswith(bounds)) as asked:
        desk.page.get_by_label("Day", exact=True).fill(day_text(then))
    assert [one["note"] for one in asked.value.json()["items"]] == ["The first order: ten boxes", "The first order"]
    expect(desk.page.locator(".step")).to_have_count(1)
    expect(desk.page.locator(".step")).to_contain_text("The first order: ten boxes")
    expect(desk.page.locator(".step")).to_contain_text("corrected")


def flow_a_day_says_why_a_visit_is_doubtful_and_how_long_one_took(profile: Handset, manned: Office) -> None:
    """D-212, D-213: reasons as chips; the check-out is no correction."""
    shops, now = manned.customers("wang", 2), noon() - DAY_MS
    first = manned.visit("wang", shops[0], now)
    left: dict[str, Any] = {"amends_id": of(first), "leaving": True, "left_ms": now + 40 * MINUTE_MS}
    manned.visit("wang", shops[0], now, **left)
    manned.visit("wang", shops[1], now + 90 * MINUTE_MS, mocked=2, accuracy_mm=300_000)
    desk = opened(profile)
    desk.page.goto(f"{desk.address}days/{manned.rep_ids['wang']}")
    desk.page.get_by_role("button", name="The day before").click()
    steps = desk.page.locator(".step")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text("verified")
    expect(steps.nth(0)).to_contain_text("stayed 40 min")
    expect(steps.nth(0)).not_to_contain_text("corrected")
    for word in ("unverified", "position too vague", "mocked position"):
        expect(steps.nth(1)).to_contain_text(word)


def flow_a_day_tells_what_lay_between_and_what_was_left_and_goes_away_as_files(profile: Handset, manned: Office) -> None:
    """D-215: time without a visit counts from the check-out, the way by road is an estimate, and no file holds a customer's place."""
    shops, now = manned.customers("wang", 3), noon() - DAY_MS
    first = manned.visit("wang", shops[0], now)
    left: dict[str, Any] = {"amends_id": of(first), "leaving": True, "left_ms": now + 40 * MINUTE_MS}
    manned.visit("wang", shops[0], now, **left)
    manned.visit("wang", shops[1], now + 90 * MINUTE_MS, mocked=2, note="The roof leaks")
    manned.talk("wang", shops[1], now + 100 * MINUTE_MS, "Rang once more")
    for shop, day in ((shops[2], now // DAY_MS), (shops[1], now // DAY_MS), (shops[2], now // DAY_MS + 2)):
        manned.follow_up("wang", shop, day, f"Due {day - now // DAY_MS}")
    names = [manned.record("customer", shop)["name"] for shop in shops]
    desk = opened(profile)
    page = desk.page
    page.goto(f"{desk.address}days/{manned.rep_ids['wang']}/{day_text(now)}")
    expect(page.locator(".gap").first).to_contain_text("50 min between")
    expect(page.locator(".gap").first).to_contain_text("by road (estimate)")
    expect(page.locator(".missed .row")).to_have_count(1)
    expect(page.locator(".missed")).to_contain_text(names[2])
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export GeoJSON").click()
    assert saved.value.suggested_filename.endswith(f"{day_text(now)}.geojson")
    told = json.loads(Path(saved.value.path()).read_text())["features"]
    seen = manned.record("visit", first)
    assert [one["properties"]["customer"] for one in told] == names[:2]
    assert told[0]["geometry"]["coordinates"] == [seen["longitude_e6"] / 1e6, seen["latitude_e6"] / 1e6]
    assert [(one["properties"]["verdict"], one["properties"]["stayed_min"]) for one in told] == [("verified", 40), ("unverified", None)]
    assert told[1]["properties"]["reasons"] == ["mocked position"]
    with page.expect_download() as book:
        page.get_by_role("button", name="Export to Excel").click()
    rows = list(openpyxl.load_workbook(BytesIO(Path(book.value.path()).read_bytes())).worksheets[0].values)
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [(row["Customer"], row["Stayed (min)"], row["Between (min)"]) for row in table] == [
        (names[0], 40, None), (names[1], None, 50), (names[1], None, 10),
    ]  # fmt: skip
    crow, road = table[1]["As the crow flies (m)"], table[1]["By road, estimate (m)"]
    assert crow > 0
    assert abs(road - crow * 1.3) < 0.01
    assert (table[1]["Reasons"], table[1]["Note"], table[2]["Verdict"]) == ("mocked position", "The roof leaks", None)


def day_text(at_ms: int) -> str:
    """A day as a field for days takes it."""
    return time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000))
