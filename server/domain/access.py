"""The holders of a customer, who see and change it and all that hangs on it (D-101 to D-103)."""

from typing import Final

from shared_schema.records.customer import Standing
from shared_schema.records.reference import Role
from sync.rules import Actor, Holding, Reach
from sync.state import Key, State

FIELD_ROLES: Final = frozenset({Role.rep, Role.manager})
"""Roles that hold customers on a phone; the others work at the desk."""
LEADERS: Final = frozenset({Role.manager, Role.admin})


def holding(actor: Actor, state: State, customer_id: bytes) -> Holding:
    """How the actor stands to a customer at this moment. An unknown customer and a foreign one answer alike."""
    standing = state.standing(customer_id)
    if actor.role not in FIELD_ROLES or standing is None:
        return Holding.none
    if _holds(actor, state, standing):
        return Holding.holder
    once = customer_id in state.former or actor.user_id in state.holders_meanwhile.get(customer_id, ())
    return Holding.former if once else Holding.none


def is_archived(standing: Standing) -> bool:
    """Whether the customer is out of work: nobody's, and in no pool (D-164)."""
    return standing.owner_id is None and standing.pool_id is None


def at_desk(actor: Actor, state: State, customer_id: bytes) -> Holding:
    """How the actor stands to a customer at the desk: as by phone, or as far as the matrix says that the role reaches (D-113, D-492)."""
    standing = state.standing(customer_id)
    if standing is not None and actor.reach is Reach.organisation:
        return Holding.holder
    if standing is not None and actor.reach is Reach.department and _holds(actor, state, standing):
        return Holding.holder
    return holding(actor, state, customer_id)


def hidden_at_desk(actor: Actor, state: State) -> set[Key]:
    """The deleted records that the desk answers like unknown ones (P-424). To one who
    reaches the organisation no customer's record is one (D-113)."""
    whole = actor.reach is Reach.organisation
    return {key for key in state.foreign_tombstones if not whole or state.tombstone_customers.get(key) is None}


def _holds(actor: Actor, state: State, standing: Standing) -> bool:
    """A manager holds every record that a report holds: the reports' `now` lanes are on the manager's device. At the desk so does a role
    that reaches the department."""
    holders, leads = state.holders(standing.id), actor.role is Role.manager or actor.reach is Reach.department
    return actor.user_id in holders or (leads and not holders.isdisjoint(actor.report_ids))
