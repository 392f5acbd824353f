"""What cells say, and what rows and headers make of it (D-702, D-704, D-708)."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pytest

from server.domain.imports import cells
from server.domain.imports.birthdays import birthday
from server.domain.imports.columns import Understood, offered, understood
from server.domain.imports.departments import DEPARTMENTS
from server.domain.imports.departments import ordered as parents_first
from server.domain.imports.frame import Row
from server.domain.imports.kinds import IMPORTS
from server.domain.imports.sheet import FlawError, Line, Sheet, SheetError
from shared_schema.records.customer import CustomerKind
from shared_schema.scalars import Name, Word
from shared_schema.text import searched

DAY: Final = 20_458
"""2026-01-05."""


def flaw_of(read: Callable[[str], Any], cell: str) -> str:
    with pytest.raises(FlawError) as told:
        read(cell)
    return told.value.flaw.name


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-05",
        "2026-1-5",
        "2026/1/5",
        "2026.01.05",
        "2026年1月5日",
        "２０２６年１月５日",
        "20260105",
        "46027",
        "2026-01-05 00:00:00",
        "2026年1月5",
    ],
)
def test_a_day_in_each_form_is_the_same_day(cell: str) -> None:
    assert cells.day(cell) == DAY


BIRTHDAYS = {
    "1985-03-12": "1985-03-12",
    "1985/3/12": "1985-03-12",
    "1985.03.12": "1985-03-12",
    "1985年3月12日": "1985-03-12",
    "１９８５年３月１２日": "1985-03-12",
    "19850312": "1985-03-12",
    "1985-03-12 00:00:00": "1985-03-12",
    "31118": "1985-03-12",
    "03-12": "03-12",
    "3-12": "03-12",
    "3月12日": "03-12",
    "02-29": "02-29",
    "lunar 08-15": "lunar 08-15",
    "Lunar 1985-08-15": "lunar 1985-08-15",
    "lunar leap 06-01": "lunar leap 06-01",
    "农历8月15日": "lunar 08-15",
    "阴历1985年8月15日": "lunar 1985-08-15",
    "农历闰6月1日": "lunar leap 06-01",
    "农历1984年闰10月1日": "lunar leap 1984-10-01",
}


@pytest.mark.parametrize(("cell", "kept"), BIRTHDAYS.items())
def test_a_birthday_in_each_form_is_the_text_that_a_contact_holds(cell: str, kept: str) -> None:
    """D-118."""
    assert birthday(cell) == kept


@pytest.mark.parametrize(
    "cell",
    ["3/12", "12.3", "31-12-1985", "1985-02-29", "2-30", "闰6月1日", "农历1月31日", "1899-01-01", "八月十五", "12", "1985", "198503", "x"],
)
def test_what_is_no_birthday_is_refused(cell: str) -> None:
    """D-118: also where nobody can say which number is the month."""
    assert flaw_of(birthday, cell) == "not_birthday"


@pytest.mark.parametrize("cell", ["5/1/2026", "05-01-2026", "13/1/2026", "5.1.26", "26/1/5", "26-01-05"])
def test_a_day_whose_year_stands_last_is_ambiguous(cell: str) -> None:
    """Also 13/1/2026: the row above it may say 5/1/2026."""
    assert flaw_of(cells.day, cell) == "day_ambiguous"


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "2026-13-01", "1969-12-31", "2026-01-05 10:00", "1.5", "99999999", "2026-1/5", "x", "4602", "-46027"]
)
def test_no_day_is_no_day(cell: str) -> None:
    assert flaw_of(cells.day, cell) == "not_day"


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("19.9", 1_990),
        ("1,234.50", 123_450),
        ("¥ 1,234,567.05", 123_456_705),
        ("￥９．９０", 990),
        ("0", 0),
        ("0.1", 10),
        ("999999999999.99", 99_999_999_999_999),
    ],
)
def test_money_becomes_minor_units_exactly(cell: str, minor: int) -> None:
    assert cells.minor(cells.number(cell), "CNY") == minor


@pytest.mark.parametrize(
    "cell", ["1e3", "1,23", "1.234,50", ".5", "5.", "--1", "+1", "NaN", "Infinity", "0x10", "1 000", "一", "9" * 16, "1,2345"]
)
def test_what_is_no_plain_number_is_refused(cell: str) -> None:
    assert flaw_of(cells.number, cell) == "not_number"


def _minor(code: str, cell: str) -> int:
    return cells.minor(Decimal(cell), code)


def test_a_currency_says_how_many_decimals_there_are() -> None:
    assert (cells.minor(Decimal(5), "JPY"), cells.minor(Decimal("1.234"), "KWD")) == (5, 1_234)
    wrong = [("0.5", "JPY"), ("1.005", "CNY"), ("-1", "CNY")]
    assert [flaw_of(partial(_minor, code), cell) for cell, code in wrong] == ["decimals_many", "decimals_many", "number_range"]
    assert (cells.currency(" cny "), flaw_of(cells.currency, "￥"), flaw_of(cells.currency, "CNYY")) == (
        "CNY",
        "not_currency",
        "not_currency",
    )


def test_shares_degrees_flags_and_choices() -> None:
    assert [cells.share(cell) for cell in ("13%", "13", "１３ ％", "0.5%", "100")] == [1_300, 1_300, 1_300, 50, 10_000]
    assert [flaw_of(cells.share, cell) for cell in ("101", "-1", "0.001", "x%")] == [
        "number_range",
        "number_range",
        "decimals_many",
        "not_number",
    ]
    assert (cells.degrees(90)("31.2304161"), cells.degrees(180)("-121.4737")) == (31_230_416, -121_473_700)
    assert flaw_of(cells.degrees(90), "90.1") == "number_range"
    assert [cells.flag(cell) for cell in ("是", "Yes", "TRUE", "1", "否", "no", "false", "０")] == [True] * 4 + [False] * 4
    assert flaw_of(cells.flag, "maybe") == "not_choice"
    kind = cells.member(CustomerKind, {1: "门店", 2: "工厂", 3: "办公室"})
    assert [kind(cell) for cell in ("门店", "Shop", "OFFICE")] == [CustomerKind.shop, CustomerKind.shop, CustomerKind.office]
    assert (flaw_of(kind, "unknown"), flaw_of(kind, "0")) == ("not_choice", "not_choice")
    paid = cells.choice({"月结（３０天）": "a", "COD": "b"})
    assert [paid(cell) for cell in ("月结（３０天）", "月结(30天)", " cod ")] == ["a", "a", "b"]
    assert cells.thousandths("-12.5") == -12_500


def test_texts_are_kept_as_the_phone_keeps_them() -> None:
    """NFC and no blanks around; codes and numbers without the forms of an input method. P-622."""
    assert cells.text(Name)("　Cafe\u0301 ") == "Café"
    assert cells.text(Name)("ＡＢ") == "ＡＢ"
    assert (cells.word(Word)("ＡＢ－１"), cells.login("　ＬＩＮ ")) == ("AB-1", "lin")
    assert cells.words(Word)("a；b、 a ;;c") == ("a", "b", "c")
    assert [flaw_of(cells.text(Word), cell) for cell in ("x" * 41, "a\x07", "a\nb", "\ud800")] == [
        "text_long",
        "text_control",
        "text_lines",
        "text_control",
    ]
    assert flaw_of(cells.login, "lin jing") == "text_form"


# headers and rows


def sheet(header: str, *rows: str) -> Sheet:
    lines = tuple(Line(at, tuple(row.split(","))) for at, row in enumerate(rows, 2))
    return Sheet("csv", tuple(header.split(",")), lines)


def read(header: str, *rows: str) -> Understood:
    return understood(DEPARTMENTS, offered(DEPARTMENTS, ()), sheet(header, *rows))


@pytest.mark.parametrize(
    "header", ["external_id,name,parent", "外部编号*,名称*,上级部门", "EXTERNAL ID,Ｎａｍｅ,Parent", "external-id,name,PARENT External ID"]
)
def test_a_header_is_known_in_each_language_and_any_order(header: str) -> None:
    (row,) = read(header, "D-1,One,D-0").rows
    assert (row.key, dict(row.values)) == (("D-1",), {"external_id": "D-1", "name": "One", "parent": "D-0"})
    turned = ",".join(reversed(header.split(",")))
    assert read(turned, "D-0,One,D-1").rows == (row,)


def test_unknown_columns_and_examples_are_told_and_reasons_are_not() -> None:
    told = read("external_id,name,colour,原因 reason, ", "#D-0,Example,,,", "D-1,One,red,bad,")
    assert (told.unknown, told.examples, len(told.rows), told.faults) == (("colour",), 1, 1, ())


@pytest.mark.parametrize(
    ("header", "name"), [("name", "column_missing"), ("external_id,name,名称", "column_twice"), ("", "column_missing")]
)
def test_a_header_that_cannot_be_is_refused_whole(header: str, name: str) -> None:
    with pytest.raises(SheetError) as told:
        read(header, "D-1,One,Two")
    assert told.value.flaw.name == name


def test_every_fault_of_a_row_is_told_and_a_row_twice_names_the_first() -> None:
    told = read("external_id,name", "D-1,", ",", "D-1,One", "D-2,Two,more", "D-3,Three,")
    assert [(one.line, one.column, one.flaw.name) for one in told.faults] == [
        (2, "name", "required"),
        (3, "external_id", "required"),
        (3, "name", "required"),
        (4, "external_id", "key_twice"),
        (5, "", "cells_more"),
    ]
    assert told.faults[3].flaw.facts == {"line": 2}
    assert [row.key for row in told.rows] == [("D-3",)]


def test_parents_come_first_and_circles_last() -> None:
    pairs = [("c", "b"), ("x", "y"), ("b", "a"), ("y", "x"), ("a", ""), ("d", "elsewhere"), ("z", "x")]
    rows = [Row(at, (key,), {"parent": parent} if parent else {}) for at, (key, parent) in enumerate(pairs)]
    assert [row.key[0] for row in parents_first(rows)] == ["a", "b", "c", "d", "x", "y", "z"]


def test_no_two_columns_of_a_kind_answer_to_one_name() -> None:
    """Else a header would mean whichever was declared last."""
    for kind in IMPORTS:
        owners: dict[str, str] = {}
        for one in kind.columns:
            for name in (one.name, one.zh, one.en, *one.also):
                folded = searched(name).replace(" ", "").replace("_", "")
                assert owners.setdefault(folded, one.name) == one.name, (kind.name, name)
        assert set(kind.key) <= {one.name for one in kind.columns if one.required}
