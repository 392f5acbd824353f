"""The manager's desk: the board, decisions, customers in hundreds, and a rep's day."""

import re
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import openpyxl
from playwright.sync_api import Locator, Route, expect

from tests.browser.desk import Desk, opened
from tests.browser.handset import Handset
from tests.browser.office import LIST_MINOR, REPS, Office, of

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000


def noon() -> int:
    """A moment of today that is over, and from which hours back are still today: of this run, not of a calendar."""
    now = time.time_ns() // 1_000_000
    return now - min(10 * MINUTE_MS, now % DAY_MS)


def at(ms: int) -> datetime:
    """The moment of UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def figure(desk: Desk, word: str) -> Locator:
    """The number of a figure on the board."""
    return desk.page.locator(".figure", has_text=word).locator("b")


def flow_the_board_tells_of_today_and_hears_what_happens(profile: Handset, manned: Office) -> None:
    shops, now = manned.customers("wang", 2), noon()
    first = manned.visit("wang", shops[0], now)
    manned.visit("wang", shops[0], now, note="Ten boxes", amends_id=of(first))
    manned.visit("wang", shops[1], now + MINUTE_MS, latitude_e6=31_500_000)
    manned.visit("wang", shops[1], now - 2 * DAY_MS)
    manned.follow_up("wang", shops[0], now // DAY_MS - 1, "Ask for the order")
    manned.quote("wang", shops[0], "Spring")
    manned.card("wang", shops[1], "Gate 5", "Hall 55")
    desk = opened(profile)
    for word, number in {"Visits today": "2", "Quotes to decide": "1", "Yours to decide": "1", "overdue": "1", "Customers": "2"}.items():
        expect(figure(desk, word)).to_have_text(number)
    expect(desk.page.locator(".figure", has_text="Visits today")).to_contain_text("1 verified")
    row = desk.page.get_by_role("row").filter(has_text=REPS["wang"])
    expect(row.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"today 2$"))
    expect(desk.page.get_by_role("img", name="Where today's visits were").locator(".spot")).to_have_count(2)
    feed = desk.page.get_by_role("list", name="What happens")
    expect(feed).to_contain_text("Quote submitted")
    expect(feed.get_by_role("listitem").filter(has_text="Ten boxes")).to_contain_text("Corrected: Visit")
    expect(feed).not_to_contain_text("corrects")
    manned.visit("li", manned.customer("li", "Quay Books"), now, note="They want samples")
    expect(feed).to_contain_text("They want samples")
    expect(figure(desk, "Visits today")).to_have_text("3")


def flow_a_quote_is_approved_at_the_desk(profile: Handset, manned: Office) -> None:
    shop = manned.customer("wang", "Quay Books")
    cheap = manned.quote("wang", shop, "Spring", [LIST_MINOR, 100_00, 80_00])
    other = manned.quote("wang", shop, "Summer")
    desk = opened(profile)
    desk.go("Decisions")
    card = desk.page.get_by_role("article").filter(has_text="Spring")
    for words in ("at list", "16.67 % below list", "below the floor of CNY 90.00", "CNY 3,000.00"):
        expect(card).to_contain_text(words)
    card.get_by_role("button", name="Give back").click()
    expect(card).to_contain_text("Write the reason")
    card.get_by_label("A word to the author").fill("The last line is too cheap")
    card.get_by_role("button", name="Give back").click()
    expect(card).to_have_count(0)
    desk.page.get_by_role("article").filter(has_text="Summer").get_by_role("button", name="Approve").click()
    expect(desk.page.locator("main")).to_contain_text("No quote waits for your decision")
    told = manned.record("quote", cheap)
    assert (told["status"], told["decision_note"]) == (5, "The last line is too cheap")
    assert manned.record("quote", other)["status"] == 3


def flow_a_decision_is_about_what_was_on_the_screen(profile: Handset, manned: Office) -> None:
    """D-322: the quote was given back, changed and submitted anew while the manager read the old one."""
    shop = manned.customer("wang", "Quay Books")
    quote = manned.quote("wang", shop, "Spring")
    desk = opened(profile)
    desk.go("Decisions")
    card = desk.page.get_by_role("article").filter(has_text="Spring")
    expect(card).to_contain_text("at list")
    profile.refusals.add(409)
    desk.page.route("**/v1/quotes/*", lambda route: route.abort())
    manned.reopen("wang", quote, 80_00)
    with desk.page.expect_response("**/decisions"):
        card.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("nothing was done")
    desk.page.unroute_all()
    desk.page.evaluate("dispatchEvent(new Event('offline'))")
    expect(desk.page.locator(".away")).to_be_visible()
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    expect(card).to_contain_text("below the floor")
    assert manned.record("quote", quote)["status"] == 2
    card.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    assert manned.record("quote", quote)["status"] == 3


def flow_a_card_that_was_sent_up_shows_only_what_differs(profile: Handset, manned: Office) -> None:
    shops = manned.customers("wang", 2)
    for shop in shops:
        manned.card("wang", shop, "Gate 5", "Hall 55")
    desk = opened(profile)
    desk.go("Decisions")
    waiting = desk.page.locator(".decision:not(.decided)")
    first, second = (waiting.filter(has_text=manned.record("customer", shop)["name"]) for shop in shops)
    expect(first.locator(".versus")).to_have_count(1)
    for words in (f"{REPS['wang']}'s", "Gate 5", "Hall 55", f"{REPS['wang']} had seen"):
        expect(first).to_contain_text(words)
    first.get_by_role("button", name=f"Use {REPS['wang']}'s").click()
    expect(first).to_have_count(0)
    second.get_by_role("button", name="Keep what stands").click()
    expect(desk.page.locator("main")).to_contain_text("No card waits")
    decided = desk.page.locator(".decided")
    expect(decided.filter(has_text=f"{REPS['wang']}'s was used")).to_have_count(1)
    expect(decided.filter(has_text="theirs was kept")).to_have_count(1)
    expect(desk.page.locator(".mark")).to_have_class(re.compile(r"\bcalm\b"))
    assert [manned.record("customer", shop)["address"] for shop in shops] == ["Gate 5", "Hall 55"]


def flow_many_customers_are_moved_each_with_its_result(profile: Handset, manned: Office) -> None:
    """D-107: one that changed hands meanwhile stays where it is, and its line says so."""
    shops = manned.customers("wang", 4)
    names = [manned.record("customer", shop)["name"] for shop in shops]
    desk = opened(profile)
    desk.go("Customers")
    expect(desk.page.locator("tbody tr")).to_have_count(4)
    profile.refusals.add(409)
    held: list[Route] = []  # a sync that failed would say that the network is away, and the desk would offer no transfer
    desk.page.route("**/v1/sync", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handler
    manned.transfer(shops[0], "chen")
    boxes = desk.page.get_by_role("checkbox", name=re.compile("^Choose (?!all)"))
    boxes.first.click()
    boxes.last.click(modifiers=["Shift"])
    expect(desk.page.get_by_role("group", name="4 chosen")).to_be_visible()
    desk.page.get_by_role("button", name="Transfer…").click()
    sheet = desk.page.get_by_role("dialog")
    to = sheet.get_by_label("To")
    expect(to.locator("option:checked")).to_have_text("Choose…")
    expect(to.locator("option", has_text=REPS["wang"])).to_have_count(0)
    sheet.get_by_label("Reason").fill("New areas")
    sheet.get_by_role("button", name="Transfer to another rep").click()
    expect(sheet).not_to_contain_text("done")
    to.select_option(label=REPS["li"])
    sheet.get_by_role("button", name=f"Transfer to {REPS['li']}").click()
    expect(sheet).to_contain_text("3 done, 1 not changed")
    expect(sheet.locator("li", has_text=names[0])).to_contain_text("changed hands since you opened the table")
    owners = [manned.record("standing", shop)["owner_id"] for shop in shops]
    assert owners == [manned.rep_ids["chen"], *[manned.rep_ids["li"]] * 3]
    desk.page.unroute_all()  # what was held goes on
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    sheet.get_by_role("button", name="Close").click()
    expect(desk.page.locator("tbody")).to_contain_text(REPS["chen"])


def flow_the_workbook_holds_what_the_table_shows(profile: Handset, manned: Office) -> None:
    """In its order, and with days and moments as dates that Excel sorts by, in the reader's own clock."""
    shops, met = manned.customers("wang", 3), noon()
    manned.customer("li", "Quay Books", 1)
    manned.visit("wang", shops[0], met)
    manned.follow_up("wang", shops[0], met // DAY_MS + 9, "Ask for the order")
    desk = opened(profile)
    desk.go("Customers")
    desk.page.get_by_label("Owner").select_option(label=REPS["wang"])
    city = desk.page.get_by_role("columnheader", name="City")
    for order in ("ascending", "descending"):  # by name they stand the other way round
        city.get_by_role("button").click()
        expect(city).to_have_attribute("aria-sort", order)
    expect(desk.page.locator("tbody tr")).to_have_count(3)
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Export to Excel").click()
    rows = list(openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes())).worksheets[0].values)
    shown = [
        [cell.inner_text().split("\n")[-1] for cell in row.locator("th, td:not(.pick)").all()]
        for row in desk.page.locator("tbody tr").all()
    ]
    assert [[str(cell or "") for cell in row[:5]] for row in rows[1:]] == [line[:5] for line in shown]
    assert list(rows[0]) == ["Customers", "City", "Owner", "Tier", "State", "Next due", "Last contact"]
    name = manned.record("customer", shops[0])["name"]
    [dates] = [row[5:] for row in rows if row[0] == name]
    wall = met - 60_000 * desk.page.evaluate("ms => new Date(ms).getTimezoneOffset()", met)
    assert [str(one)[:16] for one in dates] == [f"{at(met // DAY_MS * DAY_MS + 9 * DAY_MS):%Y-%m-%d} 00:00", f"{at(wall):%Y-%m-%d %H:%M}"]
    assert {row[5:] for row in rows[1:] if row[0] != name} == {(None, None)}


def flow_a_customer_is_made_edited_and_shared(profile: Handset, manned: Office) -> None:
    manned.pool("Open water")
    desk = opened(profile)
    desk.go("Customers")
    sheet = desk.new("New customer")
    sheet.get_by_label("Owner").select_option(label=REPS["li"])
    sheet.get_by_label("Name").fill("Harbour Books")
    sheet.get_by_role("button", name="Make").click()
    pane = desk.page.get_by_role("complementary")
    expect(pane.get_by_role("heading", name="Harbour Books")).to_be_visible()
    pane.get_by_role("button", name="Edit").click()
    desk.page.get_by_role("dialog").get_by_label("City").fill("上海")
    desk.save()
    expect(pane.locator(".facts")).to_contain_text("上海")
    pane.get_by_role("button", name="Add a collaborator").click()
    desk.page.get_by_role("dialog").get_by_label("Rep").select_option(label=REPS["chen"])
    desk.save()
    pane.get_by_role("button", name=f"End: {REPS['chen']}").click()
    expect(desk.page.locator(".toast")).to_contain_text("no longer collaborates")
    pane.get_by_role("button", name="History").click()
    expect(pane.get_by_role("list", name="History")).to_contain_text("city: 上海")
    pane.get_by_role("button", name="Into a pool…").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Release into the pool").click()
    expect(desk.page.get_by_role("dialog")).to_contain_text("Done: 1 customer")
    desk.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(pane).to_contain_text("not one of your team's")


def flow_a_new_customer_finds_its_owner_by_rule(profile: Handset, manned: Office) -> None:
    """D-183."""
    profile.refusals.add(422)
    manned.ruled("Shanghai", "li")
    desk = opened(profile)
    desk.go("Customers")
    sheet = desk.new("New customer")
    expect(sheet.get_by_label("Owner")).to_have_value("")
    for city in ("Chengdu", "Shanghai"):
        sheet.get_by_label("Name").fill("Harbour Books")
        sheet.get_by_label("City").fill(city)
        sheet.get_by_role("button", name="Make").click()
        if city == "Chengdu":
            expect(sheet.get_by_role("alert")).to_contain_text("No assignment rule fits this customer.")
    pane = desk.page.get_by_role("complementary")
    expect(pane.get_by_role("heading", name="Harbour Books")).to_be_visible()
    expect(pane).to_contain_text(REPS["li"])


def flow_a_reps_day_is_told_in_order(profile: Handset, manned: Office) -> None:
    shops, now = manned.customers("wang", 2), noon() - DAY_MS
    manned.visit("wang", shops[1], now + 3 * MINUTE_MS, latitude_e6=31_500_000)
    manned.talk("wang", shops[0], now + 2 * MINUTE_MS, "Called about Thursday")
    manned.visit("wang", shops[0], now, note="First of the day")
    desk = opened(profile)
    desk.go("A rep's day")
    desk.page.get_by_role("combobox", name="Rep").select_option(label=REPS["wang"])
    expect(desk.page.locator("main")).to_contain_text("No visit and no contact on this day")
    desk.page.get_by_role("button", name="The day before").click()
    steps = desk.page.locator(".step")
    expect(steps).to_have_count(3)
    for at, words in enumerate((("First of the day", "verified"), ("Called about Thursday", "phone"), ("out of range",))):
        for one in words:
            expect(steps.nth(at)).to_contain_text(one)
    expect(desk.page.locator(".gap").first).to_contain_text("2 min between")
    expect(desk.page.locator("main")).to_contain_text("2 visits (1 verified), 1 contact")
    expect(desk.page.get_by_role("img", name="Route").locator(".spot")).to_have_count(2)
