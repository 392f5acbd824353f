"""A file of rows as the formats give it: a header and lines of text cells, each cell perhaps flawed; no noun and no format."""

from typing import Final

import msgspec

Facts = dict[str, str | int]
"""The facts that a sentence mentions."""


class Flaw(msgspec.Struct, frozen=True):
    """Why a cell, a row or a file is refused. `name`: of the sentence that says so (`sentences.py`)."""

    name: str
    facts: Facts = {}


class FlawError(Exception):
    """A cell or a row that cannot be taken. `column`: its name, if one column is at fault."""

    def __init__(self, name: str, /, column: str = "", **facts: str | int) -> None:
        super().__init__(name)
        self.flaw = Flaw(name, facts)
        self.column = column


class SheetError(Exception):
    """A file that cannot be read as a whole: nothing of it is taken."""

    def __init__(self, name: str, /, **facts: str | int) -> None:
        super().__init__(name)
        self.flaw = Flaw(name, facts)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of one file. A file beyond them is refused before memory or time is spent on it."""

    file_bytes: int
    rows: int
    columns: int = 200
    cell_letters: int = 32_767
    """As many as a cell of Excel holds."""
    unpacked_bytes: int
    """Of a zipped file: all its parts together, measured while they are unpacked."""
    unpacked_times: int = 200
    """How many times larger a part may become by unpacking."""
    parts: int = 500
    tags: int
    """Elements of a zipped file's XML, each of which takes memory."""


REQUEST: Final = Limits(file_bytes=4 << 20, rows=5_000, unpacked_bytes=64 << 20, tags=2_000_000)
"""The bounds of one request: it is answered within the patience of the person who waits."""
COMMAND: Final = Limits(file_bytes=64 << 20, rows=200_000, unpacked_bytes=512 << 20, tags=20_000_000)
"""The bounds of the operator's command: it shows how far it is, and may be stopped and started again."""


class Line(msgspec.Struct, frozen=True):
    """One row. `number`: the line on which it begins in the file, or its row in the workbook; `flaws`: by place in `cells`."""

    number: int
    cells: tuple[str, ...]
    flaws: dict[int, Flaw] = {}
    whole: Flaw | None = None
    """Why the row as a whole cannot be read."""


class Sheet(msgspec.Struct, frozen=True):
    """The content of a file. `format`: csv, xlsx or jsonl; `header`: the names as they are written there."""

    format: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    sheets_left: int = 0
    """Further sheets of a workbook, which nobody reads."""
