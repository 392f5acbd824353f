"""When servers were up: each says so, and what lies between is an outage (D-158)."""

import sqlalchemy as sa

from server import clock
from server.database import Database
from server.models import uptime as table
from server.store import uptime
from server.store.uptime import KEPT_MAX, OFF_MS
from tests.integration.site import site

HOUR_MS = 3_600_000


def test_a_server_that_starts_says_so(migrated_url: str) -> None:
    """D-158: before it answers anybody."""
    with site(migrated_url) as here:
        assert here.http.get("/ready").status_code == 200
        assert here.write(uptime.is_fresh, clock.ran_ms())
        assert here.write(uptime.outages, clock.ran_ms()) == ()


async def test_a_break_is_an_outage_and_a_short_one_is_none(database: Database) -> None:
    """D-158: also one that lasts still; before the first word nothing is known."""
    assert await database.read(uptime.outages, 5 * HOUR_MS) == ()
    for at_ms in (HOUR_MS, HOUR_MS + OFF_MS, 3 * HOUR_MS):
        await database.write(uptime.beat, at_ms)
    broken = HOUR_MS + OFF_MS, 3 * HOUR_MS
    assert await database.read(uptime.outages, 3 * HOUR_MS + OFF_MS) == (broken,)
    assert await database.read(uptime.outages, 4 * HOUR_MS) == (broken, (3 * HOUR_MS, 4 * HOUR_MS))


async def test_a_clock_that_is_set_back_forgets_what_was_ahead(database: Database) -> None:
    """D-158: else a server that was a year ahead for a minute would take no customer for a year."""
    for at_ms in (HOUR_MS, 9_000 * HOUR_MS, HOUR_MS + OFF_MS):
        await database.write(uptime.beat, at_ms)
    assert await database.read(uptime.outages, HOUR_MS + OFF_MS) == ()


async def test_old_breaks_are_forgotten(database: Database) -> None:
    """A bound, as for whatever grows."""
    for at in range(KEPT_MAX + 3):
        await database.write(uptime.beat, at * HOUR_MS)
    count = sa.select(sa.func.count()).select_from(table)
    assert await database.read(lambda conn: conn.execute(count).scalar_one()) == KEPT_MAX
