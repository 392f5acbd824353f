"""Waiting entries are carried out again when their record, or its customer, comes and their author may enter them (P-511 to P-513)."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from shared_schema.problem import Code
from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution, ContributionState
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_NUMBER
from sync.admission import grouped, numbered
from sync.asked import asked_for, asks
from sync.awaited import ENTERED, awaited, is_there, may_enter
from sync.contribution import concerned, contribution_id, entries
from sync.fold import Folded, Sent, Verdict, allowed, fold
from sync.inbox import close
from sync.rules import Actor, Complete, Entry, Moment, Rules, Turn
from sync.state import State


class Happened(NamedTuple):
    """Which customers changed hands, and the index from which records are new in `State.appeared`. `by`: the user whose former customers
    the state knows."""

    moved: Collection[bytes]
    came: int = 0
    by: Actor | None = None


class Came(NamedTuple):
    """When an entry arrived first, and whether its author had lost the customer then."""

    moment: Moment
    late: bool


def carried_out(groups: Iterable[Sequence[Sent]], turn: Turn) -> Folded:
    """Fold whole groups in device order. Waiting entries are judged anew right after the group for which they waited (P-303)."""
    verdicts: list[Verdict] = []
    state, actor, moment = turn.state, turn.actor, turn.moment
    arrived = (moment.now_ms, moment.skew_ms)
    for group in groups:
        moves, came = len(state.events), len(state.appeared)
        group = allowed(group, turn.on(state))  # noqa: PLW2901 - nobody may see what came instead
        folded = fold([group], turn.on(state))
        state = folded.state
        verdicts += folded.verdicts
        for sent in group:
            place = (actor.line_no, sent.n)
            state.payloads[place], state.arrived[place] = sent.raw, arrived
        state = judge_anew(state, Happened(_moved(state, moves), came, actor), turn.rules, moment)
        if len(state.events) > moves:
            turn.rules.follow(actor, state, _moved(state, moves), moment)
    return Folded(state, verdicts)


def _moved(state: State, moves: int) -> set[bytes]:
    """The customers that changed hands since there were so many moves."""
    return {event.customer_id for event in state.events[moves:]}


def judge_anew(state: State, happened: Happened, rules: Rules, moment: Moment) -> State:
    """Carry out again the entries that waited for the last group, and those that wait for the records which they make in turn.

    `state.payloads` holds the entries' bytes, `state.people` the authors. Each card closes as judged_anew; an entry that still cannot be
    applied opens a new one.
    """
    while state.open_items and (happened.moved or _has_come(state, happened.came)):
        came = len(state.appeared)
        for item, author in waiting(state, happened, rules):
            if item.id in state.open_items and _has_all_bytes(state, item):
                state = _carry_out(Turn(state, author, rules, moment), item)
        happened = Happened((), came, happened.by)
    return state


def _has_come(state: State, came: int) -> bool:
    """Whether something came for which a card may wait. A card that this batch opens does not count, else each would be held against all
    earlier ones."""
    return any(BY_NUMBER[number].policy in ENTERED for number, _ in state.appeared[came:])


def waiting(state: State, happened: Happened, rules: Rules) -> list[tuple[InboxItem, Actor]]:
    """Cards that waited for this and whose authors may enter them by now, in the order in which they were entered."""
    ids = {record_id for _, record_id in state.appeared[happened.came :]}
    found = []
    for item in state.open_items.values():
        named = awaited(item)
        moved = bool(named) and concerned(state, item) in happened.moved
        author = _author(state, item, happened.by) if moved or named & ids else None
        own = happened.by is not None and item.holder_id == happened.by.user_id
        if author is None or not may_enter(state, item, author, rules, own=own):
            continue
        if (moved and item.code == Code.moved.word) or is_there(state, item):
            found.append((item, author))
    return sorted(found, key=lambda one: _age(one[0]))


def _age(item: InboxItem) -> tuple[int, int, int, bytes]:
    return item.created_ms, item.line_no, min(one.n for one in entries(item)), item.id


def _author(state: State, item: InboxItem, by: Actor | None) -> Actor | None:
    """The author of waiting entries, as the author stands now, on the line from which the entries came; None: not known here."""
    known = by if by is not None and by.user_id == item.holder_id else state.people.get(item.holder_id)
    return msgspec.structs.replace(known, line_no=item.line_no) if known is not None else None


def _carry_out(turn: Turn, item: InboxItem) -> State:
    """The state after a card's entries were carried out; unchanged if the server fails on them: the user who brought the record is not at
    fault (P-323)."""
    try:
        return _carried(turn.on(turn.state.copy()), item)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever fails, the card stays open, and its author can enter it again
        return turn.state


def _carried(turn: Turn, item: InboxItem) -> State:
    state, moment = turn.state, turn.moment
    customer_id = concerned(state, item) or b""
    # What its author asked for is there by now: only what was entered beneath is carried out (P-513).
    groups = [[sent for sent in group if not asks(sent.meant)] for group in grouped(numbered(_raws(state, item)))]
    close(state, item, ItemState.judged_anew, moment)
    mirrored = state.find(Contribution, contribution_id(item.id, customer_id))
    if mirrored is not None and mirrored.state == ContributionState.open:
        state.write(msgspec.structs.replace(mirrored, state=ContributionState.returned, decided_ms=moment.now_ms))
    late = (mirrored is not None and asked_for(item) is None) or item.code == Code.moved.word
    hidden = state.foreign_tombstones
    state.foreign_tombstones = {key for key in hidden if state.tombstone_customers.get(key) != customer_id}  # the author holds it
    state.again_of = item.id
    for group in filter(None, groups):
        arrived = state.arrived.get((item.line_no, group[0].n))
        came = Came(Moment(*arrived) if arrived is not None else moment, late)
        rules = msgspec.structs.replace(turn.rules, complete=partial(_as_it_came, turn.rules.complete, came))
        state = fold([group], Turn(state, turn.actor, rules, moment)).state
    state.again_of = b""
    state.foreign_tombstones = hidden
    return state


def _as_it_came(complete: Complete, came: Came, actor: Actor, state: State, entry: Entry, _: Moment) -> tuple[Record, ...]:
    """A fact keeps the moment when it came, the error of its clock then, and whether its author had lost the customer then (D-207)."""
    return complete(actor, state, msgspec.structs.replace(entry, late=came.late or entry.late), came.moment)


def _has_all_bytes(state: State, item: InboxItem) -> bool:
    """Whether the bytes of all that waits are at hand: a card never closes over an entry that nobody carries out."""
    return all((item.line_no, one.n) in state.payloads for one in entries(item))


def _raws(state: State, item: InboxItem) -> Iterable[bytes]:
    return [state.payloads[item.line_no, n] for n in sorted({one.n for one in entries(item)})]
