"""CSV: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab; quotes as RFC 4180 has them, and no others."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

from server.domain.imports.sheet import Flaw, Limits, Line, Sheet, SheetError

FORMAT: Final = "csv"
DELIMITERS: Final = (",", ";", "\t")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_QUOTED: Final = re.compile(r'"[^"]*"')
_APART: Final = re.compile(r"^'+[=+\-@\t\r]")
"""A text which a spreadsheet would take for a formula, behind the apostrophe that keeps it a text."""
_EVALUATED: Final = re.compile(r"^'*[=+\-@\t\r]")
_WIDE: Final = re.compile("[\u3000-\u9fff\uff00-\uffef]+")
_WIDE_MIN: Final = 4
"""A line of GB18030 that reads as so many letters of Chinese in UTF-8 by chance: one in a thousand million."""


def read(raw: bytes, limits: Limits) -> Sheet:
    """The rows of a file; the first that is not blank is the header. Raises SheetError."""
    text = _decoded(raw)
    nul = text.find("\0")
    if nul >= 0:
        raise SheetError("nul", line=text.count("\n", 0, nul) + 1)
    rows = _rows(text, limits)
    header = next(rows, None)
    if header is None:
        raise SheetError("empty")
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) >= limits.rows:
            raise SheetError("rows_many", limit=limits.rows)
        lines.append(_line(number, cells, limits))
    return Sheet(FORMAT, tuple(cell.strip() for cell in header[1]), tuple(lines))


def write(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """UTF-8 with BOM, so that a spreadsheet knows; text that it would evaluate stands behind an apostrophe, which `read` takes off."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (header, *rows):
        writer.writerow([f"'{cell}" if _EVALUATED.match(cell) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode(errors="replace")


def _decoded(raw: bytes) -> str:
    if raw.startswith(_UTF_16):
        raise SheetError("utf_16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        foreign = raw.count(b"\n", 0, error.start) + 1
    utf_8 = _in_utf_8(raw)
    if utf_8 is not None:
        raise SheetError("encodings_mixed", line=foreign, other=utf_8)
    if raw.startswith(b"\xef\xbb\xbf"):
        raise SheetError("encoding", line=foreign)
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SheetError("encoding", line=raw.count(b"\n", 0, error.start) + 1) from None


def _in_utf_8(raw: bytes) -> int | None:
    """The first line that is Chinese in UTF-8 beyond doubt, in a file that is not UTF-8."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            wide = "".join(letter for letter in line.decode() if not letter.isascii())
        except UnicodeDecodeError:
            continue
        if len(wide) >= _WIDE_MIN and _WIDE.fullmatch(wide):
            return number
    return None


def _rows(text: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > limits.columns:
                    raise SheetError("columns_many", line=begins, limit=limits.columns)
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise SheetError("quotes", line=begins) from None


def _delimiter(text: str) -> str:
    """The separator that stands most often in the first line that is not blank, outside of quotes."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = _QUOTED.sub("", first)
    return max(DELIMITERS, key=bare.count)


def _line(number: int, cells: list[str], limits: Limits) -> Line:
    flaws = {at: Flaw("cell_long", {"limit": limits.cell_letters}) for at, cell in enumerate(cells) if len(cell) > limits.cell_letters}
    return Line(number, tuple(cell[1:] if _APART.match(cell) else cell for cell in cells), flaws)
