"""A contact of a customer is erased for good: no canary of the person is left in any column of any table (D-484 to D-486)."""

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database, open_database
from server.models import RECORD_TABLES, erasure, metadata, quarantine
from server.services import backup
from server.services.restore import Into, erased_there, restore
from server.store import archive, schema
from shared_schema.problem import Code
from shared_schema.records.customer import Contact
from shared_schema.records.instruction import Instruct
from shared_schema.records.notification import Notification
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.rest_rights import EraseContact
from shared_schema.twin import id_text
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_extensions import desk, refused
from tests.integration.test_sync_pools import admin
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, put, team_of, words

NAME, BEFORE, PHONE, MAIL, NOTE, FURTHER, OTHER = (
    "赵敏CANARY", "Zhaomin Canary", "13955550001", "canary@person.example", "CANARYnote about her", "13955550002", "13955550003",
)  # fmt: skip
CANARIES: Final = (NAME, BEFORE, PHONE, MAIL, NOTE, FURTHER, OTHER, "CANARYparked", "1971-02-03")


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def unheard(_more: int, _total: int) -> None:
    """Nobody watches."""


def told(conn: sa.Connection) -> set[tuple[str, str, str]]:
    """(table, column, canary) of all that stands anywhere."""
    found = set()
    for table in metadata.sorted_tables:
        for row in conn.execute(sa.select(table)):
            for column, value in row._mapping.items():
                raw = value.encode() if isinstance(value, str) else bytes(value) if isinstance(value, (bytes, memoryview)) else b""
                found |= {(str(table.name), str(column), one) for one in CANARIES if one.encode() in raw}
    return found


def on(phone: Phone) -> set[str]:
    """Canaries in the server's rows that a phone holds."""
    return {one for body in phone.holds().values() for one in CANARIES if one.encode() in body}


async def planted(team: Team) -> bytes:
    """A contact of whom something stands in every place."""
    ann, bo, here = team.ann, team.bo, team.customer_id
    numbers: dict[str, Any] = {"phone": PHONE, "email": MAIL, "phones": (FURTHER,)}
    contact_id = ann.create("contact", customer_id=here, name=BEFORE, note=NOTE, birthday="1971-02-03", **numbers)
    await ann.sync()
    await team.step()
    ann.patch("contact", contact_id, name=NAME, title="")
    await ann.sync()
    bo.patch("contact", contact_id, name="CANARYparked", title="")
    bo.patch("contact", contact_id, phone=OTHER)
    assert ("parked", "conflict") in words(await bo.sync())
    ann.create("contact_log", customer_id=here, device_ms=team.world.now_ms, contact_id=contact_id, note=f"{NAME} rang from {PHONE}")
    ann.create("visit", customer_id=here, device_ms=team.world.now_ms, purpose=f"see {BEFORE}")
    ann.create("follow_up", customer_id=here, due_day=20_700, purpose=f"ring {PHONE}")
    ann.patch("customer", here, note=f"ask for {NAME}")
    await ann.sync()
    await team.step()
    ann.patch("customer", here, note="ask for somebody")
    await ann.sync()
    await desk(team, Instruct(id=b"erased-later-one", rep_id=ann.user_id, text=f"Visit {NAME}", customer_id=here))
    birthday = Notification(b"birthday-notice!", 0, ann.user_id, "birthday", team.world.now_ms, BY_RECORD[Contact].number, contact_id,
                            {"contact": NAME, "birthday": "1971-02-03"})  # fmt: skip
    await team.world.database.write(put, team.world.org_id, birthday, team.world.now_ms)
    upload = {"org_id": team.world.org_id, "line_no": 9, "received_ms": 1, "body": id_text(contact_id).encode() + MAIL.encode()}
    await team.world.database.write(lambda conn: conn.execute(sa.insert(quarantine).values(upload)).close())
    await team.step()
    return contact_id


async def test_no_canary_is_left_in_any_table_nor_on_any_phone(team: Team) -> None:
    """D-484: what is about somebody else stays, and so does what the reps entered about the customer."""
    contact_id = await planted(team)
    before = await team.world.database.read(told)
    assert {table for table, _, _ in before} >= {
        "contact", "change", "inbox_item", "payload", "feed", "visit", "contact_log", "follow_up", "instruction", "notification",
        "quarantine",
    }  # fmt: skip
    assert all(on(phone) for phone in (team.ann, team.bo, team.manager))
    assert await refused(team, EraseContact(contact_id, "Somebody"), await admin(team)) == (Code.rule_broken, "name")
    await desk(team, EraseContact(contact_id, NAME), await admin(team))
    assert await team.world.database.read(told) == set()
    await team.step()
    assert [on(phone) for phone in (team.ann, team.bo, team.manager)] == [set()] * 3
    assert team.ann.view("contact", contact_id) is None
    notes = await stored(team, "contact_log")
    assert [(one["contact_id"], one["note"]) for one in notes] == [(contact_id, "[…] rang from […]")]
    await right(team)


async def stored(team: Team, name: str) -> list[Any]:
    return await team.world.database.read(lambda conn: [dict(row._mapping) for row in conn.execute(sa.select(RECORD_TABLES[name]))])


async def test_what_an_offline_phone_enters_later_about_an_erased_contact_never_returns(team: Team) -> None:
    """D-485: an edit, a restore, an entry in a group: refused in words, and kept without values; the rest of what was entered stands."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name=NAME, phone=PHONE)
    await team.ann.sync()
    await team.step()
    team.bo.patch("contact", contact_id, phone=OTHER)
    team.bo.create("visit", customer_id=team.customer_id, device_ms=team.world.now_ms, note="three boxes")
    customer, contact = BY_NAME["customer"], BY_NAME["contact"]
    team.bo.enter(Edit(Kind.patch, customer, team.customer_id, {"phone": "555"}), Edit(Kind.patch, contact, contact_id, {"email": MAIL}))
    await desk(team, EraseContact(contact_id, NAME), team.manager.claims)
    assert words(await team.bo.sync()) == [("rejected", "erased"), ("applied", None), ("parked", "erased"), ("parked", "erased")]
    assert await team.world.database.read(told) == set()
    await team.step()
    assert on(team.bo) == set()
    cards = sorted(team.bo.inbox(), key=lambda one: one.members[0].n)
    assert [[one.mine for one in card.members] for card in cards] == [[{}], [{"phone": "555"}, {}]]
    rev = int((await rows(team, "tombstone"))[0]["rev"])
    team.bo.enter(Edit(Kind.restore, contact, contact_id, {"customer_id": team.customer_id, "name": NAME}, bases={"": rev}))
    assert words(await team.bo.sync()) == [("rejected", "erased")]
    assert await team.world.database.read(told) == set()


async def rows(team: Team, name: str) -> list[Any]:
    return await team.world.database.read(lambda conn: [dict(row._mapping) for row in conn.execute(sa.select(metadata.tables[name]))])


async def test_a_backup_from_before_brings_nobody_back(migrated_url: str, tmp_path: Path) -> None:
    """D-488: over the database that knows it; by the list where the database does not; with neither the person is back."""
    database = open_database(migrated_url)
    team = await team_of(database)
    contact_id = await planted(team)
    file = tmp_path / "a.backup"
    with archive.created(file, replace=False) as out:
        await database.read(backup.save, out, "test", team.world.now_ms, unheard)
    await desk(team, EraseContact(contact_id, NAME), await admin(team))
    lines = tuple(await database.read(erased_there))
    assert [one.kind for one in lines] == ["contact"]
    assert not any(one in msgspec.json.encode(lines).decode() for one in CANARIES)
    await database.close()
    for into, is_back in ((Into(replace=True), False), (Into(replace=True, erased=lines), False), (Into(replace=True), True)):
        await schema.alone(migrated_url, restore, file, archive.verified(file, unheard), unheard, team.world.now_ms, into)
        database = open_database(migrated_url)
        assert bool(await database.read(told)) is is_back
        await database.write(lambda conn: conn.execute(sa.delete(erasure)).close())
        await database.close()


async def test_a_contact_that_was_deleted_before_is_erased_too(team: Team) -> None:
    """D-484: its history still held all of it; an admin alone may, and the same request again changes nothing."""
    contact_id = await planted(team)
    await team.manager.sync()
    team.manager.delete("contact", contact_id)
    assert words(await team.manager.sync()) == [("applied", None)]
    assert await team.world.database.read(told)
    assert await refused(team, EraseContact(contact_id, NAME)) == (Code.out_of_scope, None)
    boss = await admin(team)
    await desk(team, EraseContact(contact_id, NAME), boss)
    assert await team.world.database.read(told) == set()
    await desk(team, EraseContact(contact_id, NAME), boss)
    assert len(await rows(team, "erasure")) == 1
