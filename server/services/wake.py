"""Where a device would stand if it asked now: which scopes it may hear of, and a mark that changes when one of them moves (P-8xx)."""

import hashlib

import msgspec
import sqlalchemy as sa

from server.domain.tokens import Claims
from server.services.actors import actor
from server.store import feed
from shared_schema.wire import ENCODER


class Watched(msgspec.Struct, frozen=True):
    """The scopes of one device now; `mark` names their numbers and heads and tells neither."""

    numbers: frozenset[int]
    mark: str


def watched(conn: sa.Connection, claims: Claims, now_ms: int) -> Watched:
    """The scopes for which a device may be woken; a read.

    Raises Problem(signed_out | device_revoked | device_wipe | device_pending).
    """
    acting = actor(conn, claims, now_ms)
    heads = {number: scope.head for number, scope in feed.scopes_of(conn, acting).items()}
    told = ENCODER.encode((acting.org_id, acting.user_id, sorted(heads.items())))
    return Watched(frozenset(heads), hashlib.sha256(told).hexdigest()[:16])
