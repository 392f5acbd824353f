"""State + mutations → state + outcomes: dedupe is done, everything is loaded; groups are atomic and do not block each other."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import InboxItem, Member
from shared_schema.wire import ENCODER, Kind, Mutation, Result
from sync.access import may_see
from sync.contribution import mirror
from sync.decode import Intent, understand
from sync.erasing import known_members
from sync.heard import Heard
from sync.inbox import ITEM, facts_of, join, member, park, waiting_for
from sync.rules import Holding, Turn
from sync.state import Key, State
from sync.steps import Done, Step

WAITS = frozenset({Code.conflict, Code.record_waits, Code.moved, Code.gone, Code.rule_broken, Code.state_wrong, Code.content_changed})
"""Refusals about which the author can still decide: parked. The others are rejected; both stand in the author's inbox."""


class Sent(msgspec.Struct, frozen=True, dict=True):
    """One mutation as it came. `problem` is set when its envelope could not be read, or its group is not whole."""

    n: int
    raw: bytes
    mutation: Mutation | None
    problem: Problem | None = None

    @cached_property
    def meant(self) -> Intent | Problem:
        """The author's intent, or why it cannot be understood: found out once, for loading, carrying out and cards alike."""
        if self.mutation is None:
            return self.problem or Problem(Code.field_wrong)
        try:
            return understand(self.mutation)
        except Problem as problem:
            return problem


class Verdict(msgspec.Struct, frozen=True):
    """An outcome before the feed has given it a place. `key`: the record whose change it shows."""

    n: int
    result: Result
    rev: int | None = None
    key: Key | None = None
    problem: Problem | None = None
    item_id: bytes | None = None


class Folded(msgspec.Struct, frozen=True):
    """The new state and one verdict per mutation, in order of n."""

    state: State
    verdicts: list[Verdict]


def allowed(group: Sequence[Sent], turn: Turn) -> list[Sent]:
    """The entries without what must not be kept of them (`Rules.allowed`)."""
    found = [(sent, sent.mutation and turn.rules.allowed(turn.actor, turn.state, sent.mutation)) for sent in group]
    return [
        sent if mutation is None or mutation is sent.mutation else Sent(sent.n, ENCODER.encode(mutation), mutation, sent.problem)
        for sent, mutation in found
    ]


def fold(groups: Iterable[Sequence[Sent]], turn: Turn) -> Folded:
    """Fold whole groups in device order (P-303, P-304)."""
    verdicts: list[Verdict] = []
    for group in groups:
        state, found = _fold_group(group, turn)
        turn = turn.on(state)
        verdicts.extend(found)
    return Folded(turn.state, verdicts)


def give_up(group: Sequence[Sent], turn: Turn) -> Folded:
    """Refuse an atomic group on which the server fails, without reading anything but its own bytes (P-323). All of it is one card."""
    problem = Problem(Code.server_error, "the server failed on this again and again; it is kept and was not applied")
    item = park(turn, known_members([_unread(sent) for sent in group], turn.state.erased), problem)
    result = Result.rejected if len(group) == 1 else Result.parked
    return Folded(turn.state, [Verdict(sent.n, result, None, (ITEM.number, item.id), problem, item.id) for sent in group])


def _unread(sent: Sent) -> Member:
    """A mutation read from its bytes, without its intent: the server may fail on exactly that."""
    return _nothing(sent) if sent.mutation is None else member(sent.mutation, None, None)


def _nothing(sent: Sent) -> Member:
    return Member(sent.n, 0, 0, bytes(16), "", 0, 0, None, {}, {}, {})


def _fold_group(group: Sequence[Sent], turn: Turn) -> tuple[State, list[Verdict]]:
    if len(group) == 1:
        return turn.state, [_fold_one(group[0], turn)]
    trial = turn.on(turn.state.copy())
    verdicts = [_fold_one(sent, trial) for sent in group]
    failed = next((one for one in verdicts if one.result in (Result.parked, Result.rejected)), None)
    if failed is None or all(_joins(one, turn.state) for one in verdicts):
        return trial.state, verdicts
    problem = failed.problem or Problem(Code.conflict, "part of this entry met a newer change")
    members = known_members([_waiting(sent, turn, one.problem) for sent, one in zip(group, verdicts, strict=True)], turn.state.erased)
    item = park(turn, members, problem)
    late = any(one.problem is not None and one.problem.code == Code.moved for one in verdicts)
    mirror(turn, item, members, late=late)
    _tell(turn, item.id)
    return turn.state, [Verdict(sent.n, Result.parked, None, (ITEM.number, item.id), problem, item.id) for sent in group]


def _joins(verdict: Verdict, state: State) -> bool:
    """Whether an entry joined a card that stood before its group, and did nothing else."""
    return verdict.problem is not None and verdict.problem.code == Code.record_waits and verdict.item_id in state.open_items


def _fold_one(sent: Sent, turn: Turn) -> Verdict:
    intent, state, actor = sent.meant, turn.state, turn.actor
    try:
        if sent.problem is not None:
            raise sent.problem
        if isinstance(intent, Problem):
            raise intent
        waiting = waiting_for(turn, intent) if state.open_items else None
        if waiting is not None:
            (joining,) = known_members([member(intent.mutation, intent, None)], state.erased)
            item = join(state, waiting, joining)
            mirror(turn, item, [joining])
            told = Problem(Code.record_waits, "its record waits in your inbox")
            return Verdict(sent.n, Result.parked, None, (ITEM.number, item.id), told, item.id)
        moves = len(state.events)
        done = Step(turn, intent).run()
        if len(state.events) > moves:
            state.disclose(actor.report_ids | {actor.user_id})
    except Problem as problem:
        return _refused(sent, turn, problem)
    if done.item_id is not None:
        _tell(turn, done.item_id)
    return _verdict(sent, done)


def _verdict(sent: Sent, done: Done) -> Verdict:
    shown = (ITEM.number, done.item_id) if done.item_id is not None else done.key
    return Verdict(sent.n, done.result, done.rev, shown, Problem(done.code) if done.code else None, done.item_id)


def _refused(sent: Sent, turn: Turn, problem: Problem) -> Verdict:
    """The entry stands on a card of its author's; but for a receipt, which nobody entered (P-630)."""
    if isinstance(sent.meant, Intent) and sent.meant.command is not None and sent.meant.command.quiet:
        return Verdict(sent.n, Result.rejected, None, None, problem, None)
    members = known_members([_waiting(sent, turn, problem)], turn.state.erased)
    item = park(turn, members, problem)
    mirror(turn, item, members)
    waits = problem.code in WAITS
    if waits:
        _tell(turn, item.id)
    return Verdict(sent.n, Result.parked if waits else Result.rejected, None, (ITEM.number, item.id), problem, item.id)


def _waiting(sent: Sent, turn: Turn, problem: Problem | None) -> Member:
    """The mutation as it will stand in the inbox: the standing values only if the author may see them, and who was first."""
    if sent.mutation is None:
        return _nothing(sent)
    intent = sent.meant if isinstance(sent.meant, Intent) else None
    held = turn.state.held.get((sent.mutation.entity, sent.mutation.id))
    visible = held if held is not None and may_see(held.record, turn.state, turn.actor, turn.rules) else None
    waiting = member(sent.mutation, intent, visible)
    if problem is not None and problem.first_id is not None:
        return msgspec.structs.replace(waiting, their_user_id=problem.first_id)
    if visible is not None or sent.mutation.kind != Kind.restore:
        return waiting
    return msgspec.structs.replace(waiting, their_rev=_deletion(turn.state, sent.mutation))


def _deletion(state: State, mutation: Mutation) -> int:
    """The rev which a restore must name: on its card, so that *use mine* can (P-426)."""
    key = (mutation.entity, mutation.id)
    return 0 if key in state.foreign_tombstones else state.tombstones.get(key, 0)


def _tell(turn: Turn, item_id: bytes) -> None:
    item = turn.state.find(InboxItem, item_id)
    if item is not None:
        is_holder = item.customer_id is not None and turn.rules.holding(turn.actor, turn.state, item.customer_id) == Holding.holder
        turn.state.notices.append(Heard("parked", item.holder_id, item.id, facts_of(turn.state, item, is_holder=is_holder)))
