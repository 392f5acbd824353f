"""Users: an account to sign in with, a person record that every device holds, and the scopes of the user's records."""

import sqlalchemy as sa

from server import chance
from server.domain.tokens import Claims
from server.services import actors, escalation, partings
from server.services.notices import tell
from server.store import devices, families, identity, load, reference
from server.store.write import save as save_state
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Department, Person, Role
from shared_schema.registry import BY_RECORD
from shared_schema.rest import PAGE_ITEMS, User, UserPage, UserRequest
from sync.rules import Actor
from sync.state import State

PERSON = BY_RECORD[Person]


def listed(conn: sa.Connection, claims: Claims, after: bytes | None, now_ms: int) -> UserPage:
    """List the organisation's users in id order after `after`.

    Raises Problem(forbidden).
    """
    org_id = actors.entitled(conn, claims, now_ms, "GET /v1/desk/users").org_id
    rows = identity.users(conn, org_id, after, PAGE_ITEMS + 1)
    items = [_user(row) for row in rows[:PAGE_ITEMS]]
    return UserPage(items=items, after=items[-1].id if len(rows) > PAGE_ITEMS else None)


def save(conn: sa.Connection, claims: Claims, asked: UserRequest, password_hash: str | None, now_ms: int) -> User:
    """Make or change a user; `password_hash` belongs to `asked.password`. A new password or the end of a user ends the user's sessions.

    Raises Problem(forbidden | account_taken | rule_broken).
    """
    acting = actors.entitled(conn, claims, now_ms, "POST /v1/desk/users")
    if asked.id == acting.user_id and (asked.role is not Role.admin or not asked.active):
        raise Problem(Code.rule_broken, "admins cannot take away their own role", field="role")
    return put(conn, acting.org_id, asked, password_hash, now_ms)


def put(conn: sa.Connection, org_id: int, asked: UserRequest, password_hash: str | None, now_ms: int) -> User:
    """Make or change a user; the caller has been authorised.

    Raises Problem(account_taken | rule_broken).
    """
    state = State(load.rev_floor(conn, org_id))
    user = enter(conn, org_id, state, asked, password_hash, now_ms)
    save_state(conn, state, Actor(org_id, user.id, 0, Role.unknown), now_ms)
    return user


def enter(conn: sa.Connection, org_id: int, state: State, asked: UserRequest, password_hash: str | None, now_ms: int) -> User:
    """Make or change the account and, in this state, the person. At the end the person's open items go up, and what the person lets go is
    told to others; the caller saves the state.

    Raises Problem(account_taken | rule_broken).
    """
    user_id = asked.id if asked.id is not None else chance.new_id()
    known = identity.lock_account(conn, org_id, user_id)
    _judge(conn, org_id, asked, user_id)
    kept_hash = password_hash if password_hash is not None else (known.password_hash if known is not None else "")
    values = {"login": asked.login, "language": asked.language, "password_hash": kept_hash}
    born = {"created_ms": now_ms} if known is None else {}
    identity.put_account(conn, org_id, user_id, new=known is None, **values, **born)
    if not asked.active or (known is not None and password_hash is not None):
        devices.end_user(conn, org_id, user_id)
    leaver = Actor(org_id, user_id, 0, Role.unknown)
    if not asked.active:
        escalation.send_up(conn, leaver, state, now_ms)
        partings.let_go(conn, leaver, state, now_ms)
    person = Person(user_id, 0, asked.name, asked.role, asked.department_id, asked.active)
    families.lock_rows(conn, org_id, PERSON, {user_id})
    load.by_ids(conn, state, org_id, PERSON, {user_id})
    state.keep(person)
    tell(conn, leaver, state, now_ms)
    return _told(asked, user_id, kept_hash)


def reset_password(conn: sa.Connection, organisation: str, account: str, password_hash: str) -> None:
    """Give an account a new password and end its sessions; for the operator's command.

    Raises Problem(not_found).
    """
    org = identity.org_by_login(conn, organisation.lower())
    found = identity.account_by_login(conn, org.org_id, account.lower()) if org is not None else None
    if found is None or identity.lock_account(conn, found.org_id, found.user_id) is None:
        raise Problem(Code.not_found, "there is no such organisation or account")
    identity.put_account(conn, found.org_id, found.user_id, new=False, password_hash=password_hash)
    devices.end_user(conn, found.org_id, found.user_id)


def _judge(conn: sa.Connection, org_id: int, asked: UserRequest, user_id: bytes) -> None:
    same_login = identity.account_by_login(conn, org_id, asked.login)
    if same_login is not None and same_login.user_id != user_id:
        raise Problem(Code.account_taken, "another user signs in with this name", field="login")
    standing = reference.find(conn, org_id, Person, user_id)
    if asked.role is Role.service or (standing is not None and standing.role is Role.service):
        raise Problem(Code.rule_broken, "a service account is no user: it has a place of its own", field="role")
    if asked.role is Role.unknown:
        raise Problem(Code.rule_broken, "a user has a role", field="role")
    if asked.department_id is not None and reference.find(conn, org_id, Department, asked.department_id) is None:
        raise Problem(Code.rule_broken, "there is no such department", field="department_id")


def _told(asked: UserRequest, user_id: bytes, password_hash: str) -> User:
    return User(
        id=user_id,
        login=asked.login,
        name=asked.name,
        role=asked.role,
        department_id=asked.department_id,
        active=asked.active,
        language=asked.language,
        has_password=bool(password_hash),
    )


def _user(row: identity.Row) -> User:
    return User(
        id=row.user_id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        department_id=row.department_id,
        active=row.active,
        language=row.language,
        has_password=bool(row.password_hash),
    )
