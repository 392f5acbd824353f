"""SQL of organisations, accounts, enrolment codes, scopes and the log-in throttle."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from server.domain.throttle import Failures
from server.models import RECORD_TABLES, account, attempt, counter, device, enrolment_code, org, scope
from server.store.hot import ByKey, Hot
from shared_schema.records.reference import Role
from sync.scope import Reader

Row = sa.Row[*tuple[Any, ...]]
PERSON: Final = RECORD_TABLES["person"]
DEPARTMENT: Final = RECORD_TABLES["department"]
_FAILURES: Final = (attempt.c.key, attempt.c.count, attempt.c.window_ms, attempt.c.forgiven)
ACTIVE: Final = ByKey(PERSON, ("department_id",), ("id", "department_id", "role"), when="active")
PLACES: Final = ByKey(PERSON, ("id",), ("id", "department_id"))
INACTIVE: Final = ByKey(PERSON, ("department_id",), ("id",), when="NOT active")


def org_by_login(conn: sa.Connection, login: str) -> Row | None:
    """Find an organisation by the name people type."""
    return conn.execute(sa.select(org).where(org.c.login == login)).one_or_none()


def org_by_id(conn: sa.Connection, org_id: int) -> Row:
    """Return the organisation of a proven claim."""
    return conn.execute(sa.select(org).where(org.c.org_id == org_id)).one()


def insert_org(conn: sa.Connection, login: str, device_approval: bool, now_ms: int) -> int:
    """Insert an organisation and return its number. Its epoch is the time of birth, so that no older database's cursor fits it."""
    org_id = int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(org.c.org_id), 0) + 1)).scalar_one())
    values = {"org_id": org_id, "login": login, "epoch": now_ms, "device_approval": device_approval, "created_ms": now_ms}
    conn.execute(sa.insert(org).values(values))
    return org_id


def time_zones(conn: sa.Connection) -> list[tuple[str, str]]:
    """(login, time zone) of every organisation; for the operator."""
    profile = RECORD_TABLES["organisation"]
    found = sa.select(org.c.login, profile.c.time_zone).join(profile, profile.c.org_id == org.c.org_id).order_by(org.c.org_id)
    return [(row.login, row.time_zone) for row in conn.execute(found)]


def account_by_login(conn: sa.Connection, org_id: int, login: str) -> Row | None:
    """Find an account by the name people type."""
    return conn.execute(sa.select(account).where(account.c.org_id == org_id, account.c.login == login)).one_or_none()


def lock_account(conn: sa.Connection, org_id: int, user_id: bytes) -> Row | None:
    """Lock one account; every writer that begins or ends a user's sessions and lines does so first."""
    one = sa.select(account).where(account.c.org_id == org_id, account.c.user_id == user_id)
    return conn.execute(one.with_for_update()).one_or_none()


def put_account(conn: sa.Connection, org_id: int, user_id: bytes, *, new: bool, **values: Any) -> None:
    """Insert an account with every column given, or change columns of a known one."""
    if new:
        conn.execute(sa.insert(account).values(org_id=org_id, user_id=user_id, **values))
    else:
        conn.execute(sa.update(account).where(account.c.org_id == org_id, account.c.user_id == user_id).values(**values))


def users(conn: sa.Connection, org_id: int, after: bytes | None, limit: int) -> list[Row]:
    """Accounts with their person records, in id order after `after`."""
    both = sa.and_(PERSON.c.org_id == account.c.org_id, PERSON.c.id == account.c.user_id)
    found = sa.select(account, PERSON.c.name, PERSON.c.role, PERSON.c.department_id, PERSON.c.active).join(PERSON, both)
    found = found.where(account.c.org_id == org_id)
    if after is not None:
        found = found.where(account.c.user_id > after)
    return list(conn.execute(found.order_by(account.c.user_id).limit(limit)))


def person(conn: sa.Connection, org_id: int, user_id: bytes) -> Row:
    """Return the person record of a user."""
    return conn.execute(sa.select(PERSON).where(PERSON.c.org_id == org_id, PERSON.c.id == user_id)).one()


def departments(conn: sa.Connection, org_id: int) -> dict[bytes, bytes | None]:
    """Every department with its parent."""
    return {row.id: row.parent_id for row in DEPARTMENTS.run(conn, key_org=org_id)}


DEPARTMENTS: Final = Hot(
    sa.select(DEPARTMENT.c.id, DEPARTMENT.c.parent_id).where(DEPARTMENT.c.org_id == sa.bindparam("key_org", type_=sa.BigInteger))
)


def active_in(conn: sa.Connection, org_id: int, department_ids: frozenset[bytes]) -> list[bytes]:
    """Active users of these departments."""
    return [bytes(row.id) for row in ACTIVE.run(conn, org_id, department_ids)]


def managers_in(conn: sa.Connection, org_id: int, department_ids: Collection[bytes]) -> list[Row]:
    """Active managers (`id`, `department_id`) of these departments."""
    return [row for row in ACTIVE.run(conn, org_id, department_ids) if row.role == Role.manager]


def admins(conn: sa.Connection, org_id: int) -> list[bytes]:
    """The active admins, by their ids."""
    found = sa.select(PERSON.c.id).where(PERSON.c.org_id == org_id, PERSON.c.role == int(Role.admin), PERSON.c.active.is_(True))
    return [bytes(one) for one in conn.execute(found.order_by(PERSON.c.id)).scalars()]


def inactive_in(conn: sa.Connection, org_id: int, department_ids: frozenset[bytes]) -> list[bytes]:
    """Users of these departments who are no longer active."""
    return [bytes(row.id) for row in INACTIVE.run(conn, org_id, department_ids)]


def department_of(conn: sa.Connection, org_id: int, user_id: bytes) -> bytes | None:
    """The department of a user."""
    return conn.execute(sa.select(PERSON.c.department_id).where(PERSON.c.org_id == org_id, PERSON.c.id == user_id)).scalar_one_or_none()


def departments_of(conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> dict[bytes, bytes | None]:
    """The department of each of these users."""
    return {bytes(row.id): row.department_id for row in PLACES.run(conn, org_id, user_ids)}


def next_number(conn: sa.Connection, org_id: int, key: str, count: int = 1) -> int:
    """Hand out `count` numbers of one counter in one atomic statement and return the first."""
    row = sa.text(
        f"INSERT INTO {counter.name} (org_id, key, value) VALUES (:org_id, :key, :count)"  # noqa: S608 - a table's own name
        f" ON CONFLICT (org_id, key) DO UPDATE SET value = {counter.name}.value + excluded.value RETURNING value"
    )
    return int(conn.execute(row, {"org_id": org_id, "key": key, "count": count}).scalar_one()) - count + 1


def insert_scopes(conn: sa.Connection, org_id: int, readers: Sequence[Reader]) -> None:
    """Make empty scopes."""
    first = next_number(conn, org_id, "scope", len(readers))
    rows = [
        {"org_id": org_id, "number": first + at, "lane": int(one.lane), "subject_id": one.subject_id, "tile": one.tile}
        for at, one in enumerate(readers)
    ]
    conn.execute(sa.insert(scope), rows)


def put_code(conn: sa.Connection, org_id: int, user_id: bytes, code_hash: bytes, expires_ms: int) -> None:
    """Keep the hash of a new one-time code; an earlier one of the same user is worth nothing any more."""
    conn.execute(sa.delete(enrolment_code).where(enrolment_code.c.org_id == org_id, enrolment_code.c.user_id == user_id))
    values = {"org_id": org_id, "hash": code_hash, "user_id": user_id, "expires_ms": expires_ms}
    conn.execute(sa.insert(enrolment_code).values(values))


def code_user(conn: sa.Connection, org_id: int, code_hash: bytes, now_ms: int) -> bytes | None:
    """Find the user of this unexpired code, used or not."""
    one = sa.select(enrolment_code.c.user_id).where(
        enrolment_code.c.org_id == org_id,
        enrolment_code.c.hash == code_hash,
        enrolment_code.c.expires_ms > now_ms,
    )
    return conn.execute(one).scalar_one_or_none()


def use_code(conn: sa.Connection, org_id: int, code_hash: bytes, installation_id: bytes, now_ms: int) -> bool:
    """Spend a code; False when somebody else did. The phone that did, and was not seen since, lost the answer: it may again."""
    code = enrolment_code.c
    unheard = sa.exists().where(
        device.c.org_id == code.org_id,
        device.c.user_id == code.user_id,
        device.c.installation_id == installation_id,
        device.c.seen_ms == code.used_ms,
    )
    where = (code.org_id == org_id, code.hash == code_hash, sa.or_(code.used_ms.is_(None), unheard))
    return conn.execute(sa.update(enrolment_code).where(*where).values(used_ms=now_ms)).rowcount == 1


def failures(conn: sa.Connection, keys: Sequence[str], after_ms: int) -> list[Failures]:
    """The counts under these keys, in windows that began after `after_ms`."""
    found = sa.select(*_FAILURES).where(attempt.c.key.in_(keys), attempt.c.window_ms > after_ms)
    return [Failures(*row) for row in conn.execute(found)]


COUNT_FAILURE: Final = sa.text(
    f"INSERT INTO {attempt.name} (key, count, window_ms, forgiven) VALUES (:key, 1, :now_ms, 0) ON CONFLICT (key) DO UPDATE SET"  # noqa: S608
    f" count = CASE WHEN {attempt.name}.window_ms <= :before_ms THEN 1 ELSE {attempt.name}.count + 1 END,"
    f" forgiven = CASE WHEN {attempt.name}.window_ms <= :before_ms THEN 0 ELSE {attempt.name}.forgiven END,"
    f" window_ms = CASE WHEN {attempt.name}.window_ms <= :before_ms THEN :now_ms ELSE {attempt.name}.window_ms END"
    " RETURNING key, count - 1, window_ms, forgiven"
)


def count_failure(conn: sa.Connection, key: str, now_ms: int, length_ms: int) -> Failures:
    """Count one failure in one atomic statement. Returns the count in this window before it."""
    return Failures(*conn.execute(COUNT_FAILURE, {"key": key, "now_ms": now_ms, "before_ms": now_ms - length_ms}).one())


def forgive_failures(conn: sa.Connection, seen: Failures) -> None:
    """Forgive the failures of one key that were there when `seen` was read, and none that came since."""
    where = (attempt.c.key == seen.key, attempt.c.window_ms == seen.window_ms, attempt.c.forgiven < seen.count)
    conn.execute(sa.update(attempt).where(*where).values(forgiven=seen.count))


def drop_attempts(conn: sa.Connection, before_ms: int) -> None:
    """Forget windows that began before `before_ms`."""
    conn.execute(sa.delete(attempt).where(attempt.c.window_ms < before_ms))
