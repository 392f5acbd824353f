"""One rep's phone: a browser profile in which the app is opened, what a person does in it, and what the person sees."""

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.house import NAMES, House
from tests.browser.witness import Witness

PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",
}
UNREACHED: Final = re.compile(r"Failed to load resource: net::ERR_\w+$")
REFUSED: Final = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
PATIENCE_MS: Final = 15_000
STORED: Final = """async () => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const ofUsers = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith("outrider-app "));
  const database = await asked(indexedDB.open(ofUsers[0] ?? "outrider-app"));
  const stores = [...database.objectStoreNames];
  const keys = await Promise.all(stores.map((store) => asked(database.transaction(store).objectStore(store).getAllKeys())));
  database.close();
  const counted = Object.fromEntries(stores.map((store, at) => [store, keys[at].length]));
  return { ...counted, cards: keys[stores.indexOf("chunk")].filter((chunk) => Math.floor(chunk / 64) === 11).length };
}"""
expect.set_options(timeout=PATIENCE_MS)


class NewHandset(Protocol):
    """Makes a phone, at a server of its own if one is named; `options` are those of a browser profile."""

    def __call__(self, server: str | None = None, **options: Any) -> "Handset": ...


class Handset:
    """The app in one profile. Whatever its console says that no bad network explains is kept in `complaints`."""

    def __init__(self, context: BrowserContext, house: House, witness: Witness, server: str | None = None) -> None:
        self.context = context
        self.house = house
        self.app = f"{server or house.outdoors}/app/"
        self.complaints: list[str] = []
        self.refusals: set[int] = set()
        """HTTP statuses that the flow expects: the browser tells each in the console."""
        witness.watch(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def open(self, path: str = "") -> "Window":
        """Open the app in a new window."""
        page = self.context.new_page()
        page.goto(f"{self.app}{path}")
        return Window(page, self.house)

    def signed_in(self) -> "Window":
        """Open the app, sign in, and wait for the end of the first sync."""
        window = self.open()
        window.sign_in()
        window.settled()
        return window

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        path = urlsplit(message.location["url"]).path
        refused = REFUSED.match(message.text)
        if UNREACHED.match(message.text) and (path.startswith("/v1/") or path == "/app/sw.js"):
            return
        if refused is not None and int(refused.group(1)) in self.refusals:
            return
        self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


class Window:
    """One window of the app, in English unless the flow chose otherwise."""

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        self.house = house

    @property
    def mark(self) -> Locator:
        """The corner that tells how the phone stands."""
        return self.page.locator(".mark")

    @property
    def rows(self) -> Locator:
        """The customers in the list that are near the screen."""
        return self.page.locator(".long a.row")

    def sign_in(self, more: Mapping[str, str] | None = None) -> None:
        """Fill in the form and send it."""
        for name, value in {**self.house.credentials, **(more or {})}.items():
            self.page.fill(f"[name={name}]", value)
        self.page.click("form button.primary")

    def can_start_alone(self) -> None:
        """Wait until the app is on the phone, so that it starts without a network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")

    def settled(self) -> None:
        """Wait until nothing waits and the server was heard."""
        expect(self.mark).to_have_class(re.compile(r"\bcalm\b"))
        expect(self.mark).to_have_attribute("data-syncing", "false")

    def context_allows_position(self) -> None:
        """Let the app know where the phone is, as a person does when the browser asks."""
        self.page.context.grant_permissions(["geolocation"])

    def network_is_back(self) -> None:
        """Tell the app what a phone's system tells when it finds a network: the app asks at once, and not after its own pause."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def waits(self, count: int, *, offline: bool) -> None:
        """Wait until the corner tells that so many entries wait, and whether there is a network."""
        expect(self.mark).to_have_class(re.compile(r"\boff\b" if offline else r"\bwait\b"))
        expect(self.mark).to_contain_text(re.compile(rf"\b{count} "))

    def place(self, name: str) -> None:
        """Go to a place of the bar."""
        self.page.click(f"nav.tabs a[href$='/{name}']")

    def list(self) -> None:
        """Go to the list of customers."""
        self.place("customers")
        expect(self.rows).to_have_count(len(NAMES))

    def show(self, at: int = 0) -> None:
        """Go to one customer through the list."""
        self.list()
        self.rows.filter(has_text=NAMES[at]).click()
        expect(self.page.locator("h1")).to_have_text(NAMES[at])

    def edit_phone(self, number: str) -> None:
        """Give the customer on the screen another telephone number; the screen shows it."""
        self.page.get_by_role("button", name="Edit Phone").click()
        self.page.fill("dialog [name=phone]", number)
        self.page.click("dialog button.primary")
        self.shows_phone(number)

    def shows_phone(self, number: str) -> None:
        """Wait until the customer on the screen has this number."""
        expect(self.page.get_by_role("button", name="Edit Phone").locator(".value")).to_have_text(number)

    def version(self) -> str:
        """Go to the rep's own screen and read the version of the app there."""
        self.place("me")
        return self.page.locator("dl.facts div", has_text="Version").locator("dd").inner_text()

    def stored(self) -> dict[str, int]:
        """How many things the browser keeps of the phone: by store, and the cards among its rows."""
        counted: dict[str, int] = self.page.evaluate(STORED)
        return counted
