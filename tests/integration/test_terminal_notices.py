"""Notices and settings at the terminal: listed, seen, opened, done, without a network; heard by the server once (D-902, D-905, D-930)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from mobile_api.phone.phone import Phone
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER
from tests.integration.site import Caller, Site, site
from tests.integration.test_terminal import Terminal

NUMBER: Final = BY_NAME["notification"].number


@pytest.fixture
def served(migrated_url: str) -> Iterator[Site]:
    """An organisation whose rep has two new customers."""
    with site(migrated_url) as running:
        boss = running.admin()
        rep_id = running.user(boss, "lin")
        for at, name in enumerate(("Corner Shop", "Night Market")):
            body = {"id": f"00000000-0000-4000-8000-00000000000{at}", "owner_id": rep_id, "values": {"name": name}}
            assert boss.post("/v1/desk/customers", body).status_code == 200
        yield running


@pytest.fixture
def lin(served: Site, tmp_path: Path) -> Terminal:
    terminal = Terminal(served, tmp_path, "lin")
    terminal.log_in()
    terminal.type("sync")
    return terminal


def stands(served: Site) -> dict[str, dict[str, Any]]:
    """The rep's notices on the server, by customer."""
    caller: Caller = served.caller("alpha", "lin")
    assert caller.log_in().status_code == 200
    told = caller.get("/v1/records/notification").json()["items"]
    return {one["facts"]["customer"]: one for one in told}


def states(served: Site) -> dict[str, NotificationState]:
    return {name: NotificationState(one["state"]) for name, one in stands(served).items()}


def test_a_list_is_seen_and_what_is_opened_or_done_says_so(served: Site, lin: Terminal) -> None:
    """D-902, D-930."""
    assert set(states(served).values()) == {NotificationState.delivered}
    lin.type("offline")
    said = lin.type("notices")
    assert "2 unread of 2" in said
    assert "Customers" in said
    assert "1. new · New customer: Night Market" in said
    assert "0 unread of 2" in lin.type("notices")
    assert "Corner Shop" in lin.type("notices", "open", "2")
    assert lin.type("notices", "done", "1").startswith("Done: New customer: Night Market")
    assert "0 unread of 1" in lin.type("notices")
    assert "0 " in lin.type("status"), "receipts are not counted (P-630)"
    lin.type("online")
    lin.type("sync")
    assert states(served) == {"Night Market": NotificationState.done, "Corner Shop": NotificationState.opened}
    before = stands(served)
    lin.type("notices")
    lin.type("sync")
    assert stands(served) == before, "what was said is not said again"


def test_a_place_without_a_notice_is_refused_in_words(lin: Terminal) -> None:
    assert "the list has 2" in lin.fail("notices", "open", "3")
    lin.language = "zh_CN.UTF-8"
    assert "共 2 条" in lin.fail("notices", "done")


def test_a_kind_that_is_newer_than_the_program_is_a_plain_sentence(lin: Terminal) -> None:
    """D-930: never a raw code."""
    phone = Phone(lin.file)
    for one in phone.views(Notification):
        with phone.shelf.transaction():
            phone.shelf.put_row((NUMBER, one.id), ENCODER.encode(replace(one, kind="of_tomorrow")))
    phone.close()
    said = lin.type("notices")
    assert "of_tomorrow" not in said
    assert said.count("A notice of a kind that this program does not know yet") == 2
    assert "Other" in said


def test_a_record_without_a_name_is_told_by_its_kind(lin: Terminal) -> None:
    """D-930: a card about a visit of somebody else's customer names neither the customer nor a code."""
    phone = Phone(lin.file)
    for one, kind in zip(phone.views(Notification), ("visit", "follow_up"), strict=True):
        with phone.shelf.transaction():
            phone.shelf.put_row((NUMBER, one.id), ENCODER.encode(replace(one, kind="parked", facts={"record": kind})))
    phone.close()
    said = lin.type("notices")
    assert "Your edit of the visit met" in said
    assert "Your edit of the follow-up met" in said
    lin.language = "zh_CN.UTF-8"
    said = lin.type("notices")
    assert "你对“拜访”的修改" in said
    assert "follow_up" not in said


def test_settings_are_entered_offline_and_synced(served: Site, lin: Terminal) -> None:
    """D-905: made once, then changed."""
    assert "quiet hours: none" in lin.type("settings")
    lin.type("offline")
    lin.type("settings", "quiet", "22:00", "7:00")
    lin.type("settings", "zone", "Europe/Paris")
    said = lin.type("settings", "push", "off", "quotes")
    assert "22:00 to 07:00" in said
    assert "Quotes" not in said
    lin.type("online")
    lin.type("sync")
    caller = served.caller("alpha", "lin")
    caller.log_in()
    [one] = caller.get("/v1/records/user_settings").json()["items"]
    assert (one["quiet_from"], one["quiet_until"], one["time_zone"], one["listed"]) == (1_320, 420, "Europe/Paris", ["quotes"])
    assert "not by group chat: Customers" in lin.type("settings", "push", "off", "customers", "robot")
    assert "not by" not in lin.type("settings", "push", "on", "customers", "robot")
    assert "quiet hours: none" in lin.type("settings", "quiet", "none")
    lin.type("settings", "quiet", "off")
    lin.type("settings", "push", "on", "quotes")
    lin.language = "zh_CN.UTF-8"
    assert "免打扰：未设置" in lin.type("settings", "language", "zh")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["quiet", "25:00", "7:00"], "25:00 is no time"),
        (["quiet", "7:00", "7:00"], "same time"),
        (["zone", "Mars/Base"], "no time zone"),
        (["push", "off", "everything"], "no setting"),
        (["language", "fr"], "no setting"),
        (["loud"], "no setting"),
    ],
)
def test_what_is_no_setting_changes_nothing(lin: Terminal, words: list[str], said: str) -> None:
    assert said in lin.fail("settings", *words)
    assert "quiet hours: none" in lin.type("settings")
