"""Judges a database after a crash: a photograph of all its rows, and what must agree with what in any state anybody can meet."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.database import open_database
from server.models import (
    RECORD_TABLES,
    account,
    answered,
    change,
    counter,
    device,
    metadata,
    org,
    ownership_event,
    payload,
    refresh_token,
    scope,
)
from server.store import identity
from server.store.lines import ANSWERED_DECODER
from shared_schema.wire import OUTCOME_DECODER, Result
from tests.simulation.feed_oracle import differences

DICE: Final = b"\xd1\xceDICE\xd1\xce"
"""Every id and secret of a crash run begins with it."""
_DICE: Final = re.compile(re.escape(DICE) + b".{8}", re.DOTALL)
_UNTOLD: Final = {("refresh_token", "hash"), ("refresh_token", "parent_hash"), ("enrolment_code", "hash")}
"""Hashes of dice: that there is one counts, not which."""
Column = tuple[str, str]
Row = tuple[object, ...]


class Photo(msgspec.Struct, frozen=True):
    """Every row of every table, dice taken out; and each disagreement found."""

    rows: dict[str, list[Row]]
    broken: list[str]


async def photograph(url: str) -> Photo:
    """Open the database as a server that starts would, and look at all of it in one snapshot."""
    database = open_database(url)
    try:
        return await database.read(_photo)
    finally:
        await database.close()


def _photo(conn: sa.Connection) -> Photo:
    rows = {
        table.name: sorted((_told(table, row) for row in conn.exec_driver_sql(_all(table))), key=repr) for table in metadata.sorted_tables
    }
    return Photo(rows, [sentence for org_id in conn.execute(sa.select(org.c.org_id)).scalars() for sentence in disagreements(conn, org_id)])


def _all(table: sa.Table) -> str:
    """As text: what is compared with itself asks for no types, and nothing is compiled for each database anew."""
    return f'SELECT {", ".join(chr(34) + column.name + chr(34) for column in table.c)} FROM "{table.name}"'


def _told(table: sa.Table, row: sa.Row[Any]) -> Row:
    return tuple(_plain(value, (table.name, column.name) in _UNTOLD) for column, value in zip(table.c, row, strict=True))


def _plain(value: object, untold: bool) -> object:
    if isinstance(value, (bytes, memoryview)):
        return b"hash" if untold else _DICE.sub(b"a throw of dice.", bytes(value))
    return value


def compare(wanted: Photo, found: Photo, ignored: Iterable[Column] = ()) -> tuple[list[str], list[str]]:
    """(rows that are there once too often, rows that are missing); a row that says something else is one too many: it was written twice."""
    extra, missing = [], []
    skipped = set(ignored)
    for table in metadata.sorted_tables:
        kept = [at for at, column in enumerate(table.c) if (table.name, column.name) not in skipped]
        keys = [at for at, column in enumerate(table.c) if column.primary_key]
        more, less = (
            _less(_counted(a.rows[table.name], kept), _counted(b.rows[table.name], kept)) for a, b in ((found, wanted), (wanted, found))
        )
        if not more and not less:
            continue
        extra += [f"{table.name} {row!r}"[:300] for row in more]
        gone = _less(_counted(wanted.rows[table.name], keys), _counted(found.rows[table.name], keys))
        missing += [f"{table.name} {key!r}"[:300] for key in gone]
    return extra, missing


def _counted(rows: Iterable[Row], places: list[int]) -> Counter[Row]:
    return Counter(tuple(row[at] for at in places) for row in rows)


def _less(one: Counter[Row], other: Counter[Row]) -> Counter[Row]:
    return one - other


def disagreements(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """What does not agree with what; nothing in any state between two transactions."""
    for name, places in differences(conn, org_id).items():
        yield f"feed: {len(places)} rows {name}"
    for check in (_outcomes, _numbers, _standings, _people, _sessions):
        yield from check(conn, org_id)


def _lines(conn: sa.Connection, org_id: int) -> Mapping[int, Any]:
    return {row.line_no: row for row in conn.execute(sa.select(device).where(device.c.org_id == org_id))}


def _outcomes(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Each number a line consumed and did not confirm has its outcome, none beyond; each refusal its bytes, each parked one its item."""
    refused = {tuple(row) for row in conn.execute(sa.select(payload.c.line_no, payload.c.n).where(payload.c.org_id == org_id))}
    items = set(conn.execute(sa.select(RECORD_TABLES["inbox_item"].c.id)).scalars())
    stored: dict[int, list[int]] = {}
    for row in conn.execute(sa.select(answered).where(answered.c.org_id == org_id).order_by(answered.c.first_n)):
        for one in ANSWERED_DECODER.decode(row.body):
            outcome = OUTCOME_DECODER.decode(one.outcome)
            stored.setdefault(row.line_no, []).append(one.n)
            if outcome.result in (Result.parked, Result.rejected) and (row.line_no, one.n) not in refused:
                yield f"outcome {row.line_no}/{one.n}: refused, and its bytes are nowhere"
            if outcome.item_id is not None and outcome.item_id not in items:
                yield f"outcome {row.line_no}/{one.n}: its card is nowhere"
    for line_no, line in _lines(conn, org_id).items():
        waiting = [n for n in stored.get(line_no, []) if n > line.acked_n]
        if waiting != list(range(line.acked_n + 1, line.last_n + 1)):
            yield f"line {line_no}: last_n {line.last_n}, acked_n {line.acked_n}, outcomes of {waiting}"


def _numbers(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Nothing was written by an entry that the line has not consumed; counters are ahead of what they gave out."""
    lines = _lines(conn, org_id)
    for table in (change, payload):
        chosen = sa.select(table.c.line_no, sa.func.max(table.c.n)).where(table.c.org_id == org_id, table.c.line_no > 0)
        for line_no, n in conn.execute(chosen.group_by(table.c.line_no)):
            if line_no not in lines or n > lines[line_no].last_n:
                yield f"{table.name}: line {line_no} wrote entry {n} and has not consumed it"
    values = dict(tuple(row) for row in conn.execute(sa.select(counter.c.key, counter.c.value).where(counter.c.org_id == org_id)))
    last_scope = conn.execute(sa.select(sa.func.max(scope.c.number)).where(scope.c.org_id == org_id)).scalar_one()
    for key, last in (("line", max(lines, default=0)), ("scope", last_scope or 0)):
        if values.get(key, last) < last:
            yield f"counter {key}: {values.get(key)} and {last} is given out"


def _standings(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Each customer has one standing, and the newest ownership event tells its epoch."""
    standing, customer = RECORD_TABLES["standing"], RECORD_TABLES["customer"]
    epochs = dict(tuple(row) for row in conn.execute(sa.select(standing.c.id, standing.c.epoch).where(standing.c.org_id == org_id)))
    if set(conn.execute(sa.select(customer.c.id).where(customer.c.org_id == org_id)).scalars()) != epochs.keys():
        yield "customers and standings are not the same"
    newest = sa.select(ownership_event.c.customer_id, sa.func.max(ownership_event.c.epoch)).where(ownership_event.c.org_id == org_id)
    told = dict(tuple(row) for row in conn.execute(newest.group_by(ownership_event.c.customer_id)))
    for customer_id, epoch in told.items():
        if epochs.get(customer_id, epoch) != epoch:
            yield f"standing {customer_id.hex()}: epoch {epochs.get(customer_id)}, events say {epoch}"


def _people(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """An account, a person and his scopes come together."""
    person = RECORD_TABLES["person"]
    accounts = set(conn.execute(sa.select(account.c.user_id).where(account.c.org_id == org_id)).scalars())
    if accounts != set(conn.execute(sa.select(person.c.id).where(person.c.org_id == org_id)).scalars()):
        yield "accounts and persons are not the same"
    held = Counter(conn.execute(sa.select(scope.c.user_id).where(scope.c.org_id == org_id, scope.c.user_id.is_not(None))).scalars())
    if held != dict.fromkeys(accounts, len(identity.REP_LANES)):
        yield "a user without all of his scopes, or scopes without their user"


def _sessions(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A living token belongs to a line that may have one; one installation of a user has at most one open line."""
    lines = _lines(conn, org_id)
    for line_no in conn.execute(sa.select(refresh_token.c.line_no).where(refresh_token.c.org_id == org_id)).scalars():
        if line_no not in lines or lines[line_no].state != "active":
            yield f"a session of line {line_no}, which is not active"
    open_lines = Counter((one.installation_id, one.user_id) for one in lines.values() if one.state in ("active", "pending"))
    yield from (f"{count} open lines of one installation" for count in open_lines.values() if count > 1)
