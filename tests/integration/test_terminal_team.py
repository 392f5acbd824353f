"""The terminal on what teams share: notes with receipts, and inbox items that go up or are decided all at once."""

from pathlib import Path

from mobile_api.phone.phone import Phone
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.site import Site
from tests.integration.test_terminal import Terminal, lin, served

__all__ = ["lin", "served"]


def signed_in(served: Site, folder: Path, account: str) -> Terminal:
    terminal = Terminal(served, folder, account)
    terminal.log_in(account)
    terminal.type("sync")
    return terminal


def test_a_note_is_told_read_and_corrected(served: Site, lin: Terminal, tmp_path: Path) -> None:
    assert "no team notes" in lin.type("notes")
    chief = signed_in(served, tmp_path, "chief")
    chief.type("note", "sales", "Meet at nine")
    assert "not sent yet" in chief.type("notes")
    chief.type("sync")
    lin.type("sync")
    assert "Sales · Chief" in (told := lin.type("notes"))
    assert "Meet at nine" in told
    lin.type("receipt", "nine", "acknowledged")
    lin.type("receipt", "nine", "read")
    assert "Sent: 1 applied, 1 known already" in lin.type("sync")
    chief.type("note", "sales", "Meet at ten", "--amends", "nine")
    assert "Sent: 1 applied" in chief.type("sync")
    assert "Lin: acknowledged" in (told := chief.type("notes"))
    assert "corrects #" in told
    chief.language = "zh_CN.UTF-8"
    assert "已确认" in chief.type("notes")


def conflicts(lin: Terminal, other: Terminal, *fields: str) -> None:
    for field in fields:
        other.type("edit", "harbour", "--set", f"{field}=other")
        lin.type("edit", "harbour", "--set", f"{field}=lin")
    other.type("sync")
    lin.type("sync")


def test_all_conflicts_and_all_refusals_go_at_once(served: Site, lin: Terminal, tmp_path: Path) -> None:
    """P-534: what could still be put in place and what was only to be read are put away apart."""
    tablet = Terminal(served, tmp_path, "tablet")
    tablet.log_in()
    tablet.type("sync")
    conflicts(lin, tablet, "note", "city", "phone")
    phone = Phone(lin.file)
    [customer] = phone.views(Customer)
    for _ in range(2):
        phone.enter([Edit(Kind.patch, BY_RECORD[Customer], customer.id, {"wgs_latitude_e6": 1})])
    phone.close()
    lin.type("sync")
    lin.type("inbox", "keep", "1")
    assert "3 waiting" in lin.type("inbox", "keep", "all")
    assert "Sent: 3 applied" in lin.type("sync")
    assert lin.type("inbox").count("#") == 2
    lin.type("inbox", "dismiss", "all")
    assert "Sent: 2 applied" in lin.type("sync")
    assert "Nothing waits" in lin.type("inbox", "dismiss", "all")


def test_an_item_is_decided_by_the_manager(served: Site, lin: Terminal, tmp_path: Path) -> None:
    chief = signed_in(served, tmp_path, "chief")
    conflicts(lin, chief, "note")
    lin.type("inbox", "send", "1")
    lin.type("sync")
    assert "With your manager: 1." in lin.type("inbox")
    chief.type("sync")
    assert "from Lin" in (card := chief.type("inbox"))
    assert "yours: lin · theirs" in card
    chief.type("use-mine", "1")
    assert "Sent: 1 applied" in chief.type("sync")
    lin.type("sync")
    assert "With your manager" not in lin.type("inbox")
    assert "lin" in lin.type("show", "harbour")
