"""The map of an operator beneath the customers: asked for only where the server names one, and never without a network."""

import base64
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from mobile_api.app import create_app
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from tests.browser.handset import NewHandset
from tests.browser.house import House
from tests.integration.loopback import served
from tests.integration.site import SECRET

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
HERE = {"latitude": 31.23, "longitude": 121.52}


class Surveyor(ThreadingHTTPServer):
    """Serves one pixel for every picture of a map, and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Pictures)


class Pictures(BaseHTTPRequestHandler):
    """One answer of the surveyor."""

    server: Surveyor

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(PIXEL)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def surveyor() -> Iterator[Surveyor]:
    """Serve a map on loopback."""
    with Surveyor() as made:
        thread = threading.Thread(target=made.serve_forever, name="surveyor")
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def flow_the_map_of_an_operator_lies_beneath_the_customers(house: House, handset: NewHandset, surveyor: Surveyor) -> None:
    address = f"http://127.0.0.1:{surveyor.server_port}/{{z}}/{{x}}/{{y}}.png"
    settings = Settings(database_url=house.site.url, map_tiles=address, map_credit="© Surveyor")
    app = create_app(settings, open_database(house.site.url), Signer(SECRET))
    with served(app) as (host, port):
        phone = handset(f"http://{host}:{port}", geolocation=HERE, permissions=["geolocation"])
        window = phone.signed_in()
        window.place("map")
        pictures = window.page.locator("svg.map image")
        expect(pictures.first).to_be_visible()
        expect(window.page.get_by_text("© Surveyor")).to_be_visible()
        with window.page.expect_response(re.compile(r"/13/\d+/\d+\.png$")):
            window.page.get_by_role("button", name="Nearer").click()
        expect(pictures.first).to_have_attribute("href", re.compile(r"/13/\d+/\d+\.png$"))
        shown = {one.get_attribute("href") for one in pictures.all()}
        window.page.evaluate("dispatchEvent(new Event('offline'))")
        expect(pictures).to_have_count(0)
        phone.context.close()
    assert shown & {f"http://127.0.0.1:{surveyor.server_port}{path}" for path in surveyor.asked}


def flow_without_an_operators_map_none_is_asked_for(house: House, handset: NewHandset) -> None:
    window = handset(house.office, geolocation=HERE, permissions=["geolocation"]).signed_in()
    window.place("map")
    expect(window.page.locator(".ring-word").first).to_be_visible()
    expect(window.page.locator("svg.map image")).to_have_count(0)
