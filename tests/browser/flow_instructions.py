"""Instructions between the desk and the phones of two reps: who stands where and since when, with the network and without."""

import re
import uuid
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, expect

from shared_schema.records.instruction import InstructionState, Requires
from shared_schema.records.reference import Role
from tests.browser.desk import WIDE, Desk
from tests.browser.flow_visits import LATITUDE, LONGITUDE, SHOP, shop
from tests.browser.handset import NewHandset, Window
from tests.browser.house import REP, House, becomes
from tests.integration.site import Caller

AT_THE_SHOP: Final[dict[str, Any]] = {
    "permissions": ["geolocation"],
    "geolocation": {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 8},
}
TEXT: Final = "Show them the new tea"


@pytest.fixture
def team(house: House) -> House:
    """Two reps below a manager; both follow up one shop."""
    boss = house.boss
    department_id = boss.post("/v1/desk/departments", {"name": "East"}).json()["id"]
    below = {"id": house.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department_id}
    assert boss.post("/v1/desk/users", below).status_code == 200
    mei = house.site.user(boss, "mei", department_id=department_id)
    house.site.user(boss, "zhou", Role.manager, department_id=department_id)
    answer = boss.post(f"/v1/desk/customers/{shop(house)}/collaborators", {"user_id": mei})
    assert answer.status_code == 200, answer.text
    return house


@pytest.fixture
def desk(team: House, handset: NewHandset) -> Desk:
    """The manager at the desk, whose network never fails."""
    return Desk(handset(team.office, **WIDE), "zhou")


def author(team: House) -> Caller:
    """The manager by REST."""
    caller = team.site.caller("alpha", "zhou")
    assert caller.log_in().status_code == 200
    return caller


def give(desk: Desk, to: str) -> Locator:
    """Begin an instruction; its sheet."""
    desk.go("Instructions")
    sheet = desk.new("Give an instruction")
    sheet.get_by_label("What to do").fill(TEXT)
    sheet.get_by_text(to, exact=True).click()
    return sheet


def stands(desk: Desk, name: str, state: str) -> None:
    """Wait until the board says so about this rep."""
    expect(desk.page.locator("tbody tr", has_text=name).locator(".chip").filter(has_text=re.compile(f"^{state}$"))).to_be_visible()


def mei_at_the_shop(team: House, handset: NewHandset) -> Window:
    """The other rep, at the shop and in the network."""
    window = handset(team.office, **AT_THE_SHOP).open()
    window.sign_in({"account": "mei"})
    window.settled()
    return window


def opened(window: Window) -> Locator:
    """The rep opens the instruction from the first screen of the day; its card."""
    window.place("today")
    window.page.locator("a.row", has_text=TEXT).click()
    return window.page.locator("article.note")


def flow_a_manager_instructs_two_reps_and_sees_each_step_in_order(desk: Desk, team: House, handset: NewHandset) -> None:
    lin, mei = handset(**AT_THE_SHOP).signed_in(), mei_at_the_shop(team, handset)
    team.wire.cut()
    sheet = give(desk, "The customer's owner and collaborators")
    sheet.get_by_role("button", name="Choose a customer").click()
    desk.page.get_by_role("button", name=re.compile(f"^{SHOP}")).click()
    sheet.get_by_text("A visit whose place is confirmed").click()
    sheet.get_by_role("button", name="Give an instruction").click()
    stands(desk, "Mei", "Delivered")
    stands(desk, "Lin", "Sent")
    card = opened(mei)
    stands(desk, "Mei", "Read")
    expect(desk.page.locator("tbody tr", has_text="Mei")).to_contain_text("1 of 2 read")
    card.get_by_role("button", name="Acknowledge").click()
    stands(desk, "Mei", "Acknowledged")
    card.get_by_role("button", name="Start").click()
    stands(desk, "Mei", "Started")
    card.get_by_role("button", name="Finish").click()
    mei.page.get_by_role("dialog").get_by_role("button", name="Check in now and finish").click()
    mei.page.get_by_role("button", name="I agree", exact=True).click()
    visit = mei.page.get_by_role("dialog", name=SHOP)
    expect(visit.get_by_role("status")).to_contain_text("0 m from the customer")
    visit.get_by_role("button", name="Save the visit").click()
    expect(card).to_contain_text("done")
    stands(desk, "Mei", "Done")
    expect(desk.page.locator("tbody tr", has_text="Mei")).to_contain_text("1 of 2 done")
    team.wire.heal()
    lin.network_is_back()
    stands(desk, "Lin", "Delivered")
    given = author(team).get("/v1/desk/instructions").json()["items"]
    [done] = [one for one in given if one["state"] == InstructionState.done]
    assert [step["state"] for step in done["steps"]] == [1, 2, 3, 4, 5, 7]
    assert done["visit_id"] is not None


def flow_the_rep_takes_each_step_in_the_list_and_one_of_them_back(desk: Desk, team: House, handset: NewHandset) -> None:
    """D-802, P-614: one touch a step; while its word stands it is not sent, and can be taken back."""
    lin = handset().signed_in()
    body = {"id": str(uuid.uuid4()), "rep_id": team.rep_id, "text": TEXT}
    assert author(team).post("/v1/desk/instructions", body).status_code == 200
    desk.go("Instructions")
    lin.place("today")
    item = lin.page.locator(".told", has_text=TEXT)
    first = item.get_by_role("button", name="Acknowledge")
    box = first.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 44
    team.wire.cut()  # a receipt that is sent meanwhile would take the step along
    first.click()
    lin.page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(lin.page.get_by_role("status").get_by_text("Taken back", exact=True)).to_be_visible()
    team.wire.heal()
    lin.network_is_back()
    first.click()
    item.get_by_role("button", name="Start").click()
    stands(desk, "Lin", "Started")
    [stored] = author(team).get("/v1/desk/instructions").json()["items"]
    assert [step["state"] for step in stored["steps"]] == [1, 2, 4, 5]
    item.get_by_role("button", name="Finish").click()
    lin.page.get_by_role("dialog").get_by_role("button", name="Finish").click()
    stands(desk, "Lin", "Done")
    expect(item).to_have_count(0)


def flow_a_returned_instruction_is_done_again_and_confirmed_and_another_cancelled(desk: Desk, team: House, handset: NewHandset) -> None:
    lin = handset().signed_in()
    manager = author(team)
    for text in (TEXT, "Count the shelf"):
        body = {"id": str(uuid.uuid4()), "rep_id": team.rep_id, "text": text, "requires": int(Requires.reply)}
        assert manager.post("/v1/desk/instructions", body).status_code == 200
    desk.go("Instructions")
    card = opened(lin)
    team.wire.cut()
    finish(card, lin, "They took two boxes")
    expect(card.locator(".chip.wait")).to_be_visible()
    expect(lin.page.locator("ol .row").last).to_contain_text(re.compile("done.*waiting", re.DOTALL))
    team.wire.heal()
    lin.network_is_back()
    sheet = decide(desk, TEXT, "Done")
    expect(sheet).to_contain_text("They took two boxes")
    sheet.get_by_role("button", name="Return").click()
    back = desk.page.get_by_role("dialog", name="Return the instruction")
    back.get_by_label("Reason").fill("Which boxes?")
    back.get_by_role("button", name="Return").click()
    expect(card).to_contain_text("returned it: Which boxes?")
    expect(card).to_contain_text("returned, round 2")
    finish(card, lin, "Of the green tea")
    sheet = decide(desk, TEXT, "Done")
    expect(sheet).to_contain_text("Of the green tea")
    sheet.get_by_role("button", name="Confirm").click()
    expect(card).to_contain_text("confirmed that it is done")
    sheet = decide(desk, "Count the shelf", "Delivered")
    sheet.get_by_role("button", name="Cancel it").click()
    desk.page.get_by_role("dialog", name="Cancel the instruction").get_by_role("button", name="Cancel it").click()
    lin.page.get_by_role("button", name="Back").click()
    lin.place("me")
    lin.page.get_by_role("link", name="Instructions").click()
    lin.page.locator("a.row", has_text="Count the shelf").filter(has_text="cancelled").click()
    expect(lin.page.locator("article.note")).to_contain_text("Its author cancelled it")


def flow_after_its_author_has_left_the_manager_above_the_rep_decides(team: House, handset: NewHandset) -> None:
    """D-813: the desk offers nothing while the author is there, and every decision after that."""
    body = {"id": str(uuid.uuid4()), "rep_id": team.rep_id, "text": TEXT}
    assert author(team).post("/v1/desk/instructions", body).status_code == 200
    [lin] = [one for one in team.boss.get("/v1/desk/users").json()["items"] if one["login"] == REP]
    team.site.user(team.boss, "wang", Role.manager, department_id=lin["department_id"])
    chief = Desk(handset(team.office, **WIDE), "wang")
    chief.go("Instructions")
    sheet = decide(chief, TEXT, "Sent")
    expect(sheet.get_by_role("button", name="Close")).to_be_visible()
    expect(sheet.get_by_role("button", name="Cancel it")).to_have_count(0)
    [zhou] = [one for one in team.boss.get("/v1/desk/users").json()["items"] if one["login"] == "zhou"]
    left = {name: zhou[name] for name in ("id", "login", "name", "role", "department_id")} | {"active": False}
    assert team.boss.post("/v1/desk/users", left).status_code == 200
    sheet.get_by_role("button", name="Cancel it").click()
    chief.page.get_by_role("dialog", name="Cancel the instruction").get_by_role("button", name="Cancel it").click()
    stands(chief, TEXT, "Cancelled")
    caller = team.site.caller("alpha", "wang")
    assert caller.log_in().status_code == 200
    becomes(lambda: [one["state"] for one in caller.get("/v1/desk/instructions").json()["items"]], [InstructionState.cancelled])


def finish(card: Locator, window: Window, reply: str) -> None:
    """Finish what is on the screen with a reply."""
    card.get_by_role("button", name="Finish").click()
    window.page.get_by_role("dialog").get_by_label("How it went").fill(reply)
    window.page.get_by_role("dialog").get_by_role("button", name="Finish").click()
    expect(card).to_contain_text(reply)


def decide(desk: Desk, text: str, state: str) -> Locator:
    """Open the line with this text once it stands there; its sheet."""
    stands(desk, text, state)
    return desk.open(text)


def flow_a_department_is_instructed_and_a_rep_declines_without_a_network(desk: Desk, team: House, handset: NewHandset) -> None:
    lin = handset().signed_in()
    sheet = give(desk, "A department")
    sheet.locator("select[name=department]").select_option(label="East")
    sheet.get_by_role("button", name="Give an instruction").click()
    stands(desk, "Lin", "Delivered")
    stands(desk, "Mei", "Sent")
    lin.settled()
    team.wire.cut()
    card = opened(lin)
    card.get_by_role("button", name="Decline").click()
    lin.page.get_by_role("dialog").get_by_label("Reason").fill("The shop is closed")
    lin.page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(card).to_contain_text("Why you declined: The shop is closed")
    team.wire.heal()
    lin.network_is_back()
    stands(desk, "Lin", "Declined")
    desk.page.get_by_label("State", exact=True).select_option(label="For you to decide")
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    desk.page.locator("tbody tr button").first.click()
    expect(desk.page.get_by_role("dialog")).to_contain_text("The shop is closed")
    expect(desk.page.get_by_role("list", name="Who stands where")).to_contain_text(re.compile("Mei.*Sent", re.DOTALL))
