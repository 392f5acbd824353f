"""Who acts: the proven claim against the line, the user and his department as they are in this transaction."""

import sqlalchemy as sa

from server.domain.departments import subtree
from server.domain.devices import refusal
from server.domain.tokens import Claims
from server.store import devices, identity
from server.store.lines import LineRow, line_of
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from sync.rules import Actor


def actor(conn: sa.Connection, claims: Claims, now_ms: int) -> Actor:
    """Load the actor of a request; a revocation counts from its commit on.

    Raises Problem(signed_out | device_revoked | device_wipe | device_pending).
    """
    return arrived(conn, claims)[0]


def arrived(conn: sa.Connection, claims: Claims) -> tuple[Actor, LineRow]:
    """Load the actor and where his device line stands, in one query.

    Raises the Problems of `actor`.
    """
    found = devices.owner(conn, claims.org_id, claims.line_no)
    if found is None or found.user_id != claims.user_id or not found.active:
        raise Problem(Code.signed_out, "this user may not sign in")
    problem = refusal(found.state, found.wiped_ms)
    if problem is not None:
        raise problem
    role = Role(found.role)
    reports = _reports(conn, claims, found.department_id) if role is Role.manager else frozenset[bytes]()
    return Actor(claims.org_id, claims.user_id, claims.line_no, role, reports, found.language), line_of(found)


def admin(conn: sa.Connection, claims: Claims, now_ms: int) -> Actor:
    """Load the actor of a request only an admin may make.

    Raises Problem(forbidden) and those of `actor`.
    """
    return _with_role(actor(conn, claims, now_ms), Role.admin)


def leader(conn: sa.Connection, claims: Claims, now_ms: int) -> Actor:
    """Load the actor of a request only managers and admins may make.

    Raises Problem(forbidden) and those of `actor`.
    """
    return _with_role(actor(conn, claims, now_ms), Role.manager, Role.admin)


def _with_role(acting: Actor, *roles: Role) -> Actor:
    if acting.role not in roles:
        raise Problem(Code.forbidden, f"this needs the role {' or '.join(role.name for role in roles)}")
    return acting


def _reports(conn: sa.Connection, claims: Claims, department_id: bytes | None) -> frozenset[bytes]:
    """Active users of the manager's department and everything below it, without himself."""
    if department_id is None:
        return frozenset()
    parents = {row.id: row.parent_id for row in identity.departments(conn, claims.org_id)}
    return frozenset(identity.active_in(conn, claims.org_id, subtree(parents, department_id))) - {claims.user_id}
