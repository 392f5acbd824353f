"""The real phone against a server of another level: too old to receive, it goes on sending; newer than the server, it is served."""

from pathlib import Path

import pytest

from mobile_api.phone.phone import Phone
from server.services import sync_pull
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind, Result
from sync import device
from sync.device import Edit
from tests.integration.site import PASSWORD, Site
from tests.integration.test_terminal import Terminal

CUSTOMER = BY_RECORD[Customer]


def found_shop(on: Phone, name: str) -> bytes:
    record_id = on.new_id()
    on.enter([Edit(Kind.create, CUSTOMER, record_id, {"name": name})])
    return record_id


def opened(served: Site, path: Path) -> Phone:
    phone = Phone(path)
    phone.sign_in(str(served.http.base_url), "alpha", "lin", PASSWORD, "test")
    return phone


@pytest.mark.parametrize(("level", "code"), [("PROTOCOL_MIN", "protocol_unknown"), ("SCHEMA_MIN", "schema_unknown")])
def test_an_app_too_old_to_receive_goes_on_sending_and_loses_nothing(
    served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, code: str
) -> None:
    """P-213: each entry is taken and answered; after the upgrade the phone goes on from its own cursor."""
    old, other = opened(served, tmp_path / "old.db"), opened(served, tmp_path / "other.db")
    found_shop(old, "Before")
    assert old.sync().complete
    cursor = old.seat().cursor
    with monkeypatch.context() as now:
        now.setattr(sync_pull, level, 2)
        for name in ("First", "Second"):
            found_shop(old, name)
            report = old.sync()
            assert ([one.outcome.result for one in report.answered], report.problem) == ([Result.applied], code)
            assert (report.complete, report.waiting, old.seat().cursor) == (False, 0, cursor)
    assert sorted(each.name for each in old.views(Customer)) == ["Before", "First", "Second"], "shown until they come by pull"
    assert other.sync().complete
    assert sorted(each.name for each in other.views(Customer)) == ["Before", "First", "Second"]
    report = old.sync()
    assert (report.complete, report.problem, report.rounds) == (True, None, 1)
    assert sorted((each.name, each.rev) for each in old.views(Customer)) == [("Before", 1), ("First", 1), ("Second", 1)]
    old.close()
    other.close()


def test_the_terminal_says_that_the_app_is_too_old_in_the_readers_language(
    served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-213."""
    terminal = Terminal(served, tmp_path, "lin")
    terminal.log_in()
    terminal.bring("Harbour Books")
    monkeypatch.setattr(sync_pull, "PROTOCOL_MIN", 2)
    told = terminal.type("sync")
    assert "1 applied" in told
    assert "took your entries but says this app is too old to receive" in told
    terminal.language = "zh_CN.UTF-8"
    assert "此应用版本过旧，无法接收" in terminal.type("sync")


def test_an_app_newer_than_the_server_sends_and_receives(served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-214."""
    here = opened(served, tmp_path / "here.db")
    found_shop(here, "Known")
    here.sync()
    monkeypatch.setattr(device, "PROTOCOL", 9)
    monkeypatch.setattr(device, "SCHEMA", 9)
    new = opened(served, tmp_path / "new.db")
    found_shop(new, "From the future")
    report = new.sync()
    assert ([one.outcome.result for one in report.answered], report.complete, report.problem) == ([Result.applied], True, None)
    assert sorted(each.name for each in new.views(Customer)) == ["From the future", "Known"]
    here.close()
    new.close()
