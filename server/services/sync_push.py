"""Take in what a device entered: one transaction, exactly once per (line, n) (docs/protocol.md, P-3xx)."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from server.domain.rules import RULES
from server.domain.tokens import Claims
from server.services.actors import arrived, owner_of
from server.services.notices import tell
from server.services.sync_load import load_state
from server.store import feed, history, lines
from server.store.write import Published, publish, save_records
from shared_schema.problem import Code, Problem
from shared_schema.wire import ENCODER, Outcome, Result, Shows, SyncRequest
from sync.anew import carried_out
from sync.cursor import speaks_of_now
from sync.fold import Folded, Sent, Verdict
from sync.line import Admission, Answered, Line, Told, admit, confirmed, fingerprint, forgotten, forked_outcome, numbered
from sync.rules import Actor, Moment
from sync.state import Key

FAILED_TRIES_MAX = 3
SEEN_MS = 5 * 60_000
"""A device that only asks is noted as seen this often."""


class Pushed(msgspec.Struct, frozen=True):
    """What the push half answers; the pull half reads later, in a snapshot of its own."""

    outcomes: list[bytes]
    last_n: int
    backed_up_n: int
    resend_from: int | None
    counts: dict[str, int]


def push(conn: sa.Connection, claims: Claims, request: SyncRequest, key: bytes, now_ms: int) -> Pushed:
    """Lock the line, sort the batch, fold what is new, write it, keep the outcomes. `key`: of the MAC. Raises Problem of identity."""
    lines.lock(conn, claims.org_id, claims.line_no)
    acting, line = arrived(conn, claims)
    sent = numbered(bytes(raw) for raw in request.mutations)
    repeats = sent and min(one.n for one in sent) <= line.last_n
    known = lines.outcomes(conn, acting.org_id, acting.line_no, min(one.n for one in sent)) if repeats else {}
    stands, told = Line(line.last_n, line.acked_n), told_by(acting, line, request, key)
    admission = admit(sent, stands, told, known)
    moment = Moment(now_ms, request.device_ms - now_ms)
    outcomes = _fold(conn, acting, _isolated(admission, line), (moment, line.rev_floor))
    last_n = line.last_n + len(outcomes)
    acked_n = confirmed(stands, told)
    if acked_n > line.acked_n:
        lines.confirm(conn, acting.org_id, acting.line_no, acked_n)
    lines.advance(
        conn, acting.org_id, acting.line_no, last_n=last_n, acked_n=acked_n, app=request.app, skew_ms=moment.skew_ms, seen_ms=now_ms
    )
    forked = [ENCODER.encode(forked_outcome(n)) for n in admission.forked]
    answers = [*admission.repeated, *forked, *(ENCODER.encode(one) for one in outcomes)]
    return Pushed(answers, last_n, line.backed_up_n, admission.resend_from, _counts(admission, outcomes))


def told_by(acting: Actor, line: lines.LineRow, request: SyncRequest, key: bytes) -> Told:
    """What a request says of outcomes, and whether it speaks of this server's."""
    return Told(request.acked_n, speaks_of_now(request.cursor, key, owner_of(acting, line)))


def unchanged(line: lines.LineRow, request: SyncRequest, told: Told, now_ms: int) -> Pushed | None:
    """What an empty push answers without writing; None when there is something to write down: also that a new device has arrived."""
    stands = Line(line.last_n, line.acked_n)
    if (
        request.mutations
        or confirmed(stands, told) > line.acked_n
        or now_ms - line.seen_ms > SEEN_MS
        or not (request.cursor and told.current)
    ):
        return None
    return Pushed([], line.last_n, line.backed_up_n, forgotten(stands, told), {})


def _isolated(admission: Admission, line: lines.LineRow) -> list[list[Sent]]:
    """After a server exception: one group a request, so that the one at fault is found; after three failures it is refused (P-323)."""
    if not line.failed_tries or not admission.groups or line.failed_n < admission.groups[0][0].n:
        return admission.groups
    first = admission.groups[0]
    if line.failed_tries >= FAILED_TRIES_MAX and first[0].n <= line.failed_n <= first[-1].n:
        problem = Problem(Code.server_error, "the server failed on this three times; it is kept and was not applied")
        return [[Sent(one.n, one.raw, one.mutation, problem) for one in first]]
    return [first]


def note_failure(conn: sa.Connection, claims: Claims, request: SyncRequest) -> None:
    """Remember after a server exception which mutation was first in line."""
    lines.lock(conn, claims.org_id, claims.line_no)
    line = lines.read(conn, claims.org_id, claims.line_no)
    waiting = [one.n for one in numbered(bytes(raw) for raw in request.mutations) if one.n > line.last_n]
    if waiting:
        tries = line.failed_tries + 1 if line.failed_n == waiting[0] else 1
        lines.advance(conn, claims.org_id, claims.line_no, failed_n=waiting[0], failed_tries=tries)


def _fold(conn: sa.Connection, acting: Actor, groups: Sequence[Sequence[Sent]], when: tuple[Moment, int]) -> list[Outcome]:
    batch = [sent for group in groups for sent in group]
    if not batch:
        return []
    moment, rev_floor = when
    state = load_state(conn, acting, batch, rev_floor, moment.now_ms)
    folded = carried_out(groups, state, acting, RULES, moment)
    state = folded.state
    lines.keep_payloads(conn, acting.org_id, acting.line_no, _refused(batch, folded), moment)
    history.fill_before(conn, acting.org_id, state)
    save_records(conn, acting, state, moment.now_ms)
    tell(conn, acting, state, moment.now_ms)
    scopes = _own_scopes(acting, publish(conn, acting.org_id, state, moment.now_ms))
    outcomes = [_outcome(verdict, scopes) for verdict in folded.verdicts]
    given = [Answered(sent.n, fingerprint(sent.raw), ENCODER.encode(outcome)) for sent, outcome in zip(batch, outcomes, strict=True)]
    lines.store(conn, acting.org_id, acting.line_no, given)
    return outcomes


def _refused(batch: Sequence[Sent], folded: Folded) -> list[tuple[int, bytes]]:
    kept = (Result.parked, Result.rejected)
    return [(sent.n, sent.raw) for sent, verdict in zip(batch, folded.verdicts, strict=True) if verdict.result in kept]


def _own_scopes(acting: Actor, published: Published) -> dict[Key, Shows]:
    """Where each touched record shows in the actor's own scopes: a manager sees his reps' `now` lanes too."""
    mine = {number for reader, number in published.numbers.items() if feed.is_held_by(acting, reader)}
    places = sorted(place for place in published.seqs if place[0] in mine)
    return {(entity, record_id): Shows(number, published.seqs[number, entity, record_id]) for number, entity, record_id in reversed(places)}


def _outcome(verdict: Verdict, scopes: Mapping[Key, Shows]) -> Outcome:
    problem = verdict.problem
    shows = scopes.get(verdict.key) if verdict.key is not None else None
    return Outcome(
        verdict.n, verdict.result, problem.code.word if problem else None, problem.code.remedy.value if problem else None,
        problem.field if problem else None, verdict.rev, shows, verdict.item_id, problem.retry_at_ms if problem else None,
    )  # fmt: skip


def _counts(admission: Admission, outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts = {"repeated": len(admission.repeated), "forked": len(admission.forked)}
    for outcome in outcomes:
        counts[outcome.result.name] = counts.get(outcome.result.name, 0) + 1
    return counts
