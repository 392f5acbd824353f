"""A user who has left is erased for good: the name, the account, the devices, and where the user was (D-487, D-489)."""

from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.database import open_database
from server.domain.erasures import FORMER_COLLEAGUE
from server.jobs import erase
from server.models import device, metadata, push_target, robot
from server.services import backup, users
from server.services.restore import Into, restore
from server.store import archive, schema
from shared_schema.problem import Code
from shared_schema.records.notification import Notification
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest
from shared_schema.rest_rights import EraseContact, EraseUser
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from tests.integration.test_erasure import CANARIES as CONTACT_CANARIES
from tests.integration.test_erasure import NAME, planted, unheard
from tests.integration.test_extensions import desk, refused
from tests.integration.test_sync_pools import admin
from tests.integration.test_visits import team as team  # noqa: PLC0414 - the fixture
from tests.world import Team, World, put, team_of, words

PERSON: Final = "Canary Annabel"
LOGIN: Final = "canary.login"
ADDRESS: Final = "https://push.example/canary"
PLACE_E6: Final = (31_234_567, 121_476_543)
HANDSET: Final = "Canary's phone"
WORDS: Final = (PERSON, LOGIN, ADDRESS, HANDSET, "canary@wecom")
CANARIES: Final = (*(one.encode() for one in WORDS), *(ENCODER.encode(one) for one in PLACE_E6))


def told(conn: sa.Connection) -> set[tuple[str, str]]:
    """(table, column) of all that says who the user was, or where."""
    found = set()
    for table in metadata.sorted_tables:
        for row in conn.execute(sa.select(table)):
            for column, value in row._mapping.items():
                raw = value.encode() if isinstance(value, str) else bytes(value) if isinstance(value, (bytes, memoryview)) else b""
                if any(one in raw for one in CANARIES) or value in PLACE_E6:
                    found.add((str(table.name), str(column)))
    return found


async def left(team: Team) -> bytes:
    """Ann, who did much and then left: named as a canary in every place."""
    ann, world = team.ann, team.world
    at: dict[str, Any] = {"latitude_e6": PLACE_E6[0], "longitude_e6": PLACE_E6[1], "datum": 1, "accuracy_mm": 9_000}
    ann.enter(Edit(Kind.create, BY_NAME["user_settings"], ann.user_id, {"user_id": ann.user_id, "language": "en"}))
    ann.create("visit", customer_id=team.customer_id, device_ms=world.now_ms, note="three boxes", **at)
    refused_id = b"no customer here"
    ann.create("visit", customer_id=refused_id, device_ms=world.now_ms, **at)
    assert ("rejected", "out_of_scope") in words(await ann.sync())
    await stands(team, ann.user_id, active=True)
    await world.database.write(plant, world.org_id, ann.user_id)
    said = Notification(
        b"a word about her", 0, team.bo.user_id, "assigned", world.now_ms, facts={"actor": PERSON, "customer": "Corner Shop"}
    )
    await world.database.write(put, world.org_id, said, world.now_ms)
    await team.bo.sync()
    return ann.user_id


def plant(conn: sa.Connection, org_id: int, user_id: bytes) -> None:
    mine = (device.c.org_id == org_id, device.c.user_id == user_id)
    conn.execute(sa.update(device).where(*mine).values(name=HANDSET))
    target = {"kind": "webpush", "address": ADDRESS, "hash": b"h", "user_id": user_id, "session_id": b"s", "since_ms": 1, "line_no": 2}
    conn.execute(sa.insert(push_target).values(org_id=org_id, **target))
    named = ENCODER.encode({user_id: "canary@wecom"})
    conn.execute(sa.insert(robot).values(org_id=org_id, url="https://robot.example", secret="", mentions=named, since_ms=1))


async def stands(team: Team, user_id: bytes, *, active: bool) -> None:
    named: dict[str, Any] = {"id": user_id, "login": LOGIN, "name": PERSON, "language": "en", "active": active}
    asked = UserRequest(role=Role.rep, department_id=team.world.department_id, **named)
    await team.world.database.write(users.save, await admin(team), asked, None, team.world.now_ms)


async def test_nothing_tells_who_the_user_was_nor_where(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-487: refused while the user is active; what was entered for the company stays, under a former colleague."""
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    user_id, boss, database = await left(team), await admin(team), team.world.database
    places = {table for table, _ in await database.read(told)}
    assert places >= {"account", "device", "feed", "inbox_item", "notification", "payload", "person", "push_target", "robot", "visit"}
    assert await refused(team, EraseUser(user_id, PERSON), boss) == (Code.state_wrong, None)
    await stands(team, user_id, active=False)
    assert await refused(team, EraseUser(user_id, PERSON)) == (Code.forbidden, None)
    assert await refused(team, EraseUser(user_id, "Somebody"), boss) == (Code.rule_broken, "name")
    await desk(team, EraseUser(user_id, PERSON), boss)
    await erase.run(database)
    assert await database.read(told) == set()
    await team.bo.sync()
    person = team.bo.view("person", user_id)
    assert isinstance(person, Person)
    assert (person.name, person.active) == (FORMER_COLLEAGUE, False)
    notes = await database.read(lambda conn: list(conn.execute(sa.select(metadata.tables["visit"].c.note)).scalars()))
    assert "three boxes" in notes
    assert await erase.run(database) == 0


async def test_a_file_of_sqlite_holds_nobody_who_was_erased(migrated_sqlite_url: str) -> None:
    """D-489: neither the file nor its log, once the job has run; nor a contact of a customer."""
    database = open_database(migrated_sqlite_url)
    team = await team_of(database)
    folder = Path(str(sa.make_url(migrated_sqlite_url).database)).parent
    user_id, contact_id = await left(team), await planted(team)
    gone = [*CANARIES[: len(WORDS)], *(one.encode() for one in CONTACT_CANARIES)]
    assert {one for one in gone if any(one in file.read_bytes() for file in folder.iterdir())} == set(gone)
    await stands(team, user_id, active=False)
    boss = await admin(team)
    await desk(team, EraseUser(user_id, PERSON), boss)
    await desk(team, EraseContact(contact_id, NAME), boss)
    await erase.run(database)
    assert [(one, file.name) for one in gone for file in folder.iterdir() if one in file.read_bytes()] == []
    await database.close()


async def test_a_restore_brings_no_erased_user_back(migrated_url: str, tmp_path: Path) -> None:
    """D-488: the user is a former colleague again, without places; no phone that sends again makes a contact of after the backup."""
    database = open_database(migrated_url)
    team = await team_of(database)
    user_id = await left(team)
    await stands(team, user_id, active=False)
    file = tmp_path / "a.backup"
    with archive.created(file, replace=False) as out:
        await database.read(backup.save, out, "test", team.world.now_ms, unheard)
    later_id = team.bo.create("contact", customer_id=team.customer_id, name="Canary Later")
    await team.bo.sync()
    boss = await admin(team)
    await desk(team, EraseUser(user_id, PERSON), boss)
    await desk(team, EraseContact(later_id, "Canary Later"), boss)
    await database.close()
    now_ms = team.world.now_ms
    done = await schema.alone(migrated_url, restore, file, archive.verified(file, unheard), unheard, now_ms, Into(replace=True))
    assert done.erased == 2
    database = open_database(migrated_url)
    assert await database.read(told) == set()
    again = Team(World(database).at(team.world.moment()), team.manager, team.ann, team.bo, team.customer_id)
    again.bo.world = again.world
    await again.bo.sync()
    assert again.bo.view("contact", later_id) is None
    assert [(card.code, card.members[0].mine) for card in again.bo.inbox() if card.members[0].id == later_id] == [("erased", {})]
    await database.close()


async def test_a_fact_that_is_sent_once_more_is_the_masked_one(team: Team) -> None:
    """D-489: from a line that begins anew; another text under the same id is refused as before."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name=NAME)
    log_id = team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, note=f"{NAME} rang")
    await team.ann.sync()
    await desk(team, EraseContact(contact_id, NAME), team.manager.claims)
    record = await team.world.database.read(lambda conn: conn.execute(sa.select(metadata.tables["contact_log"])).one())
    assert record.note == "[…] rang"
    entity = BY_NAME["contact_log"]
    for note, result in ((f"{NAME} rang", "duplicate"), (f"{NAME} left", "rejected")):
        team.ann.enter(Edit(Kind.create, entity, log_id, {"customer_id": team.customer_id, "device_ms": record.device_ms, "note": note}))
        assert [one for one, _ in words(await team.ann.sync())] == [result]
