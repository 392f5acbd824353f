"""The one predicate of which records an actor may see: pull, REST and history ask the same question, of each kind of hold."""

from collections.abc import Collection

import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.store.hot import ByKey
from shared_schema.entity import Entity
from shared_schema.policy import InTile, Lane, OfAll, OfFamily, OfTeam, OfUsers
from shared_schema.records.reference import Role
from sync.rules import Actor, Reach

STANDING = RECORD_TABLES["standing"]
COLLABORATOR = RECORD_TABLES["collaborator"]
OWNERS = ByKey(STANDING, ("id",), ("id", "owner_id"))
SHARERS = ByKey(COLLABORATOR, ("customer_id",), ("customer_id", "user_id"))


def users_of(acting: Actor) -> list[bytes]:
    """The users whose records the actor sees: the actor, and the reports; at the desk those whom the role reaches (D-492)."""
    led = acting.role is Role.manager or acting.reach is Reach.department
    return sorted({acting.user_id, *acting.report_ids}) if led else [acting.user_id]


def visible(acting: Actor, entity: Entity, pool_ids: Collection[bytes]) -> sa.ColumnElement[bool]:
    """Whether the actor sees a record of this entity. `pool_ids`: the pools of which the actor is a member."""
    columns = RECORD_TABLES[entity.name].c
    match entity.hold:
        case OfFamily(slot=slot):
            return visible_to(acting, columns[slot])
        case OfUsers(slots=slots):
            users = [acting.user_id] if entity.lane is Lane.notice else users_of(acting)
            return sa.or_(*(columns[slot].in_(users) for slot in slots))
        case OfTeam(slot=slot):
            return columns[slot].in_(sorted(acting.team_ids))
        case InTile(pool=pool, shown=shown):
            return sa.and_(columns[shown], columns[pool].in_(pool_ids))
        case OfAll():
            return sa.true()


def visible_to(acting: Actor, customer_id: sa.ColumnElement[bytes]) -> sa.ColumnElement[bool]:
    """Whether the customer in this column is held by somebody the actor sees."""
    users = users_of(acting)
    owned = sa.exists().where(STANDING.c.org_id == acting.org_id, STANDING.c.id == customer_id, STANDING.c.owner_id.in_(users))
    shared = sa.exists().where(
        COLLABORATOR.c.org_id == acting.org_id, COLLABORATOR.c.customer_id == customer_id, COLLABORATOR.c.user_id.in_(users)
    )
    return sa.or_(owned, shared)


def visible_among(conn: sa.Connection, acting: Actor, customer_ids: Collection[bytes]) -> set[bytes]:
    """The same question about many customers at once."""
    users = set(users_of(acting))
    owned = {bytes(row.id) for row in OWNERS.run(conn, acting.org_id, customer_ids) if row.owner_id in users}
    return owned | {bytes(row.customer_id) for row in SHARERS.run(conn, acting.org_id, customer_ids) if row.user_id in users}
