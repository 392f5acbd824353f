"""Requests and answers of imports by REST: rows as maps, and the result of each."""

from typing import Annotated

import msgspec
from msgspec import Meta

from shared_schema.records.base import Asked, Told
from shared_schema.scalars import Id

IMPORT_ROWS_MAX = 1_000
FAULTS_MAX = 500
"""Reasons in one answer; the file of rejected rows has all of them."""
Cell = str | int | bool | None
"""Numbers with decimals, money too, are texts: "49.80". """


class ImportRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/imports/{kind} with JSON or msgpack: rows as maps, names as in the template's notes."""

    rows: Annotated[list[dict[str, Cell]], Meta(min_length=1, max_length=IMPORT_ROWS_MAX)]


class ImportFault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row was not taken. `line`: in the file, or the row's number from 1; `column`: empty for the row as a whole."""

    line: int
    column: str
    en: str
    zh: str


class ImportKept(msgspec.Struct, frozen=True, kw_only=True):
    """A row of which, in these field groups, a phone's values stand, and not the file's (D-705)."""

    line: int
    groups: tuple[str, ...]


class ImportLed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the assignment rules send a row that names neither owner nor pool: to a user or into a pool, and its name (D-184)."""

    line: int
    owner_id: Id | None
    pool_id: Id | None
    name: str


class ImportAnswer(Told, frozen=True, kw_only=True):
    """The result of the rows. `dry_run`: nothing was written. `rejected`: the rows that were wrong, as a file of the same format."""

    dry_run: bool
    taken: int
    changed: int
    same: int
    wrong: int
    kept: list[ImportKept]
    led: list[ImportLed]
    """In file order, every row."""
    faults: list[ImportFault]
    """In file order, at most FAULTS_MAX."""
    unknown: list[str]
    """Columns that this import does not know."""
    examples: int
    """Rows that begin with #, as the template's example does: left out."""
    sheets_left: int
    """Further sheets of the workbook: left out."""
    rejected: bytes | None = None
