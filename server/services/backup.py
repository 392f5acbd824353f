"""Write everything into one archive, in one snapshot; then let devices forget the entries that it holds (P-904)."""

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO, Final

import msgspec
import sqlalchemy as sa

from server.database import Database
from server.models import metadata
from server.store import dump, schema
from server.store.archive import FORMAT, ArchiveError, Header, Tell, Writer
from server.store.dump import LineStands

MARKED_LINES: Final = 200
"""Device lines of one transaction: their phones wait for it."""


class Saved(msgspec.Struct, frozen=True):
    """The content of an archive. `lines`: how far each device line had come in the snapshot."""

    header: Header
    size_bytes: int
    lines: list[LineStands]


def save(conn: sa.Connection, file: BinaryIO, version: str, now_ms: int, tell: Tell) -> Saved:
    """Write every table; a unit for `Database.read`, so that all of it is one moment. Raises ArchiveError on tables of another version."""
    found = schema.revision(conn)
    if found != schema.head():
        raise ArchiveError(f"the tables are at {found or 'nothing'}, this program wants {schema.head()}; run outrider migrate first")
    header = Header(FORMAT, version, schema.head(), now_ms, dump.counts(conn))
    writer = Writer(file, header)
    for table in metadata.sorted_tables:
        writer.add(
            str(table.name), [str(column.name) for column in table.columns], dump.rows(conn, table, lambda more: tell(more, header.rows))
        )
    lines = dump.line_stands(conn)
    writer.finish()
    return Saved(header, writer.size_bytes, lines)


async def mark(database: Database, lines: Sequence[LineStands]) -> None:
    """The archive is safe: phones need not keep the entries that it holds. Pushes go on meanwhile."""
    for at in range(0, len(lines), MARKED_LINES):
        await database.write(partial(dump.mark_backed_up, lines=lines[at : at + MARKED_LINES]))
