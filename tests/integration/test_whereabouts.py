"""Whereabouts on real databases: the consent of a person, and what a visit then says of its place (D-470 to D-473)."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from geo.grid import masked
from geo.verify import reasons
from server.domain.desk import LISTS
from server.domain.whereabouts import NOWHERE
from server.models import metadata
from server.services import tables
from server.services.records import desk_list
from shared_schema.places import Datum, Precision, Provider, Verdict
from shared_schema.records.activity import Visit
from shared_schema.records.reference import OrganisationRequest, Role
from shared_schema.records.whereabouts import Consent, ConsentAnswer
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from sync.rules import Actor
from tests.integration.test_sync_pools import admin
from tests.integration.test_visits import HERE_E6, check_in, seen
from tests.integration.test_visits import team as team  # noqa: PLC0414 - the fixture
from tests.world import Phone, Team, words

APPLIED: Final = ("applied", None)
YES, NO = int(ConsentAnswer.yes), int(ConsentAnswer.no)


def says(phone: Phone, answer: int, **more: Any) -> None:
    """The person's first answer."""
    whole = {"user_id": phone.user_id, "answer": answer, "asked_in": 1, **more}
    phone.enter(Edit(Kind.create, BY_NAME["consent"], phone.user_id, whole))


def consent(phone: Phone, user_id: bytes) -> Consent | None:
    found = phone.view("consent", user_id)
    return found if isinstance(found, Consent) else None


async def precise(team: Team, precision: Precision) -> None:
    """As an admin sets it at the desk."""
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", visit_precision=precision)
    boss = Actor(team.world.org_id, team.manager.user_id, 0, Role.admin)
    await team.world.database.write(tables.put, boss, asked, team.world.now_ms)
    await team.step()


async def test_the_answer_reaches_the_managers_and_the_admin_and_no_colleague(team: Team) -> None:
    """D-470, D-471: with the text's version and the server's moment; a changed answer takes the place of the first."""
    says(team.ann, YES)
    assert words(await team.ann.sync()) == [APPLIED]
    heard_ms = team.world.now_ms
    await team.step()
    for phone in (team.ann, team.manager):
        told = consent(phone, team.ann.user_id)
        assert told is not None
        assert (told.answer, told.asked_in, told.received_ms) == (ConsentAnswer.yes, 1, heard_ms)
    assert consent(team.bo, team.ann.user_id) is None
    team.ann.patch("consent", team.ann.user_id, answer=NO, asked_in=1)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    told = consent(team.manager, team.ann.user_id)
    assert told is not None
    assert told.answer is ConsentAnswer.no
    [listing] = [one for one in LISTS if one.record is Consent]
    items, _ = await team.world.database.read(desk_list, await admin(team), listing, {}, None, team.world.now_ms)
    assert [one.id for one in items] == [team.ann.user_id]


async def test_nobody_answers_for_somebody_else_and_no_answer_is_none(team: Team) -> None:
    """D-470: not the manager either, on whose phone the record is."""
    says(team.ann, 0)
    assert words(await team.ann.sync()) == [("parked", "rule_broken")]
    team.bo.enter(Edit(Kind.create, BY_NAME["consent"], team.ann.user_id, {"user_id": team.ann.user_id, "answer": YES}))
    assert words(await team.bo.sync()) == [("rejected", "out_of_scope")]
    says(team.ann, NO)
    await team.ann.sync()
    await team.step()
    team.manager.patch("consent", team.ann.user_id, answer=YES, asked_in=1)
    assert words(await team.manager.sync()) == [("rejected", "out_of_scope")]


async def test_after_a_no_a_visit_bears_no_position_whatever_the_app_sends(team: Team) -> None:
    """D-472: the check-out as little; it is a contact like any other, unverified, and nothing is held against the rep."""
    says(team.ann, NO)
    visit_id = check_in(team.ann, team, provider=int(Provider.gps), note="three boxes")
    assert words(await team.ann.sync()) == [APPLIED, APPLIED]
    left = {"left_latitude_e6": HERE_E6[0], "left_longitude_e6": HERE_E6[1], "left_datum": int(Datum.wgs84), "left_accuracy_mm": 9_000}
    out_id = check_in(team.ann, team, amends_id=visit_id, leaving=True, left_ms=team.world.now_ms + 600_000, **left)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    for phone, one in [(phone, one) for phone in (team.ann, team.bo) for one in (visit_id, out_id)]:
        found = seen(phone, one)
        assert {slot: getattr(found, slot) for slot in NOWHERE} == NOWHERE
        assert (found.verdict, found.flags, found.distance_mm, found.moved_mm) == (Verdict.unverified, 0, None, None)
    assert (seen(team.bo, visit_id).note, reasons(seen(team.bo, visit_id))) == ("three boxes", ("no_fix",))


async def test_a_yes_and_no_question_at_all_leave_the_position(team: Team) -> None:
    """D-472: an older app knows no question; its visits are judged as before, and so are those after a yes that follows a no."""
    ids = [check_in(team.ann, team)]
    says(team.ann, NO)
    await team.ann.sync()
    team.ann.patch("consent", team.ann.user_id, answer=YES, asked_in=1)
    ids.append(check_in(team.ann, team))
    await team.step()
    assert [(seen(team.ann, one).latitude_e6, seen(team.ann, one).verdict) for one in ids] == [(HERE_E6[0], Verdict.verified)] * 2


async def test_a_square_is_all_that_an_organisation_wants_to_know(team: Team) -> None:
    """D-473: rounded by the server for an app that does not, once, check-out too; and two visits in one square accuse nobody."""
    await precise(team, Precision.square)
    visits: list[Visit] = []
    for _ in range(2):
        one = check_in(team.ann, team, provider=int(Provider.gps))
        assert words(await team.ann.sync()) == [APPLIED]
        await team.step()
        visits.append(seen(team.bo, one))
        team.world.now_ms += 3_600_000
    middle = masked(*HERE_E6)
    for found in visits:
        assert (found.latitude_e6, found.longitude_e6) == middle != HERE_E6
        assert (found.accuracy_mm, found.provider, found.flags) == (162_000, Provider.unknown, 0)
        assert found.verdict is Verdict.probable
    await precise(team, Precision.exact)
    again = check_in(team.ann, team)
    await team.step()
    assert (seen(team.ann, again).latitude_e6, seen(team.bo, visits[0].id).latitude_e6) == (HERE_E6[0], middle.latitude_e6)


AWAY_E6: Final = (31_277_777, 121_488_889)
FAR_E6: Final = (31_266_666, 121_499_998)
"""Where nothing else stands: their bytes in the database are those of a visit."""


def refused(phone: Phone, team: Team, at_e6: tuple[int, int] = AWAY_E6) -> None:
    """Three visits that end on cards: at a customer of nobody, with a field of a newer app, and a withdrawal of nothing."""
    place = {"latitude_e6": at_e6[0], "longitude_e6": at_e6[1]}
    left = {"left_latitude_e6": at_e6[0], "left_longitude_e6": at_e6[1], "left_datum": int(Datum.wgs84), "left_accuracy_mm": 9_000}
    phone.create("visit", customer_id=b"nobody's shop..1", device_ms=team.world.now_ms, datum=int(Datum.wgs84), **place, **left)
    check_in(phone, team, **place, **left, of_a_newer_app=1)
    check_in(phone, team, **place, **left, withdrawn=True)


async def tables_with(team: Team, number: int) -> set[str]:
    """The tables in which this number stands, as itself or in bytes and texts."""
    packed = msgspec.msgpack.encode(number)

    def found(conn: sa.Connection) -> set[str]:
        names = set()
        for table in metadata.sorted_tables:
            for row in conn.execute(sa.select(table)):
                names |= {table.name for value in row if value == number or _holds(value, packed, str(number))}
        return names

    return await team.world.database.read(found)


def _holds(value: object, packed: bytes, text: str) -> bool:
    if isinstance(value, (bytes, memoryview)):
        return packed in bytes(value) or text.encode() in bytes(value)
    return isinstance(value, str) and text in value


async def test_after_a_no_no_card_keeps_what_an_older_app_sends(team: Team) -> None:
    """D-472: neither the card nor the bytes that the server keeps of a refused entry, whether or not the server understands it."""
    refused(team.bo, team)
    assert [code for _, code in words(await team.bo.sync())] == ["out_of_scope", "field_unknown", "rule_broken"]
    assert {"inbox_item", "payload"} <= await tables_with(team, AWAY_E6[0])  # nobody has asked this person
    says(team.ann, NO)
    refused(team.ann, team, FAR_E6)
    assert [code for _, code in words(await team.ann.sync())] == [None, "out_of_scope", "field_unknown", "rule_broken"]
    await team.step()
    assert [await tables_with(team, number) for number in FAR_E6] == [set(), set()]
    cards = [one for one in team.ann.inbox() if one.code == "rule_broken"]
    assert [(one.members[0].mine.get("withdrawn"), one.members[0].mine.get("latitude_e6")) for one in cards] == [(True, None)]


async def test_a_card_knows_no_more_than_a_square(team: Team) -> None:
    """D-473: nor do the bytes of a refused entry."""
    await precise(team, Precision.square)
    refused(team.ann, team)
    await team.ann.sync()
    await team.step()
    assert [await tables_with(team, number) for number in AWAY_E6] == [set(), set()]
    assert {"inbox_item", "payload"} <= await tables_with(team, masked(*AWAY_E6).latitude_e6)
