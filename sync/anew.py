"""What waited while its author did not hold the customer is carried out again when the customer comes back to him (P-511)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

import msgspec

from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution, ContributionState
from shared_schema.records.inbox import InboxItem, ItemState
from sync.contribution import all_about, contribution_id, entries, waiting
from sync.fold import Folded, Sent, Verdict, fold
from sync.inbox import close
from sync.line import grouped, numbered
from sync.rules import Actor, Complete, Entry, Moment, Rules
from sync.state import State


def carried_out(groups: Iterable[Sequence[Sent]], state: State, actor: Actor, rules: Rules, moment: Moment) -> Folded:
    """Fold whole groups in device order; what waited for a customer is judged anew right after the group that brings it back (P-303)."""
    verdicts: list[Verdict] = []
    for group in groups:
        moves = len(state.events)
        folded = fold([group], state, actor, rules, moment)
        state = folded.state
        verdicts += folded.verdicts
        state.payloads.update({(actor.line_no, sent.n): sent.raw for sent in group})
        state.arrived.update({(actor.line_no, sent.n): (moment.now_ms, moment.skew_ms) for sent in group})
        moved = {event.customer_id for event in state.events[moves:]}
        state = judge_anew(state, moved, partial(_himself, actor), rules, moment) if moved else state
    return Folded(state, verdicts)


def _himself(actor: Actor, item: InboxItem) -> Actor | None:
    return msgspec.structs.replace(actor, line_no=item.line_no) if item.holder_id == actor.user_id else None


def judge_anew(state: State, moved: Collection[bytes], author: Callable[[InboxItem], Actor | None], rules: Rules, moment: Moment) -> State:
    """Carry out again what waited while its author did not hold the customer, if it is one of those that `moved` and came to him (P-511).

    `state.payloads` holds the entries' bytes; `author`: in whose name a card is judged, None = not now. Each card closes as judged_anew;
    what still cannot be applied opens a new one.
    """
    for item in came_back(state, moved):
        acting = author(item) if all_about(state, item) and _is_whole(state, item) else None
        if acting is None:
            continue
        groups = grouped(numbered(_raws(state, item)))
        close(state, item, ItemState.judged_anew, moment)
        mirrored = state.find(Contribution, contribution_id(item.id, item.customer_id or b""))
        if mirrored is not None and mirrored.state == ContributionState.open:
            state.write(msgspec.structs.replace(mirrored, state=ContributionState.returned, decided_ms=moment.now_ms))
        state.again_of = item.id
        for group in groups:
            arrived = state.arrived.get((item.line_no, group[0].n))
            told = partial(_as_it_came, rules.complete, Moment(*arrived) if arrived is not None else moment)
            state = fold([group], state, acting, msgspec.structs.replace(rules, complete=told), moment).state
        state.again_of = b""
    return state


def _as_it_came(complete: Complete, arrived: Moment, actor: Actor, state: State, entry: Entry, _: Moment) -> tuple[Record, ...]:
    """A fact keeps when it came, how wrong its clock was, and that its author did not hold the customer then (D-207)."""
    return complete(actor, state, msgspec.structs.replace(entry, late=True), arrived)


def came_back(state: State, moved: Collection[bytes]) -> list[InboxItem]:
    """Waiting cards whose customer is among those that changed hands just now, not earlier in the batch, and is their author's."""
    return [item for item in waiting(state) if item.customer_id in moved and item.holder_id in state.holders(item.customer_id or b"")]


def _is_whole(state: State, item: InboxItem) -> bool:
    """Whether the bytes of all that waits are at hand: a card never closes over an entry that nobody carries out."""
    return all((item.line_no, one.n) in state.payloads for one in entries(item))


def _raws(state: State, item: InboxItem) -> Iterable[bytes]:
    return [state.payloads[item.line_no, n] for n in sorted({one.n for one in entries(item)})]
