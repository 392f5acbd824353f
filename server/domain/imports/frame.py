"""The shape of an import: a noun's columns, the ones that make its external id, its needs, and the records that a row becomes (D-7xx)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from server.domain.imports.cells import Read
from server.domain.imports.sheet import Flaw, FlawError
from server.domain.needs import Beside, Counter, Entering, Every, InTurn, Many, Rows, Unsettled
from shared_schema.records.base import Record
from shared_schema.registry import BY_RECORD
from shared_schema.scalars import EpochMs
from sync import sets
from sync.rules import Actor
from sync.state import State

R = TypeVar("R", bound=Record)
KEY_LETTERS_MAX: Final = 64
"""Of an external id."""
ROWS_AT_ONCE: Final = 200
"""Rows of one transaction."""


class Column(msgspec.Struct, frozen=True):
    """One column. `name` is its name in JSON, and a file may use it too; `zh` and `en` are its names in people's files."""

    name: str
    zh: str
    en: str
    read: Read
    example: str
    required: bool = False
    slot: str = ""
    """The slot of the record which the value fills as it was read; if empty, the plan uses the value."""
    also: tuple[str, ...] = ()
    """Other names which files have for it."""


class Row(msgspec.Struct, frozen=True):
    """One row that could be read. `key`: its external id as it was read; `values`: column → value, without the cells that were empty."""

    line: int
    key: tuple[str, ...]
    values: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)


# the needs. `Named` and `Logins` are loaded first, without a lock: they tell which records a row means.


class Named(msgspec.Struct, frozen=True):
    """Records that bear one of these texts, or ids, in a slot."""

    record: type[Record]
    slot: str
    texts: frozenset[str] | frozenset[bytes]


class Logins(msgspec.Struct, frozen=True):
    """Accounts by the name that their users type, each with its person."""

    logins: frozenset[str]


Need = Named | Logins | Rows | Every | Entering | InTurn | Counter | Many | Unsettled | Beside


class Account(msgspec.Struct, frozen=True):
    """The name and password with which a user signs in; the person is a record of the same id. A file says nothing of passwords (D-709)."""

    user_id: bytes
    login: str
    language: str


class Asking(msgspec.Struct, frozen=True):
    """The user who imports, and the records that are loaded."""

    actor: Actor
    state: State
    now_ms: EpochMs
    accounts: dict[str, Account] = {}
    """By login."""

    def all(self, record: type[R]) -> list[R]:
        """Every loaded record of one kind."""
        return [one.record for one in self.state.held.values() if isinstance(one.record, record)]


class Goal(msgspec.Struct, frozen=True):
    """Where the rules send a row that does not say itself whose it is: to a user or to a record, by its id and its name."""

    user_id: bytes | None
    pool_id: bytes | None
    name: str


class Planned(msgspec.Struct, frozen=True):
    """The records that a row becomes: `records`, the one the row is about first. Slots that the row does not name are as they stood."""

    records: tuple[Record, ...]
    account: Account | None = None
    goal: Goal | None = None


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file. Everything in it is pure."""

    name: str
    """The kind's name in addresses and commands, and in the ids of imported records."""
    zh: str
    en: str
    record: type[Record]
    """The record that a row is about; its custom fields are columns too."""
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns which together are the external id."""
    wants: Callable[[Asking, Sequence[Row]], Iterable[Need]]
    """Asked again with the records that `Named`, `Logins` and `Every` brought, and once all is locked and loaded. It is total."""
    plan: Callable[[Asking, Row], Planned] = lambda _asking, _row: Planned(())
    """Raises FlawError."""
    complete: Callable[[Asking, Record], tuple[Record, ...]] = lambda _asking, record: (record,)
    """The record as it will stand, with the slots that the server computes; then neighbours that change with it."""
    beside: Callable[[Asking, Sequence[Row]], Iterable[Need]] = lambda _asking, _rows: ()
    """Rows of tables that no device holds, and records that these name: asked once all is locked, and again with what that brought."""
    enter: Callable[[Asking, Row], str] | None = None
    """Writes a row that is more than a record, in place of `plan`. Returns taken, changed or same; raises before it writes."""
    ordered: Callable[[Sequence[Row]], list[Row]] = list
    """The order in which rows are taken; rows that can never be are left at the end."""

    @property
    def route(self) -> str:
        """Its row of the matrix: who may import it, and whose records the rows may be about."""
        return f"POST /v1/desk/imports/{self.name}"


def imported_id(org_id: int, name: str, *key: str) -> bytes:
    """The id of an imported record: the same external id again means the same record (D-701)."""
    told = b"\0".join([b"import", name.encode(), *(part.encode() for part in key)])
    return hashlib.sha256(org_id.to_bytes(8, "big") + told).digest()[:16]


def unless(condition: object, name: str, column: str, **facts: str | int) -> None:
    """Raises FlawError(name) at a column unless the condition holds."""
    if not condition:
        raise FlawError(name, column, **facts)


def filled(kind: Import, record: R, row: Row) -> R:
    """The record with the row's values of its slots, and of its custom fields."""
    slots = {one.slot: row.values[one.name] for one in kind.columns if one.slot and one.name in row.values}
    extra = {name.removeprefix("extra."): value for name, value in row.values.items() if name.startswith("extra.")}
    if extra:
        slots["extra"] = {**getattr(record, "extra", {}), **extra}
    for slot, made_of in BY_RECORD[kind.record].sets.items():
        if slot in slots:
            slots[slot] = sets.filled(made_of, slots[slot], (0, 0))
    return msgspec.structs.replace(record, **slots)


class Fault(msgspec.Struct, frozen=True):
    """One reason why a row is not taken. `column`: as the file calls it; empty for the row as a whole."""

    line: int
    column: str
    flaw: Flaw
