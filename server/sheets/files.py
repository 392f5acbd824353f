"""Which format a file has, by its first bytes and never by its name; and the same format written again."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from server.domain.imports.sheet import Limits, Sheet, SheetError
from server.sheets import csv_text, json_lines, workbook

Write = Callable[[Iterable[str], Iterable[Iterable[str]]], bytes]
WRITERS: Final[Mapping[str, Write]] = {
    csv_text.FORMAT: csv_text.write,
    json_lines.FORMAT: json_lines.write,
    workbook.FORMAT: workbook.write,
}
_ZIP: Final = b"PK"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


def read(raw: bytes, limits: Limits) -> Sheet:
    """The rows of a file of any format. Raises SheetError."""
    if len(raw) > limits.file_bytes:
        raise SheetError("file_large", limit=limits.file_bytes >> 20)
    if raw.startswith(_ZIP):
        return workbook.read(raw, limits)
    if raw.startswith(_OLD_WORKBOOK):
        raise SheetError("xls")
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return json_lines.read(raw, limits)
    return csv_text.read(raw, limits)


def write(format_: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The rows as a file of a known format."""
    return WRITERS[format_](header, rows)
