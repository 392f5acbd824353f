"""Nothing that a rule decides by is cut: more pools, departments and custom fields than anybody makes are all looked at."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from server.services import actors, tiles
from server.store import inbox, load
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Department, FieldDefinition, FieldKind
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.state import State
from tests.world import Entry, Team, made_id, team_of

MANY = 1_100


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def insert(conn: sa.Connection, org_id: int, records: list[Record]) -> None:
    entity = BY_RECORD[type(records[0])]
    conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, org_id, one, None) for one in records])


async def test_the_oldest_of_many_pools_has_its_members(team: Team) -> None:
    """D-121: a pool of the lowest of a thousand departments in a chain, and the pool that was made first."""
    world = team.world
    chain: list[Record] = [Department(made_id(at), 1, f"D{at}", made_id(at - 1) if at > 1 else None) for at in range(1, MANY + 1)]
    every: list[Record] = [Pool(made_id(at), 1, f"Pool {at}", made_id(1)) for at in range(1, MANY + 1)]
    for records in (chain, every):
        await world.database.write(insert, world.org_id, records)
    await world.database.write(_move, team.ann.user_id, made_id(MANY))
    acting = await world.database.read(actors.actor, team.ann.claims, world.now_ms)
    assert await world.database.read(tiles.of_member, acting) == [one.id for one in every]


def _move(conn: sa.Connection, user_id: bytes, department_id: bytes) -> None:
    person = RECORD_TABLES["person"]
    conn.execute(sa.update(person).where(person.c.id == user_id).values(department_id=department_id))


async def test_the_oldest_of_many_custom_fields_is_known(team: Team) -> None:
    """D-401."""
    fields: list[Record] = [FieldDefinition(made_id(at), 1, 1, f"f{at}", FieldKind.text, "F", "F") for at in range(1, MANY + 1)]
    await team.world.database.write(insert, team.world.org_id, fields)
    state = State()
    await team.world.database.read(load.every, state, team.world.org_id, BY_RECORD[FieldDefinition])
    assert len(state.definitions) == MANY


async def test_more_ids_than_a_statement_takes_are_all_looked_up(team: Team) -> None:
    """P-509: a customer comes back to somebody on whose cards tens of thousands of entries wait."""
    world = team.world
    await (await world.phone(team.ann.user_id)).push(Entry(1, Kind.patch, "customer", made_id(1), {"nonsense": 1}, {"note": 1}).raw())
    many = {made_id(at) for at in range(1, 260_000)}
    (found,) = await world.database.read(inbox.about, world.org_id, set(list(many)[:40_000]) | {made_id(1)})
    assert found.members[0].id == made_id(1)
    state = State()
    await world.database.read(load.by_ids, state, world.org_id, BY_RECORD[Customer], many | {team.customer_id})
    assert [one for _, one in state.held] == [team.customer_id]
