"""What the desk keeps for every device is written like all other records: what is new or differs, in one statement a kind, fed once."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import feed, org, scope
from server.services import catalogue, keep, organisations, pools, users
from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import Department, DepartmentRequest, OrganisationRequest, Price, Product, ProductRequest, Role
from shared_schema.rest import UserRequest
from tests.integration.test_sync_pools import admin, pool_of, put_into
from tests.simulation.feed_oracle import differences
from tests.world import Team, made_id, team_of

FLOOR = 1_000


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def product(number: int, name: str = "Tea") -> Product:
    return Product(made_id(number), 0, f"P{number}", name)


def fed(conn: sa.Connection, org_id: int) -> dict[bytes, int]:
    """Record → its place in the feed of what every device holds."""
    everybody = sa.select(scope.c.number).where(scope.c.org_id == org_id, scope.c.lane == int(Lane.reference)).scalar_subquery()
    found = sa.select(feed.c.id, feed.c.seq).where(feed.c.org_id == org_id, feed.c.scope_no == everybody)
    return {bytes(row.id): row.seq for row in conn.execute(found)}


async def kept(team: Team, *records: Record) -> list[int]:
    """Their revs, after they were kept."""
    return [one.rev for one in await team.world.database.write(keep.each, team.world.org_id, records, team.world.now_ms)]


async def test_what_is_equal_keeps_its_rev_and_feeds_nothing(team: Team) -> None:
    """P-102, P-120: in the order in which they were given, whatever rev they bear."""
    database, org_id = team.world.database, team.world.org_id
    assert await kept(team, product(2), product(1), Department(made_id(3), 0, "West")) == [1, 1, 1]
    before = await database.read(fed, org_id)
    assert await kept(team, product(2, "Silk"), product(1), Department(made_id(3), 9, "West")) == [2, 1, 1]
    after = await database.read(fed, org_id)
    assert {one for one, seq in after.items() if seq != before[one]} == {made_id(2)}
    assert await database.read(differences, org_id) == {}


async def test_what_is_kept_after_a_restore_has_a_rev_above_the_floor(team: Team) -> None:
    """P-902: a phone may hold any rev up to the floor; an equal record was not issued anew."""
    assert await kept(team, product(1), product(2)) == [1, 1]
    await team.world.database.write(_restored, team.world.org_id)
    assert await kept(team, product(1), product(2, "Silk"), product(3)) == [1, FLOOR + 1, FLOOR + 1]


def _restored(conn: sa.Connection, org_id: int) -> None:
    conn.execute(sa.update(org).where(org.c.org_id == org_id).values(rev_floor=FLOOR))


async def test_many_are_kept_by_as_many_statements_as_few(team: Team) -> None:
    """A catalogue that is brought in is written like one record of it."""
    few = await team.world.database.write(_statements, team, 4)
    assert await team.world.database.write(_statements, team, 400) == few
    assert await team.world.database.read(differences, team.world.org_id) == {}


def _statements(conn: sa.Connection, team: Team, size: int) -> int:
    """How many statements it takes to keep this many, of two kinds, half of them known."""
    ids = [next(team.world.ids) for _ in range(size)]
    prices = [Price(one, 0, made_id(1), one, 100) for one in ids]
    keep.each(conn, team.world.org_id, [Product(one, 0, "P", "Tea") for one in ids[::2]], team.world.now_ms)
    records = [*prices, *(Product(one, 0, "P", "Silk") for one in ids)]
    return len(said_to(conn, keep.each, team.world.org_id, records, team.world.now_ms))


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
        (pools.save, (desk, PoolRequest(id=pool.id, name="East", hidden=("name",)))),
        (catalogue.save_department, (desk, DepartmentRequest(name="West"))),
        (catalogue.save_product, (desk, ProductRequest(code="P", name="Tea"))),
        (catalogue.save_organisation, (desk, OrganisationRequest(name="Acme", time_zone="UTC"))),
        (organisations.set_time_zone, ("org1", "Europe/Berlin")),
        (organisations.create, (organisations.NewOrganisation(login="new", name="New", account="boss"), "-")),
    ]
    for unit, arguments in verbs:
        said = await team.world.database.write(said_to, unit, *arguments, team.world.now_ms)
        first = next(at for at, text in enumerate(said) if text.startswith(LAST))
        assert {text[:30] for text in said[first:] if not text.startswith(LAST)} == set(), unit
        assert sum(text.startswith("INSERT INTO feed") for text in said) == 1
    assert await team.world.database.read(differences, org_id) == {}
