"""Which records were persons who are erased: an entry about one never brings anything of the person back (D-485)."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from server.models import erasure
from server.store.hot import ByKey
from shared_schema.twin import id_text
from sync.state import Key

ID_BYTES: Final = 16
ID_CHARACTERS: Final = 36
ERASED: Final = ByKey(erasure, ("entity", "id"), ("entity", "id"))


def known(conn: sa.Connection, org_id: int, keys: Collection[Key]) -> set[Key]:
    """Those of these records."""
    return {(row.entity, bytes(row.id)) for row in ERASED.run(conn, org_id, keys)}


def speaks_of(conn: sa.Connection, org_id: int, user_id: bytes, body: bytes) -> bool:
    """Whether bytes that nobody reads are of an erased user, or name an erased person by the id, packed or as text."""
    ids = {bytes(one) for one in conn.execute(sa.select(erasure.c.id).where(erasure.c.org_id == org_id)).scalars()}
    if not ids or user_id in ids:
        return bool(ids)
    sought = ((ID_BYTES, ids), (ID_CHARACTERS, {id_text(one).encode() for one in ids}))
    return any(body[at : at + size] in known for size, known in sought for at in range(len(body) - size + 1))
