"""The request for a workbook: a table of the desk as the user sees it, sorted, filtered and in the user's words."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from shared_schema.records.base import Asked
from shared_schema.scalars import WIRE_INTEGER_MAX, Name

SHEET_ROWS_MAX: Final = 10_000
SHEET_COLUMNS_MAX: Final = 40
SHEET_VALUES_MAX: Final = SHEET_ROWS_MAX * (SHEET_COLUMNS_MAX // 2)
"""Cells and what stands around them in one request."""
Cell = Annotated[str, Meta(max_length=4_000)] | Annotated[int, Meta(ge=-WIRE_INTEGER_MAX, le=WIRE_INTEGER_MAX)] | None


class SheetColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column. `digits`: its numbers are integers of that many decimals, such as 2 for fen and cents.

    Its numbers may also be days since 1970, or moments: milliseconds since 1970 as the user's clock shows them, which is no longer UTC.
    """

    name: Name
    digits: Annotated[int, Meta(ge=0, le=6)] = 0
    kind: Literal["number", "day", "moment"] = "number"


class SheetRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/sheets: the answer is the table as XLSX. A cell is a text, a number or nothing."""

    title: Name
    columns: Annotated[list[SheetColumn], Meta(min_length=1, max_length=SHEET_COLUMNS_MAX)]
    rows: Annotated[list[Annotated[list[Cell], Meta(max_length=SHEET_COLUMNS_MAX)]], Meta(max_length=SHEET_ROWS_MAX)]
