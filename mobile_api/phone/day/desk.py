"""A browser at a desk: a manager's session over the JSON twin. The oracle reads the server through here alone."""

import http.client
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from mobile_api.phone.day.entries import Key, Slots
from mobile_api.phone.day.handset import DayFailedError
from server import chance
from shared_schema.entity import EXTRA, EXTRA_PREFIX
from shared_schema.problem import Code
from shared_schema.registry import BY_NAME

JSON: Final = "application/json"
TIMEOUT_S: Final = 30


class Desk:
    """One signed-in user at a desk."""

    def __init__(self, url: str, organisation: str, account: str, password: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        self._token = self._refresh_token = ""
        asked = {
            "organisation": organisation,
            "account": account,
            "password": password,
            "installation_id": str(UUID(bytes=chance.new_id())),
        }
        self._sign_in("/v1/login", {**asked, "device_name": "desk", "app": "desk"})

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send one request. Raises DayFailedError when it is refused."""
        status, told = self._ask("POST", path, json.dumps(body).encode())
        if status >= http.client.BAD_REQUEST:
            raise DayFailedError(f"the desk was refused at {path}: {told.get('code')} {told.get('detail')}")
        return told

    def get(self, path: str) -> Any:
        """Read one resource; None when there is none for this user. Raises DayFailedError."""
        status, told = self._ask("GET", path, None)
        if status == http.client.NOT_FOUND or told.get("code") in ("gone", "out_of_scope"):
            return None
        if status >= http.client.BAD_REQUEST:
            raise DayFailedError(f"the desk was refused at {path}: {told.get('code')} {told.get('detail')}")
        return told

    def _sign_in(self, path: str, body: Mapping[str, Any]) -> None:
        self._token = ""
        told = self.post(path, body)
        self._token, self._refresh_token = told["access_token"], told["refresh_token"]

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        """One exchange; again with a new token when the old one has expired, for a demo may move its clock by days."""
        status, told = self._exchange(method, path, body)
        if status == http.client.UNAUTHORIZED and told.get("code") == Code.token_expired.word and self._token:
            self._sign_in("/v1/refresh", {"refresh_token": self._refresh_token})
            status, told = self._exchange(method, path, body)
        return status, told

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        headers = {"Accept": JSON, "Content-Type": JSON, **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        told = json.loads(answer.read())
        self._connection.close()  # the server ends an idle connection, and on a slow machine the day leaves it idle long enough
        return answer.status, told

    def record(self, key: Key) -> Slots | None:
        """One record as it stands, flat; None when it is gone."""
        entity, record_id = key
        told = self.get(f"/v1/records/{entity}/{UUID(record_id)}")
        return None if told is None else flat_twin(entity, told)

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a paged list."""
        after = None
        while True:
            told = self.get(path if after is None else f"{path}?after={after}")
            yield from told["items"]
            after = told["after"]
            if after is None:
                return


def one_time_codes(url: str, organisation: str, admin: str, password: str, logins: Collection[str]) -> dict[str, str]:
    """A one-time code for each of these accounts, made by the admin. Raises DayFailedError."""
    desk = Desk(url, organisation, admin, password)
    try:
        ids = {one["login"]: one["id"] for one in desk.pages("/v1/desk/users") if one["login"] in logins}
        return {login: desk.post("/v1/desk/codes", {"user_id": user_id})["code"] for login, user_id in ids.items()}
    finally:
        desk.close()


def flat_twin(entity: str, told: Mapping[str, Any]) -> Slots:
    """A record of the JSON twin as flat slots, ids as hexadecimal text."""
    slots: Slots = {}
    for slot in BY_NAME[entity].slots:
        value = told.get(slot)
        if slot == EXTRA:
            slots.update({EXTRA_PREFIX + key: inner for key, inner in (value or {}).items()})
        elif not isinstance(value, (list, dict)):
            slots[slot] = hexadecimal(value) if slot == "id" or slot.endswith("_id") else value
    return slots


def hexadecimal(value: Any) -> Any:
    """A uuid as hexadecimal text; anything else as it is."""
    return value.replace("-", "") if isinstance(value, str) else value
