"""What the organisation holds about one person, as a file: of a user, and of a contact of a customer (D-480 to D-482)."""

import io
import zipfile
from typing import Any, Final

import msgspec
import pytest

from server.database import Database
from server.domain.desk import DISCLOSURES
from server.domain.rights import Disclosure
from server.domain.tokens import Claims
from server.services import disclose
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Contact
from shared_schema.records.reference import Person
from shared_schema.twin import id_text
from tests.integration.test_sync_pools import admin
from tests.integration.test_visits import HERE_E6, check_in
from tests.integration.test_whereabouts import YES, says
from tests.world import Team, team_of, words

OF_USER: Final = next(one for one in DISCLOSURES if one.record is Person)
OF_CONTACT: Final = next(one for one in DISCLOSURES if one.record is Contact)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def file_of(team: Team, claims: Claims, declared: Disclosure, person_id: bytes) -> dict[str, list[dict[str, Any]]]:
    """The lines of each file in the zipped one."""
    file = io.BytesIO()
    await team.world.database.read(disclose.disclose, claims, declared, person_id, file, team.world.now_ms)
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        named = [name for name in packed.namelist() if name.endswith(".jsonl")]
        lines = {name: [msgspec.json.decode(line) for line in packed.read(name).splitlines()] for name in named}
        about = msgspec.json.decode(packed.read("about.json"))
    assert {name: count for name, count in about["lines"].items() if count} == {name: len(found) for name, found in lines.items()}
    return lines


async def refused(team: Team, claims: Claims, declared: Disclosure, person_id: bytes) -> Code:
    with pytest.raises(Problem) as caught:
        await file_of(team, claims, declared, person_id)
    return caught.value.code


async def test_an_admin_gets_all_that_is_held_about_a_user(team: Team) -> None:
    """D-480, D-481: the user's own records with positions, the account and devices, and nothing that opens a door or is another user's."""
    says(team.ann, YES)
    visit_id = check_in(team.ann, team, note="ann was here")
    log_id = team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, channel=1, note="ann rang")
    plan_id = team.ann.create("follow_up", customer_id=team.customer_id, due_day=20_700, purpose="ann plans")
    assert {word for word, _ in words(await team.ann.sync())} == {"applied"}
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, channel=1, note="bo rang")
    await team.step()
    lines = await file_of(team, await admin(team), OF_USER, team.ann.user_id)
    (visit,) = lines["records/visit.jsonl"]
    assert (visit["id"], visit["latitude_e6"], visit["note"], visit["datum"]) == (id_text(visit_id), HERE_E6[0], "ann was here", "wgs84")
    assert [one["id"] for one in lines["records/contact_log.jsonl"]] == [id_text(log_id)]
    assert [one["id"] for one in lines["records/follow_up.jsonl"]] == [id_text(plan_id)]
    assert [one["answer"] for one in lines["records/consent.jsonl"]] == ["yes"]
    assert [one["name"] for one in lines["records/person.jsonl"]] == ["ann"]
    (account,) = lines["tables/account.jsonl"]
    assert account.keys() == {"user_id", "login", "language", "created_ms"}
    assert {one["user_id"] for one in lines["tables/device.jsonl"]} == {id_text(team.ann.user_id)}
    assert lines["tables/ownership_event.jsonl"][0]["kind"] == "created"
    assert {one["entity"] for one in lines["records/history.jsonl"]} >= {"follow_up", "consent"}


async def test_what_is_held_about_a_contact_has_its_history_and_what_names_it(team: Team) -> None:
    """D-482: also under the name that it bore before, and not what names somebody else."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Zhao Min", phone="13900001111", email="min@example.com")
    team.ann.create("contact", customer_id=team.customer_id, name="Somebody Else")
    await team.ann.sync()
    await team.step()
    team.ann.patch("contact", contact_id, name="Zhao Mei")
    call_id = team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, contact_id=contact_id, note="rang")
    text_id = team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, note="Zhao Min is ill")
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, note="nobody there")
    await team.ann.sync()
    await team.step()
    for claims in (await admin(team), team.manager.claims):
        lines = await file_of(team, claims, OF_CONTACT, contact_id)
        assert [one["name"] for one in lines["records/contact.jsonl"]] == ["Zhao Mei"]
        assert {one["id"] for one in lines["records/contact_log.jsonl"]} == {id_text(call_id), id_text(text_id)}
        assert [one["before"].get("name") for one in lines["records/history.jsonl"] if one["group_name"] == "person"] == ["Zhao Min"]


async def test_nobody_else_may_ask(team: Team) -> None:
    """D-480: about a user an admin alone; about a contact also a manager who holds the customer; alike for unknown and foreign ones."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Zhao Min")
    await team.ann.sync()
    boss = await admin(team)
    assert await refused(team, team.manager.claims, OF_USER, team.ann.user_id) is Code.forbidden
    assert await refused(team, team.ann.claims, OF_CONTACT, contact_id) is Code.forbidden
    assert await refused(team, boss, OF_CONTACT, bytes(16)) is Code.not_found
    assert await refused(team, team.manager.claims, OF_CONTACT, bytes(16)) is Code.not_found
