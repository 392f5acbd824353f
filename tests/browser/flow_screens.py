"""Every screen and sheet of both apps, for each person in each language: a quiet console, nothing that axe calls serious, no raw code."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser import screens, texts
from tests.browser.screens import Person
from tests.browser.witness import Witness

SAID: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const said = [document.title];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (holder.checkVisibility() && holder.closest("script, style, svg title") === null) said.push(walker.currentNode.data);
  }
  for (const one of document.querySelectorAll("[aria-label], [placeholder], [title]"))
    for (const name of ["aria-label", "placeholder", "title"]) said.push(one.getAttribute(name) ?? "");
  return [...new Set(said.map((text) => text.trim()).filter(Boolean))];
}"""
PHONE: Final = (390, 844)
WIDE: Final = (1280, 800)
NARROW: Final = 360
ERASURES: Final = "people-erasures"
"""Nothing but the id is left of an erased person: there it is no raw code."""
OVERFLOW: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL: Final = """() => [...document.querySelectorAll("button, select, input, summary, a[href]")].filter((one) => {
  const { width, height } = one.getBoundingClientRect();
  const inLine = one.tagName === "A" && getComputedStyle(one).display === "inline";
  const tick = one.closest("label") !== null;
  return width > 0 && height > 0 && height < 43.5 && !inLine && !tick && one.checkVisibility({ opacityProperty: true });
}).map((one) => `${one.tagName.toLowerCase()}.${one.className} ${one.getAttribute("aria-label") ?? one.textContent.slice(0, 30)}`)"""
REACHED: Final = {
    screens.REP: "signin today customers customers-new customers-one visits-one logs-one quotes quotes-one map pool pool-used inbox "
    "outbox notes instructions instructions-one late me notices settings",
    screens.LEADER: "signin board decisions customers customers-used customers-used-2 customers-row customers-one days days-one "
    "instructions instructions-row notes duplicates pools pools-reclaim pools-reclaim-row me notices settings",
    screens.CHIEF: "signin board people people-row people-row-0 people-devices people-departments people-delivery catalogue "
    "catalogue-books catalogue-prices catalogue-fields catalogue-organisation imports imports-used duplicates contests pools pools-reclaim "
    "pools-reclaim-row pools-reclaim-new pools-reclaim-new-used pools-tiers pools-tiers-new pools-tiers-new-used me notices settings",
}
"""No walk may miss these."""
Day = tuple[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """Play the demo's day once for all of them."""
    with screens.played() as told:
        yield told


@pytest.mark.parametrize(("person", "language"), [*product(screens.PEOPLE, ("zh", "en"))], ids=lambda one: getattr(one, "login", one))
def flow_every_screen_can_be_read_by_everybody(day: Day, browser: Browser, witness: Witness, person: Person, language: str) -> None:
    url, passwords = day
    context = screens.profile(browser, language, PHONE if person is screens.REP else WIDE)
    witness.watch(context)
    heard: list[str] = []
    context.on("console", lambda message: hear(heard, message))
    context.on("weberror", lambda error: heard.append(f"the page: {error.error}"))
    page, found = context.new_page(), list[str]()
    names = list[str]()
    for screen in screens.walk(page, url, person, passwords[person.login]):
        names.append(screen)
        told = (one for one in look(page, person, language) if not (screen == ERASURES and one.startswith("an id")))
        found += [f"{screen}: {one}" for one in (*told, *heard)]
        heard.clear()
    context.close()
    assert set(REACHED[person].split()) - set(names) == set()
    assert found == [], "\n".join(["", *found])


def hear(heard: list[str], message: ConsoleMessage) -> None:
    """The console must be quiet."""
    if message.type in ("error", "warning"):
        heard.append(f"the console: {message.text} ({message.location['url']})")


def look(page: Page, person: Person, language: str) -> Iterator[str]:
    """The faults of what stands in the window."""
    for fault in screens.faults(page):
        yield f"axe: {fault['help']} ({fault['id']}) at {', '.join(fault['where'])}"
    yield from texts.faults(page.evaluate(SAID), language)
    if person is screens.REP:
        yield from (f"smaller than a finger: {one}" for one in page.evaluate(SMALL))
        page.set_viewport_size({"width": NARROW, "height": PHONE[1]})
        if page.evaluate(OVERFLOW) > 0:
            yield f"wider than a window of {NARROW} px"
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
