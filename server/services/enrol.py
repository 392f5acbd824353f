"""Enrolment: a one-time code signs its user in, makes the device active, and may set the account's password."""

import msgspec
import sqlalchemy as sa

from server import chance
from server.domain import throttle, tokens
from server.domain.tokens import Claims, Signer
from server.services import actors, device_lines, login, sessions
from server.store import devices, identity, reference
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Person
from shared_schema.rest import CodeRequest, EnrolmentCode, SignedIn


class Attempt(msgspec.Struct, frozen=True):
    """An admitted attempt: the organisation, the code's hash, and the keys against which a failure counts."""

    org_id: int
    code_hash: bytes
    keys: tuple[str, ...]


def admit(conn: sa.Connection, organisation: str, code: str, address: str, now_ms: int) -> Attempt | Problem:
    """Look the code up; a wrong one is counted, and answered, not raised: the count stays.

    Raises Problem(too_many_attempts).
    """
    keys = throttle.keys(organisation.lower(), None, address)
    org = identity.org_by_login(conn, organisation.lower())
    code_hash = tokens.code_hash(code)
    if org is None or identity.code_user(conn, org.org_id, code_hash, now_ms) is None:
        return login.failed(conn, keys, now_ms, _wrong())
    login.judged(conn, keys, now_ms)
    return Attempt(org.org_id, code_hash, keys)


def finish(
    conn: sa.Connection, signer: Signer, attempt: Attempt, phone: device_lines.Phone, password_hash: str | None, now_ms: int
) -> SignedIn | Problem:
    """Spend the code and begin a session of an active line. The same phone may again until it was seen: its answer may be lost.

    code_wrong is answered, not raised: it counts. A new password ends the user's sessions on other lines (P-011).
    Raises Problem(too_many_attempts | signed_out).
    """
    user_id = identity.code_user(conn, attempt.org_id, attempt.code_hash, now_ms)
    known = user_id is not None and identity.lock_account(conn, attempt.org_id, user_id) is not None
    if user_id is None or not known or not identity.use_code(conn, attempt.org_id, attempt.code_hash, phone.installation_id, now_ms):
        return login.failed(conn, attempt.keys, now_ms, _wrong())
    if password_hash is not None:
        identity.put_account(conn, attempt.org_id, user_id, new=False, password_hash=password_hash)
        devices.end_user(conn, attempt.org_id, user_id)
    line = device_lines.continued(conn, attempt.org_id, user_id, phone, True, now_ms)
    return sessions.begin(conn, signer, attempt.org_id, line.line_no, now_ms)


def issue(conn: sa.Connection, claims: Claims, asked: CodeRequest, now_ms: int) -> EnrolmentCode:
    """Make a code for one active user of the admin's organisation.

    Raises Problem(forbidden | not_found).
    """
    org_id = actors.entitled(conn, claims, now_ms, "POST /v1/desk/codes").org_id
    person = reference.find(conn, org_id, Person, asked.user_id)
    if person is None or not person.active:
        raise Problem(Code.not_found, "there is no such active user")
    return new_code(conn, org_id, asked.user_id, now_ms)


def new_code(conn: sa.Connection, org_id: int, user_id: bytes, now_ms: int) -> EnrolmentCode:
    """Make a code; an earlier one of the same user is worth nothing any more."""
    text = tokens.code_text(chance.secret(tokens.CODE_BYTES))
    identity.put_code(conn, org_id, user_id, tokens.code_hash(text), now_ms + tokens.CODE_MS)
    organisation = identity.org_by_id(conn, org_id).login
    return EnrolmentCode(organisation=organisation, code=text, user_id=user_id, expires_ms=now_ms + tokens.CODE_MS)


def _wrong() -> Problem:
    return Problem(Code.code_wrong, "the code is wrong, used or too old")
