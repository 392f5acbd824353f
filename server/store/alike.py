"""SQL of the index of numbers: which customers bear a number, what waits to be compared, and the lock under which both are settled."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from server.domain.alike import Number, Written
from server.models import RECORD_TABLES, customer_number, number_change
from server.store.hot import ByKey, Hot
from shared_schema.wire import ENCODER

BEARERS: Final = ByKey(customer_number, ("value",), ("kind", "value", "customer_id"))
SPACE: Final = 0x6C696B65
"""Names ours among PostgreSQL's advisory locks of two numbers: the letters `like`."""
NUMBER_MAX: Final = 0x7FFFFFFF
_ORG: Final = sa.bindparam("number", type_=sa.BigInteger)
LOCK: Final = Hot(sa.select(sa.func.pg_advisory_xact_lock(SPACE, sa.cast(_ORG, sa.Integer))))
WAITS: Final = number_change.name
PUT_OFF: Final = (
    f"INSERT INTO {WAITS} (org_id, seq, line_no, body)"  # noqa: S608 - our own names
    f" SELECT {{0}}, COALESCE(MAX(seq), 0) + 1, {{1}}, {{2}} FROM {WAITS} WHERE org_id = {{3}}"
)
PUT_OFF_BY_DIALECT: Final = {"sqlite": PUT_OFF.format(*"????"), "postgresql": PUT_OFF.format("$1::BIGINT", "$2::BIGINT", "$3::BYTEA", "$4")}
TAKE: Final = (
    f"DELETE FROM {WAITS} WHERE org_id = {{0}} AND (seq, line_no) IN"  # noqa: S608 - our own names
    f" (SELECT seq, line_no FROM {WAITS} WHERE org_id = {{1}} ORDER BY seq, line_no LIMIT {{2}}) RETURNING seq, line_no, body"
)
TAKE_BY_DIALECT: Final = {"sqlite": TAKE.format(*"???"), "postgresql": TAKE.format("$1", "$2", "$3")}
ALL: Final = 1 << 62
BODY: Final = msgspec.msgpack.Decoder(list[Written])
INTO: Final = f"INSERT INTO {customer_number.name} (org_id, customer_id, kind, value)"
INSTEAD: Final = "ON CONFLICT (org_id, customer_id, kind) DO UPDATE SET value = excluded.value"
PUT_ON_SQLITE: Final = f"{INTO} VALUES (?, ?, ?, ?) {INSTEAD}"
PUT_ON_POSTGRES: Final = f"{INTO} SELECT $1, * FROM unnest($2::BYTEA[], $3::TEXT[], $4::TEXT[]) {INSTEAD}"  # noqa: S608 - our own names
PROFILE: Final = RECORD_TABLES["organisation"]
REGION: Final = Hot(sa.select(PROFILE.c.phone_region).where(PROFILE.c.org_id == _ORG))
REGION_OF_NONE: Final = "CN"


def region(conn: sa.Connection, org_id: int) -> str:
    """The region as whose the organisation dials numbers without a country code."""
    return REGION.run(conn, number=org_id).scalar_one_or_none() or REGION_OF_NONE


def lock(conn: sa.Connection, org_id: int) -> None:
    """Let transactions that compare numbers go one after the other. Read by a later statement: this one may have waited."""
    if conn.dialect.name == "postgresql":  # SQLite has one writer
        LOCK.run(conn, number=org_id & NUMBER_MAX)


def put_off(conn: sa.Connection, org_id: int, line_no: int, written: Sequence[Written]) -> None:
    """Let changes of numbers wait, behind all that wait by now. The caller holds the device line.

    Pushes that go on at one moment may get one `seq`, in the order of their lines: neither came first.
    """
    conn.exec_driver_sql(PUT_OFF_BY_DIALECT[conn.dialect.name], (org_id, line_no, ENCODER.encode(written), org_id))


def waiting(conn: sa.Connection) -> list[int]:
    """The organisations with something that waits: the table holds nothing else, so this costs nothing while none has."""
    return list(conn.execute(sa.select(number_change.c.org_id).distinct().order_by(number_change.c.org_id)).scalars())


def take(conn: sa.Connection, org_id: int, pushes_max: int = ALL) -> list[list[Written]]:
    """Take out what waits, a push each, the earliest first. The caller holds the lock of numbers."""
    rows = conn.exec_driver_sql(TAKE_BY_DIALECT[conn.dialect.name], (org_id, org_id, pushes_max)).all()
    return [BODY.decode(row.body) for row in sorted(rows, key=lambda row: (row.seq, row.line_no))]


def bearers(conn: sa.Connection, org_id: int, numbers: Collection[Number]) -> dict[Number, list[bytes]]:
    """The customers that stand in the index for each of these numbers."""
    found: dict[Number, list[bytes]] = {}
    for row in BEARERS.run(conn, org_id, {number.value for number in numbers}):
        found.setdefault(Number(row.kind, row.value), []).append(bytes(row.customer_id))
    return found


def put(conn: sa.Connection, org_id: int, rows: Mapping[tuple[bytes, str], str]) -> None:
    """Put customers into the index: (customer, kind of number) → the value, in the place of the one before; an empty one meets nobody.

    An upsert, for a database that does not know the table yet may look for a row to change or to delete by the wrong index.
    """
    ordered = [(*place, value) for place, value in sorted(rows.items())]
    if ordered and conn.dialect.name == "postgresql":
        conn.exec_driver_sql(PUT_ON_POSTGRES, (org_id, *map(list, zip(*ordered, strict=True))))
    elif ordered:
        conn.exec_driver_sql(PUT_ON_SQLITE, [(org_id, *one) for one in ordered])
