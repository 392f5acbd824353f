"""One seeded history: phones, a server, a network between them and a desk. The same seed, the same trace."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from msgspec import Struct

from geo.grid import masked, tile
from server.domain.pools import NOWHERE_TILE
from shared_schema.policy import Lane
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.pool import HIDEABLE, Pool
from shared_schema.records.reference import Department, FieldDefinition, FieldKind, Organisation, Person, Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, OUTCOME_DECODER, SyncAnswer, SyncRequest
from sync import cursor as cursors
from sync import device
from sync.admission import numbered
from sync.scope import REFERENCE, Reader
from sync.state import WHOLE, Held, Stamp, State
from tests.prove import facts, handed, pooled, rights, server, watch
from tests.prove.handset import Handset, Killed, read_answer
from tests.prove.ledger import Ledger
from tests.prove.rightful import alike, expected, how
from tests.prove.side import NOBODY, Side
from tests.prove.store import LineRow, Store, User, save
from tests.prove.watch import Turn, need

START_MS: Final = 1_780_000_000_000
STEPS: Final = (30, 70)
IN_FLIGHT_MAX: Final = 12
PLACES: Final = ((31_230_416, 121_473_701), (39_904_200, 116_407_396))
"""WGS-84 positions of customers, each in a tile of its own."""
TILES: Final = (NOWHERE_TILE, *(tile(*masked(*place)) for place in PLACES))
TILE_SHARE: Final = 0.6
HIDDEN_SHARE: Final = 0.3


class Step(Struct, frozen=True):
    """Which action, which phone, and the number that chooses the rest."""

    action: str
    phone: int
    number: int


class Letter(Struct, frozen=True):
    """A request on its way, or seen to pass by."""

    phone: int
    line_no: int
    cursor: bytes
    raw: bytes
    life: int
    """Which life of the phone asked."""
    tiles: tuple[int, ...] = ()


class Reply(Struct, frozen=True):
    """An answer on its way; `raw` None: the line is unknown, sign in."""

    letter: Letter
    raw: bytes | None
    snapshot: Store
    """What the server held when it answered."""


class History:
    """The world of one seed."""

    def __init__(self, seed: int, counts: Counter[str], *, clocks: bool = True, side: Side = NOBODY) -> None:
        self.counts = counts
        self.side = side
        self.clocks = clocks
        self.dice = random.Random(seed)
        self.now_ms = START_MS
        self.words = 0
        self.ids = 0
        self.line_no = 0
        self.store = Store()
        self.ledger = Ledger()
        self.handsets: list[Handset] = []
        self.up: list[Letter] = []
        self.down: list[Reply] = []
        self.passed: list[Letter] = []
        self.issued: set[bytes] = set()
        self.confirmed: dict[int, int] = {}
        self.server_copy: Store | None = None
        self.lines: list[str] | None = None
        self.hash = hashlib.sha256()
        self.checked = self.dice.random() < 0.3
        """Whether every consistent answer and every batch is judged in this history: it costs time."""
        self._open()

    # making

    def _open(self) -> None:
        self.store.add_scope(REFERENCE)
        definition = FieldDefinition(self.new_id(), 1, 1, "grade", FieldKind.text, "等级", "grade")
        self.publish_reference(Organisation(self.new_id(), 1, "Test"), definition)
        ann, bo, third = (self.new_id() for _ in range(3))
        reps = [ann, bo, third]
        org_id = self.side.org_id
        manager = User(self.new_id(), Role.manager, frozenset(reps), org_id)
        users = {user_id: User(user_id, Role.rep, frozenset(), org_id) for user_id in reps}
        director = User(self.new_id(), Role.manager, frozenset((*reps, manager.id)), org_id)
        admin = User(self.new_id(), Role.admin, frozenset(), org_id)
        for user in (*users.values(), manager, director, admin):
            self.store.add_user(user)
        self.publish_reference(*self._directory(reps, manager, director, admin))
        self.publish_reference(*self._pools())
        for department_id in (*self.store.parents,):
            self.store.add_scope(Reader(Lane.team, department_id))
        self.side.open(self.store)
        second = ann if self.dice.random() < 0.6 else third
        for user in (users[ann], users[bo], users[second], manager):
            self.handsets.append(Handset(len(self.handsets), user, self.open_line(user.id), self.ledger))
            device.keep_tiles(self.handsets[-1].shelf, some_tiles(self.dice))
        self.director_line, self.admin_line = self.open_line(director.id), self.open_line(admin.id)

    def _directory(self, reps: Iterable[bytes], manager: User, director: User, admin: User) -> Iterable[Record]:
        """Who works where: the manager's team, and elsewhere, both below the director, whom all of them report to."""
        top, self.team_id, self.elsewhere_id = (self.new_id() for _ in range(3))
        yield Department(top, 1, "Top")
        yield from (Department(one, 1, "Sales", top) for one in (self.team_id, self.elsewhere_id))
        yield from (Person(one, 1, f"rep {number}", Role.rep, self.team_id) for number, one in enumerate(reps))
        yield Person(manager.id, 1, "manager", manager.role, self.team_id)
        yield Person(director.id, 1, "director", director.role, top)
        yield Person(admin.id, 1, "admin", admin.role)

    def _pools(self) -> Iterable[Pool]:
        """One for everybody, one for the manager's team; each hides what it likes."""
        for department_id in (None, self.team_id):
            yield Pool(self.new_id(), 1, "Pool", department_id, some_hidden(self.dice))

    def open_customers(self, create: Callable[["History", Handset], bool], share: Callable[["History", Handset], bool]) -> None:
        """Two customers, one of them shared; the phones have seen none, some or all of it."""
        for _ in range(2):
            create(self, self.handsets[0])
        self.sync(self.handsets[0])
        share(self, self.handsets[0])
        for phone in self.handsets:
            if self.dice.random() < 0.8:
                self.sync(phone)

    def publish_reference(self, *records: Record) -> None:
        """Put records of the organisation in place."""
        state = State()
        for record in records:
            state.put(BY_RECORD[type(record)], Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
        save(self.store, state)

    def new_id(self) -> bytes:
        self.ids += 1
        return self.ids.to_bytes(16, "big")

    def open_line(self, user_id: bytes) -> int:
        """A new device line; its number is never given twice, also not after a restore."""
        self.line_no += 1
        self.store.lines[self.line_no] = LineRow(user_id)
        self.store.answered[self.line_no] = {}
        self.side.line_opened(self.line_no, user_id, self.now_ms)
        return self.line_no

    def word(self) -> str:
        """A value that nobody enters twice."""
        self.words += 1
        return f"v{self.words}"

    # playing

    def step(self, one: Step, act: Callable[["History", Handset], bool]) -> None:
        """Carry out one step; counted if it did anything."""
        self.dice.seed(one.number)
        self.now_ms += 1_000
        done = act(self, self.handsets[one.phone % len(self.handsets)])
        self.counts[f"action {one.action}"] += done
        self.trace(f"{one.action} phone {one.phone % len(self.handsets)}{'' if done else ': nothing to do'}")

    def trace(self, line: str) -> None:
        self.hash.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)

    def fingerprint(self) -> str:
        """Names the whole course and the end of this history."""
        for key, held in sorted(self.store.records.items()):
            self.hash.update(ENCODER.encode((key, held.record, held.stamps)))
        return self.hash.hexdigest()[:16]

    # the network

    def send(self, phone: Handset) -> Letter:
        """A request leaves the phone."""
        raw = phone.ask(self.now_ms)
        seat = phone.shelf.seat()
        return Letter(phone.number, phone.line_no, seat.cursor, raw, phone.lives, seat.tiles)

    def serve(self, letter: Letter, *, commit: bool = True) -> Reply:
        """The server takes one request: push, commit, pull. Raises Problem when it cannot be read."""
        self.passed = [*self.passed[-7:], letter]
        try:
            request = server.read(letter.raw)
        except Problem:
            self.side.refused(letter.raw, letter.line_no, self.now_ms)
            raise
        if letter.line_no not in self.store.lines:
            self.side.answered(letter.raw, letter.line_no, self.now_ms, None)
            return Reply(letter, None, self.store)
        before, after = self.store, self.store.copy()
        pushed = server.push(after, letter.line_no, request, self.now_ms)
        if not commit:
            self.side.died(letter.raw, letter.line_no, self.now_ms)
            return Reply(letter, None, self.store)
        self.store = after
        before_n = self.confirmed.get(letter.line_no, 0)
        told = (
            max(before_n, request.acked_n) if not request.cursor or watch.held_by(after, letter.line_no, request) is not None else before_n
        )
        turn = Turn(before, after, letter.line_no, request, pushed, self.now_ms, self.confirmed.get(letter.line_no, 0))
        self._judge_push(turn)
        self.confirmed[letter.line_no] = told
        answer = server.pull(after, letter.line_no, request, pushed, self.now_ms)
        for judges in (watch, rights, pooled):
            judges.pull_holds(turn, answer, self.counts)
        self.issued.add(answer.cursor)
        return Reply(letter, self.side.answered(letter.raw, letter.line_no, self.now_ms, ENCODER.encode(answer)), after)

    def _judge_push(self, turn: Turn) -> None:
        for raw in turn.pushed.outcomes:
            outcome = OUTCOME_DECODER.decode(raw)
            self.counts[f"outcome {outcome.result.name}"] += 1
            if outcome.code is not None:
                self.counts[f"code {outcome.code}"] += 1
            self.trace(f"  line {turn.line_no} n {outcome.n} {outcome.result.name} {outcome.code or ''} rev {outcome.rev}")
        for judges in (watch, rights, pooled, facts, handed):
            judges.push_holds(turn, self.counts)
        if self.checked:
            watch.boundaries_hold(turn, self.counts)

    def arrive(self, reply: Reply, strokes: int = -1) -> bool:
        """An answer reaches its phone; whether it was taken in."""
        phone = self.handsets[reply.letter.phone]
        if phone.lives != reply.letter.life:
            self.counts["fault answer to an earlier life"] += 1
            return False
        if reply.raw is None:
            if phone.line_no == reply.letter.line_no and reply.letter.line_no not in self.store.lines:
                phone.new_line(self.open_line(phone.user.id))
                self.counts["fault line forgotten by a restored server"] += 1
            return False
        answer = read_answer(reply.raw)
        if answer is None:
            return False
        return self._apply(reply, answer, strokes)

    def _apply(self, reply: Reply, answer: SyncAnswer, strokes: int) -> bool:
        phone = self.handsets[reply.letter.phone]
        fits = phone.shelf.seat().cursor == reply.letter.cursor
        before = phone.shelf.copy() if not fits or strokes >= 0 else None
        queue, resetting = phone.unanswered(), self._filling(phone) or phone.shelf.seat().epoch != answer.epoch
        try:
            applied = phone.apply(answer, strokes)
        except Killed:
            self.counts["fault phone killed while applying"] += 1
            need(before is not None and phone.shelf.same(before), "5 all or nothing", "a killed phone kept a part")
            return False
        if not fits:
            self.counts["5 late answers change nothing"] += 1
            late = not applied and before is not None and phone.shelf.same(before)
            need(late, "5 late answers change nothing", f"phone {phone.number} took in an answer to another cursor")
            return False
        self._judge_taken(phone, answer, queue, resetting)
        if answer.consistent:
            pooled.shelf_holds(phone.shelf, self.counts)
        if answer.consistent and self.checked:
            self.counts["10 consistent = snapshot"] += 1
            self.judge_rows(phone, reply.snapshot, "10 consistent = snapshot", reply.letter.tiles)
        return applied

    def _judge_taken(self, phone: Handset, answer: SyncAnswer, queue: list[bytes], resetting: bool) -> None:
        seat = phone.shelf.seat()
        self.counts["4 issued cursors"] += 1
        need(seat.cursor == answer.cursor and seat.cursor in self.issued, "4 issued cursors", f"phone {phone.number} made one up")
        answered = {OUTCOME_DECODER.decode(raw).n for raw in answer.outcomes}
        kept = set(phone.unanswered())
        lost = [raw for raw in queue if raw not in kept and numbered([raw])[0].n not in answered]
        need(not lost, "40 a reset keeps the queue", f"phone {phone.number} forgot {len(lost)} entries")
        resetting = resetting or any(page.begin for page in answer.pages)
        self.counts["40 a reset keeps the queue"] += any(page.begin for page in answer.pages) and bool(queue)
        back = [key for key in phone.shelf.back if not resetting]
        phone.shelf.back.clear()
        self.counts["11 older bodies never overwrite"] += 1
        need(not back, "11 older bodies never overwrite", f"phone {phone.number}: {back}")

    def _filling(self, phone: Handset) -> bool:
        return any(scope.filling for scope in phone.shelf.scopes().values())

    def judge_rows(self, phone: Handset, store: Store, invariant: str, tiles: tuple[int, ...]) -> None:
        """The phone holds exactly the records of its scopes and of the tiles it asked for. Raises Break."""
        wanted, held = expected(store, store.actor(phone.line_no), tiles), phone.shelf.content()
        odd = sorted(key for key in wanted.keys() | held.keys() if not alike(wanted.get(key), held.get(key)))
        names = [f"{BY_NUMBER[number].name} {int.from_bytes(one, 'big')} {how(wanted, held, (number, one))}" for number, one in odd]
        need(not odd, invariant, f"phone {phone.number}: {names[:4]}")

    def fork(self, phone: Handset) -> None:
        """The server knows another history of the phone's line: it enrols a new one."""
        self.counts["fault forked line"] += 1
        phone.new_line(self.open_line(phone.user.id))

    def exchange(self, phone: Handset) -> bool:
        """One request and its answer, without a fault; whether anything came or went."""
        if phone.shelf.seat().forked:
            self.fork(phone)
        letter = self.send(phone)
        asked: SyncRequest = server.read(letter.raw)
        reply = self.serve(letter)
        self.arrive(reply)
        answer = read_answer(reply.raw) if reply.raw is not None else None
        return answer is None or bool(asked.mutations or answer.pages or answer.more or answer.drop)

    def sync(self, phone: Handset) -> None:
        """Sync until the phone is idle."""
        for _ in range(2_000):
            if not self.exchange(phone) and not phone.shelf.seat().forked:
                return
        need(False, "7 bounded", f"phone {phone.number} does not come to an end")

    def crash(self, letter: Letter, *, commit: bool) -> bool:
        """The server dies before or after its commit; no answer. False when the request could not be read."""
        try:
            self.serve(letter, commit=commit)
        except Problem:
            return False
        return True


def some_tiles(dice: random.Random) -> tuple[int, ...]:
    """Tiles that a phone asks for."""
    return tuple(one for one in TILES if dice.random() < TILE_SHARE)


def some_hidden(dice: random.Random) -> tuple[str, ...]:
    """Fields that a pool hides."""
    return tuple(field for field in HIDEABLE if dice.random() < HIDDEN_SHARE)


def steps_of(seed: int, actions: Iterable[str]) -> list[Step]:
    """The course of a seed."""
    dice = random.Random(seed ^ 0x5EED)
    names = list(actions)
    return [Step(dice.choice(names), dice.randrange(4), dice.getrandbits(32)) for _ in range(dice.randint(*STEPS))]


def broken_cursor(raw: bytes, key: bytes) -> bytes:
    """The same places in another epoch: a cursor from the future."""
    held = cursors.unseal(raw, key)
    return cursors.seal(msgspec.structs.replace(held, epoch=held.epoch + 1), key) if held is not None else b"nonsense"
