"""Planted bugs, one function each: what the simulator must notice. `planted(name)` puts one in place and takes it away again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from server.domain import quote_decisions, quotes
from server.domain.branch import branched
from server.domain.quote_states import TRANSITIONS
from shared_schema.problem import Code
from shared_schema.records.activity import ContactLog
from shared_schema.records.customer import Contact
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, MUTATION_DECODER, Kind, Reason, SyncAnswer
from sync import admission, cursor, device, fold, inbox, merge, news, overlay, rows, steps
from sync.admission import Admission, Answered, Line, Told
from sync.cursor import Place, ScopeHead, Wanted
from sync.fold import Sent
from sync.rules import Actor, Turn
from sync.shelf import Pending, Shelf
from sync.state import WHOLE, Stamp, State
from sync.steps import Done, Step
from tests.prove import branching, desk, moves, plants_pool, plants_reach, plants_reminded, plants_told, server, store
from tests.prove.handset import DyingShelf
from tests.prove.store import LineRow, Store

Put = Callable[[Any, str, Any], None]
Plant = Callable[[Put], None]


def _nobody_conflicts(_stamp: Stamp, _base: int, _line_no: int, _n: int) -> bool:
    return False


# merge


def silent_winner(put: Put) -> None:
    """Whoever comes later wins."""
    put(merge, "conflicts", _nobody_conflicts)


def own_edit_conflict(put: Put) -> None:
    """An author meets his own earlier edit."""
    put(merge, "conflicts", lambda stamp, base, _line_no, _n: stamp.rev > base)


def exception_by_user(put: Put) -> None:
    """What the same user's other phone wrote counts as seen."""
    known: dict[int, LineRow] = {}
    take = server.take

    def taking(data: Store, *rest: Any) -> Any:
        known.clear()
        known.update(data.lines)
        return take(data, *rest)

    def by_user(stamp: Stamp, base: int, line_no: int, _n: int) -> bool:
        writer = known.get(stamp.line_no)
        return stamp.rev > base and (writer is None or writer.user_id != known[line_no].user_id)

    put(server, "take", taking)
    put(merge, "conflicts", by_user)


def delete_without_base(put: Put) -> None:
    """A delete takes what its author never saw."""
    put(steps, "conflicts", _nobody_conflicts)


def clock_decides(put: Put) -> None:
    """Whose clock is ahead wins."""
    run, honest = Step.run, merge.conflicts
    ahead = [False]

    def running(step: Step) -> Done:
        ahead[0] = step.moment.skew_ms > 0
        return run(step)

    put(Step, "run", running)
    put(merge, "conflicts", lambda *asked: not ahead[0] and honest(*asked))


def clock_yields(put: Put) -> None:
    """Whose clock is ahead loses against anybody: nothing is lost, and yet a clock decided."""
    run, honest = Step.run, merge.conflicts
    ahead = [False]

    def running(step: Step) -> Done:
        ahead[0] = step.moment.skew_ms > 0
        return run(step)

    put(Step, "run", running)
    put(merge, "conflicts", lambda stamp, base, line_no, n: honest(stamp, base, line_no, n) or (ahead[0] and stamp.line_no != line_no))


def undo_without_effect(put: Put) -> None:
    """An undo is called applied and changes nothing."""
    taking = Step._take
    put(Step, "_take", lambda step, *rest: None if step.mutation.kind == Kind.undo else taking(step, *rest))


def poison_waits(put: Put) -> None:
    """What cannot be understood waits for a decision that nobody can take."""
    put(fold, "WAITS", frozenset(Code))


def unrecorded_loss(put: Put) -> None:
    """What is parked stands nowhere."""
    park = inbox.park

    def parking(turn: Turn, *rest: Any) -> Any:
        return park(turn.on(turn.state.copy()), *rest)

    put(fold, "park", parking)
    put(steps, "park", parking)


def earlier_dropped(put: Put) -> None:
    """A second value in the same place takes the first one's card."""
    park = inbox.park

    def parking(turn: Turn, *rest: Any) -> Any:
        item = msgspec.structs.replace(park(turn, *rest), earlier=())
        held = turn.state.held[inbox.ITEM.number, item.id]
        turn.state.put(inbox.ITEM, msgspec.structs.replace(held, record=item))
        return item

    put(steps, "park", parking)


def resurrection(put: Put) -> None:
    """Nobody remembers deletions."""
    open_state = store.open_state

    def opening(*given: Any) -> State:
        state = open_state(*given)
        state.tombstones, state.foreign_tombstones = {}, set()
        return state

    put(server, "open_state", opening)


def restore_without_rev(put: Put) -> None:
    """A restore brings back whatever was deleted since."""
    restore = Step._restore

    def restoring(step: Step) -> Done:
        rev = step.state.tombstones.get(step.key, 0)
        step.mutation = msgspec.structs.replace(step.mutation, bases={WHOLE: rev})
        return restore(step)

    put(Step, "_restore", restoring)


def restored_below(put: Put) -> None:
    """A restored record begins at rev 1 again."""
    put(
        State,
        "next_rev",
        lambda state, rev=0: (
            state.rev_floor + 1 if state.tombstones and rev in state.tombstones.values() else max(rev, state.rev_floor) + 1
        ),
    )


def last_decision_wins(put: Put) -> None:
    """Whoever decides later decides."""
    put(quote_decisions, "moved", lambda _quote, name, _expected: TRANSITIONS[name].target)


def decided_quote_edited(put: Put) -> None:
    """A quote is edited in any state."""
    put(quotes, "require_editable", lambda _quote: None)


# bases


def base_from_outcome(put: Put) -> None:
    """The device takes the rev of an outcome for something it has shown."""
    bases = device._bases

    def raised(shelf: Shelf, edit: device.Edit) -> dict[str, int]:
        revs = [one.outcome.rev or 0 for one, _ in overlay.own(shelf, (edit.entity.number, edit.id)) if one.outcome is not None]
        return {group: max([base, *revs]) for group, base in bases(shelf, edit).items()}

    put(device, "_bases", raised)


def base_raised_by_rebase(put: Put) -> None:
    """When rows arrive, what waits is based on them."""
    apply = device.apply

    def applying(shelf: Shelf, answer: SyncAnswer) -> bool:
        applied = apply(shelf, answer)
        for one in shelf.pendings() if applied else ():
            mutation = MUTATION_DECODER.decode(one.raw)
            record = overlay.server_record(shelf, (mutation.entity, mutation.id))
            if one.outcome is None and record is not None and mutation.bases:
                again = msgspec.structs.replace(mutation, bases=dict.fromkeys(mutation.bases, record.rev))
                shelf.put_pending(Pending(one.n, ENCODER.encode(again), None, one.overlay))
        return applied

    put(device, "apply", applying)


def base_not_inherited(put: Put) -> None:
    """An edit over an own unsent one is based on what arrived beneath it."""
    put(device, "_covers", lambda _mutation, _group: False)


# exactly once


def dedupe_off(put: Put) -> None:
    """What was taken is taken again."""
    admit = admission.admit

    def admitting(sent: Sequence[Sent], where: Line, told: Told, answered: Mapping[int, Answered]) -> Admission:
        first_n = min([one.n for one in sent], default=where.last_n + 1)
        told = msgspec.structs.replace(told, acked_n=min(told.acked_n, first_n - 1))
        return admit(sent, Line(min(first_n - 1, where.last_n), 0), told, {} if sent else answered)

    put(admission, "admit", admitting)


def hash_ignored(put: Put) -> None:
    """A number that was used is answered, whatever it holds."""
    put(admission, "fingerprint", lambda _raw: b"same")


def outcomes_dropped(put: Put) -> None:
    """Outcomes are forgotten before the device has stored them."""
    put(admission, "confirmed", lambda where, _told: where.last_n)


def void_cursor_confirms(put: Put) -> None:
    """What was confirmed to the server before the restore counts after it."""
    forgotten, confirmed = admission.forgotten, admission.confirmed
    put(admission, "forgotten", lambda where, told: forgotten(where, Told(told.acked_n, True)))
    put(admission, "confirmed", lambda where, told: confirmed(where, Told(told.acked_n, True)))


def group_split(put: Put) -> None:
    """The members of a group are taken one by one."""
    put(admission, "grouped", lambda fresh: [[one] for one in fresh])


def nothing_sent_again(put: Put) -> None:
    """After a restore the device keeps what the server forgot to itself."""
    put(device, "_send_again", lambda *_: None)


def forgotten_line_ignored(put: Put) -> None:
    """A server that does not know the line is taken for one that has all it answered."""
    taking = device.take_new_line

    def as_if_forked(shelf: Shelf, org_id: int, user_id: bytes, line_no: int) -> None:
        for one in shelf.pendings():
            if one.outcome is not None:
                shelf.drop_pending(one.n)
        taking(shelf, org_id, user_id, line_no)

    put(device, "take_new_line", as_if_forked)


# feed and cursor


def late_answer_applied(put: Put) -> None:
    """An answer to another cursor is taken in."""
    put(device, "digest", lambda _raw: b"")
    put(cursor, "digest", lambda _raw: b"")


def cursor_kept(put: Put) -> None:
    """Rows are taken in, the cursor is not."""
    apply = device.apply

    def applying(shelf: Shelf, answer: SyncAnswer) -> bool:
        held = shelf.seat().cursor
        applied = apply(shelf, answer)
        seat = shelf.seat()
        seat.cursor = held
        shelf.put_seat(seat)
        return applied

    put(device, "apply", applying)


def live_rows_purged(put: Put) -> None:
    """With the removals the oldest record of a scope is forgotten: who holds it keeps it, who comes new never gets it."""
    purge = store.purge

    def purging(data: Store, scope: ScopeHead, *rest: Any) -> bool:
        done = purge(data, scope, *rest)
        live = [key for key, row in data.feed[scope.number].items() if not row.reason]
        if done and live:
            del data.feed[scope.number][live[0]]
        return done

    put(moves, "purge", purging)


def tombstone_dropped(put: Put) -> None:
    """A deletion is not fed."""
    honest = news.news
    put(store, "news", lambda state: [one for one in honest(state) if one.reason != Reason.deleted])


def _wanting(put: Put, change: Callable[[ScopeHead, Place | None, Wanted], Wanted]) -> None:
    wanted = cursor._wanted
    put(cursor, "_wanted", lambda scope, place: change(scope, place, wanted(scope, place)))


def page_off_by_one(put: Put) -> None:
    """The next page begins one row too late."""
    _wanting(put, lambda scope, _, one: msgspec.structs.replace(one, position=min(one.position + 1, scope.head)))


def cursor_without_base(put: Put) -> None:
    """Whoever is still filling a scope counts as stale."""

    def change(scope: ScopeHead, place: Place | None, one: Wanted) -> Wanted:
        return Wanted(scope, True, 0, scope.head, place) if place is not None and place.position < scope.floor else one

    _wanting(put, change)


def floor_ignored(put: Put) -> None:
    """Whoever missed a removal goes on as if nothing had happened."""

    def change(scope: ScopeHead, place: Place | None, one: Wanted) -> Wanted:
        return one if place is None or place.position > scope.head else Wanted(scope, False, place.position, place.base, place)

    _wanting(put, change)


def scope_joined_at_head(put: Put) -> None:
    """A new scope begins where it ends."""
    _wanting(put, lambda scope, _, one: msgspec.structs.replace(one, position=scope.head) if one.begin else one)


def stale_place_forgotten(put: Put) -> None:
    """A scope that must begin anew later is no longer named: nobody tells the device when it loses it meanwhile."""
    _wanting(put, lambda _scope, _place, one: msgspec.structs.replace(one, held=None) if one.begin else one)


def foreign_cursor_taken(put: Put) -> None:
    """Any cursor is one's own, of any epoch."""
    put(cursor, "accepted", lambda raw, key, _owner: cursor.unseal(raw, key))


def sweep_forgotten(put: Put) -> None:
    """A scope that begins anew keeps what it does not name."""
    put(DyingShelf, "sweep", lambda *_: [])


def drop_ignored(put: Put) -> None:
    """The device keeps a scope that it was told to let go."""
    put(rows, "drop", lambda *_: None)


def queue_lost_in_reset(put: Put) -> None:
    """A reset forgets what waits."""
    doubt = rows.doubt

    def doubting(shelf: Shelf) -> None:
        doubt(shelf)
        for one in shelf.pendings():
            shelf.drop_pending(one.n)

    put(rows, "doubt", doubting)


# scopes and life


def child_left_behind(put: Put) -> None:
    """Contacts stay with the old owner."""
    opened = desk._opened
    kinds = {BY_RECORD[Contact].number, BY_RECORD[ContactLog].number}

    def without(data: Store, acting: Actor, now_ms: int) -> State:
        state = opened(data, acting, now_ms)
        for key in [key for key in state.held if key[0] in kinds]:
            del state.held[key]
        return state

    put(desk, "_opened", without)


def revs_reused(put: Put) -> None:
    """After a restore revs are given out a second time."""
    put(branching, "branched", lambda *stands: msgspec.structs.replace(branched(*stands), rev=0))


PLANTS: Final[Mapping[str, Plant]] = {
    one.__name__: one
    for one in (
        *(silent_winner, own_edit_conflict, exception_by_user, delete_without_base, clock_decides, clock_yields),
        *(restore_without_rev, restored_below, last_decision_wins, decided_quote_edited),
        *(undo_without_effect, poison_waits, unrecorded_loss, earlier_dropped, cursor_kept, live_rows_purged),
        *(resurrection, base_from_outcome, base_raised_by_rebase, base_not_inherited, dedupe_off, hash_ignored, outcomes_dropped),
        void_cursor_confirms,
        *(group_split, nothing_sent_again, forgotten_line_ignored, late_answer_applied),
        *(tombstone_dropped, page_off_by_one, cursor_without_base, floor_ignored, scope_joined_at_head, stale_place_forgotten),
        *(foreign_cursor_taken, sweep_forgotten, drop_ignored, queue_lost_in_reset, child_left_behind, revs_reused),
        *plants_reach.ALL,
        *plants_pool.ALL,
        *plants_told.ALL,
        *plants_reminded.ALL,
    )
}


@contextmanager
def planted(name: str, plants: Mapping[str, Plant] = PLANTS) -> Iterator[None]:
    """Put a bug in place for a while."""
    before: list[tuple[Any, str, Any]] = []

    def put(where: Any, attribute: str, value: Any) -> None:
        before.append((where, attribute, getattr(where, attribute)))
        setattr(where, attribute, value)

    plants[name](put)
    try:
        yield
    finally:
        for where, attribute, value in reversed(before):
            setattr(where, attribute, value)
