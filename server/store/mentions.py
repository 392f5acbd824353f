"""Where a person stands in the tables: rows that bear the person's id in any column, and rows whose texts name the person."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from server.models import RECORD_TABLES, change, device, metadata, tombstone
from server.models.records import FIELD_REVS
from shared_schema.entity import Entity
from shared_schema.registry import BY_NAME

Row = sa.Row[*tuple[Any, ...]]
BATCH_ROWS: Final = 500
CUSTOMER_COLUMN: Final = "customer_id"
"""Of the tables of the protocol."""
PLUMBING: Final = frozenset(
    {"org", "scope", "feed", "answered", "counter", "item_record", "attempt", "provider", "robot", "spot", "uptime"}
)
"""Tables that hold nothing of a person which does not stand elsewhere: places of the feed, numbers, copies."""


class Within(sa.sql.functions.GenericFunction[int]):
    """Where the bytes of the second argument stand in the first, from 1; 0: nowhere."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "within"


@compiles(Within, "sqlite")
def _in_sqlite(element: Within, compiler: SQLCompiler, **given: Any) -> str:
    whole, part = (compiler.process(one, **given) for one in element.clauses)
    return f"instr({whole}, {part})"


@compiles(Within, "postgresql")
def _in_postgres(element: Within, compiler: SQLCompiler, **given: Any) -> str:
    whole, part = (compiler.process(one, **given) for one in element.clauses)
    return f"position({part} in {whole})"


def bears(table: sa.Table, person_id: bytes) -> sa.ColumnElement[bool]:
    """Whether a row bears the id in any column of bytes, also inside of a packed one."""
    wanted = sa.literal(person_id, sa.LargeBinary)
    return sa.or_(sa.false(), *(Within(column, wanted) > 0 for column in _packed(table)))


def names(table: sa.Table, words: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether a text of a row, also inside of a packed column, contains one of these words."""
    texts = [column for column in table.columns if isinstance(column.type, sa.Text)]
    found = [column.contains(word, autoescape=True) for column in texts for word in sorted(words)]
    packed = [Within(column, sa.literal(word.encode(), sa.LargeBinary)) > 0 for column in _packed(table) for word in sorted(words)]
    return sa.or_(sa.false(), *found, *packed)


def _packed(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, sa.LargeBinary) and column.name != FIELD_REVS]


def customer_column(table: sa.Table) -> sa.Column[Any] | None:
    """The column that says which customer a row is about."""
    entity = BY_NAME.get(str(table.name)) if str(table.name) in RECORD_TABLES else None
    if entity is not None:
        return table.c[entity.about] if entity.about is not None else None
    return next((column for column in table.columns if column.name == CUSTOMER_COLUMN), None)


def lines_of(conn: sa.Connection, org_id: int, user_id: bytes) -> list[int]:
    """The numbers of a user's device lines."""
    return list(conn.execute(sa.select(device.c.line_no).where(device.c.org_id == org_id, device.c.user_id == user_id)).scalars())


def searched() -> list[sa.Table]:
    """The tables in which a person is looked for: first the records, then those of the protocol."""
    others = [table for table in metadata.sorted_tables if table.name not in RECORD_TABLES and table.name not in PLUMBING]
    return [*RECORD_TABLES.values(), *others]


def rows(
    conn: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool], org_id: int, tell: Callable[[int], None] = lambda _: None
) -> Iterator[Row]:
    """The rows of one organisation for which this holds; a few hundred at a time are in memory."""
    chosen = sa.select(table).where(table.c.org_id == org_id, where)
    for batch in conn.execute(chosen, execution_options={"yield_per": BATCH_ROWS}).partitions():
        yield from batch
        tell(len(batch))


def was_there(conn: sa.Connection, org_id: int, entity: Entity, record_id: bytes) -> tuple[bool, bytes | None]:
    """Whether a record was deleted, and the customer that it belonged to."""
    one = (tombstone.c.org_id == org_id, tombstone.c.entity == entity.number, tombstone.c.id == record_id)
    found = conn.execute(sa.select(tombstone.c.customer_id).where(*one)).one_or_none()
    return found is not None, found.customer_id if found is not None else None


def history(conn: sa.Connection, org_id: int, entity: Entity, record_id: bytes) -> list[Row]:
    """All lines of a record's history."""
    one = (change.c.org_id == org_id, change.c.entity == entity.number, change.c.id == record_id)
    return list(conn.execute(sa.select(change).where(*one).order_by(change.c.rev)))
