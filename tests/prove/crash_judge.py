"""Judges a database after a crash: a photograph of all its rows, beside the one that should be there."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.database import open_database
from server.models import metadata, org
from tests.prove.crash_agree import disagreements
from tests.prove.crash_listed import Column

DICE: Final = b"\xd1\xceDICE\xd1\xce"
"""Every id and secret of a crash run begins with it."""
_DICE: Final = re.compile(re.escape(DICE) + b".{8}", re.DOTALL)
_UNTOLD: Final = {("refresh_token", "hash"), ("refresh_token", "parent_hash"), ("enrolment_code", "hash")}
"""Hashes of dice: that there is one counts, not which."""
Row = tuple[object, ...]


class Photo(msgspec.Struct, frozen=True):
    """Every row of every table, dice taken out; and each disagreement found."""

    rows: dict[str, list[Row]]
    broken: list[str]


async def photograph(url: str) -> Photo:
    """Open the database as a server that starts would, and look at all of it in one snapshot."""
    database = open_database(url)
    try:
        return await database.read(_photo)
    finally:
        await database.close()


def _photo(conn: sa.Connection) -> Photo:
    there = set(sa.inspect(conn).get_table_names())
    if not there:
        return Photo({str(name): [] for name in metadata.tables}, [])
    if not there.issuperset(metadata.tables):
        return Photo({}, ["some tables are there and some are not"])
    rows = {
        table.name: sorted((_told(table, row) for row in conn.exec_driver_sql(_all(table))), key=repr) for table in metadata.sorted_tables
    }
    return Photo(rows, [sentence for org_id in conn.execute(sa.select(org.c.org_id)).scalars() for sentence in disagreements(conn, org_id)])


def _all(table: sa.Table) -> str:
    """As text: what is compared with itself asks for no types, and nothing is compiled for each database anew."""
    return f'SELECT {", ".join(chr(34) + column.name + chr(34) for column in table.c)} FROM "{table.name}"'


def _told(table: sa.Table, row: sa.Row[Any]) -> Row:
    return tuple(_plain(value, (table.name, column.name) in _UNTOLD) for column, value in zip(table.c, row, strict=True))


def _plain(value: object, untold: bool) -> object:
    if isinstance(value, (bytes, memoryview)):
        return b"hash" if untold else _DICE.sub(b"a throw of dice.", bytes(value))
    return value


def compare(wanted: Photo, found: Photo, ignored: Iterable[Column] = ()) -> tuple[list[str], list[str]]:
    """(rows that are there once too often, rows that are missing); a row that says something else is one too many: it was written twice."""
    extra, missing = [], []
    skipped = set(ignored)
    for table in metadata.sorted_tables:
        kept = [at for at, column in enumerate(table.c) if (table.name, column.name) not in skipped]
        keys = [at for at, column in enumerate(table.c) if column.primary_key]
        more, less = (
            _less(_counted(a.rows[table.name], kept), _counted(b.rows[table.name], kept)) for a, b in ((found, wanted), (wanted, found))
        )
        if not more and not less:
            continue
        extra += [f"{table.name} {row!r}"[:300] for row in more]
        gone = _less(_counted(wanted.rows[table.name], keys), _counted(found.rows[table.name], keys))
        missing += [f"{table.name} {key!r}"[:300] for key in gone]
    return extra, missing


def compare_counts(wanted: Photo, found: Photo) -> tuple[list[str], list[str]]:
    """(tables with rows too many, tables with rows too few): where transactions in another order lead to other revs and places."""
    sizes = {name: (len(rows), len(found.rows[name])) for name, rows in wanted.rows.items()}
    extra = [f"{name}: {is_} rows, not {was}" for name, (was, is_) in sizes.items() if is_ > was]
    return extra, [f"{name}: {is_} rows, not {was}" for name, (was, is_) in sizes.items() if is_ < was]


def _counted(rows: Iterable[Row], places: list[int]) -> Counter[Row]:
    return Counter(tuple(row[at] for at in places) for row in rows)


def _less(one: Counter[Row], other: Counter[Row]) -> Counter[Row]:
    return one - other
