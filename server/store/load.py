"""Loading the records that a batch touches: one query per entity, after the locks."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from server.database import DialectName
from server.models import RECORD_TABLES, counter, org, ownership_event, payload, tombstone
from server.store import convert, erased, families, history
from server.store.convert import columns, from_row, is_register, known
from server.store.hot import ByKey, Hot, pieces
from server.store.identity import next_number
from server.store.visible import visible_among
from shared_schema.entity import Entity
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NAME, BY_NUMBER, CARD, FAMILY, PLACE, TILES
from shared_schema.wire import Kind
from sync.contribution import entries as entries_of
from sync.rules import Actor
from sync.state import STAMPS_DECODER, WHOLE, Held, Key, Stamp, State

TOMBSTONES = ByKey(tombstone, ("entity", "id"), ("entity", "id", "rev", "customer_id"))
FORMER = ByKey(ownership_event, ("customer_id",), ("customer_id",), same=("owner_id",))
PAYLOADS = ByKey(payload, ("line_no", "n"), ("n", "body", "received_ms", "skew_ms"))
IN_IT = f"{CARD.name} AS card WHERE card.org_id = kept.org_id AND card.{TILES.pool} = kept.id AND card.{TILES.shown}"
NOT_EMPTY = ByKey(RECORD_TABLES[PLACE.name], ("id",), ("id",), when=f"EXISTS (SELECT 1 FROM {IN_IT})")  # noqa: S608 - our own names
EPOCHS = ByKey(ownership_event, ("line_no", "n"), ("customer_id", "n", "epoch"))


def dialect_of(conn: sa.Connection) -> DialectName:
    """The engine of a connection."""
    return "sqlite" if conn.dialect.name == "sqlite" else "postgresql"


def rev_floor(conn: sa.Connection, org_id: int) -> int:
    """Revs at or below the floor were issued before a restore."""
    return int(conn.execute(sa.select(org.c.rev_floor).where(org.c.org_id == org_id)).scalar_one())


def every(conn: sa.Connection, state: State, org_id: int, entity: Entity) -> None:
    """Load all records of one entity, however many: a rule that sees only some of them decides wrongly, and says nothing."""
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:]))
    for row in conn.execute(chosen.where(table.c.org_id == org_id)):
        state.load(entity, held(entity, tuple(row)))


def page(conn: sa.Connection, state: State, org_id: int, entity: Entity, after: bytes | None, limit: int) -> None:
    """Load records by their ids, `limit` of them behind `after`."""
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id)
    for row in conn.execute((chosen if after is None else chosen.where(table.c.id > after)).order_by(table.c.id).limit(limit)):
        state.load(entity, held(entity, tuple(row)))


class Unsettled(NamedTuple):
    """Which records are not settled: of those that name one of `ids` in `by` the ones whose `slot` is not 0."""

    by: str
    ids: Collection[bytes]
    slot: str


def unsettled(conn: sa.Connection, state: State, org_id: int, entity: Entity, wanted: Unsettled) -> None:
    """Load the records that are not settled."""
    table = RECORD_TABLES[entity.name]
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(table.c.org_id == org_id, table.c[wanted.slot] != 0)
    for piece in pieces(wanted.ids):
        for row in conn.execute(chosen.where(table.c[wanted.by].in_(piece))):
            state.load(entity, held(entity, tuple(row)))


class Latest(NamedTuple):
    """Which records count as the latest: of those that name `id` in `by` the `limit` with the highest `newest`."""

    by: str
    id: bytes
    newest: str
    limit: int


@cache
def _latest(entity: Entity, place: Latest) -> Hot:
    table = RECORD_TABLES[entity.name]
    mine = (table.c.org_id == sa.bindparam("org", type_=sa.BigInteger), table.c[place.by] == sa.bindparam("named", type_=sa.LargeBinary))
    chosen = sa.select(*(table.c[name] for name in columns(entity)[1:])).where(*mine)
    return Hot(chosen.order_by(table.c[place.newest].desc(), table.c.id.desc()).limit(place.limit))


def latest(conn: sa.Connection, state: State, org_id: int, entity: Entity, place: Latest) -> None:
    """Load the latest records: an index gives them in their order."""
    for row in _latest(entity, place._replace(id=b"")).run(conn, org=org_id, named=place.id):
        state.load(entity, held(entity, tuple(row)))


def among(conn: sa.Connection, state: State, org_id: int, entity: Entity, column: str, ids: Collection[bytes]) -> None:
    """Load the records of an entity whose column is among these ids, by the hot statement."""
    for row in convert.among(entity, column).run(conn, org_id, ids):
        state.load(entity, held(entity, tuple(row)))


def held(entity: Entity, row: tuple[object, ...]) -> Held:
    """A record with its stamps, from a row that starts at `id`."""
    record = from_row(entity, row)
    packed = row[len(entity.slots)] if is_register(entity) else None
    stamps = STAMPS_DECODER.decode(packed) if isinstance(packed, bytes) else {WHOLE: Stamp(record.rev, 0, 0)}
    return Held(record, stamps)


def by_ids(conn: sa.Connection, state: State, org_id: int, entity: Entity, ids: Collection[bytes]) -> None:
    """Load records by id."""
    among(conn, state, org_id, entity, "id", ids)


def standings(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> None:
    """Load the holders of these customers: owners and collaborators."""
    by_ids(conn, state, org_id, BY_NAME["standing"], customer_ids)
    among(conn, state, org_id, BY_NAME["collaborator"], "customer_id", customer_ids)


def family(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> None:
    """Load every record of these families by the declared ownership graph; their holders are loaded already."""
    by_ids(conn, state, org_id, BY_NAME["customer"], customer_ids)
    by_ids(conn, state, org_id, CARD, customer_ids)
    for entity in FAMILY:
        if entity not in families.HEADS and entity.name != "collaborator":
            among(conn, state, org_id, entity, str(entity.about), customer_ids)


def tombstones(conn: sa.Connection, state: State, acting: Actor, keys: Collection[Key]) -> None:
    """Load the tombstones of records that were named and not found, and mark those of customers the actor does not hold."""
    found = _tombstones(conn, state, acting.org_id, {key for key in keys if key not in state.held})
    if found:
        seen = visible_among(conn, acting, {customer_id for customer_id in found.values() if customer_id is not None})
        nobodys = {key for key in found if found[key] is None} & state.erased  # of a person who was erased elsewhere (D-488)
        state.foreign_tombstones |= {key for key, customer_id in found.items() if customer_id not in seen} - nobodys


def _tombstones(conn: sa.Connection, state: State, org_id: int, keys: Collection[Key]) -> dict[Key, bytes | None]:
    """Load the tombstones of these records. Returns the family of each."""
    rows = TOMBSTONES.run(conn, org_id, known(keys))
    state.tombstones.update({(row.entity, row.id): row.rev for row in rows})
    found = {(row.entity, row.id): row.customer_id for row in rows}
    state.tombstone_customers.update(found)
    state.erased |= erased.known(conn, org_id, found.keys()) if found else set()
    return found


def former(conn: sa.Connection, state: State, org_id: int, user_id: bytes, customer_ids: Collection[bytes]) -> None:
    """Which of these customers the user once held, by ownership events."""
    if customer_ids:
        state.former = frozenset(bytes(row.customer_id) for row in FORMER.run(conn, org_id, customer_ids, user_id))


def not_empty(conn: sa.Connection, org_id: int, pool_ids: Collection[bytes]) -> set[bytes]:
    """Which of these pools have a customer."""
    return {bytes(row.id) for row in NOT_EMPTY.run(conn, org_id, pool_ids)}


def contributions(conn: sa.Connection, state: State, org_id: int, customer_ids: Collection[bytes]) -> None:
    """Load the records beside these customers."""
    among(conn, state, org_id, BY_NAME["contribution"], "customer_id", customer_ids)


def entries(conn: sa.Connection, state: State, org_id: int, items: Iterable[InboxItem]) -> None:
    """Load the needs of judging these cards anew: the bytes of their entries, and their records as they stand now, at any customer."""
    waits = [(item.line_no, one) for item in items for one in entries_of(item)]
    missing = {(one.entity, one.id) for _, one in waits} - state.held.keys()
    for number in sorted({number for number, _ in missing} & BY_NUMBER.keys()):
        by_ids(conn, state, org_id, BY_NUMBER[number], {record_id for entity, record_id in missing if entity == number})
    _tombstones(conn, state, org_id, {(one.entity, one.id) for _, one in waits})
    state.changed_ms.update(history.last_changes(conn, org_id, {(one.entity, one.id) for _, one in waits if one.kind == Kind.undo}))
    for line_no in sorted({line_no for line_no, _ in waits}):
        for kept in PAYLOADS.run(conn, org_id, {(line_no, one.n) for line, one in waits if line == line_no}):
            if not kept.body:  # nobody could say what they told: nothing is left to carry out
                continue
            state.payloads[line_no, kept.n] = bytes(kept.body)
            if kept.received_ms is not None:
                state.arrived[line_no, kept.n] = (kept.received_ms, kept.skew_ms or 0)


def epochs_after(conn: sa.Connection, state: State, org_id: int, line_no: int, numbers: Collection[int]) -> None:
    """Load the epochs to which commands of this line led, each for its customer (P-341)."""
    for row in EPOCHS.run(conn, org_id, {(line_no, n) for n in numbers}):
        state.epochs_after[bytes(row.customer_id), line_no, row.n] = row.epoch


def lock_counter(conn: sa.Connection, state: State, org_id: int, key: str) -> None:
    """Lock a counter, made when missing, and load its value."""
    state.counters[key] = next_number(conn, org_id, key, 0) - 1  # it names the next number to hand out


class Ahead(NamedTuple):
    """Records count whose moment in this column lies behind `now_ms`."""

    column: str
    now_ms: int


def counts(
    conn: sa.Connection, org_id: int, entity: Entity, column: str, named_ids: Collection[bytes], ahead: Ahead | None = None
) -> dict[bytes, int]:
    """How many records name each of these ids in a column; an id that none names is left out. `ahead`: None counts all."""
    table, found = RECORD_TABLES[entity.name], dict[bytes, int]()
    named = table.c[column]
    lasting = (table.c[ahead.column] > ahead.now_ms,) if ahead is not None else ()
    for piece in pieces(named_ids):
        wanted = sa.select(named, sa.func.count()).where(table.c.org_id == org_id, named.in_(piece), *lasting).group_by(named)
        found.update({bytes(row[0]): row[1] for row in conn.execute(wanted)})
    return found


def save_counter(conn: sa.Connection, org_id: int, key: str, value: int) -> None:
    """Write back a counter that the fold moved."""
    conn.execute(sa.update(counter).where(counter.c.org_id == org_id, counter.c.key == key).values(value=value))
