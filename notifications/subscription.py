"""The subscription of a browser, and which services carry pushes.

A browser names the service that carries its pushes, so a subscription is an address that a stranger chose: `is_known` says which ones are.
"""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

import msgspec

SERVICES: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
)
"""The services of the browsers' makers. To no other host does the server send, but to those that the operator adds."""


class Keys(msgspec.Struct, frozen=True):
    """What a browser gave beside the address: its public key, and a secret of the subscription, both as base64url."""

    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """What a browser hands out, as JSON."""

    endpoint: str
    keys: Keys


def is_known(endpoint: str, added: Collection[str] = ()) -> bool:
    """Whether an address is one of a service that the operator knows: otherwise anybody could let the server call into its own network.

    `added`: services of the operator's own, each as host:port.
    """
    try:
        address = urlsplit(endpoint)
        port = address.port or 443
        plain = address.scheme == "https" and address.username is None and address.password is None
    except ValueError:
        return False
    host = address.hostname or ""
    of_makers = port == 443 and any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in SERVICES)
    return plain and (of_makers or f"{host}:{port}" in added)


def read(address: str, added: Collection[str] = ()) -> Subscription:
    """The subscription in a text of JSON. Raises ValueError for what is none, or is of a service that nobody knows."""
    try:
        subscription = msgspec.json.decode(address, type=Subscription)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("this is no subscription of a browser: JSON with endpoint and keys") from error
    if not is_known(subscription.endpoint, added):
        raise ValueError("the subscription names a service that the server does not send to")
    return subscription


def host(address: str) -> str:
    """The host of the service of a subscription that was read before."""
    return urlsplit(endpoint(address)).hostname or ""


def endpoint(address: str) -> str:
    """The endpoint of a subscription that was read before."""
    return msgspec.json.decode(address, type=Subscription).endpoint
