"""Pushes to browsers by the Web Push standard: encrypted for one subscription, signed with the operator's own keys (VAPID)."""

import ssl
from types import MappingProxyType
from typing import Final

import aiohttp
import msgspec
from py_vapid import Vapid, VapidException
from pywebpush import WebPushException, webpush_async

from notifications.push import Push
from notifications.reaction import Said, Word, asked_s
from notifications.subscription import Subscription

TIMEOUT_S: Final = 10
BY_STATUS: Final = MappingProxyType(
    {
        400: Word.invalid,
        401: Word.unauthenticated,
        403: Word.forbidden,
        404: Word.ended,
        410: Word.gone,
        413: Word.too_large,
        429: Word.too_much,
    }
)
"""RFC 8030: a subscription that the service answers by 404 or 410 has ended; 404 is also what a service says that is not itself."""


class WebPushChannel:
    """Sends to browsers. `subject`: `mailto:` or `https:` of the operator, whom a service may write to."""

    def __init__(self, vapid: Vapid, subject: str, connector: aiohttp.BaseConnector | None = None) -> None:
        self._vapid = vapid
        self._subject = subject
        trusting = connector or aiohttp.TCPConnector(ssl=ssl.create_default_context())  # its own one is made at import
        self._session = aiohttp.ClientSession(connector=trusting, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))

    async def send(self, push: Push, *, dry: bool = False) -> Said:
        """Send one push. A service cannot be asked whether it would take one, so `dry` tells nothing."""
        if dry:
            return Said(Word.unheard)
        try:
            subscription = msgspec.json.decode(push.target.address, type=Subscription)
            await webpush_async(
                msgspec.to_builtins(subscription),
                data=msgspec.json.encode(dict(push.data)).decode(),
                vapid_private_key=self._vapid,
                vapid_claims={"sub": self._subject},
                ttl=push.life_s,
                headers={"Urgency": "high" if push.urgent else "normal"},
                timeout=TIMEOUT_S,
                aiohttp_session=self._session,
            )
        except WebPushException as error:
            return said(error)
        except (msgspec.MsgspecError, VapidException, ValueError):
            return Said(Word.gone)  # no browser has such a subscription
        except (aiohttp.ClientError, OSError):
            return Said(Word.unheard)
        return Said(Word.taken)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()


def said(error: WebPushException) -> Said:
    """The service's word in an error of the library; without an answer the library could not encrypt for such a subscription."""
    if error.response is None:
        return Said(Word.gone)
    status, headers = error.status_code or 0, error.response.headers
    again_s = asked_s(headers.get("Retry-After", ""), headers.get("Date", ""))
    return Said(Word.ill if status >= 500 else BY_STATUS.get(status, Word.unheard), again_s)


def read_keys(pem: bytes) -> Vapid:
    """The operator's key pair from a PEM. Raises ValueError."""
    try:
        return Vapid.from_pem(pem)
    except Exception as error:  # the library raises whatever its parser raises
        raise ValueError("no VAPID key can be read there") from error
