"""Device lines: a log-in continues the line of its (installation, user) or opens a new one."""

import msgspec
import sqlalchemy as sa

from server.domain.devices import ACTIVE, PENDING, REVOKED, first_state
from server.store import device_lines as store_lines
from server.store import devices, identity


class Phone(msgspec.Struct, frozen=True):
    """A device's own description."""

    installation_id: bytes
    name: str
    app: str


class Line(msgspec.Struct, frozen=True):
    """A device line and the state it is in now."""

    line_no: int
    state: str


def continued(conn: sa.Connection, org_id: int, user_id: bytes, phone: Phone, approved: bool, now_ms: int) -> Line:
    """Find or open the line; the caller has locked the account, so two log-ins make one line. `approved`: by a one-time code."""
    known = devices.newest(conn, org_id, phone.installation_id, user_id)
    if known is None or known.state not in (ACTIVE, PENDING):
        approval_asked = identity.org_by_id(conn, org_id).device_approval
        state = first_state(approved, approval_asked, known is not None and known.state == REVOKED)
        return opened(conn, org_id, user_id, phone, state, now_ms)
    state = ACTIVE if approved else known.state
    if state != known.state:
        devices.put_line(conn, org_id, known.line_no, new=False, state=state)
    store_lines.advance(conn, org_id, known.line_no, name=phone.name, app=phone.app, seen_ms=now_ms)
    return Line(known.line_no, state)


def opened(conn: sa.Connection, org_id: int, user_id: bytes, phone: Phone, state: str, now_ms: int) -> Line:
    """Open a new line with the organisation's next number."""
    line_no = identity.next_number(conn, org_id, "line")
    told = {"installation_id": phone.installation_id, "name": phone.name, "app": phone.app}
    devices.put_line(conn, org_id, line_no, new=True, user_id=user_id, state=state, seen_ms=now_ms, created_ms=now_ms, **told)
    return Line(line_no, state)
