"""The scopes of a feed, and the news of a record for one of them (P-121 to P-129)."""

from typing import NamedTuple

from shared_schema.policy import Lane
from shared_schema.wire import Reason
from sync.state import Held, Key


class Reader(NamedTuple):
    """One scope by its purpose: a lane of a user, a department's notes, a tile of a pool, the reference records (no subject)."""

    lane: Lane
    subject_id: bytes = b""
    tile: int = 0


Audience = frozenset[Reader]
REFERENCE = Reader(Lane.reference)
NOBODY: Audience = frozenset()
EVERYBODY: Audience = frozenset({REFERENCE})


class News(NamedTuple):
    """The news of one record for one scope: its new version, or (`held` None) that it left, and why."""

    reader: Reader
    key: Key
    held: Held | None
    reason: Reason | None = None
