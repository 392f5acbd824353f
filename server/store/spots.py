"""SQL of the index of places: where the customers of each holder are, and those of each pool by their masked squares (D-461)."""

from collections.abc import Collection, Iterable, Sequence
from math import ceil
from operator import attrgetter
from typing import Final, NamedTuple

import sqlalchemy as sa

from geo.grid import cell, cover, masked
from geo.nearby import Placed
from server.models import RECORD_TABLES, spot
from server.store.hot import ByKey
from shared_schema.places import Position
from shared_schema.records.customer import Customer, Standing
from shared_schema.registry import BY_RECORD
from sync.state import State

CUSTOMER: Final = BY_RECORD[Customer].number
STANDING: Final = BY_RECORD[Standing].number
WGS: Final = ("wgs_latitude_e6", "wgs_longitude_e6")
PLACE: Final = attrgetter(*WGS)
PLACES: Final = ByKey(RECORD_TABLES["customer"], ("id",), ("id", *WGS))
HOLDERS: Final = ByKey(RECORD_TABLES["standing"], ("id",), ("id", "owner_id", "pool_id"))
SHARERS: Final = ByKey(RECORD_TABLES["collaborator"], ("customer_id",), ("customer_id", "user_id"))
STANDS: Final = ByKey(spot, ("id",), ("id", "holder_id"))
COLUMNS: Final = ("org_id", "holder_id", "cell", "id", "latitude_e6", "longitude_e6")
METRE_E6: Final = 9.05
"""Micro-degrees of latitude of a metre, at most (`geo/grid.py`)."""
Spot = tuple[int, bytes, int, bytes, int, int]
"""A row, by `COLUMNS`."""


class Band(NamedTuple):
    """Latitudes, both included."""

    south_e6: int
    north_e6: int


Range = tuple[bytes, int, int]
"""A holder, and the first and last of neighbouring cells."""
RANGES_MAX: Final = 4_096
"""In one statement: PostgreSQL's driver takes 32,767 values, SQLite as many."""
FOUND: Final = "kept.id, kept.latitude_e6, kept.longitude_e6"
IN_RANGE: Final = "kept.org_id = {} AND kept.holder_id = given.holder_id AND kept.cell BETWEEN given.low AND given.high"
"""A range is looked up by itself, as a key is in `ByKey`: SQLite reads the whole index for `BETWEEN … OR BETWEEN …`, and PostgreSQL plans a
union of ranges anew for each request, or a plain join with them as a scan."""
POSTGRES: Final = (
    f"SELECT {FOUND} FROM unnest((SELECT $1::BYTEA[]), (SELECT $2::BIGINT[]), (SELECT $3::BIGINT[])) AS given (holder_id, low, high) "  # noqa: S608
    f"CROSS JOIN LATERAL (SELECT {FOUND} FROM {spot.name} AS kept WHERE {IN_RANGE.format('(SELECT $4::BIGINT)')} "
    "AND kept.latitude_e6 BETWEEN (SELECT $5::BIGINT) AND (SELECT $6::BIGINT) OFFSET 0) AS kept"
)
SQLITE: Final = (
    f"WITH given (holder_id, low, high) AS (VALUES {{}}) SELECT {FOUND} FROM given CROSS JOIN {spot.name} AS kept "  # noqa: S608
    f"ON {IN_RANGE.format('?')} AND kept.latitude_e6 BETWEEN ? AND ?"
)


def keep(conn: sa.Connection, org_id: int, state: State) -> None:
    """Put the customers whose holders or places changed where they are by now. The caller has written the records, under their locks."""
    ids = _moved(state)
    if not ids:
        return
    known = {bytes(row.id) for row in STANDS.run(conn, org_id, ids)}
    if known:
        conn.exec_driver_sql(
            f"DELETE FROM {spot.name} WHERE org_id = {_mark(conn, 1)} AND id = {_mark(conn, 2)}",  # noqa: S608 - our own names
            [(org_id, each) for each in sorted(known)],
        )
    rows = sorted(set(_rows(conn, org_id, ids)))  # an owner may be a collaborator besides
    put(conn, rows)


def put(conn: sa.Connection, rows: Sequence[Spot]) -> None:
    """Write rows that are not there."""
    if rows:
        values = ", ".join(_mark(conn, at) for at in range(1, len(COLUMNS) + 1))
        conn.exec_driver_sql(f"INSERT INTO {spot.name} ({', '.join(COLUMNS)}) VALUES ({values})", list(rows))  # noqa: S608 - our own names


def within(conn: sa.Connection, org_id: int, holder_ids: Sequence[bytes], at: Position, radius_m: int) -> list[Placed]:
    """The customers of holders, and the masked ones of pools, within a radius and some around it."""
    reach_e6 = ceil(radius_m * METRE_E6) + 1
    band = Band(at.latitude_e6 - reach_e6, at.latitude_e6 + reach_e6)
    ranges = [(holder_id, *one) for holder_id in holder_ids for one in cover(*at, radius_m)]
    found: list[Placed] = []
    for first in range(0, len(ranges), RANGES_MAX):
        text, values = looked_up(conn, ranges[first : first + RANGES_MAX], org_id, band)
        found += [Placed(bytes(row[0]), row[1], row[2]) for row in conn.exec_driver_sql(text, values).all()]
    return found


def looked_up(conn: sa.Connection, ranges: Sequence[Range], org_id: int, band: Band) -> tuple[str, tuple[object, ...]]:
    """The statement that finds what stands in these ranges, and its values."""
    if conn.dialect.name == "postgresql":
        return POSTGRES, (*(list(column) for column in zip(*ranges, strict=True)), org_id, *band)
    size = 1 << (len(ranges) - 1).bit_length()  # so that few texts are prepared; nothing lies between NULL and NULL
    padded = [*(value for one in ranges for value in one), *[None] * (3 * (size - len(ranges)))]
    return SQLITE.format(", ".join(["(?, ?, ?)"] * size)), (*padded, org_id, *band)


def _moved(state: State) -> set[bytes]:
    born = {record_id for number, record_id in state.created if number == STANDING}
    gone = {record_id for number, record_id in state.buried if number == CUSTOMER}
    elsewhere = {record_id for number, record_id in state.touched if number == CUSTOMER and _is_elsewhere(state, record_id)}
    return born | gone | elsewhere | set(state.holders_before)


def _is_elsewhere(state: State, customer_id: bytes) -> bool:
    key = (CUSTOMER, customer_id)
    before = state.originals.get(key)
    return before is None or PLACE(before.record) != PLACE(state.held[key].record)


def _rows(conn: sa.Connection, org_id: int, ids: Collection[bytes]) -> Iterable[Spot]:
    places = {bytes(row[0]): Position(row[1], row[2]) for row in PLACES.run(conn, org_id, ids) if row[1] is not None and row[2] is not None}
    for customer_id, owner_id, pool_id in HOLDERS.run(conn, org_id, places):
        at = places[bytes(customer_id)]
        if owner_id is not None:
            yield _row(org_id, owner_id, customer_id, at)
        elif pool_id is not None:
            yield _row(org_id, pool_id, customer_id, masked(*at))
    for customer_id, user_id in SHARERS.run(conn, org_id, places):
        yield _row(org_id, user_id, customer_id, places[bytes(customer_id)])


def _row(org_id: int, holder_id: bytes, customer_id: bytes, at: Position) -> Spot:
    return (org_id, bytes(holder_id), cell(*at), bytes(customer_id), *at)


def _mark(conn: sa.Connection, at: int) -> str:
    return f"${at}" if conn.dialect.name == "postgresql" else "?"
