"""A small house behind a bad network: a server with one rep's customers, what it knows of them, and what an admin does beside."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from shared_schema.registry import BY_NAME
from shared_schema.wire import SCHEMA
from tests.browser.proxy import Wire, wire
from tests.integration.site import PASSWORD, Caller, Site, site

REP: Final = "lin"
NAMES: Final = ("东方便利店", "大华五金行", "Quay Hardware", "和平药房", "新华文具店", "Night Market")
PHONE: Final = "021-5550"


class House:
    """The server, the wire to it, and the ids of the rep's customers in the order of `NAMES`."""

    def __init__(self, running: Site, line: Wire) -> None:
        self.site = running
        self.wire = line
        self.boss: Caller = running.admin()
        self.rep_id = running.user(self.boss, REP)
        self.witness = running.caller("alpha", REP)
        assert self.witness.log_in().status_code == 200
        self._agree()
        self.customer_ids = [self._customer(name, at) for at, name in enumerate(NAMES)]

    @property
    def outdoors(self) -> str:
        """The server through the bad network."""
        return self.wire.url

    @property
    def office(self) -> str:
        """The server through a network that never fails."""
        return str(self.site.http.base_url)

    @property
    def credentials(self) -> dict[str, str]:
        """With these the rep signs in."""
        return {"organisation": "alpha", "account": REP, "password": PASSWORD}

    def customer(self, at: int = 0) -> dict[str, Any]:
        """The customer as the server has it now."""
        return self._seen(f"/v1/records/customer/{self.customer_ids[at]}")

    def numbers(self, at: int = 0) -> list[str]:
        """Each telephone number that was written to the customer, oldest first: one that is written twice stands twice."""
        told = self._seen(f"/v1/records/customer/{self.customer_ids[at]}/history")["items"]
        return [one["after"]["phone"] for one in reversed(told) if one["group"] == "phone"]

    def devices(self) -> list[dict[str, Any]]:
        """The rep's phones that the server knows, without that of the witness."""
        told = self.boss.get("/v1/desk/devices").json()["items"]
        return [one for one in told if one["user_id"] == self.rep_id and one["line_no"] != self.witness.session["line_no"]]

    def entered(self) -> list[int]:
        """How many entries each of the rep's phones sent, beside the receipts that a phone gives by itself (P-630)."""
        notices = self._seen("/v1/records/notification")["items"]
        receipts = sum(one[slot] is not None for one in notices for slot in ("delivered_ms", "seen_ms", "opened_ms"))
        steps = [step for one in self._seen("/v1/records/instruction")["items"] for step in one["steps"]]
        receipts += sum((step["state"] if isinstance(step, dict) else step[0]) in (2, 3) for step in steps)
        return [one["last_n"] - receipts for one in self.devices()]

    def cards(self) -> list[dict[str, Any]]:
        """The cards of the rep that wait for a decision."""
        return list(self._seen("/v1/inbox")["items"])

    def revoke(self) -> None:
        """An admin shuts out every phone of the rep."""
        for one in self.devices():
            answer = self.boss.post(f"/v1/desk/devices/{one['line_no']}/revoke")
            assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """Ring the bell of every phone: the server stops when nobody waits any more, and a phone that is gone waits for half a minute."""
        self._customer("Last", len(NAMES))

    def _customer(self, name: str, at: int) -> str:
        body = {"id": str(uuid.uuid4()), "owner_id": self.rep_id, "values": {"name": name, "city": "上海", "phone": f"{PHONE}{at:04}"}}
        answer = self.boss.post("/v1/desk/customers", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def _agree(self) -> None:
        """The rep has agreed before that visits bear a position."""
        said = {"user_id": self.rep_id, "answer": 1, "asked_in": 1}
        now_ms = int(time.time() * 1_000)
        mutation: dict[str, Any] = {"n": 1, "group": {"first_n": 1, "index": 0, "count": 1}, "kind": 1, "entity": BY_NAME["consent"].number}
        mutation |= {"id": self.rep_id, "bases": {}, "body": said, "device_ms": now_ms}
        asked = {"protocol": 1, "schema": SCHEMA, "app": "witness", "cursor": "", "acked_n": 0, "device_ms": now_ms}
        answer = self.witness.post("/v1/sync", {**asked, "mutations": [mutation]})
        assert answer.status_code == 200, answer.text

    def _seen(self, path: str) -> dict[str, Any]:
        """The witness is the same rep, who reads by REST: an admin sees no customers of others."""
        answer = self.witness.get(path)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def house(url: str) -> Iterator[House]:
    """Open the house on a migrated database."""
    with site(url) as running, wire(str(running.http.base_url.host), running.http.base_url.port or 80) as line:
        made = House(running, line)
        yield made
        made.close()


def becomes(look: Callable[[], Any], wanted: object) -> None:
    """Wait until the server says so."""
    for _ in range(200):
        if look() == wanted:
            return
        time.sleep(0.05)
    assert look() == wanted
