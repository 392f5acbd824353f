"""Every screen of both apps as a picture, in two languages and two sizes, with the faults that axe finds on it.

By hand: `.venv/bin/python -m tests.browser.pictures FOLDER [part of a picture's name]`. The data are those of the demo's day.
A phone's pictures in English are dark. A picture is as high as its screen, also below what a window of that size shows at once.
"""

import json
import sys
from itertools import product
from pathlib import Path
from typing import Any, Final

import click
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium, screens

SIZES: Final = {"phone": (390, 844), "wide": (1280, 800)}
LANGUAGES: Final = ("zh", "en")
HIGHEST: Final = 2_400
NEEDED: Final = """() => {
  const sheet = document.querySelector("dialog[open]");
  return Math.ceil(sheet === null ? document.documentElement.scrollHeight : sheet.scrollHeight / 0.89);
}"""


def take(browser: Browser, url: str, passwords: dict[str, str], folder: Path, wanted: str) -> list[dict[str, Any]]:
    """Draw every screen in each language and size; the faults."""
    found: list[dict[str, Any]] = []
    for person, language, (size, pixels) in product(screens.PEOPLE, LANGUAGES, SIZES.items()):
        dark = (language, size) == ("en", "phone")
        context = screens.profile(browser, language, pixels, color_scheme="dark" if dark else "light")
        page = context.new_page()
        for screen in screens.walk(page, url, person, passwords[person.login]):
            picture = f"{person.app}-{person.login}-{screen}-{language}-{size}.png"
            if wanted in picture:
                draw(page, folder / picture)
                found += [{"picture": picture, **fault} for fault in screens.faults(page)]
        context.close()
        click.echo(f"{person.app} of {person.login}, {language}, {size}: done")
    return found


def draw(page: Page, file: Path) -> None:
    """Write one picture. A window that is too low for the screen grows, so that nothing hides below its edge."""
    size = page.viewport_size
    assert size is not None
    page.evaluate("scrollTo(0, 0)")
    needed = min(page.evaluate(NEEDED), HIGHEST)
    if needed > size["height"]:
        page.set_viewport_size({"width": size["width"], "height": needed})
        page.wait_for_timeout(100)
    page.screenshot(path=file)
    page.set_viewport_size(size)


def main(arguments: list[str]) -> int:
    """Draw all, print the faults as JSON lines."""
    folder, wanted = Path(arguments[0]).resolve(), arguments[1] if len(arguments) > 1 else ""
    folder.mkdir(parents=True, exist_ok=True)
    browser_found = chromium.find()
    with screens.played() as (url, passwords), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_found.path, args=list(chromium.ARGUMENTS), env=browser_found.environment)
        found = take(browser, url, dict(passwords), folder, wanted)
        browser.close()
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False))
    click.echo(json.dumps({"pictures": len(list(folder.glob("*.png"))), "serious_faults": len(found)}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
