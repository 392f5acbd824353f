"""Invariants that are judged at every step; each names its number in the design. `Break` ends a history."""

from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from server.domain.notice_readers import ABOVE
from shared_schema.entity import Entity
from shared_schema.policy import OfUsers
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import OUTCOME_DECODER, Kind, Outcome, Result, SyncAnswer, SyncRequest
from sync import cursor as cursors
from sync import sets
from sync.admission import fingerprint, numbered
from sync.cursor import Cursor
from sync.decode import Intent, understand
from sync.fold import Sent
from sync.merge import value_of
from sync.rules import Moment
from sync.state import WHOLE, Held, Key
from tests.prove import server
from tests.prove.server import REFUSED, Push
from tests.prove.store import Store

INBOX = BY_NAME["inbox_item"].number
VISIT = BY_NAME["visit"].number
QUOTE, LINE = BY_NAME["quote"].number, BY_NAME["quote_line"].number
DECIDED = (QuoteStatus.approved, QuoteStatus.rejected, QuoteStatus.superseded)


class Break(Exception):  # noqa: N818 - what a proof looks for
    """An invariant does not hold."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"invariant {invariant}: {detail}")
        self.invariant = invariant


class Turn(Struct, frozen=True):
    """One request as the server took it. `before`: the store it began with; `confirmed_n`: what this line ever confirmed."""

    before: Store
    after: Store
    line_no: int
    request: SyncRequest
    pushed: Push
    now_ms: int
    confirmed_n: int


def push_holds(turn: Turn, counts: Counter[str]) -> None:
    """Judge the push half of one request. Raises Break."""
    _once(turn, counts)
    _replays(turn, counts)
    _groups(turn.after, turn.line_no, turn.pushed.groups, counts)
    _cards(turn, counts)
    _undone(turn, counts)
    _risen(turn, counts)
    _decided(turn, counts)


def need(holds: bool, invariant: str, detail: str) -> None:
    """Raise Break unless it holds."""
    if not holds:
        raise Break(invariant, detail)


def _once(turn: Turn, counts: Counter[str]) -> None:
    """21, 24: every n up to last_n was consumed, once; nothing above it."""
    for n in (one.n for group in turn.pushed.groups for one in group):
        counts["21 exactly once"] += 1
        need(turn.after.taken[turn.line_no, n].times == 1, "21 exactly once", f"line {turn.line_no}, n {n} had a second effect")
        need(n <= turn.after.lines[turn.line_no].last_n, "24 effects and last_n together", f"line {turn.line_no}, n {n} above last_n")


def _replays(turn: Turn, counts: Counter[str]) -> None:
    """22, 23, 28: repeated bytes get the first answer; other bytes are never acknowledged."""
    given = {outcome.n: (outcome, bytes(raw)) for raw in turn.pushed.outcomes for outcome in (OUTCOME_DECODER.decode(raw),)}
    for raw in map(bytes, turn.request.mutations):
        sent = numbered([raw])[0]
        first = turn.after.taken.get((turn.line_no, sent.n))
        outcome, answer = given.get(sent.n, (None, b""))
        if first is None or outcome is None:
            continue
        same = first.hash == fingerprint(raw)
        if outcome.result == Result.forked:
            counts["23 forked"] += not same
            need(not same or sent.n <= turn.confirmed_n, "22 first answer", f"n {sent.n} was never confirmed, and is called forked")
        else:
            counts["22 first answer"] += (turn.line_no, sent.n) in turn.before.taken
            need(same, "23 other bytes", f"n {sent.n} with other bytes was acknowledged")
            need(answer == first.answer, "22 first answer", f"n {sent.n} was answered twice, not alike")


def _groups(after: Store, line_no: int, groups: Iterable[list[Sent]], counts: Counter[str]) -> None:
    """25: a group stands or waits as a whole, in one card. What the author numbered as a group is never cut."""
    for group in groups:
        outcomes = [after.taken[line_no, one.n].outcome for one in group]
        waiting = [one for one in outcomes if one.result in REFUSED]
        if len(group) > 1:
            counts["25 whole groups"] += 1
            cards = {one.item_id for one in outcomes}
            whole = not waiting or (len(waiting) == len(group) and len(cards) == 1)
            need(whole, "25 whole groups", f"from n {group[0].n} on it fell apart")
        meant = group[0].mutation.group.count if group[0].mutation is not None else 1
        need(meant in (1, len(group)), "25 whole groups", f"from n {group[0].n} on {meant} were one group")


def _cards(turn: Turn, counts: Counter[str]) -> None:
    """26, 37: what was refused stands on its author's card and its bytes are kept; outcome, card and audit say the same."""
    if turn.pushed.folded is None:
        return
    audited = {(one.line_no, one.n) for one in turn.pushed.folded.state.changes}
    told = {(one.key, one.rev) for one in turn.pushed.folded.state.changes}
    reached: dict[Key, int] = {}
    for group in turn.pushed.groups:
        for sent in (one for one in group if not _is_receipt(one)):
            outcome = turn.after.taken[turn.line_no, sent.n].outcome
            if outcome.result in REFUSED:
                _reach(sent, outcome, reached)
                counts["37 flag = card = audit"] += 1
                need(_stands(turn.after, turn.line_no, outcome), "37 flag = card = audit", f"n {sent.n} is refused and stands on no card")
                kept = turn.after.payloads.get((turn.line_no, sent.n))
                is_visit = sent.mutation is not None and sent.mutation.entity == VISIT  # of whose place not all is kept (D-472, D-473)
                need(kept == sent.raw or (kept is not None and is_visit), "26 poison is kept", f"the bytes of n {sent.n} are gone")
            elif _changed(turn, sent, reached):
                # one that changed nothing keeps the rev of what was judged anew before it in this request
                written = (turn.line_no, sent.n) in audited or (_key(sent), outcome.rev) in told or _priced(turn, sent)
                need(written, "37 flag = card = audit", f"n {sent.n} took effect without a line of history")


def _is_receipt(sent: Sent) -> bool:
    """A receipt stands on no card, and in no history (P-630)."""
    return isinstance(sent.meant, Intent) and sent.meant.command is not None and sent.meant.command.quiet


def _priced(turn: Turn, sent: Sent) -> bool:
    """Whether the totals of a quote may have moved in this request, and so its rev, without a line of history (D-304)."""
    if sent.mutation is None or sent.mutation.entity != QUOTE:
        return False
    others = (one for each in (*turn.pushed.groups, _judged_anew(turn)) for one in each)
    return any(one.mutation is not None and one.mutation.entity == LINE for one in others)


def _key(sent: Sent) -> Key | None:
    return (sent.mutation.entity, sent.mutation.id) if sent.mutation is not None else None


def _reach(sent: Sent, outcome: Outcome, reached: dict[Key, int]) -> None:
    """Of a patch in conflict the other groups were taken: its outcome tells the rev to which they led."""
    if sent.mutation is not None and outcome.rev is not None:
        key = (sent.mutation.entity, sent.mutation.id)
        reached[key] = max(outcome.rev, reached.get(key, 0))


def _changed(turn: Turn, sent: Sent, reached: dict[Key, int]) -> bool:
    """Whether a mutation was taken that changed what has a history: one that changed nothing keeps the rev `reached` so far."""
    outcome = turn.after.taken[turn.line_no, sent.n].outcome
    if sent.mutation is None or outcome.result not in (Result.applied, Result.merged) or sent.mutation.entity == INBOX:
        return False
    key, rev = (sent.mutation.entity, sent.mutation.id), outcome.rev or 0
    before = turn.before.records.get(key)
    known = reached.get(key, before.record.rev if before is not None else rev)
    reached[key] = max(rev, known)
    return sent.mutation.kind != Kind.create and rev > known


def _stands(store: Store, line_no: int, outcome: Outcome) -> bool:
    held = store.records.get((INBOX, outcome.item_id)) if outcome.item_id is not None else None
    if held is None or not isinstance(held.record, InboxItem):
        return False
    item = held.record
    return item.holder_id == store.lines[line_no].user_id and any(one.n == outcome.n for one in (*item.members, *item.earlier))


def _undone(turn: Turn, counts: Counter[str]) -> None:
    """38: an undo that was taken puts the earlier values back."""
    touched: dict[Key, list[Sent]] = {}
    for group in turn.pushed.groups:
        for sent in group:
            if sent.mutation is not None:
                touched.setdefault((sent.mutation.entity, sent.mutation.id), []).append(sent)
    for key, several in touched.items():
        last = several[-1]
        if last.mutation is None or last.mutation.kind != Kind.undo:
            continue
        if turn.after.taken[turn.line_no, last.n].outcome.result in (Result.applied, Result.merged):
            counts["38 undo restores"] += 1
            wanted = {slot: value for values in understand(last.mutation).values.values() for slot, value in values.items()}
            record = turn.after.records[key].record
            need(
                all(sets.stands(value_of(record, slot), sets.plain(value)) for slot, value in wanted.items()),
                "38 undo restores",
                "other values stand",
            )


def _risen(turn: Turn, counts: Counter[str]) -> None:
    """39: what was deleted stands again only where a restore, of this request or judged anew in it, named the rev of its deletion."""
    risen = turn.before.tombstones.keys() & turn.after.records.keys()
    if not risen:
        return
    asked = [sent.mutation for sent in (*(one for group in turn.pushed.groups for one in group), *_judged_anew(turn))]
    named = {((one.entity, one.id), one.bases.get(WHOLE)) for one in asked if one is not None and one.kind == Kind.restore}
    for key in risen:
        counts["39 a restore names the deletion"] += 1
        rev, buried_rev = turn.after.records[key].record.rev, turn.before.tombstones[key].rev
        right = (key, buried_rev) in named and rev > buried_rev
        need(right, "39 a restore names the deletion", f"{key[0]} stands at rev {rev}, deleted at {buried_rev}")


def _judged_anew(turn: Turn) -> Iterable[Sent]:
    """What had waited and was carried out again in this request."""
    for key, held in turn.after.records.items():
        item = held.record
        if isinstance(item, InboxItem) and item.state == ItemState.judged_anew and turn.before.records.get(key) is not held:
            yield from numbered(turn.after.payloads[item.line_no, one.n] for one in (*item.earlier, *item.members))


def _decided(turn: Turn, counts: Counter[str]) -> None:
    """35, D-323: what was approved, rejected or superseded stays as it was decided; only an approved quote is superseded."""
    for key, held in turn.before.records.items():
        record = held.record
        if not isinstance(record, Quote) or record.status not in DECIDED:
            continue
        counts["35 decided quotes stand"] += 1
        now = turn.after.records[key].record if key in turn.after.records else None
        need(isinstance(now, Quote), "35 decided quotes stand", "a decided quote is gone")
        superseded = record.status is QuoteStatus.approved and getattr(now, "status", None) is QuoteStatus.superseded
        wanted = msgspec.structs.replace(record, status=QuoteStatus.superseded, rev=0) if superseded else record
        same = now == wanted if not superseded else now is not None and msgspec.structs.replace(now, rev=0) == wanted
        need(same, "35 decided quotes stand", f"the quote was {record.status.name} and changed")
        lines = [
            [one.record for one in each.records.values() if getattr(one.record, "quote_id", None) == key[1]]
            for each in (turn.before, turn.after)
        ]
        need(lines[0] == lines[1], "35 decided quotes stand", f"lines of a quote that was {record.status.name} changed")


def boundaries_hold(turn: Turn, counts: Counter[str]) -> None:
    """33: the same entries in one request or group by group give the same records, cards and answers; but for receipts, no news in one of
    them. Raises Break."""
    if len(turn.pushed.groups) < 2:
        return
    counts["33 batch boundaries"] += 1
    singly, moment = turn.before.copy(), Moment(turn.now_ms, turn.request.device_ms - turn.now_ms)
    for group in turn.pushed.groups:
        server.take(singly, singly.actor(turn.line_no), [group], moment)
    need(_compared(singly) == _compared(turn.after), "33 batch boundaries", "other records")
    left_by = [{key: (one.rev, one.customer_id) for key, one in store.tombstones.items()} for store in (singly, turn.after)]
    need(left_by[0] == left_by[1], "33 batch boundaries", "other tombstones")
    moves = [{(one.customer_id, one.epoch): one for one in store.events} for store in (singly, turn.after)]
    need(moves[0] == moves[1], "33 batch boundaries", "other moves")
    for n in (one.n for group in turn.pushed.groups for one in group if not _is_receipt(one)):
        left, right = (msgspec.structs.replace(each.taken[turn.line_no, n].outcome, shows=None) for each in (singly, turn.after))
        need(left == right, "33 batch boundaries", f"n {n}: {left.result.name} and {right.result.name}")


def _compared(store: Store) -> dict[Key, object]:
    """The records; of those joined at the end of a request what never changes: a restored server makes a notice again with its receipts."""
    return {key: _fixed(BY_NUMBER[key[0]], one) for key, one in store.records.items()}


def _fixed(entity: Entity, held: Held) -> object:
    """Whoever stood above somebody for a part of the request alone lost the notice, and with it the facts (D-908)."""
    if not (isinstance(entity.hold, OfUsers) and entity.hold.late):
        return held
    lost = ("facts",) if getattr(held.record, "kind", "") in ABOVE else ()
    return [getattr(held.record, slot) for slot in entity.slots if slot not in {"rev", *entity.rising, *lost}]


def held_by(store: Store, line_no: int, request: SyncRequest) -> Cursor | None:
    """The cursor of a request if it speaks of this history of the server, and of this line."""
    held = cursors.unseal(request.cursor, store.key)
    stands = (store.epoch, line_no, store.lines[line_no].resets)
    return held if held is not None and (held.epoch, held.line_no, held.resets) == stands else None


def pull_holds(turn: Turn, answer: SyncAnswer, counts: Counter[str]) -> None:
    """8, 9: a scope begins anew exactly when the device has not begun it under this history, or missed a removal. Raises Break."""
    store, acting = turn.after, turn.after.actor(turn.line_no)
    held = held_by(store, turn.line_no, turn.request)
    need(answer.anew == (held is None), "9 void cursors reset", f"line {turn.line_no} is not told whether its cursor counted")
    places = {place.scope: place for place in held.places} if held is not None else {}
    begun = {page.scope: page.begin for page in answer.pages}
    for scope in store.scopes_of(acting, turn.request.tiles):
        place = places.get(scope.number)
        if place is None:
            counts["9 void cursors reset"] += held is None and turn.request.cursor != b""
            need(begun.get(scope.number, True), "9 void cursors reset", f"scope {scope.number} is gone on with")
            continue
        ahead = place.position > scope.head
        missed = ahead or store.purged.get(scope.number, 0) > max(place.position, place.base)
        counts["8 stale cursors reset"] += missed
        need(not missed or begun.get(scope.number, True), "8 stale cursors reset", f"scope {scope.number} missed a removal")
        need(missed or not begun.get(scope.number), "8 stale cursors reset", f"scope {scope.number} begins anew without need")
