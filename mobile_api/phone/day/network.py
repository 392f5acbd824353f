"""`outrider demo --lan`: the demo for real phones of the same network, and the steps that a person takes on the phone."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import segno

from mobile_api.phone.day import authority
from mobile_api.phone.day.door import CertificateShop, Door
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.people import MANAGER, ORGANISATION, TRIED
from mobile_api.phone.day.words import Words
from server import clock

PORT: Final = 8443
PORTS_TRIED: Final = 50
_FAR: Final = ("192.0.2.1", 9)
"""An address of the block for documentation: nothing is sent there, but the system says from where it would be."""


def own_address() -> IPv4Address | None:
    """The address of this machine in its network, None when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(_FAR)
        return IPv4Address(probe.getsockname()[0])
    return None


def address_of(asked: str) -> IPv4Address:
    """The address that the user named, or `1` for this machine's own. Raises DayFailedError."""
    found = _address_of(asked)
    if not authority.speaks_for(found):
        raise DayFailedError(
            f"{found} is no address of a private network, and the demo is not for the internet; name one: LAN=192.168.1.20"
        )
    return found


def _address_of(asked: str) -> IPv4Address:
    if asked not in ("1", "yes", "true"):
        with suppress(ValueError):
            return IPv4Address(asked)
        raise DayFailedError(f"LAN={asked} is no IPv4 address of this machine; LAN=1 finds one")
    found = own_address()
    if found is None:
        raise DayFailedError("this machine has no network address; join the phone's network, or name the address: LAN=192.168.1.20")
    return found


@contextmanager
def opened(address: IPv4Address, to_port: int, folder: Path, words: Words) -> Iterator[str]:
    """Let phones of the network in while the block runs; gives the steps to print. Raises DayFailedError when no port is free."""
    now = datetime.fromtimestamp(clock.machine_ms() / 1000, UTC)  # by which the phones of this network judge it
    certificate, server_pem = authority.authority(folder, now), authority.for_address(folder, address, now)
    for port in range(PORT, PORT + 2 * PORTS_TRIED, 2):
        with suppress(OSError):
            door, shop = Door(str(address), port, to_port, server_pem), CertificateShop(str(address), port + 1, certificate)
            break
    else:
        raise DayFailedError(f"no two free ports from {PORT} on at {address}; stop what listens there and try again")
    try:
        with door, shop:
            yield steps(words, shop.url, f"https://{address}:{door.port}")
    except OSError as error:
        raise DayFailedError(f"the door at {address}:{door.port} does not open: {error.strerror}") from None


def steps(words: Words, certificate_url: str, url: str) -> str:
    """The steps on the phone, each with an address that its camera reads."""
    return "\n".join(
        [
            words("lan_first", url=certificate_url),
            square(certificate_url),
            words("lan_android"),
            words("lan_ios"),
            words("lan_second", url=f"{url}/app/", organisation=ORGANISATION, account=TRIED),
            square(f"{url}/app/"),
            words("lan_manager", url=f"{url}/desk/", account=MANAGER.login),
            words("lan_after"),
        ]
    )


def square(text: str) -> str:
    """A text as a QR code of blocks that a terminal shows."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
