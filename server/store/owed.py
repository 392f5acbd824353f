"""SQL of what the files of the database may still hold though its rows were deleted: a mark that the deleting transaction sets for its
organisation, and that goes only after the files were scrubbed (D-479, D-489)."""

from typing import Final

import sqlalchemy as sa

from server.models import org, retained
from server.store.retained import GONE_MS, put

ENTITY: Final = 0
"""Of no record."""
ID: Final = b""
Mark = tuple[int, int]
"""(organisation, which time it was set)."""


def note(conn: sa.Connection, org_id: int, at_ms: int) -> None:
    """Something was deleted. Set anew it is another mark: who scrubs meanwhile does not take it away."""
    put(conn, [(org_id, ENTITY, ID, GONE_MS + max(at_ms, 1))])


def marks(conn: sa.Connection) -> list[Mark]:
    """The marks of all organisations."""
    same = sa.and_(retained.c.org_id == org.c.org_id, retained.c.entity == ENTITY, retained.c.id == ID)
    return [(row.org_id, row.at_ms) for row in conn.execute(sa.select(org.c.org_id, retained.c.at_ms).join(retained, same))]


def settle(conn: sa.Connection, scrubbed: list[Mark]) -> None:
    """The files hold nothing any more of what these marks stand for."""
    for org_id, at_ms in scrubbed:
        mine = (retained.c.org_id == org_id, retained.c.entity == ENTITY, retained.c.id == ID, retained.c.at_ms == at_ms)
        conn.execute(sa.delete(retained).where(*mine))
