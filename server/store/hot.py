"""Statements of the hot path: written in Core, compiled once per engine, sent as the driver's own SQL.

Building and compiling a Core statement anew costs 0.1 to 0.3 ms, several times what SQLite needs to run it.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa

LISTED_MAX: Final = 8_192
"""PostgreSQL's driver takes 32,767 values with one statement, SQLite as many unless it was built for more."""
Compiled = tuple[str, tuple[str, ...], dict[str, Any]]
"""Driver SQL, names of its parameters in order, values written into the statement itself."""


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
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)  # noqa: S101 - what a statement compiles to
        return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)


def pieces(values: Collection[bytes]) -> Iterator[list[bytes]]:
    """The values in order, as many at a time as a statement takes on either engine."""
    ordered = sorted(values)
    for at in range(0, len(ordered), LISTED_MAX):
        yield ordered[at : at + LISTED_MAX]


def listed(name: str, values: Collection[bytes]) -> dict[str, bytes]:
    """Values of the parameters `name_0` … of a list padded to `size_of(values)` by its last one, in order."""
    ordered = sorted(values)
    ordered += ordered[-1:] * (size_of(ordered) - len(ordered))
    return {f"{name}_{place}": value for place, value in enumerate(ordered)}


def size_of(values: Collection[bytes]) -> int:
    """The next power of two, so that few texts are prepared; 0 for none."""
    return 1 << (len(values) - 1).bit_length() if values else 0


def among(column: sa.ColumnElement[Any], name: str, size: int) -> sa.ColumnElement[bool]:
    """`column` is one of the parameters `name_0` …; of none of them: false."""
    return column.in_([sa.bindparam(f"{name}_{place}", type_=column.type) for place in range(size)]) if size else sa.false()
