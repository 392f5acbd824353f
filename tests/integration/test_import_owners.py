"""Who may import customers, and for whom: an admin, for active users of his own organisation."""

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services.import_customers import Import, import_customers
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from tests.integration.test_sync_pools import admin
from tests.world import Phone, Team, World, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def test_an_import_is_the_admins_and_for_active_users_of_his_organisation(team: Team) -> None:
    """All or nothing: one owner who does not fit refuses all."""
    desk, world = await admin(team), team.world
    left = await world.user("left")
    await world.database.write(_leave, left)
    elsewhere = await World(world.database, org_id=2).open()
    eve = await elsewhere.user("eve")
    refused = [(team.manager.claims, team.bo.user_id, Code.forbidden), (desk, left, Code.rule_broken), (desk, eve, Code.rule_broken)]
    for claims, owner_id, code in refused:
        with pytest.raises(Problem) as told:
            await _imported(team, claims, team.bo.user_id, owner_id)
        assert told.value.code is code
    await team.step()
    assert _names(team.bo) == {"Corner Shop"}
    assert await _imported(team, desk, team.bo.user_id, team.ann.user_id) == 2
    await team.step()
    assert _names(team.bo) == {"Corner Shop", "Shop 0"}


async def _imported(team: Team, claims: Claims, *owners: bytes) -> int:
    asked = [Import(Customer(next(team.world.ids), 0, f"Shop {at}"), owner_id) for at, owner_id in enumerate(owners)]
    return await team.world.database.write(import_customers, claims, asked, team.world.now_ms)


def _leave(conn: sa.Connection, user_id: bytes) -> None:
    person = RECORD_TABLES["person"]
    conn.execute(sa.update(person).where(person.c.id == user_id).values(active=False))


def _names(phone: Phone) -> set[str]:
    return {phone.customer(record_id).name for entity, record_id in phone.holds() if entity == 1}
