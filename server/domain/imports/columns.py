"""From a sheet to rows: the column of each header, the value of each cell, the rows that stand there twice (D-702 to D-704)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from server.domain.imports import cells
from server.domain.imports.frame import Column, Fault, Import, Row
from server.domain.imports.sheet import Flaw, FlawError, Line, Sheet, SheetError
from shared_schema.entity import EXTRA_PREFIX
from shared_schema.records.reference import FieldDefinition, FieldKind
from shared_schema.registry import BY_RECORD
from shared_schema.scalars import ExtraValue
from shared_schema.text import plain, searched

REASON: Final = "原因 reason"
"""The column of a file of rejected rows; it may be sent back as it is."""
EXAMPLE: Final = "#"
"""With this the first cell of a template's examples begins; such rows are counted, and left out."""
_REASONS: Final = frozenset({"原因reason", "reason", "原因"})


class Understood(msgspec.Struct, frozen=True):
    """The content of a sheet: the rows that can be taken, in file order, the faults of the others, and the columns that no kind knows."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...]
    """Columns that this import does not know; nothing of them is taken."""
    examples: int


def offered(kind: Import, definitions: Iterable[FieldDefinition]) -> tuple[Column, ...]:
    """The columns of an import, with the custom fields that the organisation offers on its record."""
    entity = BY_RECORD[kind.record]
    own = [one for one in definitions if one.entity == entity.number and one.active and entity.has_extra]
    return (*kind.columns, *(_custom(one) for one in sorted(own, key=lambda one: one.key)))


def understood(kind: Import, columns: tuple[Column, ...], sheet: Sheet) -> Understood:
    """Read every cell. Raises SheetError when a column that every row needs is missing, or one stands there twice."""
    places, unknown = _places(columns, sheet.header)
    rows: list[Row] = []
    faults: list[Fault] = []
    examples = 0
    lines: dict[tuple[str, ...], int] = {}
    for line in sheet.lines:
        if line.whole is None and line.cells[0].lstrip().startswith(EXAMPLE):
            examples += 1
            continue
        values, wrong = _values(line, places, sheet.header)
        key = tuple(str(values.get(name, "")) for name in kind.key)
        if not wrong and key in lines:
            wrong = [Fault(line.number, sheet.header[places[kind.key[0]][0]], Flaw("key_twice", {"line": lines[key]}))]
        if all(key):
            lines.setdefault(key, line.number)
        if wrong:
            faults += wrong
        else:
            rows.append(Row(line.number, key, values))
    return Understood(tuple(rows), tuple(faults), unknown, examples)


def header_of(columns: Iterable[Column], language: str) -> list[str]:
    """The header of a template; a star stands at the columns that every row needs."""
    zh = language.lower().startswith("zh")
    return [(one.zh if zh else one.en) + ("*" if one.required else "") for one in columns]


def _places(columns: tuple[Column, ...], header: tuple[str, ...]) -> tuple[dict[str, tuple[int, Column]], tuple[str, ...]]:
    """Column → its place in a line; and the names that are unknown."""
    known = {_folded(name): one for one in columns for name in (*one.also, one.en, one.zh, one.name)}
    places: dict[str, tuple[int, Column]] = {}
    unknown = []
    for at, name in enumerate(header):
        folded = _folded(name)
        column = known.get(folded)
        if column is None:
            if folded and folded not in _REASONS:
                unknown.append(cells.shown(name))
        elif column.name in places:
            raise SheetError("column_twice", column=cells.shown(name))
        else:
            places[column.name] = (at, column)
    for column in columns:
        if column.required and column.name not in places:
            raise SheetError("column_missing", column=f"{column.zh} / {column.en}")
    return places, tuple(unknown)


def _folded(name: str) -> str:
    """Letter case, width, blanks, the star and the signs that join words do not count."""
    return searched(name).rstrip("*").replace(" ", "").replace("_", "").replace("-", "")


def _values(line: Line, places: Mapping[str, tuple[int, Column]], header: tuple[str, ...]) -> tuple[dict[str, Any], list[Fault]]:
    if line.whole is not None:
        return {}, [Fault(line.number, "", line.whole)]
    values: dict[str, Any] = {}
    wrong = [Fault(line.number, "", Flaw("cells_more"))] if any(map(str.strip, line.cells[len(header) :])) else []
    for name, (at, column) in places.items():
        cell = line.cells[at].strip() if at < len(line.cells) else ""
        flaw = line.flaws.get(at)
        if flaw is None:
            try:
                if cell:
                    values[name] = column.read(cell)
                elif column.required:
                    flaw = Flaw("required")
            except FlawError as error:
                flaw = error.flaw
        if flaw is not None:
            wrong.append(Fault(line.number, header[at], flaw))
    return values, wrong


def _custom(definition: FieldDefinition) -> Column:
    read: dict[FieldKind, cells.Read] = {
        FieldKind.number: cells.thousandths,
        FieldKind.date: cells.day,
        FieldKind.choice: cells.choice({key: key for key in definition.choices}),
    }
    example = {FieldKind.number: "12.5", FieldKind.date: "2026-01-05", FieldKind.choice: next(iter(definition.choices), "")}
    return Column(
        EXTRA_PREFIX + definition.key,
        definition.label_zh,
        definition.label_en,
        read.get(definition.kind, cells.text(ExtraValue)),
        example.get(definition.kind, ""),
        also=(definition.key,),
    )


def same_text(one: str, other: str) -> bool:
    """Whether two names are the same for the people who typed them."""
    return plain(one).casefold() == plain(other).casefold()
