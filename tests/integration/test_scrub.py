"""Files that could not be scrubbed after a deletion are scrubbed at the job's next turn, also by another process (D-479, D-489)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import sqlalchemy as sa

from server.database import Database, open_database
from server.jobs import erase, forget
from server.store import owed
from shared_schema.rest_rights import EraseContact
from tests.integration.test_extensions import desk
from tests.integration.test_retention import check_in, pass_days, telling
from tests.integration.test_retention import team as team  # noqa: PLC0414 - the fixture
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of

NAME: Final = "Canary Zhao"


def files(url: str) -> list[Path]:
    path = Path(str(sa.make_url(url).database))
    return [path, path.with_name(f"{path.name}-wal")]


def told(url: str) -> list[str]:
    return [one.name for one in files(url) if one.exists() and NAME.encode() in one.read_bytes()]


async def test_a_reader_that_holds_the_log_only_delays_it(migrated_sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """D-489: the erasure stands, the log still names the person, and the next turn clears it; so it does after a restart."""
    database = open_database(migrated_sqlite_url)
    team = await team_of(database)
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name=NAME)
    await team.ann.sync()
    await desk(team, EraseContact(contact_id, NAME), await admin(team))
    path = files(migrated_sqlite_url)[0]
    with closing(sqlite3.connect(path)) as keeper:  # the last to leave would clear the log
        keeper.execute("SELECT count(*) FROM org").fetchone()
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM org").fetchone()
            await team.ann.sync()
            await erase.run(database)
            assert ("still holds" in caplog.text, told(migrated_sqlite_url)) == (True, [f"{path.name}-wal"])
        await database.close()
        caplog.clear()
        again = open_database(migrated_sqlite_url)
        await erase.run(again)
        assert (caplog.text, told(migrated_sqlite_url)) == ("", [])
        await again.close()


async def test_the_mark_goes_with_the_scrub(team: Team) -> None:
    """D-479: set by what deletes, also by the daily turn, and gone behind each turn that scrubbed; nothing is scrubbed without need."""
    database: Database = team.world.database
    check_in(team.ann, team.customer_id)
    await team.step()
    team.world.now_ms += 181 * 24 * 3_600_000
    assert await database.read(owed.marks) == []
    await forget.run(database)
    assert await database.read(owed.marks) == []
    assert await telling(team) == set()
    await database.write(owed.note, team.world.org_id, 5)
    [first] = await database.read(owed.marks)
    await database.write(owed.note, team.world.org_id, 6)
    await database.write(owed.settle, [first])
    assert len(await database.read(owed.marks)) == 1
    await pass_days(team, 1)
    assert await database.read(owed.marks) == []


async def test_a_table_that_somebody_locks_only_delays_it(migrated_postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """D-489: PostgreSQL passes a locked table over; the mark stays until none is."""
    database = open_database(migrated_postgres_url)
    team = await team_of(database)
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name=NAME)
    await team.ann.sync()
    await desk(team, EraseContact(contact_id, NAME), await admin(team))
    holder = await asyncpg.connect(migrated_postgres_url.replace("+asyncpg", ""))
    async with holder.transaction():
        await holder.execute("LOCK TABLE contact IN SHARE UPDATE EXCLUSIVE MODE")
        await erase.run(database)
        assert ("still holds" in caplog.text, len(await database.read(owed.marks))) == (True, 1)
    await holder.close()
    caplog.clear()
    await erase.run(database)
    assert (caplog.text, await database.read(owed.marks)) == ("", [])
    await database.close()
