"""What both databases do to find who is around: a range of the index of places for each row of cells, and never a scan (D-461)."""

import json
import random
from typing import Final

import pytest
import sqlalchemy as sa

from geo.grid import cell, cover
from server.database import Database
from server.store import spots
from shared_schema.places import Position
from tests.integration.test_by_key import literal, nodes

HERE: Final = Position(31_230_400, 121_473_700)
RADIUS_M: Final = 2_000
HOLDERS: Final = tuple(bytes([number]) * 16 for number in range(1, 5))
CUSTOMERS: Final = 20_000
FRESH: Final = 7
"""An organisation that ANALYZE has not counted."""


def fill(conn: sa.Connection, org_id: int) -> None:
    dice = random.Random(org_id)
    rows = []
    for at in range(CUSTOMERS):
        place = Position(*(middle + round(dice.gauss(0, 60_000)) for middle in HERE))
        rows.append((org_id, HOLDERS[at % len(HOLDERS)], cell(*place), dice.randbytes(16), *place))
    spots.put(conn, rows)


def statement(conn: sa.Connection) -> tuple[str, tuple[object, ...]]:
    ranges = [(holder, *one) for holder in HOLDERS for one in cover(*HERE, RADIUS_M)]
    return spots.looked_up(conn, ranges, FRESH, spots.Band(HERE.latitude_e6 - 18_200, HERE.latitude_e6 + 18_200))


def on_sqlite(conn: sa.Connection) -> list[str]:
    """Steps of the plan that read places by anything but a range of one holder's cells."""
    text, values = statement(conn)
    steps = [str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
    about = [one for one in steps if "kept" in one]
    assert about, steps
    return [one for one in about if "SEARCH" not in one or "(org_id=? AND holder_id=? AND cell>? AND cell<?)" not in one]


def on_postgres(conn: sa.Connection) -> list[str]:
    """Plans, for these values and for any, that read more than the ranges."""
    text, values = statement(conn)
    given = ", ".join(literal(value) for value in values)
    rows = len(spots.within(conn, FRESH, HOLDERS, HERE, RADIUS_M))
    assert rows > 100
    found = []
    for mode in ("force_custom_plan", "force_generic_plan"):
        conn.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
        conn.exec_driver_sql(f"PREPARE {mode} AS {text}")
        told = conn.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {mode} ({given})").scalar_one()
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        reads = next(node for node in nodes(plan) if node.get("Relation Name") == "spot")
        by_key = all(name in reads.get("Index Cond", "") for name in ("org_id = ", "holder_id = ", "cell >= ", "cell <= "))
        removed = sum(node.get("Rows Removed by Filter", 0) for node in nodes(plan))
        blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        if not by_key or removed > rows or blocks > 2 * rows:  # the index, and the page of a row that nobody has vacuumed yet
            found.append(f"{mode}: {reads['Node Type']}, {reads.get('Index Cond')}, {removed} rows for nothing, {blocks} blocks of {rows}")
    return found


@pytest.mark.anyio
async def test_nobody_is_looked_for_by_a_scan(database: Database) -> None:
    """D-461: also of an organisation that the planner takes for empty."""
    await database.write(fill, FRESH - 1)
    await database.write(lambda conn: conn.exec_driver_sql("ANALYZE"))
    await database.write(fill, FRESH)
    look = on_sqlite if database.dialect == "sqlite" else on_postgres
    assert await database.write(look) == []
