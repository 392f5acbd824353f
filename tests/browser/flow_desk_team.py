"""The manager's desk: pools that are looked at, instructions with who stands where, notes with who has read them."""

import re

import pytest
from playwright.sync_api import expect

from shared_schema.records.reference import Role
from tests.browser.desk import CALM, WIDE, Desk
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, REP, House


@pytest.fixture
def desk(house: House, handset: NewHandset) -> Desk:
    """Put the rep below a manager, who signs in at a wide screen."""
    boss = house.boss
    department_id = boss.post("/v1/desk/departments", {"name": "East"}).json()["id"]
    below = {"id": house.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department_id}
    assert boss.post("/v1/desk/users", below).status_code == 200
    assert boss.post("/v1/desk/pools", {"name": "Shore", "department_id": department_id, "hidden": ["name"]}).status_code == 200
    house.site.user(boss, "zhou", Role.manager, department_id=department_id)
    return Desk(handset(**WIDE), "zhou")


def flow_an_instruction_is_given_and_its_state_seen(desk: Desk, house: House) -> None:
    desk.go("Instructions")
    sheet = desk.new("Give an instruction")
    sheet.get_by_label("What to do").fill("Show the new tea")
    sheet.get_by_role("button", name="Choose people").click()
    people = desk.page.get_by_role("dialog", name="Choose people")
    people.get_by_label("Lin").check()
    people.get_by_role("button", name="1 chosen").click()
    sheet.get_by_role("button", name="Choose a customer").click()
    desk.page.get_by_role("button", name=re.compile(f"^{NAMES[2]}")).click()
    sheet.get_by_text("Urgent", exact=True).click()
    sheet.get_by_role("button", name="Give an instruction").click()
    row = desk.row("Urgent Show the new tea")
    expect(row).to_contain_text("Sent")
    expect(row).to_contain_text(NAMES[2])
    given = house.witness.get("/v1/records/instruction").json()["items"]
    assert [(one["text"], one["customer_id"]) for one in given] == [("Show the new tea", house.customer_ids[2])]
    desk.page.get_by_label("State", exact=True).select_option(label="Done")
    expect(desk.page.locator("main")).to_contain_text("No instructions here")


def flow_a_note_is_written_and_who_has_it_is_seen(desk: Desk, house: House, handset: NewHandset) -> None:
    desk.go("Team notes")
    sheet = desk.new("Write a note")
    sheet.get_by_label("Text").fill("The fair begins on Monday")
    desk.save()
    note = desk.page.get_by_role("article")
    expect(note).to_contain_text("The fair begins on Monday")
    expect(note).to_contain_text("Not received: 1")
    phone = handset().signed_in()
    phone.place("me")
    phone.page.get_by_role("link", name="Team notes").click()
    phone.page.get_by_role("button", name="Acknowledge").click()
    phone.settled()
    expect(note).to_contain_text("Acknowledged: 1")
    note.locator("summary").click()
    expect(note.get_by_role("list", name="Who").get_by_role("listitem")).to_have_text(re.compile("Lin.*Acknowledged", re.DOTALL))
    held = house.witness.get("/v1/records/team_note").json()["items"]
    assert [one["text"] for one in held] == ["The fair begins on Monday"]


def flow_a_manager_sees_the_pools_and_says_that_the_network_is_needed(desk: Desk, house: House) -> None:
    desk.go("Pools")
    row = desk.row("Shore")
    expect(row).to_contain_text("East")
    expect(desk.page.get_by_role("button", name="New pool")).to_have_count(0)
    house.wire.cut()
    desk.go("Instructions")
    expect(desk.page.locator("main")).to_contain_text("There is no network, and only the server knows this")
    house.wire.heal()
    desk.page.get_by_role("button", name="Try again").click()
    expect(desk.page.locator("main")).to_contain_text("No instructions here")


def flow_what_was_written_for_an_instruction_is_kept_until_the_network_is_back(desk: Desk, house: House) -> None:
    """Giving needs the network, and the form says so; a window that was left brings all of it back."""
    page = desk.page
    desk.go("Instructions")
    expect(page.locator("main")).to_contain_text("No instructions here")
    sheet = desk.new("Give an instruction")
    house.wire.cut()
    sheet.get_by_label("What to do").fill("Show the new tea")
    sheet.get_by_role("button", name="Choose people").click()
    people = page.get_by_role("dialog", name="Choose people")
    people.get_by_role("searchbox").fill("lin")
    people.get_by_label("Lin").check()
    people.get_by_role("button", name="1 chosen").click()
    sheet.get_by_label("Due on").fill("2050-01-31")
    sheet.get_by_label("Due at").fill("14:30")
    expect(sheet).to_contain_text("There is no network: this needs the server")
    page.keyboard.press("Escape")
    desk.go("Team notes")
    house.wire.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(desk.page.locator(".mark")).to_have_class(CALM)
    desk.go("Instructions")
    sheet = desk.new("Give an instruction")
    expect(sheet).to_contain_text("What you had begun to write is back")
    expect(sheet.get_by_role("button", name="Lin")).to_be_visible()
    sheet.get_by_role("button", name="Give an instruction").click()
    expect(desk.row("Show the new tea")).to_contain_text("Sent")
    [given] = house.witness.get("/v1/records/instruction").json()["items"]
    assert given["due_ms"] == 2_527_223_400_000  # half past two in Shanghai
