"""Log-in with organisation, account and password, in three steps, so that no transaction waits for the slow hash.

`admit` reads the hash to compare with · the caller compares in a thread · `finish` judges the attempt and begins the session. An unknown
organisation, account or a user who left takes the same steps and the same time as a wrong password.

Only wrong attempts are counted, each in the transaction that finds it wrong. So right attempts never stand in each other's way. Of any
number of wrong ones at the same time, no more are told that they are wrong than the limit allows: the others get `too_many_attempts`, right
or wrong (P-017).
"""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from server.domain import throttle
from server.domain.passwords import NOBODY
from server.domain.throttle import Failures
from server.domain.tokens import Signer
from server.services import device_lines, sessions
from server.store import identity, reference
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Person
from shared_schema.rest import SignedIn


class Credential(msgspec.Struct, frozen=True):
    """The user whom an attempt would sign in, the hash to compare with, and the failures that were counted when the attempt came."""

    org_id: int
    user_id: bytes
    password_hash: str
    keys: tuple[str, ...]
    seen: list[Failures]

    @property
    def known(self) -> bool:
        """Whether there is such an account."""
        return self.org_id > 0


def admit(conn: sa.Connection, organisation: str, account: str, address: str, now_ms: int) -> Credential:
    """Look the account up.

    Raises Problem(too_many_attempts).
    """
    keys = throttle.keys(organisation.lower(), account.lower(), address)
    seen = judged(conn, keys, now_ms)
    org = identity.org_by_login(conn, organisation.lower())
    found = identity.account_by_login(conn, org.org_id if org is not None else 0, account.lower())
    person = None if found is None else reference.find(conn, found.org_id, Person, found.user_id)
    if found is None or person is None or not person.active:
        return Credential(0, b"", NOBODY, keys, seen)
    return Credential(found.org_id, found.user_id, found.password_hash, keys, seen)


def finish(
    conn: sa.Connection, signer: Signer, credential: Credential, phone: device_lines.Phone, matched: bool, now_ms: int
) -> SignedIn | Problem:
    """Continue or open the device line and begin its session. login_wrong and device_pending are answered, not raised: the rows that were
    written stay. A password that changed since `admit` is a wrong one.

    Raises Problem(too_many_attempts | signed_out).
    """
    account = identity.lock_account(conn, credential.org_id, credential.user_id) if matched and credential.known else None
    if account is None or account.password_hash != credential.password_hash:
        return failed(conn, credential.keys, now_ms, Problem(Code.login_wrong, "organisation, account or password is wrong"))
    judged(conn, credential.keys, now_ms)
    for failures in throttle.forgiven_by_success(credential.seen):
        identity.forgive_failures(conn, failures)
    line = device_lines.continued(conn, credential.org_id, credential.user_id, phone, False, now_ms)
    return sessions.begin(conn, signer, credential.org_id, line.line_no, now_ms)


def judged(conn: sa.Connection, keys: Sequence[str], now_ms: int) -> list[Failures]:
    """Return the counts under the keys of an attempt.

    Raises Problem(too_many_attempts).
    """
    seen = identity.failures(conn, keys, now_ms - throttle.WINDOW_MS)
    for failures in seen:
        throttle.admit(failures)
    return seen


def failed(conn: sa.Connection, keys: Sequence[str], now_ms: int, problem: Problem) -> Problem:
    """Count a wrong attempt and return its problem; a problem that is raised undoes the count.

    Raises Problem(too_many_attempts).
    """
    for key in keys:
        before = identity.count_failure(conn, key, now_ms, throttle.WINDOW_MS)
        throttle.admit(before)
        if before.count == 0:
            identity.drop_attempts(conn, now_ms - 2 * throttle.WINDOW_MS)
    return problem
