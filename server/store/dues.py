"""SQL of the due index: rows by their moment over all organisations, and the rows of a record under its lock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from server.domain.dues import REMINDERS, Shift, is_shifting, judged_anew, shifts, written
from server.domain.reminder import FOR_ALL, AnyReminder, Row
from server.models import RECORD_TABLES, due
from server.store.hot import ByKey, Hot
from shared_schema.registry import BY_RECORD
from sync.state import State

PAGE_MAX: Final = 1_000
SPACE: Final = 0x7A6F6E65
"""Names ours among PostgreSQL's advisory locks of two numbers: the letters `zone`."""
NUMBER_MAX: Final = 0x7FFFFFFF
Subject = tuple[str, bytes]
"""(rule, record)."""


class Due(NamedTuple):
    """A record whose time may have come; in this order they are judged."""

    at_ms: int
    org_id: int
    rule: str
    subject_id: bytes


BEGIN: Final = Due(-1, 0, "", b"")
PASSES: Final[Mapping[str, AnyReminder]] = {f"all {rule.name}": rule for rule in REMINDERS.values()}
"""Rows that lead through all records of a rule, a page at a time: such a row names, as its record, the last one that has its own row."""
COLUMNS: Final = (due.c.at_ms, due.c.org_id, due.c.rule, due.c.subject_id)
OF_SUBJECT: Final = ByKey(due, ("rule", "subject_id"), ("rule", "subject_id", "reader_id", "at_ms", "since_ms"), lock="FOR UPDATE")
_ORG: Final = sa.bindparam("number", type_=sa.BigInteger)
READ: Final = Hot(sa.select(sa.func.pg_advisory_xact_lock_shared(SPACE, sa.cast(_ORG, sa.Integer))))
CHANGE: Final = Hot(sa.select(sa.func.pg_advisory_xact_lock(SPACE, sa.cast(_ORG, sa.Integer))))
PUT: Final = (
    f"INSERT INTO {due.name} (org_id, rule, subject_id, reader_id, at_ms, since_ms) VALUES ({{}}) "  # noqa: S608 - our own names
    "ON CONFLICT (org_id, rule, subject_id, reader_id) DO UPDATE SET "
    f"since_ms = CASE WHEN excluded.since_ms > {due.name}.since_ms THEN excluded.since_ms ELSE {due.name}.since_ms END, "
    f"at_ms = CASE WHEN excluded.at_ms < {due.name}.at_ms THEN excluded.at_ms ELSE {due.name}.at_ms END"
)
PUT_BY_DIALECT: Final = {"sqlite": PUT.format(", ".join("?" * 6)), "postgresql": PUT.format(", ".join(f"${at}" for at in range(1, 7)))}


def waiting(conn: sa.Connection, now_ms: int, after: Due = BEGIN, rules: Collection[str] = tuple(REMINDERS)) -> list[Due]:
    """The records of all organisations whose time may have come, the oldest first, PAGE_MAX of them behind `after`: one index range.

    `rules`: the reminders, or others. A rule of another version of the server waits for that one."""
    later = sa.tuple_(*COLUMNS) > sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(after, COLUMNS, strict=True)))
    come = sa.and_(due.c.at_ms <= now_ms, due.c.rule.in_(rules))
    chosen = sa.select(*COLUMNS).distinct().where(come, later).order_by(*COLUMNS).limit(PAGE_MAX)
    return [Due(row[0], row[1], row[2], bytes(row[3])) for row in conn.execute(chosen)]


def of_subjects(conn: sa.Connection, org_id: int, subjects: Collection[Subject]) -> dict[Subject, list[Row]]:
    """The rows of these records, locked. The caller holds the locks of the records."""
    found: dict[Subject, list[Row]] = {}
    for row in OF_SUBJECT.run(conn, org_id, subjects):
        one = Row(row.rule, bytes(row.subject_id), bytes(row.reader_id), row.at_ms, row.since_ms)
        found.setdefault((one.rule, one.subject_id), []).append(one)
    return found


def replace(conn: sa.Connection, org_id: int, subjects: Collection[Subject], rows: Iterable[Row]) -> None:
    """Put the rows of these records in the place of all that they have."""
    if subjects:
        where = (due.c.org_id == org_id, due.c.rule == sa.bindparam("the_rule"), due.c.subject_id == sa.bindparam("the_subject"))
        conn.execute(sa.delete(due).where(*where), [{"the_rule": rule, "the_subject": one} for rule, one in sorted(subjects)])
    put(conn, org_id, list(rows))


def put(conn: sa.Connection, org_id: int, rows: Sequence[Row]) -> None:
    """Write rows; one that stands and is earlier stays as early."""
    if rows:
        conn.exec_driver_sql(PUT_BY_DIALECT[conn.dialect.name], [(org_id, *row) for row in rows])


def note(conn: sa.Connection, org_id: int, state: State, now_ms: int) -> None:
    """Keep when the records that a transaction wrote must be judged, and which rows become earlier by changed settings."""
    put(conn, org_id, written(state, now_ms))
    if is_shifting(state):
        for shift in shifts(state):
            _move(conn, org_id, shift)
        anew = {rule.name for rule in judged_anew(state)}
        put(conn, org_id, [Row(name, b"", FOR_ALL, 0, now_ms) for name, rule in PASSES.items() if rule.name in anew])


def go_on(conn: sa.Connection, org_id: int, subject: Subject) -> int:
    """A row for each of the next records of a pass, PAGE_MAX of them in the order of their ids; how many, 0 if another worker was first.

    A change that begins the pass again begins another one beside it. A record that comes meanwhile has a row of its own.
    """
    rows = of_subjects(conn, org_id, [subject]).get(subject, [])
    if not rows:
        return 0
    rule, since_ms = PASSES[subject[0]], rows[0].since_ms
    table = RECORD_TABLES[BY_RECORD[rule.record].name]
    chosen = sa.select(table.c.id).where(table.c.org_id == org_id, table.c.id > subject[1]).order_by(table.c.id).limit(PAGE_MAX)
    ids = [bytes(one) for one in conn.execute(chosen).scalars()]
    put(conn, org_id, [Row(rule.name, one, FOR_ALL, since_ms, since_ms) for one in ids])
    replace(conn, org_id, [subject], [Row(subject[0], one, FOR_ALL, 0, since_ms) for one in ids[-1:]])
    return 1 + len(ids)


def _move(conn: sa.Connection, org_id: int, shift: Shift) -> None:
    """Rows are locked in the order of their key: a writer that keeps a few of them at this moment waits, or is waited for."""
    where = [due.c.org_id == org_id]
    where += [due.c.reader_id == shift.reader_id] if shift.reader_id is not None else []
    where += [due.c.rule == shift.rule] if shift.rule is not None else []
    if conn.dialect.name == "postgresql":
        keys = (due.c.rule, due.c.subject_id, due.c.reader_id)
        conn.execute(sa.select(sa.func.count()).select_from(sa.select(*keys).where(*where).order_by(*keys).with_for_update().subquery()))
    earlier = sa.case((due.c.at_ms > shift.by_ms, due.c.at_ms - shift.by_ms), else_=0)
    conn.execute(sa.update(due).where(*where).values(at_ms=earlier))


def lock_settings(conn: sa.Connection, org_id: int, *, changing: bool) -> None:
    """Settings on which moments depend are read (shared), or are about to change. After all records but notices: nobody who waits for a
    notice holds it. SQLite has one writer."""
    if conn.dialect.name == "postgresql":
        (CHANGE if changing else READ).run(conn, number=org_id & NUMBER_MAX)
