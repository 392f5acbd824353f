"""What managers do: transfer and collaboration, by the rules of `server/services/ownership.py`, on the store in memory."""

import msgspec

from server.services import ownership
from server.store import load
from server.store.feed import FeedRow
from shared_schema.records.customer import Collaborator, Standing
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Reason
from sync.scope import Audience
from sync.state import WHOLE, Held, Key, Stamp, State
from tests.prove.store import STANDING, Store, customer_of, live_rows, publish, removals

COLLABORATOR = ownership.COLLABORATOR


def transfer(store: Store, customer_id: bytes, to_user_id: bytes) -> bool:
    """Make another user the owner; False when he is it, or there is no such customer."""
    state = family(store, customer_id)
    standing = state.standing(customer_id)
    if standing is None or standing.owner_id == to_user_id:
        return False
    before = ownership._readers(state)
    _stand(store, state, msgspec.structs.replace(standing, owner_id=to_user_id), ("transferred", to_user_id))
    ownership._end_collaboration(state, customer_id, to_user_id)
    _publish(store, state, before)
    return True


def collaborate(store: Store, customer_id: bytes, user_id: bytes, record_id: bytes) -> bool:
    """Let another user follow up too; False when he does."""
    state = family(store, customer_id)
    standing = state.standing(customer_id)
    if standing is None or standing.owner_id == user_id or user_id in state.collaborators.get(customer_id, frozenset()):
        return False
    before = ownership._readers(state)
    record = Collaborator(record_id, state.next_rev(0), customer_id, user_id)
    state.put(COLLABORATOR, Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    load.index_collaborators(state)
    _stand(store, state, standing, ("collaborator", user_id))
    _publish(store, state, before)
    return True


def part(store: Store, customer_id: bytes, user_id: bytes) -> bool:
    """End a collaboration; False when there is none."""
    state = family(store, customer_id)
    standing = state.standing(customer_id)
    if standing is None or user_id not in state.collaborators.get(customer_id, frozenset()):
        return False
    before = ownership._readers(state)
    ownership._end_collaboration(state, customer_id, user_id)
    _stand(store, state, standing, ("collaborator_ended", user_id))
    _publish(store, state, before)
    return True


def family(store: Store, customer_id: bytes) -> State:
    """The customer and every child."""
    state = State(store.rev_floor)
    for (number, _), held in store.records.items():
        entity = BY_NUMBER[number]
        if entity.name != "inbox_item" and customer_of(entity, held) == customer_id:
            state.load(entity, held)
    load.index_collaborators(state)
    return state


def _stand(store: Store, state: State, after: Standing, event: tuple[str, bytes]) -> None:
    record = msgspec.structs.replace(after, rev=state.next_rev(after.rev), epoch=after.epoch + 1)
    state.put(STANDING, Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    store.events.append((record.id, record.epoch, *event))


def _publish(store: Store, state: State, before: dict[Key, Audience]) -> None:
    """Records to those who gained them or see a change, removals to those who lost them."""
    after = ownership._readers(state)
    rows: list[FeedRow] = []
    for key, held in state.held.items():
        gained = after[key] if key in state.touched else after[key] - before.get(key, frozenset())
        rows += live_rows(store, key, held, gained)
        store.records[key] = held
    for key, readers in before.items():
        reason = Reason.moved if key in after else Reason.deleted
        rows += removals(store, key, readers - after.get(key, frozenset()), reason)
    for key, buried in state.buried.items():
        store.records.pop(key, None)
        store.tombstones[key] = buried
    publish(store, rows)
