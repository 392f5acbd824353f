"""Log-in with organisation, account and password, in three steps, so that no transaction waits for the slow hash.

`admit` counts the attempt and reads what to compare with · the caller compares in a thread · `finish` begins the session.
An unknown organisation, account or a user who left takes the same steps and the same time as a wrong password.
"""

import msgspec
import sqlalchemy as sa

from server.domain import throttle
from server.domain.passwords import NOBODY
from server.domain.tokens import Signer
from server.services import lines, sessions
from server.store import identity, reference
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Person
from shared_schema.rest import SignedIn


class Credential(msgspec.Struct, frozen=True):
    """Whom an attempt would sign in, what his password is compared with, and the counters to take it back from."""

    org_id: int
    user_id: bytes
    password_hash: str
    keys: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether there is such an account."""
        return self.org_id > 0


def admit(conn: sa.Connection, organisation: str, account: str, address: str, now_ms: int) -> Credential:
    """Count one attempt and look the account up.

    Raises Problem(too_many_attempts).
    """
    keys = throttle.keys(organisation.lower(), account.lower(), address)
    count(conn, keys, now_ms)
    org = identity.org_by_login(conn, organisation.lower())
    found = identity.account_by_login(conn, org.org_id if org is not None else 0, account.lower())
    person = None if found is None else reference.find(conn, found.org_id, Person, found.user_id)
    if found is None or person is None or not person.active:
        return Credential(0, b"", NOBODY, keys)
    return Credential(found.org_id, found.user_id, found.password_hash, keys)


def finish(
    conn: sa.Connection, signer: Signer, credential: Credential, phone: lines.Phone, matched: bool, now_ms: int
) -> SignedIn | Problem:
    """Continue or open the device line and begin its session; device_pending is answered, not raised: the line stays.

    Raises Problem(login_wrong | signed_out).
    """
    account = identity.lock_account(conn, credential.org_id, credential.user_id) if matched and credential.known else None
    if account is None or account.password_hash != credential.password_hash:
        raise Problem(Code.login_wrong, "organisation, account or password is wrong")
    forgive(conn, credential.keys)
    line = lines.continued(conn, credential.org_id, credential.user_id, phone, False, now_ms)
    return sessions.begin(conn, signer, credential.org_id, line.line_no, now_ms)


def count(conn: sa.Connection, keys: tuple[str, ...], now_ms: int) -> None:
    """Count one attempt against each key before it is judged, so that attempts at the same time all count.

    Raises Problem(too_many_attempts).
    """
    for key in keys:
        counted, window_ms = identity.count_attempt(conn, key, now_ms, throttle.WINDOW_MS)
        throttle.admit(key, counted, window_ms)
        if counted == 1:
            identity.drop_attempts(conn, now_ms - 2 * throttle.WINDOW_MS)


def forgive(conn: sa.Connection, keys: tuple[str, ...]) -> None:
    """Take the attempt back after a success; the account's earlier failures are forgotten too."""
    for key in keys:
        identity.forgive_attempt(conn, key, throttle.forgiven(key))
