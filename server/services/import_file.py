"""A whole file: read, understood, taken chunk after chunk; stopped anywhere and started again it ends the same (D-701, D-707)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from server.database import Database
from server.domain.imports.columns import REASON, Understood, understood
from server.domain.imports.frame import ROWS_AT_ONCE, Column, Fault, Goal, Row
from server.domain.imports.kinds import BY_NAME as KINDS
from server.domain.imports.sentences import said
from server.domain.imports.sheet import Sheet
from server.services import imports
from server.services.imports import Chunk, Done, Trial, Who
from server.sheets import files, json_lines

Tell = Callable[[int, int], None]
"""Hears (rows more, rows in all)."""


class Kept(msgspec.Struct, frozen=True):
    """A row in which a person's word stands, and not the file's (D-705): in these field groups."""

    line: int
    groups: tuple[str, ...]


class Led(msgspec.Struct, frozen=True):
    """A row that goes where the rules send it (D-184)."""

    line: int
    goal: Goal


class Report(msgspec.Struct, frozen=True):
    """The results of a file's rows."""

    taken: int
    changed: int
    same: int
    wrong: int
    kept: tuple[Kept, ...]
    led: tuple[Led, ...]
    faults: tuple[Fault, ...]
    """In the order of the file; a row may have several."""
    unknown: tuple[str, ...]
    """Columns of which nothing was taken."""
    examples: int
    sheets_left: int


class Asked(msgspec.Struct, frozen=True):
    """The content to import, and its importer. `dry_run`: decide everything, write nothing."""

    who: Who
    kind: str
    dry_run: bool
    now_ms: int


async def take(database: Database, asked: Asked, sheet: Sheet, tell: Tell) -> Report:
    """Take a sheet. Rows that were told are committed; an import that is asked for again goes on where it stopped.

    Raises SheetError, Problem(forbidden | not_found).
    """
    kind = KINDS[asked.kind]
    columns = await database.read(imports.columns, asked.who, asked.kind, asked.now_ms)
    read = await asyncio.to_thread(understood, kind, columns, sheet)
    done: list[Done] = []
    trial = Trial()
    tell(0, len(read.rows))
    for rows in _chunks(kind.ordered(read.rows)):
        chunk = Chunk(asked.kind, rows, asked.now_ms)
        if asked.dry_run:
            one, trial = await database.read(imports.trial, asked.who, chunk, trial)
        else:
            one = await database.write(imports.take, asked.who, chunk)
        done.append(one)
        tell(len(rows), len(read.rows))
    return _report(read, done, sheet, columns)


def rejected(sheet: Sheet, report: Report, language: str) -> bytes:
    """The rows that were not taken, as a file of the same format; the last column says why, and does no harm when the file comes back."""
    reasons: dict[int, list[str]] = {}
    for fault in report.faults:
        told = f"{fault.column}: " if fault.column else ""
        reasons.setdefault(fault.line, []).append(told + said(fault.flaw, language))
    width = max(len(sheet.header), *(len(line.cells) for line in sheet.lines))
    header = [*sheet.header, *[json_lines.UNREAD] * (width - len(sheet.header)), REASON]
    rows = (
        [*line.cells, *[""] * (width - len(line.cells)), "; ".join(reasons[line.number])] for line in sheet.lines if line.number in reasons
    )
    return files.write(sheet.format, header, rows)


def _chunks(rows: Sequence[Row]) -> Iterable[tuple[Row, ...]]:
    for at in range(0, len(rows), ROWS_AT_ONCE):
        yield tuple(rows[at : at + ROWS_AT_ONCE])


def _report(read: Understood, done: Sequence[Done], sheet: Sheet, columns: Sequence[Column]) -> Report:
    names = {one.name: one for one in columns}
    settled = [(line, one) for each in done for line, one in each.settled.items()]
    faults = [*read.faults, *(_named(fault, names.get(fault.column)) for each in done for fault in each.faults)]
    counts = Counter(one.outcome for _, one in settled)
    return Report(
        taken=counts["taken"],
        changed=counts["changed"],
        same=counts["same"],
        wrong=len({fault.line for fault in faults}),
        kept=tuple(Kept(line, one.kept) for line, one in sorted(settled, key=lambda each: each[0]) if one.kept),
        led=tuple(Led(line, one.goal) for line, one in sorted(settled, key=lambda each: each[0]) if one.goal is not None),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
        unknown=read.unknown,
        examples=read.examples,
        sheets_left=sheet.sheets_left,
    )


def _named(fault: Fault, column: Column | None) -> Fault:
    """A fault that was found late names its column as people's files do."""
    return fault if column is None else msgspec.structs.replace(fault, column=f"{column.zh} {column.en}")
