"""Every screen of both apps on the demo's day, by its links and its sheets: the pictures and the proof of the screens walk here."""

import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from mobile_api.phone.day import demo
from mobile_api.phone.day.day_clock import simulated
from mobile_api.phone.day.people import ADMIN, MANAGER, ORGANISATION, TRIED
from server import settings
from tests.browser import furnished
from tests.browser.web import FOLDER as WEB

HERE: Final[Any] = {"latitude": furnished.NEAR_E6[0] / 1e6, "longitude": furnished.NEAR_E6[1] / 1e6}
AXE: Final = WEB / "node_modules" / "axe-core" / "axe.min.js"
ASK_AXE: Final = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const where = (nodes) => nodes.slice(0, 3).map((one) => one.target.join(" "));
  return found.violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, where: where(nodes) }));
}"""
SERIOUS: Final = ("serious", "critical")
LINKS: Final = "nav.tabs a, nav.parts a, header a, main a"
FOLLOW: Final = """(href) => {
  const link = Object.assign(document.createElement("a"), { href });
  document.body.append(link);
  link.click();
  link.remove();
}"""
OPENERS: Final = "main [aria-haspopup=dialog], header [aria-haspopup=dialog]"
DIALOG: Final = "dialog[open]"
FURTHER: Final = f"{DIALOG} [aria-haspopup=dialog]"
ROWS: Final = "main tbody th button"
TICK: Final = "main tbody input[type=checkbox]"
STATES: Final = "main select:has(option[value=archived])"
IMPORTED: Final = "external_id,name,owner,city\n"
ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ALIKE_MOST: Final = {"quotes-one": 4, "visits-one": 2}
"""How many screens of one shape are visited: those of quotes differ by the state of the quote."""
LOOKED_BACK_DAYS: Final = 14
PATIENCE_MS: Final = 15_000


class Person(NamedTuple):
    """A person at one of the apps."""

    app: str
    login: str


REP: Final = Person("app", TRIED)
LEADER: Final = Person("desk", MANAGER.login)
CHIEF: Final = Person("desk", ADMIN)
PEOPLE: Final = (REP, LEADER, CHIEF)


def ask_around(page: Page) -> None:
    """Fetch the pool around the rep."""
    page.locator("main button.wide").last.click()
    page.locator(".long li").first.wait_for()


def archive(page: Page) -> None:
    """See the archived customers in place of the others, as far as the person may."""
    if page.locator(STATES).count() > 0:
        page.locator(STATES).first.select_option("archived")
        at_rest(page)


def choose(page: Page) -> None:
    """Choose the first row of the table: what can be done with many appears."""
    if page.locator(STATES).count() > 0:
        page.locator(STATES).first.select_option(index=0)
        at_rest(page)
    if page.locator(TICK).count() > 0:  # an admin leads no reps
        page.locator(TICK).first.check(force=True)


def open_stop(page: Page) -> None:
    """Open the first stop of the route: what can be done with it appears."""
    page.locator("ol.way .head").first.click()


def try_import(page: Page) -> None:
    """Give a file with one row that is right and one that is not; it is only tried."""
    rows = f"{IMPORTED}N-1,新店,li.qiang,苏州\nN-2,,nobody,苏州\n"
    page.set_input_files("main input[type=file]", {"name": "rows.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.locator("main .counts").wait_for()


def preview(page: Page) -> None:
    """See who would fall under the draft."""
    page.locator(".reclaim-form button.primary").click()
    page.locator(".reclaim-activate").wait_for()


def look_back(page: Page) -> None:
    """Go back to the last day on which the rep visited anybody."""
    for _ in range(LOOKED_BACK_DAYS):
        if page.locator("main .empty").count() == 0:
            return
        page.locator("main .selects button").first.click()
        at_rest(page)


def agree(page: Page) -> None:
    """Answer the first check-in's question: the sheet shows the position."""
    page.locator("main .actions .main").click()
    page.locator(DIALOG).wait_for()
    if page.locator(f"{DIALOG} .consent").count() > 0:  # once: the next language finds the answer
        page.locator(f"{DIALOG} .consent button").first.click()
        page.locator(f"{DIALOG} .consent").wait_for(state="detached")


ACTS: Final[Mapping[tuple[str, str], tuple[Callable[[Page], None], ...]]] = {
    ("app", "pool"): (ask_around,),
    ("app", "route"): (open_stop,),
    ("app", "customers-one"): (agree,),
    ("desk", "customers"): (archive, choose),
    ("desk", "days-one"): (look_back,),
    ("desk", "imports"): (try_import,),
    ("desk", "pools-reclaim-new"): (preview,),
    ("desk", "pools-tiers-new"): (preview,),
}
"""What a person does on a screen that shows more only then, one after the other."""


@contextmanager
def played() -> Iterator[tuple[str, Mapping[str, str]]]:
    """A server on which the demo's day was played: its address, and the passwords by account."""
    with tempfile.TemporaryDirectory(prefix="outrider-screens-") as folder:
        with chdir(folder):
            own = {"DATABASE_URL": f"sqlite:///{folder}/demo.db", "PORT": str(free_port())}
            where = demo.place(os.environ | {settings.PREFIX + name: value for name, value in own.items()})
        with simulated() as clock:
            with ThreadPoolExecutor(1) as apart:  # Playwright keeps a loop running in the thread of the flows
                told = apart.submit(demo.prepare, where, clock).result()
            with demo.serving(where, clock=clock) as house:
                demo.play(house, told, clock)
                clock.catch_up()
                furnished.fill(house.url, told.passwords, Path(folder))
                yield house.url, told.passwords


def free_port() -> int:
    """A port that the system has just found free: demos beside this one begin elsewhere."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def profile(browser: Browser, language: str, size: tuple[int, int], **more: Any) -> BrowserContext:
    """A fresh profile of a browser in this language and size; it may know where it is."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        geolocation=HERE,
        permissions=["geolocation"],
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def walk(page: Page, url: str, person: Person, password: str) -> Iterator[str]:
    """Sign in, follow each link to a screen of a new shape, open its sheets: the names of what stands in the window."""
    page.goto(f"{url}/{person.app}/")
    page.locator("form button.primary").wait_for()
    yield "signin"
    for name, value in (("organisation", ORGANISATION), ("account", person.login), ("password", password)):
        page.fill(f"[name={name}]", value)
    page.click("form button.primary")
    page.locator("nav.tabs").wait_for()
    at_rest(page)
    base = f"/{person.app}/"
    waiting, met = links(page, base), dict[str, int]()
    for path in waiting:  # it grows while it is walked
        name = shape(path)
        if met.get(name, 0) >= ALIKE_MOST.get(name, 1):
            continue
        met[name] = met.get(name, 0) + 1
        name += f"-{met[name]}" if met[name] > 1 else ""
        go(page, base + path)
        yield name
        for turn, act in enumerate(ACTS.get((person.app, name), ())):
            act(page)
            yield f"{name}-used" + (f"-{turn + 1}" if turn > 0 else "")
            if page.locator(DIALOG).count() > 0:
                shut(page, base + path)
        waiting += [one for one in links(page, base) if one not in waiting]
        if page.locator(DIALOG).count() > 0:  # the address itself opens a sheet: the screen behind it is walked on its own
            continue
        for at in sheets(page, base + path):
            yield f"{name}-sheet-{at}"
        if page.locator(ROWS).count() > 0:
            led = open_row(page, base + path)
            waiting += [] if led is None or led in waiting else [led]
            if led is None:
                yield f"{name}-row"
                yield from (f"{name}-row-{deeper}" for deeper in further(page))
                shut(page, base + path)


def shape(path: str) -> str:
    """The name of a screen: its address, where every record is like another one."""
    return ID.sub("one", path).replace("/", "-") or "first"


def links(page: Page, base: str) -> list[str]:
    """Addresses below the app's own, in the order of the page."""
    found = page.eval_on_selector_all(LINKS, "(all) => all.map((one) => one.getAttribute('href')).filter(Boolean)")
    return list(dict.fromkeys(one.removeprefix(base) for one in found if one.startswith(base)))


def go(page: Page, address: str) -> None:
    """As by a touch on a link, without loading the app again."""
    page.evaluate(FOLLOW, address)
    at_rest(page)


def at_rest(page: Page) -> None:
    """Wait until the screen stands and what it asked for is there."""
    page.locator(".mark.calm").first.wait_for()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_timeout(150)


def sheets(page: Page, address: str) -> Iterator[str]:
    """Open the sheet of each button that opens one, and those that lead on from there; of buttons alike, as in a list, the first."""
    seen = set[str]()
    for at in range(page.locator(OPENERS).count()):
        opener = page.locator(OPENERS).nth(at)
        if not opener.is_visible() or opener.is_disabled() or kind(opener) in seen:
            continue
        seen.add(kind(opener))
        open_sheet(page, opener)
        yield str(at)
        for deeper in range(page.locator(FURTHER).count()):
            open_sheet(page, page.locator(FURTHER).nth(deeper))
            yield f"{at}-{deeper}"
            shut(page, address)
            open_sheet(page, opener)
        shut(page, address)


def further(page: Page) -> Iterator[int]:
    """The sheet of a row leads on to others: open each, coming back through the row."""
    for at in range(page.locator(FURTHER).count()):
        open_sheet(page, page.locator(FURTHER).nth(at))
        yield at
        while page.locator(DIALOG).count() > 0:
            page.keyboard.press("Escape")
            page.wait_for_timeout(50)
        open_sheet(page, page.locator(ROWS).first)


def open_row(page: Page, address: str) -> str | None:
    """Open the first row of a table; the address to which it led, or nothing when it opened something here."""
    page.locator(ROWS).first.click()
    at_rest(page)
    return None if page.url.endswith(address) else page.url.split(address.split("/")[1] + "/", 1)[1]


def open_sheet(page: Page, opener: Locator) -> None:
    """Touch the button, and wait for what it opens."""
    opener.click()
    page.locator(DIALOG).first.wait_for()
    at_rest(page)


def shut(page: Page, address: str) -> None:
    """Close whatever lies above the screen."""
    while page.locator(DIALOG).count() > 0:
        page.keyboard.press("Escape")
        page.wait_for_timeout(50)
    if not page.url.endswith(address):
        go(page, address)


def kind(opener: Locator) -> str:
    """Buttons are alike that stand in alike places of a list; elsewhere each is one of its own."""
    path: str = opener.evaluate(
        """(one) => {
          const way = [one.closest("li, tr, article, .list") === null ? one.textContent : ""];
          for (let at = one; at !== null && at.tagName !== "MAIN"; at = at.parentElement)
            way.push(at.tagName === "SECTION" ? at.textContent.slice(0, 12) : at.tagName + at.className);
          return way.join("<");
        }"""
    )
    return path


def faults(page: Page) -> list[Mapping[str, Any]]:
    """What axe finds serious in the window."""
    page.evaluate(AXE.read_text("utf-8"))
    return [one for one in page.evaluate(ASK_AXE) if one["impact"] in SERIOUS]
