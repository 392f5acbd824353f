"""What people paste into a terminal, and what they are told of what cannot be: every verb that takes a text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mobile_api.cli import main
from mobile_api.phone.phone import Phone
from shared_schema.records.customer import Customer
from shared_schema.records.reference import FieldKind
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync import device
from sync.device import Edit
from tests.integration.site import Site, site
from tests.integration.test_terminal import Terminal

BAD = "a\x07b"


@pytest.fixture
def served(migrated_url: str) -> Iterator[Site]:
    """A team with a product, a pool and a custom field."""
    with site(migrated_url) as running:
        boss = running.admin()
        team = boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        running.user(boss, "lin", department_id=team)
        label = {"label_zh": "货架", "label_en": "Shelf"}
        boss.post("/v1/desk/field-definitions", {"entity": 1, "key": "shelf", "kind": int(FieldKind.text), **label})
        product = boss.post("/v1/desk/products", {"code": "T1", "name": "Green Tea", "unit": "box"}).json()["id"]
        book = boss.post("/v1/desk/price-books", {"name": "List", "currency": "CNY", "valid_from_day": 0}).json()["id"]
        assert boss.post("/v1/desk/pools", {"name": "North"}).status_code == 200
        boss.post("/v1/desk/prices", {"price_book_id": book, "product_id": product, "price_minor": 950, "floor_minor": 0})
        yield running


@pytest.fixture
def lin(served: Site, tmp_path: Path) -> Terminal:
    terminal = Terminal(served, tmp_path, "lin")
    terminal.log_in()
    terminal.type("new-customer", "Corner Shop", "--phone", "021-5550199")
    terminal.type("visit", "corner")
    terminal.type("sync")
    return terminal


VERBS = {
    "new-customer": (["new-customer", BAD], "name", "名称"),
    "new-customer --city": (["new-customer", "x", "--city", BAD], "city", "城市"),
    "new-customer --address": (["new-customer", "x", "--address", BAD], "address", "地址"),
    "new-customer --phone": (["new-customer", "x", "--phone", BAD], "phone", "电话"),
    "visit --note": (["visit", "corner", "--note", BAD], "note", "备注"),
    "visit --purpose": (["visit", "corner", "--purpose", BAD], "purpose", "目的"),
    "log": (["log", "corner", "--channel", "phone", "--note", BAD], "note", "备注"),
    "follow-up": (["follow-up", "corner", "--on", "today", "--purpose", BAD], "purpose", "目的"),
    "edit": (["edit", "corner", "--set", f"name={BAD}"], "name", "名称"),
    "edit extra": (["edit", "corner", "--set", f"extra.shelf={BAD}"], "Shelf", "货架"),
    "tag": (["tag", "corner", "--add", BAD], "tags", "标签"),
    "quote --title": (["quote", "corner", "--line", "T1 1", "--title", BAD], "title", "标题"),
    "quote --note": (["quote", "corner", "--line", "T1 1", "--note", BAD], "note", "备注"),
    "correct": (["correct", "corner", "--note", BAD], "note", "备注"),
    "new-contact": (["new-contact", "corner", BAD], "name", "名称"),
    "new-contact --email": (["new-contact", "corner", "Lin", "--email", BAD], "e-mail", "邮箱"),
    "release": (["release", "corner", "North", "--reason", BAD], "reason", "原因"),
    "more-time": (["more-time", "corner", "--until", "+3", "--reason", BAD], "reason", "原因"),
    "sample": (["sample", "corner", "T1", "1", "--note", BAD], "note", "备注"),
    "note": (["note", "Sales", BAD], "text", "内容"),
    "login --name": (["login", "--organisation", "alpha", "--code", "x", "--name", BAD], "device name", "设备名称"),
    "login": (["login", "--organisation", BAD, "--code", "x"], "organisation", "组织"),
}


def test_what_cannot_be_is_told_at_the_field_in_the_readers_words(lin: Terminal) -> None:
    """P-623: every verb that takes a text; nothing is queued."""
    wrong = []
    for name, (words, english, chinese) in VERBS.items():
        for language, field in (("en_US.UTF-8", english), ("zh_CN.UTF-8", chinese)):
            lin.language = language
            told = lin.fail(*words)
            if f"“{field}”" not in told or "U+0007" not in told or "Expected" in told or "$" in told:
                wrong.append((name, language, told))
    assert wrong == []
    phone = Phone(lin.file)
    assert phone.waiting() == 0
    phone.close()


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["new-customer", "  "], "“name” is empty", "“名称”为空"),
        (["new-customer", "Tea\nHouse"], "“name” is one line", "“名称”只能是一行"),
        (["new-customer", "x" * 121], "“name” has room for 120 characters, and this has 121", "“名称”最多 120 个字符，此处有 121 个"),
        (["edit", "corner", "--set", "name="], "“name” is empty", "“名称”为空"),
        (["tag", "corner", "--add", "x" * 41], "“tags” has room for 40", "“标签”最多 40"),
        (["note", "Sales", "x" * 4_001], "“text” has room for 4,000", "“内容”最多 4,000"),
        (["login", "--organisation", "", "--code", "x"], "“organisation” is empty", "“组织”为空"),
        (["sample", "corner", "T1", "99999999999999999"], "“quantity” does not fit", "“数量”的内容不合适"),
    ],
)
def test_too_long_too_short_and_on_two_lines(lin: Terminal, words: list[str], english: str, chinese: str) -> None:
    """P-623."""
    for language, sentence in (("en_US.UTF-8", english), ("zh_CN.UTF-8", chinese)):
        lin.language = language
        told = lin.fail(*words)
        assert sentence in told, told
        assert "Expected" not in told


def test_a_paste_arrives_in_one_form_and_is_found_in_any(lin: Terminal) -> None:
    """P-622, P-624."""
    lin.type("new-customer", "Cafe\u0301 Lu\u0308 \r\n", "--city", "Shang\thai", "--phone", "１３８ ００００ ００００")
    lin.type("edit", "ｃａｆé", "--set", "note＝one\r\ntwo", "--set", "ｋｉｎｄ=ｓｈｏｐ")
    assert "Sent: 2 applied" in lin.type("sync")
    phone = Phone(lin.file)
    (found,) = [each for each in phone.views(Customer) if each.name != "Corner Shop"]
    phone.close()
    assert (found.name, found.city, found.note) == ("Café Lü", "Shang hai", "one\ntwo")
    for query in ("ＣＯＲＮＥＲ　shop", "０２１－５５５", "5550199", "０２１５５５０１９９"):
        assert "Corner Shop" in lin.type("customers", query), query
    assert "Café" in lin.type("customers", "13800000000")
    assert "Café" in lin.type("show", "ＬÜ")
    assert "Green Tea" in lin.type("products", "ｇｒｅｅｎ")
    assert "Green Tea" in lin.type("quote", "corner", "--line", "ｔ１ ２ ９．５") or lin.type("show", "corner")
    lin.type("follow-up", "corner", "--on", "２０３０－０１－３１")
    lin.type("tag", "corner", "--add", "VIP")
    assert "VIP" not in lin.type("tag", "corner", "--remove", "ｖｉｐ")
    assert "Corner Shop" in lin.fail("new-customer", "ｃｏｒｎｅｒ ｓｈｏｐ"), "it is known"


def test_the_operator_is_told_in_words_too(served: Site) -> None:
    """P-622, P-623: `outrider admin` takes the same texts."""
    given = {"--login": "gamma", "--name": "Gamma", "--account": "boss"}

    def run(language: str, **changes: str) -> str:
        asked = {**given, **{f"--{name}": value for name, value in changes.items()}}
        words = [part for named in asked.items() for part in named]
        environment = {"OUTRIDER_DATABASE_URL": served.url, "LANG": language, "LC_ALL": language}
        return CliRunner().invoke(main, ["admin", "create-organisation", *words], env=environment).output

    assert "“name” is empty" in run("en_US.UTF-8", name=" ")
    assert "“名称”只能是一行" in run("zh_CN.UTF-8", name="a\nb")
    assert "“name” holds a character that cannot be shown (U+0007)" in run("en_US.UTF-8", name=BAD)
    assert "“登录名”的写法不对" in run("zh_CN.UTF-8", login="No Way")
    assert "“currency” needs at least 3" in run("en_US.UTF-8", currency="C")
    told = run("en_US.UTF-8", login="ｇａｍｍａ", name="Cafe\u0301\n")
    assert "organisation   gamma  (" in told, told


def test_a_card_shows_no_control_character_to_the_terminal(lin: Terminal) -> None:
    """P-504: what another app let through is refused by the server; its card cannot move the reader's cursor."""
    phone = Phone(lin.file)
    with phone.shelf.transaction():
        edit = Edit(Kind.patch, BY_RECORD[Customer], phone.views(Customer)[0].id, {"note": "a\x1b[2Jb", "extra.shelf": "c\x9b2J"})
        device.enter(phone.shelf, [edit], phone.clock())
    phone.close()
    assert "Sent: 1 refused" in lin.type("sync")
    told = lin.type("inbox")
    assert "a\ufffd[2Jb" in told
    assert "c\ufffd2J" in told
    assert not {"\x1b", "\x9b"} & set(told)
