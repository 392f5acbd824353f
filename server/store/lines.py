"""Device lines and their stored outcomes: exactly once is a matter of these rows."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from server.models import answered, device, org, payload
from server.store.load import dialect_of
from shared_schema.wire import ENCODER
from sync.line import Answered

ANSWERED_DECODER = msgspec.msgpack.Decoder(list[Answered])


class LineRow(msgspec.Struct, frozen=True):
    """A locked device line with what its organisation says about revs and cursors."""

    last_n: int
    acked_n: int
    backed_up_n: int
    failed_n: int
    failed_tries: int
    seen_ms: int
    epoch: int
    rev_floor: int


def lock(conn: sa.Connection, org_id: int, line_no: int) -> LineRow:
    """Lock the device row first of all; then read it, by a later statement."""
    where = (device.c.org_id == org_id, device.c.line_no == line_no)
    if dialect_of(conn) == "postgresql":
        conn.execute(sa.select(device.c.line_no).where(*where).with_for_update())
    return read(conn, org_id, line_no)


def read(conn: sa.Connection, org_id: int, line_no: int) -> LineRow:
    """Where a device line stands."""
    names = ("last_n", "acked_n", "backed_up_n", "failed_n", "failed_tries", "seen_ms")
    chosen = sa.select(*(device.c[name] for name in names), org.c.epoch, org.c.rev_floor).join(org, org.c.org_id == device.c.org_id)
    row = conn.execute(chosen.where(device.c.org_id == org_id, device.c.line_no == line_no)).one()
    return LineRow(*tuple(row))


def outcomes(conn: sa.Connection, org_id: int, line_no: int, first_n: int) -> dict[int, Answered]:
    """Stored outcomes from `first_n` on."""
    where = (answered.c.org_id == org_id, answered.c.line_no == line_no, answered.c.last_n >= first_n)
    bodies = conn.execute(sa.select(answered.c.body).where(*where)).scalars()
    return {one.n: one for body in bodies for one in ANSWERED_DECODER.decode(body)}


def store(conn: sa.Connection, org_id: int, line_no: int, given: Sequence[Answered]) -> None:
    """Keep the outcomes of one push as one row."""
    row = {"org_id": org_id, "line_no": line_no, "first_n": given[0].n, "last_n": given[-1].n, "body": ENCODER.encode(given)}
    conn.execute(sa.insert(answered), row)


def confirm(conn: sa.Connection, org_id: int, line_no: int, acked_n: int) -> None:
    """Forget outcomes which the device has stored."""
    where = (answered.c.org_id == org_id, answered.c.line_no == line_no, answered.c.last_n <= acked_n)
    conn.execute(sa.delete(answered).where(*where))


def advance(conn: sa.Connection, org_id: int, line_no: int, **values: object) -> None:
    """Move a line: last_n, acked_n, skew_ms, app, seen_ms."""
    conn.execute(sa.update(device).where(device.c.org_id == org_id, device.c.line_no == line_no).values(**values))


def keep_payloads(conn: sa.Connection, org_id: int, line_no: int, refused: Collection[tuple[int, bytes]]) -> None:
    """Keep the raw bytes of what was refused or parked."""
    if refused:
        conn.execute(sa.insert(payload), [{"org_id": org_id, "line_no": line_no, "n": n, "body": raw} for n, raw in refused])
