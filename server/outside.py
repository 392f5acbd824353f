"""The parties outside the server: web apps, proxies and networks, a map; as an operator names them, and why a name is refused."""

import ipaddress
import re
from typing import Final

_ORIGIN: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:(?P<port>[1-9][0-9]{0,4}))?")
_TILES: Final = re.compile(r"(?P<origin>https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?)/[A-Za-z0-9/._~{}?=&%-]*")
_PORTS: Final = {"http": "80", "https": "443"}


def refused_origin(text: str) -> str | None:
    """Why a text is no origin as a browser sends it, in words; None: it is one."""
    if text == "*":
        return "is every origin there is; name each one that may call"
    if "://" not in text:
        return "has no scheme; write it as https://app.example.com"
    if text.endswith("/"):
        return "ends in a slash; browsers send an origin without one"
    if re.search(r"[/?#@]", text.partition("://")[2]):
        return "is more than an origin; leave out user, path, query and fragment"
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return "is no origin; write scheme, host and port in small letters, as browsers send them: https://app.example.com"
    if found["port"] is not None and _PORTS.get(found["scheme"]) == found["port"]:
        return "names the port that browsers leave out; leave it out too"
    return None


def refused_network(text: str) -> str | None:
    """Why a text is neither an address nor a network, in words; None: it is one."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return "is neither an address nor a network; write it as 127.0.0.1 or 10.0.0.0/24"
    return "is everybody; name those that are meant" if network.prefixlen == 0 else None


def refused_tiles(text: str) -> str | None:
    """Why a text is no address of map tiles, in words; None: it is one."""
    if _TILES.fullmatch(text) is None:
        return "is no address of map tiles; write it as https://tiles.example.com/{z}/{x}/{y}.png"
    if sorted(re.findall(r"[{][^}]*[}]?|[}]", text)) != ["{x}", "{y}", "{z}"]:
        return "must name {z}, {x} and {y}, each once, and nothing else in braces"
    return None


def tiles_origin(text: str) -> str:
    """Scheme, host and port of an address of map tiles that is not refused."""
    found = _TILES.fullmatch(text)
    return found["origin"] if found is not None else ""
