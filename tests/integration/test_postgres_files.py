"""What PostgreSQL's own files still hold of erased persons and deleted places: nothing after a rewrite, and no promise before (D-489)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
import sqlalchemy as sa

from bench.postgres import Server, blocking, embedded, folder, run_name, stop_embedded
from server.database import Database, open_database
from server.jobs import erase
from server.models import RECORD_TABLES, metadata
from server.store import schema
from shared_schema.rest_rights import EraseContact, EraseUser
from tests.integration.test_erasure import CANARIES as CONTACT
from tests.integration.test_erasure import NAME, planted
from tests.integration.test_erasure_users import CANARIES as USER
from tests.integration.test_erasure_users import PERSON, WORDS, left, stands
from tests.integration.test_extensions import desk
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of

ROLE: Final = "outrider_test_files"
GONE: Final = (*USER[: len(WORDS)], *(one.encode() for one in CONTACT))


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[tuple[Server, Path]]:
    """A PostgreSQL that this module started, so that its files may be read."""
    name = f"{run_name(os.getpid())}_files"
    server = embedded(name)
    assert server is not None, "the embedded PostgreSQL does not start"
    yield server, folder(name)
    stop_embedded(folder(name))


def held(home: Path) -> set[str]:
    """Canaries in the files of tables, indexes and long values; the log apart."""
    files = [file for base in home.rglob("base") if base.is_dir() for file in base.rglob("*") if file.is_file()]
    assert files
    whole = [file.read_bytes() for file in files]
    return {one.decode() for one in GONE if any(one in raw for raw in whole)}


def columns_that_tell(conn: sa.Connection) -> set[tuple[str, str]]:
    """All columns of all tables of PostgreSQL's own list, as text or bytes, also those that no model names."""
    there = sa.MetaData()
    there.reflect(conn)
    assert set(metadata.tables) <= set(there.tables)
    found = set()
    for table in there.sorted_tables:
        for row in conn.execute(sa.select(table)):
            for column, value in zip(table.c, row, strict=True):
                raw: Any = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                if any(one in raw for one in GONE):
                    found.add((table.name, column.name))
    return found


def sampled(server: Server) -> set[str]:
    """Canaries among the values that PostgreSQL keeps of each column to plan by."""
    told = "SELECT concat(most_common_vals::text, histogram_bounds::text) FROM pg_stats WHERE schemaname = 'public'"
    words = [one.decode() for one in GONE]
    forms = {word: (word, "".join(f"{byte:02x}" for byte in word.encode())) for word in words}
    values = asked(server, told)
    return {word for word, both in forms.items() if any(form in value for value in values for form in both)}


def asked(server: Server, statement: str) -> list[str]:
    """Ask as the administrator, in the database itself."""

    async def run() -> list[str]:
        connection = await asyncpg.connect(**{**server.admin, "database": ROLE}, timeout=5)
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return blocking(run())


async def stood(database: Database) -> Team:
    """A contact and a user who stand in every place."""
    team = await team_of(database)
    await left(team)
    await planted(team)
    assert await database.read(columns_that_tell)
    return team


async def erased(team: Team) -> None:
    """Both are erased, and the job has had its turn."""
    database = team.world.database
    ids = sa.select(RECORD_TABLES["contact"].c.id)
    [contact_id] = await database.read(lambda conn: [bytes(one) for one in conn.execute(ids).scalars()])
    await stands(team, team.ann.user_id, active=False)
    boss = await admin(team)
    await desk(team, EraseUser(team.ann.user_id, PERSON), boss)
    await desk(team, EraseContact(contact_id, NAME), boss)
    await erase.run(database)
    assert await database.read(columns_that_tell) == set()


def test_no_column_no_sample_and_after_a_rewrite_no_file_tells(own_postgres: tuple[Server, Path]) -> None:
    """D-489: the job's VACUUM frees the rows and samples anew; VACUUM FULL of the database leaves the canaries in the log alone."""
    server, home = own_postgres
    server.run(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'p'", f"CREATE DATABASE {ROLE} OWNER {ROLE}")
    url = f"postgresql://{ROLE}:p@127.0.0.1:{server.port}/{ROLE}"
    blocking(schema.migrate(url))

    async def played() -> None:
        database = open_database(url)
        try:
            team = await stood(database)
            asked(server, "ANALYZE")
            assert {PERSON, NAME} <= sampled(server)
            await erased(team)
        finally:
            await database.close()

    blocking(played())
    assert sampled(server) == set()
    asked(server, "VACUUM FULL")
    asked(server, "CHECKPOINT")
    assert held(home) == set()
