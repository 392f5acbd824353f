"""What the flows begin with: one browser for all of them, and for each a server with a small organisation behind a bad network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from mobile_api.routes import apps
from tests.browser import chromium, web
from tests.browser.chromium import Chromium, ChromiumMissingError
from tests.browser.desk import LONDON, WIDE
from tests.browser.handset import PHONE, Handset, NewHandset
from tests.browser.house import House
from tests.browser.house import house as opened
from tests.browser.office import Office, office
from tests.browser.witness import Witness


@pytest.fixture(scope="session")
def found_chromium() -> Chromium:
    """Find the browser, or fail with the sentence that says how to get one."""
    try:
        return chromium.find()
    except ChromiumMissingError as error:
        sentence = str(error)
    pytest.fail(sentence, pytrace=False)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Start the driver. It runs an event loop in this thread, so it ends with this folder: other tests have loops of their own."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright, found_chromium: Chromium) -> Iterator[Browser]:
    """Start the one browser of this process."""
    environment = found_chromium.environment
    started = playwright.chromium.launch(executable_path=found_chromium.path, args=list(chromium.ARGUMENTS), env=environment)
    yield started
    started.close()


@pytest.fixture
def house(migrated_url: str) -> Iterator[House]:
    """Open a small house on each chosen database."""
    with opened(migrated_url) as made:
        yield made


@pytest.fixture
def witness(request: pytest.FixtureRequest) -> Iterator[Witness]:
    """Watch what a flow opens and asks for. No app asks a foreign host for anything; the proof counts the screens."""
    made = Witness()
    yield made
    request.node.user_properties.extend((("screens", sorted(made.screens)), ("foreign", made.foreign)))
    assert made.foreign == []


@pytest.fixture
def complaints(request: pytest.FixtureRequest, witness: Witness) -> Iterator[list[Handset]]:
    """Collect the phones of a flow. At its end the console of each must have been quiet: the strict policy broke nothing."""
    made: list[Handset] = []
    yield made
    said = [one.complaints for one in made]
    request.node.user_properties.append(("console", [line for each in said for line in each]))
    assert said == [[] for _ in made]


@pytest.fixture
def handset(browser: Browser, house: House, complaints: list[Handset], witness: Witness) -> Iterator[NewHandset]:
    """Give new phones, each a profile of its own; without a server named they go through the bad network."""

    def another(server: str | None = None, **options: Any) -> Handset:
        complaints.append(Handset(browser.new_context(**{**PHONE, **options}), house, witness, server))
        return complaints[-1]

    yield another
    for one in complaints:
        one.context.close()


@pytest.fixture(scope="package")
def next_edition(tmp_path_factory: pytest.TempPathFactory) -> dict[str, apps.File]:
    """Build another version of the rep's app."""
    folder = tmp_path_factory.mktemp("edition")
    web.edition("next", folder)
    return apps.read_files(folder / "app")


@pytest.fixture
def manned(migrated_url: str, tmp_path: Path) -> Iterator[Office]:
    """Open an office with a manager and three reps on each chosen database."""
    with office(migrated_url, tmp_path) as made:
        yield made


@pytest.fixture
def zone() -> dict[str, Any]:
    """Where the manager's browser is; flows about days of the organisation's calendar are where the organisation is."""
    return LONDON


@pytest.fixture
def profile(browser: Browser, manned: Office, complaints: list[Handset], witness: Witness, zone: dict[str, Any]) -> Iterator[Handset]:
    """Give the manager's browser at a wide screen; its console stays empty."""
    options = {**PHONE, **WIDE, **zone}
    made = Handset(browser.new_context(**options), cast(House, manned), witness, manned.url)  # of a house it asks only where it is
    complaints.append(made)
    yield made
    made.context.close()
