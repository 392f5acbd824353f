"""Notices in the rep's app and at the desk: the list without a network, receipts that arrive once, and how a person wants to hear."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

from mobile_api import push_key
from notifications.vapid import made_keys
from server.settings import Settings
from shared_schema.records.notification import NotificationState
from shared_schema.records.reference import Role
from tests.browser.desk import LONDON, WIDE, Desk
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House, becomes
from tests.browser.house import house as opened

TARGET: Final = "/v1/device/push-target"
KEYS: Final = {
    "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
    "auth": "tBHItJI5svbpez7KI4CWXg",
}
"""Of the example in RFC 8291."""
BROWSER: Final = """(told) => {
  if (!isSecureContext) return;
  let [permission, subscription] = [localStorage.getItem("answered") ?? told.permission, null];
  window.told = { questions: 0, subscribed: 0, withdrawn: 0 };
  Object.defineProperty(Notification, "permission", { get: () => permission });
  Notification.requestPermission = async () => {
    window.told.questions += 1;
    localStorage.setItem("answered", told.answer);
    return (permission = told.answer);
  };
  const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  PushManager.prototype.getSubscription = async () => subscription;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    window.told.subscribed += 1;
    const endpoint = `https://updates.push.services.mozilla.com/wpush/v2/${window.told.subscribed}`;
    const unsubscribe = async () => {
      window.told.withdrawn += 1;
      return (subscription = null), true;
    };
    const options = { applicationServerKey: raw(applicationServerKey).buffer };
    return (subscription = { endpoint, options, unsubscribe, toJSON: () => ({ endpoint, keys: told.keys }) });
  };
}"""
"""The browser's side of push: the shell that npm carries grants no notices and knows no push service."""


@pytest.fixture
def house(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house, on a server that sends to browsers."""
    (file := tmp_path / "vapid.pem").write_bytes(made_keys())
    key = push_key.read(Settings(push_vapid=str(file)))
    monkeypatch.setattr(push_key, "read", lambda _: key)
    with opened(migrated_url) as made:
        yield made


def knows_push(context: BrowserContext, permission: str, answer: str = "granted") -> None:
    """Let the browser have notices and a push service; the person gives this answer when it asks."""
    told = f'{{"permission": "{permission}", "answer": "{answer}", "keys": {KEYS}}}'
    context.add_init_script(f"({BROWSER})({told})")


def told(house: House, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the server answers to the admin."""
    answer = house.boss.post(path, body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def stands(house: House) -> dict[str, dict[str, Any]]:
    """The rep's notices as the server has them, by the customer's name."""
    answer = house.witness.get("/v1/records/notification")
    assert answer.status_code == 200, answer.text
    return {one["facts"]["customer"]: one for one in answer.json()["items"]}


def states(house: House) -> dict[str, int]:
    return {name: one["state"] for name, one in stands(house).items()}


def kinds(house: House) -> dict[str, set[int]]:
    """The states of the rep's notices, by kind."""
    found: dict[str, set[int]] = {}
    for one in house.witness.get("/v1/records/notification").json()["items"]:
        found.setdefault(one["kind"], set()).add(one["state"])
    return found


def bell(page: Page) -> Locator:
    return page.locator("header .bell[href$=notices]")


def row(page: Page, name: str) -> Locator:
    return page.locator("main .heard", has_text=name)


def to_list(window: Window) -> None:
    """Go to the list by the bell."""
    bell(window.page).click()
    expect(window.page.locator("h1")).to_have_text("Notices")


def to_settings(window: Window) -> None:
    to_list(window)
    window.page.get_by_role("link", name="Notice settings").click()
    expect(window.page.locator("h1")).to_have_text("Settings")


def flow_notices_are_read_without_a_network_and_their_receipts_arrive_once(house: House, handset: NewHandset) -> None:
    """D-902, D-930, P-630: what stood on the screen is seen; what waits below the bars and the edge is not."""
    window = handset().signed_in()
    expect(bell(window.page)).to_have_accessible_name(f"Notices, {len(NAMES)} unread")
    becomes(lambda: set(states(house).values()), {NotificationState.delivered})
    window.settled()
    house.wire.cut()
    to_list(window)
    expect(window.page.locator("main > section .heard")).to_have_count(len(NAMES))
    expect(window.page.locator(".heard-tools .lead")).to_have_text(re.compile(r"^[12] unread$"))
    expect(window.mark).not_to_contain_text("waiting")
    window.page.get_by_role("button", name="Mark all as read").click()
    expect(window.page.locator(".heard-tools button")).to_have_count(0)
    expect(window.mark).not_to_contain_text("waiting")
    window.mark.click()
    expect(window.page.locator("main")).to_contain_text("Nothing waits: all is sent")
    house.wire.heal()
    window.network_is_back()
    becomes(lambda: set(states(house).values()), {NotificationState.seen})
    before = stands(house)
    to_list(window)
    window.page.wait_for_timeout(1_500)  # longer than it takes to be seen
    window.settled()
    assert stands(house) == before


def flow_a_touch_opens_what_a_notice_is_about(house: House, handset: NewHandset) -> None:
    """D-930: without a network; what is not here any more says so, and is opened by reading it."""
    window = handset().signed_in()
    house.wire.cut()
    to_list(window)
    row(window.page, NAMES[2]).get_by_role("link").click()
    expect(window.page.locator("h1")).to_have_text(NAMES[2])
    house.wire.heal()
    window.network_is_back()
    becomes(lambda: states(house)[NAMES[2]], NotificationState.opened)
    other = house.site.user(house.boss, "other")
    told(house, f"/v1/desk/customers/{house.customer_ids[5]}/transfer", {"to_user_id": other})
    to_list(window)
    gone = row(window.page, f"{NAMES[5]} moved on")
    expect(gone.get_by_role("link")).to_have_count(0)
    gone.get_by_role("button", name=re.compile("moved on")).first.click()
    becomes(lambda: NotificationState.opened in kinds(house)["unassigned"], wanted=True)
    expect(window.page.locator(".heard-done summary")).to_have_text("Done (1)")  # its cause is over: somebody else has it


def flow_what_is_done_on_one_phone_is_done_on_the_other(house: House, handset: NewHandset) -> None:
    """D-902: by the button, and by a swipe; the other phone's bell hears of it."""
    first, second = handset().signed_in(), handset(house.office).signed_in()
    expect(bell(second.page)).to_have_accessible_name(f"Notices, {len(NAMES)} unread")
    house.wire.cut()
    to_list(first)
    row(first.page, NAMES[2]).get_by_role("button", name="Done with: New customer: Quay Hardware").click()
    swipe(row(first.page, NAMES[5]))
    expect(first.page.locator(".heard-done summary")).to_have_text("Done (2)")
    expect(first.page.locator("h1")).to_have_text("Notices")
    house.wire.heal()
    first.network_is_back()
    expect(bell(second.page)).to_have_accessible_name(re.compile(r"^Notices(, [12] unread)?$"))
    to_list(second)
    expect(second.page.locator(".heard-done summary")).to_have_text("Done (2)")
    expect(row(second.page, NAMES[2])).not_to_be_visible()


def flow_a_notice_that_was_closed_by_mistake_is_opened_again(house: House, handset: NewHandset) -> None:
    """D-930: by the word at the foot of the screen while it stands; in the network too, and nothing of it is sent."""
    window = handset().signed_in()
    to_list(window)
    becomes(lambda: states(house)[NAMES[2]] >= NotificationState.delivered, wanted=True)
    row(window.page, NAMES[2]).get_by_role("button", name=re.compile("^Done with")).click()
    expect(window.page.locator(".heard-done summary")).to_have_text("Done (1)")
    undo = window.page.get_by_role("status").get_by_role("button", name="Undo")
    box = undo.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 44
    undo.click()
    expect(window.page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    expect(window.page.locator(".heard-done")).to_have_count(0)
    window.page.wait_for_timeout(4_500)  # longer than the word stood
    window.settled()
    assert states(house)[NAMES[2]] < NotificationState.done
    row(window.page, NAMES[2]).get_by_role("button", name=re.compile("^Done with")).click()
    becomes(lambda: states(house)[NAMES[2]], NotificationState.done)


def swipe(one: Locator) -> None:
    """A finger moves the row aside."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    assert box is not None
    fingers = one.page.context.new_cdp_session(one.page)
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    for kind, moved in (("touchStart", 0), *(("touchMove", 20 * at) for at in range(1, 9)), ("touchEnd", 0)):
        points = [] if kind == "touchEnd" else [{"x": x + moved, "y": y}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def flow_settings_are_entered_without_a_network_and_synced(house: House, handset: NewHandset) -> None:
    """D-905: made once, then changed; half a pair of quiet hours is not taken."""
    window = handset().signed_in()
    house.wire.cut()
    to_settings(window)
    save = window.page.get_by_role("button", name="Save")
    window.page.locator("label", has_text="My own").click()
    window.page.fill("[name=quiet_from]", "22:00")
    save.click()
    expect(window.page.locator(".trouble")).to_contain_text("Quiet hours need two different times.")
    window.page.fill("[name=quiet_until]", "07:00")
    for way in ("webpush", "fcm", "robot"):
        window.page.locator(f"[value='{way}:quotes']").uncheck()
    window.page.get_by_label("Customers: Group chat").uncheck()
    window.page.select_option("[name=time_zone]", "Europe/Paris")
    save.click()
    window.waits(1, offline=True)
    expect(window.page.locator("[name=quiet_from]")).to_have_value("22:00")
    house.wire.heal()
    window.network_is_back()
    window.settled()
    [one] = house.witness.get("/v1/records/user_settings").json()["items"]
    told = (one["quiet_from"], one["quiet_until"], one["time_zone"], one["listed"], one["muted"], one["language"])
    assert told == (1_320, 420, "Europe/Paris", ["quotes"], ["robot:customers"], "en")
    for way in ("webpush", "fcm", "robot"):
        window.page.locator(f"[value='{way}:quotes']").check()
    window.page.locator("label", has_text="中文").click()
    save_or_zh = window.page.locator("form button.primary")
    save_or_zh.click()
    expect(window.page.locator("h1")).to_have_text("设置")
    window.settled()
    [one] = house.witness.get("/v1/records/user_settings").json()["items"]
    assert (one["listed"], one["muted"], one["language"], one["quiet_from"]) == ([], ["robot:customers"], "zh", 1_320)


def flow_push_is_offered_at_the_first_useful_moment_and_not_before(house: House, handset: NewHandset) -> None:
    """P-810, P-812: in the app's own words first, "later" counts, a sign-out withdraws it."""
    phone = handset(house.office)
    knows_push(phone.context, "default")
    window = phone.signed_in()
    page, offer = window.page, window.page.get_by_role("region", name="Hear of it on the locked screen?")
    to_list(window)
    expect(page.locator("main .heard").first).to_be_visible()
    expect(offer).to_have_count(0)
    row(page, NAMES[2]).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(NAMES[2])
    window.place("today")
    expect(offer).to_be_visible()
    assert page.evaluate("told.questions") == 0, "the browser asks nobody before the person said yes"
    offer.get_by_role("button", name="Later").click()
    expect(offer).to_have_count(0)
    to_settings(window)
    with page.expect_response(is_target) as answer:
        page.get_by_role("button", name="Switch push on").click()
    assert answer.value.status == 200, answer.value.text()
    expect(page.locator(".push-state [role=status]")).to_have_text("On. You hear of it while the app is closed too.")
    assert page.evaluate("[told.questions, told.subscribed]") == [1, 1]
    with page.expect_response(is_target) as again:
        page.reload()
    assert again.value.status == 200
    window.place("me")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("form [name=account]")).to_be_visible()
    assert page.evaluate("told.withdrawn") == 1


def is_target(answer: Response) -> bool:
    return answer.url.endswith(TARGET) and answer.request.method == "PUT"


@pytest.mark.parametrize("permission", ["denied", "default"])
def flow_a_person_who_forbids_pushes_reads_how_to_allow_them(house: House, handset: NewHandset, permission: str) -> None:
    """Forbidden before, or at the browser's question; the list works all the same."""
    phone = handset(house.office)
    knows_push(phone.context, permission, "denied")
    window = phone.signed_in()
    to_settings(window)
    if permission == "default":
        window.page.get_by_role("button", name="Switch push on").click()
    state = window.page.locator(".push-state")
    expect(state).to_contain_text("The browser forbids notices of this site. The list works all the same.")
    expect(state).to_contain_text("To allow them:")
    expect(state.get_by_role("button")).to_have_count(0)
    window.place("me")
    window.page.locator("main").get_by_role("link", name=re.compile(r"^Notices")).click()
    expect(window.page.locator("main .heard").first).to_be_visible()


def flow_a_manager_has_the_bell_and_the_list_at_the_desk(house: House, handset: NewHandset) -> None:
    """D-901: of the manager's own notices alone; a kind that is newer than the app is a sentence and no code (D-930)."""
    department = told(house, "/v1/desk/departments", {"name": "East"})["id"]
    manager = house.site.user(house.boss, "mia", Role.manager, department_id=department)
    body = {"id": str(uuid.uuid4()), "owner_id": manager, "values": {"name": "Harbour Books", "city": "上海"}}
    told(house, "/v1/desk/customers", body)
    desk = Desk(handset(house.office, **WIDE, **LONDON), "mia")
    expect(bell(desk.page)).to_have_accessible_name("Notices, 1 unread")
    bell(desk.page).click()
    expect(desk.page.locator("main .heard")).to_have_count(1)
    row(desk.page, "Harbour Books").get_by_role("link").click()
    expect(desk.page).to_have_url(re.compile(r"/desk/customers/[0-9a-f-]{36}$"))
    expect(bell(desk.page)).to_have_accessible_name("Notices")
    bell(desk.page).click()
    desk.page.get_by_role("link", name="Notice settings").click()
    expect(desk.page.get_by_label("Time zone")).to_be_visible()
