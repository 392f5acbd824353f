"""The rows that a beginning leaves in a database: played once by the services themselves, then put into other empty ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from server.models import metadata

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table → its rows, of the tables that have any."""


def taken(conn: sa.Connection) -> Rows:
    """All that stands in the database."""
    found = {table.name: [dict(row) for row in conn.execute(sa.select(table)).mappings()] for table in metadata.sorted_tables}
    return {name: rows for name, rows in found.items() if rows}


def put(conn: sa.Connection, rows: Rows) -> None:
    """Let an empty database hold the same. Whatever stands there already is in the way, and said so by a key that is taken."""
    for table in metadata.sorted_tables:
        if table.name in rows:
            conn.execute(sa.insert(table), rows[table.name])
