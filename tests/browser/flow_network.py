"""The rep's app through a bad day: what is entered is never lost, and the server has it once."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from mobile_api.routes import apps
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.handset import Handset, NewHandset, Window
from tests.browser.house import NAMES, House
from tests.browser.witness import Witness

INSTANT_S = 5
"""An entry that waited for the network would wait for a minute; this machine may be busy."""


def flow_the_first_sync_pauses_with_the_network_and_goes_on(house: House, handset: NewHandset) -> None:
    window = handset().open()
    house.wire.lose_answer("POST /v1/sync", cuts_after=True)
    window.sign_in()
    assert house.wire.wait_lost()
    expect(window.page.locator("h1")).to_have_text("First sync")
    expect(window.page.locator("progress")).to_be_visible()
    expect(window.page.locator("main")).to_contain_text("the sync has paused")
    house.wire.heal()
    window.network_is_back()
    window.settled()
    window.list()


def flow_an_offline_edit_waits_and_is_sent_once(house: House, handset: NewHandset) -> None:
    window = handset().signed_in()
    window.show()
    house.wire.cut()
    window.edit_phone("021-1")
    window.waits(1, offline=True)
    window.list()
    expect(window.rows.filter(has_text=NAMES[0]).locator(".chip.wait")).to_be_visible()
    assert house.numbers() == []
    house.wire.heal()
    window.network_is_back()
    window.settled()
    assert house.customer()["phone"] == "021-1"
    assert house.numbers() == ["021-1"]
    assert house.entered() == [1]


def flow_an_answer_that_is_lost_is_asked_for_again(house: House, handset: NewHandset) -> None:
    """The server took the entry, and the phone does not know: it sends the same bytes again (P-310, P-311)."""
    window = handset().signed_in()
    window.show()
    house.wire.cut()
    window.edit_phone("021-1")
    window.waits(1, offline=True)
    house.wire.lose_answer("POST /v1/sync")
    house.wire.heal()
    window.network_is_back()
    assert house.wire.wait_lost()
    assert house.numbers() == ["021-1"]
    window.settled()
    assert house.numbers() == ["021-1"]
    assert house.entered() == [1]


def flow_a_network_that_answers_nothing_holds_nobody_up(house: House, handset: NewHandset) -> None:
    window = handset().signed_in()
    window.show()
    house.wire.silence()
    assert window.page.evaluate("navigator.onLine")
    began = time.monotonic()
    window.edit_phone("021-1")
    window.waits(1, offline=False)
    window.edit_phone("021-2")
    window.waits(2, offline=False)
    assert time.monotonic() - began < INSTANT_S
    assert house.numbers() == []
    house.wire.heal()
    window.settled()
    assert house.numbers() == ["021-1", "021-2"]


def flow_an_app_that_was_killed_starts_without_a_network(
    house: House, complaints: list[Handset], witness: Witness, playwright: Playwright, found_chromium: Chromium, tmp_path: Path
) -> None:
    def started(running: chromium.Running) -> Handset:
        complaints.append(Handset(playwright.chromium.connect_over_cdp(running.endpoint).contexts[0], house, witness))
        return complaints[-1]

    with chromium.running(found_chromium, tmp_path / "profile", "--lang=en-GB") as running:
        window = started(running).signed_in()
        window.can_start_alone()
        window.show()
        house.wire.cut()
        window.edit_phone("021-1")
        window.waits(1, offline=True)
        running.kill()
    with chromium.running(found_chromium, tmp_path / "profile", "--lang=en-GB") as running:
        window = started(running).open()
        window.waits(1, offline=True)
        window.show()
        window.shows_phone("021-1")
        house.wire.heal()
        window.network_is_back()
        window.settled()
        running.kill()
    assert house.numbers() == ["021-1"]
    assert house.entered() == [1]


def flow_the_other_language_needs_no_network(house: House, handset: NewHandset) -> None:
    """A page reads the texts of the language that it shows and no others; those came to the phone with the app."""

    def read(window: Window) -> list[str]:
        names = window.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
        return [found[1] for name in names if (found := re.search(r"/(zh|en)-[0-9a-f]{10}\.txt$", name))]

    window = handset().signed_in()
    window.can_start_alone()
    assert read(window) == ["en"]
    house.wire.cut()
    window.place("me")
    window.page.get_by_role("button", name="中文").click()
    expect(window.page.locator("h1")).to_have_text("我的")
    expect(window.page.locator("html")).to_have_attribute("lang", "zh-CN")
    window.page.reload()
    expect(window.page.locator("h1")).to_have_text("我的")
    assert read(window) == ["zh"]
    window.page.get_by_role("button", name="English").click()
    expect(window.page.locator("h1")).to_have_text("Me")


def flow_of_two_phones_in_conflict_neither_loses_a_value(house: House, handset: NewHandset) -> None:
    outdoors, office = handset().signed_in(), handset(house.office).signed_in()
    outdoors.show()
    office.show()
    house.wire.cut()
    outdoors.edit_phone("021-1")
    office.edit_phone("021-2")
    office.settled()
    house.wire.heal()
    outdoors.network_is_back()
    outdoors.shows_phone("021-2")
    outdoors.settled()
    assert house.numbers() == ["021-2"]
    [card] = house.cards()
    [member] = card["members"]
    assert (member["mine"], member["theirs"]) == ({"phone": "021-1"}, {"phone": "021-2"})
    assert outdoors.stored()["cards"] == 1


def flow_an_update_waits_for_the_person_and_keeps_what_waits(
    house: House, handset: NewHandset, next_edition: dict[str, apps.File], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = handset().signed_in()
    window.can_start_alone()
    old = window.version()
    monkeypatch.setitem(apps.FILES, "app", next_edition)
    window.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => undefined)")
    offer = window.page.get_by_role("button", name="Update")
    expect(offer).to_be_visible()
    assert window.version() == old
    window.show()
    house.wire.cut()
    window.edit_phone("021-1")
    window.waits(1, offline=True)
    offer.click()
    expect(offer).to_be_hidden()
    window.waits(1, offline=True)
    window.shows_phone("021-1")
    assert window.version() != old
    house.wire.heal()
    window.network_is_back()
    window.settled()
    assert house.numbers() == ["021-1"]


def flow_two_windows_of_one_phone_never_work_at_once(house: House, handset: NewHandset) -> None:
    phone = handset()
    first = phone.signed_in()
    first.show()
    house.wire.cut()
    first.edit_phone("021-1")
    house.wire.heal()
    second = phone.open()
    house.wire.cut()
    expect(second.page.locator("h1")).to_have_text("Open in another window")
    second.page.get_by_role("button", name="Use it here").click()
    expect(first.page.locator("h1")).to_have_text("Open in another window")
    second.show()
    second.shows_phone("021-1")
    second.edit_phone("021-2")
    house.wire.heal()
    second.network_is_back()
    second.settled()
    assert house.numbers() == ["021-1", "021-2"]
    assert house.entered() == [2]


def flow_a_revoked_phone_is_wiped(house: House, handset: NewHandset) -> None:
    """P-612, P-708: what waited is uploaded and put aside, and then nothing is left on the phone."""
    phone = handset()
    phone.refusals = {403}
    window = phone.signed_in()
    window.show()
    house.wire.cut()
    window.edit_phone("021-1")
    window.waits(1, offline=True)
    house.revoke()
    house.wire.heal()
    window.network_is_back()
    notice = window.page.get_by_role("alert")
    expect(notice).to_contain_text("This device was revoked")
    assert window.stored() | {"chunk": 0, "scope": 0, "pending": 0} == window.stored()
    window.page.reload()
    expect(notice).to_contain_text("This device was revoked")
    assert house.numbers() == []


@pytest.mark.parametrize(("locale", "word", "letters"), [("en-GB", "Sign in", r"[a-z]"), ("zh-CN", "登录", r"[\u4e00-\u9fff]")])
def flow_a_wrong_password_is_told_in_the_readers_language(house: House, handset: NewHandset, locale: str, word: str, letters: str) -> None:
    phone = handset(locale=locale)
    phone.refusals = {401}
    window = phone.open()
    expect(window.page.locator("form button.primary")).to_have_text(word)
    window.sign_in({"password": "wrong"})
    told = window.page.get_by_role("alert").locator("b, p")
    expect(told).to_have_count(3)
    assert all(re.search(letters, each) for each in told.all_inner_texts())
    window.sign_in()
    window.settled()


def flow_the_page_runs_no_script_of_its_own(house: House, handset: NewHandset) -> None:
    phone = handset(house.office)
    window = phone.open()
    answer = house.site.http.get("/app/")
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", answer.text)
    window.page.evaluate("const one = document.createElement('script'); one.text = 'window.ran = 1'; document.head.append(one)")
    assert window.page.evaluate("window.ran") is None
    assert "Content Security Policy" in phone.complaints.pop()


def flow_a_browser_that_cannot_keep_two_windows_apart_says_what_it_needs(house: House, handset: NewHandset) -> None:
    """A browser gives no locks to an address that is not secure: no window begins there, and none is empty."""
    phone = handset()
    phone.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })")
    window = phone.open()
    expect(window.page.locator("h1")).to_have_text("The app needs a secure address")
    expect(window.page.locator("main")).to_contain_text("https://")
