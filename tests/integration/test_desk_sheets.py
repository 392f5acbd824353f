"""A table of the desk becomes a workbook: texts stay texts, numbers are numbers, and nothing in it is a formula."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import openpyxl
import pytest

from shared_schema.records.reference import Role
from shared_schema.rest_sheets import SHEET_COLUMNS_MAX, SHEET_ROWS_MAX
from tests.integration.site import Site, code, site

MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS: Final = [["=1+1", 1_234_56, 3], ["宏隆 '建材", -5, None], ["13800138000", 2**53 - 1, 0]]
TABLE: Final = {"title": "Board: 团队/今天", "columns": [{"name": "Name"}, {"name": "Money", "digits": 2}, {"name": "Count"}], "rows": ROWS}


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as made:
        yield made


def test_a_table_becomes_a_workbook(here: Site) -> None:
    """P-714."""
    answer = here.admin().post("/v1/desk/sheets", TABLE)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, MEDIA, "no-store")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Board 团队 今天", "A2", "A1:C4")
    assert [cell.value for cell in sheet[1]] == ["Name", "Money", "Count"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["=1+1", 1234.56, 3],
        ["宏隆 '建材", -0.05, None],
        ["13800138000", "90071992547409.91", 0],
    ]
    assert [sheet["A2"].data_type, sheet["A4"].data_type, sheet["B2"].number_format, sheet["C2"].number_format] == [
        "s",
        "s",
        "#,##0.00",
        "#,##0",
    ]
    assert Decimal(str(sheet["B2"].value)) == Decimal("1234.56")


def test_days_and_moments_become_dates(here: Site) -> None:
    """P-714: what a person can sort and count with, in the person's own clock; a number that is no date of Excel stays a number."""
    columns = [{"name": "Due", "kind": "day"}, {"name": "Heard", "kind": "moment"}]
    rows = [[20_793, 1_796_569_685_000], [0, -1], ["always", None], [2**40, 2**53 - 1]]
    answer = here.admin().post("/v1/desk/sheets", {"title": "Dates", "columns": columns, "rows": rows})
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [[str(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2, max_row=4)] == [
        ["2026-12-06 00:00:00", "2026-12-06 15:08:05"],
        ["1970-01-01 00:00:00", "1969-12-31 23:59:59.999000"],
        ["always", "None"],
    ]
    assert [sheet["A2"].number_format, sheet["B2"].number_format] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert [sheet["A2"].is_date, sheet["B2"].is_date, sheet["A5"].is_date, sheet["A5"].value] == [True, True, False, 2**40]


def test_every_user_may_and_no_stranger(here: Site) -> None:
    boss = here.admin()
    here.user(boss, "ann", Role.rep)
    ann = here.caller("alpha", "ann")
    assert code(ann.post("/v1/desk/sheets", TABLE)) == "signed_out"
    ann.log_in()
    assert ann.post("/v1/desk/sheets", TABLE).status_code == 200


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"rows": [["x"]] * (SHEET_ROWS_MAX + 1)}, "field_wrong"),
        ({"columns": [{"name": "x"}] * (SHEET_COLUMNS_MAX + 1)}, "field_wrong"),
        ({"columns": []}, "field_wrong"),
        ({"columns": [{"name": "x", "kind": "month"}]}, "field_wrong"),
        ({"rows": [[1.5]]}, "field_wrong"),
        ({"rows": [["a\u0000b"]]}, "text_unclean"),
        ({"rows": [["x" * 4_001]]}, "field_wrong"),
        ({"title": ""}, "field_wrong"),
    ],
)
def test_a_table_that_is_none_is_refused(here: Site, changed: dict[str, Any], problem: str) -> None:
    assert code(here.admin().post("/v1/desk/sheets", TABLE | changed)) == problem


def test_a_large_table_is_written(here: Site) -> None:
    """As many rows as a list of a large organisation has; what lies on the wire is within the door's bounds."""
    rows = [[f"Customer {at}", "上海", at, None, at % 7] for at in range(SHEET_ROWS_MAX)]
    answer = here.admin().post("/v1/desk/sheets", {"title": "All", "columns": [{"name": name} for name in "abcde"], "rows": rows})
    assert answer.status_code == 200
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) == SHEET_ROWS_MAX + 1
