"""Imports over HTTP: files, rows, dry runs, templates, and who may (D-702, D-703, D-707)."""

import base64
from typing import Any, Final

import httpx

from server.domain.imports.sheet import REQUEST
from server.sheets import files
from shared_schema.records.reference import Role
from tests.integration.site import Caller, Site, code

CSV: Final = "text/csv"
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES: Final = "外部编号,名称,负责人账号\n"


def send(who: Caller, kind: str, body: bytes, media: str = CSV, query: str = "", **headers: str) -> httpx.Response:
    told = {"authorization": f"Bearer {who.session['access_token']}", "content-type": media, **headers}
    return who.site.http.post(f"/v1/desk/imports/{kind}{query}", content=body, headers=told)


def counts(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [answer.json()[name] for name in ("taken", "changed", "same", "wrong")]


def test_a_file_arrives_and_its_wrong_rows_come_back(served: Site) -> None:
    """D-703: by line, column and reason in both languages, and as a file of the same format that can be sent again."""
    boss = served.admin()
    text = NAMES + "C-1,One,lin\nC-2,Two,nobody\nC-3,,lin\n"
    dry = send(boss, "customers", text.encode("gb18030"), query="?dry_run=1")
    assert (counts(dry), dry.json()["dry_run"]) == ([1, 0, 0, 2], True)
    assert boss.get("/v1/desk/timeline?since_ms=0").json()["items"] == []
    told = send(boss, "customers", text.encode(), query="?language=en")
    assert counts(told) == [1, 0, 0, 2]
    first, second = told.json()["faults"]
    assert (first["line"], first["column"]) == (3, "负责人账号 Owner account")
    assert (first["en"], first["zh"]) == ("“nobody” is the account of no active rep or manager", "“nobody”不是在职业务员或经理的账号")
    assert second == {"line": 4, "column": "名称", "en": "this cell must not be empty", "zh": "此处不能为空"}
    back = raw(told)
    assert files.read(back, REQUEST).format == "csv"
    mended = back.decode("utf-8-sig").replace("nobody", "lin").replace("C-3,,", "C-3,Three,")
    assert counts(send(boss, "customers", mended.encode())) == [2, 0, 0, 0]
    lin = served.caller("alpha", "lin")
    lin.log_in()
    assert sorted(one["name"] for one in lin.get("/v1/records/customer").json()["items"]) == ["One", "Three", "Two"]


def raw(answer: httpx.Response) -> bytes:
    text = answer.json()["rejected"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_rows_arrive_without_a_file(served: Site) -> None:
    """D-701: the same rows, once as JSON rows and once as JSON lines, are the same records."""
    boss = served.admin()
    rows: list[dict[str, Any]] = [{"external_id": "C-1", "name": "One", "owner": "lin"}, {"external_id": 2, "name": None, "owner": "lin"}]
    told = boss.post("/v1/desk/imports/customers", {"rows": rows})
    assert (counts(told), told.json()["rejected"], told.json()["faults"][0]["line"]) == ([1, 0, 0, 1], None, 2)
    jsonl = b'{"external_id": "C-1", "name": "One", "owner": "lin", "colour": "red"}\n'
    again = send(boss, "customers", jsonl, "application/x-ndjson")
    assert (counts(again), again.json()["unknown"]) == ([0, 0, 1, 0], ["colour"])
    assert code(boss.post("/v1/desk/imports/customers", {"rows": []})) == "field_wrong"
    assert code(boss.post("/v1/desk/imports/customers", {"rows": [{"name": 1.5}]})) == "field_wrong"
    assert code(boss.post("/v1/desk/imports/customers", {"rows": [{"name": "x"}] * 1_001})) == "field_wrong"


def test_a_template_is_filled_in_and_sent_back(served: Site) -> None:
    """D-702: with the organisation's custom fields; its example is left out."""
    boss = served.admin()
    field = {"entity": 1, "key": "floor_area", "kind": 2, "label_zh": "面积", "label_en": "Floor area"}
    assert boss.post("/v1/desk/field-definitions", field).status_code == 200
    blank = boss.get("/v1/desk/imports/customers/template?format=xlsx")
    assert (blank.headers["content-type"], blank.headers["content-disposition"]) == (SHEET, 'attachment; filename="customers.xlsx"')
    sheet = files.read(blank.content, REQUEST)
    assert (sheet.header[:3], sheet.header[-1], len(sheet.lines)) == (("外部编号*", "名称*", "负责人账号"), "面积", 1)
    values = {"外部编号*": "C-1", "名称*": "One", "负责人账号": "lin", "面积": "12.5"}
    filled = files.write("xlsx", sheet.header, [sheet.lines[0].cells, [values.get(name, "") for name in sheet.header]])
    told = send(boss, "customers", filled, SHEET)
    assert (counts(told), told.json()["examples"]) == ([1, 0, 0, 0], 1)
    english = boss.get("/v1/desk/imports/users/template?language=en")
    assert english.headers["content-type"].startswith("text/csv")
    assert english.content.decode("utf-8-sig").startswith("Account*,Name*,Role*,Department,Language\r\n# lin,")


def test_what_cannot_be_is_refused_by_name(served: Site) -> None:
    boss = served.admin()
    good = (NAMES + "C-1,One,lin\n").encode()
    wrong: list[tuple[httpx.Response, str]] = [
        (send(boss, "ships", good), "not_found"),
        (send(boss, "customers", good, query="?dry_run=perhaps"), "parameter_wrong"),
        (send(boss, "customers", good, "text/html"), "content_type_unknown"),
        (send(boss, "customers", good, **{"content-encoding": "gzip"}), "content_encoding_unknown"),
        (send(boss, "customers", b""), "body_missing"),
        (send(boss, "customers", b"x" * ((4 << 20) + 1)), "body_too_large"),
        (send(boss, "customers", b"PK\x03\x04"), "rule_broken"),
        (send(boss, "customers", "名称\nOne\n".encode()), "rule_broken"),
        (boss.get("/v1/desk/imports/ships/template"), "not_found"),
        (boss.get("/v1/desk/imports/customers/template?format=pdf"), "parameter_wrong"),
    ]
    assert [code(answer) for answer, _ in wrong] == [name for _, name in wrong]
    assert "缺少" in wrong[7][0].json()["detail"]
    for role in (Role.rep, Role.manager, Role.assistant, Role.finance):
        served.user(boss, role.name, role)
        who = served.caller("alpha", role.name)
        who.log_in()
        answers = (
            send(who, "products", good),
            send(who, "products", good, query="?dry_run=1"),
            who.get("/v1/desk/imports/users/template"),
        )
        assert [code(answer) for answer in answers] == ["forbidden"] * 3
    assert counts(send(boss, "customers", good)) == [1, 0, 0, 0]
