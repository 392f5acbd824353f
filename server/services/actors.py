"""The user who acts: the proven claim against the line, the user and the user's department as they are in this transaction."""

import msgspec
import sqlalchemy as sa

from server.domain.devices import refusal
from server.domain.matrix import MATRIX
from server.domain.tokens import Claims
from server.domain.tree import line_up, subtree
from server.store import devices, identity, service_accounts
from server.store.device_lines import LineRow, line_of
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from sync.cursor import Owner
from sync.rules import Actor, Reach


def actor(conn: sa.Connection, claims: Claims, now_ms: int) -> Actor:
    """Load the actor of a request; a revocation and the end of a session count from their commit on.

    Raises Problem(signed_out | device_revoked | device_wipe | device_pending | forbidden).
    """
    return arrived(conn, claims)[0]


def arrived(conn: sa.Connection, claims: Claims) -> tuple[Actor, LineRow]:
    """Load the actor and where the actor's device line stands.

    Raises the Problems of `actor`.
    """
    if claims.key_hash is not None:
        raise Problem(Code.forbidden, "a service account asks the desk alone; it has no device")
    found = devices.owner(conn, claims.org_id, claims.line_no)
    if found is None or found.user_id != claims.user_id or not found.active:
        raise Problem(Code.signed_out, "this user may not sign in")
    problem = refusal(found.state, found.wiped_ms)
    if problem is not None:
        raise problem  # before the session is looked at: a revoked device is told to wipe itself whichever token it has left (P-708)
    if found.session_id != claims.session_id:
        raise Problem(Code.signed_out, "this session has ended")
    role = Role(found.role)
    alone = Actor(claims.org_id, claims.user_id, claims.line_no, role, language=found.language)
    return placed(conn, alone, found.department_id), line_of(found)


def placed(conn: sa.Connection, alone: Actor, department_id: bytes | None) -> Actor:
    """The actor with the rights of a place in the department tree: teams (P-124) and, for a manager, reports (P-122)."""
    if department_id is None:
        return alone
    parents = identity.departments(conn, alone.org_id)
    led = subtree(parents, department_id) if alone.role is Role.manager else frozenset({department_id})
    reports = frozenset(identity.active_in(conn, alone.org_id, led)) - {alone.user_id} if alone.role is Role.manager else alone.report_ids
    team_ids = led.union(line_up(parents, department_id))
    return msgspec.structs.replace(alone, report_ids=reports, team_ids=team_ids, addressed_ids=led, department_id=department_id)


def of_user(conn: sa.Connection, org_id: int, user_id: bytes, line_no: int) -> Actor:
    """Load a user as the author of entries that the user made earlier on one of the user's device lines."""
    person = identity.person(conn, org_id, user_id)
    return placed(conn, Actor(org_id, user_id, line_no, Role(person.role)), person.department_id)


def owner_of(acting: Actor, line: LineRow) -> Owner:
    """The cursor that is accepted from this device."""
    return line.epoch, acting.org_id, acting.user_id, acting.line_no, line.resets


def entitled(conn: sa.Connection, claims: Claims, now_ms: int, route: str) -> Actor:
    """Load the actor of a request of the desk, with how far the matrix says that the actor reaches there (D-491).

    Raises Problem(forbidden) and those of `actor`.
    """
    if claims.key_hash is not None:
        return _of_service(conn, claims.org_id, claims.key_hash, now_ms, route)
    return reaching(conn, actor(conn, claims, now_ms), route)


def _of_service(conn: sa.Connection, org_id: int, key_hash: bytes, now_ms: int, route: str) -> Actor:
    """The service account of a key: it reaches the whole organisation, in the requests of its scope alone (D-495).

    Raises Problem(signed_out | forbidden).
    """
    found = service_accounts.by_key(conn, org_id, key_hash)
    if found is None or not found.active or min(found.until_ms, found.ends_ms) <= now_ms:
        raise Problem(Code.signed_out, "this key opens nothing any more; an admin makes a new one")
    if not MATRIX[route].service or route not in found.scope.split("\n"):
        raise Problem(Code.forbidden, f"the scope of this service account does not hold {route}")
    return Actor(org_id, found.user_id, 0, Role.service, reach=Reach.organisation)


def reaching(conn: sa.Connection, alone: Actor, route: str) -> Actor:
    """The actor with the reach of a row. Who works for a department without leading it reaches its users in such a request alone, and by
    phone nobody (D-103, D-492). Raises Problem(forbidden)."""
    row = MATRIX[route]
    reach = row.reaches.get(alone.role)
    if reach is None:
        raise Problem(Code.forbidden, f"this needs the role {' or '.join(role.name for role in sorted(row.roles))}")
    if reach is not Reach.department or alone.role is Role.manager:
        return msgspec.structs.replace(alone, reach=reach)
    if alone.department_id is None:
        return msgspec.structs.replace(alone, reach=Reach.own)
    below = subtree(identity.departments(conn, alone.org_id), alone.department_id)
    return msgspec.structs.replace(alone, reach=reach, report_ids=frozenset(identity.active_in(conn, alone.org_id, below)))


def disposer(conn: sa.Connection, claims: Claims, now_ms: int) -> Actor:
    """Load the user who moves customers at the desk.

    A manager's reports then include the users of the manager's departments who are no longer active (D-107).

    Raises Problem(forbidden) and those of `actor`.
    """
    acting = entitled(conn, claims, now_ms, "POST /v1/desk/users/{user_id}/hand-over")
    if acting.role is not Role.manager:
        return acting
    left = identity.inactive_in(conn, acting.org_id, acting.addressed_ids)
    return msgspec.structs.replace(acting, report_ids=acting.report_ids.union(left))


def superiors(conn: sa.Connection, org_id: int, user_id: bytes) -> list[identity.Row]:
    """The active managers of a user's department and of each above it, the nearest first, without the user (D-504)."""
    department_id = identity.department_of(conn, org_id, user_id)
    if department_id is None:
        return []
    upwards = line_up(identity.departments(conn, org_id), department_id)
    rows = [row for row in identity.managers_in(conn, org_id, upwards) if row.id != user_id]
    return sorted(rows, key=lambda row: (upwards.index(row.department_id), row.id))
