"""A simulated phone: the reference device over a shelf that can die at any stroke, with backups and its author's ledger."""

from collections.abc import Mapping, Sequence

import msgspec

from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, ItemState, Value
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ANSWER_DECODER, ENCODER, Kind, SyncAnswer
from sync import decisions, device, overlay
from sync.admission import fingerprint
from sync.decode import envelope, understand
from sync.device import Edit
from sync.merge import value_of
from sync.shelf import HeldScope, MemoryShelf, Pending, Seat
from sync.state import Key
from tests.prove.ledger import Alias, Entry, Ledger
from tests.prove.store import User


class Killed(Exception):  # noqa: N818 - not an error: what the simulator does to it
    """The operating system ended the app."""


class DyingShelf(MemoryShelf):
    """A shelf whose owner can be killed: `strokes` writes succeed, the next one does not. −1: it lives."""

    def __init__(self) -> None:
        super().__init__()
        self.strokes = -1
        self.back: list[Key] = []
        """Rows that went to a lower rev while their scope was not beginning anew."""

    def copy(self) -> "DyingShelf":
        other = DyingShelf()
        other._seat = self.seat()
        other._scopes = self.scopes()
        other._rows = self._rows.copy()
        other._holds = {scope: held.copy() for scope, held in self._holds.items()}
        other._pendings = {n: msgspec.structs.replace(one) for n, one in self._pendings.items()}
        return other

    def same(self, other: "DyingShelf") -> bool:
        return (self._seat, self._scopes, self._rows, self._holds, self._pendings) == (
            other._seat, other._scopes, other._rows, other._holds, other._pendings,
        )  # fmt: skip

    def content(self) -> dict[Key, bytes]:
        """Every server row."""
        return self._rows

    def _stroke(self) -> None:
        if self.strokes == 0:
            raise Killed
        self.strokes -= 1

    def put_seat(self, seat: Seat) -> None:
        self._stroke()
        super().put_seat(seat)

    def put_scope(self, scope: HeldScope) -> None:
        self._stroke()
        super().put_scope(scope)

    def put_row(self, key: Key, body: bytes) -> None:
        self._stroke()
        old = self._rows.get(key)
        if old is not None and revision(key, old) > revision(key, body):
            self.back.append(key)
        super().put_row(key, body)

    def drop_row(self, key: Key) -> None:
        self._stroke()
        super().drop_row(key)

    def hold(self, scope: int, key: Key, generation: int) -> None:
        self._stroke()
        super().hold(scope, key, generation)

    def put_pending(self, pending: Pending) -> None:
        self._stroke()
        super().put_pending(pending)

    def drop_pending(self, n: int) -> None:
        self._stroke()
        super().drop_pending(n)


def revision(key: Key, body: bytes) -> int:
    """Rev of a stored row."""
    record: Record = BY_NUMBER[key[0]].body_decoder.decode(body)
    return record.rev


class Handset:
    """One phone of one user."""

    def __init__(self, number: int, user: User, line_no: int, ledger: Ledger) -> None:
        self.number = number
        self.user = user
        self.ledger = ledger
        self.shelf = DyingShelf()
        self.shelf.put_seat(Seat(user.org_id, user.id, line_no))
        self.ahead_ms = 0
        self.page_bytes = 100_000
        self.backup: tuple[DyingShelf, int] | None = None
        """A copy of the phone, and how many entries there were then."""
        self.lives = 1
        """A connection dies with the app: an answer reaches only the life that asked."""

    @property
    def line_no(self) -> int:
        return self.shelf._seat.line_no

    # entries

    def enter(self, edits: Sequence[Edit], saws: Sequence[dict[str, Value]] | None, now_ms: int) -> list[Entry]:
        """Enter one atomic group and write it down. `saws`: what a card printed beside the screen."""
        cards = saws if saws is not None else [{} for _ in edits]
        seen = [
            seen_in(self.screen(edit), card, *self.chain(edit), *(one.values for one in edits[:at] if one.id == edit.id))
            for at, (edit, card) in enumerate(zip(edits, cards, strict=True))
        ]
        numbers = device.enter(self.shelf, edits, max(0, now_ms + self.ahead_ms))
        first = len(self.ledger.entries)
        group = tuple(range(first, first + len(edits)))
        for at, (edit, saw, n) in enumerate(zip(edits, seen, numbers, strict=True)):
            raw = self.shelf._pendings[n].raw
            alias = (self.line_no, n, fingerprint(raw))
            values = said(raw) if edit.kind in (Kind.patch, Kind.undo) else dict(edit.values)
            self.ledger.raws[alias] = raw
            self.ledger.add(Entry(first + at, self.number, edit.kind, edit.entity, edit.id, values, saw, group, [alias], saws is not None))
        return self.ledger.entries[first:]

    def screen(self, edit: Edit) -> dict[str, Value]:
        """What the author sees in each slot that he touches; all of them when he deletes."""
        record = overlay.view(self.shelf, edit.entity, edit.id)
        if record is None:
            return {}
        groups = [edit.entity.group_of.get(slot, "") for slot in edit.values]
        mates = [slot for group in groups for slot in edit.entity.groups.get(group, ())]
        slots = [*edit.entity.group_of, *edit.entity.sets] if edit.kind == Kind.delete else [*edit.values, *mates]
        return {slot: value_of(record, slot) for slot in slots if slot != "extra"}

    def chain(self, edit: Edit) -> list[dict[str, Value]]:
        """What the author entered there himself on this phone; of what is still on its way also what he had seen when he did."""
        own = [one for one in self.ledger.entries if one.phone == self.number and one.id == edit.id and not one.thrown_back]
        sights: list[dict[str, Value]] = [one.values for one in own]
        for one, intent in overlay.own(self.shelf, (edit.entity.number, edit.id)):
            sights += list(intent.values.values())
            entry = self.ledger.by_alias.get((self.line_no, one.n, fingerprint(one.raw)))
            if entry is not None:
                sights += [{slot: value} for slot, values in entry.saw.items() for value in values]
        return sights

    def shown(self, name: str) -> list[Record]:
        """Records of a kind on the screen, by id."""
        return overlay.views(self.shelf, BY_NAME[name])

    def cards(self) -> list[InboxItem]:
        """Open cards of one's own."""
        return [item for item in decisions.inbox(self.shelf) if item.state == ItemState.open and item.holder_id == self.user.id]

    # the network

    def ask(self, now_ms: int) -> bytes:
        """Bytes of the next request."""
        return ENCODER.encode(device.request(self.shelf, max(0, now_ms + self.ahead_ms), "simulator", self.page_bytes))

    def idle(self) -> bool:
        """Nothing to send, nothing drawn that the server has not shown."""
        seat = self.shelf.seat()
        return not seat.forked and all(one.outcome is not None and not one.overlay for one in self.shelf.pendings())

    def apply(self, answer: SyncAnswer, strokes: int = -1) -> bool:
        """Take in an answer in one local transaction. Raises Killed: the state before stands."""
        before = self.shelf.copy() if strokes >= 0 else None
        self.shelf.strokes = strokes
        try:
            return device.apply(self.shelf, answer)
        except Killed:
            if before is not None:
                self.shelf = before
            raise
        finally:
            self.shelf.strokes = -1

    # life

    def new_line(self, line_no: int) -> None:
        """Go on as another line: what is pending is renumbered; the ledger follows."""
        old_no, before, forked = self.line_no, self.shelf.pendings(), self.shelf.seat().forked
        for one in before:
            entry = self.ledger.by_alias.get((old_no, one.n, fingerprint(one.raw)))
            if entry is not None and one.outcome is not None and forked:
                entry.thrown_back = True
        device.take_new_line(self.shelf, self.user.org_id, self.user.id, line_no)
        waiting = [one for one in before if one.outcome is None or not forked]
        for old, new in zip(waiting, self.shelf.pendings(), strict=True):  # in the same order; a body may name new tags of sets
            self.ledger.again(self._alias(old_no, old), self._alias(line_no, new), new.raw)

    def _alias(self, line_no: int, pending: Pending) -> Alias:
        return line_no, pending.n, fingerprint(pending.raw)

    def save_copy(self) -> None:
        self.backup = (self.shelf.copy(), len(self.ledger.entries))

    def restore_copy(self) -> bool:
        """Go back to the copy: what was entered since is forgotten by this phone."""
        if self.backup is None:
            return False
        shelf, entries = self.backup
        self.lives += 1
        self.shelf = shelf.copy()
        for entry in self.ledger.entries[entries:]:
            entry.thrown_back = entry.thrown_back or entry.phone == self.number
        return True

    def replace(self, line_no: int) -> None:
        """The phone is lost, with what it had not sent; its owner gets an empty one."""
        self.shelf, self.backup = DyingShelf(), None
        self.lives += 1
        self.shelf.put_seat(Seat(self.user.org_id, self.user.id, line_no))
        for entry in self.ledger.entries:
            entry.thrown_back = entry.thrown_back or entry.phone == self.number

    def unanswered(self) -> list[bytes]:
        """Bytes of what waits for its first outcome."""
        return [one.raw for one in self.shelf.pendings() if one.outcome is None]


def said(raw: bytes) -> dict[str, Value]:
    """Every value that a patch carries: the author's, and the others of its groups as on his screen."""
    return {slot: value for values in understand(envelope(raw)).values.values() for slot, value in values.items()}


def seen_in(*sights: Mapping[str, Value]) -> dict[str, tuple[Value, ...]]:
    """What stood in each slot: on the screen, on the card, in his own queue; each value once, the screen's first."""
    seen: dict[str, list[Value]] = {}
    for each in sights:
        for slot, value in each.items():
            known = seen.setdefault(slot, [])
            if value not in known:
                known.append(value)
    return {slot: tuple(known) for slot, known in seen.items()}


def read_answer(raw: bytes) -> SyncAnswer | None:
    """Decode an answer; None when it is cut short."""
    try:
        return ANSWER_DECODER.decode(raw)
    except (msgspec.DecodeError, ValueError):
        return None
