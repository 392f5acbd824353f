"""Scopes that move: the whole family goes with its customer, nothing stays behind, nothing leaks."""

import asyncio

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from shared_schema.records.inbox import Value
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, OUTCOME_DECODER, Kind
from sync import device as reference
from sync.device import Edit
from tests.simulation.feed_oracle import differences
from tests.world import START_MS, Entry, Phone, Team, World, team_of, words

FAMILY = ("customer", "standing", "contact", "visit", "contact_log", "quote", "quote_line", "follow_up", "preference")
PERSON = RECORD_TABLES["person"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def family(team: Team, phone: Phone) -> bytes:
    """A customer of this phone's user with a record of every kind."""
    customer_id = phone.create("customer", name="Family")
    of: dict[str, Value] = {"customer_id": customer_id}
    phone.create("contact", **of, name="Ms Lin")
    phone.create("visit", **of, device_ms=START_MS)
    phone.create("contact_log", **of, device_ms=START_MS)
    quote_id = phone.create("quote", **of, currency="CNY")
    phone.create("quote_line", **of, quote_id=quote_id, product_id=bytes(16), unit="box", quantity_thousandths=1000, price_minor=5)
    phone.create("follow_up", **of, due_day=20_000)
    phone.create("preference", **of, subject="tea")
    await phone.sync()
    return customer_id


def held(phone: Phone, customer_id: bytes) -> dict[str, int]:
    """How many records of the family the phone holds, by entity."""
    found: dict[str, int] = {}
    for (number, record_id), body in phone.holds().items():
        entity = BY_NUMBER[number]
        record = entity.body_decoder.decode(body)
        if entity.name in FAMILY and getattr(record, "customer_id", record_id) == customer_id:
            found[entity.name] = found.get(entity.name, 0) + 1
    return found


WHOLE_FAMILY = dict.fromkeys(FAMILY, 1)
NOW_LANE = {name: 1 for name in FAMILY if BY_NAME[name].lane == BY_NAME["customer"].lane}


async def right(team: Team) -> None:
    """The feed says what the tables say, and each phone holds what a new phone of its user would."""
    assert await team.world.database.read(differences, team.world.org_id) == {}
    for phone in (team.ann, team.bo, team.manager):
        await phone.sync()
        fresh = await team.world.phone(phone.user_id)
        reference.keep_tiles(fresh.shelf, phone.shelf.seat().tiles)
        await fresh.sync()
        assert phone.holds() == fresh.holds()


async def test_the_whole_family_moves(team: Team) -> None:
    """P-123."""
    customer_id = await family(team, team.ann)
    await team.manager.sync()
    assert held(team.ann, customer_id) == WHOLE_FAMILY
    moved = await team.move(team.bo, customer_id)
    assert moved.moved == WHOLE_FAMILY
    await team.step()
    assert (held(team.ann, customer_id), held(team.bo, customer_id)) == ({}, WHOLE_FAMILY)
    assert held(team.manager, customer_id) == NOW_LANE
    await right(team)


async def test_revoke_and_grant_between_two_pulls_is_nothing(team: Team) -> None:
    """P-123."""
    customer_id = await family(team, team.ann)
    before = team.ann.holds()
    await team.move(team.bo, customer_id)
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    after = {key: body for key, body in team.ann.holds().items() if key[0] != BY_NAME["notification"].number}
    assert {key for key, body in after.items() if before.get(key) != body} == {(BY_NAME["standing"].number, customer_id)}
    assert before.keys() == after.keys()
    await right(team)


async def test_a_collaborator_gets_the_old_rows_and_loses_them_again(team: Team) -> None:
    """P-123."""
    customer_id = await family(team, team.ann)
    for _ in range(3):
        await team.bo.sync()
        team.ann.create("contact_log", customer_id=team.customer_id, device_ms=START_MS)
        await team.ann.sync()
    await team.collaborate(team.bo, customer_id)
    await team.bo.sync()
    assert held(team.bo, customer_id) == WHOLE_FAMILY
    await right(team)
    await team.part(team.bo, customer_id)
    await team.bo.sync()
    assert held(team.bo, customer_id) == {}
    await right(team)


async def test_a_record_leaves_a_manager_only_with_its_last_scope(team: Team) -> None:
    """The manager holds the shared customer through both reps. P-122, P-206, P-607."""
    await team.part(team.bo)
    await team.manager.sync()
    assert held(team.manager, team.customer_id) == {"customer": 1, "standing": 1}
    await team.world.database.write(_department, team.ann.user_id, None)
    answers = await team.manager.sync()
    assert [len(answer.drop) for answer in answers] == [1]
    assert held(team.manager, team.customer_id) == {}
    await team.world.database.write(_department, team.ann.user_id, team.world.department_id)
    await team.manager.sync()
    assert held(team.manager, team.customer_id) == {"customer": 1, "standing": 1}


def _department(conn: sa.Connection, user_id: bytes, department_id: bytes | None) -> None:
    conn.execute(sa.update(PERSON).where(PERSON.c.id == user_id).values(department_id=department_id))


async def test_no_child_is_left_beside_a_running_transfer(team: Team) -> None:
    """Pushes of children and transfers of their customer at the same time, there and back. P-123."""
    customer_id = await family(team, team.ann)
    helper = await team.world.phone(team.ann.user_id)
    n = 0
    for to in (team.bo, team.ann, team.bo, team.ann, team.bo):
        pushes = []
        for _ in range(4):
            n += 1
            values: dict[str, object] = {"customer_id": customer_id, "device_ms": START_MS}
            pushes.append(Entry(n, Kind.create, "contact_log", next(team.world.ids), values).raw())
        late = [helper.push(*pushes[:at]) for at in range(1, 5)]
        await asyncio.gather(*late[:2], team.move(to, customer_id), *late[2:])
        await helper.push(*pushes)
    await team.step()
    assert held(team.bo, customer_id)["contact_log"] == 1 + n
    assert held(team.ann, customer_id) == {}
    await right(team)


async def test_a_deletion_reaches_everybody(team: Team) -> None:
    """P-132."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ms Lin")
    await team.step()
    team.bo.delete("contact", contact_id)
    await team.bo.sync()
    await team.step()
    assert [phone.view("contact", contact_id) for phone in (team.ann, team.bo, team.manager)] == [None] * 3
    await right(team)


async def test_what_was_deleted_while_away_does_not_come_back(team: Team) -> None:
    customer_id = await family(team, team.ann)
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Gone")
    await team.ann.sync()
    await team.move(team.bo, customer_id)
    await team.bo.sync()
    team.bo.delete("contact", contact_id)
    await team.bo.sync()
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert team.ann.view("contact", contact_id) is None
    await right(team)


async def stranger(team: Team) -> Phone:
    """A rep of the same organisation who holds nothing of the team's."""
    return await team.world.phone(await team.world.user("eve"))


async def test_foreign_and_unknown_answer_alike(team: Team) -> None:
    """Every kind of mutation on a foreign id and on one that nobody has: the same answers but for the ids. P-424."""
    customer_id = await family(team, team.ann)
    eve = await stranger(team)
    entities = (("customer", "note"), ("contact", "note"), ("quote", "title"), ("preference", "wish"))
    kinds = [(entity, slot, kind) for entity, slot in entities for kind in (Kind.patch, Kind.delete, Kind.undo)]
    of_family = {number: record_id for number, record_id in team.ann.holds() if record_id >= customer_id}
    entries: list[Entry] = []
    for entity, slot, kind in kinds:
        for record_id in (of_family[BY_NAME[entity].number], next(team.world.ids)):
            values: dict[str, object] = {} if kind == Kind.delete else {slot: "x"}
            entries.append(
                Entry(
                    len(entries) + 1,
                    kind,
                    entity,
                    record_id,
                    values,
                    {"": 9, **dict.fromkeys(set(BY_NAME[entity].groups) & {"note", "title"}, 9)},
                )
            )
    pushed = await eve.push(*(entry.raw() for entry in entries))
    said = [OUTCOME_DECODER.decode(one) for one in pushed.outcomes]
    assert {(one.result.name, one.code, one.remedy, one.field, one.rev) for one in said} == {
        ("rejected", "out_of_scope", "drop", None, None)
    }
    await eve.sync()
    assert len(eve.inbox()) == len(entries)
    assert all(member.theirs == {} and member.their_rev == 0 and member.before == {} for item in eve.inbox() for member in item.members)


async def test_no_byte_of_a_foreign_customer_is_sent(team: Team) -> None:
    """A canary in every text; a stranger who knows every id pushes at all of them and reads every answer. P-121."""
    canary = "CANARY"
    customer_id = team.ann.create("customer", name=canary, note=canary)
    contact_id = team.ann.create("contact", customer_id=customer_id, name=canary, note=canary)
    quote_id = team.ann.create("quote", customer_id=customer_id, currency="CNY", title=canary)
    await team.ann.sync()
    eve = await stranger(team)
    for entity, record_id in (("customer", customer_id), ("contact", contact_id), ("quote", quote_id)):
        slot = "title" if entity == "quote" else "note"
        eve.enter(Edit(Kind.patch, BY_NAME[entity], record_id, {slot: "mine"}, bases={slot: 0}))
        eve.delete(entity, record_id)
    eve.create("contact", customer_id=customer_id, name="mine")
    eve.enter(Edit(Kind.create, BY_NAME["customer"], customer_id, {"name": "mine"}))
    answers = await eve.sync()
    assert not [word for word, _ in words(answers) if word in ("applied", "merged", "duplicate")]
    assert all(canary.encode() not in ENCODER.encode(answer) for answer in answers)
    assert all(canary.encode() not in body for body in eve.holds().values())


async def test_a_replay_after_the_loss_tells_nothing_new(team: Team) -> None:
    """The loser's stored outcome holds no values; his card shows his own and not what the new owner wrote since. P-325."""
    late = await team.world.phone(team.ann.user_id)
    await late.sync()
    await team.part(team.bo)
    late.patch("customer", team.customer_id, phone="late")
    await team.move(team.bo)
    await team.bo.sync()
    team.bo.patch("customer", team.customer_id, phone="SECRET", note="SECRET")
    await team.bo.sync()
    asked = late.ask()
    first = await late.answer(asked)
    team.bo.patch("customer", team.customer_id, phone="SECRET 2")
    await team.bo.sync()
    again = await late.answer(asked)
    assert [bytes(one) for one in first.outcomes] == [bytes(one) for one in again.outcomes]
    assert words([first]) == [("parked", "moved")]
    assert all(b"SECRET" not in ENCODER.encode(answer) for answer in (first, again))
    assert reference.apply(late.shelf, again)
    await late.sync()
    assert [one.members[0].mine for one in late.inbox()] == [{"phone": "late"}]
    assert all(b"SECRET" not in body for body in late.holds().values())


async def test_a_revoked_or_demoted_user_is_judged_at_once(team: Team) -> None:
    """Authorised when applied, not when entered. P-211, P-305."""
    team.bo.patch("customer", team.customer_id, note="entered while it was his")
    await team.part(team.bo)
    assert words(await team.bo.sync()) == [("parked", "moved")]
    assert team.bo.view("customer", team.customer_id) is None


async def test_organisations_do_not_share_ids(team: Team, database: Database) -> None:
    """The same record id in two organisations is two records."""
    other = await World(database, 2).open()
    eve = await other.phone(await other.user("eve", Role.manager))
    eve.enter(Edit(Kind.create, BY_NAME["customer"], team.customer_id, {"name": "Other org"}))
    assert words(await eve.sync()) == [("applied", None)]
    await team.step()
    assert (team.ann.customer(team.customer_id).name, eve.customer(team.customer_id).name) == ("Corner Shop", "Other org")
    assert await database.read(differences, 2) == {}


async def test_the_planted_bypass_is_seen(team: Team) -> None:
    """The oracle of the feed itself can fail: a write past the choke point. P-132."""
    table = RECORD_TABLES["customer"]
    changed = sa.update(table).where(table.c.id == team.customer_id).values(note="past the feed")
    await team.world.database.write(lambda conn: conn.execute(changed).rowcount)
    found = await team.world.database.read(differences, team.world.org_id)
    assert {place[2] for place in found["stale"]} == {team.customer_id}
