"""How many log-in attempts an account, an address and an organisation may make in one window."""

import ipaddress
from typing import Final

from shared_schema.problem import Code, Problem

WINDOW_MS: Final = 15 * 60_000
LIMITS: Final = {"account": 10, "address": 60, "organisation": 600}
"""Kind of key → attempts that were not followed by a success, per window."""


def keys(organisation: str, account: str | None, address: str) -> tuple[str, ...]:
    """Return the keys one attempt counts against, in lock order; without an account (a one-time code) two of them."""
    counted = {f"address:{address}", f"organisation:{organisation}"}
    return tuple(sorted(counted if account is None else counted | {f"account:{organisation}/{account}"}))


def admit(key: str, count: int, window_ms: int) -> None:
    """Judge the attempt number `count` of the window that began at `window_ms`.

    Raises Problem(too_many_attempts) with the end of the window.
    """
    if count > LIMITS[key.partition(":")[0]]:
        raise Problem(Code.too_many_attempts, "too many attempts; wait and try again", retry_at_ms=window_ms + WINDOW_MS)


def forgiven(key: str) -> int:
    """Return how many attempts a success takes back: an account's all, an address' and an organisation's only its own."""
    return LIMITS["account"] if key.startswith("account:") else 1


def counted_address(host: str) -> str:
    """Return what an attempt from `host` counts against: an IPv4 address, or the /64 network one IPv6 line owns."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
