"""Files as they come: CSV in every dress, workbooks, JSON lines; and files that are meant to hurt (D-703, D-708)."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
import openpyxl
import pytest

from server.domain.imports.sentences import SENTENCES, said
from server.domain.imports.sheet import REQUEST, Sheet, SheetError
from server.sheets import csv_text, files, json_lines, workbook

SMALL: Final = msgspec.structs.replace(REQUEST, rows=50, columns=20, unpacked_bytes=4 << 20, tags=100_000)
TEXT: Final = '名称,电话\n张三,"1,2"\n\n李四,"a\nb"\n王五,3\n'
CELLS: Final = [(2, ("张三", "1,2")), (4, ("李四", "a\nb")), (6, ("王五", "3"))]


def read(raw: bytes) -> Sheet:
    return files.read(raw, SMALL)


def lines(raw: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.cells) for line in read(raw).lines]


def refusal(raw: bytes) -> tuple[str, dict[str, str | int]]:
    """The sentence with which a file is refused, in a second at most."""
    began = time.monotonic()
    with pytest.raises(SheetError) as told:
        read(raw)
    assert time.monotonic() - began < 5
    assert said(told.value.flaw, "en")
    assert said(told.value.flaw, "zh")
    return told.value.flaw.name, told.value.flaw.facts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_csv_reads_the_same_in_every_dress(encoding: str, delimiter: str, ends: str) -> None:
    text = TEXT.replace('"1,2"', "\x01").replace(",", delimiter).replace("\x01", f'"1{delimiter}2"').replace("\n", ends)
    found = lines(text.encode(encoding))
    assert [(number, tuple(cell.replace(ends, "\n") for cell in cells)) for number, cells in found] == [
        (number, tuple(cell.replace("1,2", f"1{delimiter}2") for cell in cells)) for number, cells in CELLS
    ]


def test_the_apostrophe_before_a_formula_comes_off_and_goes_on() -> None:
    """What `write` guards, `read` gives back; a formula of a CSV is a text."""
    rows = [("=1+1", "+86"), ("-5", "@x"), ("'=1", "it's"), ("'", "\t="), ("''+", "=cmd|' /C calc'!A0")]
    written = csv_text.write(("a", "b"), rows)
    assert written.startswith(b"\xef\xbb\xbf")
    assert [cells for _, cells in lines(written)] == rows
    assert not [cell for row in written.decode("utf-8-sig").splitlines()[1:] for cell in row.split(",") if cell[:1] in ("=", "+", "-", "@")]
    assert lines(b"a,b\n=1+1,-2\n") == [(2, ("=1+1", "-2"))]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", ("empty", {})),
        (b"\n \n", ("empty", {})),
        (b"a,b\n1,\x002\n", ("nul", {"line": 2})),
        ("a,b\n1,2\n".encode("utf-16"), ("utf_16", {})),
        (b'a,b\n1,2\n3,"4\n5,6\n', ("quotes", {"line": 3})),
        (b'a,b\n1,"2"x\n', ("quotes", {"line": 2})),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n', ("quotes", {"line": 2})),
        ("名称\n幸运面馆\n".encode() + "红门茶馆\n".encode("gb18030"), ("encodings_mixed", {"line": 3, "other": 2})),
        ("名称\n幸运面馆\n".encode("gb18030") + "红门茶馆\n".encode(), ("encodings_mixed", {"line": 1, "other": 3})),
        (b"a\n\xff\xff,1\n", ("encoding", {"line": 2})),
        (b"a" + b"," * 1_000_000 + b"\n1\n", ("columns_many", {"line": 1, "limit": 20})),
        (b"a,b\n1" + b"," * 1_000_000 + b"\n", ("columns_many", {"line": 2, "limit": 20})),
        (b"a\n" + b"1\n" * 51, ("rows_many", {"limit": 50})),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, ("xls", {})),
        (b"PK\x03\x04 no zip", ("workbook_broken", {})),
    ],
)
def test_a_file_that_cannot_be_told_apart_is_refused_with_its_line(raw: bytes, told: tuple[str, dict[str, str | int]]) -> None:
    assert refusal(raw) == told


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert refusal(b"x" * ((4 << 20) + 1)) == ("file_large", {"limit": 4})


def test_a_cell_beyond_the_bound_is_the_rows_fault() -> None:
    (line,) = read(b"a,b\n1," + b"x" * 40_000 + b"\n").lines
    assert (set(line.flaws), line.flaws[1].name) == ({1}, "cell_long")


def test_json_lines_keep_numbers_as_they_are_written() -> None:
    """No float: 19.90 stays 19.90. A line that is no object is a row's fault, and comes back as it was."""
    raw = (
        b'{"a": 19.90, "b": true}\n\n{"c": null, "a": 1e400}\n[1]\n{"a": 1, "a": 2}\n{"a": [1]}\n{"a": "\\u0000"}\n' + b"[" * 5_000 + b"\n"
    )
    sheet = read(raw)
    assert sheet.header == ("a", "b", "c")
    assert [(line.number, line.cells) for line in sheet.lines[:2]] == [(1, ("19.90", "true", "")), (3, ("1e400", "", ""))]
    assert [line.whole.name for line in sheet.lines if line.whole] == ["not_json"] * 3
    assert sheet.lines[2].cells[-1] == "[1]"
    assert sheet.lines[4].flaws[0].name == "not_plain"
    assert refusal(b"".join(b'{"n%d": 1}\n' % at for at in range(30)))[0] == "columns_many"
    assert json_lines.read(json_lines.write(("a", "b"), [("1", ""), ("", "x")]), SMALL).lines[1].cells == ("", "x")


# workbooks


def book(*rows: list[Any], made: Callable[[Any], None] | None = None) -> bytes:
    """A workbook as Excel would save it."""
    written = openpyxl.Workbook()
    for row in rows:
        written.active.append(row)
    if made is not None:
        made(written)
    out = io.BytesIO()
    written.save(out)
    return out.getvalue()


def test_numbers_days_and_shares_become_what_was_typed() -> None:
    def shares(written: Any) -> None:
        written.active["C2"].number_format = "0.0%"

    day = datetime(2026, 1, 5)  # noqa: DTZ001 - a workbook knows no zone
    raw = book(
        ["n", "d", "p", "b", "t"],
        [19.9, day, 0.135, True, "＝1"],
        [0.1 + 0.2, day.replace(hour=3), 1.005, 13_800_138_000, -0.5],
        made=shares,
    )
    assert lines(raw) == [
        (2, ("19.9", "2026-01-05", "13.5%", "true", "＝1")),
        (3, ("0.3", "2026-01-05 03:00:00", "1.005", "13800138000", "-0.5")),
    ]


def test_a_formula_an_error_and_lost_digits_are_the_cells_fault() -> None:
    """A formula's cached value is not believed; 18 digits typed as a number are no longer there."""
    (line,) = read(book(["a", "b", "c", "d"], ["=1+1", "#N/A", 310_101_199_001_011_000, "=text"])).lines
    assert {at: flaw.name for at, flaw in line.flaws.items()} == {0: "formula", 1: "cell_error", 2: "digits_lost", 3: "formula"}


def test_the_first_sheet_that_shows_is_read_and_others_are_counted() -> None:
    def more(written: Any) -> None:
        written.active.sheet_state = "hidden"
        written.create_sheet("second").append(["x"])
        written.create_sheet("third").append(["y"])

    sheet = read(book(["a"], made=more))
    assert (sheet.header, sheet.sheets_left) == (("x",), 1)


def test_gaps_stay_gaps_and_far_cells_are_refused() -> None:
    def far(written: Any) -> None:
        written.active["B7"] = "seven"

    assert lines(book(["a", "b"], made=far)) == [(7, ("", "seven"))]

    def further(written: Any) -> None:
        written.active["XFD9"] = "far"

    assert refusal(book(["a"], made=further)) == ("columns_many", {"line": 9, "limit": 20})


def test_what_we_write_reads_as_texts() -> None:
    rows = [("=1+1", "+86"), ("'=1", "\x01a"), ("007", "1e5")]
    found = lines(workbook.write(("a", "b"), rows, [("notes",)]))
    assert [cells for _, cells in found] == [("=1+1", "+86"), ("'=1", "\ufffda"), ("007", "1e5")]


def parts(changes: dict[str, bytes]) -> bytes:
    """A plain workbook with some of its parts replaced, or more of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(["a"], ["1"]))) as plain, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in plain.namelist():
            if name not in changes:
                made.writestr(name, plain.read(name))
        for name, body in changes.items():
            made.writestr(name, body)
    return out.getvalue()


SHEET: Final = "xl/worksheets/sheet1.xml"
HEAD: Final = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL: Final = b"</sheetData></worksheet>"
LAUGHS: Final = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]>' + HEAD + TAIL


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({SHEET: HEAD + b"<row r='1'>" + b" " * (3 << 20) + b"</row>" + TAIL}, "zip_bomb"),
        ({"xl/media/x.png": bytes(64 << 20)}, "zip_bomb"),
        ({SHEET: HEAD + b"<row>" + b"<c/>" * 1_000_000 + b"</row>" + TAIL}, "columns_many"),
        ({SHEET: HEAD + b"<row/>" * 200_000 + TAIL}, "zip_bomb"),
        ({SHEET: HEAD + b"<c/>" * 5_000 + TAIL}, "columns_many"),
        ({SHEET: LAUGHS}, "workbook_broken"),
        ({SHEET: LAUGHS.decode().encode("utf-16")}, "workbook_broken"),
        ({SHEET: b'<?xml version="1.0" encoding="cp037"?>' + HEAD + TAIL}, "workbook_broken"),
        ({SHEET: HEAD + b"<!-- <row --><row/>" + TAIL}, "workbook_broken"),
        ({"xl/styles.xml": LAUGHS}, "workbook_broken"),
        ({"xl/workbook.xml": b"<x"}, "workbook_broken"),
        ({SHEET: HEAD + b'<row><c t="s"><v>99</v></c></row>' + TAIL}, "workbook_broken"),
        ({SHEET: HEAD + b"<row><c><v>" + b"9" * 5_000 + b"</v></c></row>" + TAIL}, "workbook_broken"),
        ({SHEET: HEAD + b'<row r="x"><c><v>9</v></c></row>' + TAIL}, "workbook_broken"),
        ({SHEET: HEAD + TAIL}, "empty"),
        ({SHEET: HEAD + b"<row>"}, "workbook_broken"),
        ({f"x/{at}": b"" for at in range(600)}, "zip_parts"),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_in_words(changes: dict[str, bytes], name: str) -> None:
    """Bombs, endless rows and columns, entities, tags that hide, parts that lie: each ends in a sentence, soon and in little memory."""
    assert refusal(parts(changes))[0] == name


def test_a_zip_that_lies_about_its_sizes_or_bytes_is_refused() -> None:
    raw = bytearray(parts({}))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (5).to_bytes(4, "little")
    assert refusal(bytes(raw))[0] == "workbook_broken"
    broken = bytearray(parts({}))
    broken[60:90] = bytes(30)
    assert refusal(bytes(broken))[0] == "workbook_broken"


def test_every_sentence_is_complete_in_both_languages() -> None:
    for name, (en, zh) in SENTENCES.items():
        assert set(_places(en)) == set(_places(zh)), name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh), name


def _places(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]
