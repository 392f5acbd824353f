"""How many wrong log-ins an account, an address and an organisation may make in one window."""

import ipaddress
from collections.abc import Sequence
from typing import Final

import msgspec

from shared_schema.problem import Code, Problem

WINDOW_MS: Final = 15 * 60_000
LIMITS: Final = {"account": 10, "address": 60, "organisation": 600}
"""Kind of key → wrong attempts per window."""


class Failures(msgspec.Struct, frozen=True):
    """The count under one key: `count` since `window_ms`, the first `forgiven` of which a success has forgiven."""

    key: str
    count: int
    window_ms: int
    forgiven: int


def keys(organisation: str, account: str | None, address: str) -> tuple[str, ...]:
    """Return the keys a wrong attempt counts against, in lock order; without an account (a one-time code) two of them."""
    counted = {f"address:{address}", f"organisation:{organisation}"}
    return tuple(sorted(counted if account is None else counted | {f"account:{organisation}/{account}"}))


def admit(before: Failures) -> None:
    """Judge an attempt by the failures of one key before it.

    Raises Problem(too_many_attempts) with the end of the window.
    """
    if before.count - before.forgiven >= LIMITS[before.key.partition(":")[0]]:
        raise Problem(Code.too_many_attempts, "too many attempts; wait and try again", retry_at_ms=before.window_ms + WINDOW_MS)


def forgiven_by_success(seen: Sequence[Failures]) -> list[Failures]:
    """Return which failures a success forgives: those of its account, as they were when it came; of an address or organisation none."""
    return [one for one in seen if one.key.startswith("account:") and one.count > one.forgiven]


def counted_address(host: str) -> str:
    """Return the keys against which an attempt from `host` counts: an IPv4 address, or the /64 network one IPv6 line owns."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
