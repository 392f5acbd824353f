"""Two users of one phone: neither sees anything of the other, nothing that either entered is lost, and a wipe is of one alone (P-009)."""

import contextlib
import re
import uuid
from typing import Final

import pytest
from playwright.sync_api import Error, expect

from shared_schema.records.reference import Role
from tests.browser.desk import opened
from tests.browser.handset import Handset, NewHandset, Window
from tests.browser.house import NAMES, REP, House

OTHER: Final = "mei"
BAKERY: Final = "Corner Bakery"
DOOR: Final = "outrider-app"
DATABASES: Final = "indexedDB.databases().then((all) => all.map(({ name }) => name).sort())"
CACHES: Final = "caches.keys().then((names) => names.filter((name) => name.startsWith('outrider app ')).length)"
WORKERS: Final = "navigator.serviceWorker.ready.then(() => true)"


@pytest.fixture
def other_id(house: House) -> str:
    """A second rep of the house, with one customer."""
    user_id = house.site.user(house.boss, OTHER)
    body = {"id": str(uuid.uuid4()), "owner_id": user_id, "values": {"name": BAKERY, "city": "上海", "phone": "021-9"}}
    answer = house.boss.post("/v1/desk/customers", body)
    assert answer.status_code == 200, answer.text
    return user_id


def sign_out(window: Window) -> None:
    window.place("me")
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible()


def sees_nothing_of(window: Window, *words: str) -> None:
    text = window.page.locator("body").inner_text()
    assert not [word for word in words if word in text]


def databases(window: Window) -> list[str]:
    names: list[str] = window.page.evaluate(DATABASES)
    return names


def waits_until_gone(window: Window, names: list[str]) -> None:
    """Also while the page begins anew: then it has no databases to tell of just now."""
    for _ in range(50):
        with contextlib.suppress(Error):
            if databases(window) == names:
                return
        window.page.wait_for_timeout(100)
    assert databases(window) == names


def entered_offline(window: Window, house: House, number: str) -> None:
    window.show()
    house.wire.cut()
    window.edit_phone(number)
    window.waits(1, offline=True)


def signed_in_as(window: Window, account: str) -> None:
    window.sign_in({"account": account})
    window.settled()


def flow_what_one_user_left_unsent_waits_unseen_and_arrives_once(house: House, handset: NewHandset, other_id: str) -> None:
    phone = handset()
    window = phone.signed_in()
    window.can_start_alone()
    entered_offline(window, house, "021-1")
    sign_out(window)
    notice = window.page.get_by_role("status")
    expect(notice).to_contain_text("Entries wait here to be sent")
    sees_nothing_of(window, REP.capitalize(), *NAMES, "1")
    house.wire.heal()
    window.page.evaluate("window.before = true")
    signed_in_as(window, OTHER)
    assert window.page.evaluate("window.before") is None, "nothing of the first user stays in the page's memory"
    works_alone(phone, window)
    assert house.numbers() == []
    window.page.go_back()
    window.page.wait_for_timeout(300)
    sees_nothing_of(window, *NAMES, "021-1")
    window.page.goto(phone.app)
    sign_out(window)
    sees_nothing_of(window, OTHER.capitalize(), BAKERY)
    signed_in_as(window, REP)
    window.list()
    window.show()
    window.shows_phone("021-1")
    assert house.numbers() == ["021-1"]
    assert house.entered() == [1]
    assert len(databases(window)) == len((DOOR, REP, OTHER))


def works_alone(phone: Handset, window: Window) -> None:
    """The second user sees the one customer of the own book, on every screen, and enters something."""
    window.place("customers")
    expect(window.rows).to_have_count(1)
    expect(window.rows).to_contain_text(BAKERY)
    window.page.fill("input[type=search]", NAMES[2])
    expect(window.rows).to_have_count(0)
    for place in ("outbox", "inbox", "", "me"):
        window.page.goto(f"{phone.app}{place}")
        window.settled()
        sees_nothing_of(window, *NAMES, "021-1")
    window.place("customers")
    window.rows.click()
    window.edit_phone("021-2")
    window.settled()
    second = phone.open()
    expect(second.page.locator("h1")).to_have_text("Open in another window")
    second.page.close()


def flow_a_phone_that_is_killed_goes_on_as_its_last_user(house: House, handset: NewHandset, other_id: str) -> None:
    """The page is closed without a word, and opened without a network."""
    phone = handset()
    window = phone.signed_in()
    window.can_start_alone()
    sign_out(window)
    signed_in_as(window, OTHER)
    window.place("customers")
    window.rows.click()
    house.wire.cut()
    window.edit_phone("021-2")
    window.waits(1, offline=True)
    window.page.close()
    window = phone.open()
    window.waits(1, offline=True)
    window.place("customers")
    expect(window.rows).to_have_count(1)
    house.wire.heal()
    window.network_is_back()
    window.settled()


def flow_the_data_of_an_app_for_one_user_move_to_their_own_place(house: House, handset: NewHandset, other_id: str) -> None:
    """An app before this one kept its user in the database that is the device's now: what waits there is not lost."""
    phone = handset()
    window = phone.signed_in()
    window.can_start_alone()
    entered_offline(window, house, "021-1")
    [own] = set(databases(window)) - {DOOR}
    window.page.goto(f"{phone.app}icon.svg")
    window.page.evaluate(AS_BEFORE)
    waits_until_gone(window, [DOOR])
    window.page.goto(phone.app)
    window.waits(1, offline=True)
    waits_until_gone(window, sorted([DOOR, own]))
    house.wire.heal()
    window.network_is_back()
    window.settled()
    assert house.numbers() == ["021-1"]
    assert house.entered() == [1]
    sign_out(window)
    signed_in_as(window, OTHER)
    window.place("customers")
    expect(window.rows).to_have_count(1)


def flow_a_wipe_is_of_one_user_and_not_of_the_other(house: House, handset: NewHandset, other_id: str) -> None:
    phone = handset()
    phone.refusals = {403}
    window = phone.open()
    signed_in_as(window, OTHER)
    window.can_start_alone()
    window.place("customers")
    window.rows.click()
    house.wire.cut()
    window.edit_phone("021-2")
    window.waits(1, offline=True)
    sign_out(window)
    house.wire.heal()
    signed_in_as(window, REP)
    mine = [name for name in databases(window) if house.rep_id in name]
    assert len(mine) == 1
    house.revoke()
    window.page.evaluate("dispatchEvent(new Event('online'))")
    expect(window.page.get_by_role("alert")).to_contain_text("This device was revoked")
    waits_until_gone(window, [DOOR, *(name for name in databases(window) if other_id in name)])
    assert window.page.evaluate(CACHES) == 1
    window.page.get_by_role("button", name="Password").click()
    window.sign_in({"account": OTHER})
    window.settled()
    window.place("customers")
    window.rows.click()
    window.shows_phone("021-2")
    assert [len(database) > len(DOOR) for database in databases(window)] == [False, True]


def flow_with_its_last_user_a_wiped_phone_loses_the_app_too(house: House, handset: NewHandset) -> None:
    """The next start needs the network, as the next sign-in does; it brings all that an offline start needs."""
    phone = handset()
    phone.refusals = {403}
    window = phone.signed_in()
    window.can_start_alone()
    house.revoke()
    window.page.evaluate("dispatchEvent(new Event('online'))")
    expect(window.page.get_by_role("alert")).to_contain_text("This device was revoked")
    waits_until_gone(window, [DOOR])
    window.page.wait_for_timeout(300)
    assert window.page.evaluate(CACHES) == 0
    window.page.reload()
    assert window.page.evaluate(WORKERS)
    house.wire.cut()
    window.page.reload()
    expect(window.page.get_by_role("alert")).to_contain_text("This device was revoked")
    house.wire.heal()


def flow_an_erased_phone_holds_nothing_of_anybody(house: House, handset: NewHandset, other_id: str) -> None:
    phone = handset()
    window = phone.signed_in()
    window.can_start_alone()
    entered_offline(window, house, "021-1")
    sign_out(window)
    house.wire.heal()
    signed_in_as(window, OTHER)
    window.place("me")
    window.page.get_by_role("button", name="Erase this device").click()
    sheet = window.page.locator("dialog")
    expect(sheet).to_contain_text("Other users with data here: 1")
    expect(sheet).to_contain_text("Entries of other users that are not sent would be lost: 1")
    sees_nothing_of(window, *NAMES)
    sheet.get_by_role("button", name="Erase all").click()
    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(window.page.locator(".notice")).to_have_count(0)
    waits_until_gone(window, [DOOR])
    assert not re.search(r"outrider\.kept", str(window.page.evaluate("JSON.stringify(localStorage)")))
    signed_in_as(window, REP)
    window.list()
    assert house.numbers() == []


def flow_the_desk_keeps_its_users_apart_and_the_app_beside_it(house: House, handset: NewHandset) -> None:
    manager_id = house.site.user(house.boss, "mia", Role.manager)
    phone = handset(house.office)
    desk = opened(phone, "boss")
    desk.go("Me")
    desk.page.evaluate("window.before = true")
    desk.page.get_by_role("button", name="Sign out").click()
    window = Window(desk.page, house)
    window.sign_in({"account": "mia"})
    window.settled()
    assert window.page.evaluate("window.before") is None
    desk.go("Me")
    expect(window.page.locator(".who h2")).to_have_text("Mia")
    rep = phone.signed_in()
    of_desk = [name for name in databases(rep) if name.startswith("outrider-desk")]
    assert (len(of_desk), sum(manager_id in name for name in of_desk)) == (len(("door", "boss", "mia")), 1)
    rep.place("me")
    rep.page.get_by_role("button", name="Erase this device").click()
    expect(rep.page.locator("dialog")).to_contain_text("Nothing waits to be sent")
    rep.page.get_by_role("button", name="Erase all").click()
    expect(rep.page.get_by_role("button", name="Sign in")).to_be_visible()
    waits_until_gone(rep, sorted([DOOR, *of_desk]))
    window.page.reload()
    window.settled()


AS_BEFORE: Final = """async () => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const [door] = (await indexedDB.databases()).filter(({ name }) => name === "outrider-app");
  const [own] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("outrider-app "));
  const [to, from] = await Promise.all([door, own].map(({ name }) => asked(indexedDB.open(name))));
  for (const store of from.objectStoreNames) {
    const [keys, values] = await Promise.all([
      asked(from.transaction(store).objectStore(store).getAllKeys()),
      asked(from.transaction(store).objectStore(store).getAll()),
    ]);
    const into = to.transaction(store, "readwrite").objectStore(store);
    await Promise.all(keys.map((key, at) => asked(into.put(values[at], key))));
    if (store === "note") await asked(to.transaction(store, "readwrite").objectStore(store).delete("user"));
  }
  to.close();
  from.close();
  await asked(indexedDB.deleteDatabase(own.name));
}"""
"""Lays the data of the user where an app for one user had them."""
