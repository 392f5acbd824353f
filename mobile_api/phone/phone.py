"""One phone: its file and its transport together, and the verbs a user has."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar, get_type_hints

import msgspec

from mobile_api.phone import pace, uptime
from mobile_api.phone.file import FileShelf
from mobile_api.phone.session import SENT, Session
from mobile_api.phone.tiles import ask_around, choose_tiles
from mobile_api.phone.transport import Transport, UnreachableError
from server import chance
from shared_schema.places import Position
from shared_schema.problem import Problem
from shared_schema.records.base import Command, Record
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, KeepTheirs, SendUp, Value
from shared_schema.registry import BY_RECORD
from shared_schema.rest import EnrolRequest, Event, LoginRequest, SignedIn
from shared_schema.text import plain
from shared_schema.wire import ENCODER, OUTCOME_DECODER, PAGE_BYTES, Beyond, Mutation, Outcome, SyncAnswer, SyncRequest
from sync import decisions, device, overlay, receipts, unsent
from sync.device import Edit
from sync.entered import fitted_by, tidied
from sync.shelf import Seat
from sync.steps import DAY_MS, UNDO_DAYS
from sync.undo import undoable

R = TypeVar("R", bound=Record)
APP: Final = "outrider-phone 1"
IDLE_ROUNDS_MAX: Final = 5
"""Rounds in which nothing moves before a sync gives up and says so."""
FORKS_MAX: Final = 3
_HINTS: Final = {**get_type_hints(LoginRequest, include_extras=True), **get_type_hints(EnrolRequest, include_extras=True)}
_OFFLINE: Final = "offline"
_PACE: Final = "pace"
"""Note of the bytes of rows to ask for next: as many as the network bore last."""
Progress = Callable[[int, int], None]
"""(positions reached, heads) summed over the scopes held."""


class Answered(msgspec.Struct, frozen=True):
    """The result of one mutation. `again`: this phone had sent it before, and got no answer."""

    line_no: int
    outcome: Outcome
    again: bool
    raw: bytes = b""
    """The mutation, as it was sent."""


class SyncReport(msgspec.Struct):
    """The result of one sync. `complete`: every entry is answered, and every row that the server had is here."""

    rounds: int = 0
    answered: list[Answered] = []
    forks: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    waiting: int = 0
    complete: bool = False
    problem: str | None = None
    beyond: Beyond | None = None


class Phone:
    """A phone whose memory is the file at `path`. `clock`: milliseconds as this phone believes them; `new_id`: 16 bytes."""

    def __init__(
        self, path: Path | str, clock: Callable[[], int] = chance.now_ms, new_id: Callable[[], bytes] = chance.new_id, language: str = "en"
    ) -> None:
        self.clock = clock
        self.new_id = new_id
        self.shelf = FileShelf(Path(path))
        self.session = Session(self.shelf, new_id, language)
        self.report = SyncReport()
        """The result of the running sync so far, or of the last one: it stays readable when the network ends it."""

    def close(self) -> None:
        """Close file and connection; a copy of the file made now is a whole backup."""
        self.session.close()
        self.shelf.close()

    def sign_in(self, url: str, organisation: str, account: str, password: str, device_name: str = "") -> SignedIn:
        """Sign in with a password; earlier entries stay in the queue.

        Raises UnreachableError, MisfitError, Problem(login_wrong | device_pending | forbidden when the file is another user's).
        """
        who = _who(organisation=organisation, account=account, device_name=device_name)
        asked = LoginRequest(password=password, installation_id=self.session.installation(), app=APP, **who)
        return self.session.login(url, asked)

    def enrol(self, url: str, organisation: str, code: str, device_name: str = "") -> SignedIn:
        """Sign in with a one-time code from an admin. Raises as `sign_in`, Problem(code_wrong)."""
        who = _who(organisation=organisation, code=code, device_name=device_name)
        asked = EnrolRequest(installation_id=self.session.installation(), app=APP, **who)
        return self.session.enrol(url, asked)

    # the network, as the user chose it

    @property
    def offline(self) -> bool:
        """Whether the user switched the network off."""
        return self.shelf.note(_OFFLINE) is not None

    @offline.setter
    def offline(self, wanted: bool) -> None:
        with self.shelf.transaction():
            self.shelf.put_note(_OFFLINE, b"1" if wanted else None)

    # the screen

    def views(self, record: type[R]) -> list[R]:
        """All records of one type as the screen shows them, by id."""
        return overlay.views(self.shelf, BY_RECORD[record])  # type: ignore[return-value]

    def view(self, record: type[R], record_id: bytes) -> R | None:
        """One record as the screen shows it; None when there is none."""
        return overlay.view(self.shelf, BY_RECORD[record], record_id)  # type: ignore[return-value]

    def inbox(self) -> list[InboxItem]:
        """Every inbox item on this phone, oldest first."""
        return decisions.inbox(self.shelf)

    def open_items(self) -> list[InboxItem]:
        """The inbox items that wait for this user, oldest first."""
        user_id = self.seat().user_id
        return [item for item in self.inbox() if item.state == ItemState.open and item.holder_id == user_id]

    def seat(self) -> Seat:
        """Which device line this is, and how far it came."""
        return self.shelf.seat()

    def waiting(self) -> int:
        """How many own entries the server has not answered yet; receipts are not counted (P-630)."""
        return sum(one.outcome is None and not overlay.is_quiet(one.raw) for one in self.shelf.pendings())

    def _to_say(self) -> bool:
        """Whether another request has something to carry."""
        return any(one.outcome is None for one in self.shelf.pendings()) or bool(receipts.due(self.shelf))

    def running(self) -> dict[str, Value]:
        """Evidence of the time beside the clock; nothing where the clock of this phone is another than the machine's."""
        return uptime.running(self.shelf) if self.clock is chance.now_ms else {}

    # entering

    def enter(self, edits: Sequence[Edit]) -> list[int]:
        """Put the user's act into the queue as one atomic group, its texts as they are kept. Returns the numbers given. Raises
        MisfitError."""
        typed = [tidied(edit) for edit in edits]
        with self.shelf.transaction():
            return device.enter(self.shelf, typed, self.clock())

    def use_mine(self, item: InboxItem) -> list[int]:
        """Put the author's parked values in place after all; the numbers given."""
        with self.shelf.transaction():
            groups = decisions.use_mine(self.shelf, item)
            return [n for edits in groups for n in device.enter(self.shelf, edits, self.clock())]

    def keep_theirs(self, item: InboxItem) -> list[int]:
        """Close a conflict: the value that stands stays."""
        return self._decide(item, KeepTheirs())

    def dismiss(self, item: InboxItem) -> list[int]:
        """Close a refusal that was read."""
        return self._decide(item, Dismiss())

    def send_up(self, item: InboxItem) -> list[int]:
        """Let the manager decide."""
        return self._decide(item, SendUp())

    def decide_each(self, items: Sequence[InboxItem], command: Command) -> int:
        """The same decision on many items, each on its own; how many were open."""
        groups = decisions.decide_each(items, ENCODER.encode(command))
        with self.shelf.transaction():
            for edits in groups:
                device.enter(self.shelf, edits, self.clock())
        return len(groups)

    def _decide(self, item: InboxItem, command: Command) -> list[int]:
        return self.enter([decisions.decision(item, ENCODER.encode(command))])

    # taking back

    def take_back(self) -> list[Mutation]:
        """Take the newest entry out of the queue, if it was never sent (P-614). Returns the entry."""
        with self.shelf.transaction():
            return unsent.take_back(self.shelf, self.session.sent_n())

    def undoable(self, customer_id: bytes) -> list[Event]:
        """Own changes on a customer that can be taken back, newest first; asks the server.

        Raises UnreachableError, Problem(signed_out).
        """
        if self.offline:
            raise UnreachableError("this phone is switched offline")
        since_ms = self.clock() - (UNDO_DAYS + 1) * DAY_MS
        told = self.session.transport().timeline(customer_id, max(0, since_ms))
        return undoable(told, self.seat().user_id, self.clock())

    # syncing

    def sync(self, progress: Progress | None = None, page_bytes: int | None = None) -> SyncReport:
        """Push and pull until everything entered is answered and everything the server has is here. `page_bytes`: None as the line bears.

        Raises UnreachableError: call again, nothing is lost and nothing happens twice; Problem(signed_out, …): the session ended, data
        and queue stay; Problem(device_wipe): the phone was revoked and its data is gone.
        """
        if self.offline:
            raise UnreachableError("this phone is switched offline")
        transport, report = self.session.transport(), SyncReport()
        choose_tiles(self.shelf)
        self.report = report
        up, down = transport.bytes_up, transport.bytes_down
        try:
            self._rounds(transport, report, progress, page_bytes)
            while report.complete and choose_tiles(self.shelf):  # it brought customers: their tiles are wanted too
                self._rounds(transport, report, progress, page_bytes)
        except Problem as problem:
            self.session.end(problem)
            raise
        finally:
            report.bytes_up, report.bytes_down = transport.bytes_up - up, transport.bytes_down - down
        report.waiting = self.waiting()
        report.complete = report.complete and not report.waiting
        return report

    def keep_tile(self, at: Position) -> None:
        """Ask for the pooled customers around a place too, from the next sync on."""
        ask_around(self.shelf, at)

    def _rounds(self, transport: Transport, report: SyncReport, progress: Progress | None, page_bytes: int | None) -> None:
        idle = 0
        while idle < IDLE_ROUNDS_MAX and report.forks < FORKS_MAX:
            self.session.follow_line()
            if self.seat().forked:  # before anything else: a fork whose answer was lost is asked for again (P-013)
                self.session.fork()
                report.forks += 1
            before = self.seat()
            answer = self._round(transport, report, page_bytes)
            after = self.seat()
            report.problem, report.beyond = answer.problem, answer.beyond
            if progress is not None:
                progress(*self.reached())
            report.complete = answer.consistent and not answer.more
            if (report.complete or answer.problem is not None) and not after.forked and not self._to_say():
                return
            idle = 0 if (after.cursor, after.acked_n, after.forked) != (before.cursor, before.acked_n, before.forked) else idle + 1

    def _round(self, transport: Transport, report: SyncReport, page_bytes: int | None) -> SyncAnswer:
        paced = int(self.shelf.note(_PACE) or PAGE_BYTES)
        with self.shelf.transaction():
            for receipt in receipts.due(self.shelf):
                device.enter(self.shelf, [receipt], self.clock())
            asked = device.request(self.shelf, self.clock(), APP, page_bytes or paced)
            asked = uptime.timed(asked, real=self.clock is chance.now_ms)
            sent_before = self._mark_sent(asked)
        began_ms, waited_ms = self.clock(), transport.waited_ms
        try:
            answer = transport.sync(asked)
        except UnreachableError:
            self._keep_pace(paced, pace.after_loss(paced))
            raise
        took_ms = self.clock() - began_ms - (transport.waited_ms - waited_ms)
        with self.shelf.transaction():
            self._keep_pace(paced, pace.after_answer(paced, took_ms))
            line_no = self.seat().line_no
            waiting = {one.n: one.raw for one in self.shelf.pendings() if one.outcome is None}
            uptime.hear(self.shelf, answer.server_ms)
            if device.apply(self.shelf, answer):
                outcomes = [OUTCOME_DECODER.decode(raw) for raw in answer.outcomes]
                report.answered += [Answered(line_no, one, one.n <= sent_before, waiting[one.n]) for one in outcomes if one.n in waiting]
        report.rounds += 1
        return answer

    def _keep_pace(self, before: int, now: int) -> None:
        if now != before:
            self.shelf.put_note(_PACE, str(now).encode())

    def _mark_sent(self, asked: SyncRequest) -> int:
        """Note the last number sent; the one noted before."""
        before = int(self.shelf.note(SENT) or 0)
        waiting = [one.n for one in self.shelf.pendings() if one.outcome is None]
        self.shelf.put_note(SENT, str(max([before, *waiting[: len(asked.mutations)]])).encode())
        return before

    def reached(self) -> tuple[int, int]:
        """(positions, heads) summed over the scopes held: how far a first sync came."""
        scopes = self.shelf.scopes().values()
        return sum(scope.position for scope in scopes), sum(scope.head for scope in scopes)


def _who(**given: str) -> dict[str, str]:
    """The names of a user who signs in, as typed with whatever input method (P-622). Raises MisfitError."""
    return fitted_by(_HINTS, {name: plain(text) for name, text in given.items()})


__all__ = ["Answered", "Edit", "Phone", "SyncReport", "UnreachableError"]
