"""A push: the words are the worker's, and name no customer; one tag is one notice; a touch leads into the app, and nowhere else."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Page, Worker, expect

from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

SCREEN: Final = """() => {
  const shown = new Map();
  const close = (tag) => () => shown.delete(tag);
  self.registration.showNotification = async (title, { tag, body = "", ...rest }) => {
    shown.set(tag, { title, tag, body, ...rest, close: close(tag) });
  };
  self.registration.getNotifications = async () => [...shown.values()];
}"""
"""The shell of Chromium that npm carries has no screen for notices, whatever is granted: this is one, by the words of the standard."""
SHOWN: Final = """self.registration.getNotifications()
  .then((all) => all.map(({ title, tag, body, lang, data }) => ({ title, tag, body, lang, data })))"""
TOUCH: Final = """async (wanted) => {
  const notification = (await self.registration.getNotifications()).find(({ tag }) => tag === wanted);
  let done;
  self.dispatchEvent(Object.assign(new Event("notificationclick"), { notification, waitUntil: (promise) => (done = promise) }));
  await done;
}"""
OPENED: Final = (
    "self.opened = []; Object.defineProperty(self.clients, 'openWindow', { value: async (url) => (self.opened.push(url), null) })"
)


class Pushed:
    """The service worker of a window, to which a push service brings something."""

    def __init__(self, window: Window) -> None:
        self.page: Page = window.page
        window.can_start_alone()
        origin = self.page.evaluate("location.origin")
        self.page.context.grant_permissions(["notifications"], origin=origin)
        self.origin = str(origin)
        self.session: CDPSession = self.page.context.new_cdp_session(self.page)
        self.ids: list[str] = []
        self.session.on("ServiceWorker.workerRegistrationUpdated", self._hear)
        self.session.send("ServiceWorker.enable")
        while not self.ids:
            self.page.wait_for_timeout(50)
        if self.worker.evaluate("Notification.permission") != "granted":
            self.worker.evaluate(SCREEN)

    def _hear(self, told: Mapping[str, Any]) -> None:
        self.ids += [one["registrationId"] for one in told["registrations"] if not one["isDeleted"] and self.origin in one["scopeURL"]]

    @property
    def worker(self) -> Worker:
        """The worker itself."""
        return self.page.context.service_workers[0]

    def push(self, payload: object) -> None:
        """Bring a payload, as JSON unless it is a text already."""
        data = payload if isinstance(payload, str) else json.dumps(payload)
        asked = {"origin": self.origin, "registrationId": self.ids[-1], "data": data}
        self.session.send("ServiceWorker.deliverPushMessage", asked)

    def shown(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many notices are on the screen."""
        found: list[dict[str, Any]] = []
        for _ in range(100):
            found = self.worker.evaluate(SHOWN)
            if len(found) == count:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(found)

    def says(self, tag: str, title: str) -> dict[str, Any]:
        """Wait until the notice of a tag says this."""
        found: list[dict[str, Any]] = []
        for _ in range(100):
            found = [one for one in self.worker.evaluate(SHOWN) if one["tag"] == tag]
            if [one["title"] for one in found] == [title]:
                return found[0]
            self.page.wait_for_timeout(50)
        raise AssertionError(found)

    def touch(self, tag: str) -> None:
        """Touch a notice, as a person does."""
        self.worker.evaluate(TOUCH, tag)


LINES: Final = {"en-GB": ("A quote of yours was approved", "There is news"), "zh-CN": ("你有一份报价已批准", "有新消息")}


@pytest.mark.parametrize("locale", LINES)
def flow_a_notice_speaks_the_readers_language_and_names_nobody(house: House, handset: NewHandset, locale: str) -> None:
    window = handset(house.office, locale=locale).signed_in()
    pushed = Pushed(window)
    pushed.push({"kind": "quote_approved", "tag": "quote 7", "title": NAMES[0], "body": NAMES[0]})
    [notice] = pushed.shown(1)
    assert (notice["title"], notice["tag"], notice["body"]) == (LINES[locale][0], "quote 7", "")
    assert notice["lang"].startswith(locale[:2])
    pushed.push({"kind": "digest", "tag": "digest", "count": "3"})
    pushed.says("digest", {"en-GB": "3 notices wait for you", "zh-CN": "你有 3 条新提醒"}[locale])
    window.place("me")
    other = {"en-GB": "zh-CN", "zh-CN": "en-GB"}[locale]
    window.page.get_by_role("button", name={"en-GB": "English", "zh-CN": "中文"}[other]).click()
    window.page.wait_for_timeout(300)  # the choice is on its way to the worker
    pushed.push({"kind": "quote_approved", "tag": "quote 8"})
    pushed.says("quote 8", LINES[other][0])


def flow_whatever_is_not_understood_is_still_news(house: House, handset: NewHandset) -> None:
    pushed = Pushed(handset(house.office).signed_in())
    broken = ("", "{", "[]", "null", "7", {"kind": 7, "tag": {}, "to": []}, {"kind": "constructor"}, {"kind": "of_tomorrow"})
    for at, payload in enumerate(broken):
        pushed.push({"kind": "assigned", "tag": "news", "to": f"customers/{at}"})
        pushed.says("news", "A new customer for you")
        pushed.push(payload)
        assert pushed.says("news", "There is news")["data"] == "", payload
        assert len(pushed.shown(1)) == 1


def flow_the_later_notice_of_one_tag_replaces_the_earlier(house: House, handset: NewHandset) -> None:
    pushed = Pushed(handset(house.office).signed_in())
    pushed.push({"kind": "instructed", "tag": "one"})
    pushed.shown(1)
    pushed.push({"kind": "parked", "tag": "two"})
    pushed.shown(2)
    pushed.push({"kind": "instruction_done", "tag": "one"})
    pushed.page.wait_for_timeout(300)
    told = {one["tag"]: one["title"] for one in pushed.shown(2)}
    assert told == {"one": "An instruction was carried out", "two": "Your decision is needed"}


def flow_a_push_lets_the_app_sync(house: House, handset: NewHandset) -> None:
    """A window that does not hear hints and does not ask by itself: the push alone lets it ask."""
    window = handset(house.office).signed_in()
    pushed = Pushed(window)
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/v1/sync") else None)
    window.page.wait_for_timeout(500)
    before = len(asked)
    pushed.push({"kind": "assigned", "tag": "one"})
    for _ in range(100):
        if len(asked) > before:
            break
        window.page.wait_for_timeout(50)
    assert len(asked) > before


def flow_a_touch_leads_to_the_place_within_the_app(house: House, handset: NewHandset) -> None:
    window = handset(house.office).signed_in()
    pushed = Pushed(window)
    heading = window.page.locator("h1")
    pushed.push({"kind": "assigned", "tag": "in", "to": f"customers/{house.customer_ids[1]}"})
    pushed.shown(1)
    pushed.touch("in")
    expect(heading).to_have_text(NAMES[1])
    pushed.shown(0)
    for outside in ("https://elsewhere.example/", "//elsewhere.example/", "/desk/", "../desk/", "javascript:alert(1)", "https://"):
        pushed.push({"kind": "assigned", "tag": "out", "to": outside})
        [notice] = pushed.shown(1)
        assert notice["data"] == "", outside
        pushed.touch("out")
        pushed.shown(0)
    window.show(2)
    window.page.get_by_role("button", name="Edit Phone").click()
    window.page.fill("dialog [name=phone]", "021-7")
    pushed.push({"kind": "assigned", "tag": "in", "to": "me"})
    pushed.shown(1)
    pushed.touch("in")
    expect(window.page.get_by_text("There is news")).to_be_visible()
    expect(window.page.locator("dialog [name=phone]")).to_have_value("021-7")


def flow_a_touch_opens_the_app_where_no_window_is_open(house: House, handset: NewHandset) -> None:
    """A browser opens a window for a person's touch alone, so the flow asks what the worker wanted."""
    window = handset(house.office).signed_in()
    pushed = Pushed(window)
    worker = pushed.worker
    worker.evaluate(OPENED)
    pushed.push({"kind": "assigned", "tag": "in", "to": "inbox"})
    pushed.shown(1)
    app = window.page.evaluate("location.origin + '/app/'")
    window.page.goto(f"{pushed.origin}/health")
    pushed.touch("in")
    for _ in range(100):
        if worker.evaluate("self.opened.length"):
            break
        window.page.wait_for_timeout(50)
    assert worker.evaluate("self.opened") == [f"{app}inbox"]
