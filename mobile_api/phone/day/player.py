"""One phone as a process of its own: orders in on stdin, answers out on stdout. It records its screen at each entry."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
from msgspec import Raw

from mobile_api.phone.day.entries import Entry, Screen, Slots, by_group, flat, plain, screen_of
from mobile_api.phone.day.orders import (
    ORDER_DECODER,
    Answer,
    Around,
    Card,
    CardMember,
    Cards,
    Decide,
    Draft,
    Enter,
    Entered,
    Heard,
    Inbox,
    Look,
    Order,
    Quit,
    Reach,
    Refused,
    Rogue,
    Seen,
    SignedInTold,
    SignIn,
    Sync,
    Synced,
)
from mobile_api.phone.phone import Answered, Phone, SyncReport
from mobile_api.phone.transport import UnreachableError
from server import chance, clock
from shared_schema.entity import Entity
from shared_schema.places import Position
from shared_schema.problem import Problem
from shared_schema.records.base import Command
from shared_schema.records.inbox import InboxItem, Member, Value
from shared_schema.records.instruction import Acknowledge, Finish, Instruction, Read
from shared_schema.records.pool import Claim
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.agreed.quotes import content_hash
from sync.device import Edit
from sync.overlay import is_quiet
from sync.shelf import Pending

TARGET: Final = "/v1/device/push-target"
SUBMIT: Final = "submit"
STEPS: Final = {"read": Read, "acknowledge": Acknowledge}
FINISH: Final = "finish"
CLAIM: Final = "claim"
COMMANDS: Final = frozenset({SUBMIT, FINISH, CLAIM, *STEPS})
RECORDED: Final = frozenset({"create", "patch", "undo", "delete"})


class Player:
    """A phone that does as it is told."""

    def __init__(self, phone: Phone, name: str) -> None:
        self.phone = phone
        self.name = name

    def obey(self, order: Order) -> Answer:
        """Carry out one order. Raises Problem."""
        match order:
            case SignIn():
                told = self.phone.sign_in(order.url, order.organisation, order.account, order.password, order.device_name)
                return SignedInTold(told.line_no, told.user_id.hex())
            case Enter():
                return self._enter(order.drafts)
            case Rogue():
                return self._rogue(order.draft)
            case Sync():
                return self._sync(order.fault)
            case Look():
                return Seen([flat(record) for record in self.phone.views(BY_NAME[order.entity].record)])
            case Inbox():
                return Cards([_card(item) for item in self.phone.inbox()])
            case Decide():
                return self._decide(order)
            case Reach() | Around():
                self._ask_for(order)
            case Quit():
                self.phone.close()
        return Entered()

    # entering

    def _enter(self, drafts: Sequence[Draft]) -> Entered:
        device_ms = self.phone.clock()
        shown = [self._screen(BY_NAME[draft.entity], bytes.fromhex(draft.id)) for draft in drafts]
        numbers = self.phone.enter([self._edit(draft) for draft in drafts])
        told = zip(drafts, shown, numbers, strict=True)
        return Entered([entry for draft, screen, n in told for entry in self._entries(draft, screen, n, device_ms)])

    def _screen(self, entity: Entity, record_id: bytes) -> Screen:
        return screen_of(self.phone.view(entity.record, record_id))

    def _edit(self, draft: Draft) -> Edit:
        entity, record_id = BY_NAME[draft.entity], bytes.fromhex(draft.id)
        if draft.kind in COMMANDS:
            return Edit(Kind.command, entity, record_id, command=ENCODER.encode(self._command(draft, record_id)))
        return Edit(Kind[draft.kind], entity, record_id, {slot: _value(slot, value) for slot, value in draft.values.items()})

    def _command(self, draft: Draft, record_id: bytes) -> Command:
        """What is said of the record as it is on screen."""
        if draft.kind == SUBMIT:
            return Submit(self._content_hash(record_id))
        if draft.kind == CLAIM:
            return Claim(int(draft.values["epoch"] or 0))
        shown = self.phone.view(Instruction, record_id)
        if shown is None:
            raise LookupError("no such instruction on this phone")
        if draft.kind == FINISH:
            return Finish(bytes.fromhex(str(draft.values["visit_id"])), round=shown.round)
        return STEPS[draft.kind](shown.round)

    def _content_hash(self, quote_id: bytes) -> bytes:
        """Of the quote as it is on screen."""
        quote = self.phone.view(Quote, quote_id)
        if quote is None:
            raise LookupError("no such quote on this phone")
        return content_hash(quote, [line for line in self.phone.views(QuoteLine) if line.quote_id == quote_id])

    def _entries(self, draft: Draft, screen: Screen, n: int, device_ms: int) -> Iterable[Entry]:
        if draft.kind not in RECORDED:
            return []
        groups = by_group(BY_NAME[draft.entity], draft.values) or {"": {}}
        return [
            Entry(self.name, n, draft.kind, draft.entity, draft.id, group, values, screen, device_ms) for group, values in groups.items()
        ]

    def _rogue(self, draft: Draft) -> Entered:
        """Past the phone's own rules, straight into its queue, as a wrong app would."""
        entity, record_id, device_ms = BY_NAME[draft.entity], bytes.fromhex(draft.id), self.phone.clock()
        shelf = self.phone.shelf
        with shelf.transaction():
            seat = shelf.seat()
            place, body = GroupPlace(seat.next_n, 0, 1), Raw(ENCODER.encode(draft.values))
            mutation = Mutation(
                seat.next_n, place, int(Kind.patch), entity.number, record_id, dict.fromkeys(draft.values, 0), body, device_ms
            )
            shelf.put_pending(Pending(seat.next_n, ENCODER.encode(mutation), None, False))
            seat.next_n += 1
            shelf.put_seat(seat)
        return Entered([Entry(self.name, mutation.n, "rogue", draft.entity, draft.id, "", draft.values, {}, device_ms)])

    def _decide(self, order: Decide) -> Entered:
        item = next(one for one in self.phone.open_items() if one.id.hex() == order.item)
        if order.how == "keep_theirs":
            self.phone.keep_theirs(item)
        elif order.how == "dismiss":
            self.phone.dismiss(item)
        else:
            n = self.phone.use_mine(item)[0]
            return Entered([entry for member in item.members for entry in self._used(member, n)])
        return Entered()

    def _used(self, member: Member, n: int) -> Iterable[Entry]:
        """The value that the card showed as theirs was on screen when the author put another in its place."""
        entity = BY_NUMBER[member.entity]
        theirs = by_group(entity, _slots(member.theirs))
        for group, values in by_group(entity, _slots(member.mine)).items():
            yield Entry(self.name, n, "use_mine", entity.name, member.id.hex(), group, values, theirs, self.phone.clock())

    # push

    def _ask_for(self, order: Reach | Around) -> None:
        """Pushes to an address, or the pooled customers around a place."""
        if isinstance(order, Around):
            self.phone.keep_tile(Position(order.latitude_e6, order.longitude_e6))
        else:
            self._reach(order)

    def _reach(self, order: Reach) -> None:
        """Raises HTTPError when the server refuses it."""
        try:
            self._tell_target(order)
        except HTTPError as error:
            if error.code != HTTPStatus.UNAUTHORIZED:
                raise
            self.phone.session.transport().refresh()  # the clock of the day may have been moved
            self._tell_target(order)

    def _tell_target(self, order: Reach) -> None:
        tokens = self.phone.session.transport().tokens
        headers = {"Authorization": f"Bearer {tokens.access_token}" if tokens is not None else "", "Content-Type": "application/json"}
        body = msgspec.json.encode({"kind": order.kind, "address": order.address}) if order.address else None
        asked = Request(f"{self.phone.session.url()}{TARGET}", body, headers, method="PUT" if body else "DELETE")  # noqa: S310
        urlopen(asked).close()  # noqa: S310 - the demo's own server

    # syncing

    def _sync(self, fault: str) -> Synced:
        transport = self.phone.session.transport()
        transport.faults.lose_answer_once = fault == "lose"
        transport.faults.die_after_answer = fault == "die"
        try:
            report, unreachable = self.phone.sync(), False
        except UnreachableError:
            report, unreachable = SyncReport(), True
        heard = [_heard(one) for one in report.answered]
        transport = self.phone.session.transport()
        return Synced(heard, report.forks, report.complete, unreachable, transport.bytes_up, transport.bytes_down)


def _heard(one: Answered) -> Heard:
    told = one.outcome
    return Heard(one.line_no, told.n, told.result.name, told.code, told.field, one.again, is_quiet(one.raw))


def _value(slot: str, value: Any) -> Value:
    return bytes.fromhex(value) if slot.endswith("_id") and isinstance(value, str) else value


def _slots(values: Mapping[str, Value]) -> Slots:
    return {slot: plain(value) for slot, value in values.items()}


def _card(item: InboxItem) -> Card:
    return Card(item.id.hex(), item.code, item.state.name, _members(item.members), _members(item.earlier), item.field)


def _members(members: Iterable[Member]) -> list[CardMember]:
    return [
        CardMember(
            BY_NUMBER[one.entity].name, one.id.hex(), one.group, _slots(one.mine), _slots(one.theirs), (one.their_user_id or b"").hex()
        )
        for one in members
        if one.entity in BY_NUMBER
    ]


def main() -> None:
    """Play until told to quit, or until stdin ends."""
    parser = argparse.ArgumentParser(description="one phone of the demo day")
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--ahead-ms", type=int, default=0)
    parser.add_argument("--clock-ahead-ms", type=int, default=0)
    parser.add_argument("--clock-file", default="")
    asked = parser.parse_args()
    clock.simulate(asked.clock_ahead_ms, asked.clock_file)
    player = Player(Phone(asked.file, clock=lambda: chance.now_ms() + asked.ahead_ms), asked.name)
    for line in sys.stdin:
        order = ORDER_DECODER.decode(line)
        try:
            answer: Answer = player.obey(order)
        except Problem as problem:
            answer = Refused(problem.code.word, problem.detail)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()
        if isinstance(order, Quit):
            return


if __name__ == "__main__":
    main()
