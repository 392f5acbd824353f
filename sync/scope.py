"""The scopes of a feed, and what one of them hears of a record (P-121 to P-129)."""

from typing import NamedTuple

from shared_schema.policy import Lane
from shared_schema.wire import Reason
from sync.state import Held, Key


class Reader(NamedTuple):
    """One scope by what it is for: a lane of a user, a department's notes, a tile of a pool, the reference records (no subject)."""

    lane: Lane
    subject_id: bytes = b""
    tile: int = 0


Audience = frozenset[Reader]
REFERENCE = Reader(Lane.reference)
NOBODY: Audience = frozenset()
EVERYBODY: Audience = frozenset({REFERENCE})


class News(NamedTuple):
    """What one scope must hear of one record: its new version, or (`held` None) that it left, and why."""

    reader: Reader
    key: Key
    held: Held | None
    reason: Reason | None = None
