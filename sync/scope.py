"""Who may hold a record, and what everybody must be told when records change or change hands (P-121 to P-123)."""

from collections.abc import Iterable
from typing import NamedTuple

from shared_schema.policy import Lane
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem
from shared_schema.records.pool import PoolCard
from shared_schema.records.team import Receipt, TeamNote
from shared_schema.registry import BY_NUMBER, Entity
from shared_schema.wire import Reason
from sync.state import Held, Key, State


class Reader(NamedTuple):
    """One scope by what it is for: a lane of a user, a department's notes, a tile of a pool, the reference records (no subject)."""

    lane: Lane
    subject_id: bytes = b""
    tile: int = 0


Audience = frozenset[Reader]
REFERENCE = Reader(Lane.reference)
NOBODY: Audience = frozenset()
EVERYBODY: Audience = frozenset({REFERENCE})


class News(NamedTuple):
    """What one scope must hear of one record: its new version, or (`held` None) that it left, and why."""

    reader: Reader
    key: Key
    held: Held | None
    reason: Reason | None = None


def audience(state: State, entity: Entity, record: Record) -> Audience:
    """The scopes which hold this record now."""
    return _audience(state.holders(family_of(entity, record)), entity, record)


def family_of(entity: Entity, record: Record) -> bytes:
    """The customer whose family a record belongs to; empty for what has none."""
    if not entity.in_family or isinstance(record, InboxItem):
        return b""
    return getattr(record, "customer_id", record.id)


def _audience(holders: Iterable[bytes], entity: Entity, record: Record) -> Audience:
    if isinstance(record, InboxItem):
        return frozenset({Reader(Lane.now, record.holder_id)})
    if isinstance(record, TeamNote):
        return frozenset({Reader(Lane.team, record.department_id)})
    if isinstance(record, Receipt):
        return frozenset(Reader(Lane.now, user_id) for user_id in (record.user_id, record.author_id) if user_id is not None)
    if isinstance(record, PoolCard):
        return frozenset({Reader(Lane.tile, record.pool_id, record.tile)}) if record.pooled else NOBODY
    if entity.lane == Lane.reference:
        return EVERYBODY
    return frozenset(Reader(entity.lane, user_id) for user_id in holders)


def news(state: State) -> list[News]:
    """Everything that changed, for everybody concerned: new versions to who holds them now, removals to who held them before.

    In one order, however a database gave the records: both databases number the rows of a feed alike.
    """
    told: list[News] = []
    moved = {customer_id for customer_id, before in state.stood.items() if before != state.holders(customer_id)}
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
    return _audience(state.stood.get(family, state.holders(family)), entity, record)


def _why(reader: Reader, *, deleted: bool) -> Reason:
    """In a tile always `left`: it does not tell who took a customer, or that one was deleted (P-127)."""
    if reader.lane == Lane.tile:
        return Reason.left
    return Reason.deleted if deleted else Reason.moved
