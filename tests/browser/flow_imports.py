"""Imports at the desk in Chinese: a bad row, values that a person wrote, templates, a file that is dropped, one that is too large."""

import io
from typing import Final

import openpyxl
import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.desk import WIDE, Desk
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import NAMES, House

HEAD: Final = "external_id,name,owner,city,phone"
TOO_MANY_BYTES: Final = 4 * 1024 * 1024 + 1
DROP: Final = """(text) => {
  const data = new DataTransfer();
  data.items.add(new File([text], "客户.csv", { type: "text/csv" }));
  const drop = document.querySelector(".drop");
  for (const kind of ["dragover", "drop"]) drop.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def desk(handset: NewHandset) -> Desk:
    """Sign the admin in at a wide screen, in Chinese, and go to the imports."""
    made = Desk(handset(**WIDE, locale="zh-CN"), "boss")
    made.go("导入")
    return made


def csv(*rows: str) -> FilePayload:
    """A file of customers."""
    return FilePayload(name="客户.csv", mimeType="text/csv", buffer="\n".join((HEAD, *rows)).encode())


def numbers(house: House) -> dict[str, str]:
    """The telephone number of each customer of the rep, by name."""
    return {one["name"]: one["phone"] for one in house.witness.get("/v1/records/customer").json()["items"]}


def flow_a_bad_row_is_given_back_with_its_reason_and_imported_once_corrected(desk: Desk, house: House) -> None:
    page = desk.page
    page.get_by_label("文件", exact=True).set_input_files(
        csv("C-1,蓝门茶庄,lin,上海,021-1", "C-2,,lin,上海,021-2", "C-3,红门,nobody,上海,")
    )
    expect(page.get_by_role("heading", name="检查结果：客户.csv（什么都还没有写入）")).to_be_visible()
    assert len(numbers(house)) == len(NAMES)
    expect(page.locator(".count-taken dd")).to_have_text("1")
    expect(page.locator(".count-wrong dd")).to_have_text("2")
    expect(desk.row("3")).to_contain_text("此处不能为空")
    expect(desk.row("4")).to_contain_text("nobody")
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载有误的行").click()
    assert saved.value.suggested_filename == "客户.rejected.csv"
    given_back = saved.value.path().read_text("utf-8-sig")
    assert "此处不能为空" in given_back
    page.get_by_role("button", name="导入无误的 1 行").click()
    expect(page.get_by_role("heading", name="已导入：客户.csv")).to_be_visible()
    assert numbers(house).keys() == {*NAMES, "蓝门茶庄"}
    page.get_by_role("button", name="另选文件").click()
    corrected = given_back.replace("C-2,,", "C-2,绿门,").replace("nobody", "lin")
    file = FilePayload(name="客户.rejected.csv", mimeType="text/csv", buffer=corrected.encode("utf-8-sig"))
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_role("button", name="导入 2 行").click()
    expect(page.get_by_role("heading", name="已导入：客户.rejected.csv")).to_be_visible()
    assert numbers(house).keys() == {*NAMES, "蓝门茶庄", "绿门", "红门"}


def flow_what_a_person_wrote_stays_and_a_dropped_file_says_so(desk: Desk, house: House) -> None:
    """D-705: the file changes what a file wrote, and not what a person wrote after it."""
    page = desk.page
    rows = f"{HEAD}\nC-1,蓝门茶庄,lin,上海,021-1\nC-2,绿门,lin,上海,021-2"
    page.evaluate(DROP, rows)
    page.get_by_role("button", name="导入 2 行").click()
    expect(page.get_by_role("heading", name="已导入：客户.csv")).to_be_visible()
    [blue] = [one for one in house.witness.get("/v1/records/customer").json()["items"] if one["name"] == "蓝门茶庄"]
    change = {"values": {"phone": "139-9"}, "bases": {"phone": blue["rev"]}}
    assert house.boss.post(f"/v1/desk/customers/{blue['id']}", change).status_code == 200
    page.get_by_role("button", name="另选文件").click()
    page.evaluate(DROP, rows.replace("021-", "022-"))
    expect(page.locator(".count-kept dd")).to_have_text("1")
    expect(page.locator(".remark")).to_contain_text("有人亲手改过的内容被保留")
    expect(page.locator(".remark li")).to_have_text("第 2 行：电话")
    page.get_by_role("button", name="导入 1 行").click()
    expect(page.get_by_role("heading", name="已导入：客户.csv")).to_be_visible()
    assert numbers(house) == numbers(house) | {"蓝门茶庄": "139-9", "绿门": "022-2"}


def flow_rows_without_an_owner_go_where_the_rules_send_them(desk: Desk, house: House) -> None:
    """D-184: checked, each such row tells whose it would be; imported, it is; one that no rule fits comes back."""
    page = desk.page
    pool_id = house.boss.post("/v1/desk/pools", {"name": "苏州公海"}).json()["id"]
    for rule in ({"name": "上海", "city": "上海", "user_ids": [house.rep_id]}, {"name": "苏州", "city": "苏州", "pool_id": pool_id}):
        assert house.boss.post("/v1/desk/assignment-rules", rule).status_code == 200
    page.get_by_label("文件", exact=True).set_input_files(
        csv("C-1,蓝门茶庄,,上海市,", "C-2,绿门,,苏州,", "C-3,红门,,北京,", "C-4,黄门,lin,北京,")
    )
    section = page.locator("section").filter(has=page.get_by_role("heading", name="按分配规则分给（尚未写入）")).last
    expect(section.locator("tbody tr")).to_have_count(2)
    expect(section.get_by_role("row").filter(has_text="苏州公海")).to_contain_text("公海")
    expect(section.get_by_role("row").filter(has_text="lin")).to_contain_text("业务员")
    expect(page.locator("main")).to_contain_text("未填负责人或公海，也没有适用于该客户的分配规则")
    page.get_by_role("button", name="导入无误的 3 行").click()
    expect(page.get_by_role("heading", name="已导入：客户.csv")).to_be_visible()
    expect(page.get_by_role("heading", name="按分配规则分给", exact=True)).to_be_visible()
    assert numbers(house).keys() == {*NAMES, "蓝门茶庄", "黄门"}
    cards = house.witness.get("/v1/records/pool_card").json()["items"]
    assert [(one["name"], one["pool_id"]) for one in cards] == [("绿门", pool_id)]


def flow_a_template_is_filled_in_and_comes_back(desk: Desk, house: House) -> None:
    page = desk.page
    page.get_by_text("产品", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="模板 .xlsx").click()
    assert saved.value.suggested_filename == "products.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(saved.value.path().read_bytes()))
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    assert heads[:3] == ["代码*", "名称*", "单位"]
    sheet.append(["T-1", "茉莉花茶"])
    filled = io.BytesIO()
    book.save(filled)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("文件", exact=True).set_input_files(FilePayload(name="products.xlsx", mimeType=kind, buffer=filled.getvalue()))
    expect(page.locator("main")).to_contain_text("行示例")
    page.get_by_role("button", name="导入 1 行").click()
    expect(page.get_by_role("heading", name="已导入：products.xlsx")).to_be_visible()
    assert [(one["code"], one["name"]) for one in house.boss.get("/v1/desk/products").json()["items"]] == [("T-1", "茉莉花茶")]
    with page.expect_download() as saved:
        page.get_by_role("button", name="模板 .csv").click()
    assert "代码" in saved.value.path().read_text("utf-8-sig")


def flow_a_file_that_cannot_be_taken_says_why(desk: Desk, house: House, complaints: list[Handset]) -> None:
    page = desk.page
    complaints[0].refusals.add(422)
    page.get_by_label("文件", exact=True).set_input_files(FilePayload(name="large.csv", mimeType="text/csv", buffer=b"x" * TOO_MANY_BYTES))
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text("文件太大")
    page.get_by_label("文件", exact=True).set_input_files(FilePayload(name="notes.csv", mimeType="text/csv", buffer=b"name,city"))
    expect(trouble.locator("b")).to_have_text("缺少“外部编号 / External id”列")
    expect(trouble).not_to_contain_text("规则")
    assert len(numbers(house)) == len(NAMES)
