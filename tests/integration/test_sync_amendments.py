"""Corrections of facts: the first stands for ever, the newest shows, and only its author corrects it."""

from typing import Any

import pytest

from server.database import Database
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import ItemState, Value
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync import overlay
from sync.agreed.amendments import Amended, Fact, facts_with_amendments
from sync.device import Edit
from tests.world import START_MS, Phone, Team, team_of, words

APPLIED, BROKEN = ("applied", None), ("parked", "rule_broken")
LOG = BY_NAME["contact_log"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def log(phone: Phone, team: Team, note: str, amends: bytes | None = None, **more: Any) -> bytes:
    values = {"customer_id": team.customer_id, "device_ms": START_MS, "note": note, **more}
    return phone.create("contact_log", **values, **({"amends_id": amends} if amends is not None else {}))


def logs(phone: Phone) -> list[Amended]:
    found = overlay.views(phone.shelf, LOG)
    return facts_with_amendments(one for one in found if isinstance(one, ContactLog))


async def test_a_correction_is_a_new_fact_and_the_first_stays(team: Team) -> None:
    """D-209, D-210: bo sees what shows now and what was told first; offline the author sees it at once."""
    first = log(team.ann, team, "said no")
    await team.step()
    log(team.ann, team, "said maybe", first)
    assert [one.shown.note for one in logs(team.ann)] == ["said maybe"]
    assert words(await team.ann.sync()) == [APPLIED]
    log(team.ann, team, "said yes", first)
    await team.step()
    (seen,) = logs(team.bo)
    assert (seen.first.note, seen.shown.note, [one.note for one in seen.amendments]) == ("said no", "said yes", ["said yes", "said maybe"])


async def test_concurrent_corrections_both_stand(team: Team) -> None:
    """D-210: two phones of one user; the one received last shows, on every phone the same."""
    first = log(team.ann, team, "said no")
    other = await team.world.phone(team.ann.user_id)
    await team.ann.sync()
    await other.sync()
    log(team.ann, team, "from the car", first)
    log(other, team, "from the desk", first)
    assert words(await other.sync()) + words(await team.ann.sync()) == [APPLIED] * 2
    await other.sync()
    await team.step()
    assert {tuple(one.note for one in logs(phone)[0].amendments) for phone in (team.ann, other, team.bo)} == {
        ("from the car", "from the desk")
    }


async def test_a_fact_and_its_correction_may_come_in_one_request(team: Team) -> None:
    """D-209."""
    first = log(team.ann, team, "said no")
    log(team.ann, team, "", first, withdrawn=True)
    assert words(await team.ann.sync()) == [APPLIED] * 2
    await team.step()
    assert [one.shown.withdrawn for one in logs(team.bo)] == [True]


async def test_whose_and_which_fact_may_be_corrected(team: Team) -> None:
    """D-209: not another's, no correction, none elsewhere, none of another kind, no unknown one; and `withdrawn` names one."""
    theirs, mine = log(team.bo, team, "bo's"), log(team.ann, team, "ann's")
    correction = log(team.ann, team, "corrected", mine)
    visit = team.ann.create("visit", customer_id=team.customer_id, device_ms=START_MS)
    shop = team.ann.create("customer", name="Other")
    elsewhere = log(team.ann, team, "elsewhere", customer_id=shop)
    await team.step()
    for wrong in (theirs, correction, elsewhere, visit, bytes(16)):
        log(team.ann, team, "wrong", wrong)
    assert words(await team.ann.sync()) == [BROKEN] * 5
    log(team.ann, team, "wrong", withdrawn=True)
    assert words(await team.ann.sync()) == [BROKEN]
    assert {item.field for item in team.ann.inbox() if item.state == ItemState.open} == {"amends_id", "withdrawn"}
    visits = overlay.views(team.ann.shelf, BY_NAME["visit"])
    assert [one.id for one in visits if isinstance(one, Visit)] == [visit]


def last_contact_ms(phone: Phone, customer_id: bytes) -> int | None:
    found = phone.view("standing", customer_id)
    assert isinstance(found, Standing)
    return found.last_contact_ms


async def test_a_correction_moves_the_last_contact_forward_only(team: Team) -> None:
    """D-211: an earlier time does not take it back, a withdrawal does not move it."""
    first = log(team.ann, team, "late in the day", device_ms=START_MS - 10_000)
    await team.step()
    before = last_contact_ms(team.bo, team.customer_id)
    log(team.ann, team, "it was earlier", first, device_ms=START_MS - 90_000)
    log(team.ann, team, "", first, device_ms=START_MS + 500, withdrawn=True)
    await team.step()
    assert last_contact_ms(team.bo, team.customer_id) == before
    log(team.ann, team, "it was later", first, device_ms=START_MS)
    await team.step()
    assert (last_contact_ms(team.bo, team.customer_id) or 0) >= START_MS > (before or 0)


async def test_who_lost_the_customer_may_correct_what_he_told(team: Team) -> None:
    """D-211: taken as late; and facts of others stay out of reach."""
    first = log(team.ann, team, "said no")
    await team.step()
    await team.move(team.bo)
    log(team.ann, team, "said yes", first)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.bo.sync()
    (seen,) = logs(team.bo)
    assert (seen.shown.note, seen.shown.late, seen.first.late) == ("said yes", True, False)


async def test_a_correction_waits_with_its_parked_fact(team: Team) -> None:
    """P-505: the fact is parked with its atomic group; its correction joins the card instead of being refused."""
    first = next(team.world.ids)
    values: dict[str, Value] = {"customer_id": team.customer_id, "device_ms": START_MS, "note": "n"}
    half: dict[str, Value] = {"latitude_e6": 1}
    team.ann.enter(Edit(Kind.create, LOG, first, values), Edit(Kind.patch, BY_NAME["customer"], team.customer_id, half))
    log(team.ann, team, "corrected", first)
    assert [result for result, _ in words(await team.ann.sync())] == ["parked"] * 3
    (card,) = team.ann.inbox()
    assert [one.entity for one in card.members] == [5, 1, 5]


def test_pending_corrections_are_the_newest() -> None:
    """D-210: one not sent yet stands before one received."""
    first: Fact = ContactLog(bytes(16), 1, b"c" * 16, 1, note="first", received_ms=5)
    sent = ContactLog(b"1" * 16, 1, b"c" * 16, 1, note="sent", received_ms=9, amends_id=first.id)
    pending = ContactLog(b"0" * 16, 0, b"c" * 16, 1, note="pending", amends_id=first.id)
    alone = ContactLog(b"2" * 16, 1, b"c" * 16, 1, note="alone", amends_id=b"9" * 16)
    found = facts_with_amendments([pending, first, sent, alone])
    assert [(one.first.note, one.shown.note) for one in found] == [("first", "pending"), ("alone", "alone")]
