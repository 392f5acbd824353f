"""The records that the desk keeps for every device: those of every `Table`, made and changed."""

from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from server import chance
from server.domain.desk import TABLE_OF, keep, wants_to_keep
from server.domain.feature import A, R, Table
from server.domain.tokens import Claims
from server.services import actors
from server.services.act import Deciding, carried_out
from server.store import reference
from sync.rules import Actor


def save(conn: sa.Connection, claims: Claims, asked: Struct, now_ms: int) -> Any:
    """Make or change a record of the table that takes the request. Returns the record as it stands.

    Raises Problem(forbidden), the Problems of `actors.actor` and those of the table.
    """
    return put(conn, actors.entitled(conn, claims, now_ms, TABLE_OF[type(asked)].route), asked, now_ms)


def put(conn: sa.Connection, acting: Actor, asked: Struct, now_ms: int) -> Any:
    """Make or change a record; the caller has been authorised. Raises the Problems of the table."""
    record, record_id = TABLE_OF[type(asked)].record, _id(conn, acting.org_id, asked)
    deciding = Deciding(wants_to_keep(asked, record_id), lambda state: keep(state, asked, record_id))
    state, _ = carried_out(conn, acting, deciding, now_ms)
    return state.find(record, record_id)


def single(conn: sa.Connection, claims: Claims, table: Table[R, A], now_ms: int) -> R:
    """The one record of a table that takes no id. Raises Problem(forbidden) and the Problems of `actors.actor`."""
    return reference.only(conn, actors.entitled(conn, claims, now_ms, f"GET {table.path}").org_id, table.record)


def _id(conn: sa.Connection, org_id: int, asked: Struct) -> bytes:
    """The id of the record that is meant: the one given, that of the only one, or a new one."""
    table = TABLE_OF[type(asked)]
    if table.is_single:
        return bytes(reference.only(conn, org_id, table.record).id)
    given: bytes | None = getattr(asked, "id")  # noqa: B009 - it is a field of every other table's request
    return given if given is not None else chance.new_id()
