"""Team notes, instructions and late edits: answered without a network, and heard by the people who wait for the answers."""

import re
import time
import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from shared_schema.records.instruction import InstructionState
from shared_schema.records.reference import Role
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House
from tests.integration.site import Caller

DAY_MS = 86_400_000


def told(caller: Caller, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the server answers to somebody."""
    answer = caller.post(path, body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def to_more(window: Window, name: str) -> None:
    """Go to a place behind the last one of the bar."""
    window.place("me")
    window.page.get_by_role("link", name=name).click()


@pytest.fixture
def team(house: House) -> House:
    """The rep in a department that a manager leads."""
    department = told(house.boss, "/v1/desk/departments", {"name": "East"})["id"]
    house.site.user(house.boss, "mia", Role.manager, department_id=department)
    body = {"id": house.rep_id, "login": "lin", "name": "Lin", "role": int(Role.rep), "department_id": department}
    told(house.boss, "/v1/desk/users", body)
    return house


def flow_a_note_is_read_acknowledged_and_done(team: House, handset: NewHandset) -> None:
    leader = handset(team.office).open()
    leader.sign_in({"account": "mia"})
    leader.settled()
    window = handset().signed_in()
    to_more(leader, "Team notes")
    leader.page.get_by_role("button", name="Write a note").click()
    leader.page.get_by_role("dialog").get_by_label("Text").fill("Meet at nine")
    leader.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    leader.settled()
    to_more(window, "Team notes")
    note = window.page.locator("article.note", has_text="Meet at nine")
    expect(note.locator(".chip")).to_have_text("new")
    team.wire.cut()
    note.get_by_role("button", name="Acknowledge").click()
    expect(note.locator(".chip.good")).to_have_text("acknowledged")
    note.get_by_role("button", name="Done").click()
    expect(note.locator(".chip.good")).to_have_text("done")
    expect(note.get_by_role("button")).to_have_count(0)
    window.mark.click()
    expect(window.page.locator("details.act").first).to_contain_text(re.compile("Give a receipt.*Meet at nine", re.DOTALL))
    team.wire.heal()
    window.network_is_back()
    window.settled()
    leader.page.locator(".receipts summary").click()
    expect(leader.page.locator(".receipts li")).to_contain_text(re.compile("Lin · done"))


def flow_an_instruction_is_answered_without_a_network(team: House, handset: NewHandset) -> None:
    body = {
        "id": str(uuid.uuid4()),
        "rep_id": team.rep_id,
        "text": "Count the shelf",
        "customer_id": team.customer_ids[0],
        "priority": 2,
        "due_ms": round(time.time() * 1000) + DAY_MS,
    }
    made = told(team.boss, "/v1/desk/instructions", body)
    window = handset().signed_in()
    page = window.page
    window.place("today")
    page.locator("a.row", has_text="Count the shelf").click()
    card = page.locator("article.note")
    expect(card).to_contain_text("urgent")
    expect(card).to_contain_text(NAMES[0])
    team.wire.cut()
    card.get_by_role("button", name="Acknowledge").click()
    expect(card).to_contain_text("acknowledged")
    card.get_by_role("button", name="Start").click()
    card.get_by_role("button", name="Decline").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("shop is closed")
    page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(card).to_contain_text("declined")
    card.get_by_role("button", name="Finish").click()
    page.get_by_role("dialog").get_by_role("button", name="Finish").click()
    expect(card).to_contain_text("done")
    team.wire.heal()
    window.network_is_back()
    window.settled()
    [stands] = team.boss.get("/v1/desk/instructions").json()["items"]
    assert (stands["id"], stands["state"]) == (made["id"], InstructionState.done)


@pytest.mark.parametrize("taken", [True, False])
def flow_a_late_edit_of_a_former_holder_is_settled(team: House, handset: NewHandset, *, taken: bool) -> None:
    mei = team.site.user(team.boss, "mei")
    former = handset().signed_in()
    former.show()
    team.wire.cut()
    former.edit_phone("021-1")
    told(team.boss, f"/v1/desk/customers/{team.customer_ids[0]}/transfer", {"to_user_id": mei})
    holder = handset(team.office).open()
    holder.sign_in({"account": "mei"})
    holder.settled()
    team.wire.heal()
    former.network_is_back()
    former.settled()
    former.place("inbox")
    expect(former.page.locator("article.decision")).to_contain_text("The customer has moved to somebody else")
    expect(holder.page.locator(".tabs .badge")).to_have_text("1")
    to_more(holder, "Late edits")
    late = holder.page.locator("article.decision")
    expect(late).to_contain_text(re.compile("Lin.*phone.*021-1", re.DOTALL))
    late.get_by_role("button", name="Take over" if taken else "Decline").click()
    expect(late.get_by_role("button")).to_have_count(0)
    holder.settled()
    expect(late.locator(".chip")).to_have_text("taken over" if taken else "declined")
    holder.place("customers")
    holder.rows.filter(has_text=NAMES[0]).click()
    holder.shows_phone("021-1" if taken else "021-55500000")
