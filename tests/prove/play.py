"""T1: seeded histories of phones, a network that fails and a desk and pools that move customers, over the real pure core.

The oracle, after the network has healed and everybody synced until nothing moves:
- each phone holds exactly the records of its scopes, byte for byte, computed from ownership and pools alone, and so does a phone that
  starts empty, and an old copy of each phone that pulls from its old cursor;
- every entry arrived, unless its phone was set back to a copy from before it, or enrolled a new line after it had seen the outcome
  (then the only copy of the entry was the server's, and the server was restored too);
- every value that was entered (each is unique) is current; or stands in an inbox item, open or decided; or was replaced or deleted by an
  entry that took effect and whose author had it on his screen or his card (after a restore also: what
  had replaced it, or he had entered it himself before);
- an author's chained edits never conflict where nobody else wrote; clocks ten years wrong change no outcome.
What is judged at every step stands in `watch.py`, `rights.py` and `pooled.py`. Merge is not implemented a second time.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from shared_schema.policy import Lane, OfTeam
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Kind, Result
from sync import device
from sync.rules import Actor
from sync.scope import REFERENCE, Reader
from sync.state import WHOLE, Key
from tests.features import PROOFS
from tests.prove import awaited, elements, facts, handed, pooled
from tests.prove.actions import BY_ACTION, course
from tests.prove.handset import Handset
from tests.prove.history import History, Step
from tests.prove.ledger import takings
from tests.prove.rightful import alike, cards, expected
from tests.prove.side import NOBODY, Side
from tests.prove.store import ORG_ID, Store
from tests.prove.watch import Break, need

ROUNDS_MAX: Final = 12
CLOCK_SHARE: Final = 20
"""Every so manyth history is played a second time with right clocks."""


class Played(Struct, frozen=True):
    """What became of one history."""

    seed: int
    fingerprint: str
    broken: str = ""
    """The invariant, empty if all held."""
    detail: str = ""


def play(
    seed: int, counts: Counter[str], steps: Sequence[Step] | None = None, lines: list[str] | None = None, side: Side = NOBODY
) -> Played:
    """Play one history to its end and judge it."""
    history = History(seed, counts, side=side)
    history.lines = lines
    chosen = course(seed) if steps is None else steps
    try:
        _run(history, chosen)
        if seed % CLOCK_SHARE == 0 and side is NOBODY:
            _same_with_right_clocks(history, seed, chosen)
    except Break as broken:
        return Played(seed, history.fingerprint(), broken.invariant, str(broken))
    except (Problem, ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        return Played(seed, history.fingerprint(), f"total: {type(error).__name__}", repr(error))
    return Played(seed, history.fingerprint())


def _run(history: History, course: Sequence[Step]) -> None:
    history.open_customers(BY_ACTION["create_customer"], BY_ACTION["collaborate"])
    for one in course:
        history.step(one, BY_ACTION[one.action])
    settle(history)
    history.store = history.side.read_back(history.store)
    judge(history)


def _same_with_right_clocks(history: History, seed: int, course: Sequence[Step]) -> None:
    """36: the same course with every clock right gives the same outcomes."""
    right = History(seed, Counter(), clocks=False)
    _run(right, course)
    history.counts["36 clocks decide nothing"] += 1
    need(_results(history) == _results(right), "36 clocks decide nothing", "other outcomes with right clocks")


def _results(history: History) -> list[tuple[int, list[tuple[str, str | None]]]]:
    entries = history.ledger.entries
    return [(one.number, [(t.outcome.result.name, t.outcome.code) for t in takings(history.store, one)]) for one in entries]


# the end


def settle(history: History) -> None:
    """The network heals; everybody syncs until a whole round moves nothing."""
    for letter in history.up[:2]:
        history.arrive(history.serve(letter))
    for reply in history.down[:2]:
        history.arrive(reply)
    for phone in history.handsets:
        phone.page_bytes = 1 if history.checked and history.now_ms % 7 == phone.number else 100_000
    for _ in range(ROUNDS_MAX):
        before = history.store
        for phone in history.handsets:
            history.sync(phone)
        if all(phone.idle() for phone in history.handsets) and before.records == history.store.records:
            return
    busy = [phone.number for phone in history.handsets if not phone.idle()]
    need(False, "7 bounded", f"the organisation does not come to rest: phones {busy}")


def judge(history: History) -> None:
    """Every invariant of the end. Raises Break."""
    history.counts.update(f"scope {event.kind}" for event in history.store.events)
    for phone in history.handsets:
        _judge_phone(history, phone)
    lost = list(history.ledger.lost(history.store))
    history.counts["28 no entry lost"] += len(history.ledger.entries)
    history.counts["31 every value"] += sum(len(one.values) for one in history.ledger.entries)
    arrived = [f"entry {one.number} of phone {one.phone}" for one, what in lost if what == "never arrived"]
    need(not arrived, "28 no entry lost", f"{arrived[:3]}")
    words = [
        f"{one.entity.name} {int.from_bytes(one.id, 'big')}.{what} = {one.values.get(what)!r}, phone {one.phone}" for one, what in lost
    ]
    need(not words, "31 every value", f"{words[:3]}")
    risen = history.store.records.keys() & history.store.tombstones.keys()
    history.counts["39 nothing rises"] += len(history.store.tombstones)
    need(not risen, "39 nothing rises", f"{len(risen)} deleted records are back")
    _judge_own_chains(history)
    _judge_moved(history)
    elements.judge(history)
    pooled.judge(history.store, history.counts)
    facts.judge(history.store, history.ledger, history.counts)
    handed.judge(history.store, history.counts)
    awaited.judge(history.store, history.counts)
    for proof in PROOFS.values():
        if proof.judge is not None:
            proof.judge(history)


def _judge_phone(history: History, phone: Handset) -> None:
    counts = history.counts
    counts["14 exactly the scopes' rows"] += 1
    tiles = phone.shelf.seat().tiles
    history.judge_rows(phone, history.store, "14 exactly the scopes' rows", tiles)
    fresh = Handset(phone.number, phone.user, history.open_line(phone.user.id), history.ledger)
    history.handsets[phone.number] = fresh
    device.keep_tiles(fresh.shelf, tiles)
    history.sync(fresh)
    rows, own = fresh.shelf.content(), phone.shelf.content()
    same = rows.keys() == own.keys() and all(alike(rows[key], own[key]) for key in rows)
    need(same, "17 a grant delivers old rows", f"phone {phone.number} differs from an empty one")
    counts["17 a grant delivers old rows"] += 1
    counts["41 after a restore all converge"] += history.store.epoch > 1
    if phone.backup is not None:
        old = Handset(phone.number, phone.user, phone.line_no, history.ledger)
        old.shelf = phone.backup[0].copy()
        for one in old.shelf.pendings():
            old.shelf.drop_pending(one.n)
        if old.line_no in history.store.lines:
            history.handsets[phone.number] = old
            _pull_only(history, old)
            counts["3 any old cursor converges"] += 1
            history.judge_rows(old, history.store, "3 any old cursor converges", old.shelf.seat().tiles)
    history.handsets[phone.number] = phone


def _pull_only(history: History, phone: Handset) -> None:
    for _ in range(200):
        seat = phone.shelf.seat()
        seat.forked, seat.acked_n = False, min(seat.acked_n, history.store.lines[phone.line_no].last_n)
        phone.shelf.put_seat(seat)
        answer_more = history.exchange(phone)
        if not answer_more:
            return


def _judge_own_chains(history: History) -> None:
    """32: where only one line ever wrote a field group, and nobody deleted the record, nothing of it is in conflict."""
    writers: dict[tuple[int, bytes, str], set[tuple[int, int]]] = {}
    for entry in history.ledger.entries:
        groups = {entry.group_of(slot) for slot in entry.values} if entry.kind in (Kind.patch, Kind.undo) else {WHOLE}
        line_no = entry.aliases[0][0]
        # A decision on a card is like another author's: its base is the card's, and what follows it inherits that base (P-330). An undo
        # is of the chain.
        chained = entry.kind == Kind.undo or (entry.kind == Kind.patch and not entry.from_card)
        who = (line_no, 0) if chained else (line_no, entry.number)
        for group in groups:
            writers.setdefault((*entry.key, group), set()).add(who)
    deleted = {entry.key for entry in history.ledger.entries if entry.kind == Kind.delete}
    for entry in history.ledger.entries:
        if (
            entry.key in deleted
            or entry.from_card
            or entry.kind != Kind.patch
            or len(entry.aliases) > 1
            or len(entry.group) > 1
            or history.store.epoch > 1
        ):
            continue
        alone = all(len(writers[(*entry.key, entry.group_of(slot))]) == 1 for slot in entry.values)
        conflict = any(one.outcome.code == "conflict" for one in takings(history.store, entry))
        created = _create_waits(history, entry.key)
        history.counts["32 own chains"] += alone
        need(not (alone and conflict and not created), "32 own chains", f"entry {entry.number} of phone {entry.phone} met itself")


def _create_waits(history: History, key: tuple[int, bytes]) -> bool:
    """Whether the record's own creation was refused somewhere, or repeated: then what follows waits with it."""
    creates = [one for one in history.ledger.entries if one.key == key and one.kind == Kind.create]
    return any(t.outcome.result != Result.applied for one in creates for t in takings(history.store, one))


def _judge_moved(history: History) -> None:
    """16: the whole family is in its holders' scopes, and in nobody else's: what the feed says equals ownership."""
    for reader, scope in history.store.scopes.items():
        if reader == REFERENCE:
            continue
        own = _of_place(history.store, reader) if reader.lane in (Lane.tile, Lane.team) else _of_user(history.store, reader)
        live = {key for key, row in history.store.feed[scope.number].items() if not row.reason}
        history.counts["16 the whole family"] += 1
        need(live == own, "16 the whole family", f"scope {scope.number}: {len(live ^ own)} rows differ")


def _of_place(store: Store, reader: Reader) -> set[Key]:
    """The cards of a tile, what is held by a department."""
    if reader.lane == Lane.tile:
        return set(cards(store, [reader]))
    return {key for key, held in store.records.items() if _department_id(key, held.record) == reader.subject_id}


def _department_id(key: Key, record: Record) -> bytes | None:
    hold = BY_NUMBER[key[0]].hold
    return getattr(record, hold.slot) if isinstance(hold, OfTeam) else None


def _of_user(store: Store, reader: Reader) -> set[Key]:
    alone = Actor(ORG_ID, reader.subject_id, 0, Role.rep)
    return {key for key in expected(store, alone) if BY_NUMBER[key[0]].lane == reader.lane}
