"""One record of a sweep: locked, judged again, and changed if its moment has come, in one transaction."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.domain.desk import write
from server.domain.dues import SWEEPS
from server.domain.needs import Asking, DeskNeed, Rows
from server.domain.outages import Outage
from server.domain.reminder import FOR_ALL, Row
from server.domain.sweep import AnySweep
from server.services.act import NOBODY, finished, loaded
from server.store import comings, dues, load
from server.store.dues import Subject
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor, Entered, Moment
from sync.state import State


def sweep(conn: sa.Connection, org_id: int, subject: Subject, now_ms: int, outages: tuple[Outage, ...] = ()) -> int:
    """Look at a record, and change it if its moment has come; how many were changed. `outages`: when no server heard phones."""
    rule = SWEEPS[subject[0]]
    acting = Actor(org_id, NOBODY, 0, Role.unknown)
    comings.lock(conn, org_id)
    first = _beside(conn, org_id, rule, State())
    load.by_ids(conn, first, org_id, BY_RECORD[rule.record], {subject[1]})
    known: Record | None = first.find(rule.record, subject[1])
    locks = tuple(rule.locks(first, known, now_ms)) if known is not None else ()

    def wanted(asking: Asking) -> Iterable[DeskNeed]:
        yield Rows(rule.record, frozenset({subject[1]}))
        yield from locks
        found: Record | None = asking.state.find(rule.record, subject[1])
        yield from rule.wants(asking, found) if found is not None else ()

    loader = loaded(conn, acting, wanted, now_ms)
    dues.lock_settings(conn, org_id, changing=False)
    state = _beside(conn, org_id, rule, loader.state)
    state.outages = outages
    rows = dues.of_subjects(conn, org_id, [subject]).get(subject, [])
    if not rows or min(row.at_ms for row in rows) > now_ms:
        return 0
    record: Record | None = state.find(rule.record, subject[1])
    if record is not None and tuple(rule.locks(state, record, now_ms)) != locks:
        return 0
    at_ms = rule.next_ms(state, record, now_ms) if record is not None else None
    changed = rule.decide(acting, state, record, Entered(Moment(now_ms))) if at_ms is not None and at_ms <= now_ms else ()
    write(state, changed)
    again = at_ms if at_ms is not None and not changed else None
    dues.replace(conn, org_id, [subject], [Row(*subject, FOR_ALL, max(again, now_ms + 1), now_ms)] if again is not None else [])
    finished(loader)
    return 1 if changed else 0


def _beside(conn: sa.Connection, org_id: int, rule: AnySweep, state: State) -> State:
    """The kinds of records on which the locks depend, as they stand now."""
    for record in rule.beside:
        load.every(conn, state, org_id, BY_RECORD[record])
    return state
