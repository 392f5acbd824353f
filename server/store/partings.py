"""SQL of the records that a user who leaves lets go: open ones that name the user, most of them about no customer."""

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa

from server.store.identity import PERSON
from shared_schema.entity import Entity

RECORDS_MAX: Final = 500
"""Records of one leaver in one transaction."""


class Wanted(NamedTuple):
    """Records of an entity in its table: `by` names the user, and `state` is one of `open`."""

    entity: Entity
    table: sa.Table
    by: str
    state: str
    open: Collection[int]


def open_of(conn: sa.Connection, org_id: int, wanted: Wanted, user_id: bytes) -> list[bytes]:
    """Ids of the records of a user, in id order: at most RECORDS_MAX."""
    column = wanted.table.c
    chosen = sa.select(column.id).where(*_open(org_id, wanted), column[wanted.by] == user_id).order_by(column.id)
    return [bytes(row.id) for row in conn.execute(chosen.limit(RECORDS_MAX))]


def leavers(conn: sa.Connection, org_id: int, wanted: Wanted) -> list[bytes]:
    """Users who are no longer active and are named by such records."""
    named = wanted.table.c[wanted.by]
    gone = sa.and_(PERSON.c.org_id == wanted.table.c.org_id, PERSON.c.id == named, ~PERSON.c.active)
    chosen = sa.select(named).join(PERSON, gone).where(*_open(org_id, wanted)).distinct()
    return [bytes(user_id) for user_id in conn.execute(chosen).scalars()]


def _open(org_id: int, wanted: Wanted) -> tuple[sa.ColumnElement[bool], ...]:
    column = wanted.table.c
    about = wanted.entity.about
    of_nobody = (column[about].is_(None),) if about is not None else ()
    return column.org_id == org_id, column[wanted.state].in_(sorted(wanted.open)), *of_nobody
