"""Phones of the ill-server proof: reps who enter good things all the time and send them over HTTP, however often turned away."""

import http.client
import time
from collections.abc import Callable
from threading import Event
from typing import Final

import msgspec

from server import chance
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.registry import BY_NAME
from shared_schema.rest import SignedIn
from shared_schema.wire import ANSWER_DECODER, ENCODER, OUTCOME_DECODER, Kind, Outcome, Result
from sync import device, overlay
from sync.agreed.quotes import content_hash
from sync.device import Edit
from sync.shelf import MemoryShelf, Seat

MSGPACK: Final = "application/vnd.msgpack"
PAUSE_S: Final = 0.05
"""These phones ask again sooner than the server told them: a fault of two seconds shall be met often."""
TIMEOUT_S: Final = 8
GOOD: Final = (Result.applied, Result.merged, Result.duplicate)


class Turned(Exception):  # noqa: N818 - no error: the server's answer to a phone that comes at a bad time
    """The server took nothing: its status, 0 when there was no answer."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Rep:
    """One rep with one phone."""

    def __init__(self, port: int, session: SignedIn) -> None:
        self.shelf = MemoryShelf()
        self.shelf.put_seat(Seat(session.org_id, session.user_id, session.line_no))
        self.port = port
        self.token = session.access_token
        self.customers: list[bytes] = []
        self.entered = 0
        self.turned: dict[int, int] = {}
        self.refused: list[Outcome] = []

    @property
    def turns(self) -> int:
        """How often this phone was turned away."""
        return sum(self.turned.values())

    def work(self) -> None:
        """A rep's next five entries: a shop, a visit, a contact log, a correction, a quote with its line; all of them good."""
        count = self.entered
        shop = self._create("customer", name=f"Shop {count}", note="n" * 400)
        self.customers.append(shop)
        near = self.customers[count // 5 % len(self.customers)]
        self._create("visit", customer_id=near, device_ms=chance.now_ms(), note=f"visit {count}")
        self._create("contact_log", customer_id=near, device_ms=chance.now_ms(), note=f"call {count}", channel=1)
        self._enter(Edit(Kind.patch, BY_NAME["customer"], near, {"phone": f"{count}"}))
        self._quote(near, f"quote {count}")

    def _create(self, entity: str, **values: Value) -> bytes:
        record_id = chance.new_id()
        self._enter(Edit(Kind.create, BY_NAME[entity], record_id, values))
        return record_id

    def _quote(self, customer_id: bytes, title: str) -> None:
        quote_id, line_id = chance.new_id(), chance.new_id()
        head = Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": customer_id, "currency": "CNY", "title": title})
        priced: dict[str, Value] = {"product_id": bytes(16), "unit": "box", "quantity_thousandths": 1_000, "price_minor": 100}
        line = Edit(Kind.create, BY_NAME["quote_line"], line_id, {"customer_id": customer_id, "quote_id": quote_id, **priced})
        self._enter(head, line)
        quote, shown = (overlay.view(self.shelf, BY_NAME[name], one) for name, one in (("quote", quote_id), ("quote_line", line_id)))
        if isinstance(quote, Quote) and isinstance(shown, QuoteLine):
            command = ENCODER.encode(Submit(content_hash(quote, [shown])))
            self._enter(Edit(Kind.command, BY_NAME["quote"], quote_id, command=command))

    def _enter(self, *edits: Edit) -> None:
        device.enter(self.shelf, edits, chance.now_ms())
        self.entered += len(edits)

    @property
    def waiting(self) -> int:
        """Entries that the server has not answered yet."""
        return len(device.request(self.shelf, chance.now_ms(), "ill").mutations)

    def exchange(self) -> bool:
        """One request; whether all is sent and received. Raises Turned."""
        asked = device.request(self.shelf, chance.now_ms(), "ill")
        status, body = self._post(msgspec.msgpack.encode(asked))
        if status != 200:
            raise Turned(status)
        answer = ANSWER_DECODER.decode(body)
        if not device.apply(self.shelf, answer):
            raise RuntimeError("the answer was not computed from the cursor that the phone holds")
        outcomes = [OUTCOME_DECODER.decode(raw) for raw in answer.outcomes]
        self.refused += [one for one in outcomes if one.result not in GOOD]
        return answer.consistent and not self.waiting

    def _post(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", "/v1/sync", body, {"Content-Type": MSGPACK, "Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            raise Turned(0) from None
        finally:
            connection.close()

    def through(self, ends: Event) -> None:
        """Work and sync until the fault ends."""
        while not ends.is_set():
            self.work()
            self.work()
            self.try_once()
            ends.wait(PAUSE_S)

    def try_once(self) -> bool:
        """One exchange, whatever becomes of it."""
        try:
            return self.exchange()
        except Turned as turned:
            self.turned[turned.status] = self.turned.get(turned.status, 0) + 1
            return False

    def settled(self, until_s: float, clock: Callable[[], float] = time.monotonic) -> bool:
        """Sync to the end; whether it came before `until_s`."""
        while clock() < until_s:
            if self.try_once():
                return True
            time.sleep(PAUSE_S)
        return False
