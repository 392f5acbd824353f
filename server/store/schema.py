"""Brings a database to today's tables, and says where one stands."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import server.migrations
from server.database import async_url, connected
from server.database.sqlite import prepare_sqlite
from server.database.unit import P, R, Unit

TURN_S: Final = 60
"""How long a process waits for another one that migrates."""
LOCK_S: Final = 5
"""How long a step waits for a table in use before it gives up: a waiting ALTER stops everybody behind it."""
_ADVISORY_KEY: Final = 0x6F757472
"""Names our turn among PostgreSQL's advisory locks: the letters `outr`."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(server.migrations.__file__).parent).replace("%", "%%"))
    return config


def head() -> str:
    """The revision this program was written for."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("no migrations are installed")
    return revision


def revisions() -> set[str]:
    """Every revision that this program can reach from nothing."""
    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def revision(conn: sa.Connection) -> str | None:
    """Where the database stands, None when it is empty; a unit for `Database.read`."""
    return MigrationContext.configure(conn).get_current_revision()


async def current(url: str) -> str | None:
    """Where the database at `url` stands, None when it is empty."""
    engine = _engine(url)
    try:
        async with engine.connect() as conn:
            return await conn.run_sync(revision)
    finally:
        await engine.dispose()


async def migrate(url: str) -> str:
    """Bring the database at `url` to `head()` in one transaction, one process at a time; the revision it stood at is of no matter.

    Returns the head. Raises sa.exc.DBAPIError when a table or the turn is not free in time; then nothing has changed.
    """
    await alone(url, upgrade)
    return head()


async def alone(url: str, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
    """Run a unit that changes tables: in one transaction, one process at a time. Raises as `migrate`, and any error of the unit."""
    engine = _engine(url)
    try:
        async with engine.begin() as conn:
            await conn.run_sync(_take_turn)
            return await conn.run_sync(unit, *args, **kw)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    parsed = async_url(url)
    if parsed.get_backend_name() == "postgresql":
        return connected(parsed, poolable=True, poolclass=sa.NullPool)
    engine = create_async_engine(parsed, poolclass=sa.NullPool)
    prepare_sqlite(engine.sync_engine, "BEGIN IMMEDIATE", wait_s=TURN_S)
    return engine


def _take_turn(conn: sa.Connection) -> None:
    if conn.dialect.name == "postgresql":  # on SQLite BEGIN IMMEDIATE is the turn
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN_S}s'")
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_KEY)))
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_S}s'")


def upgrade(conn: sa.Connection, target: str = "head") -> None:
    """Bring the tables to a revision, inside the transaction of `alone`."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, target)
