"""Put an archive in the place of a database, in one transaction, and let history branch there (P-901 to P-903)."""

from pathlib import Path

import sqlalchemy as sa

from server.domain.branch import branched
from server.store import archive, dump, schema
from server.store.archive import ArchiveError, Header, Tell


def restore(conn: sa.Connection, path: Path, header: Header, tell: Tell, now_ms: int, *, replace: bool) -> int:
    """Load a verified archive; how many organisations. `replace`: the content of the database goes. A unit for `schema.alone`.

    Raises ArchiveError when the database holds an organisation, when the archive is newer than the program, or does not fit itself.
    """
    if header.revision not in schema.revisions():
        raise ArchiveError(f"the backup is of a newer program ({header.version}, tables {header.revision}); restore it with that one")
    replaced = dump.floors(conn)
    if replaced and not replace:
        raise ArchiveError("the database is not empty, and nothing in it was touched; name an empty one, or say --replace")
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
    return len(saved)
