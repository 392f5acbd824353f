"""Sessions: the access token and the rotating refresh token of one device line.

A line has one session or none. The session's id stands on the line and in each of its access tokens, so that the end of a session is
the end of all of them (P-010). A refresh keeps the session; a log-in begins another one. `server/domain/exchange.py` says which
refresh tokens of the session's family are taken.
"""

import sqlalchemy as sa

from server import chance
from server.domain import tokens
from server.domain.devices import refusal
from server.domain.exchange import Kept, exchange, of_lost_time, token_in_use
from server.domain.tokens import Claims, Signer
from server.store import device_lines as store_lines
from server.store import devices
from server.store.identity import Row
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from shared_schema.rest import SignedIn


def begin(
    conn: sa.Connection, signer: Signer, org_id: int, line_no: int, now_ms: int, session_id: bytes | None = None
) -> SignedIn | Problem:
    """Begin a session of a line, or let one that moves to it go on, in a family of its own; the one that the line had ends.

    A line that gets no data is answered why, and the rows that were written stay. Raises Problem(signed_out) for a user who is not active.
    """
    owner = _owner(conn, org_id, line_no)
    problem = refusal(owner.state, owner.wiped_ms)
    if problem is not None:
        return problem
    claims = Claims(org_id, owner.user_id, line_no, session_id or chance.new_id())
    devices.put_session(conn, org_id, line_no, claims.session_id)
    return _issue(conn, signer, claims, chance.new_id(), None, now_ms)


def renew(conn: sa.Connection, signer: Signer, refresh_token: str, now_ms: int) -> SignedIn | Problem:
    """Exchange a refresh token. A reuse is answered, not raised, because the end of the session must be committed.

    A revoked device goes on getting tokens until its last upload was taken: they open nothing else.
    Raises Problem(signed_out | device_pending | device_revoked).
    """
    token = tokens.refresh_token(refresh_token)
    living = _locked_family(conn, token)
    if not living:
        raise Problem(Code.signed_out, "this session has ended")
    line_no = living[0].line_no
    owner = _owner(conn, token.org_id, line_no)
    exchanged = exchange(_known_again(conn, signer, token, living, owner.epoch, now_ms), token.hash, now_ms)
    if exchanged is None:
        devices.end_line(conn, token.org_id, line_no)
        return Problem(Code.refresh_reused, "this refresh token was used before; sign in again")
    if any(row.hash == token.hash and row.expires_ms <= now_ms for row in living):
        raise Problem(Code.signed_out, "the refresh token has expired")
    problem = refusal(owner.state, owner.wiped_ms)
    if problem is not None and problem.code is not Code.device_wipe:
        raise problem
    devices.drop_tokens(conn, token.org_id, exchanged.forgotten)
    store_lines.advance(conn, token.org_id, line_no, seen_ms=now_ms)
    claims = Claims(token.org_id, owner.user_id, line_no, owner.session_id)
    return _issue(conn, signer, claims, token.family_id, exchanged.parent_hash, now_ms)


def end(conn: sa.Connection, refresh_token: str) -> None:
    """Sign a line out: its session ends; local data and queue stay on the device. Unknown tokens are already out."""
    token = tokens.refresh_token(refresh_token)
    for line_no in {row.line_no for row in _locked_family(conn, token)}:
        devices.end_line(conn, token.org_id, line_no)


def _locked_family(conn: sa.Connection, token: tokens.RefreshToken) -> list[Row]:
    """Living tokens of the family, read after its device line was locked: exchange, log-out and log-in at once take turns."""
    for row in devices.family(conn, token.org_id, token.family_id):
        devices.find(conn, token.org_id, row.line_no, lock=True)
        break
    return devices.family(conn, token.org_id, token.family_id)


def _known_again(
    conn: sa.Connection, signer: Signer, token: tokens.RefreshToken, living: list[Row], restored_ms: int, now_ms: int
) -> list[Kept]:
    """The living tokens, and among them, as a successor of the one in use, the shown one if a restore forgot it.

    `restored_ms`: the moment of the restore, which is the epoch of a restored organisation.
    """
    kept = [Kept(row.hash, row.parent_hash, row.issued_ms) for row in living]
    made_ms = token.made_ms(signer)
    expires_ms = (made_ms or 0) + signer.refresh_ms
    if made_ms is None or expires_ms <= now_ms or not of_lost_time(kept, made_ms, restored_ms):
        return kept
    again = Kept(token.hash, (token_in_use(kept) or kept[0]).hash, made_ms)
    row = {"org_id": token.org_id, "hash": again.hash, "family_id": token.family_id, "line_no": living[0].line_no}
    devices.insert_token(conn, {**row, "parent_hash": again.parent_hash, "issued_ms": made_ms, "expires_ms": expires_ms})
    return [*kept, again]


def _owner(conn: sa.Connection, org_id: int, line_no: int) -> Row:
    owner = devices.owner(conn, org_id, line_no)
    if owner is None or not owner.active:
        raise Problem(Code.signed_out, "this user may not sign in")
    return owner


def _issue(conn: sa.Connection, signer: Signer, claims: Claims, family_id: bytes, parent_hash: bytes | None, now_ms: int) -> SignedIn:
    access_token, access_expires_ms = tokens.sign(signer, claims, chance.new_id(), now_ms)
    refresh = tokens.new_refresh_token(signer, claims.org_id, family_id, chance.secret(), now_ms)
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
