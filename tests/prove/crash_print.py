"""The fingerprint of a database: of its tables and every row in them, read in one look; equal ones hold the same."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing

import asyncpg
import sqlalchemy as sa

from server.models import metadata

TABLES = "SELECT string_agg(table_name, ',' ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'public'"


def fingerprint(url: str) -> bytes:
    """Of the database at `url`, which is opened for it: a log that a death left is read on the way."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _of_file(str(parsed.database))
    return asyncio.run(_of_server(parsed.set(drivername="postgresql").render_as_string(hide_password=False)))


def _of_file(path: str) -> bytes:
    told = hashlib.sha256()
    with closing(sqlite3.connect(path)) as db:
        told.update(repr(db.execute("PRAGMA quick_check").fetchall()).encode())
        made = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        told.update(repr(made).encode())
        for name in sorted(name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
            told.update(repr((name, db.execute(f'SELECT * FROM "{name}"').fetchall())).encode())
    return told.digest()


async def _of_server(dsn: str) -> bytes:
    connection = await asyncpg.connect(dsn)
    try:
        there = await connection.fetchval(TABLES) or ""
        known = [name for name in there.split(",") if name in metadata.tables]
        told = [repr(await connection.fetch(_rows(known)))] if known else []
    finally:
        await connection.close()
    return hashlib.sha256(repr((there, told)).encode()).digest()


def _rows(tables: list[str]) -> str:
    """Of each table a digest of its rows, in one statement."""
    one = "SELECT '{0}', md5(coalesce(string_agg(r::text, ' ' ORDER BY r::text), '')) FROM \"{0}\" r"
    return " UNION ALL ".join(one.format(name) for name in tables)
