"""The providers of push of a demo: a Firebase and a push service of browsers on loopback, and what arrived there."""

import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from mobile_api.phone.day.fake_browser import FakeBrowser, fake_browser
from mobile_api.phone.day.fake_fcm import FakeFcm, fake_fcm
from notifications.vapid import made_keys

CONTACT: Final = "mailto:demo@example.com"


class Arrival(msgspec.Struct, frozen=True):
    """One push as it arrived. `address`: of the phone; `notice`, `subject`: the ids of the notice and of what it is about, as hexadecimal
    text; the subject is empty in a push that stands for several notices."""

    address: str
    notice: str
    subject: str
    at_ms: int


class Providers(msgspec.Struct, frozen=True):
    """Both of them. `environment`: what tells a server of them."""

    fcm: FakeFcm
    browser: FakeBrowser
    environment: Mapping[str, str]

    def arrivals(self) -> list[Arrival]:
        """The pushes that were taken by now."""
        by_fcm = [(one.target, one.message["data"], one.at_ms) for one in self.fcm.taken()]
        by_browser = [(one.name, one.words, one.at_ms) for one in tuple(self.browser.arrived)]
        told = [one for one in (*by_fcm, *by_browser) if isinstance(one[1], dict)]
        return [Arrival(address, UUID(words["id"]).hex, _subject(words["tag"]), at_ms) for address, words, at_ms in told]


def _subject(tag: str) -> str:
    """The id in the tag of a push: a kind, a space and the id; or one word."""
    _, _, text = tag.partition(" ")
    return UUID(text).hex if text else ""


@contextmanager
def providing() -> Iterator[Providers]:
    """Both providers serve while the block runs; their keys are made for it."""
    with tempfile.TemporaryDirectory(prefix="outrider-providers-") as name:
        folder = Path(name)
        with fake_fcm(folder) as fcm, fake_browser(folder) as browser:
            account, vapid, trusted = folder / "account.json", folder / "vapid.pem", folder / "trusted.pem"
            account.write_bytes(msgspec.json.encode(fcm.account))
            vapid.write_bytes(made_keys())
            trusted.write_bytes(_authorities() + browser.certificate.read_bytes())
            told = {
                "SSL_CERT_FILE": str(trusted),
                "OUTRIDER_PUSH_FCM_ACCOUNT": str(account),
                "OUTRIDER_PUSH_FCM_URL": fcm.url,
                "OUTRIDER_PUSH_VAPID": str(vapid),
                "OUTRIDER_PUSH_CONTACT": CONTACT,
                "OUTRIDER_PUSH_SERVICES": browser.url.removeprefix("https://"),
            }
            yield Providers(fcm, browser, told)


def _authorities() -> bytes:
    """Those that this machine trusts, for a browser of the reader's has a provider of its own."""
    file = Path(ssl.get_default_verify_paths().cafile or ssl.get_default_verify_paths().openssl_cafile)
    return file.read_bytes() if file.exists() else b""
