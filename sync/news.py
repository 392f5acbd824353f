"""The news for everybody concerned when records change or change hands (P-121 to P-123, P-127)."""

from collections.abc import Iterable

from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Reason
from sync.access import audience, audience_of, family_of
from sync.scope import NOBODY, Audience, News, Reader
from sync.state import Key, State


def news(state: State) -> list[News]:
    """Everything that changed, for everybody concerned: new versions to the users who hold a record now, removals to those who held it
    before.

    In one order, however a database gave the records: both databases number the rows of a feed alike.
    """
    told: list[News] = []
    moved = {customer_id for customer_id, before in state.holders_before.items() if before != state.holders(customer_id)}
    for key in (*sorted(state.touched), *_untouched(state, moved)):
        told += _of_record(state, key)
    for key in sorted(state.buried):
        told += [News(reader, key, None, _why(reader, deleted=True)) for reader in sorted(_before(state, key, state.originals[key].record))]
    return told


def _untouched(state: State, moved: set[bytes]) -> Iterable[Key]:
    """Records of families that changed hands, though nothing in them changed."""
    if not moved:
        return ()
    keys = (key for key in state.held if key not in state.touched)
    return sorted(key for key in keys if family_of(BY_NUMBER[key[0]], state.held[key].record) in moved)


def _of_record(state: State, key: Key) -> Iterable[News]:
    held = state.held[key]
    entity = BY_NUMBER[key[0]]
    after = audience(state, entity, held.record)
    gained = after
    lost = NOBODY
    if key not in state.created:
        before = _before(state, key, state.originals.get(key, held).record)
        gained, lost = (after if key in state.touched else after - before), before - after
    yield from (News(reader, key, held) for reader in sorted(gained))
    yield from (News(reader, key, None, _why(reader, deleted=False)) for reader in sorted(lost))


def _before(state: State, key: Key, record: Record) -> Audience:
    entity = BY_NUMBER[key[0]]
    family = family_of(entity, record)
    return audience_of(state.holders_before.get(family, state.holders(family)), entity, record)


def _why(reader: Reader, *, deleted: bool) -> Reason:
    """In a tile always `left`: this does not tell which user took a customer, or that one was deleted (P-127)."""
    if reader.lane == Lane.tile:
        return Reason.left
    return Reason.deleted if deleted else Reason.moved
