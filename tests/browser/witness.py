"""What a flow saw of the apps in passing: the screens that were opened, what went to a foreign host, what a console said."""

import re
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Frame, Page, Request

OURS: Final = ("127.0.0.1", "localhost")
APPS: Final = ("app", "desk")
ONE: Final = "one"
"""Stands for the id of a record in an address."""
ID: Final = re.compile(r"^[0-9a-f-]{32,36}$")
WITHOUT_HOST: Final = ("data", "blob", "about", "chrome-error", "devtools", "chrome")


class Witness:
    """Watches profiles. `screens`: app/first part of the address, and with the second; `foreign`: no address of this machine."""

    def __init__(self) -> None:
        self.screens: set[str] = set()
        self.foreign: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Watch every page of a profile, its workers' requests too where the browser tells them."""
        context.on("request", self._asked)
        context.on("page", self._opened)
        for page in context.pages:
            self._opened(page)

    def _opened(self, page: Page) -> None:
        page.on("framenavigated", self._went)

    def _went(self, frame: Frame) -> None:
        app, _, path = urlsplit(frame.url).path.strip("/").partition("/")
        first, *rest = path.split("/")
        if app in APPS and first:
            self.screens.add(f"{app}/{first}")
            self.screens.update(f"{app}/{first}/{ID.sub(ONE, part)}" for part in rest[:1])

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        host = address.hostname or ""
        if address.scheme not in WITHOUT_HOST and host not in OURS and not host.endswith(".localhost"):
            self.foreign.append(request.url)
