"""A proven visit brings a customer that is still pooled back to its former owner, by rule (D-176)."""

from msgspec.structs import replace

from server.domain import pools
from server.domain.access import is_archived
from shared_schema.places import Verdict
from shared_schema.records.base import Record
from shared_schema.records.contest import Contest, ContestState
from shared_schema.records.customer import Standing
from shared_schema.records.pool import PoolCard
from shared_schema.records.reference import Person
from sync.agreed.holds import held_for
from sync.heard import Heard
from sync.state import OwnershipEvent, State


def is_restorable(state: State, standing: Standing, made: Contest) -> bool:
    """Whether the visit was verified, its time is proven, and nobody else owns or holds the customer by now."""
    known = state.find(PoolCard, standing.id)
    if standing.owner_id is not None or is_archived(standing) or known is None or not known.pooled:
        return False
    is_free = held_for(known, made.made_ms) in (None, made.claimant_id)
    return is_free and made.proven_ms is not None and made.verdict is Verdict.verified


def given_back(state: State, standing: Standing, made: Contest) -> tuple[Record, ...]:
    """The contest as decided by rule, the standing at its next epoch with the visit as its touch, and the card that leaves its tile."""
    known, at_ms = state.find(PoolCard, standing.id), made.proven_ms or 0
    owned = replace(
        standing, owner_id=made.claimant_id, pool_id=None, epoch=standing.epoch + 1, owned_since_ms=made.made_ms,
        reclaimed_from_id=None, reclaimed_ms=None,
        last_contact_ms=max(standing.last_contact_ms or 0, at_ms), last_visit_ms=max(standing.last_visit_ms or 0, at_ms),
    )  # fmt: skip
    state.events.append(OwnershipEvent(standing.id, owned.epoch, "given_back", made.claimant_id, made.claimant_id))
    _tell(state, owned, made)
    closed = replace(made, state=ContestState.restored, decided_ms=made.made_ms)
    return (closed, owned, *((pools.withdrawn(known, owned),) if known is not None else ()))


def _tell(state: State, owned: Standing, made: Contest) -> None:
    """The former owner; and the manager who would have decided."""
    person, name = state.find(Person, made.claimant_id), made.customer_name
    state.notices.append(Heard("given_back", made.claimant_id, pools.happening(owned), {"customer": name}, owned.id))
    if made.decider_id is not None:
        facts = {"actor": person.name if person is not None else "", "customer": name}
        state.notices.append(Heard("given_back_below", made.decider_id, made.id, facts, made.id))
