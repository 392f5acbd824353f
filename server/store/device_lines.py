"""Device lines and their stored outcomes: exactly once is a matter of these rows."""

from collections.abc import Collection, Sequence
from functools import cache

import msgspec
import sqlalchemy as sa

from server.database.apart import apart
from server.models import answered, device, org, payload
from server.store import comings
from server.store.devices import LINE_STANDS
from server.store.hot import Hot
from server.store.identity import Row
from server.store.load import dialect_of
from shared_schema.wire import ENCODER
from sync.admission import Answered
from sync.forgetting import forgotten_bytes
from sync.rules import Moment

_ORG, _LINE = sa.bindparam("key_org", type_=sa.BigInteger), sa.bindparam("key_line", type_=sa.BigInteger)
MINE = (device.c.org_id == _ORG, device.c.line_no == _LINE)
LOCKED = sa.select(device.c.org_id).where(*MINE).with_for_update()
LOCK = Hot(LOCKED)
LOCK_BRINGING = Hot(sa.select(comings.shared(LOCKED.cte().c.org_id)))
"""First the line: PostgreSQL never folds a FOR UPDATE into the query around it."""
READ = Hot(sa.select(*LINE_STANDS, org.c.epoch, org.c.rev_floor).join(org, org.c.org_id == device.c.org_id).where(*MINE))
STORE = Hot(sa.insert(answered).values({column.name: sa.bindparam(column.name, type_=column.type) for column in answered.c}))
CONFIRM = Hot(
    sa.delete(answered).where(
        answered.c.org_id == _ORG, answered.c.line_no == _LINE, answered.c.last_n <= sa.bindparam("key_n", type_=sa.BigInteger)
    )
)
MOVING = {
    name: device.c[name] for name in ("last_n", "acked_n", "failed_n", "failed_tries", "skew_ms", "name", "app", "seen_ms", "pushed_ms")
}
"""Columns that move with every push and log-in: none of them gives a user more to see or do."""
ANSWERED_DECODER = msgspec.msgpack.Decoder(list[Answered])


class LineRow(msgspec.Struct, frozen=True):
    """A locked device line with its organisation's revs and cursors."""

    last_n: int
    acked_n: int
    backed_up_n: int
    failed_n: int
    failed_tries: int
    seen_ms: int
    pushed_ms: int
    resets: int
    epoch: int
    rev_floor: int


def lock(conn: sa.Connection, org_id: int, line_no: int, *, bringing: bool = False) -> None:
    """Lock the device row first of all; it is read by a later statement. SQLite has one writer anyway.

    `bringing`: this may make records or move customers, so the lock of coming records is taken after the line, by the same statement
    (P-512).
    """
    if dialect_of(conn) == "postgresql":
        shares = bringing and not apart(conn)
        (LOCK_BRINGING if shares else LOCK).run(conn, key_org=org_id, key_line=line_no)
        if apart(conn):
            comings.lock(conn, org_id)


def read(conn: sa.Connection, org_id: int, line_no: int) -> LineRow:
    """Where a device line stands."""
    return line_of(READ.run(conn, key_org=org_id, key_line=line_no).one())


def line_of(row: Row) -> LineRow:
    """Where a line stands, from a row that ends with these columns."""
    return LineRow(*tuple(row)[-len(LineRow.__struct_fields__) :])


def outcomes(conn: sa.Connection, org_id: int, line_no: int, first_n: int) -> dict[int, Answered]:
    """Stored outcomes from `first_n` on."""
    where = (answered.c.org_id == org_id, answered.c.line_no == line_no, answered.c.last_n >= first_n)
    bodies = conn.execute(sa.select(answered.c.body).where(*where)).scalars()
    return {one.n: one for body in bodies for one in ANSWERED_DECODER.decode(body)}


def store(conn: sa.Connection, org_id: int, line_no: int, given: Sequence[Answered]) -> None:
    """Keep the outcomes of one push as one row."""
    STORE.run(conn, org_id=org_id, line_no=line_no, first_n=given[0].n, last_n=given[-1].n, body=ENCODER.encode(given))


def confirm(conn: sa.Connection, org_id: int, line_no: int, acked_n: int) -> None:
    """Forget outcomes which the device has stored."""
    CONFIRM.run(conn, key_org=org_id, key_line=line_no, key_n=acked_n)


def advance(conn: sa.Connection, org_id: int, line_no: int, **values: object) -> None:
    """Move a line: any of the columns in MOVING."""
    _advance(tuple(values)).run(conn, key_org=org_id, key_line=line_no, **{f"new_{name}": value for name, value in values.items()})


@cache
def _advance(names: tuple[str, ...]) -> Hot:
    return Hot(sa.update(device).where(*MINE).values({name: sa.bindparam(f"new_{name}", type_=MOVING[name].type) for name in names}))


def keep_payloads(conn: sa.Connection, org_id: int, line_no: int, refused: Collection[tuple[int, bytes]], moment: Moment) -> None:
    """Keep the raw bytes of a refused or parked entry, and when it came."""
    if refused:
        same = {"org_id": org_id, "line_no": line_no, "received_ms": moment.now_ms, "skew_ms": moment.skew_ms}
        rows = [{**same, "n": n, "body": raw, "tells_ms": moment.now_ms if forgotten_bytes(raw) != raw else None} for n, raw in refused]
        conn.execute(sa.insert(payload), rows)
