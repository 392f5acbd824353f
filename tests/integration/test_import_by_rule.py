"""A file of customers is led by the assignment rules: divided evenly, the same in the dry run, and told row by row (D-184)."""

import asyncio

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.imports.frame import ROWS_AT_ONCE
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services.import_file import Report
from shared_schema.records.pool import Pool, PoolRequest
from shared_schema.records.region import CityRequest
from tests.integration.test_assignment import kept, rule
from tests.integration.test_imports import Desk, counts, reasons, rows_of
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of

HEAD = "external_id,name,city,owner,pool\n"
STANDING = RECORD_TABLES["standing"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def boss(team: Team) -> Claims:
    return await admin(team)


@pytest.fixture
async def desk(team: Team, boss: Claims) -> Desk:
    return Desk(team.world, boss)


def rows(first: int, count: int, rest: str = "上海,,") -> str:
    return "".join(f"C-{at},Shop {at},{rest}\n" for at in range(first, first + count))


async def owned(team: Team) -> dict[bytes | None, int]:
    """How many customers each user owns; None: those in pools."""
    chosen = sa.select(STANDING.c.owner_id, sa.func.count()).where(STANDING.c.org_id == team.world.org_id).group_by(STANDING.c.owner_id)
    found = await team.world.database.read(lambda conn: conn.execute(chosen).all())
    return {bytes(row[0]) if row[0] is not None else None: row[1] for row in found}


def goals(report: Report) -> list[tuple[int, bytes | None, bytes | None, str]]:
    return [(one.line, one.goal.user_id, one.goal.pool_id, one.goal.name) for one in report.led]


async def test_each_row_goes_where_the_rules_send_it(team: Team, boss: Claims, desk: Desk) -> None:
    """By city and region; a row that says itself whose it is stays so, and one that no rule fits comes back."""
    pool = await kept(team, boss, PoolRequest(name="West"))
    assert isinstance(pool, Pool)
    await kept(team, boss, CityRequest(name="成都", region="West"))
    await rule(team, boss, "West", region="West", pool_id=pool.id)
    await rule(team, boss, "Shanghai", city="上海", user_ids=(team.bo.user_id,))
    text = HEAD + "C-1,One,上海市,,\nC-2,Two,成都,,\nC-3,Three,上海,ann,\nC-4,Four,北京,,\nC-5,Five,上海,ann,West\n"
    report = await desk.take("customers", text)
    assert counts(report) == (3, 0, 0, 2)
    assert goals(report) == [(2, team.bo.user_id, None, "bo"), (3, None, pool.id, "West")]
    column = "负责人账号 Owner account"
    assert reasons(report) == [(5, column, "no_rule"), (6, column, "owner_and_pool")]
    await team.step()
    assert team.bo.customer(desk.id_of("customers", "C-1")).name == "One"
    assert team.ann.customer(desk.id_of("customers", "C-3")).name == "Three"
    assert (await desk.take("customers", text)).led == (), "a known customer is nobody's to give"


@pytest.mark.parametrize("named", [0, 30])
async def test_a_file_is_divided_evenly_over_its_chunks_and_the_dry_run_says_so(team: Team, boss: Claims, desk: Desk, named: int) -> None:
    """Rows that name an owner count as well; three chunks, each with users of its own; nothing is written by the dry run."""
    cy_id = await team.world.user("cy")
    await rule(team, boss, "All", user_ids=(team.ann.user_id, team.bo.user_id, cy_id))
    size = 2 * ROWS_AT_ONCE + 35
    text = HEAD + rows(0, named, "上海,ann,") + rows(named, size)
    before = await rows_of(team.world)
    tried = await desk.take("customers", text, dry_run=True)
    assert await rows_of(team.world) == before
    done = await desk.take("customers", text)
    assert (counts(done), goals(done)) == ((size + named, 0, 0, 0), goals(tried))
    assert len(done.led) == size
    told = sorted((await owned(team)).values())
    assert (sum(told), told[-1] - told[0] <= 1) == (size + named + 1, True), told


async def test_two_files_at_once_are_divided_evenly(team: Team, boss: Claims, desk: Desk) -> None:
    """The counters of the users are locked, and what they own is counted behind the lock."""
    await rule(team, boss, "All", user_ids=(team.ann.user_id, team.bo.user_id))
    texts = [HEAD + rows(1_000 * at, 31) for at in range(4)]
    reports = await asyncio.gather(*(desk.take("customers", text) for text in texts))
    assert [counts(one) for one in reports] == [(31, 0, 0, 0)] * 4
    told = sorted((await owned(team)).values())
    assert (sum(told), told[-1] - told[0] <= 1) == (125, True), told


async def test_a_file_that_says_all_asks_for_no_rule(team: Team, boss: Claims, desk: Desk) -> None:
    """No counter is locked and no rule is read for it."""
    await rule(team, boss, "All", user_ids=(team.bo.user_id,))
    report = await desk.take("customers", HEAD + rows(0, 3, "上海,ann,"))
    assert (counts(report), report.led) == ((3, 0, 0, 0), ())
    assert (await owned(team))[team.ann.user_id] == 4
