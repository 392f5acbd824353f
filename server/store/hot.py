"""Statements of the hot path: compiled once per engine, sent as the driver's own SQL.

Building and compiling a Core statement anew costs 0.1 to 0.3 ms, several times what SQLite needs to run it.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

LISTED_MAX: Final = 8_192
"""PostgreSQL's driver takes 32,767 values with one statement, SQLite as many unless it was built for more."""
Compiled = tuple[str, tuple[str, ...], dict[str, Any]]
"""Driver SQL, names of its parameters in order, values written into the statement itself."""
Key = bytes | int | str | tuple[bytes | int | str, ...]
"""A value of one column, or values of several."""
K = TypeVar("K", bound=Key)
Row = sa.Row[*tuple[Any, ...]]


class Hot:
    """One statement whose values are bind parameters; a parameter may not bear the name of a column that it sets."""

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._by_dialect: dict[str, Compiled] = {}

    def run(self, conn: sa.Connection, **values: object) -> sa.CursorResult[Any]:
        """Run it with a value for each named parameter. Rows come as the driver gives them: a Boolean is 0 or 1 on SQLite."""
        found = self._by_dialect.get(conn.dialect.name)
        if found is None:
            found = self._by_dialect[conn.dialect.name] = self._compile(conn.dialect)
        sql, names, written = found
        return conn.exec_driver_sql(sql, tuple([values[name] if name in values else written[name] for name in names]))

    def _compile(self, dialect: sa.Dialect) -> Compiled:
        assert isinstance(self._statement, sa.ClauseElement)  # noqa: S101 - every statement that we build is one
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)  # noqa: S101 - a statement compiles to this type
        return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)


class ByKey(msgspec.Struct, frozen=True, eq=False):
    """Rows of one table whose `key` is among those given: each is looked up by an index that starts with (org_id, *key).

    A database must not read a whole organisation to find a few rows of it, whatever it believes about the table. So the list is the outer
    side of a nested loop: on PostgreSQL one array a column, with a subquery that is planned by itself (OFFSET 0) and for an organisation
    that the planner does not know ((SELECT $1): else one that was never analysed counts as empty, and any index as good), and of lists
    whose length it does not know: a short one would look cheaper than any list, and be planned anew each time, at 0.4 ms; on SQLite VALUES,
    padded to the next power of two so that few texts are prepared, and a CROSS JOIN, which keeps its order.
    """

    table: sa.Table
    key: tuple[str, ...]
    chosen: tuple[str, ...]
    """Columns of a row."""
    same: tuple[str, ...] = ()
    """Further columns that have one value each."""
    when: str = ""
    """A further condition, in the words that both engines have."""
    order: str = ""
    """A column by which all rows are sorted; else they come in the order of the keys."""
    lock: str = ""
    """PostgreSQL: `FOR UPDATE` or `FOR SHARE`. Rows are locked one after the other, in the order of the keys."""
    texts: dict[int, str] = msgspec.field(default_factory=dict)
    """Driver SQL by the size of the list on SQLite, the only one on PostgreSQL under 0."""

    def run(self, conn: sa.Connection, org_id: int, keys: Collection[Key], *same: object) -> list[Row]:
        """The rows, in the order of their keys, as the driver gives them; no statement at all for no keys."""
        found: list[Row] = []
        for piece in pieces(keys):
            text, values = self._postgres(conn, piece) if conn.dialect.name == "postgresql" else self._sqlite(conn, piece)
            found += conn.exec_driver_sql(text, (*values, org_id, *same)).all()
        return found

    def _postgres(self, conn: sa.Connection, keys: list[Any]) -> tuple[str, list[Any]]:
        lists = [keys] if len(self.key) == 1 else [list(column) for column in zip(*keys, strict=True)]
        return self.texts.get(0) or self.texts.setdefault(0, self._postgres_text(conn.dialect)), lists

    def _sqlite(self, conn: sa.Connection, keys: list[Any]) -> tuple[str, list[Any]]:
        size = 1 << (len(keys) - 1).bit_length()
        values = keys if len(self.key) == 1 else [value for key in keys for value in key]
        padded = values + [None] * (size * len(self.key) - len(values))  # nothing equals NULL
        return self.texts.get(size) or self.texts.setdefault(size, self._sqlite_text(conn.dialect, size)), padded

    def _postgres_text(self, dialect: sa.Dialect) -> str:
        types = [self.table.c[name].type.compile(dialect) for name in self.key]
        lists = ", ".join(f"(SELECT ${at}::{type_}[])" for at, type_ in enumerate(types, 1))
        places = [f"${at}" for at in range(len(types) + 1, len(types) + 2 + len(self.same))]
        where = self._where(dialect, [f"(SELECT {places[0]}::BIGINT)", *places[1:]])
        names = self._names(dialect)
        inner = f"SELECT {names} FROM {_quoted(dialect, self.table.name)} AS kept WHERE {where} OFFSET 0 {self.lock}"  # noqa: S608 - our own
        given = f"unnest({lists}) AS given ({self._given()})"
        return f"SELECT {names} FROM {given} CROSS JOIN LATERAL ({inner}) AS kept{self._sorted()}"  # noqa: S608

    def _sqlite_text(self, dialect: sa.Dialect, size: int) -> str:
        key = f"({', '.join('?' * len(self.key))})"
        given = f"given ({self._given()}) AS (VALUES {', '.join([key] * size)})"
        found = f"given CROSS JOIN {_quoted(dialect, self.table.name)} AS kept ON {self._where(dialect, ['?'] * (1 + len(self.same)))}"
        return f"WITH {given} SELECT {self._names(dialect)} FROM {found}{self._sorted()}"  # noqa: S608 - our own names

    def _where(self, dialect: sa.Dialect, values: list[str]) -> str:
        named = zip(("org_id", *self.same), values, strict=True)
        equal = [f"kept.{_quoted(dialect, name)} = {value}" for name, value in named]
        equal += [f"kept.{_quoted(dialect, name)} = given.key_{at}" for at, name in enumerate(self.key)]
        return " AND ".join([*equal, self.when] if self.when else equal)

    def _given(self) -> str:
        return ", ".join(f"key_{at}" for at in range(len(self.key)))

    def _names(self, dialect: sa.Dialect) -> str:
        return ", ".join(f"kept.{_quoted(dialect, name)}" for name in self.chosen)

    def _sorted(self) -> str:
        return f" ORDER BY kept.{self.order}" if self.order else ""


def _quoted(dialect: sa.Dialect, name: str) -> str:
    return dialect.identifier_preparer.quote(name)


def pieces(values: Collection[K]) -> Iterator[list[K]]:
    """The values in order, each once, as many at a time as a statement takes on either engine."""
    ordered = sorted(set(values))
    for at in range(0, len(ordered), LISTED_MAX):
        yield ordered[at : at + LISTED_MAX]
