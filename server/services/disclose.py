"""Write all that the organisation holds about one person into a zipped file, a row at a time (D-481, D-482)."""

import base64
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from itertools import chain
from typing import Any, BinaryIO, Final

import msgspec
import sqlalchemy as sa

from server.domain.rights import Disclosure, words_in
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services import actors
from server.services.records import one
from server.store import identity, load, mentions
from server.store.convert import columns, from_row
from server.store.history import VALUES_DECODER
from shared_schema.entity import Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.registry import BY_NAME, BY_NUMBER, BY_RECORD
from shared_schema.twin import id_text
from sync.access import family_of
from sync.rules import Reach
from sync.state import State

SECRETS: Final = frozenset({"org_id", "password_hash", "hash", "parent_hash", "family_id", "session_id", "address", "field_revs"})
"""Columns that stay here: they open doors, and say nothing about the person."""
ID_BYTES: Final = 16
READ_ME: Final = """\
Everything that {organisation} holds about one person, as of {made}.
records/   one file for each kind of record: the person's own, and those that name the person; history.jsonl: each change of them.
tables/    accounts, devices, sign-ins, moves of customers and what else the server keeps beside the records.
Each line of a file is one JSON object. The names of its fields are those of docs/protocol.md.
Moments (…_ms) are milliseconds since 1970, UTC.

{organisation} 所保存的关于一个人的全部信息，截至 {made}。
records/   每种记录一个文件：本人的记录，以及提到本人的记录；history.jsonl 为这些记录的每次修改。
tables/    账号、设备、登录、客户归属变动，以及服务器另行保存的内容。
每个文件的每一行是一个 JSON 对象，字段名见 docs/protocol.md；以 _ms 结尾的是自 1970 年起的毫秒数（UTC）。
"""


class Subject(msgspec.Struct, frozen=True):
    """The person about whom somebody asks. `customer_id`: of the customer where the person works; `lines`: of the user's devices."""

    entity: Entity
    id: bytes
    words: frozenset[str]
    customer_id: bytes | None
    lines: tuple[int, ...]


class Told(msgspec.Struct, frozen=True):
    """What was written: file → lines."""

    counts: dict[str, int]


def disclose(conn: sa.Connection, claims: Claims, declared: Disclosure, person_id: bytes, file: BinaryIO, now_ms: int) -> Told:
    """Write the file for a user who may ask. Raises Problem(forbidden | not_found)."""
    acting = actors.entitled(conn, claims, now_ms, declared.route)
    if acting.reach is not Reach.organisation:
        one(conn, claims, BY_RECORD[declared.record].name, person_id, now_ms)
    return written(conn, acting.org_id, declared, person_id, file, now_ms)


def written(conn: sa.Connection, org_id: int, declared: Disclosure, person_id: bytes, file: BinaryIO, now_ms: int) -> Told:
    """Write the file; the caller has been authorised. Raises Problem(not_found)."""
    subject = subject_of(conn, org_id, declared, person_id)
    made = datetime.fromtimestamp(now_ms / 1000, UTC)
    organisation = identity.org_by_id(conn, org_id).login
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", READ_ME.format(organisation=organisation, made=f"{made:%Y-%m-%d %H:%M} UTC"))
        for table in mentions.searched():
            name = _file_of(table)
            counts[name] = _write(packed, name, _lines(conn, org_id, table, subject))
        told = {"organisation": organisation, "kind": subject.entity.name, "id": id_text(person_id), "made_ms": now_ms, "lines": counts}
        packed.writestr("about.json", msgspec.json.format(msgspec.json.encode(told)))
    return Told(counts)


def subject_of(conn: sa.Connection, org_id: int, declared: Disclosure, person_id: bytes) -> Subject:
    """The person, with every word by which the person was ever named in the record. Raises Problem(not_found)."""
    entity, state = BY_RECORD[declared.record], State()
    load.by_ids(conn, state, org_id, entity, {person_id})
    held = state.get(entity, person_id)
    buried, customer_id = mentions.was_there(conn, org_id, entity, person_id) if held is None else (False, None)
    if held is None and not buried:
        raise Problem(Code.not_found, "no such record of yours")
    words = words_in(msgspec.structs.asdict(held.record), declared.named) if held is not None else frozenset()
    for row in mentions.history(conn, org_id, entity, person_id):
        words |= words_in(VALUES_DECODER.decode(row.before), declared.named) | words_in(VALUES_DECODER.decode(row.after), declared.named)
    lines = mentions.lines_of(conn, org_id, person_id) if declared.is_user else []
    home = family_of(entity, held.record) or None if held is not None else customer_id
    return Subject(entity, person_id, words, home, tuple(lines))


def _file_of(table: sa.Table) -> str:
    name = str(table.name)
    return f"records/{name}.jsonl" if name in RECORD_TABLES else "records/history.jsonl" if name == "change" else f"tables/{name}.jsonl"


def _where(table: sa.Table, subject: Subject) -> sa.ColumnElement[bool]:
    """Rows that bear the person's id, those of the user's devices, and those about the customer that name the person."""
    found = [mentions.bears(table, subject.id)]
    if subject.lines and "line_no" in table.c and table.name not in RECORD_TABLES:
        found.append(table.c.line_no.in_(subject.lines))
    customer = mentions.customer_column(table)
    if customer is not None and subject.customer_id is not None and subject.words:
        found.append(sa.and_(customer == subject.customer_id, mentions.names(table, subject.words)))
    return sa.or_(*found)


def _lines(conn: sa.Connection, org_id: int, table: sa.Table, subject: Subject) -> Iterator[Mapping[str, object]]:
    entity = BY_NAME.get(str(table.name)) if str(table.name) in RECORD_TABLES else None
    for row in mentions.rows(conn, table, _where(table, subject), org_id):
        if entity is not None:
            yield _of_record(from_row(entity, [row._mapping[name] for name in columns(entity)[1:]]))  # noqa: SLF001
        else:
            yield _of_row(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _of_record(record: Record) -> Mapping[str, object]:
    return {slot: plain(getattr(record, slot)) for slot in record.__struct_fields__}


def _of_row(values: Mapping[Any, Any]) -> Mapping[str, object]:
    told = {str(name): _of_column(str(name), value) for name, value in values.items() if str(name) not in SECRETS}
    if "entity" in told and values["entity"] in BY_NUMBER:
        told["entity"] = BY_NUMBER[values["entity"]].name
    return told


def _of_column(name: str, value: Any) -> object:
    if name in {"before", "after", "body", "mentions"} and isinstance(value, bytes):
        try:
            return plain(msgspec.msgpack.decode(value))
        except msgspec.DecodeError:
            return base64.b64encode(value).decode()
    return plain(value)


def plain(value: Any) -> object:
    """Named builtins for a reader: enums by their names, ids as uuid text, other bytes as base64."""
    match value:
        case Enum():
            return value.name
        case bytes():
            return id_text(value) if len(value) == ID_BYTES else base64.b64encode(value).decode()
        case msgspec.Struct():
            return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        case dict():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return value


def _write(packed: zipfile.ZipFile, name: str, lines: Iterator[Mapping[str, object]]) -> int:
    """One file of lines; none where there is no line."""
    first = next(lines, None)
    if first is None:
        return 0
    count = 0
    with packed.open(name, "w") as out:
        for line in chain((first,), lines):
            out.write(msgspec.json.encode(line) + b"\n")
            count += 1
    return count
