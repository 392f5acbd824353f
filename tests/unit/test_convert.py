"""Records and rows: what is written to either engine is read back equal, and many rows are one executemany."""

from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import FIELD_REVS, RECORD_TABLES
from server.models.records import column_type
from server.store import convert
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Tier
from shared_schema.records.notification import Facts
from shared_schema.registry import BY_NAME, BY_RECORD, ENTITIES

ORG = 7
CONTACT = BY_RECORD[Contact]


def identity(number: int) -> bytes:
    return number.to_bytes(16, "big")


def sample(hint: Any, number: int) -> Any:
    """A value of a field's type other than its default: two for a collection, the last member of an enum."""
    if get_origin(hint) is Annotated:
        bare, *marks = get_args(hint)
        meta = next((mark for mark in marks if isinstance(mark, msgspec.Meta)), None)
        return bounded(bare, meta, number) if bare in {int, str, bytes} else sample(bare, number)
    members = [member for member in get_args(hint) if member is not type(None)]
    if get_origin(hint) is dict:
        return {"area": "东区"} if hint == get_args(Facts)[0] else {"zone": 12, "area": "东区"}
    if get_origin(hint) is tuple:
        return (sample(members[0], number),)
    if members:
        return sample(members[0], number)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = {field.name: field.type for field in msgspec.structs.fields(hint)}
        return hint(**{name: sample(of, number) for name, of in hints.items()})
    if isinstance(hint, type) and issubclass(hint, int) and hint not in {int, bool}:
        return list(hint)[-1]  # type: ignore[call-overload]  # an enum class
    return True if hint is bool else bounded(hint, None, number)


def bounded(hint: Any, meta: msgspec.Meta | None, number: int) -> Any:
    if hint is bytes:
        return identity(number)
    if hint is str:
        return "abc" if meta and meta.pattern else "上海杯"[: (meta.max_length if meta else None)]
    return int((meta.le if meta and meta.le is not None else None) or number)


def whole(entity: Entity, number: int) -> Record:
    """A record with every slot set to something that is not its default, integers at their upper bound."""
    values = {slot: sample(entity.hints[slot], number) for slot in entity.slots} | {"id": identity(number), "rev": number}
    return msgspec.convert(msgspec.to_builtins(entity.record(**values), builtin_types=(bytes,)), entity.record)


def bare(entity: Entity, number: int) -> Record:
    """A record with its defaults, so that every slot that may be empty is."""
    required = [field.name for field in msgspec.structs.fields(entity.record) if field.required]
    return entity.record(**{slot: sample(entity.hints[slot], number) for slot in required} | {"id": identity(number), "rev": number})


def every_record(entity: Entity) -> list[Record]:
    return [whole(entity, 1), bare(entity, 2)]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
async def test_written_and_read_back_equal(database: Database, entity: Entity) -> None:
    made = convert.statements(entity, database.dialect)
    rows = [convert.to_row(entity, ORG, record, b"revs") for record in every_record(entity)]

    def round_trip(conn: sa.Connection) -> list[Any]:
        conn.exec_driver_sql(made.insert, rows)
        return convert.among(entity, "id").run(conn, ORG, [identity(2), identity(1), identity(3)])

    found = await database.write(round_trip)
    read = [convert.from_row(entity, row) for row in found]
    assert read == every_record(entity)
    assert [[type(value) for value in msgspec.structs.astuple(record)] for record in read] == [
        [type(value) for value in msgspec.structs.astuple(record)] for record in every_record(entity)
    ]
    assert not convert.is_register(entity) or [row[-1] for row in found] == [b"revs"] * 2


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
async def test_updated_by_key_alone(database: Database, entity: Entity) -> None:
    made = convert.statements(entity, database.dialect)
    old, new = bare(entity, 1), whole(entity, 1)

    def change(conn: sa.Connection) -> list[Record]:
        conn.exec_driver_sql(made.insert, [convert.to_row(entity, org, old) for org in (ORG, ORG + 1)])
        conn.exec_driver_sql(made.update, [made.update_row(convert.to_row(entity, ORG, new, b"revs"))])
        return [convert.from_row(entity, convert.among(entity, "id").run(conn, org, [old.id])[0]) for org in (ORG, ORG + 1)]

    assert await database.write(change) == [new, old]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40])
async def test_select_by_another_column(database: Database, count: int) -> None:
    made = convert.statements(CONTACT, database.dialect)
    records = [Contact(identity(number), 1, identity(100 + number), f"n{number}") for number in range(50)]

    def select(conn: sa.Connection) -> list[Record]:
        conn.exec_driver_sql(made.insert, [convert.to_row(CONTACT, ORG, record) for record in records])
        wanted = [identity(100 + number) for number in range(count)]
        return [convert.from_row(CONTACT, row) for row in convert.among(CONTACT, "customer_id").run(conn, ORG, wanted)]

    assert await database.write(select) == records[:count]


async def test_delete_takes_one(database: Database) -> None:
    made = convert.statements(CONTACT, database.dialect)
    records = [Contact(identity(number), 1, identity(9), "n") for number in (1, 2)]

    def delete(conn: sa.Connection) -> list[Record]:
        conn.exec_driver_sql(made.insert, [convert.to_row(CONTACT, ORG, record) for record in records])
        conn.exec_driver_sql(made.delete, [(ORG, identity(1)), (ORG + 1, identity(2))])
        return [convert.from_row(CONTACT, row) for row in convert.among(CONTACT, "customer_id").run(conn, ORG, [identity(9)])]

    assert await database.write(delete) == records[1:]


async def test_many_rows_are_one_executemany(database: Database) -> None:
    made = convert.statements(CONTACT, database.dialect)
    rows = [convert.to_row(CONTACT, ORG, Contact(identity(number), 1, identity(9), "n")) for number in range(500)]
    calls: list[tuple[bool, int]] = []

    def seen(_conn: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        calls.append((executemany, len(parameters)))

    def insert(conn: sa.Connection) -> int:
        sa.event.listen(conn, "before_cursor_execute", seen)
        conn.exec_driver_sql(made.insert, rows)
        sa.event.remove(conn, "before_cursor_execute", seen)
        return int(conn.exec_driver_sql("SELECT count(*) FROM contact").scalar_one())

    assert await database.write(insert) == 500
    assert calls == [(True, 500)]


def test_row_struct_and_table_share_one_order() -> None:
    for entity in ENTITIES:
        table = [column.name for column in RECORD_TABLES[entity.name].columns]
        assert table == list(convert.columns(entity))
        assert table[1 : 1 + len(entity.slots)] == list(entity.record.__struct_fields__)
        assert (table[-1] == FIELD_REVS) == convert.is_register(entity)


def test_a_row_holds_plain_values_alone() -> None:
    """No enum and no object reaches a driver."""
    for entity in ENTITIES:
        for record in every_record(entity):
            assert {type(value) for value in convert.to_row(entity, ORG, record)} <= {int, str, bytes, bool, type(None)}


def test_packed_maps_have_one_form() -> None:
    extras: list[dict[str, str | int]] = [{"a": 1, "b": 2}, {"b": 2, "a": 1}]
    rows = {convert.to_row(CONTACT, ORG, Contact(identity(1), 1, identity(2), "n", extra=extra)) for extra in extras}
    assert len(rows) == 1


def test_what_no_column_holds_is_refused() -> None:
    for hint in (float, int | str, list[int]):
        with pytest.raises(TypeError, match="column"):
            column_type(hint)


def test_enums_come_back_as_themselves() -> None:
    standing = BY_NAME["standing"]
    row = convert.to_row(standing, ORG, whole(standing, 1))
    assert convert.from_row(standing, row[1:]).tier is Tier.c  # type: ignore[attr-defined]  # a Standing
