"""A small organisation in memory, and mutations as a phone encodes them, folded with the real rules."""

from typing import Any

import msgspec

from server.domain.rules import RULES
from shared_schema.places import Datum
from shared_schema.problem import Problem
from shared_schema.records.base import Command, Record
from shared_schema.records.customer import Customer, CustomerKind, Standing
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.records.reference import FieldDefinition, FieldKind, Organisation, Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.fold import Sent, Verdict, fold
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State
from tests.unit.device_world import on_screen

NOON_MS = 1_767_153_600_000
"""2025-12-31T04:00Z, noon in Shanghai."""
SHOP_E6 = (31_230_400, 121_473_700)


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


REP, OTHER, BOSS = key(1), key(2), key(3)
CUSTOMER, FOREIGN, QUOTE = key(100), key(101), key(200)
ACTOR = Actor(1, REP, 7, Role.rep)
MOMENT = Moment(NOON_MS)


def organisation(state: State, *, include_tax: bool = False, time_zone: str = "Asia/Shanghai") -> State:
    state.organisation = Organisation(key(9), 1, "Acme", time_zone=time_zone, prices_include_tax=include_tax)
    return state


def stored(state: State, *records: Record) -> State:
    """Take in records as the store would have loaded them, written by the server at their rev."""
    for record in records:
        state.load(BY_RECORD[type(record)], Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    return state


def shop(kind: CustomerKind = CustomerKind.shop, **slots: Any) -> Customer:
    latitude, longitude = SHOP_E6
    placed = {"latitude_e6": latitude, "longitude_e6": longitude, "datum": Datum.wgs84}
    return Customer(CUSTOMER, 3, "Corner shop", kind=kind, wgs_latitude_e6=latitude, wgs_longitude_e6=longitude, **{**placed, **slots})


def world() -> State:
    """One shop of REP, one of OTHER."""
    foreign = (Customer(FOREIGN, 3, "Elsewhere"), Standing(FOREIGN, 1, owner_id=OTHER, epoch=1))
    return stored(organisation(State()), shop(), Standing(CUSTOMER, 1, owner_id=REP, epoch=1), *foreign)


def line(number: int, price_minor: int = 1_000, quantity_thousandths: int = 1_000, **slots: Any) -> QuoteLine:
    return QuoteLine(key(number), 1, CUSTOMER, QUOTE, key(500), "box", quantity_thousandths, price_minor, **slots)


def quoted(state: State, *lines: QuoteLine, **slots: Any) -> State:
    return stored(state, Quote(QUOTE, 2, CUSTOMER, "CNY", author_id=OTHER, **slots), *lines)


def define(state: State, record: type[Record], name: str, kind: FieldKind, **slots: Any) -> State:
    number = BY_RECORD[record].number
    state.definitions[number, name] = FieldDefinition(key(800), 1, number, name, kind, "字段", "field", **slots)
    return state


class Phone:
    """Sends mutations one by one to one state."""

    def __init__(self, state: State, actor: Actor = ACTOR, moment: Moment = MOMENT) -> None:
        self.state = state
        self.actor = actor
        self.moment = moment
        self.n = 0

    def create(self, record: type[Record], record_id: bytes, **fields: Any) -> Verdict:
        return self._send(Kind.create, record, record_id, {}, fields)

    def patch(self, record: type[Record], record_id: bytes, bases: dict[str, int], **fields: Any) -> Verdict:
        return self._send(Kind.patch, record, record_id, bases, on_screen(BY_RECORD[record], self.state.find(record, record_id), fields))

    def delete(self, record: type[Record], record_id: bytes) -> Verdict:
        return self._send(Kind.delete, record, record_id, {WHOLE: 1_000}, None)

    def restore(self, record: type[Record], record_id: bytes, rev: int, **fields: Any) -> Verdict:
        return self._send(Kind.restore, record, record_id, {WHOLE: rev}, fields)

    def command(self, command: Command, record_id: bytes = QUOTE, record: type[Record] = Quote) -> Verdict:
        return self._send(Kind.command, record, record_id, {}, command)

    def submit(self, content_hash: bytes, record: type[Record] = Quote, record_id: bytes = QUOTE) -> Verdict:
        return self._send(Kind.command, record, record_id, {}, Submit(content_hash))

    def _send(self, kind: Kind, record: type[Record], record_id: bytes, bases: dict[str, int], body: object) -> Verdict:
        self.n += 1
        place = GroupPlace(self.n, 0, 1)
        entity = BY_RECORD[record].number
        mutation = Mutation(self.n, place, kind, entity, record_id, bases, msgspec.Raw(ENCODER.encode(body)), NOON_MS)
        folded = fold([[Sent(self.n, ENCODER.encode(mutation), mutation)]], Turn(self.state, self.actor, RULES, self.moment))
        self.state = folded.state
        return folded.verdicts[0]


def refusal(verdict: Verdict) -> tuple[str, str | None]:
    """Code and field of a refused mutation."""
    problem = verdict.problem
    assert isinstance(problem, Problem), verdict
    return problem.code.word, problem.field
