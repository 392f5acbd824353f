"""A long transaction elsewhere on PostgreSQL delays nothing; a reader that goes by transaction ids would see nothing meanwhile."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server.database import async_url, open_database
from tests.world import team_of

WAITING = sa.text("SELECT count(*) FROM feed WHERE xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _seen_by_transaction_id(conn: sa.Connection) -> int:
    return int(conn.execute(WAITING).scalar_one())


async def test_a_long_transaction_elsewhere_delays_nothing(migrated_postgres_url: str) -> None:
    """P-131."""
    engine = create_async_engine(async_url(migrated_postgres_url))
    database = open_database(migrated_postgres_url)
    try:
        async with engine.connect() as elsewhere:
            await elsewhere.execute(sa.text("CREATE TABLE elsewhere (n integer)"))
            team = await team_of(database)
            made = team.ann.create("contact", customer_id=team.customer_id, name="Lee")
            await team.ann.sync()
            await team.bo.sync()
            assert team.bo.view("contact", made) is not None
            assert await database.read(_seen_by_transaction_id) == 0, "the naive reader waits"
            await elsewhere.rollback()
        for _ in range(300):  # the tests beside this one are long transactions elsewhere too, on the same server
            if await database.read(_seen_by_transaction_id) > 0:
                return
            await asyncio.sleep(0.1)
        pytest.fail("the naive reader waits although nobody is left to wait for")
    finally:
        await database.close()
        await engine.dispose()
