"""Pushes through Firebase, by its own SDK: one message a call, never a batch, for one slow target would hold up all of a batch.

An SDK application is bound to the event loop of its first call, so this belongs to the loop of the sender and to no other.
"""

import asyncio
import time
import warnings
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import firebase_admin
import msgspec
from firebase_admin import credentials, exceptions, messaging
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request as TokenRequest
from requests.exceptions import RequestException

from notifications.push import Push, TargetKind
from notifications.reaction import Said, Word, asked_s

TIMEOUT_S: Final = 10
REFRESH_AHEAD_S: Final = 300
"""The SDK refreshes its token on the loop and holds up all pushes meanwhile: it is refreshed ahead, in a thread."""
BY_STATUS: Final = {
    400: Word.invalid,
    401: Word.unauthenticated,
    403: Word.forbidden,
    404: Word.not_found,
    429: Word.too_much,
}
BY_TYPE: Final[tuple[tuple[type[exceptions.FirebaseError], Word], ...]] = (
    (messaging.UnregisteredError, Word.gone),
    (messaging.SenderIdMismatchError, Word.other_sender),
    (messaging.ThirdPartyAuthError, Word.third_party),
    (messaging.QuotaExceededError, Word.too_much),
)


class FcmChannel:
    """Sends to installations of the operator's Firebase project. `url`: of a provider other than Firebase's own, as in tests."""

    def __init__(self, account: Mapping[str, Any], url: str = "") -> None:
        """Raises ValueError for an account that the SDK cannot read."""
        self._app = firebase_admin.initialize_app(
            credentials.Certificate(dict(account)), {"httpTimeout": TIMEOUT_S}, name=f"fcm {id(self)}"
        )
        self._token = self._app.credential.get_credential()
        self._refreshing = asyncio.Lock()
        if url:
            service = messaging._get_messaging_service(self._app)  # noqa: SLF001 - the SDK has no switch for it; a contract test guards it
            service._fcm_url = f"{url}/v1/projects/{self._app.project_id}/messages:send"  # noqa: SLF001 - as above

    async def send(self, push: Push, *, dry: bool = False) -> Said:
        """Send one push, or ask only whether it would be taken. A provider's fault is a word, never an exception."""
        try:
            await self._fresh()
            told = await messaging.send_each_async([message(push)], dry_run=dry, app=self._app)
        except RefreshError:
            return Said(Word.unauthenticated)
        except (exceptions.FirebaseError, GoogleAuthError, RequestException, OSError):
            return Said(Word.unheard)
        (answer,) = told.responses
        return Said(Word.taken) if answer.success else said(answer.exception)

    async def close(self) -> None:
        """Let go of the connections."""
        await messaging._get_messaging_service(self._app)._async_client.aclose()  # noqa: SLF001 - its own `close` starts another loop
        await asyncio.to_thread(firebase_admin.delete_app, self._app)

    async def _fresh(self) -> None:
        """A token that is good for some minutes more."""
        async with self._refreshing:
            expiry = self._token.expiry
            left_s = 0.0 if self._token.token is None or expiry is None else expiry.replace(tzinfo=UTC).timestamp() - time.time()
            if left_s < REFRESH_AHEAD_S:
                await asyncio.to_thread(self._token.refresh, TokenRequest())


def read_account(file: Path) -> dict[str, Any]:
    """The service account in a file of Firebase's. Raises ValueError."""
    try:
        account: dict[str, Any] = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"no service account can be read there ({type(error).__name__})") from error
    return account


def message(push: Push) -> messaging.Message:
    """The SDK's form of a push: an alert with words of ours, and the ids with which the app finds what it is about."""
    tag, life_s = push.tag, push.life_s
    shown = messaging.Notification(push.title, push.body)
    aps = messaging.Aps(thread_id=push.collapse.value, content_available=True)
    headers = {"apns-collapse-id": tag, "apns-expiration": str(round(time.time()) + life_s), "apns-priority": "10"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # registration tokens are what older apps have
        return messaging.Message(
            **{"fid" if push.target.kind is TargetKind.fcm_fid else "token": push.target.address},
            data=dict(push.data),
            notification=shown,
            android=messaging.AndroidConfig(
                collapse_key=push.collapse.value,
                priority="high" if push.urgent else "normal",
                ttl=life_s,
                notification=messaging.AndroidNotification(tag=tag),
            ),
            apns=messaging.APNSConfig(headers=headers, payload=messaging.APNSPayload(aps)),
        )


def said(error: exceptions.FirebaseError) -> Said:
    """The provider's word in an error of the SDK."""
    response = error.http_response
    for kind, word in BY_TYPE:
        if isinstance(error, kind):
            return Said(word, retry_after_s(response))
    status = response.status_code if response is not None else 0
    if status >= 500:
        return Said(Word.ill, retry_after_s(response))
    return Said(BY_STATUS.get(status, Word.unheard), retry_after_s(response))


def retry_after_s(response: Any) -> int | None:
    """How long a provider asks to wait, in whole seconds; None where it does not say."""
    return asked_s(response.headers.get("retry-after", ""), response.headers.get("date", "")) if response is not None else None
