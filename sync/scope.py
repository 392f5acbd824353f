"""Who may hold a record: the audience, as (user, lane) pairs, or the reference scope of the organisation."""

from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import Entity
from sync.state import State

Audience = frozenset[tuple[bytes | None, Lane]]
"""(user, lane); user None with Lane.reference: every device of the organisation."""
EVERYBODY: Audience = frozenset({(None, Lane.reference)})


def audience(state: State, entity: Entity, record: Record) -> Audience:
    """The scopes which hold this record now."""
    if isinstance(record, InboxItem):
        return frozenset({(record.holder_id, Lane.now)})
    if entity.lane == Lane.reference:
        return EVERYBODY
    return family_audience(state, getattr(record, "customer_id", record.id), entity.lane)


def family_audience(state: State, customer_id: bytes, lane: Lane) -> Audience:
    """Owner and collaborators of a customer, in one lane."""
    standing = state.standing(customer_id)
    owner = {standing.owner_id} if standing is not None and standing.owner_id is not None else set()
    return frozenset((user_id, lane) for user_id in owner | state.collaborators.get(customer_id, frozenset()))
