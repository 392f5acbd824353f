"""SQL of the index of places: where the customers of each holder are, and those of each pool by their masked squares (D-461)."""

from collections.abc import Collection, Iterable, Sequence
from math import ceil
from operator import attrgetter
from typing import Final

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
ONE: Final = (
    f"SELECT id, latitude_e6, longitude_e6 FROM {spot.name} "  # noqa: S608 - our own names
    "WHERE org_id = {} AND holder_id = {} AND cell BETWEEN {} AND {} AND latitude_e6 BETWEEN {} AND {}"
)
"""One plain BETWEEN for each row of cells: SQLite reads the whole index for `BETWEEN … OR BETWEEN …`."""


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


def within(conn: sa.Connection, org_id: int, holder_id: bytes, at: Position, radius_m: int) -> list[Placed]:
    """The customers of a holder, or the masked ones of a pool, within a radius and some around it."""
    ranges, reach_e6 = cover(*at, radius_m), ceil(radius_m * METRE_E6) + 1
    band = (at.latitude_e6 - reach_e6, at.latitude_e6 + reach_e6)
    text = " UNION ALL ".join(ONE.format(*(_mark(conn, 6 * nth + at) for at in range(1, 7))) for nth in range(len(ranges)))
    values = tuple(value for one in ranges for value in (org_id, holder_id, *one, *band))
    return [Placed(bytes(row[0]), row[1], row[2]) for row in conn.exec_driver_sql(text, values).all()]


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
