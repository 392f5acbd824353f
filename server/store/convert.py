"""The one conversion between records and database rows, and the hot statements compiled once to driver SQL.

A row is a tuple in column order: `org_id`, every slot of the record, then `field_revs` for registers.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import cache
from operator import itemgetter
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec
import sqlalchemy as sa

from server.database import DialectName
from server.models.records import FIELD_REVS, RECORD_TABLES, column_type
from server.store.hot import ByKey
from shared_schema.entity import Entity
from shared_schema.policy import Policy
from shared_schema.records.base import Record
from shared_schema.registry import BY_NUMBER
from sync.state import Key

DbRow = tuple[Any, ...]
Loader = Callable[[Any], Any]

_DIALECTS: Final[dict[DialectName, sa.Dialect]] = {
    "sqlite": sa.make_url("sqlite+aiosqlite://").get_dialect()(),
    "postgresql": sa.make_url("postgresql+asyncpg://").get_dialect()(),
}
_PACK: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class _Shape:
    """The differences between a record's slots and its columns: (place, conversion) of the packed, enum and bool slots."""

    def __init__(self, entity: Entity) -> None:
        self.size = len(entity.slots)
        self.savers: list[tuple[int, Loader]] = []
        self.loaders: list[tuple[int, Loader]] = []
        for place, slot in enumerate(entity.slots):
            saver, loader = _converters(entity.hints[slot])
            if saver is not None:
                self.savers.append((place, saver))
            if loader is not None:
                self.loaders.append((place, loader))


def _converters(hint: Any) -> tuple[Loader | None, Loader | None]:
    """How a slot's value becomes a column's, and back; None where they are the same. An empty value stays None."""
    sql_type, _, packed = column_type(hint)
    if packed:
        return _PACK, msgspec.msgpack.Decoder(hint).decode
    if isinstance(sql_type, sa.Boolean):
        return None, bool
    enum = _enum(hint)
    return (None, None) if enum is None else (int, {int(one): one for one in enum}.__getitem__)


def _enum(hint: Any) -> type[IntEnum] | None:
    """The enum in a field's type, if there is one."""
    if isinstance(hint, type):
        return hint if issubclass(hint, IntEnum) else None
    inner = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return next((found for found in map(_enum, inner) if found is not None), None)


_shape = cache(_Shape)


def is_register(entity: Entity) -> bool:
    """Whether the entity's rows end with `field_revs`."""
    return entity.policy is Policy.register


@cache
def columns(entity: Entity) -> tuple[str, ...]:
    """Names of the row's columns in order."""
    return ("org_id", *entity.slots, FIELD_REVS) if is_register(entity) else ("org_id", *entity.slots)


def to_row(entity: Entity, org_id: int, record: Record, field_revs: bytes | None = None) -> DbRow:
    """The row of a record, for `Statements.insert` and (through `update_row`) `Statements.update`."""
    values: list[Any] = [org_id, *msgspec.structs.astuple(record)]
    for place, save in _shape(entity).savers:
        if values[place + 1] is not None:
            values[place + 1] = save(values[place + 1])
    if is_register(entity):
        values.append(field_revs)
    return tuple(values)


def from_row(entity: Entity, row: Sequence[Any]) -> Record:
    """The record of a row that starts at `id`, as a raw driver gives it; columns after the slots are left alone."""
    shape = _shape(entity)
    values = list(row[: shape.size])
    for place, load in shape.loaders:
        if values[place] is not None:
            values[place] = load(values[place])
    return entity.record(*values)


class Statements:
    """Driver SQL of one entity on one engine, for `exec_driver_sql` with positional tuples; a list of tuples is an executemany.

    `insert` takes rows of `to_row` · `update` takes `update_row(row)` · `delete` takes (org_id, id).
    """

    def __init__(self, entity: Entity, dialect: DialectName) -> None:
        self._table, self._dialect, self._columns = RECORD_TABLES[entity.name], dialect, columns(entity)
        table, mine = self._table, _by_key(self._table)
        self.insert = self._sql(sa.insert(table))[0]
        slots: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in self._columns if name not in {"org_id", "id"}}
        self.update, self.update_row = self._sql(sa.update(table).where(*mine).values(slots))
        self.delete = self._sql(sa.delete(table).where(*mine))[0]

    def _sql(self, statement: sa.sql.expression.UpdateBase) -> tuple[str, Callable[[DbRow], DbRow]]:
        """The text for the driver, and the function that puts a row into the order of its parameters."""
        given = list(self._columns) if isinstance(statement, sa.sql.expression.Insert) else None
        compiled = statement.compile(dialect=_DIALECTS[self._dialect], column_keys=given)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)  # noqa: S101 - a DML statement compiles to this type
        places = [self._columns.index(name.removeprefix("key_")) for name in compiled.positiontup or ()]
        return str(compiled), itemgetter(*places)


def _by_key(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.org_id == sa.bindparam("key_org_id"), table.c.id == sa.bindparam("key_id")


@cache
def statements(entity: Entity, dialect: DialectName) -> Statements:
    """The statements of one entity on one engine, compiled on first use."""
    return Statements(entity, dialect)


@cache
def among(entity: Entity, column: str) -> ByKey:
    """Rows from `id` on whose `column` is among those given, in order of id."""
    return ByKey(RECORD_TABLES[entity.name], (column,), columns(entity)[1:], order="" if column == "id" else "id")


def known(keys: Iterable[Key]) -> set[Key]:
    """The keys of kinds that the server knows: an entry may name any number as its kind, also one that no column holds."""
    return {key for key in keys if key[0] in BY_NUMBER}
