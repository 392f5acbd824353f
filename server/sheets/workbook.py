"""XLSX: the first sheet of a workbook as lines of text; formulas are refused, numbers and days become the text that was typed."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from unicodedata import east_asian_width
from xml.etree.ElementTree import ParseError, iterparse

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser

from server.domain.imports.sheet import Flaw, Limits, Line, Sheet, SheetError
from server.sheets.zipped import opened
from shared_schema.rest_sheets import SheetColumn, SheetRequest
from shared_schema.text import shown

FORMAT: Final = "xlsx"
_ROWS_MEASURED: Final = 200
"""Rows that decide how wide a column is."""
_WIDTH_MAX: Final = 60
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\\s]+")
_SINCE: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a cell has no time zone
_UNITS: Final = {"day": timedelta(days=1), "moment": timedelta(milliseconds=1)}
_SHOWN_AS: Final = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm"}
_DAYS: Final = range(-25_508, 2_932_897)
"""Days since 1970 that Excel counts as people do: from March 1900 to the end of 9999."""
DIGITS_KEPT: Final = 15
"""Excel keeps so many digits of a number."""
_FAULTS: Final = (zipfile.BadZipFile, ParseError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, OverflowError)
"""The errors that a broken workbook makes its reader raise."""
Cells = dict[int, dict[str, Any]]
"""Column, from 1 → the reader's words about the cell."""


def read(raw: bytes, limits: Limits) -> Sheet:
    """The rows of the first sheet that is not hidden; its first row that is not blank is the header. Raises SheetError."""
    with opened(raw, limits) as measured:
        try:
            book = load_workbook(measured.fp, read_only=True, keep_links=False)
            shown_sheets = [one for one in book.worksheets if one.sheet_state == "visible"]
        except _FAULTS:
            raise SheetError("workbook_broken") from None
        if not shown_sheets:
            raise SheetError("empty")
        if book.epoch == CALENDAR_MAC_1904:
            raise SheetError("epoch_1904")
        rows = _rows(shown_sheets[0], limits)
        header = next(rows, None)
        if header is None:
            raise SheetError("empty")
        width = max(header[1])
        names = tuple(_cell(shown_sheets[0], header[1].get(at))[0].strip() for at in range(1, width + 1))
        lines: list[Line] = []
        for number, cells in rows:
            if len(lines) >= limits.rows:
                raise SheetError("rows_many", limit=limits.rows)
            lines.append(_line(shown_sheets[0], number, cells, limits))
        return Sheet(FORMAT, names, tuple(lines), len(shown_sheets) - 1)


def write(header: Iterable[str], rows: Iterable[Iterable[str]], notes: Iterable[Iterable[str]] = (), title: str = "Sheet") -> bytes:
    """A workbook whose cells are all texts. `notes`: rows of a second sheet, for people."""
    book = Workbook(write_only=True)
    first = book.create_sheet(title)
    first.append([_text_cell(first, name, bold=True) for name in header])
    for row in rows:
        first.append([_text_cell(first, text) for text in row])
    told = list(notes)
    if told:
        second = book.create_sheet("说明 Notes")
        for note in told:
            second.append([_text_cell(second, text) for text in note])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_table(asked: SheetRequest) -> bytes:
    """A workbook of one sheet: texts, numbers with the decimals of their column, days and moments; a frozen header that filters."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(asked.title))
    width = len(asked.columns)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(width)}{len(asked.rows) + 1}"
    for at, column in enumerate(asked.columns):
        values = [row[at] for row in asked.rows[:_ROWS_MEASURED] if at < len(row)]
        widest = max([_columns_wide(column.name), *(_columns_wide(_SHOWN_AS.get(column.kind, value)) for value in values)])
        sheet.column_dimensions[get_column_letter(at + 1)].width = min(max(widest + 2, 8), _WIDTH_MAX)
    sheet.append([_text_cell(sheet, column.name, bold=True) for column in asked.columns])
    for row in asked.rows:
        sheet.append([_table_cell(sheet, value, column) for value, column in zip(row, asked.columns, strict=False)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _table_cell(sheet: Any, value: str | int | None, column: SheetColumn) -> Any:
    if value is None or isinstance(value, str):
        return None if value is None else _text_cell(sheet, value)
    unit = _UNITS.get(column.kind)
    if unit is not None and value // (timedelta(days=1) // unit) in _DAYS:
        cell = WriteOnlyCell(sheet, _SINCE + value * unit)
        cell.number_format = _SHOWN_AS[column.kind]
        return cell
    digits = column.digits
    number = Decimal(value).scaleb(-digits)
    if abs(value) >= 10**DIGITS_KEPT:
        return _text_cell(sheet, f"{number:f}")
    cell = WriteOnlyCell(sheet, number)
    cell.number_format = "#,##0" + ("." + "0" * digits if digits else "")
    return cell


def _sheet_name(title: str) -> str:
    """A name that Excel takes: no sign of a path or a formula, no quote at its ends, 31 letters at most."""
    return _NOT_IN_A_NAME.sub(" ", shown(title))[:31].strip(" '") or "Sheet"


def _columns_wide(value: str | int | None) -> int:
    """How many narrow letters a cell takes; a Chinese letter takes two."""
    text = "" if value is None else str(value)
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _text_cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """Marked as text before the reader of the file can take it for a formula."""
    cell = WriteOnlyCell(sheet, shown(text))
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, Cells]]:
    """(row, its cells) of each row that is not empty.

    The library's own loop fills gaps with empty cells, works out formulas, and reads on behind the rows: it is not used.
    """
    book = sheet.parent
    parser = WorkSheetParser(None, sheet._shared_strings, False, book.epoch, book._date_formats, book._timedelta_formats)  # noqa: SLF001
    parser.parse_formula = _formula
    try:
        with sheet._get_source() as source:  # noqa: SLF001
            for _, element in iterparse(source):  # noqa: S314 - a document type was refused before (zipped.py)
                if element.tag == ROW_TAG:
                    number, cells = parser.parse_row(element)
                    element.clear()
                    filled = {cell["column"]: cell for cell in cells if cell["value"] not in (None, "")}
                    if filled and max(filled) > limits.columns:
                        raise SheetError("columns_many", line=number, limit=limits.columns)
                    if filled:
                        yield number, filled
                elif element.tag == DATA_TAG:
                    return
    except _FAULTS:
        raise SheetError("workbook_broken") from None


def _formula(_element: object) -> str:
    return "="


def _line(sheet: Any, number: int, cells: Cells, limits: Limits) -> Line:
    texts, flaws = [], {}
    for at in range(1, max(cells) + 1):
        text, flaw = _cell(sheet, cells.get(at))
        texts.append(text)
        if flaw is None and len(text) > limits.cell_letters:
            flaw = Flaw("cell_long", {"limit": limits.cell_letters})
        if flaw is not None:
            flaws[at - 1] = flaw
    return Line(number, tuple(texts), flaws)


def _cell(sheet: Any, told: dict[str, Any] | None) -> tuple[str, Flaw | None]:
    """The text of a cell, and its fault."""
    if told is None:
        return "", None
    value = told["value"]
    match told["data_type"]:
        case "f":
            return "", Flaw("formula")
        case "e":
            return str(value), Flaw("cell_error", {"text": str(value)[:20]})
        case "b":
            return ("true" if value else "false"), None
        case "n":
            return _number(value, str(ReadOnlyCell(sheet, **told).number_format))
    return (_day(value) if isinstance(value, (date, time)) else str(value)), None


def _number(value: Any, number_format: str) -> tuple[str, Flaw | None]:
    """The shortest text of the number in the file: the text that was typed, as long as Excel kept its digits."""
    typed = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not typed.is_finite():
        return str(value), Flaw("not_number")
    flaw = Flaw("digits_lost", {"limit": DIGITS_KEPT}) if typed.adjusted() >= DIGITS_KEPT else None
    if "%" in number_format:
        return f"{_plain(round(typed.scaleb(2), DIGITS_KEPT - 2))}%", flaw
    return _plain(Decimal(f"{typed:.{DIGITS_KEPT}g}")) if flaw is None else str(value), flaw


def _plain(number: Decimal) -> str:
    """Without an exponent, and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(value: date | time) -> str:
    """ISO; a day without a time of day is a day alone."""
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()
