"""Evaluate customers: all of them once in each scheduled period, and those of whom something changed, a batch in a transaction (D-65x).

A customer whose points, tier and inputs are as before costs no write.
"""

import hashlib
from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa
from msgspec.structs import replace

from server.domain import tier_setting as by_hand
from server.domain.desk import write
from server.domain.evaluation.models import in_force
from server.domain.evaluation.points import Score, lifecycle, score
from server.domain.evaluation.tiers import Earned, Turn, earned, to_next
from server.domain.local_times import local_day
from server.services.act import NOBODY, finished
from server.services.needs import Loader
from server.store import comings, evaluation_facts, evaluations, families, load, reference
from server.store.evaluation_facts import Known
from server.store.evaluations import Head, Pass
from shared_schema.bands import Lifecycle
from shared_schema.records.customer import Standing, Tier
from shared_schema.records.reference import Organisation, Role
from shared_schema.registry import BY_NAME, CARD, PLACE
from shared_schema.rest_evaluation import Evaluation
from shared_schema.wire import ENCODER
from sync.rules import Actor
from sync.state import State

BATCH_MAX: Final = 500
"""Customers of one transaction: their families are locked for so long."""
CUSTOMER: Final = BY_NAME["customer"]
NEW: Final = Head(b"", 0, b"", 0, 0, 0)


class Judged(NamedTuple):
    """What an evaluation says of a customer."""

    score: Score
    earned: Earned
    tier: Tier
    next_points: int | None
    lifecycle: Lifecycle


def scheduled(conn: sa.Connection, org_id: int, now_ms: int) -> int:
    """The next batch of the pass through all customers; how many it looked at, 0: there is nothing to do in this period."""
    today = _today(conn, org_id, now_ms)
    model = in_force(evaluations.models(conn, org_id), today)
    if model is None:
        return 0
    comings.lock(conn, org_id)
    reached = evaluations.lock_pass(conn, org_id)
    period = today // model.terms.period_days
    if reached is not None and (reached.version, reached.period) == (model.version, period):
        if reached.done:
            return 0
        going = reached
    else:
        going = Pass(model.version, period, b"", False)
    ids = evaluations.customers_after(conn, org_id, going.after, BATCH_MAX)
    _evaluate(conn, org_id, Turn(model.version, model.terms, period), ids, now_ms)
    evaluations.put_pass(
        conn, org_id, going._replace(after=ids[-1] if ids else going.after, done=len(ids) < BATCH_MAX), new=reached is None
    )
    return len(ids)


def touched(conn: sa.Connection, org_id: int, now_ms: int) -> int:
    """Evaluate customers of whom something changed that counts; how many rows went (D-654)."""
    rows = evaluations.some_waiting(conn, org_id, BATCH_MAX)
    model = in_force(evaluations.models(conn, org_id), _today(conn, org_id, now_ms))
    if rows and model is not None:
        comings.lock(conn, org_id)
        _evaluate(conn, org_id, Turn(model.version, model.terms), {customer_id for customer_id, _ in rows}, now_ms)
    evaluations.drop_waiting(conn, org_id, rows)
    return len(rows)


def _today(conn: sa.Connection, org_id: int, now_ms: int) -> int:
    return local_day(now_ms, reference.only(conn, org_id, Organisation).time_zone)


def judged(turn: Turn, known: Known, head: Head, today: int) -> Judged:
    """What a turn makes of a customer. A tier that a manager set stands until its end, whatever the customer earns meanwhile (D-656)."""
    found = score(turn.terms, known.facts, today)
    now = earned(turn, Earned(Tier(known.stands.earned_tier), head.version, head.low_periods, head.low_period), found)
    is_set = known.stands.tier_set_until_ms is not None
    tier = Tier(known.stands.tier) if is_set else now.tier
    lacks = None if is_set else to_next(turn.terms, tier, found.points)
    return Judged(found, now, tier, lacks, lifecycle(turn.terms, known.facts, today))


def _evaluate(conn: sa.Connection, org_id: int, turn: Turn, customer_ids: Collection[bytes], now_ms: int) -> None:
    families.lock(conn, org_id, customer_ids)
    today = _today(conn, org_id, now_ms)
    known = evaluation_facts.known(conn, org_id, customer_ids, today)
    heads = evaluations.heads(conn, org_id, known)
    moved: dict[bytes, Judged] = {}
    found: list[tuple[Head, Evaluation]] = []
    changed: list[Head] = []
    for customer_id, one in known.items():
        head = heads.get(customer_id, NEW)
        result = judged(turn, one, head, today)
        told = _told(turn, result, now_ms)
        digest = _digest(told)
        after = Head(customer_id, head.number + (digest != head.digest), digest, turn.version, *_low(result.earned))
        if digest != head.digest:
            found.append((after, told))
        if after != head:
            changed.append(after)
        if _differs(one, result):
            moved[customer_id] = result
    evaluations.put_found(conn, org_id, found)
    evaluations.put_heads(conn, org_id, changed, heads)
    if moved:
        _move(conn, org_id, moved, now_ms)


def _low(known: Earned) -> tuple[int, int]:
    return known.low_periods, known.low_period


def _told(turn: Turn, result: Judged, now_ms: int) -> Evaluation:
    return Evaluation(
        at_ms=now_ms,
        version=turn.version,
        points=result.score.points,
        tier=result.earned.tier,
        provisional=result.score.provisional,
        lifecycle=result.lifecycle,
        parts=result.score.parts,
    )


def _digest(told: Evaluation) -> bytes:
    """Of all but the moment."""
    return hashlib.blake2b(ENCODER.encode(replace(told, at_ms=0)), digest_size=16).digest()


def _shown(result: Judged) -> dict[str, object]:
    """The slots of the standing, by which the phone hears of it: points and bands alone (D-663)."""
    return {
        "tier": result.tier,
        "points": result.score.points,
        "next_points": result.next_points,
        "lifecycle": result.lifecycle,
        "provisional": result.score.provisional,
        "earned_tier": result.earned.tier,
    }


def _differs(known: Known, result: Judged) -> bool:
    return any(getattr(known.stands, slot) != value for slot, value in _shown(result).items())


def _move(conn: sa.Connection, org_id: int, moved: dict[bytes, Judged], now_ms: int) -> None:
    """Write the standings, and the cards of pooled customers that show the tier; their holders' devices get them by the feed."""
    acting = Actor(org_id, NOBODY, 0, Role.unknown)
    state = State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, moved)
    load.by_ids(conn, state, org_id, CUSTOMER, moved)
    load.by_ids(conn, state, org_id, CARD, moved)
    load.every(conn, state, org_id, PLACE)
    for customer_id, result in moved.items():
        standing = state.standing(customer_id)
        if standing is not None:
            after: Standing = replace(standing, **_shown(result))
            write(state, by_hand.shown(state, after))
    finished(Loader(conn, acting, state, now_ms))
