"""What every scope should hold, computed anew from the record tables alone, beside what its feed says."""

import msgspec
import sqlalchemy as sa

from server.models import RECORD_TABLES, feed, scope
from server.store.convert import columns, from_row
from shared_schema.entity import Entity
from shared_schema.policy import Lane, OfTeam, OfUsers
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Standing
from shared_schema.records.pool import PoolCard
from shared_schema.registry import ENTITIES
from shared_schema.wire import ENCODER
from sync.scope import REFERENCE, Reader

Place = tuple[int, int, bytes]
"""(scope number, entity number, record id)."""


def expected(conn: sa.Connection, org_id: int) -> dict[Place, bytes]:
    """Wire bytes of every record in every scope that should hold it."""
    records = [(entity, record) for entity in ENTITIES for record in _records(conn, org_id, entity)]
    holders: dict[bytes, set[bytes]] = {}
    for _, record in records:
        if isinstance(record, Standing) and record.owner_id is not None:
            holders.setdefault(record.id, set()).add(record.owner_id)
        elif isinstance(record, Collaborator):
            holders.setdefault(record.customer_id, set()).add(record.user_id)
    numbers = _numbers(conn, org_id)
    found: dict[Place, bytes] = {}
    for entity, record in records:
        body = ENCODER.encode((entity.number, record))
        for reader in _readers(entity, record, holders):
            if reader in numbers:
                found[numbers[reader], entity.number, record.id] = body
    return found


def _readers(entity: Entity, record: Record, holders: dict[bytes, set[bytes]]) -> set[Reader]:
    """One question for each kind of hold, asked again here and not in the server's words."""
    if isinstance(entity.hold, OfUsers):
        return {Reader(entity.lane, user_id) for slot in entity.hold.slots if (user_id := getattr(record, slot)) is not None}
    if isinstance(entity.hold, OfTeam):
        return {Reader(Lane.team, getattr(record, entity.hold.slot))}
    if isinstance(record, PoolCard):
        return {Reader(Lane.tile, record.pool_id, record.tile)} if record.pooled else set()
    if entity.lane == Lane.reference:
        return {REFERENCE}
    customer_id = getattr(record, "customer_id", record.id)
    return {Reader(entity.lane, user_id) for user_id in holders.get(customer_id, set())}


def _numbers(conn: sa.Connection, org_id: int) -> dict[Reader, int]:
    chosen = sa.select(scope.c.lane, scope.c.subject_id, scope.c.tile, scope.c.number).where(scope.c.org_id == org_id)
    return {Reader(Lane(row.lane), bytes(row.subject_id), row.tile): row.number for row in conn.execute(chosen)}


def _records(conn: sa.Connection, org_id: int, entity: Entity) -> list[Record]:
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id)
    return [from_row(entity, tuple(row)) for row in conn.execute(chosen)]


def fed(conn: sa.Connection, org_id: int) -> dict[Place, bytes]:
    """Live rows of the feed."""
    chosen = sa.select(feed.c.scope_no, feed.c.entity, feed.c.id, feed.c.body).where(feed.c.org_id == org_id, feed.c.gone == 0)
    return {(row.scope_no, row.entity, bytes(row.id)): bytes(row.body) for row in conn.execute(chosen)}


def meant(body: bytes) -> object:
    """What wire bytes say, whatever the order of the keys in a map: the tables sort them, the feed keeps them as they came."""
    return msgspec.msgpack.decode(body)


def differences(conn: sa.Connection, org_id: int) -> dict[str, list[Place]]:
    """Rows that are missing, that should be gone, and that are stale; seqs at or above a scope's head. All empty when the feed is true."""
    wanted, told = expected(conn, org_id), fed(conn, org_id)
    beyond = sa.select(feed.c.scope_no, feed.c.entity, feed.c.id).join(
        scope, sa.and_(scope.c.org_id == feed.c.org_id, scope.c.number == feed.c.scope_no, feed.c.seq > scope.c.head)
    )
    found = {
        "missing": sorted(wanted.keys() - told.keys()),
        "ghosts": sorted(told.keys() - wanted.keys()),
        "stale": sorted(place for place in wanted.keys() & told.keys() if meant(wanted[place]) != meant(told[place])),
        "beyond": [tuple(row) for row in conn.execute(beyond.where(feed.c.org_id == org_id))],
    }
    return {name: places for name, places in found.items() if places}
