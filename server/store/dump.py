"""All tables, row by row, out of a database and into one; and where its organisations stand."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from server.domain.branch import Stand
from server.models import RECORD_TABLES, change, counter, device, metadata, org, tombstone
from server.store.archive import ArchiveError

BATCH_ROWS = 1_000


class LineStands(msgspec.Struct, frozen=True):
    """A device line in a snapshot, as a backup holds it."""

    org_id: int
    epoch: int
    line_no: int
    last_n: int


def counts(conn: sa.Connection) -> dict[str, int]:
    """Table → rows."""
    return {
        str(table.name): int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()) for table in metadata.sorted_tables
    }


def rows(conn: sa.Connection, table: sa.Table, tell: Callable[[int], None]) -> Iterator[Sequence[object]]:
    """Every row of a table, values in the order of its columns; a thousand at a time are in memory."""
    for batch in conn.execute(sa.select(table), execution_options={"yield_per": BATCH_ROWS}).partitions():
        yield from batch
        tell(len(batch))


def line_stands(conn: sa.Connection) -> list[LineStands]:
    """Every device line, by organisation and number."""
    found = sa.select(device.c.org_id, org.c.epoch, device.c.line_no, device.c.last_n).join(org, org.c.org_id == device.c.org_id)
    return [LineStands(*row) for row in conn.execute(found.order_by(device.c.org_id, device.c.line_no))]


def mark_backed_up(conn: sa.Connection, lines: Sequence[LineStands]) -> None:
    """Let devices forget the entries that a backup holds; never lowered, and only while the snapshot's epoch stands (P-904)."""
    same = sa.exists().where(org.c.org_id == device.c.org_id, org.c.epoch == sa.bindparam("key_epoch"))
    mine = (device.c.org_id == sa.bindparam("key_org"), device.c.line_no == sa.bindparam("key_line"))
    n = sa.bindparam("n", type_=sa.BigInteger)
    update = sa.update(device).where(*mine, device.c.backed_up_n < n, same).values(backed_up_n=n)
    conn.execute(update, [{"key_org": one.org_id, "key_line": one.line_no, "key_epoch": one.epoch, "n": one.last_n} for one in lines])


def ours(conn: sa.Connection) -> list[str]:
    """Names of our tables that are there."""
    wanted = {*metadata.tables, "alembic_version"}
    return sorted(wanted & set(sa.inspect(conn).get_table_names()))


def drop_all(conn: sa.Connection) -> None:
    """Drop our tables with everything in them."""
    for name in ours(conn):
        conn.exec_driver_sql(f"DROP TABLE {conn.dialect.identifier_preparer.quote(name)}")


class Loader:
    """Puts rows into the tables that are there, of any version."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._columns: dict[str, set[str]] = {}
        self.counts: dict[str, int] = {}

    def put(self, table: str, columns: Sequence[str], values: Sequence[tuple[object, ...]]) -> None:
        """Insert rows. Raises ArchiveError for a table or a column that is not there."""
        if table not in self._columns:
            there = sa.inspect(self._conn)
            known = table in metadata.tables and there.has_table(table)
            self._columns[table] = {column["name"] for column in there.get_columns(table)} if known else set()
        if not set(columns) <= self._columns[table] or any(len(row) != len(columns) for row in values):
            raise ArchiveError(f"the backup does not fit its own table {table!r}")
        dialect = self._conn.dialect
        quote = dialect.identifier_preparer.quote
        marks = [f"${at}" for at in range(1, len(columns) + 1)] if dialect.name == "postgresql" else ["?"] * len(columns)
        names = ", ".join(map(quote, columns))
        self._conn.exec_driver_sql(f"INSERT INTO {quote(table)} ({names}) VALUES ({', '.join(marks)})", list(values))  # noqa: S608 - known names
        self.counts[table] = self.counts.get(table, 0) + len(values)


def stands(conn: sa.Connection) -> dict[int, Stand]:
    """How far each organisation came, by its number: a scan of every table that holds revs."""
    return _stands(conn, _largest_revs(conn))


def floors(conn: sa.Connection) -> dict[int, Stand]:
    """The same of a database that may be of another version: its floors stand for its revs. Empty without organisations."""
    there = {org.name, counter.name} <= set(ours(conn))
    return _stands(conn, {}) if there else {}


def _stands(conn: sa.Connection, revs: Mapping[int, int]) -> dict[int, Stand]:
    return {
        row.org_id: Stand(row.epoch, max(row.rev_floor, revs.get(row.org_id, 0)), _counters(conn, row.org_id))
        for row in conn.execute(sa.select(org.c.org_id, org.c.epoch, org.c.rev_floor))
    }


def _largest_revs(conn: sa.Connection) -> dict[int, int]:
    found: dict[int, int] = {}
    for table in (*RECORD_TABLES.values(), tombstone, change):
        for org_id, rev in conn.execute(sa.select(table.c.org_id, sa.func.max(table.c.rev)).group_by(table.c.org_id)):
            found[org_id] = max(found.get(org_id, 0), rev)
    return found


def _counters(conn: sa.Connection, org_id: int) -> dict[str, int]:
    found = conn.execute(sa.select(counter.c.key, counter.c.value).where(counter.c.org_id == org_id))
    return {row.key: row.value for row in found}


def go_on(conn: sa.Connection, where: Mapping[int, Stand]) -> None:
    """Put the organisations where they go on."""
    for org_id, stand in where.items():
        conn.execute(sa.update(org).where(org.c.org_id == org_id).values(epoch=stand.epoch, rev_floor=stand.rev))
        for key, value in stand.counters.items():
            row = {"org_id": org_id, "key": key, "value": value}
            known = conn.execute(sa.update(counter).where(counter.c.org_id == org_id, counter.c.key == key).values(value=value)).rowcount
            if not known:
                conn.execute(sa.insert(counter).values(row))
