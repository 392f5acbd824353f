"""Migrations bring an empty database of either engine to the tables of today's models, also when two processes start at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from server.database import Database, open_database
from server.models import metadata
from server.store import schema

FEED_KEYS = {
    "sqlite": (["org_id", "scope_no", "seq"], ["org_id", "scope_no", "entity", "id"]),
    "postgresql": (["org_id", "scope_no", "entity", "id"], ["org_id", "scope_no", "seq"]),
}
MIGRATE = "import asyncio, sys; from server.store import schema; print(asyncio.run(schema.migrate(sys.argv[1])))"
ROOT = Path(__file__).parents[2]


def differences(conn: sa.Connection) -> list[Any]:
    """What Alembic would still change; the feed's keys differ by engine and are looked at on their own."""

    def include(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        return not (kind == "unique_constraint" and name is not None and name.startswith("feed_"))

    options = {"compare_type": True, "compare_server_default": True, "include_object": include}
    return list(compare_metadata(MigrationContext.configure(conn, opts=options), metadata))


def primary_keys(conn: sa.Connection) -> dict[str, list[str]]:
    found = sa.inspect(conn)
    return {name: found.get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}


async def of(url: str, unit: Callable[[sa.Connection], Any]) -> Any:
    database = open_database(url)
    try:
        return await database.write(unit)
    finally:
        await database.close()


async def test_from_empty_to_the_models_tables(database_url: str) -> None:
    assert await schema.current(database_url) is None
    assert await schema.migrate(database_url) == schema.head()
    assert await schema.current(database_url) == schema.head()
    assert await of(database_url, differences) == []


async def test_primary_keys_are_the_models(database: Database) -> None:
    wanted = {name: [column.name for column in table.primary_key] for name, table in metadata.tables.items() if name != "feed"}
    found = await database.read(primary_keys)
    assert found | {"feed": None} == wanted | {"feed": None}
    assert all(key[0] == "org_id" for name, key in found.items() if name != "attempt")


async def test_feed_keeps_rows_where_each_engine_reads_them(database: Database) -> None:
    primary, unique = FEED_KEYS[database.dialect]

    def keys(conn: sa.Connection) -> tuple[Any, Any]:
        found = sa.inspect(conn)
        return found.get_pk_constraint("feed")["constrained_columns"], found.get_unique_constraints("feed")[0]["column_names"]

    assert await database.read(keys) == (primary, unique)
    if database.dialect == "sqlite":
        made = await database.read(lambda conn: conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'feed'").scalar_one())
        assert made.rstrip().endswith("WITHOUT ROWID")


async def test_a_missing_column_is_seen(database: Database) -> None:
    def drop(conn: sa.Connection) -> list[Any]:
        conn.exec_driver_sql("ALTER TABLE device DROP COLUMN skew_ms")
        return differences(conn)

    assert [found[0] for found in await database.write(drop)] == ["add_column"]


async def test_migrating_again_changes_nothing(migrated_url: str) -> None:
    await of(migrated_url, lambda conn: conn.exec_driver_sql("INSERT INTO counter VALUES (1, 'kept', 7)").rowcount)
    await schema.migrate(migrated_url)
    assert await of(migrated_url, lambda conn: conn.exec_driver_sql("SELECT value FROM counter").scalar_one()) == 7


def test_two_processes_at_once(database_url: str) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, database_url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=60) for process in both]
    assert [out.strip() for out, _ in answers] == [schema.head()] * 2, answers


async def test_a_step_that_fails_leaves_nothing(database_url: str) -> None:
    await of(database_url, lambda conn: conn.exec_driver_sql("CREATE TABLE price (id INTEGER)").rowcount)
    with pytest.raises(sa.exc.DBAPIError, match="price"):
        await schema.migrate(database_url)
    assert await schema.current(database_url) is None
    assert await of(database_url, lambda conn: sa.inspect(conn).get_table_names()) == ["price"]
