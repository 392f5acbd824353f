"""Big databases for rows that ask whether work grows with what is there: many customers or many organisations, copied in bulk.

One customer, or one organisation, enters through real pushes; the others are its copies by `INSERT … SELECT`, with ids of their own.
Copied customers have standings and due rows, but no feed: rows that pull them want another fixture.
"""

import time
from typing import Final

import sqlalchemy as sa

from bench.world import World
from server.database import Database
from server.models import RECORD_TABLES, due, metadata
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from shared_schema.registry import BY_RECORD

CUSTOMER: Final = RECORD_TABLES["customer"]
STANDING: Final = RECORD_TABLES["standing"]
DAYS: Final = 60
"""So long ago the rep got the customers: longer than an organisation wants them to be without a contact."""
DAY_MS: Final = 86_400_000
CHUNK: Final = 100_000
OF_AN_ORGANISATION: Final = 40
CUSTOMERS: Final = 1_000_000
CUSTOMERS_FEW: Final = 1_000
ORGANISATIONS: Final = 1_000
ORGANISATIONS_FEW: Final = 10


async def customers(database: Database, count: int) -> None:
    """One organisation whose rep has so many customers, none of them due."""
    world = await World(database).open()
    await world.rep(1)
    await database.write(_let_age, world.org_id)
    for at in range(1, count, CHUNK):
        await database.write(_copy_customers, world.org_id, min(CHUNK, count - at))
    await database.write(_settle)


async def organisations(database: Database, count: int) -> None:
    """So many organisations, each with a rep who has a few customers, none of them due."""
    world = await World(database).open()
    await world.rep(1)
    await database.write(_let_age, world.org_id)
    await database.write(_copy_customers, world.org_id, OF_AN_ORGANISATION - 1)
    await database.write(_settle)
    await database.write(_copy_organisation, world.org_id, count - 1)


async def ruled(database: Database) -> None:
    """A reclaim rule that takes the customers of `customers`, as soon as their owner has been warned."""
    await database.write(_rule)


def _rule(conn: sa.Connection) -> None:
    now_ms = round(time.time() * 1_000)
    day, pool = now_ms // DAY_MS, Pool(b"p" * 16, 1, "Fallen")
    half = DAYS // 2
    rule = ReclaimRule(b"r" * 16, 1, 1, day - half, pool.id, now_ms, pool.id, ReclaimBasis.contact, half, half, half, half)
    for record in (pool, rule):
        entity = BY_RECORD[type(record)]
        conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, 1, record)])


def _numbers(count: int) -> str:
    """A table of one column, the numbers from 1 on."""
    counted = f"SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < {count}"
    return f"(WITH RECURSIVE counted(number) AS ({counted}) SELECT number FROM counted) AS numbers"


def _copy_customers(conn: sa.Connection, org_id: int, count: int) -> None:
    """Copies of a customer of the organisation, each with a standing."""
    fresh = "randomblob(16)" if dialect_of(conn) == "sqlite" else "decode(replace(gen_random_uuid()::text, '-', ''), 'hex')"
    first = conn.execute(sa.select(STANDING.c.id).where(STANDING.c.org_id == org_id).limit(1)).scalar_one()
    conn.exec_driver_sql("CREATE TEMPORARY TABLE IF NOT EXISTS coming (id " + ("BLOB" if dialect_of(conn) == "sqlite" else "BYTEA") + ")")
    conn.exec_driver_sql("DELETE FROM coming")
    conn.exec_driver_sql(f"INSERT INTO coming SELECT {fresh} FROM {_numbers(count)}")
    for table in (CUSTOMER, STANDING):
        others = ", ".join(column.name for column in table.columns if column.name not in ("org_id", "id"))
        template = (
            f"SELECT {org_id}, coming.id, {others} FROM (SELECT {others} FROM {table.name} WHERE org_id = {org_id} AND id = :first) AS one"
        )
        conn.execute(sa.text(f"INSERT INTO {table.name} (org_id, id, {others}) {template} CROSS JOIN coming"), {"first": first})


def _let_age(conn: sa.Connection, org_id: int) -> None:
    """The rep got the first customer long ago."""
    long_ago_ms = round(time.time() * 1_000) - DAYS * DAY_MS
    conn.execute(sa.update(STANDING).where(STANDING.c.org_id == org_id).values(owned_since_ms=long_ago_ms))


def _settle(conn: sa.Connection) -> None:
    """Each customer is judged again in a year."""
    now_ms = round(time.time() * 1_000)
    conn.execute(sa.delete(due))
    rows = sa.select(
        STANDING.c.org_id,
        sa.literal("no_contact"),
        STANDING.c.id,
        sa.literal(b""),
        sa.literal(now_ms + 365 * DAY_MS, sa.BigInteger()),
        sa.literal(0, sa.BigInteger()),
    )
    conn.execute(
        sa.insert(due).from_select([due.c.org_id, due.c.rule, due.c.subject_id, due.c.reader_id, due.c.at_ms, due.c.since_ms], rows)
    )
    conn.exec_driver_sql("ANALYZE")


def _copy_organisation(conn: sa.Connection, org_id: int, count: int) -> None:
    """All rows of an organisation again, under numbers of their own."""
    for table in metadata.sorted_tables:
        if "org_id" not in table.c:
            continue
        values = [
            f"one.{column.name} || numbers.number" if (table.name, column.name) == ("org", "login") else f"one.{column.name}"
            for column in table.columns
            if column.name != "org_id"
        ]
        names = ", ".join(column.name for column in table.columns if column.name != "org_id")
        copied = f"{table.name} AS one CROSS JOIN {_numbers(count)} WHERE one.org_id = {org_id}"
        chosen = f"SELECT {org_id} + numbers.number, {', '.join(values)} FROM {copied}"
        conn.exec_driver_sql(f"INSERT INTO {table.name} (org_id, {names}) {chosen}")
    conn.exec_driver_sql("ANALYZE")
