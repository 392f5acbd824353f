"""The browser's own storage under a phone's memory: all of an operation is kept, or nothing of it, whatever the browser does."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser import web

PAGE: Final = Path(__file__).with_name("storage_page.ts")
SMALL_BYTES: Final = 100_000
NOTHING: Final[dict[str, Any]] = {"scopes": [], "rows": [], "holds": [], "pendings": [], "synced": []}


class Quiet(SimpleHTTPRequestHandler):
    """Files of one folder, without a word for each."""

    def log_message(self, *_: object) -> None:
        """Nothing of it is told."""


@pytest.fixture(scope="package")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page; gives its origin."""
    folder = tmp_path_factory.mktemp("storage")
    web.page(PAGE, folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """Make one profile for all: it costs more than a test."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext, origin: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the page on a database of its own, named after the test."""
    opened = profile.new_page()
    opened.goto(f"{origin}?{request.node.name}")
    yield opened
    opened.close()


def asked(page: Page, call: str) -> Any:
    """Call one of the page's verbs and wait for its end."""
    return page.evaluate(f"() => outrider.{call}")


def key(kind: int, n: int) -> str:
    """The key of a row that is here (0), or of one that is held and not here (1)."""
    return f"1:019e7044-8800-75b3-b3a4-0000000{kind:03d}{n:02d}"


def entered(*numbers: int) -> dict[str, Any]:
    """What memory holds after these operations."""
    last = numbers[-1]
    return {
        "seat": {
            "org_id": 0, "user_id": "019e7044-8800-75b3-b3a4-32972b55e7d2", "line_no": 3, "epoch": 0, "next_n": last + 1, "acked_n": 0,
            "backed_up_n": 0, "forked": False, "tiles": [], "cursor": [last],
        },
        "scopes": [{"scope": 7, "lane": 1, "position": last, "head": 9, "generation": 2, "filling": True}],
        "rows": [[key(0, n), [n, n]] for n in numbers],
        "holds": [[key(kind, n), [[7, 2]]] for kind in (0, 1) for n in numbers],
        "pendings": [[n, [n, n], None if n % 2 else n, n % 2 == 1] for n in numbers],
        "synced": [last],
        "installation": [4, 2],
    }  # fmt: skip


def ordered(told: dict[str, Any]) -> dict[str, Any]:
    """The same with its maps in order: memory keeps them as they came, storage as they sort."""
    return told | {"rows": sorted(told["rows"]), "holds": sorted(told["holds"])}


def test_an_empty_phone_is_read_from_nothing(page: Page) -> None:
    told = asked(page, "load()")
    assert told["seat"]["next_n"] == 1
    assert told | NOTHING == told


def test_what_was_entered_is_there_after_the_page_was_loaded_again(page: Page) -> None:
    for n in (1, 2, 3):
        asked(page, f"enter({n})")
    assert ordered(asked(page, "memory()")) == entered(1, 2, 3)
    page.reload()
    assert asked(page, "memory()")["rows"] == []
    assert ordered(asked(page, "load()")) == entered(1, 2, 3)


def test_what_was_let_go_of_is_gone(page: Page) -> None:
    asked(page, "enter(1)")
    asked(page, "forget(1)")
    page.reload()
    told = asked(page, "load()")
    assert told | NOTHING == told
    assert told["installation"] == [4, 2]


def test_a_wipe_leaves_the_installation_alone(page: Page) -> None:
    asked(page, "enter(1)")
    asked(page, "wipe()")
    assert asked(page, "memory()")["pendings"] == []
    page.reload()
    told = asked(page, "load()")
    assert told | NOTHING == told
    assert (told["installation"], told["seat"]["line_no"]) == ([4, 2], 0)


def test_a_full_disk_brings_memory_back(browser: Browser, origin: str) -> None:
    page = browser.new_context().new_page()  # a browser believes for a while what it knows of a profile's use
    page.goto(origin)
    disk = page.context.new_cdp_session(page)
    disk.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": SMALL_BYTES})
    asked(page, "enter(1)")
    before = asked(page, "drawn()")
    with pytest.raises(Error, match="Quota"):
        asked(page, f"enter(2, {SMALL_BYTES * 10})")
    assert ordered(asked(page, "memory()")) == entered(1)
    assert asked(page, "drawn()") >= before + 2  # the entry was on the screen, and went from it
    disk.send("Storage.overrideQuotaForOrigin", {"origin": origin})
    asked(page, "enter(2)")
    assert ordered(asked(page, "stored()")) == entered(1, 2)
    page.context.close()


def test_of_an_operation_that_cannot_be_written_nothing_is_stored(page: Page) -> None:
    asked(page, "enter(1)")
    with pytest.raises(Error):
        asked(page, "enterBroken(2)")
    assert ordered(asked(page, "memory()")) == entered(1)
    assert ordered(asked(page, "stored()")) == entered(1)


def test_a_database_closed_behind_the_back_is_opened_again(page: Page, origin: str) -> None:
    asked(page, "enter(1)")
    clearing = {"origin": origin, "storageTypes": "indexeddb"}
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", clearing)
    asked(page, "enter(2)")
    assert asked(page, "stored()")["pendings"] == [[2, [2, 2], 2, False]]


def test_an_older_app_lets_go_when_a_newer_one_changes_the_tables(page: Page) -> None:
    asked(page, "enter(1)")
    other = page.context.new_page()
    other.goto(page.url)
    asked(other, "upgrade()")
    with pytest.raises(Error, match="VersionError"):
        asked(page, "enter(2)")
    other.close()
