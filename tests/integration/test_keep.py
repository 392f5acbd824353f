"""What the desk keeps for every device is written like all other records: what is new or differs, fed once."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from msgspec import Struct

from server.database import Database
from server.domain.tokens import Claims
from server.models import feed, org, scope
from server.services import organisations, tables, users
from shared_schema.policy import Lane
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import DepartmentRequest, OrganisationRequest, ProductRequest, Role
from shared_schema.rest import UserRequest
from tests.integration.test_sync_pools import admin, pool_of, put_into
from tests.simulation.feed_oracle import differences
from tests.world import Team, made_id, team_of

FLOOR = 1_000


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def product(number: int, name: str = "Tea") -> ProductRequest:
    return ProductRequest(id=made_id(number), code=f"P{number}", name=name)


def fed(conn: sa.Connection, org_id: int) -> dict[bytes, int]:
    """Record → its place in the feed of what every device holds."""
    everybody = sa.select(scope.c.number).where(scope.c.org_id == org_id, scope.c.lane == int(Lane.reference)).scalar_subquery()
    found = sa.select(feed.c.id, feed.c.seq).where(feed.c.org_id == org_id, feed.c.scope_no == everybody)
    return {bytes(row.id): row.seq for row in conn.execute(found)}


async def kept(team: Team, desk: Claims, *asked: Struct) -> list[int]:
    """The revs of the records, after the desk kept them."""
    return [(await team.world.database.write(tables.save, desk, one, team.world.now_ms)).rev for one in asked]


async def test_what_is_equal_keeps_its_rev_and_feeds_nothing(team: Team) -> None:
    """P-102, P-120."""
    database, org_id = team.world.database, team.world.org_id
    desk, west = await admin(team), DepartmentRequest(id=made_id(3), name="West")
    assert await kept(team, desk, product(2), product(1), west) == [1, 1, 1]
    before = await database.read(fed, org_id)
    assert await kept(team, desk, product(2, "Silk"), product(1), west) == [2, 1, 1]
    after = await database.read(fed, org_id)
    assert {one for one, seq in after.items() if seq != before[one]} == {made_id(2)}
    assert await database.read(differences, org_id) == {}


async def test_what_is_kept_after_a_restore_has_a_rev_above_the_floor(team: Team) -> None:
    """P-902: a phone may hold any rev up to the floor; an equal record was not issued anew."""
    desk = await admin(team)
    assert await kept(team, desk, product(1), product(2)) == [1, 1]
    await team.world.database.write(_restored, team.world.org_id)
    assert await kept(team, desk, product(1), product(2, "Silk"), product(3)) == [1, FLOOR + 1, FLOOR + 1]


def _restored(conn: sa.Connection, org_id: int) -> None:
    conn.execute(sa.update(org).where(org.c.org_id == org_id).values(rev_floor=FLOOR))


def said_to(conn: sa.Connection, unit: Callable[..., object], *arguments: object) -> list[str]:
    """The statements of a unit, in order."""
    said: list[str] = []

    def hear(*told: object) -> None:
        said.append(" ".join(str(told[2]).split()))

    sa.event.listen(conn, "before_cursor_execute", hear)
    unit(conn, *arguments)
    sa.event.remove(conn, "before_cursor_execute", hear)
    return said


LAST = ("UPDATE scope SET head", "INSERT INTO feed")


async def test_all_that_a_desk_verb_changed_is_told_at_once_and_last(team: Team) -> None:
    """Scopes are the last locks: behind them nothing else is asked for, looked at or written."""
    pool, desk = await pool_of(team), await admin(team)
    team.ann.patch("customer", team.customer_id, name="Too late")
    await put_into(team, pool, team.customer_id)
    await team.ann.sync()
    sales, org_id = team.world.department_id, team.world.org_id
    leaver = UserRequest(id=team.ann.user_id, login="ann", name="Ann B.", role=Role.rep, department_id=sales, active=False)
    verbs: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (users.put, (org_id, leaver, None)),
        (users.put, (org_id, UserRequest(login="cy", name="Cy", role=Role.rep, department_id=sales), "-")),
        (tables.save, (desk, PoolRequest(id=pool.id, name="East", hidden=("name",)))),
        (tables.save, (desk, DepartmentRequest(name="West"))),
        (tables.save, (desk, ProductRequest(code="P", name="Tea"))),
        (tables.save, (desk, OrganisationRequest(name="Acme", time_zone="UTC"))),
        (organisations.set_time_zone, ("org1", "Europe/Berlin")),
        (organisations.create, (organisations.NewOrganisation(login="new", name="New", account="boss"), "-")),
    ]
    for unit, arguments in verbs:
        said = await team.world.database.write(said_to, unit, *arguments, team.world.now_ms)
        first = next(at for at, text in enumerate(said) if text.startswith(LAST))
        assert {text[:30] for text in said[first:] if not text.startswith(LAST)} == set(), unit
        assert sum(text.startswith("INSERT INTO feed") for text in said) == 1
    assert await team.world.database.read(differences, org_id) == {}


async def test_a_request_is_a_whole_record_and_with_its_id_it_may_be_repeated(team: Team) -> None:
    """P-713."""
    desk, world = await admin(team), team.world
    full = ProductRequest(id=made_id(7), code="P7", name="Tea", unit="box", tax_bps=1_300)
    first = await world.database.write(tables.save, desk, full, world.now_ms)
    assert await world.database.write(tables.save, desk, full, world.now_ms) == first
    short = await world.database.write(tables.save, desk, ProductRequest(id=made_id(7), code="P7", name="Tea"), world.now_ms)
    assert (short.id, short.unit, short.tax_bps) == (first.id, "", 0)
    again = [await world.database.write(tables.save, desk, ProductRequest(code="P8", name="Cup"), world.now_ms) for _ in range(2)]
    assert again[0].id != again[1].id
