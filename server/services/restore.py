"""Put an archive in the place of a database, in one transaction, and let history branch there (P-901 to P-903).

Places that are older than an organisation keeps them do not come back (D-479)."""

from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from server.domain.branch import branched
from server.services.erase_again import Line, again, line
from server.services.erase_places import all_places
from server.services.forget import forget_all
from server.store import archive, dump, erasures, schema
from server.store.archive import ArchiveError, Header, Tell
from shared_schema.registry import BY_NUMBER


class Restored(Struct, frozen=True):
    """How many organisations stand, and how many persons were erased again."""

    organisations: int
    erased: int


class Into(Struct, frozen=True):
    """Where an archive goes. `replace`: the content of the database goes; `erased`: persons who were erased since, beside those whom the
    replaced database names."""

    replace: bool = False
    erased: tuple[Line, ...] = ()


def restore(conn: sa.Connection, path: Path, header: Header, tell: Tell, now_ms: int, into: Into) -> Restored:
    """Load a verified archive, and erase again whom it should not hold any more (D-488). A unit for `schema.alone`.

    Raises ArchiveError when the database holds an organisation, when the archive is newer than the program, or does not fit itself.
    """
    if header.revision not in schema.revisions():
        raise ArchiveError(f"the backup is of a newer program ({header.version}, tables {header.revision}); restore it with that one")
    replaced = dump.floors(conn)
    if replaced and not into.replace:
        raise ArchiveError("the database is not empty, and nothing in it was touched; name an empty one, or say --replace")
    lines = [*into.erased, *erased_there(conn)]
    dump.drop_all(conn)
    schema.upgrade(conn, header.revision)
    loader = dump.Loader(conn)
    for table, columns, rows in archive.blocks(path):
        loader.put(table, columns, rows)
        tell(len(rows), header.rows)
    if loader.counts != {table: count for table, count in header.counts.items() if count}:
        raise ArchiveError("the backup does not hold the rows that it names; choose another one")
    schema.upgrade(conn)
    saved = dump.stands(conn)
    dump.go_on(conn, {org_id: branched(stand, replaced.get(org_id), now_ms) for org_id, stand in saved.items()})
    forget_all(conn, now_ms)
    erased = again(conn, lines, now_ms)
    all_places(conn, now_ms)
    return Restored(len(saved), erased)


def erased_there(conn: sa.Connection) -> list[Line]:
    """The erasures that a database names; of another version too."""
    return [line(row.login, BY_NUMBER[row.entity], bytes(row.id), bytes(row.by_user_id), row.at_ms) for row in erasures.every(conn)]
