"""Who holds a customer: transfer and collaboration. One transaction moves the whole family from scope to scope (docs/domain.md, D-1xx)."""

import msgspec
import sqlalchemy as sa

from server.domain.access import holding
from server.domain.tokens import Claims
from server.models import ownership_event
from server.services.actors import leader
from server.services.notices import notice_row
from server.store import families, feed, load
from server.store.identity import PERSON
from server.store.write import hear, save_records
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborator, Customer, Standing
from shared_schema.registry import BY_NUMBER, BY_RECORD, FAMILY
from shared_schema.rest import Moved
from shared_schema.wire import Reason
from sync.rules import Actor, Holding
from sync.scope import Audience, audience
from sync.state import WHOLE, Held, Key, Stamp, State

STANDING = BY_RECORD[Standing]
COLLABORATOR = BY_RECORD[Collaborator]
NOW_ENTITIES = ("customer", "standing", "collaborator")


class Move(msgspec.Struct, frozen=True):
    """Give a customer to another user. `epoch`: the one on the manager's screen, None = whatever it is; `reason` in words."""

    customer_id: bytes
    to_user_id: bytes
    epoch: int | None = None
    reason: str = ""


def transfer(conn: sa.Connection, claims: Claims, move: Move, now_ms: int) -> Moved:
    """Make another user the owner. Raises Problem(out_of_scope | stale_epoch | state_wrong | forbidden)."""
    acting = leader(conn, claims, now_ms)
    state = _family(conn, acting, move.customer_id)
    standing = _standing(acting, state, move.customer_id)
    if move.epoch is not None and move.epoch != standing.epoch:
        raise Problem(Code.stale_epoch, f"the customer's standing is at epoch {standing.epoch} by now")
    _may_hold(conn, acting, move.to_user_id)
    if standing.owner_id == move.to_user_id:
        raise Problem(Code.state_wrong, "this user owns the customer already")
    before = _readers(state)
    after = msgspec.structs.replace(standing, owner_id=move.to_user_id, pool_id=None, owned_since_ms=now_ms)
    epoch = _stand(conn, acting, state, after, ("transferred", move.to_user_id, move.reason), now_ms)
    _end_collaboration(state, move.customer_id, move.to_user_id)
    moved = _publish(conn, acting, state, before, now_ms)
    _tell(conn, acting, state, standing.owner_id, move, now_ms)
    return Moved(epoch=epoch, moved=moved)


class Collaborate(msgspec.Struct, frozen=True):
    """Let another user follow up a customer too. `id`: of the new collaborator record."""

    id: bytes
    customer_id: bytes
    user_id: bytes
    until_ms: int | None = None


def add_collaborator(conn: sa.Connection, claims: Claims, asked: Collaborate, now_ms: int) -> Moved:
    """Add a collaborator; the family enters his scopes. Raises Problem(out_of_scope | state_wrong | forbidden)."""
    acting = leader(conn, claims, now_ms)
    state = _family(conn, acting, asked.customer_id)
    standing = _standing(acting, state, asked.customer_id)
    _may_hold(conn, acting, asked.user_id)
    if standing.owner_id == asked.user_id or asked.user_id in state.collaborators.get(asked.customer_id, frozenset()):
        raise Problem(Code.state_wrong, "this user follows up the customer already")
    before = _readers(state)
    record = Collaborator(asked.id, state.next_rev(0), asked.customer_id, asked.user_id, asked.until_ms)
    state.put(COLLABORATOR, Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    load.index_collaborators(state)
    epoch = _stand(conn, acting, state, standing, ("collaborator", asked.user_id, ""), now_ms)
    return Moved(epoch=epoch, moved=_publish(conn, acting, state, before, now_ms))


def remove_collaborator(conn: sa.Connection, claims: Claims, customer_id: bytes, user_id: bytes, now_ms: int) -> Moved:
    """End a collaboration; the family leaves his scopes. Raises Problem(out_of_scope | state_wrong | forbidden)."""
    acting = leader(conn, claims, now_ms)
    state = _family(conn, acting, customer_id)
    standing = _standing(acting, state, customer_id)
    if user_id not in state.collaborators.get(customer_id, frozenset()):
        raise Problem(Code.state_wrong, "this user is no collaborator of the customer")
    before = _readers(state)
    _end_collaboration(state, customer_id, user_id)
    epoch = _stand(conn, acting, state, standing, ("collaborator_ended", user_id, ""), now_ms)
    return Moved(epoch=epoch, moved=_publish(conn, acting, state, before, now_ms))


def _family(conn: sa.Connection, acting: Actor, customer_id: bytes) -> State:
    """Lock the family, then read every record of it: children are searched only after the lock."""
    families.lock(conn, acting.org_id, {customer_id})
    state = State(load.rev_floor(conn, acting.org_id))
    load.standings(conn, state, acting.org_id, {customer_id})
    load.by_ids(conn, state, acting.org_id, BY_RECORD[Customer], {customer_id})
    for entity in FAMILY:
        if entity.name not in NOW_ENTITIES:
            load.among(conn, state, acting.org_id, (entity, "customer_id"), {customer_id})
    return state


def _standing(acting: Actor, state: State, customer_id: bytes) -> Standing:
    standing = state.standing(customer_id)
    if standing is None or holding(acting, state, customer_id) != Holding.holder:
        raise Problem(Code.out_of_scope, "not a customer of yours or of your reps")
    return standing


def _may_hold(conn: sa.Connection, acting: Actor, user_id: bytes) -> None:
    active = sa.select(PERSON.c.id).where(PERSON.c.org_id == acting.org_id, PERSON.c.id == user_id, PERSON.c.active)
    if (user_id != acting.user_id and user_id not in acting.report_ids) or conn.execute(active).first() is None:
        raise Problem(Code.out_of_scope, "not an active user of yours")


def _readers(state: State) -> dict[Key, Audience]:
    return {key: audience(state, BY_NUMBER[key[0]], held.record) for key, held in state.held.items()}


def _end_collaboration(state: State, customer_id: bytes, user_id: bytes) -> None:
    ended = [one.record for one in state.held.values() if isinstance(one.record, Collaborator) and one.record.user_id == user_id]
    for record in ended:
        state.bury(COLLABORATOR, record.id, state.next_rev(record.rev), customer_id)
    load.index_collaborators(state)


def _stand(conn: sa.Connection, acting: Actor, state: State, after: Standing, event: tuple[str, bytes, str], now_ms: int) -> int:
    """A new standing with the next epoch, and the ownership event that replays to it."""
    kind, user_id, reason = event
    record = msgspec.structs.replace(after, rev=state.next_rev(after.rev), epoch=after.epoch + 1)
    state.put(STANDING, Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    values = {"org_id": acting.org_id, "customer_id": record.id, "epoch": record.epoch, "kind": kind, "owner_id": user_id}
    conn.execute(sa.insert(ownership_event).values(by_user_id=acting.user_id, at_ms=now_ms, reason=reason, **values))
    return record.epoch


def _publish(conn: sa.Connection, acting: Actor, state: State, before: dict[Key, Audience], now_ms: int) -> dict[str, int]:
    """Records to those who gained them or see a change, `gone` to those who lost them."""
    save_records(conn, acting, state, now_ms)
    after = _readers(state)
    numbers = feed.scope_numbers(conn, acting.org_id, {reader for readers in (*before.values(), *after.values()) for reader in readers})
    rows: list[feed.FeedRow] = []
    moved: dict[str, int] = {}
    for key, held in state.held.items():
        entity = BY_NUMBER[key[0]]
        gained = after[key] if key in state.touched else after[key] - before.get(key, frozenset())
        rows += feed.rows_for(entity, held.record, gained, numbers)
        if after[key] != before.get(key):
            moved[entity.name] = moved.get(entity.name, 0) + 1
    for key, readers in before.items():
        reason = Reason.moved if key in after else Reason.deleted
        rows += feed.gone_rows(key, readers - after.get(key, frozenset()), reason, numbers)
    feed.publish(conn, acting.org_id, rows, now_ms)
    return moved


def _tell(conn: sa.Connection, acting: Actor, state: State, old_owner_id: bytes | None, move: Move, now_ms: int) -> None:
    """The happening is the epoch: a customer that goes there and back is told each time."""
    customer = state.find(Customer, move.customer_id)
    standing = state.standing(move.customer_id)
    name = customer.name if customer is not None else ""
    actor_name = conn.execute(sa.select(PERSON.c.name).where(PERSON.c.org_id == acting.org_id, PERSON.c.id == acting.user_id)).scalar_one()
    subject = move.customer_id[:8] + (standing.epoch if standing is not None else 0).to_bytes(8, "big")
    rows = [notice_row(acting.org_id, move.to_user_id, "assigned", subject, {"actor": actor_name, "customer": name}, now_ms)]
    if old_owner_id is not None and old_owner_id != acting.user_id:
        facts = {"customer": name, "reason": move.reason}
        rows.append(notice_row(acting.org_id, old_owner_id, "unassigned", subject, facts, now_ms))
    hear(conn, acting.org_id, rows)
