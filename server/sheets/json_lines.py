"""JSON lines: an object a line, names to texts, numbers, true and false; numbers stay the text that was written, never a float."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from server.domain.imports.sheet import Flaw, Limits, Line, Sheet, SheetError

FORMAT: Final = "jsonl"
LINE_BYTES_MAX: Final = 1 << 18
UNREAD: Final = "unread"
"""Under this name a line that is no object comes back."""


def read(raw: bytes, limits: Limits) -> Sheet:
    """The rows of a file. A line that is no object is a row that is wrong; blank lines are left out. Raises SheetError."""
    found: list[tuple[int, Any]] = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        if len(found) >= limits.rows:
            raise SheetError("rows_many", limit=limits.rows)
        found.append((number, _object(line)))
    return of_objects(found, limits)


def of_objects(found: Iterable[tuple[int, Any]], limits: Limits) -> Sheet:
    """Rows of (number, object, or the value that stands in its place). The header is every name, in the order in which they first come."""
    rows = list(found)
    names = dict.fromkeys(name for _, one in rows if isinstance(one, dict) for name in one)
    if len(names) > limits.columns:
        raise SheetError("columns_many", line=rows[0][0], limit=limits.columns)
    if not rows:
        raise SheetError("empty")
    return Sheet(FORMAT, tuple(names), tuple(_line(number, one, list(names), limits) for number, one in rows))


def write(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """An object a line, without the names that have nothing to say."""
    names = list(header)
    objects = ({name: cell for name, cell in zip(names, row, strict=True) if cell} for row in rows)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode(errors="replace")


def _object(line: bytes) -> Any:
    """The object of a line; its text and a Flaw if it is none."""
    text = line.decode(errors="replace").strip()
    if len(line) > LINE_BYTES_MAX:
        return text, Flaw("cell_long", {"limit": LINE_BYTES_MAX})
    try:
        one = json.loads(line.decode(), parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_single)
    except (ValueError, RecursionError):
        return text, Flaw("not_json")
    return one if isinstance(one, dict) else (text, Flaw("not_json"))


def _single(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("an object names one key twice")
    return dict(pairs)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _line(number: int, one: Any, names: list[str], limits: Limits) -> Line:
    if not isinstance(one, dict):
        unread, flaw = one if isinstance(one, tuple) else ("", Flaw("not_json"))
        return Line(number, (*[""] * len(names), unread), whole=flaw)
    cells, flaws = [], {}
    for at, name in enumerate(names):
        value = one.get(name)
        cells.append(_text(value))
        if isinstance(value, (dict, list, float)):
            flaws[at] = Flaw("not_plain")
        elif len(cells[-1]) > limits.cell_letters:
            flaws[at] = Flaw("cell_long", {"limit": limits.cell_letters})
    return Line(number, tuple(cells), flaws)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
