"""Device lines: list, approve, revoke, fork, and the last upload of a revoked one."""

from typing import Final

import sqlalchemy as sa

from server.domain.devices import ACTIVE, CLOSED, PENDING, REVOKED, refusal
from server.domain.tokens import Claims, Signer
from server.services import actors, device_lines, sessions
from server.store import devices, erased, identity
from server.store.identity import Row
from shared_schema.problem import Code, Problem
from shared_schema.rest import PAGE_ITEMS, Device, DevicePage, SignedIn
from sync.forgetting import NOTHING
from sync.rules import Reach

QUARANTINE_BYTES_MAX: Final = 1024 * 1024


def listed(conn: sa.Connection, claims: Claims, after: int, now_ms: int) -> DevicePage:
    """List lines after number `after`: an admin's organisation, a manager's reports.

    Raises Problem(forbidden).
    """
    acting = actors.entitled(conn, claims, now_ms, "GET /v1/desk/devices")
    whose = None if acting.reach is Reach.organisation else acting.report_ids
    rows = devices.listed(conn, acting.org_id, whose, after, PAGE_ITEMS + 1)
    items = [_device(row) for row in rows[:PAGE_ITEMS]]
    return DevicePage(items=items, after=items[-1].line_no if len(rows) > PAGE_ITEMS else None)


def approve(conn: sa.Connection, claims: Claims, line_no: int, now_ms: int) -> Device:
    """Let a pending line in; an active one stays so.

    Raises Problem(forbidden | not_found | state_wrong).
    """
    acting = actors.entitled(conn, claims, now_ms, "POST /v1/desk/devices/{line_no}/approve")
    return _changed(conn, acting.org_id, line_no, (PENDING, ACTIVE), ACTIVE)


def revoke(conn: sa.Connection, claims: Claims, line_no: int, now_ms: int) -> Device:
    """Shut a line out: from the commit on it gets no data, and its next sync is told to wipe the device.

    Raises Problem(forbidden | not_found | state_wrong).
    """
    acting = actors.entitled(conn, claims, now_ms, "POST /v1/desk/devices/{line_no}/revoke")
    return _changed(conn, acting.org_id, line_no, (PENDING, ACTIVE, REVOKED), REVOKED)


def fork(conn: sa.Connection, signer: Signer, claims: Claims, now_ms: int) -> SignedIn | Problem:
    """Close this line and go on with a new one of the same installation and user; asked again after a lost answer, with that one.

    The session moves to the new line with its id: that is how a second asking is known. Raises Problem(signed_out).
    """
    known = identity.lock_account(conn, claims.org_id, claims.user_id) and devices.find(conn, claims.org_id, claims.line_no, lock=True)
    if not known or known.user_id != claims.user_id:
        raise Problem(Code.signed_out, "this user may not sign in")
    line_no = known.line_no
    if known.state == ACTIVE:
        if known.session_id != claims.session_id:
            raise Problem(Code.signed_out, "this session has ended")
        devices.put_line(conn, claims.org_id, claims.line_no, new=False, state=CLOSED)
        devices.end_line(conn, claims.org_id, claims.line_no)
        phone = device_lines.Phone(known.installation_id, known.name, known.app)
        line_no = device_lines.opened(conn, claims.org_id, claims.user_id, phone, ACTIVE, now_ms).line_no
    elif known.state == CLOSED:
        line_no = _successor(conn, claims, known)
    return sessions.begin(conn, signer, claims.org_id, line_no, now_ms, claims.session_id)


def quarantine(conn: sa.Connection, claims: Claims, body: bytes, now_ms: int) -> Problem:
    """Put the last upload of a revoked device aside and return its answer: device_wipe once, device_revoked from then on.

    Only the first MiB of `body` is kept, and nothing of an erased person (D-485). The Problem is for the caller to raise after the commit.
    """
    known = devices.find(conn, claims.org_id, claims.line_no, lock=True)
    if known is None or known.user_id != claims.user_id:
        return Problem(Code.signed_out, "this user may not sign in")
    problem = refusal(known.state, known.wiped_ms)
    if problem is None:
        return Problem(Code.busy, "an admin let this device in again; send the same once more")
    if problem.code is Code.device_wipe:
        if body:
            kept = NOTHING if erased.speaks_of(conn, claims.org_id, claims.user_id, body) else body[:QUARANTINE_BYTES_MAX]
            devices.keep_upload(conn, claims.org_id, claims.line_no, now_ms, kept)
        devices.put_line(conn, claims.org_id, claims.line_no, new=False, wiped_ms=now_ms)
        devices.end_line(conn, claims.org_id, claims.line_no)
    return problem


def _successor(conn: sa.Connection, claims: Claims, known: Row) -> int:
    """The unused line to which an earlier fork moved this session; the closed line is only asked for its own refusal."""
    newest = devices.newest(conn, claims.org_id, known.installation_id, known.user_id)
    found = newest and devices.find(conn, claims.org_id, newest.line_no, lock=True)
    return int(found.line_no if found and found.session_id == claims.session_id and found.last_n == 0 else known.line_no)


def _changed(conn: sa.Connection, org_id: int, line_no: int, before: tuple[str, ...], after: str) -> Device:
    known = devices.find(conn, org_id, line_no, lock=True)
    if known is None:
        raise Problem(Code.not_found, "there is no such device")
    if known.state not in before:
        raise Problem(Code.state_wrong, f"the device is {known.state}")
    if known.state != after:
        devices.put_line(conn, org_id, line_no, new=False, state=after)
    found = devices.find(conn, org_id, line_no)
    return _device(found if found is not None else known)


def _device(row: Row) -> Device:
    return Device(
        line_no=row.line_no,
        user_id=row.user_id,
        installation_id=row.installation_id,
        name=row.name,
        state=row.state,
        app=row.app,
        last_n=row.last_n,
        seen_ms=row.seen_ms,
        wiped_ms=row.wiped_ms,
        created_ms=row.created_ms,
    )
