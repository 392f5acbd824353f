"""Who was erased: the lines that stay (D-486)."""

from typing import Final

import sqlalchemy as sa

from server.domain.tokens import Claims
from server.services import actors
from server.store import erasures
from shared_schema.registry import BY_NUMBER
from shared_schema.rest_rights import Erasure, ErasurePage

LINES_MAX: Final = 1_000


def listed(conn: sa.Connection, claims: Claims, now_ms: int) -> ErasurePage:
    """The newest lines, for an admin. Raises Problem(forbidden)."""
    org_id = actors.entitled(conn, claims, now_ms, "GET /v1/desk/erasures").org_id
    rows = erasures.listed(conn, org_id, LINES_MAX)
    return ErasurePage(
        items=[
            Erasure(kind=BY_NUMBER[row.entity].name, id=bytes(row.id), by_user_id=bytes(row.by_user_id), at_ms=row.at_ms) for row in rows
        ]
    )
