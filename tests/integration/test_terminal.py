"""A phone played from the terminal against a real server: what a person types, and what he reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from mobile_api.cli import main
from mobile_api.phone.phone import Phone
from mobile_api.phone.terminal import TEXTS
from shared_schema.places import Datum
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import Value
from shared_schema.records.quote import QuoteLine
from shared_schema.records.reference import FieldKind, Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.site import PASSWORD, Site, site


class Terminal:
    """One person at one terminal; `text` is what he read last."""

    def __init__(self, served: Site, folder: Path, name: str) -> None:
        self.served = served
        self.file = folder / f"{name}.db"
        self.secret = folder / "password"
        self.secret.write_text(PASSWORD + "\n")
        self.language = "en_US.UTF-8"
        self.command = f"outrider device --file {self.file}"

    def run(self, *words: str) -> Result:
        environment = {"LANG": self.language, "LC_ALL": None, "LC_MESSAGES": None, "TZ": "UTC"}
        return CliRunner().invoke(main, ["device", "--file", str(self.file), *words], env=environment)

    def type(self, *words: str) -> str:
        """Type a command that works."""
        done = self.run(*words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        return done.output

    def fail(self, *words: str) -> str:
        """Type a command that is refused in words."""
        done = self.run(*words)
        assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True), (words, done.output, done.exception)
        return done.output

    def log_in(self, account: str = "lin") -> str:
        url = str(self.served.http.base_url)
        return self.type("login", "--url", url, "--organisation", "alpha", "--account", account, "--password-file", str(self.secret))

    def bring(self, name: str) -> None:
        """Put a new customer with a position into this phone's queue."""
        phone = Phone(self.file)
        place: dict[str, Value] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": int(Datum.wgs84), "city": "Shanghai"}
        phone.enter([Edit(Kind.create, BY_RECORD[Customer], phone.new_id(), {"name": name, **place})])
        phone.close()


@pytest.fixture
def served(migrated_url: str) -> Iterator[Site]:
    """Serve an organisation with two reps, one product with a price, and one custom field."""
    with site(migrated_url) as running:
        boss = running.admin()
        team = boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        for login in ("lin", "wang"):
            running.user(boss, login, department_id=team)
        running.user(boss, "chief", Role.manager, department_id=team)
        product = boss.post("/v1/desk/products", {"code": "P-1", "name": "Green Tea 250", "unit": "box", "tax_bps": 1300}).json()
        book = boss.post("/v1/desk/price-books", {"name": "List"}).json()
        price = {"price_book_id": book["id"], "product_id": product["id"], "price_minor": 11300}
        assert boss.post("/v1/desk/prices", price).status_code == 200
        definition = {
            "entity": 1,
            "key": "shelf",
            "kind": int(FieldKind.choice),
            "label_zh": "货架",
            "label_en": "Shelf",
            "choices": ["north"],
        }
        assert boss.post("/v1/desk/field-definitions", definition).status_code == 200
        number = {"entity": 1, "key": "metres", "kind": int(FieldKind.number), "label_zh": "长度", "label_en": "Shelf length"}
        assert boss.post("/v1/desk/field-definitions", number).status_code == 200
        yield running


@pytest.fixture
def lin(served: Site, tmp_path: Path) -> Terminal:
    """Sign in a rep with one customer, already synced."""
    terminal = Terminal(served, tmp_path, "lin")
    assert "Signed in as Lin (rep) at alpha" in terminal.log_in()
    terminal.bring("Harbour Books")
    terminal.type("sync")
    return terminal


def move(served: Site, customer_id: bytes) -> None:
    """Let the manager give a customer to the other rep."""
    wang = next(one["id"] for one in served.admin().get("/v1/desk/users").json()["items"] if one["login"] == "wang")
    chief = served.caller("alpha", "chief")
    assert chief.log_in().status_code == 200
    moved = chief.post(f"/v1/desk/customers/{UUID(bytes=customer_id)}/transfer", {"to_user_id": wang})
    assert moved.status_code == 200, moved.text


def test_a_days_work_without_a_network_arrives_at_once(lin: Terminal) -> None:
    assert "Go on working" in lin.type("offline")
    assert "14 m from the customer" in lin.type("visit", "harbour", "--note", "Shelf is empty", "--at", "31.2305,121.4738")
    lin.type("log", "harbour", "--channel", "phone", "--note", "Asked for a quote")
    number = lin.type("quote", "harbour", "--line", "P-1 2.5 100", "--line", "green tea 250 4", "--title", "Spring").split()[0]
    lin.type("submit", number)
    lin.type("edit", "harbour", "--set", "name=Harbour Books & Tea", "--set", "extra.shelf=north")
    assert "6 waiting" not in lin.type("follow-up", "harbour", "--on", "2026-12-01", "--purpose", "Deliver")
    refused = lin.fail("sync")
    assert "switched offline" in refused
    assert f"{lin.command} online" in refused
    shown = lin.type("show", "harbour")
    assert "Harbour Books & Tea" in shown
    assert "not sent yet" in shown
    assert re.search(r"waiting to be sent +8\b", lin.type("status"))
    lin.type("online")
    told = lin.type("sync")
    assert "Sent: 8 applied" in told
    assert "In step with the server." in told
    shown = lin.type("show", "Harbour Books & Tea")
    assert "not sent yet" not in shown
    # 2.5 × 100 + 4 × 113 = 702, 13 % tax inside
    for text in (
        "14 m from the customer",
        "probable",
        "Asked for a quote",
        "submitted",
        "CNY 702.00",
        "2.5 box × CNY 100.00/box",
        "2026-12-01",
    ):
        assert text in shown, text
    assert re.search(r"Shelf +north", shown)
    assert "2026-12-01" in lin.type("customers", "shanghai")
    assert "2026-12-01 Deliver" in lin.type("done", "harbour")
    assert "Sent: 1 applied" in lin.type("sync")
    assert "2026-12-01" not in lin.type("customers", "shanghai")
    assert "2026-12-01 Deliver (done)" in lin.type("show", "harbour")
    assert "No contact with Harbour Books & Tea is planned" in lin.fail("done", "harbour")


def test_two_phones_one_field_and_a_decision(served: Site, lin: Terminal, tmp_path: Path) -> None:
    tablet = Terminal(served, tmp_path, "tablet")
    tablet.log_in()
    tablet.type("sync")
    lin.type("edit", "harbour", "--set", "phone=111")
    tablet.type("edit", "harbour", "--set", "phone=222", "--set", "note=second")
    lin.type("sync")
    told = tablet.type("sync")
    assert "waiting for your decision: Somebody changed this before you" in told
    card = tablet.type("inbox")
    assert re.search(r"phone · yours: 222 · stands \(you, on another phone\): 111", card)
    tablet.type("use-mine", "1")
    tablet.type("sync")
    assert "222" in tablet.type("show", "harbour")
    assert "Nothing waits for your decision" in tablet.type("inbox")
    lin.type("edit", "harbour", "--set", "phone=333")
    lin.type("sync")
    item = re.search(r"#[0-9a-f]{6}", lin.type("inbox"))
    assert item is not None
    lin.type("keep-theirs", item[0])
    lin.type("sync")
    assert "Nothing waits for your decision" in lin.type("inbox")
    assert "222" in lin.type("show", "harbour")


def test_the_reader_chooses_the_language(lin: Terminal) -> None:
    lin.language = "zh_CN.UTF-8"
    assert "已与服务器一致" in lin.type("sync")
    assert f"下一步：{lin.command} customers" in lin.fail("show", "nobody knows this")
    assert re.search(r"Shanghai", lin.type("customers"))


def test_what_cannot_be_done_is_said_in_words_with_a_next_step(served: Site, lin: Terminal, tmp_path: Path) -> None:
    lin.bring("Harbour Tea")
    for words, told in (
        (("show", "harbour"), "fits several: Harbour Books #"),
        (("show", "nowhere"), f"Next: {lin.command} customers"),
        (("edit", "harbour books", "--set", "tier=a"), "the server decides it"),
        (("edit", "harbour books", "--set", "extra.shelf=south"), "one of north"),
        (("edit", "harbour books", "--set", "name"), "--set field=value"),
        (("visit", "harbour books", "--at", "here"), "31.2304,121.4737"),
        (("visit", "harbour books", "--at", "91,0"), "31.2304,121.4737"),
        (("follow-up", "harbour books", "--on", "soon"), "tomorrow"),
        (("quote", "harbour books"), "no lines"),
        (("quote", "harbour books", "--line", "P-1"), "PRODUCT QUANTITY PRICE"),
        (("quote", "harbour books", "--line", "P-1 1.00001 1"), "not a number that fits"),
        (("submit", "Q1"), "Nothing here fits"),
        (("use-mine", "1"), "no open item 1"),
    ):
        assert told in lin.fail(*words), words
    other = Terminal(served, tmp_path, "other")
    assert f"{other.command} login" in other.fail("sync")
    assert f"{other.command} login" in other.type("customers")
    other.secret.write_text("wrong password\n")
    url = str(served.http.base_url)
    login = ("login", "--organisation", "alpha", "--account", "lin", "--password-file", str(other.secret), "--url")
    assert "Organisation, account or password is wrong" in other.fail(*login, url)
    assert "No server answers at http://127.0.0.1:9 " in other.fail(*login, "http://127.0.0.1:9")
    assert "is not an address" in other.fail(*login, "nonsense")


def test_a_new_customer_is_entered_offline_and_known_once(lin: Terminal) -> None:
    lin.type("offline")
    entered = lin.type("new-customer", "Blue Door", "--city", "Shanghai", "--phone", "021-1", "--kind", "shop", "--at", "31.2304,121.4737")
    assert re.match(r"#[0-9a-f]{6}  Blue Door\n", entered)
    assert "customer on this phone already" in lin.fail("new-customer", "blue door")
    assert "“name” is empty" in lin.fail("new-customer", "")
    assert "“name” is empty" in lin.fail("edit", "blue door", "--set", "name=")
    assert "0 m from the customer" in lin.type("visit", "door blue", "--at", "31.2304,121.4737")
    lin.type("online")
    assert "Sent: 2 applied" in lin.type("sync")
    shown = lin.type("show", "blue door")
    assert re.search(r"owner +Lin", shown)
    assert re.search(r"kind +shop", shown)


def test_the_price_list_is_read_before_a_quote_is_made(lin: Terminal) -> None:
    assert re.search(r"P-1 +Green Tea 250 +CNY 113.00/box +13.00%", lin.type("products"))
    assert "No product here fits" in lin.fail("products", "coffee")
    assert f"Next: {lin.command} products" in lin.fail("quote", "harbour", "--line", "coffee 3")
    assert f"{lin.command} products" in lin.fail("quote", "harbour")


def test_a_card_speaks_the_organisations_words_and_is_decided_once(served: Site, lin: Terminal, tmp_path: Path) -> None:
    tablet = Terminal(served, tmp_path, "tablet")
    tablet.log_in()
    tablet.type("sync")
    lin.type("edit", "harbour", "--set", "kind=shop", "--set", "extra.shelf=north", "--set", "extra.metres=12.5")
    tablet.type("edit", "harbour", "--set", "kind=office", "--set", "extra.metres=9", "--set", "industry=books")
    lin.type("sync")
    assert "(of this entry taken: industry; waiting: metres, kind)" in tablet.type("sync")
    card = tablet.type("inbox")
    assert card.count("You changed this on another phone") == card.count("(everything else that was entered with this was taken)") == 2
    assert re.search(r"kind · yours: office · stands \(you, on another phone\): shop", card)
    assert re.search(r"Shelf length · yours: 9 · stands \(you, on another phone\): 12.5", card)
    tablet.type("use-mine", "1")
    tablet.type("keep-theirs", "2")
    assert tablet.type("inbox").count("decided, goes with the next sync") == 2
    for again in (("use-mine", "1"), ("keep-theirs", "1"), ("use-mine", "2"), ("dismiss", "2")):
        assert "decided" in tablet.fail(*again), again
    assert "Sent: 2 applied" in tablet.type("sync")
    assert "Nothing waits" in tablet.type("inbox")


def test_a_card_of_a_quote_line_shows_what_differs_with_its_currency(served: Site, lin: Terminal, tmp_path: Path) -> None:
    tablet = Terminal(served, tmp_path, "tablet")
    tablet.log_in()
    lin.type("quote", "harbour", "--line", "P-1 3", "--title", "Spring")
    lin.type("sync")
    for terminal, price_minor in ((lin, 10_950), (tablet, 11_000)):
        terminal.type("sync")
        phone = Phone(terminal.file)
        [line] = phone.views(QuoteLine)
        phone.enter([Edit(Kind.patch, BY_RECORD[QuoteLine], line.id, {"price_minor": price_minor})])
        phone.close()
    lin.type("sync")
    tablet.type("sync")
    card = tablet.type("inbox")
    assert "quote line product: Green Tea 250" in card
    assert re.search(r"quote line price · yours: CNY 110.00 · stands \(you, on another phone\): CNY 109.50 · before: CNY 113.00", card)
    assert "quantity" not in card


def test_what_moved_away_or_was_refused_is_not_entered_again(served: Site, lin: Terminal) -> None:
    phone = Phone(lin.file)
    [customer] = phone.views(Customer)
    phone.enter([Edit(Kind.patch, BY_RECORD[Customer], customer.id, {"wgs_latitude_e6": 1})])
    phone.close()
    lin.type("sync")
    assert "would refuse it again" in lin.fail("use-mine", "1")
    lin.type("dismiss", "1")
    lin.type("edit", "harbour", "--set", "note=Late")
    move(served, customer.id)
    lin.type("sync")
    card = lin.type("inbox")
    assert "A customer no longer on this phone: The customer has moved to somebody else" in card
    assert "no longer on this phone" in lin.fail("use-mine", "1")
    lin.type("dismiss", "1")
    lin.type("sync")
    assert "Nothing waits" in lin.type("inbox")


def test_a_file_belongs_to_one_user(lin: Terminal) -> None:
    url = str(lin.served.http.base_url)
    words = ("login", "--url", url, "--organisation", "alpha", "--account", "wang", "--password-file", str(lin.secret))
    assert "is the phone of another user" in lin.fail(*words)
    lin.file = lin.file.parent
    assert "cannot be opened (Is a directory)" in lin.fail("status")


def test_signing_out_keeps_what_waits(lin: Terminal) -> None:
    lin.bring("Night Market")
    assert "stays" in lin.type("logout")
    assert f"{lin.command} login" in lin.fail("sync")
    assert "Night Market" in lin.type("customers")
    lin.log_in()
    assert "Sent: 1 applied" in lin.type("sync")


def test_every_sentence_has_the_same_facts_in_both_languages() -> None:
    for name, pair in TEXTS.items():
        english, chinese = ({found.split("!")[0] for found in re.findall(r"{(.*?)}", text)} for text in pair)
        assert english == chinese, name


def test_an_own_change_is_taken_back(served: Site, lin: Terminal) -> None:
    """P-423, P-426. The server's history says what; the undo waits like any entry."""
    assert "changed nothing" in lin.type("undo", "harbour")
    lin.type("edit", "harbour", "--set", "city=Ningbo")
    lin.type("sync")
    listed = lin.type("undo", "harbour")
    assert re.search(r"1\. .*customer.* city: Ningbo → Shanghai", listed)
    assert "There is no change 7" in lin.fail("undo", "harbour", "7")
    assert "waits for the next sync" in lin.type("undo", "harbour", "1")
    assert "Shanghai" in lin.type("show", "harbour")
    assert "1 applied" in lin.type("sync")
    phone = Phone(lin.file)
    assert phone.views(Customer)[0].city == "Shanghai"
    phone.close()
    lin.language = "zh_CN.UTF-8"
    assert "撤销" in lin.type("undo", "harbour")
    lin.type("offline")
    assert lin.run("undo", "harbour").exit_code == 1


def test_an_approved_quote_is_revised(served: Site, lin: Terminal) -> None:
    """D-324. Offline; the new draft comes with the next sync."""
    number = lin.type("quote", "harbour", "--line", "P-1 3", "--title", "Spring").split()[0]
    lin.type("submit", number)
    lin.type("sync")
    assert "only an approved one" in lin.fail("revise", "Spring")
    chief = served.caller("alpha", "chief")
    assert chief.log_in().status_code == 200
    quote_id = chief.get("/v1/records/quote").json()["items"][0]["id"]
    seen = chief.get(f"/v1/quotes/{quote_id}").json()
    verdict = {"decision": "approve", "content_hash": seen["content_hash"]}
    assert chief.post(f"/v1/quotes/{quote_id}/decisions", verdict).status_code == 200
    lin.type("sync")
    assert "approved" in lin.type("show", "harbour")
    lin.type("offline")
    told = lin.type("revise", seen["quote"]["number"])
    assert f"{seen['quote']['number']}/2 is a new draft" in told
    lin.type("online")
    assert "1 applied" in lin.type("sync")
    lin.type("submit", f"{seen['quote']['number']}/2")
    assert "1 applied" in lin.type("sync")
