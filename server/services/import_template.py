"""A blank file to fill in, made from the same declaration that reads it: header, one example, and in a workbook a sheet of notes."""

from collections.abc import Mapping, Sequence
from typing import Final

from server.domain.imports.columns import EXAMPLE, header_of
from server.domain.imports.frame import Column, Import
from server.sheets import csv_text, workbook

FORMATS: Final[Mapping[str, str]] = {
    csv_text.FORMAT: "text/csv; charset=utf-8",
    workbook.FORMAT: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Format → media type."""
_NOTES: Final = (
    ("列 Column", "JSON", "必填 Required", "例 Example"),
    ("以 # 开头的行不会导入；空单元格不改变任何内容。A row that begins with # is left out; an empty cell changes nothing.",),
)


def template(kind: Import, columns: Sequence[Column], format_: str, language: str) -> bytes:
    """The file, in one language; its example row is left out when it comes back (D-702)."""
    header = header_of(columns, language)
    example = [f"{EXAMPLE} {one.example}" if at == 0 else one.example for at, one in enumerate(columns)]
    if format_ == csv_text.FORMAT:
        return csv_text.write(header, [example])
    notes = [(f"{one.zh} {one.en}", one.name, "是 yes" if one.required else "", one.example) for one in columns]
    return workbook.write(header, [example], [_NOTES[0], *notes, _NOTES[1]], kind.zh if language.startswith("zh") else kind.en)
