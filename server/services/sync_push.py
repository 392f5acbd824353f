"""Take in the entries of a device: one transaction, exactly once per (line, n) (docs/protocol.md, P-3xx)."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from server.domain.proven_time import NOTED_MS
from server.domain.rules import RULES
from server.domain.tokens import Claims
from server.services import alike
from server.services.actors import arrived, owner_of
from server.services.notices import tell
from server.services.sync_load import author_state, load_state
from server.store import device_lines, erased, feed, history
from server.store.write import Published, publish, save_records
from shared_schema.problem import Problem
from shared_schema.wire import ENCODER, Kind, Outcome, Result, Shows, SyncRequest
from sync.admission import (
    Admission,
    Answered,
    Line,
    Told,
    admit,
    confirmed,
    fingerprint,
    forgotten,
    forked_outcome,
    grouped,
    numbered,
)
from sync.cursor import speaks_of_now
from sync.decode import WHOLE_KINDS, Intent
from sync.erasing import emptied
from sync.fold import Folded, Sent, Verdict, allowed, give_up
from sync.rejudge import carried_out
from sync.rules import Actor, Moment, Running, Turn
from sync.state import Key, State

FAILED_TRIES_MAX = 3


class Pushed(msgspec.Struct, frozen=True):
    """The answer of the push half; the pull half reads later, in a snapshot of its own."""

    outcomes: list[bytes]
    last_n: int
    backed_up_n: int
    resend_from: int | None
    counts: dict[str, int]
    receipts: dict[tuple[str, str], int] = {}
    """(kind of record, receipt) → how many were taken that told something new."""


def push(conn: sa.Connection, claims: Claims, request: SyncRequest, key: bytes, now_ms: int) -> Pushed:
    """Lock the line, sort the batch, fold the new entries, write, keep the outcomes. `key`: of the MAC. Raises Problem of identity."""
    sent = _read(conn, claims, request)
    device_lines.lock(conn, claims.org_id, claims.line_no, bringing=_brings(sent))
    acting, line = arrived(conn, claims)
    repeats = sent and min(one.n for one in sent) <= line.last_n
    known = device_lines.outcomes(conn, acting.org_id, acting.line_no, min(one.n for one in sent)) if repeats else {}
    stands, told = Line(line.last_n, line.acked_n), told_by(acting, line, request, key)
    admission = admit(sent, stands, told, known)
    moment = Moment(now_ms, request.device_ms - now_ms, _running(request, line))
    outcomes = _taken(conn, acting, _suspected(admission.groups, line), line, moment)
    last_n = line.last_n + len(outcomes)
    acked_n = confirmed(stands, told)
    if acked_n > line.acked_n:
        device_lines.confirm(conn, acting.org_id, acting.line_no, acked_n)
    moved = {"last_n": last_n, "acked_n": acked_n, "app": request.app, "skew_ms": moment.skew_ms, "seen_ms": now_ms}
    moved["pushed_ms"] = now_ms
    device_lines.advance(conn, acting.org_id, acting.line_no, **moved, **({"failed_tries": 0} if outcomes and line.failed_tries else {}))
    forked = [ENCODER.encode(forked_outcome(n)) for n in admission.forked]
    answers = [*admission.repeated, *forked, *(ENCODER.encode(one) for one in outcomes)]
    return Pushed(answers, last_n, line.backed_up_n, admission.resend_from, _counts(admission, outcomes), _receipts(sent, outcomes))


def _running(request: SyncRequest, line: device_lines.LineRow) -> Running | None:
    """The device's own clock, if it tells one."""
    told = request.uptime_ms is not None and request.boot
    return Running(request.uptime_ms or 0, request.boot, line.pushed_ms) if told else None


def _read(conn: sa.Connection, claims: Claims, request: SyncRequest) -> list[Sent]:
    """The envelopes. A device that may not sync is told so first, whatever it sends. Raises Problem(field_wrong) and those of identity."""
    try:
        return numbered(bytes(raw) for raw in request.mutations)
    except Problem:
        arrived(conn, claims)
        raise


def _brings(sent: Sequence[Sent]) -> bool:
    """Whether this may make a record or move a customer: a change or a deletion of an existing record does neither."""
    return any(one.mutation is not None and one.mutation.kind in (*WHOLE_KINDS, Kind.command) for one in sent)


def told_by(acting: Actor, line: device_lines.LineRow, request: SyncRequest, key: bytes) -> Told:
    """The outcomes of which a request speaks, and whether they are of this server."""
    return Told(request.acked_n, speaks_of_now(request.cursor, key, owner_of(acting, line)))


def unchanged(line: device_lines.LineRow, request: SyncRequest, told: Told, now_ms: int) -> Pushed | None:
    """The answer to an empty push without writing; None when there is something to write down: also that a new device has arrived."""
    stands = Line(line.last_n, line.acked_n)
    if (
        request.mutations
        or confirmed(stands, told) > line.acked_n
        or now_ms - min(line.seen_ms, line.pushed_ms) > NOTED_MS
        or not (request.cursor and told.current)
    ):
        return None
    return Pushed([], line.last_n, line.backed_up_n, forgotten(stands, told), {})


def _suspected(groups: list[list[Sent]], line: device_lines.LineRow) -> list[list[Sent]]:
    """After a failure only the groups up to `failed_n` are taken at once: fewer each time, until the one at fault stands alone (P-323)."""
    if not groups or groups[0][0].n > line.failed_n:
        return groups
    return [group for group in groups if group[0].n <= line.failed_n]


def note_failure(conn: sa.Connection, claims: Claims, request: SyncRequest, *, own: bool = True) -> bool:
    """Remember that the server failed on the groups that it took at once of this request; whether that was one atomic group alone.

    Of several, half are taken next. Alone, it counts against the group if the failure is its `own` (P-323).
    """
    device_lines.lock(conn, claims.org_id, claims.line_no)
    line = device_lines.read(conn, claims.org_id, claims.line_no)
    fresh = [one for one in numbered(bytes(raw) for raw in request.mutations) if one.n > line.last_n]
    failed = _suspected(grouped(fresh), line)
    if not failed:
        return True
    alone = len(failed) == 1
    last = failed[max(0, len(failed) // 2 - 1)][-1]
    before = line.failed_tries if alone and last.n == line.failed_n else 0
    device_lines.advance(conn, claims.org_id, claims.line_no, failed_n=last.n, failed_tries=before + int(alone and own))
    return alone


def _taken(
    conn: sa.Connection, acting: Actor, groups: Sequence[Sequence[Sent]], line: device_lines.LineRow, moment: Moment
) -> list[Outcome]:
    """Fold the new entries and write them. A group on which the server failed three times is refused without a look at the records it
    names: any of them may be the cause."""
    batch = [sent for group in groups for sent in group]
    if not batch:
        return []
    if len(groups) == 1 and batch[-1].n == line.failed_n and line.failed_tries >= FAILED_TRIES_MAX:
        state = author_state(conn, acting, batch, line.rev_floor, moment.now_ms)
        state.erased |= erased.known(conn, acting.org_id, {(one.mutation.entity, one.mutation.id) for one in batch if one.mutation})
        told = allowed(batch, Turn(state, acting, RULES, moment))
        state.payloads.update({(acting.line_no, sent.n): sent.raw for sent in told})
        folded = give_up(told, Turn(state, acting, RULES, moment))
    else:
        state = load_state(conn, acting, batch, line.rev_floor, moment.now_ms)
        folded = carried_out(groups, Turn(state, acting, RULES, moment))
    return _written(conn, acting, batch, folded, moment)


def _written(conn: sa.Connection, acting: Actor, batch: Sequence[Sent], folded: Folded, moment: Moment) -> list[Outcome]:
    state = folded.state
    device_lines.keep_payloads(conn, acting.org_id, acting.line_no, _refused(acting, batch, folded), moment)
    history.fill_before(conn, acting.org_id, state)
    alike.note(conn, acting, state)
    tell(conn, acting, state, moment.now_ms)
    save_records(conn, acting, state, moment.now_ms)
    scopes = _own_scopes(acting, publish(conn, acting.org_id, state, moment.now_ms))
    outcomes = [_outcome(verdict, scopes) for verdict in folded.verdicts]
    given = [Answered(sent.n, fingerprint(sent.raw), ENCODER.encode(outcome)) for sent, outcome in zip(batch, outcomes, strict=True)]
    device_lines.store(conn, acting.org_id, acting.line_no, given)
    return outcomes


def _refused(acting: Actor, batch: Sequence[Sent], folded: Folded) -> list[tuple[int, bytes]]:
    """The entries that stand on a card; a refused receipt stands on none (P-630)."""
    kept = (Result.parked, Result.rejected)
    refused = [sent for sent, verdict in zip(batch, folded.verdicts, strict=True) if verdict.result in kept and verdict.item_id]
    return [(sent.n, _bytes_of(acting, sent, folded.state)) for sent in refused]


def _bytes_of(acting: Actor, sent: Sent, state: State) -> bytes:
    """The bytes of an entry as they are kept: of one about an erased person without the body (D-485), else what may be kept of it."""
    about_erased = sent.mutation is not None and (sent.mutation.entity, sent.mutation.id) in state.erased
    return emptied(sent.mutation) if about_erased and sent.mutation is not None else state.payloads[acting.line_no, sent.n]


def _own_scopes(acting: Actor, published: Published) -> dict[Key, Shows]:
    """The place where each touched record shows in the actor's own scopes: a manager sees the reports' `now` lanes too."""
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


def _receipts(sent: Sequence[Sent], outcomes: Sequence[Outcome]) -> dict[tuple[str, str], int]:
    applied = {one.n for one in outcomes if one.result == Result.applied}
    meant = [one.meant for one in sent if one.n in applied]
    given = [(one.entity.name, one.command) for one in meant if isinstance(one, Intent) and one.command is not None]
    return dict(Counter((name, str(type(one).__struct_config__.tag)) for name, one in given if type(one).quiet))
