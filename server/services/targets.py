"""A device says where push reaches it, and that it wants none any more."""

import hashlib
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from notifications import subscription
from notifications.push import TargetKind
from server.domain.tokens import Claims
from server.services import actors
from server.store import identity, targets
from shared_schema.problem import Code, Problem
from shared_schema.rest import PushTargetRequest

TARGETS_MAX: Final = 10
"""Of one user; the oldest goes."""


def register(conn: sa.Connection, claims: Claims, asked: PushTargetRequest, services: Collection[str], now_ms: int) -> None:
    """Make this the target of the device's line, for as long as its session lasts (P-810).

    `services`: services of push that the operator added. Raises Problem(target_kind_unknown | target_refused) and those of `actor`.
    """
    acting = actors.actor(conn, claims, now_ms)
    _refuse_wrong(asked, services)
    identity.lock_account(conn, acting.org_id, acting.user_id)
    values = {
        "kind": asked.kind,
        "address": asked.address,
        "hash": address_hash(asked.kind, asked.address),
        "user_id": acting.user_id,
        "session_id": claims.session_id,
        "since_ms": now_ms,
    }
    targets.put(conn, acting.org_id, acting.line_no, values)
    targets.keep_newest(conn, acting.org_id, acting.user_id, TARGETS_MAX)


def withdraw(conn: sa.Connection, claims: Claims, now_ms: int) -> None:
    """The device wants no push any more. Raises the Problems of `actor`."""
    acting = actors.actor(conn, claims, now_ms)
    targets.drop(conn, acting.org_id, acting.line_no)


def address_hash(kind: str, address: str) -> bytes:
    """What stands for an address: of a subscription its endpoint counts, for a browser may write the rest in another order."""
    place = address if kind != TargetKind.webpush else subscription.endpoint(address)
    return hashlib.sha256(f"{kind}\0{place}".encode()).digest()


def _refuse_wrong(asked: PushTargetRequest, services: Collection[str]) -> None:
    if asked.kind not in TargetKind.__members__:
        raise Problem(Code.target_kind_unknown, f"kind is one of {', '.join(TargetKind)}", field="kind")
    if asked.kind != TargetKind.webpush:
        if not asked.address.isascii() or not asked.address.isprintable() or " " in asked.address:
            raise Problem(Code.target_refused, "this is no address of Firebase: letters and digits without a blank", field="address")
        return
    try:
        subscription.read(asked.address, services)
    except ValueError as error:
        raise Problem(Code.target_refused, str(error), field="address") from None
