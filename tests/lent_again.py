"""One PostgreSQL database for test after test: emptied in some milliseconds, where a new copy and its end cost half a second."""

from typing import Final

import asyncpg
import sqlalchemy as sa

from bench.postgres import Lender, blocking

GROWN_BYTES_MAX: Final = 4 * 1024 * 1024
"""What was emptied keeps its pages until a vacuum: a database that grew further is dropped, so that no test is slower for another one."""
LEAVE_MS: Final = 5_000
SHAPE: Final = """
WITH here AS (SELECT 'public'::regnamespace AS id)
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
  SELECT concat_ws(' ', c.relname, c.relkind, c.relacl, a.attname, a.atttypid, a.attnotnull, a.atthasdef) AS line
    FROM here JOIN pg_class c ON c.relnamespace = here.id LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM here JOIN pg_constraint ON connamespace = here.id
  UNION ALL SELECT concat_ws(' ', tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT proname FROM here JOIN pg_proc ON pronamespace = here.id
  UNION ALL SELECT concat_ws(' ', datallowconn, datconnlimit, datacl, setrole, setconfig)
    FROM pg_database d LEFT JOIN pg_db_role_setting ON setdatabase = d.oid WHERE datname = current_database()
) AS lines
"""
ROWS_KEPT: Final = ("alembic_version",)


class LentAgain:
    """Copies of one migrated template that come back empty. What a test altered in tables, rights or settings is never lent again."""

    def __init__(self, lender: Lender, template: str) -> None:
        self._lender, self._template = lender, template
        self._ready: list[str] = []
        self._shape, self._size_bytes = "", 0

    def lend(self) -> str:
        """The URL of a migrated database without rows."""
        if self._ready:
            return self._ready.pop()
        url = self._lender.create(self._template)
        if not self._shape:
            self._shape, self._size_bytes = blocking(self._told(url))
        return url

    def take_back(self, url: str) -> None:
        """Empty it for the next test, or drop it."""
        if blocking(self._emptied(url)):
            self._ready.append(url)
        else:
            self._lender.drop(url)

    async def _told(self, url: str) -> tuple[str, int]:
        connection = await self._inside(url)
        try:
            return await connection.fetchval(SHAPE), await connection.fetchval("SELECT pg_database_size(current_database())")
        finally:
            await connection.close()

    async def _emptied(self, url: str) -> bool:
        try:
            connection = await self._inside(url)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            alike = await self._is_alone_and_alike(connection)
            if alike:
                await connection.execute(await self._emptying(connection))
        except (OSError, asyncpg.PostgresError):
            return False
        else:
            return alike
        finally:
            await connection.close()

    async def _is_alone_and_alike(self, connection: asyncpg.Connection) -> bool:
        """Whether everybody else left, and it is as the template was, also in size."""
        others = "SELECT pg_terminate_backend(pid, $1) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        left = [row[0] for row in await connection.fetch(others, LEAVE_MS)]
        size_bytes: int = await connection.fetchval("SELECT pg_database_size(current_database())")
        small = size_bytes <= self._size_bytes + GROWN_BYTES_MAX
        return all(left) and small and bool(await connection.fetchval(SHAPE) == self._shape)

    async def _emptying(self, connection: asyncpg.Connection) -> str:
        kept = (
            "SELECT quote_ident(relname), relkind = 'S' FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
        )
        rows = [(name, is_sequence) for name, is_sequence in await connection.fetch(kept) if name not in ROWS_KEPT]
        return ";".join(f"ALTER SEQUENCE {name} RESTART" if is_sequence else f"DELETE FROM {name}" for name, is_sequence in rows)

    async def _inside(self, url: str) -> asyncpg.Connection:
        return await asyncpg.connect(**{**self._lender._server.admin, "database": sa.make_url(url).database}, timeout=5)
