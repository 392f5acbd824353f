"""Which records were persons who are erased: an entry about one never brings anything of the person back (D-485)."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from server.models import erasure
from server.store.hot import ByKey
from sync.state import Key

ERASED: Final = ByKey(erasure, ("entity", "id"), ("entity", "id"))


def known(conn: sa.Connection, org_id: int, keys: Collection[Key]) -> set[Key]:
    """Those of these records."""
    return {(row.entity, bytes(row.id)) for row in ERASED.run(conn, org_id, keys)}
