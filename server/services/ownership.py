"""Who holds a customer: transfer, release into a pool, collaboration. One transaction moves the whole family (docs/domain.md, D-1xx)."""

from typing import Final

import msgspec
import sqlalchemy as sa

from server.domain import pools
from server.domain.access import FIELD_ROLES
from server.domain.pools import end_collaborations
from server.domain.tokens import Claims
from server.services import moving
from server.services.actors import disposer
from server.services.notices import notice_row
from server.store import load, reference
from server.store.identity import PERSON
from server.store.write import hear
from shared_schema.commands import Release
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborator, Customer, Standing
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Person, Role
from shared_schema.rest_moves import Moved
from sync.rules import Actor, Entered, Moment
from sync.state import Held, OwnershipEvent, State

NOBODY: Final = bytes(16)
"""Who did what the clock did."""


class Move(msgspec.Struct, frozen=True):
    """Give a customer to another user. `epoch`: the one on the manager's screen, None = whatever it is; `reason` in words."""

    customer_id: bytes
    to_user_id: bytes
    epoch: int | None = None
    reason: str = ""


def transfer(conn: sa.Connection, claims: Claims, move: Move, now_ms: int) -> Moved:
    """Make another user the owner, also of a pooled customer. Raises Problem(out_of_scope | stale_epoch | state_wrong | forbidden)."""
    acting = disposer(conn, claims, now_ms)
    state = moving.opened(conn, acting.org_id, move.customer_id)
    standing = _standing(conn, acting, state, move.customer_id)
    if move.epoch is not None and move.epoch != standing.epoch:
        raise Problem(Code.stale_epoch, f"the customer's standing is at epoch {standing.epoch} by now")
    may_hold(conn, acting, move.to_user_id, "to_user_id")
    if standing.owner_id == move.to_user_id:
        raise Problem(Code.state_wrong, "this user owns the customer already")
    _withdraw(state, standing)
    after = msgspec.structs.replace(standing, owner_id=move.to_user_id, pool_id=None, owned_since_ms=now_ms)
    epoch = _stand(acting, state, after, ("transferred", move.to_user_id, move.reason))
    end_collaborations(state, move.customer_id, {move.to_user_id})
    moved = moving.finished(conn, acting, state, now_ms)
    _tell(conn, acting, state, standing.owner_id, move, now_ms)
    return Moved(epoch=epoch, moved=moved)


def release(conn: sa.Connection, claims: Claims, customer_id: bytes, asked: Release, now_ms: int) -> Moved:
    """Give a customer to a pool. Raises Problem(out_of_scope | stale_epoch | state_wrong | rule_broken | forbidden)."""
    acting = disposer(conn, claims, now_ms)
    state = moving.opened(conn, acting.org_id, customer_id, {asked.pool_id})
    standing = _standing(conn, acting, state, customer_id)
    load.pools(conn, state, acting.org_id)
    for record in pools.release(acting, state, Held(standing, {}), asked, Entered(Moment(now_ms))):
        state.write(record)
    return Moved(epoch=standing.epoch + 1, moved=moving.finished(conn, acting, state, now_ms))


class Collaborate(msgspec.Struct, frozen=True):
    """Let another user follow up a customer too. `id`: of the new collaborator record."""

    id: bytes
    customer_id: bytes
    user_id: bytes
    until_ms: int | None = None


def add_collaborator(conn: sa.Connection, claims: Claims, asked: Collaborate, now_ms: int) -> Moved:
    """Add a collaborator; the family enters his scopes. Raises Problem(out_of_scope | state_wrong | rule_broken | forbidden)."""
    acting = disposer(conn, claims, now_ms)
    state = moving.opened(conn, acting.org_id, asked.customer_id)
    standing = _standing(conn, acting, state, asked.customer_id)
    may_hold(conn, acting, asked.user_id, "user_id")
    if standing.owner_id is None:
        raise Problem(Code.state_wrong, "a pooled customer has no collaborators")
    if asked.user_id in state.holders(asked.customer_id):
        raise Problem(Code.state_wrong, "this user follows up the customer already")
    if asked.until_ms is not None and asked.until_ms <= now_ms:
        raise Problem(Code.rule_broken, "a collaboration ends in the future", field="until_ms")
    state.write(Collaborator(asked.id, 0, asked.customer_id, asked.user_id, asked.until_ms))
    epoch = _stand(acting, state, standing, ("collaborator", asked.user_id, ""))
    return Moved(epoch=epoch, moved=moving.finished(conn, acting, state, now_ms))


def remove_collaborator(conn: sa.Connection, claims: Claims, customer_id: bytes, user_id: bytes, now_ms: int) -> Moved:
    """End a collaboration, of whomever on his customers, of his users on any; the family leaves his scopes.

    Raises Problem(out_of_scope | state_wrong | forbidden).
    """
    acting = disposer(conn, claims, now_ms)
    state = moving.opened(conn, acting.org_id, customer_id)
    collaborates = user_id in state.collaborators.get(customer_id, frozenset())
    known = state.standing(customer_id) if collaborates and _leads(acting, user_id) else None
    standing = known if known is not None else _standing(conn, acting, state, customer_id)
    if not collaborates:
        raise Problem(Code.state_wrong, "this user is no collaborator of the customer")
    return _ended(conn, acting, state, standing, user_id, now_ms)


def expire(conn: sa.Connection, org_id: int, customer_id: bytes, user_id: bytes, now_ms: int) -> bool:
    """End a collaboration whose time is over (D-108); whether it was."""
    state = moving.opened(conn, org_id, customer_id)
    standing = state.standing(customer_id)
    records = (one.record for one in state.held.values())
    due = any(isinstance(one, Collaborator) and one.user_id == user_id and 0 < (one.until_ms or 0) <= now_ms for one in records)
    if standing is None or not due:
        return False
    _ended(conn, Actor(org_id, NOBODY, 0, Role.unknown), state, standing, user_id, now_ms)
    return True


def _ended(conn: sa.Connection, acting: Actor, state: State, standing: Standing, user_id: bytes, now_ms: int) -> Moved:
    end_collaborations(state, standing.id, {user_id})
    epoch = _stand(acting, state, standing, ("collaborator_ended", user_id, ""))
    return Moved(epoch=epoch, moved=moving.finished(conn, acting, state, now_ms))


def _standing(conn: sa.Connection, acting: Actor, state: State, customer_id: bytes) -> Standing:
    """The standing, if the actor may dispose of it: his own or his users' customer, one in a pool of his; an admin of any (D-107)."""
    standing = state.standing(customer_id)
    if standing is None or not _disposes(conn, acting, state, standing):
        raise Problem(Code.out_of_scope, "not a customer of yours or of your reps")
    return standing


def _disposes(conn: sa.Connection, acting: Actor, state: State, standing: Standing) -> bool:
    if acting.role is Role.admin:
        return True
    if standing.owner_id is not None:
        return _leads(acting, standing.owner_id)
    load.pools(conn, state, acting.org_id)
    pool = state.find(Pool, standing.pool_id) if standing.pool_id is not None else None
    return pool is not None and pools.is_member(pool, acting, pools.parents_of(state))


def _leads(acting: Actor, user_id: bytes) -> bool:
    return user_id == acting.user_id or user_id in acting.report_ids


def _withdraw(state: State, standing: Standing) -> None:
    """A customer that is assigned out of a pool takes its card from the tile."""
    known = state.find(PoolCard, standing.id)
    if known is not None and known.pooled:
        state.write(pools.withdrawn(known, msgspec.structs.replace(standing, epoch=standing.epoch + 1)))


def may_hold(conn: sa.Connection, acting: Actor, user_id: bytes, named: str) -> None:
    """Whether the actor may give a customer to this user, who follows up customers (D-107). An admin hears who is nobody at all.

    Raises Problem(not_found | out_of_scope) with the field that named the user.
    """
    if acting.role is Role.admin and reference.find(conn, acting.org_id, Person, user_id) is None:
        raise Problem(Code.not_found, "there is no such user", field=named)
    field = PERSON.c.role.in_([int(role) for role in FIELD_ROLES])
    active = sa.select(PERSON.c.id).where(PERSON.c.org_id == acting.org_id, PERSON.c.id == user_id, PERSON.c.active, field)
    if not (acting.role is Role.admin or _leads(acting, user_id)) or conn.execute(active).first() is None:
        raise Problem(Code.out_of_scope, "not an active user of yours", field=named)


def _stand(acting: Actor, state: State, after: Standing, event: tuple[str, bytes, str]) -> int:
    """A new standing with the next epoch, and the ownership event that replays to it."""
    kind, user_id, reason = event
    epoch = after.epoch + 1
    state.write(msgspec.structs.replace(after, epoch=epoch))
    state.events.append(OwnershipEvent(after.id, epoch, kind, user_id, acting.user_id, reason))
    return epoch


def _tell(conn: sa.Connection, acting: Actor, state: State, old_owner_id: bytes | None, move: Move, now_ms: int) -> None:
    """The happening is the epoch: a customer that goes there and back is told each time."""
    customer = state.find(Customer, move.customer_id)
    standing = state.standing(move.customer_id)
    name = customer.name if customer is not None else ""
    actor_name = conn.execute(sa.select(PERSON.c.name).where(PERSON.c.org_id == acting.org_id, PERSON.c.id == acting.user_id)).scalar_one()
    subject = pools.happening(standing) if standing is not None else move.customer_id
    rows = [notice_row(acting.org_id, move.to_user_id, "assigned", subject, {"actor": actor_name, "customer": name}, now_ms)]
    if old_owner_id is not None and old_owner_id != acting.user_id:
        facts = {"customer": name, "reason": move.reason}
        rows.append(notice_row(acting.org_id, old_owner_id, "unassigned", subject, facts, now_ms))
    hear(conn, acting.org_id, rows)
