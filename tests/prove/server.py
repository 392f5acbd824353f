"""The server: the real pure core over the store in memory, request bytes in, answer bytes out."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw, Struct

from server.domain.rules import RULES
from server.services import sync_push
from shared_schema.problem import Code, Problem
from shared_schema.wire import ENCODER, PROTOCOL, REQUEST_DECODER, Outcome, Result, Shows, SyncAnswer, SyncRequest
from sync import admission as lines
from sync import cursor as cursors
from sync import page as paging
from sync.admission import Answered, Line
from sync.fold import Folded, Sent
from sync.rejudge import carried_out
from sync.rules import Actor, Moment, Turn
from sync.state import Key
from tests.prove.reminded import note, tell
from tests.prove.store import Store, Taken, fill_before, open_state, raw_bytes, rows_after, save

REFUSED: Final = (Result.parked, Result.rejected)


class Push(Struct):
    """What the push half of one request did."""

    outcomes: list[bytes]
    last_n: int
    backed_up_n: int
    resend_from: int | None
    groups: list[list[Sent]] = []
    folded: Folded | None = None


def read(raw: bytes) -> SyncRequest:
    """Decode a request. Raises Problem(body_truncated)."""
    try:
        return REQUEST_DECODER.decode(raw)
    except (msgspec.DecodeError, ValueError):
        raise Problem(Code.body_truncated) from None


def push(store: Store, line_no: int, request: SyncRequest, now_ms: int) -> Push:
    """Sort the batch, fold what is new, write it, keep the outcomes. Raises Problem(signed_out)."""
    if line_no not in store.lines:
        raise Problem(Code.signed_out)
    line, known = store.lines[line_no], store.answered[line_no]
    sent = lines.numbered(raw_bytes(request.mutations))
    stands = Line(line.last_n, line.acked_n)
    told = lines.Told(request.acked_n, cursors.speaks_of_now(request.cursor, store.key, _owner(store, line_no)))
    admission = lines.admit(sent, stands, told, known)
    folded = None
    outcomes: list[Outcome] = []
    if admission.groups:
        folded, outcomes = take(store, store.actor(line_no), admission.groups, Moment(now_ms, request.device_ms - now_ms))
    acked_n = lines.confirmed(stands, told)
    for n in [n for n in known if n <= acked_n]:
        del known[n]
    last_n = line.last_n + len(outcomes)
    store.lines[line_no] = msgspec.structs.replace(line, last_n=last_n, acked_n=acked_n)
    forked = [ENCODER.encode(lines.forked_outcome(n)) for n in admission.forked]
    answers = [*admission.repeated, *forked, *(ENCODER.encode(one) for one in outcomes)]
    return Push(answers, last_n, line.backed_up_n, admission.resend_from, admission.groups, folded)


def _owner(store: Store, line_no: int) -> cursors.Owner:
    line = store.lines[line_no]
    return store.epoch, store.users[line.user_id].org_id, line.user_id, line_no, line.resets


def take(store: Store, acting: Actor, groups: Sequence[Sequence[Sent]], moment: Moment) -> tuple[Folded, list[Outcome]]:
    """Fold new groups into the store; the outcomes in order of n."""
    batch = [sent for group in groups for sent in group]
    folded = carried_out(groups, Turn(open_state(store, acting, batch), acting, RULES, moment))
    state = folded.state
    fill_before(store, state)
    tell(store, state, (), moment.now_ms)
    note(store, state, moment.now_ms)
    shows = _shows(store, acting, save(store, state))
    outcomes = [sync_push._outcome(verdict, shows) for verdict in folded.verdicts]
    for sent, outcome in zip(batch, outcomes, strict=True):
        place, answer = (acting.line_no, sent.n), ENCODER.encode(outcome)
        store.answered[acting.line_no][sent.n] = Answered(sent.n, lines.fingerprint(sent.raw), answer)
        times = store.taken[place].times if place in store.taken else 0
        store.taken[place] = Taken(lines.fingerprint(sent.raw), outcome, answer, times + 1)
        if outcome.result in REFUSED and outcome.item_id is not None:
            store.payloads[place] = state.payloads[place]
            store.arrived[place] = (moment.now_ms, moment.skew_ms)
    return folded, outcomes


def _shows(store: Store, acting: Actor, seqs: dict[tuple[int, int, bytes], int]) -> dict[Key, Shows]:
    mine = {scope.number for scope in store.scopes_of(acting)}
    places = sorted(place for place in seqs if place[0] in mine)
    return {(entity, record_id): Shows(number, seqs[number, entity, record_id]) for number, entity, record_id in reversed(places)}


def pull(store: Store, line_no: int, request: SyncRequest, pushed: Push, now_ms: int) -> SyncAnswer:
    """Read scope by scope until the page is full."""
    acting = store.actor(line_no)
    owner = _owner(store, line_no)
    held = cursors.accepted(request.cursor, store.key, owner)
    scopes = sorted(store.scopes_of(acting, request.tiles), key=lambda scope: paging.order(scope.lane, scope.number))
    wanted, drop = cursors.plan(held, scopes)
    pages, places = paging.fill(wanted, request.page_bytes, lambda one: (rows_after(store, one.scope.number, one.position, one.base), True))
    more = paging.more(wanted, places)
    issued = cursors.seal(cursors.after(owner, places), store.key)
    return SyncAnswer(
        PROTOCOL, store.epoch, now_ms, cursors.digest(request.cursor), issued, pushed.last_n, pushed.backed_up_n,
        pushed.resend_from, [Raw(one) for one in pushed.outcomes], drop, pages, more, not more,
        None, held is None,
    )  # fmt: skip
