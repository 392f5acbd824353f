"""The origin of a request is told by the proxies which the operator named, and by nobody else."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

_KNOWN_MAX: Final = 4_096
Headers = Iterable[tuple[bytes, bytes]]


class Networks:
    """Addresses and networks that an operator named."""

    def __init__(self, named: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(one) for one in named]
        self.hold = lru_cache(_KNOWN_MAX)(self._hold)

    def _hold(self, host: str) -> bool:
        """Say whether the other end of a connection is one of them."""
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


class Proxies:
    """The proxies that are believed: addresses and networks."""

    def __init__(self, named: Sequence[str]) -> None:
        self.believed = Networks(named).hold

    def client(self, peer: str, headers: Headers) -> str:
        """The client's address, by the word of the believed proxy `peer`.

        Each proxy writes at the end the address that it hears. Read from there, the first that is no proxy of ours is the client; the
        addresses before it are that client's own word. A word that is no address does not count: then the proxy itself counts.
        """
        told = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        found = peer
        for part in reversed(told.split(",")):
            address = _address(_bare(part.strip()))
            if address is None:
                break
            found = str(address)
            if not self.believed(found):
                break
        return found


def _bare(host: str) -> str:
    """Without a port: `1.2.3.4:5`, `[::1]:5`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
