"""Lists of ids on PostgreSQL: each row is found by its key however little the planner knows, and locked in the order of the keys."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any, Final

import asyncpg
import pytest
import sqlalchemy as sa

from server.database import Database, open_database
from server.models import metadata
from server.models.records import INDEXES
from server.store import convert, families, feed, history, identity, inbox, load, outbox, spots, visible
from server.store.hot import ByKey
from shared_schema.records.customer import Standing
from shared_schema.registry import BY_NAME, ENTITIES
from tests.world import made_id, team_of

pytestmark = pytest.mark.anyio
LARGE, FRESH = 1, 2
ROWS: Final = 2_500
"""In every table, of an organisation that ANALYZE knows, and as many of one that it has never seen."""
KEYS: Final = 5
NUMBERS: Final = itertools.count()
BLOCKS_MAX: Final = 12
"""Pages read for one key: an index of three levels, its row, and what a subquery asks."""
STORES: Final[tuple[ModuleType, ...]] = (families, feed, history, identity, load, inbox, outbox, spots, visible)


def every_statement() -> Iterator[ByKey]:
    """All statements of the program that take a list of keys."""
    for module in STORES:
        yield from (one for one in vars(module).values() if isinstance(one, ByKey))
    for entity in ENTITIES:
        yield from (convert.among(entity, "id"), families._rows(entity))
        if entity.about not in (None, "id"):
            yield families._customers(entity)
        for searched in INDEXES.get(entity.name, ()):
            if searched in {("customer_id",), ("quote_id",)}:
                yield convert.among(entity, searched[0])


def fill(conn: sa.Connection, org_id: int) -> None:
    """Rows of one organisation in every table, as different from one another as keys are."""
    for table in metadata.sorted_tables:
        if table.name not in ("org", "attempt", "robot", "evaluation_pass"):  # of an organisation they hold one row, or none
            named = [column for column in table.c if not column.nullable or column.name.endswith("_id")]
            values = ", ".join(_made(column, org_id) for column in named)
            names = ", ".join(f'"{column.name}"' for column in named)
            conn.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM generate_series(1, {ROWS}) AS g')


def _made(column: sa.Column[Any], org_id: int) -> str:
    if column.name == "org_id":
        return str(org_id)
    if isinstance(column.type, sa.LargeBinary):
        return f"decode(md5('{column.table.name} {column.name} {org_id} ' || g), 'hex')"
    if isinstance(column.type, sa.Boolean):
        return "true"
    return "g" if isinstance(column.type, sa.BigInteger) else "'x' || g"


@pytest.fixture
async def beside(migrated_postgres_url: str) -> AsyncIterator[Database]:
    """A large organisation that was analysed, and a fresh one that nobody counted, and nobody will."""
    database = open_database(migrated_postgres_url)
    try:
        for step in (_uncounted, lambda conn: fill(conn, LARGE), _counted, lambda conn: fill(conn, FRESH)):
            await database.write(step)
        yield database
    finally:
        await database.close()


def _uncounted(conn: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        conn.exec_driver_sql(f'ALTER TABLE "{table.name}" SET (autovacuum_enabled = false)')


def _counted(conn: sa.Connection) -> None:
    conn.exec_driver_sql("ANALYZE")


def literal(value: object) -> str:
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(literal, value))}]"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return f"'{value}'" if isinstance(value, str) else str(value)


def plans(conn: sa.Connection, statement: ByKey) -> Iterator[tuple[str, dict[str, Any]]]:
    """What PostgreSQL does for some keys of the fresh organisation, in each way in which it may come to a plan."""
    kept = statement.table
    chosen = sa.select(*(kept.c[name] for name in (*statement.key, *statement.same))).where(kept.c.org_id == FRESH)
    rows = [tuple(row) for row in conn.execute(chosen.limit(KEYS))]
    assert len(rows) == KEYS
    keys = [row[0] if len(statement.key) == 1 else row[: len(statement.key)] for row in rows]
    text, values = statement._postgres(conn, sorted(keys))
    given = ", ".join(map(literal, (*values, FRESH, *rows[0][len(statement.key) :])))
    for mode, before in (("force_custom_plan", 0), ("force_generic_plan", 0), ("auto", 6)):
        conn.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
        name = f"asked_{next(NUMBERS)}"  # the driver remembers what columns a text gives
        conn.exec_driver_sql(f"PREPARE {name} AS {text}")
        for _ in range(before):
            conn.exec_driver_sql(f"EXECUTE {name} ({given})")
        told = conn.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {name} ({given})").scalar_one()
        conn.exec_driver_sql(f"DEALLOCATE {name}")
        yield mode, (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for under in plan.get("Plans", ()):
        yield from nodes(under)


def complaints(conn: sa.Connection) -> list[str]:
    """Statements that read more than the rows of their keys."""
    found = []
    for statement in every_statement():
        for mode, plan in plans(conn, statement):
            reads = next(node for node in nodes(plan) if node.get("Relation Name") == statement.table.name)
            by_key = all(f"{name} = " in reads.get("Index Cond", "") for name in ("org_id", *statement.key))
            removed = sum(node.get("Rows Removed by Filter", 0) for node in nodes(plan))
            blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            if not by_key or removed > KEYS or blocks > KEYS * BLOCKS_MAX:
                said = f"{reads['Node Type']}, {reads.get('Index Cond')}, {removed} rows for nothing, {blocks} blocks"
                found.append(f"{statement.table.name} by {statement.key}, {mode}: {said}")
    return found


async def test_a_list_of_ids_never_reads_the_organisation(beside: Database) -> None:
    """A plan for nobody in particular, or one for an organisation that ANALYZE has not counted, filtered every row by the list of ids."""
    assert await beside.write(complaints) == []


async def test_a_short_list_is_not_planned_anew_each_time(beside: Database) -> None:
    """A plan made for the very list, which PostgreSQL takes as long as it counts as cheaper, costs more than the rows of a pull."""
    held = ByKey(feed.SCOPES.table, feed.SCOPES.key, feed.SCOPES.chosen)
    plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1"

    def often(conn: sa.Connection) -> tuple[int, int]:
        for at in range(20):
            held.run(conn, LARGE, [(made_id(at), 0, 0), (made_id(at + 1), 0, 0)])
        generic, custom = conn.exec_driver_sql(plans, (held.texts[0],)).one()
        return generic, custom

    assert await beside.read(often) == (15, 5)


async def test_no_statement_of_a_push_or_a_pull_takes_a_list_in_another_way(migrated_url: str) -> None:
    """On PostgreSQL a list is one array a column: a text for each length would be a plan for each length too."""
    database = open_database(migrated_url)
    seen: list[tuple[str, object]] = []
    team = await team_of(database)
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(40)]
    await team.step()
    for customer_id in ids:
        team.ann.patch("customer", customer_id, phone="2")
        team.ann.create("contact", customer_id=customer_id, name="Li")
        team.bo.patch("customer", customer_id, phone="3")
    team.ann.delete("customer", team.customer_id)

    def note(_conn: object, _cursor: object, text: str, values: object, *_: object) -> None:
        seen.append((text, values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await team.step()
        await team.step()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    await database.close()
    assert seen
    lists = [text for text, _ in seen if " IN (" in text or "ANY (" in text]
    assert lists == []
    if database.dialect == "postgresql":
        many = {text for text, values in seen if isinstance(values, tuple) and any(isinstance(one, list) for one in values)}
        assert many
        assert {text for text in many if "CROSS JOIN LATERAL" not in text} == set()


async def waits(probe: "asyncpg.Connection[Any]", pid: int, task: "asyncio.Future[Any]") -> None:
    """Until the backend that runs this waits for a lock. Nothing tells from outside that it does: it is asked."""
    while await probe.fetchval("SELECT wait_event_type FROM pg_stat_activity WHERE pid = $1", pid) != "Lock":
        assert not task.done(), "it did not wait"
        await asyncio.sleep(0.01)


async def test_rows_are_locked_in_the_order_of_their_keys_and_read_as_they_became(migrated_postgres_url: str) -> None:
    """Architecture, locks: whoever locks more than one row does so in the order of ids, and reads values by a later statement."""
    database = open_database(migrated_postgres_url)
    await database.write(_standings)
    text, (ids,) = await database.write(lambda conn: families.FAMILIES._postgres(conn, [made_id(at) for at in (1, 2, 3, 4)]))
    await database.close()
    url = migrated_postgres_url.replace("+asyncpg", "")
    holder, waiter, probe = [await asyncpg.connect(url) for _ in range(3)]
    try:
        begun = holder.transaction()
        await begun.start()
        await holder.execute("UPDATE standing SET epoch = 9 WHERE id = $1", ids[1])
        await holder.execute("DELETE FROM standing WHERE id = $1", ids[3])
        async with waiter.transaction():
            task = asyncio.ensure_future(waiter.fetch(text, ids, LARGE))
            await waits(probe, waiter.get_server_pid(), task)
            free = await probe.fetch("SELECT id FROM standing ORDER BY id FOR UPDATE SKIP LOCKED")
            assert [row["id"] for row in free] == [ids[2]], "the first is locked, the second is waited for, the third comes after it"
            await begun.commit()
            assert [row["id"] for row in await task] == ids[:3], "what was deleted meanwhile is not there"
            assert await waiter.fetchval("SELECT epoch FROM standing WHERE id = $1", ids[1]) == 9
            assert await probe.fetch("SELECT id FROM standing FOR UPDATE SKIP LOCKED") == [], "all of them are locked now"
    finally:
        for one in (holder, waiter, probe):
            await one.close()


def _standings(conn: sa.Connection) -> None:
    entity = BY_NAME["standing"]
    rows = [convert.to_row(entity, LARGE, Standing(made_id(at), 1, epoch=1)) for at in (1, 2, 3, 4)]
    conn.exec_driver_sql(convert.statements(entity, "postgresql").insert, rows)
