"""An organisation in memory for tests of the fold: two reps who share a customer, a stranger, a manager; entries in, outcomes out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Outcome, Result
from sync.admission import Line, Told, admit, numbered
from sync.fold import Folded, Sent
from sync.rules import Actor, Moment
from sync.state import WHOLE
from tests.prove import desk, server
from tests.prove.history import START_MS, History
from tests.unit.device_world import on_screen

NOW_MS = START_MS


class Core:
    """`ann` and `bo` follow up `customer_id`; each name is a device line with its own numbers."""

    def __init__(self) -> None:
        self.history = history = History(1, Counter())
        self.store = history.store
        reps = [user.id for user in self.store.users.values() if user.role == Role.rep]
        self.user_ids = dict(zip(("ann", "bo", "eve"), reps, strict=True))
        self.lines = {name: history.open_line(user_id) for name, user_id in self.user_ids.items()}
        self.next_n = dict.fromkeys(self.lines, 1)
        self.folded: Folded | None = None
        self.customer_id = self.new_id()
        self.create("ann", "customer", self.customer_id, name="Shop", phone="1")
        asked = Collaborate(self.customer_id, self.user_ids["bo"])
        assert desk.ask(self.store, asked, NOW_MS)

    def new_id(self) -> bytes:
        """An id nobody has."""
        return self.history.new_id()

    def actor(self, name: str) -> Actor:
        return self.store.actor(self.lines[name])

    # entries

    def entry(self, who: str, kind: Kind, entity: str, record_id: bytes, body: object, bases: Mapping[str, int] | None = None) -> bytes:
        """Bytes of the next mutation of a line, alone in its group."""
        n = self.next_n[who]
        self.next_n[who] += 1
        raw = Raw(ENCODER.encode(body))
        return ENCODER.encode(
            Mutation(n, GroupPlace(n, 0, 1), int(kind), BY_NAME[entity].number, record_id, dict(bases or {}), raw, NOW_MS)
        )

    def send(self, who: str, *raws: bytes, skew_ms: int = 0) -> list[Outcome]:
        """One request; the outcomes of its mutations, all of which are new."""
        sent = numbered(raws)
        admission = admit(sent, Line(sent[0].n - 1, 0), Told(0, True), {})
        return self.take(who, admission.groups, skew_ms)

    def take(self, who: str, groups: list[list[Sent]], skew_ms: int = 0) -> list[Outcome]:
        self.folded, outcomes = server.take(self.store, self.actor(who), groups, Moment(NOW_MS, skew_ms))
        return outcomes

    def create(self, who: str, entity: str, record_id: bytes, **values: Any) -> Outcome:
        return self.send(who, self.entry(who, Kind.create, entity, record_id, values))[0]

    def command(self, who: str, entity: str, record_id: bytes, **body: Any) -> Outcome:
        return self.send(who, self.entry(who, Kind.command, entity, record_id, body))[0]

    def delete(self, who: str, entity: str, record_id: bytes) -> Outcome:
        """Delete what stands, having seen it."""
        return self.send(who, self.entry(who, Kind.delete, entity, record_id, None, {WHOLE: self.record(entity, record_id).rev}))[0]

    def transfer(self, customer_id: bytes, to: str) -> None:
        """The manager gives a customer to another rep; collaborators stay."""
        assert desk.ask(self.store, Transfer(customer_id, self.user_ids[to]), NOW_MS)

    def pool(self) -> bytes:
        """A pool of which everybody is a member; its id."""
        pool = Pool(self.new_id(), 1, "Pool")
        self.history.publish_reference(pool)
        return pool.id

    def patch(self, who: str, base: int, **values: Any) -> Outcome:
        """Change the customer on a base; the groups are those of the slots, and whole as they stand (P-331)."""
        return self.send(who, self.patching(who, base, **values))[0]

    def patching(self, who: str, base: int, **values: Any) -> bytes:
        bases = {BY_NAME["customer"].group_of[slot]: base for slot in values}
        return self.entry(who, Kind.patch, "customer", self.customer_id, on_screen(BY_NAME["customer"], self.customer, values), bases)

    def together(self, *raws: bytes) -> list[bytes]:
        """The same entries as one atomic group."""
        ones = [msgspec.msgpack.decode(raw, type=Mutation) for raw in raws]
        return [ENCODER.encode(msgspec.structs.replace(one, group=GroupPlace(ones[0].n, at, len(ones)))) for at, one in enumerate(ones)]

    # what stands

    def record(self, entity: str, record_id: bytes) -> Any:
        """A record as it stands, None where there is none."""
        held = self.store.records.get((BY_NAME[entity].number, record_id))
        return held.record if held is not None else None

    @property
    def customer(self) -> Any:
        return self.record("customer", self.customer_id)

    def items(self, name: str, *states: ItemState) -> list[InboxItem]:
        """Cards of a user in these states, open ones if none is named."""
        found: list[Record] = [held.record for held in self.store.records.values()]
        cards = [one for one in found if isinstance(one, InboxItem) and one.holder_id == self.user_ids[name]]
        return sorted((one for one in cards if one.state in (states or (ItemState.open,))), key=lambda one: one.rev)

    def contributions(self, customer_id: bytes) -> list[Contribution]:
        """Late edits beside a customer, oldest first."""
        found = [held.record for held in self.store.records.values()]
        return [one for one in found if isinstance(one, Contribution) and one.customer_id == customer_id]

    def decisions(self) -> list[str]:
        """How the history calls what the last request did."""
        assert self.folded is not None
        return [one.decision for one in self.folded.state.changes]


def said(outcome: Outcome) -> tuple[Result, str | None]:
    return outcome.result, outcome.code
