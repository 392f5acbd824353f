"""Sessions: the access token and the rotating refresh token of one device line.

A family holds the token in use and the successors given out for it. The first use of a successor proves that its answer
arrived: only then is everything else in the family forgotten, so a lost answer signs nobody out. Whoever shows a forgotten
token of a living family shows one that was used up: somebody else has it too, and the family ends.
"""

from typing import Final

import sqlalchemy as sa

from server import chance
from server.domain import tokens
from server.domain.devices import refusal
from server.domain.tokens import Claims, Signer
from server.store import devices
from server.store.identity import Row
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from shared_schema.rest import SignedIn

SUCCESSORS_MAX: Final = 16
"""Unused successors of one token; beyond it the oldest are forgotten."""


def begin(conn: sa.Connection, signer: Signer, org_id: int, line_no: int, now_ms: int) -> SignedIn | Problem:
    """Begin a session of a line in a family of its own; a line that gets no data is answered why, and what was written stays.

    Raises Problem(signed_out) for a user who is not active.
    """
    owner = _owner(conn, org_id, line_no)
    problem = refusal(owner.state, owner.wiped_ms)
    if problem is not None:
        return problem
    devices.end_line(conn, org_id, line_no)
    return _issue(conn, signer, Claims(org_id, owner.user_id, line_no), chance.new_id(), None, now_ms)


def renew(conn: sa.Connection, signer: Signer, refresh_token: str, now_ms: int) -> SignedIn | Problem:
    """Exchange a refresh token. A reuse is answered, not raised, because the end of its family must be committed.

    A revoked device goes on getting tokens until its last upload was taken: they open nothing else.
    Raises Problem(signed_out | device_pending | device_revoked).
    """
    token = tokens.refresh_token(refresh_token)
    living = _locked_family(conn, token)
    shown = next((row for row in living if row.hash == token.hash), None)
    if shown is None:
        devices.drop_tokens(conn, token.org_id, [row.hash for row in living])
        return Problem(Code.refresh_reused, "this refresh token was used before; sign in again")
    if shown.expires_ms <= now_ms:
        raise Problem(Code.signed_out, "the refresh token has expired")
    owner = _owner(conn, token.org_id, shown.line_no)
    problem = refusal(owner.state, owner.wiped_ms)
    if problem is not None and problem.code is not Code.device_wipe:
        raise problem
    _forget(conn, token.org_id, living, shown)
    devices.update(conn, token.org_id, shown.line_no, seen_ms=now_ms)
    return _issue(conn, signer, Claims(token.org_id, owner.user_id, shown.line_no), token.family_id, token.hash, now_ms)


def end(conn: sa.Connection, refresh_token: str) -> None:
    """Sign a line out: every session of it ends; local data and queue stay on the device. Unknown tokens are already out."""
    token = tokens.refresh_token(refresh_token)
    for row in devices.family(conn, token.org_id, token.family_id):
        devices.end_line(conn, token.org_id, row.line_no)


def _locked_family(conn: sa.Connection, token: tokens.RefreshToken) -> list[Row]:
    """Living tokens of the family, read after its device line was locked: two exchanges at once take turns."""
    for row in devices.family(conn, token.org_id, token.family_id):
        devices.find(conn, token.org_id, row.line_no, lock=True)
        break
    living = devices.family(conn, token.org_id, token.family_id)
    if not living:
        raise Problem(Code.signed_out, "this session has ended")
    return living


def _forget(conn: sa.Connection, org_id: int, living: list[Row], shown: Row) -> None:
    """Keep the shown token and its youngest successors: its parent and siblings end with its first use."""
    successors = [row.hash for row in living if row.parent_hash == shown.hash]
    others = [row.hash for row in living if shown.hash not in (row.hash, row.parent_hash)]
    devices.drop_tokens(conn, org_id, others + successors[: 1 - SUCCESSORS_MAX])


def _owner(conn: sa.Connection, org_id: int, line_no: int) -> Row:
    owner = devices.owner(conn, org_id, line_no)
    if owner is None or not owner.active:
        raise Problem(Code.signed_out, "this user may not sign in")
    return owner


def _issue(conn: sa.Connection, signer: Signer, claims: Claims, family_id: bytes, parent_hash: bytes | None, now_ms: int) -> SignedIn:
    access_token, access_expires_ms = tokens.sign(signer, claims, chance.new_id(), now_ms)
    refresh = tokens.RefreshToken(claims.org_id, family_id, chance.secret())
    row = {"org_id": claims.org_id, "hash": refresh.hash, "family_id": family_id, "line_no": claims.line_no, "parent_hash": parent_hash}
    devices.insert_token(conn, {**row, "issued_ms": now_ms, "expires_ms": now_ms + signer.refresh_ms})
    owner = _owner(conn, claims.org_id, claims.line_no)
    return SignedIn(
        access_token=access_token,
        access_expires_ms=access_expires_ms,
        refresh_token=refresh.text,
        refresh_expires_ms=now_ms + signer.refresh_ms,
        org_id=claims.org_id,
        user_id=claims.user_id,
        line_no=claims.line_no,
        last_n=owner.last_n,
        epoch=owner.epoch,
        name=owner.name,
        role=Role(owner.role),
        language=owner.language,
        server_ms=now_ms,
    )
